//! Reading the answer: strict about what matters, deaf to the rest.

use sfu_wire::rtp::ExtensionIds;

use super::{EXTENSION_IDS, OPUS, PUBLISH_SECTIONS};
use crate::codec::{FORMATS, PayloadTypes, is_repair};

/// Longest answer, bytes: 40 sections of a talkative browser are about 30 KB.
const MAX_ANSWER: usize = 256 * 1024;
/// Longest line, bytes.
const MAX_LINE: usize = 4_096;
/// Longest ICE user fragment and password (RFC 8839 §5.4).
const MAX_CREDENTIAL: usize = 256;
/// Most encodings of one section.
const MAX_RIDS: usize = 3;

const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
pub(super) const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Longer than any browser's, or one of its lines is.
    #[error("the answer is too long")]
    TooLong,
    /// This line is no SDP, or not of the form its attribute has (counted from 1).
    #[error("the answer is malformed in line {0}")]
    Malformed(usize),
    /// The sections are not those of the offer.
    #[error("the answer does not have the sections of the offer")]
    Sections,
    /// No SHA-256 fingerprint, or two that differ.
    #[error("the answer has no single SHA-256 fingerprint")]
    Fingerprint,
    /// No ICE user fragment or password.
    #[error("the answer has no ICE credentials")]
    Credentials,
    /// The browser wants to be the DTLS server.
    #[error("the answer's setup role is not active")]
    Setup,
    /// A section uses a codec or a header extension under another number than the offer's.
    #[error("section {0} is numbered otherwise than in the offer")]
    Numbering(String),
    /// A second answer to the same offer.
    #[error("the offer was answered before")]
    Again,
}

/// What was agreed upon, by section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// All sections in the offer's order.
    pub sections: Vec<NegotiatedSection>,
}

impl Negotiated {
    /// The payload types that all accepted video slots take.
    pub fn decodes(&self) -> PayloadTypes {
        let slots = self.sections.iter().skip(PUBLISH_SECTIONS);
        let video = slots.filter(|slot| slot.video && slot.direction.receives());
        video.fold(PayloadTypes::ALL, |all, slot| all.and(slot.formats))
    }
}

/// What was agreed upon for one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NegotiatedSection {
    /// Its `a=mid`.
    pub mid: String,
    /// False if the browser refused it.
    pub accepted: bool,
    /// What the browser does in it.
    pub direction: Direction,
    /// Whether it is a section of video.
    pub video: bool,
    /// The video formats that were accepted.
    pub formats: PayloadTypes,
    /// Whether retransmissions were accepted.
    pub rtx: bool,
    /// The accepted header extensions: the offer's ids, 0 for what was not accepted.
    pub extensions: ExtensionIds,
    /// The encodings that the browser may send, none if it does not send simulcast.
    pub rids: Vec<String>,
}

/// `a=sendrecv` and its kin, as the browser sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// Sends and receives.
    #[default]
    SendRecv,
    /// Sends.
    SendOnly,
    /// Receives.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// Whether the browser will receive.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }
}

/// The browser's side of the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteTransport {
    /// ICE user fragment.
    pub ufrag: String,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
}

/// Attributes that may stand in the session or in a section.
#[derive(Clone, Default)]
struct Transport<'a> {
    ufrag: Option<&'a str>,
    pwd: Option<&'a str>,
    fingerprint: Option<[u8; 32]>,
    setup: Option<&'a str>,
}

#[derive(Default)]
struct Section<'a> {
    video: bool,
    accepted: bool,
    payload_types: Vec<&'a str>,
    mid: Option<&'a str>,
    direction: Direction,
    codecs: Vec<(&'a str, &'a str)>,
    extensions: Vec<(&'a str, &'a str)>,
    rids: Vec<&'a str>,
    transport: Transport<'a>,
}

