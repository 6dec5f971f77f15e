//! A browser: publishes by the rules of the offer, receives, repairs and reports. Its SRTP is that of another project.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::config::Config;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use sfu_engine::{Codec, Joined, Micros, ParticipantId, SlotKind, Source};
use sfu_wire::rtcp::{Rtcp, RtcpWriter, SenderReport, packets};
use sfu_wire::rtp::{NewHeader, RtpHeader, write_header};
use sfu_wire::sequence::unwrap_u16;

use super::camera::{Encoding, Part, Voice};
use super::receiver::Received;

/// Of 200 ms of this at 90 kHz and such: how the publisher's wall clock differs from the engine's, 32.32 seconds.
const CLOCK_AHEAD: u64 = 0x1234_5678_0000_0000;
const RIDS: [&[u8]; 3] = [b"q", b"h", b"f"];

/// A stream that is being published.
struct Outgoing {
    source: Source,
    ssrc: u32,
    repair_ssrc: u32,
    layer: u8,
    sequence: u16,
    repair_sequence: u16,
    sent: HashMap<u16, (Part, Vec<u8>)>,
    packets: u32,
}

pub struct Browser {
    pub id: ParticipantId,
    pub address: SocketAddr,
    pub material: [u8; 56],
    outgoing: Context,
    incoming: Context,
    streams: Vec<Outgoing>,
    pub encodings: Vec<Encoding>,
    pub voice: Option<Voice>,
    slots: Vec<Received>,
    kinds: Vec<SlotKind>,
    transport: u16,
    pending: Vec<Vec<u8>>,
    pub repairs: bool,
    /// Keyframe requests that came.
    pub plis: u32,
    /// Sequence numbers that the engine asked for again.
    pub nacked: u32,
    /// Transport-wide feedback: statuses that said arrived.
    pub acknowledged: u32,
    pub receiver_reports: u32,
    /// Arrivals by transport-wide number that are reported next, and what they go on from; none for a browser that did not
    /// agree to them.
    pub arrivals: Option<(BTreeMap<u64, u64>, u64)>,
    arrival_reports: u8,
    /// Bytes of padding that probed for bandwidth.
    pub padding: u64,
    /// What is sent by hand.
    pub raw: Vec<Vec<u8>>,
}

impl Browser {
    pub fn new(index: usize, id: ParticipantId, joined: &Joined) -> Browser {
        let mut material = [0; 56];
        material
            .iter_mut()
            .enumerate()
            .for_each(|(n, byte)| *byte = (n as u8).wrapping_mul(31) ^ index as u8);
        let mut config = Config { profile: ProtectionProfile::AeadAes128Gcm, ..Config::default() };
        config.set_session_keys_from_keying_material(&material, true).unwrap();
        let provider = AwsLcRsProvider::new();
        let context = |key: &[u8], salt: &[u8]| {
            Context::new(key, salt, ProtectionProfile::AeadAes128Gcm, None, None, provider.crypto()).unwrap()
        };
        let outgoing = context(&config.keys.local_master_key, &config.keys.local_master_salt);
        let incoming = context(&config.keys.remote_master_key, &config.keys.remote_master_salt);
        let ssrcs = offered_ssrcs(&joined.offer);
        let slots = joined.slots.iter().map(|slot| {
            let (ssrc, repair) = ssrcs[&slot.mid];
            Received::new(ssrc, repair)
        });
        Browser {
            id,
            address: SocketAddr::from(([10, 0, (index >> 8) as u8, index as u8], 5_000)),
            material,
            outgoing,
            incoming,
            streams: Vec::new(),
            encodings: Vec::new(),
            voice: None,
            slots: slots.collect(),
            kinds: joined.slots.iter().map(|slot| slot.kind).collect(),
            transport: 65_500,
            pending: Vec::new(),
            repairs: true,
            plis: 0,
            nacked: 0,
            acknowledged: 0,
            receiver_reports: 0,
            arrivals: None,
            arrival_reports: 0,
            padding: 0,
            raw: Vec::new(),
        }
    }

