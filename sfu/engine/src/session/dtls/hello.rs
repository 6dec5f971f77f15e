//! The browser's ClientHello, read before it is answered: which SRTP profiles it offers (RFC 5764 §4.1.1).
//!
//! Today's browsers send about 1400 bytes in two fragments, for the sake of a post-quantum key share.

use super::records::{CLIENT_HELLO, plain_fragments};
use crate::session::srtp::Profile;

/// Longest ClientHello, bytes.
const MAX_HELLO: usize = 8 * 1024;
/// Datagrams that are kept until the message is whole.
const MAX_HELD: usize = 8;
/// The `use_srtp` extension.
const USE_SRTP: u16 = 14;
const GCM_128: u16 = 0x0007;
const CM_SHA1_80: u16 = 0x0001;

/// Collects the first ClientHello.
#[derive(Default)]
pub(super) struct HelloReader {
    held: Vec<Vec<u8>>,
    message: Vec<u8>,
    /// Which bytes of `message` came, as ranges in no order.
    came: Vec<(usize, usize)>,
}

impl HelloReader {
    /// Takes a well-formed datagram. Once the hello is whole it gives the profile to use and all datagrams so far.
    /// A peer that offers none of ours gets no answer, as one that is not there.
    pub(super) fn push(&mut self, datagram: &[u8]) -> Option<(Profile, Vec<Vec<u8>>)> {
        if self.held.len() >= MAX_HELD {
            *self = Self::default();
        }
        self.held.push(datagram.to_vec());
        for fragment in plain_fragments(datagram) {
            if fragment.kind != CLIENT_HELLO || fragment.sequence != 0 || fragment.length > MAX_HELLO {
                continue;
            }
            if self.message.len() != fragment.length {
                self.message = vec![0; fragment.length];
                self.came.clear();
            }
            let end = fragment.offset.saturating_add(fragment.data.len());
            self.message.get_mut(fragment.offset..end)?.copy_from_slice(fragment.data);
            self.came.push((fragment.offset, end));
        }
        if !self.is_whole() {
            return None;
        }
        let profile = choose(&self.message)?;
        Some((profile, std::mem::take(self).held))
    }

    fn is_whole(&mut self) -> bool {
        self.came.sort_unstable();
        let reached = self.came.iter().fold(
            0,
            |reached, (start, end)| {
                if *start <= reached { reached.max(*end) } else { reached }
            },
        );
        !self.message.is_empty() && reached >= self.message.len()
    }
}

/// AES-128-GCM wherever the peer has it: it costs a fifth of the other.
fn choose(hello: &[u8]) -> Option<Profile> {
    let profiles = offered_profiles(hello)?;
    let offers = |id: u16| profiles.chunks_exact(2).any(|profile| profile == id.to_be_bytes());
    if offers(GCM_128) {
        Some(Profile::Aes128Gcm)
    } else {
        offers(CM_SHA1_80).then_some(Profile::Aes128CmSha1)
    }
}

/// The list of two-byte profile numbers in the hello's `use_srtp` (RFC 6347 §4.2.1, RFC 5764 §4.1.1).
fn offered_profiles(hello: &[u8]) -> Option<&[u8]> {
    const VERSION_AND_RANDOM: usize = 34;
    let mut rest = hello.get(VERSION_AND_RANDOM..)?;
    let (_session, _cookie) = (take_8(&mut rest)?, take_8(&mut rest)?);
    let (_suites, _compression) = (take_16(&mut rest)?, take_8(&mut rest)?);
    let mut extensions = take_16(&mut rest)?;
    while !extensions.is_empty() {
        let (kind, after) = extensions.split_first_chunk::<2>()?;
        extensions = after;
        let mut data = take_16(&mut extensions)?;
        if u16::from_be_bytes(*kind) == USE_SRTP {
            return take_16(&mut data);
        }
    }
    None
}

/// Takes a vector with a length of one byte.
fn take_8<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first()?;
    let (vector, after) = after.split_at_checked(usize::from(*length))?;
    *rest = after;
    Some(vector)
}

/// Takes a vector with a length of two bytes.
fn take_16<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<2>()?;
    let (vector, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    *rest = after;
    Some(vector)
}
