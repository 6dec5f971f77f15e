//! What `create` may say, read into what a meeting is made from. Unknown parameters are ignored.

use classroom::Locks;
use protocol::ids::TenantId;
use url::Url;

use super::failure::Failure;
use super::plain_text;
use super::query::Params;
use crate::live::CreateMeeting;

/// Shown where the front end gives no telephone number.
const DIAL_NUMBER: &str = "613-555-1234";

/// Flags that are checked, so that a wrong value is told, and have no effect yet (see docs/api.md).
const WITHOUT_EFFECT_YET: [&str; 12] = [
    "autoStartRecording",
    "recordFullDurationMedia",
    "notifyRecordingIsOn",
    "isBreakout",
    "muteOnStart",
    "allowModsToUnmuteUsers",
    "allowModsToEjectCameras",
    "lockSettingsDisableNotes",
    "lockSettingsHideUserList",
    "lockSettingsLockOnJoin",
    "meetingKeepEvents",
    "allowPromoteGuestToModerator",
];

/// Reads the parameters; `public_url` stands for `%%SERVERURL%%` in the welcome text.
pub(super) fn read(
    tenant: TenantId,
    params: &Params,
    public_url: &str,
    now_ms: i64,
) -> Result<CreateMeeting, Failure> {
    let external_id = params.meeting_id()?;
    let name = params.sized("name", 2, 256)?;
    let name = name.ok_or_else(|| Failure::new("emptyError", "You must provide a meeting name"))?;
    let defaults = CreateMeeting::new(tenant, external_id, name, now_ms);
    for flag in WITHOUT_EFFECT_YET {
        params.flag(flag)?;
    }
    let dial_number = params.text("dialNumber").unwrap_or(DIAL_NUMBER).to_owned();
    let voice_bridge = voice_bridge(params)?;
    let welcome = params.text("welcome").map(|html| {
        let html = html
            .replace("%%CONFNAME%%", name)
            .replace("%%DIALNUM%%", &dial_number)
            .replace("%%CONFNUM%%", voice_bridge.as_deref().unwrap_or_default())
            .replace("%%SERVERURL%%", public_url);
        plain_text::reduce(&html)
    });
    Ok(CreateMeeting {
        attendee_pw: params.sized("attendeePW", 2, 64)?.map(str::to_owned),
        moderator_pw: params.sized("moderatorPW", 2, 64)?.map(str::to_owned),
        voice_bridge,
        dial_number,
        welcome: welcome.filter(|text| !text.is_empty()),
        logout_url: web_url(params, "logoutURL")?,
        record: params.flag("record")?.unwrap_or(false),
        allow_start_stop_recording: params.flag("allowStartStopRecording")?.unwrap_or(true),
        max_participants: params.number("maxParticipants")?.unwrap_or(0),
        duration_minutes: params.number("duration")?.unwrap_or(0),
        expire_if_no_user_joined_minutes: params
            .number("meetingExpireIfNoUserJoinedInMinutes")?
            .unwrap_or(defaults.expire_if_no_user_joined_minutes),
        expire_when_last_user_left_minutes: params
            .number("meetingExpireWhenLastUserLeftInMinutes")?
            .unwrap_or(defaults.expire_when_last_user_left_minutes),
        end_when_no_moderator_minutes: end_when_no_moderator(params)?,
        locks: locks(params)?,
        webcams_only_for_moderator: params.flag("webcamsOnlyForModerator")?.unwrap_or(false),
        guests_denied: params.text("guestPolicy") == Some("ALWAYS_DENY"),
        metadata: params.metadata(),
        ..defaults
    })
}

/// Any number of digits: Canvas sends twenty.
fn voice_bridge(params: &Params) -> Result<Option<String>, Failure> {
    match params.text("voiceBridge") {
        None | Some("0") => Ok(None),
        Some(digits) if digits.len() <= 32 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(Some(digits.to_owned()))
        }
        Some(_) => Err(Failure::invalid("Voice bridge must be an integer")),
    }
}

