//! What the server hands to the recorder process, as one JSON line on its standard input.
//!
//! Keys travel this way only: a command line or an environment can be read by others, a file outlives its use.

use std::io::{self, BufRead, Read};
use std::net::SocketAddr;
use std::path::PathBuf;

use protocol::ids::MeetingId;
use protocol::tap::SegmentNumber;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Longest line that is accepted, bytes.
const MAX_HANDOVER: u64 = 16 << 20;

/// Everything that a recorder process needs to start.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handover {
    /// How to reach the SFU node.
    pub access: TapAccess,
    /// The data folder.
    pub data: PathBuf,
    /// Segments that an earlier process left unfinished, with the keys to close them.
    pub unfinished: Vec<OpenSegment>,
}

/// Where taps are served, and the keys to be let in (mutual TLS, made at the server's start).
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TapAccess {
    /// Where the SFU node listens for taps.
    pub address: SocketAddr,
    /// Name in the node's certificate.
    pub server_name: String,
    /// Certificate of the authority that signed both certificates, PEM.
    pub ca_pem: String,
    /// The recorder's own certificate, PEM.
    pub cert_pem: String,
    /// Its private key, PEM.
    pub key_pem: String,
}

/// A segment that has no manifest yet.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenSegment {
    /// Whose segment.
    pub meeting: MeetingId,
    /// Which.
    pub segment: SegmentNumber,
    /// The recording's data key, 32 bytes as hex.
    pub data_key: String,
}

impl Handover {
    /// The line that a recorder process expects, with its line end.
    pub(crate) fn to_line(&self) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(serde_json::to_vec(self)?);
        line.push(b'\n');
        Ok(line)
    }

    /// Reads the line; what follows stays unread.
    pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Self> {
        let mut line = Zeroizing::new(Vec::new());
        input.by_ref().take(MAX_HANDOVER).read_until(b'\n', &mut line)?;
        // The parser's message could quote a key.
        serde_json::from_slice(&line)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a handover"))
    }
}
