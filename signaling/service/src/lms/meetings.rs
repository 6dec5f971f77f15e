//! Calls about running meetings: `isMeetingRunning`, `end`, `getMeetingInfo`, `getMeetings`.

use super::failure::Failure;
use super::info_xml;
use super::request::Signed;
use super::xml::Answer;
use crate::Service;
use crate::live::MeetingInfo;

const ENDING: &str = "A request to end the meeting was sent.  Please wait a few seconds, and then use the \
    getMeetingInfo or isMeetingRunning API calls to verify that it was ended.";

/// `isMeetingRunning`: whether somebody is in it; an unknown meeting does not run.
pub(super) async fn is_running(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let id = signed.params.meeting_id()?;
    let running = service.live().by_external(&signed.tenant, id).await.is_some_and(|info| info.running);
    let mut answer = Answer::success();
    answer.value("running", running);
    Ok(answer)
}

/// `end`: ends the class for all. The signature is the right to do so; a password is not asked for.
pub(super) async fn end(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let info = find(service, signed).await?;
    service.live().end(&info.meeting.id).await.map_err(|_| Failure::not_found())?;
    let mut answer = Answer::success();
    answer.message("sentEndMeetingRequest", ENDING);
    Ok(answer)
}

/// `getMeetingInfo`.
pub(super) async fn info(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let info = find(service, signed).await?;
    let mut answer = Answer::success();
    info_xml::write(&mut answer, &info);
    Ok(answer)
}

/// `getMeetings`: all of the tenant's meetings, of no other.
pub(super) async fn list(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let meetings = service.live().list(&signed.tenant).await;
    let mut answer = Answer::success();
    if meetings.is_empty() {
        answer.empty("meetings").message("noMeetings", "no meetings were found on this server");
        return Ok(answer);
    }
    answer.nest("meetings", |answer| {
        for info in &meetings {
            answer.nest("meeting", |answer| info_xml::write(answer, info));
        }
    });
    Ok(answer)
}

async fn find(service: &Service, signed: &Signed) -> Result<MeetingInfo, Failure> {
    let id = signed.params.meeting_id()?;
    service.live().by_external(&signed.tenant, id).await.ok_or_else(Failure::not_found)
}