/// Reads the answer to an offer of four publishing sections and the slots whose kinds (true for video) are given.
pub(in crate::session) fn read(
    sdp: &str,
    slots: &[bool],
) -> Result<(RemoteTransport, Negotiated), AnswerError> {
    if sdp.len() > MAX_ANSWER || sdp.lines().any(|line| line.len() > MAX_LINE) {
        return Err(AnswerError::TooLong);
    }
    let mut session = Transport::default();
    let mut sections: Vec<Section<'_>> = Vec::new();
    let most = PUBLISH_SECTIONS.saturating_add(slots.len());
    for (n, line) in sdp.lines().enumerate() {
        let malformed = AnswerError::Malformed(n.saturating_add(1));
        match line.split_once('=') {
            Some(("m", _)) if sections.len() >= most => return Err(AnswerError::Sections),
            Some(("m", media)) => sections.push(Section::read(media).ok_or(malformed)?),
            Some(("a", attribute)) => {
                read_attribute(attribute, &mut session, sections.last_mut()).ok_or(malformed)?;
            }
            Some((key, _)) if key.len() == 1 => {}
            None if line.is_empty() => {}
            _ => return Err(malformed),
        }
    }
    let kinds = [false, true, true, false].into_iter().chain(slots.iter().copied());
    if sections.len() != most || !sections.iter().map(|section| section.video).eq(kinds) {
        return Err(AnswerError::Sections);
    }
    let transport = remote_transport(&session, &sections)?;
    let sections =
        sections.iter().enumerate().map(|(n, section)| section.negotiate(n)).collect::<Result<_, _>>()?;
    Ok((transport, Negotiated { sections }))
}

fn read_attribute<'a>(
    attribute: &'a str,
    session: &mut Transport<'a>,
    section: Option<&mut Section<'a>>,
) -> Option<()> {
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    let Some(section) = section else { return session.read(name, value) };
    match name {
        "mid" => section.mid = Some(value),
        "sendrecv" => section.direction = Direction::SendRecv,
        "sendonly" => section.direction = Direction::SendOnly,
        "recvonly" => section.direction = Direction::RecvOnly,
        "inactive" => section.direction = Direction::Inactive,
        "rtpmap" => section.codecs.push(value.split_once(' ')?),
        "extmap" => {
            let (id, uri) = value.split_once(' ')?;
            let id = id.split('/').next()?;
            section.extensions.push((id, uri.split(' ').next()?));
        }
        "rid" => section.read_rid(value)?,
        _ => section.transport.read(name, value)?,
    }
    Some(())
}

impl<'a> Transport<'a> {
    /// Takes what belongs to the transport; `None` if it is malformed.
    fn read(&mut self, name: &str, value: &'a str) -> Option<()> {
        match name {
            "ice-ufrag" => self.ufrag = Some(credential(value, 4)?),
            "ice-pwd" => self.pwd = Some(credential(value, 22)?),
            "setup" => self.setup = Some(value),
            "fingerprint" => {
                let (hash, digest) = value.split_once(' ')?;
                if hash.eq_ignore_ascii_case("sha-256") {
                    self.fingerprint = Some(fingerprint(digest)?);
                }
            }
            _ => {}
        }
        Some(())
    }
}

impl<'a> Section<'a> {
    /// Reads `audio 9 UDP/TLS/RTP/SAVPF 111`.
    fn read(media: &'a str) -> Option<Self> {
        let mut words = media.split(' ');
        let video = match words.next()? {
            "audio" => false,
            "video" => true,
            _ => return None,
        };
        let port: u16 = words.next()?.parse().ok()?;
        let protocol = words.next()?;
        let payload_types: Vec<_> = words.take(64).collect();
        (protocol.ends_with("RTP/SAVPF") && !payload_types.is_empty()).then(|| Section {
            video,
            accepted: port != 0,
            payload_types,
            ..Section::default()
        })
    }

    /// Takes `q send`; other directions are no encodings of the browser.
    fn read_rid(&mut self, value: &'a str) -> Option<()> {
        let mut words = value.split(' ');
        let (rid, direction) = (words.next()?, words.next()?);
        if direction == "send" {
            let plain =
                !rid.is_empty() && rid.len() <= 16 && rid.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (plain && self.rids.len() < MAX_RIDS).then_some(())?;
            self.rids.push(rid);
        }
        Some(())
    }

    fn negotiate(&self, n: usize) -> Result<NegotiatedSection, AnswerError> {
        let mid = n.to_string();
        // A refused section may leave out everything (RFC 3264 §6).
        if self.mid.is_some_and(|given| given != mid) || (self.accepted && self.mid.is_none()) {
            return Err(AnswerError::Sections);
        }
        if self.accepted && !self.is_numbered_as_offered() {
            return Err(AnswerError::Numbering(mid));
        }
        Ok(NegotiatedSection {
            accepted: self.accepted,
            direction: if self.accepted { self.direction } else { Direction::Inactive },
            video: self.video,
            formats: self.formats(),
            rtx: self.video && self.numbers().any(is_repair),
            extensions: self.extension_ids(),
            rids: if self.accepted {
                self.rids.iter().map(|rid| (*rid).to_owned()).collect()
            } else {
                Vec::new()
            },
            mid,
        })
    }