fn end_when_no_moderator(params: &Params) -> Result<Option<u32>, Failure> {
    let minutes = params.number("endWhenNoModeratorDelayInMinutes")?.unwrap_or(1);
    Ok(params.flag("endWhenNoModerator")?.unwrap_or(false).then_some(minutes))
}

fn locks(params: &Params) -> Result<Locks, Failure> {
    let locked = |name| params.flag(name).map(Option::unwrap_or_default);
    Ok(Locks {
        camera: locked("lockSettingsDisableCam")?,
        microphone: locked("lockSettingsDisableMic")?,
        private_chat: locked("lockSettingsDisablePrivateChat")?,
        public_chat: locked("lockSettingsDisablePublicChat")?,
    })
}

/// A link that a browser may be sent to: `http` or `https`, nothing that runs.
pub(super) fn web_url(params: &Params, name: &str) -> Result<Option<String>, Failure> {
    let Some(text) = params.text(name) else { return Ok(None) };
    // A placeholder is no part of a URL until it is filled in.
    let probe = Url::parse(&text.replace("%%", ""));
    match probe {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text.to_owned())),
        _ => Err(Failure::invalid(format!("{name} must be an http or https URL"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_query(query: &str) -> Result<CreateMeeting, &'static str> {
        let params = Params::decode(query);
        read("default".into(), &params, "https://class.example", 5).map_err(|failure| failure.key)
    }

    #[test]
    fn empty_is_absent_and_defaults_hold() {
        let wish = read_query("meetingID=abc&name=Maths&attendeePW=&duration=&record=TRUE").expect("valid");
        assert!(wish.attendee_pw.is_none() && wish.record && wish.allow_start_stop_recording);
        assert_eq!((wish.duration_minutes, wish.expire_if_no_user_joined_minutes), (0, 5));
        assert_eq!(wish.dial_number, DIAL_NUMBER);
    }

    #[test]
    fn the_limits_of_the_reference_hold() {
        let long = "x".repeat(257);
        assert_eq!(read_query("name=Maths").err(), Some("missingParamMeetingID"));
        assert_eq!(read_query("meetingID=a&name=Maths").err(), Some("sizeError"));
        assert_eq!(read_query(&format!("meetingID={long}&name=Maths")).err(), Some("sizeError"));
        assert_eq!(read_query("meetingID=a%2Cb&name=Maths").err(), Some("validationError"));
        assert_eq!(read_query("meetingID=abc").err(), Some("emptyError"));
        assert_eq!(read_query("meetingID=abc&name=M").err(), Some("sizeError"));
        assert_eq!(read_query("meetingID=abc&name=Maths&attendeePW=1").err(), Some("sizeError"));
        assert_eq!(read_query("meetingID=abc&name=Maths&record=yes").err(), Some("validationError"));
        assert_eq!(read_query("meetingID=abc&name=Maths&muteOnStart=1").err(), Some("validationError"));
        assert_eq!(read_query("meetingID=abc&name=Maths&duration=long").err(), Some("validationError"));
        assert_eq!(
            read_query("meetingID=abc&name=Maths&logoutURL=javascript:alert(1)").err(),
            Some("validationError")
        );
    }

    #[test]
    fn a_bridge_may_have_twenty_digits() {
        let wish = read_query("meetingID=abc&name=Maths&voiceBridge=12345678901234567890").expect("valid");
        assert_eq!(wish.voice_bridge.as_deref(), Some("12345678901234567890"));
    }

    #[test]
    fn the_welcome_is_filled_in_and_reduced() {
        let wish = read_query("meetingID=abc&name=Maths&welcome=Hi+%3Cb%3E%25%25CONFNAME%25%25%3C%2Fb%3E")
            .expect("valid");
        assert_eq!(wish.welcome.as_deref(), Some("Hi Maths"));
    }
}
