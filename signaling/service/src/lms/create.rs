//! `create`: makes a meeting, or finds the one that exists.

use super::create_params;
use super::dates;
use super::failure::Failure;
use super::modules;
use super::request::Signed;
use super::xml::Answer;
use crate::Service;
use crate::live::{CreateError, MeetingInfo};

const DUPLICATE: &str = "This conference was already in existence and may currently be in progress.";

/// Answers `create`. Idempotent: the same id with the same passwords, or none, is the same meeting, unchanged.
pub(super) async fn answer(service: &Service, signed: Signed) -> Result<Answer, Failure> {
    match signed.xml.as_deref().map(modules::documents) {
        Some(None) => tracing::warn!("the XML body of a create call is not well-formed and was ignored"),
        Some(Some(count)) if count > 0 => {
            tracing::info!(count, "slides handed over at create are not shown yet")
        }
        _ => {}
    }
    let url = &service.config().public_url;
    let wish = create_params::read(signed.tenant, &signed.params, url, service.now_ms())?;
    let created = service.live().create(wish).await.map_err(refusal)?;
    Ok(describe(&created.meeting, created.already_existed))
}

fn refusal(error: CreateError) -> Failure {
    match error {
        CreateError::IdNotUnique => Failure::new(
            "idNotUnique",
            "A meeting already exists with that meeting ID.  Please use a different meeting ID.",
        ),
        CreateError::NonUniqueVoiceBridge => {
            Failure::new("nonUniqueVoiceBridge", "The selected voice bridge is already in use.")
        }
        other => Failure::internal(other),
    }
}

fn describe(info: &MeetingInfo, existed: bool) -> Answer {
    let meeting = &info.meeting;
    let mut answer = Answer::success();
    answer
        .text("meetingID", &meeting.made_from.external_id)
        .text("internalMeetingID", meeting.id.as_str())
        .text("parentMeetingID", "bbb-none")
        .text("attendeePW", &meeting.attendee_pw)
        .text("moderatorPW", &meeting.moderator_pw)
        .value("createTime", meeting.create_ms)
        .text("voiceBridge", &meeting.voice_bridge)
        .text("dialNumber", &meeting.made_from.dial_number)
        .text("createDate", dates::java(meeting.create_ms))
        .value("hasUserJoined", info.has_user_joined)
        .value("duration", meeting.made_from.duration_minutes)
        .value("hasBeenForciblyEnded", info.forcibly_ended);
    if existed {
        answer.message("duplicateWarning", DUPLICATE)
    } else {
        answer.message("", "")
    };
    answer
}
