//! The rights table, cell by cell: every act, both roles, every combination of settings.

use classroom::{Act, Locks, Recording, Settings, permit};
use protocol::server::{Refusal, Role};

/// All combinations of the settings that the table knows.
fn all_settings() -> impl Iterator<Item = Settings> {
    (0_u32..256).map(|bits| {
        let bit = |n: u32| bits & (1 << n) != 0;
        Settings {
            locks: Locks { camera: bit(0), microphone: bit(1), public_chat: bit(2), private_chat: bit(3) },
            cameras_for_moderators_only: bit(4),
            recording: Recording { tenant: bit(5), meeting: bit(6), marks: bit(7) },
            ..Settings::default()
        }
    })
}

#[test]
fn r6_viewers_have_the_rights_of_viewers_and_no_others() {
    for settings in all_settings() {
        for act in Act::ALL {
            let allowed = match act {
                Act::Microphone => !settings.locks.microphone,
                Act::Camera => !settings.locks.camera,
                Act::PublicChat => !settings.locks.public_chat,
                Act::ChatWithViewer => !settings.locks.private_chat,
                Act::SeeViewers => !settings.cameras_for_moderators_only,
                Act::Screen | Act::ChatWithModerator | Act::Hand | Act::React => true,
                Act::TakeScreen
                | Act::Start
                | Act::Mute
                | Act::LowerHand
                | Act::Mark
                | Act::Eject
                | Act::End => false,
            };
            let expected = if allowed { Ok(()) } else { Err(Refusal::NotAllowed) };
            assert_eq!(permit(Role::Viewer, act, &settings), expected, "{act:?} {settings:?}");
        }
    }
}

#[test]
fn r6_moderators_may_do_all_but_record_what_is_not_recordable() {
    for settings in all_settings() {
        let Recording { tenant, meeting, marks } = settings.recording;
        for act in Act::ALL {
            let off = act == Act::Mark && !(tenant && meeting && marks);
            let expected = if off { Err(Refusal::RecordingOff) } else { Ok(()) };
            assert_eq!(permit(Role::Moderator, act, &settings), expected, "{act:?} {settings:?}");
        }
    }
}

#[test]
fn r32_without_the_tenants_leave_nobody_may_mark() {
    let without = all_settings().filter(|settings| !settings.recording.tenant);
    for settings in without {
        assert_eq!(permit(Role::Moderator, Act::Mark, &settings), Err(Refusal::RecordingOff));
        assert_eq!(permit(Role::Viewer, Act::Mark, &settings), Err(Refusal::NotAllowed));
    }
}
