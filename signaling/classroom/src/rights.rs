//! Who may do what: one table of act × role × setting.

use protocol::media::Source;
use protocol::server::{Refusal, Role};

use crate::settings::Settings;

/// Something that needs a right. Taking back what is one's own needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Release the own microphone.
    Microphone,
    /// Release the own camera.
    Camera,
    /// Share the own screen, with or without sound.
    Screen,
    /// Take the one screen over from somebody who shares.
    TakeScreen,
    /// Write to everybody.
    PublicChat,
    /// Write to one moderator.
    ChatWithModerator,
    /// Write to one viewer.
    ChatWithViewer,
    /// Raise the own hand.
    Hand,
    /// Send an emoji.
    React,
    /// See the cameras of viewers.
    SeeViewers,
    /// Be in the room before a moderator was.
    Start,
    /// Take a source away from somebody.
    Mute,
    /// Lower somebody's hand.
    LowerHand,
    /// Start or stop a marked segment.
    Mark,
    /// Remove somebody.
    Eject,
    /// End the class.
    End,
}

impl Act {
    /// All of them, for tests that go through the table.
    pub const ALL: [Act; 16] = [
        Act::Microphone,
        Act::Camera,
        Act::Screen,
        Act::TakeScreen,
        Act::PublicChat,
        Act::ChatWithModerator,
        Act::ChatWithViewer,
        Act::Hand,
        Act::React,
        Act::SeeViewers,
        Act::Start,
        Act::Mute,
        Act::LowerHand,
        Act::Mark,
        Act::Eject,
        Act::End,
    ];

    /// The act of releasing a source.
    pub fn release(source: Source) -> Self {
        match source {
            Source::Microphone => Act::Microphone,
            Source::Camera => Act::Camera,
            Source::Screen | Source::ScreenAudio => Act::Screen,
        }
    }

    /// The act of writing to somebody of this role.
    pub fn chat_with(role: Role) -> Self {
        match role {
            Role::Moderator => Act::ChatWithModerator,
            Role::Viewer => Act::ChatWithViewer,
        }
    }
}

/// A cell of the table.
#[derive(Clone, Copy)]
enum Right {
    Yes,
    No,
    /// Yes, unless the setting says otherwise.
    Unless(fn(&Settings) -> bool),
    /// Yes, if tenant and meeting allow recording (R30, R32).
    IfRecordable,
}

/// The table: the right of a moderator, the right of a viewer.
fn rights(act: Act) -> (Right, Right) {
    use Right::{IfRecordable, No, Unless, Yes};
    match act {
        Act::Microphone => (Yes, Unless(|s| s.locks.microphone)),
        Act::Camera => (Yes, Unless(|s| s.locks.camera)),
        Act::Screen => (Yes, Yes),
        Act::TakeScreen => (Yes, No),
        Act::PublicChat => (Yes, Unless(|s| s.locks.public_chat)),
        Act::ChatWithModerator => (Yes, Yes),
        Act::ChatWithViewer => (Yes, Unless(|s| s.locks.private_chat)),
        Act::Hand => (Yes, Yes),
        Act::React => (Yes, Yes),
        Act::SeeViewers => (Yes, Unless(|s| s.cameras_for_moderators_only)),
        Act::Start => (Yes, No),
        Act::Mute => (Yes, No),
        Act::LowerHand => (Yes, No),
        Act::Mark => (IfRecordable, No),
        Act::Eject => (Yes, No),
        Act::End => (Yes, No),
    }
}

/// Whether somebody of this role may do this in a room of these settings.
pub fn permit(role: Role, act: Act, settings: &Settings) -> Result<(), Refusal> {
    let (moderator, viewer) = rights(act);
    let right = match role {
        Role::Moderator => moderator,
        Role::Viewer => viewer,
    };
    match right {
        Right::Yes => Ok(()),
        Right::No => Err(Refusal::NotAllowed),
        Right::Unless(taken) => {
            if taken(settings) {
                Err(Refusal::NotAllowed)
            } else {
                Ok(())
            }
        }
        Right::IfRecordable => {
            if settings.recording.allowed() {
                Ok(())
            } else {
                Err(Refusal::RecordingOff)
            }
        }
    }
}
