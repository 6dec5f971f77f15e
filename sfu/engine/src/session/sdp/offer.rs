//! Writing the offer.

use std::fmt::Write as _;
use std::net::SocketAddr;

use protocol::media::SlotKind;

use super::{EXTENSION_IDS, OPUS, PUBLISH_SECTIONS, RIDS, is_video};
use crate::codec::{FORMATS, Format, repair_of};

/// What the offer says about slots. The four publishing sections stand in front of them, always the same.
#[derive(Clone, Debug, Default)]
pub struct OfferLayout {
    /// `o=` line: unique, at most 63 bits.
    pub session_id: u64,
    /// The slots in their order: slot n has `a=mid` n + 4.
    pub slots: Vec<SlotLayout>,
}

/// A slot in which the server sends.
#[derive(Clone, Copy, Debug)]
pub struct SlotLayout {
    /// What it carries.
    pub kind: SlotKind,
    /// The source of its packets, for the life of the session.
    pub ssrc: u32,
    /// The source of its retransmissions; only video has one.
    pub rtx_ssrc: Option<u32>,
}

/// What the offer says about the server's side of the transport.
#[derive(Clone, Copy, Debug)]
pub struct LocalTransport<'a> {
    /// ICE user fragment.
    pub ufrag: &'a str,
    /// ICE password.
    pub pwd: &'a str,
    /// SHA-256 of the certificate as upper-case hex with colons.
    pub fingerprint: &'a str,
    /// Host candidates.
    pub candidates: &'a [SocketAddr],
    /// Passive TCP host candidates (RFC 6544).
    pub tcp_candidates: &'a [SocketAddr],
}

impl OfferLayout {
    /// The offer as text.
    pub fn write(&self, transport: &LocalTransport<'_>) -> String {
        let mut sdp =
            Sdp(String::with_capacity(4_096usize.saturating_add(self.slots.len().saturating_mul(640))));
        self.write_session(&mut sdp, transport);
        for (mid, section) in PUBLISHED.iter().enumerate() {
            section.write(&mut sdp, mid, transport);
        }
        for (slot, layout) in self.slots.iter().enumerate() {
            layout.write(&mut sdp, slot, transport);
        }
        sdp.0
    }

    fn write_session(&self, sdp: &mut Sdp, transport: &LocalTransport<'_>) {
        sdp.line(format_args!("v=0"));
        sdp.line(format_args!("o=lectern {} 1 IN IP4 0.0.0.0", self.session_id & i64::MAX as u64));
        sdp.line(format_args!("s=-"));
        sdp.line(format_args!("t=0 0"));
        sdp.line(format_args!("a=ice-lite"));
        sdp.line(format_args!("a=fingerprint:sha-256 {}", transport.fingerprint));
        sdp.0.push_str("a=group:BUNDLE");
        for mid in 0..PUBLISH_SECTIONS.saturating_add(self.slots.len()) {
            let _ = write!(sdp.0, " {mid}");
        }
        sdp.0.push_str("\r\n");
        sdp.line(format_args!("a=msid-semantic: WMS *"));
    }
}

/// A section in which the browser publishes.
struct Published {
    video: bool,
    stereo: bool,
    simulcast: bool,
}

const PUBLISHED: [Published; PUBLISH_SECTIONS] = [
    Published { video: false, stereo: false, simulcast: false },
    Published { video: true, stereo: false, simulcast: true },
    Published { video: true, stereo: false, simulcast: false },
    Published { video: false, stereo: true, simulcast: false },
];

