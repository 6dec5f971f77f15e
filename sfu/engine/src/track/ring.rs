//! The last packets of one layer in plaintext, from which every subscriber is served, again if need be.

use crate::codec::Descriptor;
use crate::time::Micros;

/// How much of a layer is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RingSize {
    /// Bytes of payload.
    pub bytes: usize,
    /// Packets; a power of two.
    pub packets: usize,
}

/// What is known of a stored packet. Its payload is in the ring as long as it has not been overwritten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    /// Extended sequence number within the layer, without the numbers of packets that were held back.
    pub sequence: u64,
    /// When it came.
    pub arrival: Micros,
    /// Position of the payload, counted since the ring's start.
    position: u64,
    /// The same within the ring.
    offset: u32,
    /// RTP timestamp as the publisher set it.
    pub timestamp: u32,
    /// Payload bytes.
    pub length: u16,
    /// RTP marker bit.
    pub marker: bool,
    /// A receiver that has nothing yet can begin here: any audio, the start of a keyframe.
    pub entry: bool,
    /// RTP payload type, the same on both sides.
    pub payload_type: u8,
    /// What the payload says; `None` for audio.
    pub descriptor: Option<Descriptor>,
}

/// A ring of packets. Takes its memory with the first packet.
pub(crate) struct Ring {
    size: RingSize,
    bytes: Vec<u8>,
    packets: Vec<Option<Packet>>,
    head: u64,
}

impl Ring {
    pub fn new(size: RingSize) -> Ring {
        Ring { size, bytes: Vec::new(), packets: Vec::new(), head: 0 }
    }

    /// Stores a packet. `None` if the payload is larger than the ring takes.
    pub fn push(&mut self, mut packet: Packet, payload: &[u8]) -> Option<Packet> {
        if self.bytes.is_empty() {
            self.bytes = vec![0; self.size.bytes];
            self.packets = vec![None; self.size.packets];
        }
        let capacity = self.size.bytes as u64;
        let mut offset = self.head.checked_rem(capacity)?;
        if offset.saturating_add(payload.len() as u64) > capacity {
            self.head = self.head.wrapping_add(capacity.saturating_sub(offset));
            offset = 0;
        }
        let start = offset as usize;
        self.bytes.get_mut(start..start.checked_add(payload.len())?)?.copy_from_slice(payload);
        packet.position = self.head;
        packet.offset = u32::try_from(offset).ok()?;
        packet.length = u16::try_from(payload.len()).ok()?;
        self.head = self.head.wrapping_add(payload.len() as u64);
        let place = self.place(packet.sequence);
        *self.packets.get_mut(place)? = Some(packet);
        Some(packet)
    }

    /// Forgets everything; the memory stays.
    pub fn clear(&mut self) {
        self.packets.fill(None);
    }

    /// The packet with this sequence number, if it is still there.
    pub fn get(&self, sequence: u64) -> Option<&Packet> {
        let packet = self.packets.get(self.place(sequence))?.as_ref()?;
        (packet.sequence == sequence && self.holds(packet)).then_some(packet)
    }

    /// The payload of a packet that was stored, unless it has been overwritten.
    #[inline]
    pub fn payload(&self, packet: &Packet) -> Option<&[u8]> {
        if !self.holds(packet) {
            return None;
        }
        let start = packet.offset as usize;
        self.bytes.get(start..start.checked_add(usize::from(packet.length))?)
    }

    /// How many packets it remembers at most.
    pub fn packets(&self) -> u64 {
        self.size.packets as u64
    }

    #[inline]
    fn holds(&self, packet: &Packet) -> bool {
        self.head.wrapping_sub(packet.position) <= self.size.bytes as u64
    }

    fn place(&self, sequence: u64) -> usize {
        sequence as usize & self.size.packets.saturating_sub(1)
    }
}

impl Packet {
    /// A packet that is not stored yet.
    pub fn new(
        sequence: u64,
        timestamp: u32,
        marker: bool,
        arrival: Micros,
        payload_type: u8,
        descriptor: Option<Descriptor>,
    ) -> Packet {
        let entry = descriptor.is_none_or(|descriptor| descriptor.keyframe.is_some());
        Packet {
            sequence,
            arrival,
            position: 0,
            offset: 0,
            timestamp,
            length: 0,
            marker,
            entry,
            payload_type,
            descriptor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: RingSize = RingSize { bytes: 1000, packets: 8 };

    fn push(ring: &mut Ring, sequence: u64, length: usize) {
        let packet = Packet::new(sequence, 0, false, Micros::ZERO, 111, None);
        ring.push(packet, &vec![sequence as u8; length]).unwrap();
    }

    #[test]
    fn what_is_found_is_whole_and_never_overwritten() {
        let mut ring = Ring::new(SIZE);
        for sequence in 0..100 {
            push(&mut ring, sequence, 90 + sequence as usize % 40);
            for earlier in 0..=sequence {
                if let Some(packet) = ring.get(earlier) {
                    let payload = ring.payload(packet).unwrap();
                    assert_eq!(payload, vec![earlier as u8; 90 + earlier as usize % 40]);
                }
            }
            assert!(ring.get(sequence).is_some());
            assert!(sequence < 5 || ring.get(sequence - 5).is_some(), "five packets of 130 bytes fit");
        }
        assert!(ring.get(50).is_none());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut ring = Ring::new(SIZE);
        let packet = Packet::new(1, 0, false, Micros::ZERO, 111, None);
        assert!(ring.push(packet, &[0; 1001]).is_none());
    }

    #[test]
    fn takes_no_memory_before_its_first_packet() {
        let ring = Ring::new(SIZE);
        assert_eq!((ring.bytes.capacity(), ring.packets.capacity()), (0, 0));
        assert!(ring.get(3).is_none());
    }
}
