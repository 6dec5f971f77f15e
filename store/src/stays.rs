//! Support data: one row per stay of a person in a meeting (R40).

use std::net::IpAddr;

use protocol::ids::{MeetingId, PersonId, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::error::{Error, exists};
use crate::keys::{DataKey, KeyName, KeyUse, alive};
use crate::meetings::people;
use crate::policy::DAY_MS;
use crate::{Store, address, fields};

/// A stay that begins.
#[derive(Clone)]
pub struct NewStay {
    /// Its id.
    pub session: SessionId,
    /// Which meeting.
    pub meeting: MeetingId,
    /// Who, within the meeting.
    pub person: PersonId,
    /// Display name.
    pub name: String,
    /// The front end's id or e-mail of the person, if it gave one.
    pub user_id: Option<String>,
    /// Whether the front end knows the person. The address of a guest is cut before it is written (R55).
    pub signed_in: bool,
    /// Whether the person is a moderator.
    pub moderator: bool,
    /// Browser and version, as read from the user agent.
    pub browser: String,
    /// Operating system.
    pub os: String,
    /// Where the person comes from.
    pub ip: IpAddr,
    /// Unix ms of the login.
    pub login_ms: i64,
}

/// A stay and what became of it.
#[derive(Clone)]
pub struct Stay {
    /// Its id.
    pub session: SessionId,
    /// Which meeting.
    pub meeting: MeetingId,
    /// Who, within the meeting.
    pub person: PersonId,
    /// Display name.
    pub name: String,
    /// The front end's id or e-mail of the person.
    pub user_id: Option<String>,
    /// Whether the front end knows the person.
    pub signed_in: bool,
    /// Whether the person is a moderator.
    pub moderator: bool,
    /// Operating system.
    pub os: String,
    /// Browser; `None` once its time is over (R54).
    pub browser: Option<String>,
    /// Address: whole, then cut (R55), then gone (R54).
    pub ip: Option<IpAddr>,
    /// Unix ms of the login.
    pub login_ms: i64,
    /// Unix ms of the logout; `None` while the stay lasts.
    pub logout_ms: Option<i64>,
    /// How often the connection came back.
    pub reconnects: u32,
}

/// The stays' area of a [`Store`].
pub struct Stays<'a>(pub(crate) &'a Store);

#[derive(Serialize, Deserialize)]
struct Identity {
    name: String,
    user_id: Option<String>,
    os: String,
}

#[derive(Serialize, Deserialize)]
struct Connection {
    browser: String,
    cut_ip: IpAddr,
}

#[derive(FromRow)]
struct Row {
    session: String,
    meeting: String,
    person: String,
    moderator: i64,
    signed_in: i64,
    identity: String,
    connection: Option<String>,
    address: Option<String>,
    address_day: Option<i64>,
    login_ms: i64,
    logout_ms: Option<i64>,
    reconnects: i64,
}

