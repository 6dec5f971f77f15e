//! The one offer and its answer (RFC 8866, RFC 9429): what is negotiated is fixed here, the browser accepts or refuses.

mod answer;
mod offer;

#[cfg(test)]
pub(super) use answer::Direction;
pub(super) use answer::RemoteTransport;
pub(super) use answer::read as read_answer;
pub use answer::{AnswerError, Negotiated};
pub(super) use offer::LocalTransport;
pub use offer::{OfferLayout, SlotLayout};

use protocol::media::SlotKind;
use sfu_wire::rtp::ExtensionIds;

/// Payload type of Opus (RFC 7587).
pub const OPUS: u8 = 111;
/// Ids of the header extensions, the same in all sections.
pub const EXTENSION_IDS: ExtensionIds =
    ExtensionIds { audio_level: 1, mid: 2, rid: 3, repaired_rid: 4, transport_cc: 5 };
/// The encodings of a camera, smallest first.
pub const RIDS: [&str; 3] = ["q", "h", "f"];
/// Sections in which the browser publishes; slots follow.
pub const PUBLISH_SECTIONS: usize = 4;

/// What the section of a slot carries.
pub(super) fn is_video(kind: SlotKind) -> bool {
    matches!(kind, SlotKind::Video | SlotKind::Screen)
}
