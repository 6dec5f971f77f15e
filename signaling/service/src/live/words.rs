//! Why something was refused or ended, in words that a teacher understands. Clients show their own words in their own
//! language for the codes they know.

use protocol::server::{Close, Refusal, ServerMessage};

/// The goodbye of a connection.
pub(crate) fn closed(reason: Close, logout_url: Option<String>) -> ServerMessage {
    let message = match reason {
        Close::Left => "You have left the class.",
        Close::MeetingEnded => "The class has ended.",
        Close::Ejected => "A moderator has removed you from the class.",
        Close::TokenExpired => {
            "This link to the class has expired. Open the class again from your course page."
        }
        Close::TokenInvalid => {
            "This link does not lead into a class. Open the class again from your course page."
        }
        Close::Replaced => "You have opened this class in another tab or window. It goes on there.",
        Close::VersionMismatch => "The server has been updated. Reload the page to come back in.",
        Close::Protocol => {
            "The connection to the class did not work as expected. Reload the page to come back in."
        }
        Close::Full => "The class is full. Ask your teacher to let more people in.",
        Close::ServerStopping => "The server is being restarted. Open the class again in a minute.",
    };
    ServerMessage::Closed { reason, message: message.to_owned(), logout_url }
}

/// The answer to a command that was refused.
pub(crate) fn refused(code: Refusal) -> ServerMessage {
    let message = match code {
        Refusal::NotAllowed => "You may not do this in this class.",
        Refusal::NoSuchPerson => "This person is not in the class any more.",
        Refusal::Invalid => "This is empty, too long, or not possible now.",
        Refusal::TooFast => "That was too much at once. Try again in a moment.",
        Refusal::RecordingOff => "This class is not recorded.",
        Refusal::DiskFull => "The server has too little disk space left to record. Tell your administrator.",
        Refusal::RecorderAway => {
            "The recorder is not ready. Try again in a minute, or tell your administrator."
        }
        Refusal::Malformed => "The server did not understand your browser. Reload the page.",
        Refusal::BadAnswer => "Your browser's audio and video could not be connected. Reload the page.",
    };
    ServerMessage::Refused { code, message: message.to_owned() }
}