impl Stays<'_> {
    /// Adds a stay of a running meeting.
    pub async fn begin(&self, stay: &NewStay) -> Result<(), Error> {
        let tenant = self.tenant_of(&stay.meeting).await?;
        let place = |column: &str| place(column, &stay.session);
        let identity =
            Identity { name: stay.name.clone(), user_id: stay.user_id.clone(), os: stay.os.clone() };
        let identity =
            fields::seal(&self.0.key(people(&tenant, &stay.meeting)).await?, &place("identity"), &identity)?;
        let connection = Connection { browser: stay.browser.clone(), cut_ip: address::cut(stay.ip) };
        let key = self.0.key(KeyName::new(&tenant, KeyUse::Connection, &stay.meeting)).await?;
        let connection = fields::seal(&key, &place("connection"), &connection)?;
        let day = stay.login_ms.div_euclid(DAY_MS);
        let address = if stay.signed_in {
            let key = self.0.key(KeyName::new(&tenant, KeyUse::Address(day), &stay.meeting)).await?;
            Some(fields::seal(&key, &place("address"), &stay.ip.to_canonical())?)
        } else {
            None
        };
        sqlx::query(
            "INSERT INTO stays (session, meeting, person, moderator, signed_in, identity, connection, address, \
             address_day, login_ms, reconnects) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        )
        .bind(stay.session.as_str())
        .bind(stay.meeting.as_str())
        .bind(stay.person.as_str())
        .bind(i64::from(stay.moderator))
        .bind(i64::from(stay.signed_in))
        .bind(identity)
        .bind(connection)
        .bind(address)
        .bind(stay.signed_in.then_some(day))
        .bind(stay.login_ms)
        .execute(self.0.pool())
        .await
        .map_err(|error| exists(error, "stay"))?;
        Ok(())
    }

    /// Counts a connection that came back.
    pub async fn reconnected(&self, session: &SessionId) -> Result<(), Error> {
        sqlx::query("UPDATE stays SET reconnects = reconnects + 1 WHERE session = $1")
            .bind(session.as_str())
            .execute(self.0.pool())
            .await?;
        Ok(())
    }

    /// Notes the logout. Later calls change nothing.
    pub async fn end(&self, session: &SessionId, at_ms: i64) -> Result<(), Error> {
        sqlx::query("UPDATE stays SET logout_ms = $2 WHERE session = $1 AND logout_ms IS NULL")
            .bind(session.as_str())
            .bind(at_ms)
            .execute(self.0.pool())
            .await?;
        Ok(())
    }

    /// All stays of a meeting in order of login.
    pub async fn of_meeting(&self, meeting: &MeetingId) -> Result<Vec<Stay>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT session, meeting, person, moderator, signed_in, identity, connection, address, address_day, \
             login_ms, logout_ms, reconnects FROM stays WHERE meeting = $1 ORDER BY login_ms, session",
        )
        .bind(meeting.as_str())
        .fetch_all(self.0.pool())
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let tenant = self.tenant_of(meeting).await?;
        let people = self.0.keys().open_key(&people(&tenant, meeting))?;
        rows.into_iter().map(|row| self.read(row, &tenant, &people)).collect()
    }

    pub(crate) async fn tenant_of(&self, meeting: &MeetingId) -> Result<TenantId, Error> {
        let row: Option<(String,)> = sqlx::query_as("SELECT tenant FROM meetings WHERE id = $1")
            .bind(meeting.as_str())
            .fetch_optional(self.0.pool())
            .await?;
        row.map(|(tenant,)| TenantId(tenant)).ok_or(Error::Unknown("meeting"))
    }

    fn read(&self, row: Row, tenant: &TenantId, people: &DataKey) -> Result<Stay, Error> {
        let (session, meeting) = (SessionId(row.session), MeetingId(row.meeting));
        let Identity { name, user_id, os } =
            fields::open(people, &place("identity", &session), &row.identity)?;
        let key = |usage| alive(self.0.keys().open_key(&KeyName::new(tenant, usage, &meeting)));
        let connection: Option<Connection> = match (row.connection, key(KeyUse::Connection)?) {
            (Some(sealed), Some(key)) => Some(fields::open(&key, &place("connection", &session), &sealed)?),
            _ => None,
        };
        let whole: Option<IpAddr> =
            match (row.address, key(KeyUse::Address(row.address_day.unwrap_or_default()))?) {
                (Some(sealed), Some(key)) => Some(fields::open(&key, &place("address", &session), &sealed)?),
                _ => None,
            };
        Ok(Stay {
            person: PersonId(row.person),
            name,
            user_id,
            signed_in: row.signed_in != 0,
            moderator: row.moderator != 0,
            os,
            ip: whole.or(connection.as_ref().map(|connection| connection.cut_ip)),
            browser: connection.map(|connection| connection.browser),
            login_ms: row.login_ms,
            logout_ms: row.logout_ms,
            reconnects: u32::try_from(row.reconnects).unwrap_or(u32::MAX),
            session,
            meeting,
        })
    }
}

fn place(column: &str, session: &SessionId) -> String {
    format!("stays.{column}|{session}")
}