    pub fn slot(&self, slot: u16) -> &Received {
        &self.slots[usize::from(slot)]
    }

    pub fn slots(&self) -> &[Received] {
        &self.slots
    }

    pub fn start_camera(&mut self, layers: u8, now: Micros) {
        for layer in 0..layers {
            self.encodings.push(Encoding::new(self.id.0, layer, now));
            self.add_stream(Source::Camera, layer);
        }
    }

    pub fn start_microphone(&mut self, below_full_scale: u8, now: Micros) {
        self.voice = Some(Voice::new(self.id.0, below_full_scale, now));
        self.add_stream(Source::Microphone, 0);
    }

    fn add_stream(&mut self, source: Source, layer: u8) {
        let ssrc = 0x1000 * self.id.0 as u32 + self.streams.len() as u32 * 2 + 1;
        let first = 65_000u16.wrapping_add(self.streams.len() as u16 * 100);
        self.streams.push(Outgoing {
            source,
            ssrc,
            repair_ssrc: ssrc + 1,
            layer,
            sequence: first,
            repair_sequence: 1,
            sent: HashMap::new(),
            packets: 0,
        });
    }

    /// All streams get new SSRCs and sequence numbers.
    pub fn restart_streams(&mut self) {
        for stream in &mut self.streams {
            stream.ssrc += 0x100;
            stream.repair_ssrc += 0x100;
            stream.sequence = stream.sequence.wrapping_mul(3);
            stream.sent.clear();
        }
        self.encodings.iter_mut().for_each(|encoding| encoding.wants_keyframe = true);
    }

    /// What leaves the browser in this ms.
    pub fn send(&mut self, now: Micros) -> Vec<Vec<u8>> {
        for n in 0..self.encodings.len() {
            let layer = self.encodings[n].layer;
            for part in self.encodings[n].frame_due(now) {
                self.send_part(Source::Camera, layer, part);
            }
        }
        if let Some(part) = self.voice.as_mut().and_then(|voice| voice.packet_due(now)) {
            self.send_part(Source::Microphone, 0, part);
        }
        if now.millis() % 1_000 == self.id.0 % 50 {
            self.send_reports(now);
        }
        if self.repairs && now.millis().is_multiple_of(10) {
            self.send_requests(now);
        }
        if now.millis().is_multiple_of(50) {
            self.send_arrivals();
        }
        self.pending.append(&mut self.raw);
        std::mem::take(&mut self.pending)
    }

    fn send_part(&mut self, source: Source, layer: u8, part: Part) {
        let level = self.voice.as_ref().map_or(127, |voice| voice.below_full_scale);
        let Browser { streams, outgoing, transport, pending, .. } = self;
        let stream =
            streams.iter_mut().find(|stream| (stream.source, stream.layer) == (source, layer)).unwrap();
        stream.sequence = stream.sequence.wrapping_add(1);
        stream.packets += 1;
        let video = source == Source::Camera;
        let kind = if video { payload_type(self.encodings[usize::from(layer)].codec) } else { 111 };
        let packet =
            packet(stream, transport, kind, stream.ssrc, stream.sequence, &part, &part.payload, level);
        pending.push(outgoing.encrypt_rtp(&packet).unwrap().to_vec());
        let copy = part.payload.clone();
        stream.sent.insert(stream.sequence, (part, copy));
        stream.sent.remove(&stream.sequence.wrapping_sub(600));
    }

    fn send_reports(&mut self, now: Micros) {
        let mut buffer = [0; 1200];
        let mut writer = RtcpWriter::new(&mut buffer);
        let ntp = ((u128::from(now.0) << 32) / 1_000_000) as u64 + CLOCK_AHEAD;
        for stream in &self.streams {
            let rtp = match stream.source {
                Source::Camera => self.encodings[usize::from(stream.layer)].timestamp(now),
                _ => self.voice.as_ref().unwrap().timestamp(now),
            };
            let report = SenderReport { ssrc: stream.ssrc, ntp, rtp, packets: stream.packets, bytes: 0 };
            writer.sender_report(&report, &[]).unwrap();
        }
        let length = writer.len();
        if length > 0 {
            self.pending.push(self.outgoing.encrypt_rtcp(&buffer[..length]).unwrap().to_vec());
        }
    }

