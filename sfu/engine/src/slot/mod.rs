//! A slot: one outgoing stream of a subscriber, negotiated once, fed by whichever source it is given (N4).

pub(crate) mod assign;
pub(crate) mod choose;
pub(crate) mod rewrite;

use protocol::media::{SlotKind, Source};

use crate::random::Random;
use crate::slab::Key;
use crate::track::Track;
use rewrite::Rewrite;

/// How many voices are heard at once.
pub(crate) const AUDIO_SLOTS: usize = 5;
/// Number of the screen's slot.
pub(crate) const SCREEN_SLOT: usize = 5;
/// Number of the slot of the screen's sound.
pub(crate) const SCREEN_AUDIO_SLOT: usize = 6;
/// Number of the first camera slot.
pub(crate) const VIDEO_SLOTS: usize = 7;

/// How much of its source a slot may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// What its tile asks for.
    All,
    /// No layer above this one.
    UpTo(u8),
    /// Nothing: there is no room for the smallest layer.
    Nothing,
}

/// One outgoing stream.
pub(crate) struct Slot {
    pub kind: SlotKind,
    pub ssrc: u32,
    /// For retransmissions (RFC 4588); none for audio.
    pub repair_ssrc: Option<u32>,
    repair_sequence: u64,
    /// What feeds it.
    pub source: Option<Key<Track>>,
    /// The layer that is being sent.
    pub current: Option<u8>,
    /// The layer that should be sent from its next entry point on.
    pub target: Option<u8>,
    /// What the current layer was entered with; another codec is entered anew, with a keyframe.
    pub payload_type: u8,
    /// Height of the tile, pixels.
    pub height: u16,
    /// What the subscriber's link has room for.
    pub allowed: Allowed,
    /// Whether its packets carry transport-wide sequence numbers: the browser agreed to them.
    pub numbered: bool,
    pub rewrite: Rewrite,
    /// For sender reports.
    pub packets: u32,
    pub bytes: u32,
}

impl Slot {
    pub fn new(kind: SlotKind, random: &mut Random) -> Slot {
        let video = is_video(kind);
        Slot {
            kind,
            ssrc: random.ssrc(),
            repair_ssrc: video.then(|| random.ssrc()),
            repair_sequence: random.first_sequence(),
            source: None,
            current: None,
            target: None,
            payload_type: 0,
            height: 0,
            allowed: Allowed::All,
            numbered: false,
            rewrite: Rewrite::new(if video { 90_000 } else { 48_000 }, random.first_sequence()),
            packets: 0,
            bytes: 0,
        }
    }

    pub fn clock_rate(&self) -> u32 {
        if is_video(self.kind) { 90_000 } else { 48_000 }
    }

    /// The next extended sequence number of the retransmission stream.
    pub fn next_repair(&mut self) -> u64 {
        self.repair_sequence = self.repair_sequence.wrapping_add(1);
        self.repair_sequence
    }

    pub fn count(&mut self, payload: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(payload as u32);
    }
}

pub(crate) const fn is_video(kind: SlotKind) -> bool {
    matches!(kind, SlotKind::Video | SlotKind::Screen)
}

/// The kinds of a participant's slots, by number.
pub(crate) fn layout(video_slots: u8) -> impl Iterator<Item = SlotKind> {
    let audio = std::iter::repeat_n(SlotKind::Audio, AUDIO_SLOTS);
    let video = std::iter::repeat_n(SlotKind::Video, usize::from(video_slots));
    audio.chain([SlotKind::Screen, SlotKind::ScreenAudio]).chain(video)
}

/// Whether sources of this kind are chosen by the subscriber's views.
pub(crate) const fn is_viewed(source: Source) -> bool {
    matches!(source, Source::Camera | Source::Screen)
}
