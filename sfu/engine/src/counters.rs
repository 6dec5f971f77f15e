//! What the engine counts. Totals since its start; nothing here says who.

/// Why a packet went no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DropReason {
    /// From an address that belongs to nobody, and no STUN request with a known user fragment.
    UnknownAddress,
    /// Not readable as what its first byte promises.
    Malformed,
    /// STUN with a wrong user fragment or integrity.
    BadStun,
    /// Media before the connection is up.
    NotConnected,
    /// SRTP authentication failed.
    Unauthentic,
    /// Seen before, or behind the replay window.
    Replayed,
    /// An SSRC that names no negotiated stream.
    UnknownStream,
    /// A payload type that was not negotiated for the stream.
    PayloadType,
    /// The source is off (muted): dropped by the server (R11).
    Muted,
    /// Silence that nobody needs to hear.
    Silence,
    /// A copy of a packet that is already there.
    Duplicate,
    /// Too late to be of use.
    Late,
    /// Longer than a slot of the ring, or empty.
    Size,
    /// Asked again for more than the budget allows.
    Budget,
    /// Could not be sealed.
    Unsealed,
    /// A keyframe of a codec that the subscriber refused.
    Undecodable,
    /// A keyframe of a codec that is not recorded.
    Unrecorded,
}

impl DropReason {
    /// Every reason, in the order of [`EngineCounters::dropped`].
    pub const ALL: [DropReason; 17] = [
        DropReason::UnknownAddress,
        DropReason::Malformed,
        DropReason::BadStun,
        DropReason::NotConnected,
        DropReason::Unauthentic,
        DropReason::Replayed,
        DropReason::UnknownStream,
        DropReason::PayloadType,
        DropReason::Muted,
        DropReason::Silence,
        DropReason::Duplicate,
        DropReason::Late,
        DropReason::Size,
        DropReason::Budget,
        DropReason::Unsealed,
        DropReason::Undecodable,
        DropReason::Unrecorded,
    ];

    /// As the label of a metric.
    pub const fn label(self) -> &'static str {
        match self {
            DropReason::UnknownAddress => "unknown_address",
            DropReason::Malformed => "malformed",
            DropReason::BadStun => "bad_stun",
            DropReason::NotConnected => "not_connected",
            DropReason::Unauthentic => "unauthentic",
            DropReason::Replayed => "replayed",
            DropReason::UnknownStream => "unknown_stream",
            DropReason::PayloadType => "payload_type",
            DropReason::Muted => "muted",
            DropReason::Silence => "silence",
            DropReason::Duplicate => "duplicate",
            DropReason::Late => "late",
            DropReason::Size => "size",
            DropReason::Budget => "budget",
            DropReason::Unsealed => "unsealed",
            DropReason::Undecodable => "undecodable",
            DropReason::Unrecorded => "unrecorded",
        }
    }
}

/// Totals of one engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineCounters {
    /// Datagrams in, of every kind.
    pub packets_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Media packets out to subscribers, retransmissions included.
    pub packets_forwarded: u64,
    /// Their bytes.
    pub bytes_forwarded: u64,
    /// Retransmissions among them.
    pub packets_retransmitted: u64,
    /// Bytes of padding that probed for bandwidth.
    pub padding_sent: u64,
    /// Drops, indexed by [`DropReason`] as in [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
    /// Sequence numbers that subscribers asked for again.
    pub nacks_received: u64,
    /// Sequence numbers asked for again from publishers.
    pub nacks_sent: u64,
    /// Keyframes asked for from publishers.
    pub keyframe_requests: u64,
    /// Handshakes that led to a verified connection.
    pub handshakes_completed: u64,
    /// Participants who ended without ever being connected.
    pub handshakes_failed: u64,
    /// Participants now.
    pub participants: u64,
    /// Published audio tracks now.
    pub audio_tracks: u64,
    /// Published video tracks now.
    pub video_tracks: u64,
}

impl EngineCounters {
    /// How often something was dropped for this reason.
    pub fn drops(&self, reason: DropReason) -> u64 {
        self.dropped.get(reason as usize).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn forward(&mut self, bytes: usize) {
        self.packets_forwarded = self.packets_forwarded.wrapping_add(1);
        self.bytes_forwarded = self.bytes_forwarded.wrapping_add(bytes as u64);
    }

    pub(crate) fn drop(&mut self, reason: DropReason) {
        if let Some(count) = self.dropped.get_mut(reason as usize) {
            *count = count.wrapping_add(1);
        }
    }
}