    fn send_requests(&mut self, now: Micros) {
        let mut buffer = [0; 1200];
        let mut writer = RtcpWriter::new(&mut buffer);
        for slot in &mut self.slots {
            let missing = slot.missing(now);
            if !missing.is_empty() {
                writer.nack(1, slot.ssrc, &missing).unwrap();
            }
            if std::mem::take(&mut slot.wants_keyframe) {
                writer.pli(1, slot.ssrc).unwrap();
            }
        }
        let length = writer.len();
        if length > 0 {
            self.pending.push(self.outgoing.encrypt_rtcp(&buffer[..length]).unwrap().to_vec());
        }
    }

    /// Transport-wide feedback.
    fn send_arrivals(&mut self) {
        let Some((arrivals, newest)) = &mut self.arrivals else { return };
        let (Some((&first, _)), Some((&last, _))) = (arrivals.first_key_value(), arrivals.last_key_value())
        else {
            return;
        };
        let times: Vec<Option<u64>> =
            (first..=last).map(|sequence| arrivals.get(&sequence).copied()).collect();
        // The newest stands in front again, so that what is lost after it is told.
        let at = arrivals.remove(&last).unwrap();
        let more = times.len() > 1;
        arrivals.clear();
        arrivals.insert(last, at);
        *newest = last;
        if more {
            let mut buffer = [0; 2_400];
            let mut writer = RtcpWriter::new(&mut buffer);
            writer.transport_feedback(1, 2, first as u16, self.arrival_reports, &times).unwrap();
            self.arrival_reports = self.arrival_reports.wrapping_add(1);
            let length = writer.len();
            self.pending.push(self.outgoing.encrypt_rtcp(&buffer[..length]).unwrap().to_vec());
        }
    }

    /// The viewer of a slot cannot go on without a keyframe.
    pub fn want_keyframe(&mut self, slot: u16) {
        self.slots[usize::from(slot)].wants_keyframe = true;
    }

    pub fn receive(&mut self, now: Micros, datagram: &[u8]) {
        if matches!(datagram.get(1), Some(192..=223)) {
            let compound = self.incoming.decrypt_rtcp(datagram).expect("RTCP opens");
            packets(&compound).for_each(|packet| self.take_rtcp(now, packet.expect("RTCP is well-formed")));
            return;
        }
        let Ok(packet) = self.incoming.decrypt_rtp(datagram) else { panic!("RTP opens") };
        let header = RtpHeader::parse(&packet).expect("RTP is well-formed");
        if let Some((arrivals, newest)) = &mut self.arrivals {
            let number = header.extensions(&packet).find(5).expect("each packet has a number");
            let number = u16::from_be_bytes(number.try_into().unwrap());
            let number = unwrap_u16(arrivals.last_key_value().map_or(*newest, |(last, _)| *last), number);
            arrivals.insert(number, now.0);
        }
        if header.payload_type == 97 && header.payload(&packet).is_ok_and(|payload| payload.is_empty()) {
            self.padding += packet.len() as u64;
            return;
        }
        let slot =
            self.slots.iter_mut().find(|s| s.ssrc == header.ssrc || s.repair_ssrc == Some(header.ssrc));
        slot.expect("the SSRC was offered").take(now, &packet, &header);
    }

    fn take_rtcp(&mut self, now: Micros, packet: Rtcp<'_>) {
        match packet {
            Rtcp::Nack(nack) => {
                for sequence in nack.sequences() {
                    self.nacked += 1;
                    self.send_again(nack.media_ssrc, sequence);
                }
            }
            Rtcp::Pli { media_ssrc } => {
                self.plis += 1;
                let stream =
                    self.streams.iter().find(|stream| stream.ssrc == media_ssrc).expect("it is ours");
                self.encodings[usize::from(stream.layer)].wants_keyframe = true;
            }
            Rtcp::SenderReport(report, _) => {
                let slot = self.slots.iter_mut().find(|slot| slot.ssrc == report.ssrc).expect("a slot");
                slot.report = Some((report.ntp, report.rtp, now));
            }
            Rtcp::Transport(feedback) => {
                self.acknowledged += feedback.arrivals().filter(|(_, at)| at.is_some()).count() as u32;
            }
            Rtcp::ReceiverReport { .. } => self.receiver_reports += 1,
            _ => {}
        }
    }

