//! Meeting statistics: one row per person and meeting (R41).

use protocol::ids::{MeetingId, PersonId, TenantId};
use sqlx::FromRow;

use crate::error::Error;
use crate::meetings::people;
use crate::{Store, fields};

/// What one person did in one meeting.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonStatistics {
    /// Who, within the meeting.
    pub person: PersonId,
    /// Display name.
    pub name: String,
    /// Whether the person is a moderator.
    pub moderator: bool,
    /// Chat messages written.
    pub chat_messages: u64,
    /// Times talked.
    pub times_talked: u64,
    /// Emoji shared.
    pub emojis: u64,
    /// Hands raised.
    pub hands_raised: u64,
    /// Poll answers given.
    pub poll_answers: u64,
    /// Total talk time, ms.
    pub talk_ms: u64,
    /// Total time in the session, ms.
    pub session_ms: u64,
    /// Unix ms of the first arrival.
    pub joined_ms: i64,
    /// Unix ms of the last departure; `None` while the person is there.
    pub left_ms: Option<i64>,
}

/// The statistics' area of a [`Store`].
pub struct Statistics<'a>(pub(crate) &'a Store);

#[derive(FromRow)]
struct Row {
    person: String,
    identity: String,
    moderator: i64,
    chat_messages: i64,
    times_talked: i64,
    emojis: i64,
    hands_raised: i64,
    poll_answers: i64,
    talk_ms: i64,
    session_ms: i64,
    joined_ms: i64,
    left_ms: Option<i64>,
}

const UPSERT: &str = "INSERT INTO statistics (meeting, person, identity, moderator, chat_messages, times_talked, emojis, \
     hands_raised, poll_answers, talk_ms, session_ms, joined_ms, left_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     ON CONFLICT (meeting, person) DO UPDATE SET identity = excluded.identity, moderator = excluded.moderator, \
     chat_messages = excluded.chat_messages, times_talked = excluded.times_talked, emojis = excluded.emojis, \
     hands_raised = excluded.hands_raised, poll_answers = excluded.poll_answers, talk_ms = excluded.talk_ms, \
     session_ms = excluded.session_ms, joined_ms = excluded.joined_ms, left_ms = excluded.left_ms";

impl Statistics<'_> {
    /// Writes these people's rows, replacing older ones of the same people. All or none.
    pub async fn save(&self, meeting: &MeetingId, rows: &[PersonStatistics]) -> Result<(), Error> {
        let tenant = self.tenant_of(meeting).await?;
        let key = self.0.key(people(&tenant, meeting)).await?;
        let mut transaction = self.0.pool().begin().await?;
        for row in rows {
            sqlx::query(UPSERT)
                .bind(meeting.as_str())
                .bind(row.person.as_str())
                .bind(fields::seal(&key, &place(meeting, &row.person), &row.name)?)
                .bind(i64::from(row.moderator))
                .bind(number(row.chat_messages))
                .bind(number(row.times_talked))
                .bind(number(row.emojis))
                .bind(number(row.hands_raised))
                .bind(number(row.poll_answers))
                .bind(number(row.talk_ms))
                .bind(number(row.session_ms))
                .bind(row.joined_ms)
                .bind(row.left_ms)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// All people's statistics of a meeting in order of arrival.
    pub async fn of_meeting(&self, meeting: &MeetingId) -> Result<Vec<PersonStatistics>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT person, identity, moderator, chat_messages, times_talked, emojis, hands_raised, poll_answers, \
             talk_ms, session_ms, joined_ms, left_ms FROM statistics WHERE meeting = $1 ORDER BY joined_ms, person",
        )
        .bind(meeting.as_str())
        .fetch_all(self.0.pool())
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let tenant = self.tenant_of(meeting).await?;
        let key = self.0.keys().open_key(&people(&tenant, meeting))?;
        let read = |row: Row| {
            let person = PersonId(row.person);
            Ok(PersonStatistics {
                name: fields::open(&key, &place(meeting, &person), &row.identity)?,
                person,
                moderator: row.moderator != 0,
                chat_messages: row.chat_messages.unsigned_abs(),
                times_talked: row.times_talked.unsigned_abs(),
                emojis: row.emojis.unsigned_abs(),
                hands_raised: row.hands_raised.unsigned_abs(),
                poll_answers: row.poll_answers.unsigned_abs(),
                talk_ms: row.talk_ms.unsigned_abs(),
                session_ms: row.session_ms.unsigned_abs(),
                joined_ms: row.joined_ms,
                left_ms: row.left_ms,
            })
        };
        rows.into_iter().map(read).collect()
    }

    async fn tenant_of(&self, meeting: &MeetingId) -> Result<TenantId, Error> {
        self.0.stays().tenant_of(meeting).await
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn place(meeting: &MeetingId, person: &PersonId) -> String {
    format!("statistics|{meeting}|{person}")
}
