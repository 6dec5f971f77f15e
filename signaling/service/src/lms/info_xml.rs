//! A meeting as `getMeetingInfo` and `getMeetings` show it: flat, fixed elements before lists.

use protocol::server::Role;

use super::dates;
use super::xml::Answer;
use crate::live::{Attendee, MeetingInfo};

/// Writes the elements of one meeting.
pub(super) fn write(answer: &mut Answer, info: &MeetingInfo) {
    let meeting = &info.meeting;
    answer
        .text("meetingName", &meeting.made_from.name)
        .text("meetingID", &meeting.made_from.external_id)
        .text("internalMeetingID", meeting.id.as_str())
        .value("createTime", meeting.create_ms)
        .text("createDate", dates::java(meeting.create_ms))
        .text("voiceBridge", &meeting.voice_bridge)
        .text("dialNumber", &meeting.made_from.dial_number)
        .text("attendeePW", &meeting.attendee_pw)
        .text("moderatorPW", &meeting.moderator_pw)
        .value("running", info.running)
        .value("duration", meeting.made_from.duration_minutes)
        .value("hasUserJoined", info.has_user_joined)
        .value("recording", info.recording)
        .value("hasBeenForciblyEnded", info.forcibly_ended)
        .value("startTime", info.start_ms)
        .value("endTime", info.end_ms)
        .value("participantCount", info.participant_count())
        .value("listenerCount", info.listener_count())
        .value("voiceParticipantCount", info.voice_count())
        .value("videoCount", info.video_count())
        .value("maxUsers", meeting.made_from.max_participants)
        .value("moderatorCount", info.moderator_count());
    // The first moderator who came is the presenter: somebody has to be one for the callers.
    let presenter = info.attendees.iter().position(|a| a.role == Role::Moderator);
    answer.nest("attendees", |answer| {
        for (at, attendee) in info.attendees.iter().enumerate() {
            answer.nest("attendee", |answer| write_attendee(answer, attendee, presenter == Some(at)));
        }
    });
    answer.nest("metadata", |answer| {
        for (name, value) in &meeting.made_from.metadata {
            answer.text(name, value);
        }
    });
    answer.value("isBreakout", false);
}

fn write_attendee(answer: &mut Answer, attendee: &Attendee, presenter: bool) {
    let role = match attendee.role {
        Role::Moderator => "MODERATOR",
        Role::Viewer => "VIEWER",
    };
    answer
        .text("userID", &attendee.user_id)
        .text("fullName", &attendee.name)
        .text("role", role)
        .value("isPresenter", presenter)
        .value("isListeningOnly", !attendee.has_voice)
        .value("hasJoinedVoice", attendee.has_voice)
        .value("hasVideo", attendee.has_video)
        .text("clientType", "HTML5")
        .nest("customdata", |answer| {
            for (name, value) in &attendee.custom {
                answer.text(name, value);
            }
        });
}