    fn send_again(&mut self, ssrc: u32, sequence: u16) {
        let Browser { streams, outgoing, transport, pending, encodings, .. } = self;
        let stream = streams.iter_mut().find(|stream| stream.ssrc == ssrc).expect("it is ours");
        let Some((part, payload)) = stream.sent.remove(&sequence) else { return };
        stream.repair_sequence = stream.repair_sequence.wrapping_add(1);
        let repair = encodings.get(usize::from(stream.layer)).map_or(97, |one| payload_type(one.codec) + 1);
        let payload_again = [&sequence.to_be_bytes()[..], &payload].concat();
        let packet = packet(
            stream,
            transport,
            repair,
            stream.repair_ssrc,
            stream.repair_sequence,
            &part,
            &payload_again,
            127,
        );
        stream.sent.insert(sequence, (part, payload));
        pending.push(outgoing.encrypt_rtp(&packet).unwrap().to_vec());
    }

    /// Seals a packet or compound of the test's own.
    pub fn seal_rtp(&mut self, packet: &[u8]) -> Vec<u8> {
        self.outgoing.encrypt_rtp(packet).unwrap().to_vec()
    }

    pub fn seal_rtcp(&mut self, compound: &[u8]) -> Vec<u8> {
        self.outgoing.encrypt_rtcp(compound).unwrap().to_vec()
    }
}

/// The payload type of the offer.
pub fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Vp8 => 96,
        Codec::Vp9 => 98,
        Codec::Av1 => 100,
        Codec::H264 => 102,
    }
}

#[allow(clippy::too_many_arguments)]
fn packet(
    stream: &Outgoing,
    transport: &mut u16,
    payload_type: u8,
    ssrc: u32,
    sequence: u16,
    part: &Part,
    payload: &[u8],
    level: u8,
) -> Vec<u8> {
    *transport = transport.wrapping_add(1);
    let transport = transport.to_be_bytes();
    let level = [level];
    let rid = RIDS[usize::from(stream.layer)];
    let mut extensions: Vec<(u8, &[u8])> = vec![(5, &transport)];
    match stream.source {
        Source::Camera if payload_type & 1 == 1 => extensions.extend([(2, &b"1"[..]), (4, rid)]),
        Source::Camera => extensions.extend([(2, &b"1"[..]), (3, rid)]),
        _ => extensions.extend([(2, &b"0"[..]), (1, &level)]),
    }
    let header = NewHeader {
        marker: part.marker,
        payload_type,
        sequence,
        timestamp: part.timestamp,
        ssrc,
        csrcs: &[],
        extensions: &extensions,
    };
    let mut buffer = [0; 200];
    let length = write_header(&mut buffer, &header).unwrap();
    [&buffer[..length], payload].concat()
}

/// SSRC and retransmission SSRC of each slot, as the offer says.
fn offered_ssrcs(offer: &str) -> HashMap<String, (u32, Option<u32>)> {
    let mut ssrcs = HashMap::new();
    for section in offer.split("\r\nm=").skip(1) {
        let value = |name: &str| section.lines().find_map(|line| line.strip_prefix(name));
        let Some(mid) = value("a=mid:") else { continue };
        if let Some(group) = value("a=ssrc-group:FID ") {
            let mut numbers = group.split(' ').map(|number| number.parse().unwrap());
            ssrcs.insert(mid.to_owned(), (numbers.next().unwrap(), numbers.next()));
        } else if let Some(line) = value("a=ssrc:") {
            ssrcs.insert(mid.to_owned(), (line.split(' ').next().unwrap().parse().unwrap(), None));
        }
    }
    ssrcs
}
