//! What a participant publishes: a source in one or more encodings, and everything that is learnt from its arrival.

pub(crate) mod clock;
pub(crate) mod keyframe;
pub(crate) mod layer;
pub(crate) mod missing;
pub(crate) mod reception;
pub(crate) mod ring;
pub(crate) mod transport;
pub(crate) mod voice;

use protocol::media::Source;

use crate::counters::DropReason;
use crate::ids::ParticipantId;
use crate::participant::Peer;
use crate::room::Room;
use crate::slab::Key;
use crate::tap::TapTrack;
use crate::time::Micros;
use clock::Clocks;
use layer::{Incoming, Layer, Verdict};
use ring::{Packet, RingSize};
use voice::Voice;

/// The encodings of a camera, softest first: RIDs and the heights expected before the first keyframe tells.
pub(crate) const ENCODINGS: [(&[u8], u16); 3] = [(b"q", 180), (b"h", 360), (b"f", 720)];

const RINGS: [RingSize; 3] = [
    RingSize { bytes: 128 << 10, packets: 256 },
    RingSize { bytes: 256 << 10, packets: 512 },
    RingSize { bytes: 640 << 10, packets: 1024 },
];
const SCREEN_RING: RingSize = RingSize { bytes: 768 << 10, packets: 1024 };
const AUDIO_RING: RingSize = RingSize { bytes: 16 << 10, packets: 64 };

/// A published source.
pub(crate) struct Track {
    pub owner: Key<Peer>,
    pub participant: ParticipantId,
    pub room: Key<Room>,
    pub source: Source,
    /// Unique in the room, never reused there.
    pub csrc: u32,
    /// Off means muted: nothing of it goes anywhere.
    pub on: bool,
    /// Whether its owner was told that packets come.
    pub live: bool,
    pub layers: Vec<Layer>,
    /// Heights of the live layers at the last look, 0 for what was not live.
    pub sizes: [u16; 3],
    pub voice: Voice,
    pub tap: Option<TapTrack>,
}

impl Track {
    pub fn new(
        owner: Key<Peer>,
        participant: ParticipantId,
        room: Key<Room>,
        source: Source,
        csrc: u32,
    ) -> Track {
        let layers = match source {
            Source::Camera => {
                RINGS.iter().zip(ENCODINGS).map(|(size, (_, height))| Layer::new(*size, height)).collect()
            }
            Source::Screen => vec![Layer::new(SCREEN_RING, 1080)],
            Source::Microphone | Source::ScreenAudio => vec![Layer::new(AUDIO_RING, 0)],
        };
        Track {
            owner,
            participant,
            room,
            source,
            csrc,
            on: false,
            live: false,
            layers,
            sizes: [0; 3],
            voice: Voice::default(),
            tap: None,
        }
    }

    pub fn is_video(&self) -> bool {
        is_video(self.source)
    }

    pub fn clock_rate(&self) -> u32 {
        clock_rate(self.source)
    }

    #[inline]
    pub fn layer_mut(&mut self, layer: u8) -> Option<&mut Layer> {
        self.layers.get_mut(usize::from(layer))
    }

    pub fn layer(&self, layer: u8) -> Option<&Layer> {
        self.layers.get(usize::from(layer))
    }

    /// Takes a packet of a layer. What is kept waits in the layer's `pending`.
    pub fn arrive(&mut self, layer: u8, incoming: &Incoming<'_>, now: Micros) -> Result<Packet, DropReason> {
        let verdict = self.judge(incoming, now);
        let (video, clock_rate) = (self.is_video(), self.clock_rate());
        let layer = self.layer_mut(layer).ok_or(DropReason::UnknownStream)?;
        layer.arrive(incoming, video, clock_rate, verdict, now)
    }

    fn judge(&mut self, incoming: &Incoming<'_>, now: Micros) -> Verdict {
        if !self.on {
            return Verdict::HoldBack(DropReason::Muted);
        }
        if self.source == Source::Microphone {
            self.voice.hear(incoming.level, now);
            if !self.voice.is_audible(now) {
                return Verdict::HoldBack(DropReason::Silence);
            }
        }
        Verdict::Keep
    }

    /// What the layers' sender reports said.
    pub fn clocks(&self) -> Clocks {
        let mut layers = [None; 3];
        layers.iter_mut().zip(&self.layers).for_each(|(clock, layer)| *clock = layer.clock);
        Clocks { layers, clock_rate: self.clock_rate() }
    }

    /// The layers that can be chosen now, as (number, height), lowest first. A track without alternatives always has its
    /// one: a screen that stands still sends next to nothing.
    pub fn live_layers(&self, now: Micros) -> impl Iterator<Item = (u8, u16)> + '_ {
        let only = self.layers.len() == 1;
        let live = self.layers.iter().enumerate().filter(move |(_, layer)| only || layer.is_live(now));
        live.map(|(number, layer)| (number as u8, layer.height))
    }
}

pub(crate) const fn is_video(source: Source) -> bool {
    matches!(source, Source::Camera | Source::Screen)
}

/// Ticks a second of the source's RTP clock (RFC 7741 §6.1, RFC 7587 §4.1).
pub(crate) const fn clock_rate(source: Source) -> u32 {
    if is_video(source) { 90_000 } else { 48_000 }
}

/// A source's place among its participant's tracks; also its `a=mid`.
pub(crate) const fn place(source: Source) -> usize {
    match source {
        Source::Microphone => 0,
        Source::Camera => 1,
        Source::Screen => 2,
        Source::ScreenAudio => 3,
    }
}

/// The sources in the order of [`place`].
pub(crate) const SOURCES: [Source; 4] =
    [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio];