    fn is_numbered_as_offered(&self) -> bool {
        // The first format is the one that everybody has.
        let [baseline, ..] = FORMATS;
        let main = if self.video { baseline.payload_type } else { OPUS };
        let codecs_agree = self.codecs.iter().all(|(number, codec)| match self.video {
            true => is_video_as_offered(number.parse().unwrap_or(0), codec),
            false => is(number, OPUS) == codec.eq_ignore_ascii_case("opus/48000/2"),
        });
        let extensions_agree = self.extensions.iter().all(|(id, uri)| match offered_id(uri) {
            Some(offered) => is(id, offered),
            None => true,
        });
        codecs_agree && extensions_agree && self.payload_types.iter().any(|number| is(number, main))
    }

    fn numbers(&self) -> impl Iterator<Item = u8> + '_ {
        self.payload_types.iter().filter_map(|number| number.parse().ok())
    }

    fn formats(&self) -> PayloadTypes {
        if !self.video || !self.accepted {
            return PayloadTypes::NONE;
        }
        self.numbers().fold(PayloadTypes::NONE, PayloadTypes::with)
    }

    fn extension_ids(&self) -> ExtensionIds {
        let accepted = |uri: &str, id: u8| {
            let found = self.accepted && self.extensions.iter().any(|(_, given)| *given == uri);
            if found { id } else { 0 }
        };
        ExtensionIds {
            audio_level: accepted(AUDIO_LEVEL, EXTENSION_IDS.audio_level),
            mid: accepted(MID, EXTENSION_IDS.mid),
            rid: accepted(RID, EXTENSION_IDS.rid),
            repaired_rid: accepted(REPAIRED_RID, EXTENSION_IDS.repaired_rid),
            transport_cc: accepted(TRANSPORT_CC, EXTENSION_IDS.transport_cc),
        }
    }
}

/// All sections are bundled on one transport: what they say about it must agree.
fn remote_transport(
    session: &Transport<'_>,
    sections: &[Section<'_>],
) -> Result<RemoteTransport, AnswerError> {
    let mut transport: Option<RemoteTransport> = None;
    for section in sections.iter().filter(|section| section.accepted) {
        let own = &section.transport;
        let ufrag = own.ufrag.or(session.ufrag).ok_or(AnswerError::Credentials)?;
        own.pwd.or(session.pwd).ok_or(AnswerError::Credentials)?;
        let fingerprint = own.fingerprint.or(session.fingerprint).ok_or(AnswerError::Fingerprint)?;
        if own.setup.or(session.setup) != Some("active") {
            return Err(AnswerError::Setup);
        }
        match &transport {
            None => transport = Some(RemoteTransport { ufrag: ufrag.to_owned(), fingerprint }),
            Some(first) if first.ufrag != ufrag => return Err(AnswerError::Credentials),
            Some(first) if first.fingerprint != fingerprint => return Err(AnswerError::Fingerprint),
            Some(_) => {}
        }
    }
    transport.ok_or(AnswerError::Sections)
}

fn offered_id(uri: &str) -> Option<u8> {
    Some(match uri {
        AUDIO_LEVEL => EXTENSION_IDS.audio_level,
        MID => EXTENSION_IDS.mid,
        RID => EXTENSION_IDS.rid,
        REPAIRED_RID => EXTENSION_IDS.repaired_rid,
        TRANSPORT_CC => EXTENSION_IDS.transport_cc,
        _ => return None,
    })
}

/// Our payload types mean what they meant in the offer, and our codecs have no others.
fn is_video_as_offered(number: u8, codec: &str) -> bool {
    if is_repair(number) || codec.eq_ignore_ascii_case("rtx/90000") {
        return is_repair(number) && codec.eq_ignore_ascii_case("rtx/90000");
    }
    let mut concerned = FORMATS
        .iter()
        .filter(|format| format.payload_type == number || format.name.eq_ignore_ascii_case(codec))
        .peekable();
    concerned.peek().is_none()
        || concerned.any(|format| format.payload_type == number && format.name.eq_ignore_ascii_case(codec))
}

fn is(number: &str, expected: u8) -> bool {
    number.parse() == Ok(expected)
}

/// `ice-char`s between `least` and 256 of them (RFC 8839 §5.4).
fn credential(value: &str, least: usize) -> Option<&str> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    ((least..=MAX_CREDENTIAL).contains(&value.len()) && value.bytes().all(good)).then_some(value)
}

/// 32 hex pairs joined by colons.
fn fingerprint(digest: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let mut pairs = digest.split(':');
    for byte in &mut bytes {
        let pair =
            pairs.next().filter(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    pairs.next().is_none().then_some(bytes)
}
