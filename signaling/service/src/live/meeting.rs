//! What a meeting is: the data it is made from, and what it looks like from outside while it runs.

use std::collections::BTreeMap;

use classroom::{Locks, Recording, Settings, Timings};
use protocol::ids::{MeetingId, PersonId, TenantId};
use protocol::server::Role;

/// What the front end asks for when it makes a meeting (bbb-api §2.2). Times are minutes; 0 means "no limit" or "never".
#[derive(Clone, Debug)]
pub struct CreateMeeting {
    /// Whose meeting.
    pub tenant: TenantId,
    /// The front end's id of the meeting.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Password that makes a viewer; made when absent.
    pub attendee_pw: Option<String>,
    /// Password that makes a moderator; made when absent.
    pub moderator_pw: Option<String>,
    /// Telephone PIN; made when absent, unique among the running meetings of all tenants.
    pub voice_bridge: Option<String>,
    /// Telephone number shown to people.
    pub dial_number: String,
    /// Welcome text, already reduced to plain text.
    pub welcome: Option<String>,
    /// Where leaving leads when the join did not say.
    pub logout_url: Option<String>,
    /// Whether the front end wants the meeting to be recordable.
    pub record: bool,
    /// Whether moderators may mark segments; without it nothing is recorded (R30).
    pub allow_start_stop_recording: bool,
    /// Most people at once.
    pub max_participants: u32,
    /// Longest time from the first moderator's coming to the end.
    pub duration_minutes: u32,
    /// Ends by itself when nobody came for so long.
    pub expire_if_no_user_joined_minutes: u32,
    /// Ends by itself when everybody was gone for so long.
    pub expire_when_last_user_left_minutes: u32,
    /// Ends by itself when no moderator was there for so long; `None` = goes on without.
    pub end_when_no_moderator_minutes: Option<u32>,
    /// What viewers may not do.
    pub locks: Locks,
    /// Viewers see the cameras of moderators only.
    pub webcams_only_for_moderator: bool,
    /// The front end's joins as guest are refused (`guestPolicy=ALWAYS_DENY`).
    pub guests_denied: bool,
    /// `meta_*`, keys in lower case.
    pub metadata: BTreeMap<String, String>,
    /// Unix ms; becomes part of the meeting's id.
    pub now_ms: i64,
}

impl CreateMeeting {
    /// A meeting with the defaults of bbb-api §2.2.
    pub fn new(tenant: TenantId, external_id: &str, name: &str, now_ms: i64) -> Self {
        Self {
            tenant,
            external_id: external_id.to_owned(),
            name: name.to_owned(),
            attendee_pw: None,
            moderator_pw: None,
            voice_bridge: None,
            dial_number: String::new(),
            welcome: None,
            logout_url: None,
            record: false,
            allow_start_stop_recording: true,
            max_participants: 0,
            duration_minutes: 0,
            expire_if_no_user_joined_minutes: 5,
            expire_when_last_user_left_minutes: 1,
            end_when_no_moderator_minutes: None,
            locks: Locks::default(),
            webcams_only_for_moderator: false,
            guests_denied: false,
            metadata: BTreeMap::new(),
            now_ms,
        }
    }
}

/// A meeting's lasting facts: they do not change while it runs.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// `sha1hex(external id) + "-" + create time in ms`.
    pub id: MeetingId,
    /// What it was made from, with passwords and PIN filled in.
    pub made_from: CreateMeeting,
    /// Password of viewers.
    pub attendee_pw: String,
    /// Password of moderators.
    pub moderator_pw: String,
    /// Telephone PIN.
    pub voice_bridge: String,
    /// Unix ms.
    pub create_ms: i64,
    /// Whether the tenant allows recording (R32).
    pub tenant_records: bool,
    /// The tenant's retention of recordings in days; `None` = on request.
    pub retention_days: Option<u32>,
}

impl Meeting {
    /// The rules of its room.
    pub(super) fn settings(&self, timings: Timings) -> Settings {
        let made = &self.made_from;
        Settings {
            max_people: usize::try_from(made.max_participants).ok().filter(|most| *most > 0),
            duration_ms: minutes(made.duration_minutes),
            expire_unused_ms: minutes(made.expire_if_no_user_joined_minutes),
            expire_empty_ms: minutes(made.expire_when_last_user_left_minutes),
            expire_without_moderator_ms: made.end_when_no_moderator_minutes.and_then(minutes),
            locks: made.locks,
            cameras_for_moderators_only: made.webcams_only_for_moderator,
            recording: Recording {
                tenant: self.tenant_records,
                meeting: made.record,
                marks: made.allow_start_stop_recording,
            },
            timings,
        }
    }
}

/// Minutes as ms; 0 is never.
fn minutes(minutes: u32) -> Option<u64> {
    (minutes > 0).then(|| u64::from(minutes).saturating_mul(60_000))
}

/// A meeting as `getMeetingInfo` shows it (bbb-api §2.4).
#[derive(Clone, Debug)]
pub struct MeetingInfo {
    /// The lasting facts.
    pub meeting: std::sync::Arc<Meeting>,
    /// Somebody is in it now.
    pub running: bool,
    /// Somebody has been in it.
    pub has_user_joined: bool,
    /// A segment is being recorded now.
    pub recording: bool,
    /// The front end or a moderator ended it.
    pub forcibly_ended: bool,
    /// Unix ms of the first coming in; 0 before.
    pub start_ms: i64,
    /// Unix ms of the end; 0 before.
    pub end_ms: i64,
    /// Most people at once so far.
    pub max_users: usize,
    /// Everybody in the room (not those who wait for a moderator).
    pub attendees: Vec<Attendee>,
}

impl MeetingInfo {
    /// People in the room.
    pub fn participant_count(&self) -> usize {
        self.attendees.len()
    }

    /// Moderators in the room.
    pub fn moderator_count(&self) -> usize {
        self.attendees.iter().filter(|a| a.role == Role::Moderator).count()
    }

    /// People whose microphone is on.
    pub fn voice_count(&self) -> usize {
        self.attendees.iter().filter(|a| a.has_voice).count()
    }

    /// People whose microphone is off.
    pub fn listener_count(&self) -> usize {
        self.attendees.iter().filter(|a| !a.has_voice).count()
    }

    /// People whose camera is on.
    pub fn video_count(&self) -> usize {
        self.attendees.iter().filter(|a| a.has_video).count()
    }
}

/// Somebody in a running meeting.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// Our id.
    pub person: PersonId,
    /// The front end's id, or ours when it gave none.
    pub user_id: String,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Microphone is on.
    pub has_voice: bool,
    /// Camera is on.
    pub has_video: bool,
    /// `userdata-*` of the join.
    pub custom: BTreeMap<String, String>,
}