impl Published {
    fn write(&self, sdp: &mut Sdp, mid: usize, transport: &LocalTransport<'_>) {
        sdp.section(self.video, mid, transport);
        sdp.line(format_args!("a=recvonly"));
        sdp.codecs(self.video, self.stereo);
        let ids = EXTENSION_IDS;
        if !self.video {
            sdp.extension(ids.audio_level, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
        }
        sdp.extension(ids.mid, "urn:ietf:params:rtp-hdrext:sdes:mid");
        if self.simulcast {
            sdp.extension(ids.rid, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
            sdp.extension(ids.repaired_rid, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id");
        }
        sdp.extension(ids.transport_cc, super::answer::TRANSPORT_CC);
        if self.simulcast {
            for rid in RIDS {
                sdp.line(format_args!("a=rid:{rid} recv"));
            }
            sdp.line(format_args!("a=simulcast:recv {}", RIDS.join(";")));
        }
    }
}

impl SlotLayout {
    fn write(&self, sdp: &mut Sdp, slot: usize, transport: &LocalTransport<'_>) {
        let video = is_video(self.kind);
        sdp.section(video, slot.saturating_add(PUBLISH_SECTIONS), transport);
        sdp.line(format_args!("a=sendonly"));
        sdp.line(format_args!("a=msid:slot-{slot} slot-{slot}"));
        sdp.codecs(video, self.kind == SlotKind::ScreenAudio);
        let ids = EXTENSION_IDS;
        if !video {
            sdp.extension(ids.audio_level, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
        }
        sdp.extension(ids.mid, "urn:ietf:params:rtp-hdrext:sdes:mid");
        sdp.extension(ids.transport_cc, super::answer::TRANSPORT_CC);
        if let Some(rtx) = self.rtx_ssrc {
            sdp.line(format_args!("a=ssrc-group:FID {} {rtx}", self.ssrc));
            sdp.line(format_args!("a=ssrc:{} cname:lectern", self.ssrc));
            sdp.line(format_args!("a=ssrc:{rtx} cname:lectern"));
        } else {
            sdp.line(format_args!("a=ssrc:{} cname:lectern", self.ssrc));
        }
    }
}

/// The text as it grows.
struct Sdp(String);

impl Sdp {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(line);
        self.0.push_str("\r\n");
    }

    fn section(&mut self, video: bool, mid: usize, transport: &LocalTransport<'_>) {
        if video {
            self.0.push_str("m=video 9 UDP/TLS/RTP/SAVPF");
            for payload_type in FORMATS.map(|format| format.payload_type) {
                let _ = write!(self.0, " {payload_type} {}", repair_of(payload_type));
            }
            self.0.push_str("\r\n");
        } else {
            self.line(format_args!("m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}"));
        }
        self.line(format_args!("c=IN IP4 0.0.0.0"));
        self.line(format_args!("a=mid:{mid}"));
        self.line(format_args!("a=ice-ufrag:{}", transport.ufrag));
        self.line(format_args!("a=ice-pwd:{}", transport.pwd));
        self.line(format_args!("a=setup:actpass"));
        self.line(format_args!("a=rtcp-mux"));
        self.line(format_args!("a=rtcp-rsize"));
        // All sections are bundled on the first one's transport (RFC 9143 §7.1.3).
        if mid == 0 {
            self.candidates(transport);
            self.line(format_args!("a=end-of-candidates"));
        }
    }

    /// The first address of each kind is preferred, UDP to TCP (RFC 8445 §5.1.2.1, RFC 6544 §4.2).
    fn candidates(&mut self, transport: &LocalTransport<'_>) {
        for (foundation, candidate) in (1u32..).zip(transport.candidates) {
            let priority = (126 << 24) | (65_536u32.saturating_sub(foundation) << 8) | 255;
            let (ip, port) = (candidate.ip(), candidate.port());
            self.line(format_args!("a=candidate:{foundation} 1 udp {priority} {ip} {port} typ host"));
        }
        for (rank, candidate) in (1u32..).zip(transport.tcp_candidates) {
            // Direction preference 4 (passive) in the top three bits of the local preference.
            let priority = (90 << 24) | (4 << 21) | (8_192u32.saturating_sub(rank) << 8) | 255;
            let foundation = rank.saturating_add(transport.candidates.len() as u32);
            let (ip, port) = (candidate.ip(), candidate.port());
            self.line(format_args!(
                "a=candidate:{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive"
            ));
        }
    }

    fn codecs(&mut self, video: bool, stereo: bool) {
        if video {
            FORMATS.iter().for_each(|format| self.format(format));
        } else {
            let stereo = if stereo { ";stereo=1;sprop-stereo=1" } else { "" };
            self.line(format_args!("a=rtpmap:{OPUS} opus/48000/2"));
            self.line(format_args!("a=rtcp-fb:{OPUS} transport-cc"));
            self.line(format_args!("a=fmtp:{OPUS} minptime=10;useinbandfec=1;usedtx=1{stereo}"));
        }
    }

    fn format(&mut self, format: &Format) {
        let (number, repair) = (format.payload_type, repair_of(format.payload_type));
        self.line(format_args!("a=rtpmap:{number} {}", format.name));
        if let Some(parameters) = format.parameters {
            self.line(format_args!("a=fmtp:{number} {parameters}"));
        }
        for feedback in ["nack", "nack pli", "ccm fir", "transport-cc"] {
            self.line(format_args!("a=rtcp-fb:{number} {feedback}"));
        }
        self.line(format_args!("a=rtpmap:{repair} rtx/90000"));
        self.line(format_args!("a=fmtp:{repair} apt={number}"));
    }

    fn extension(&mut self, id: u8, uri: &str) {
        self.line(format_args!("a=extmap:{id} {uri}"));
    }
}
