//! The floor under every forwarded packet: copying and sealing it with AES-128-GCM, as SRTP does (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sfu_node::sys::cpu_time_ns;

/// Packets per run.
const PACKETS: u64 = 100_000;
/// Bytes of an RTP header with one CSRC.
const HEADER: usize = 16;

/// CPU ns to copy and seal one packet of `size` bytes (header included) in place, under `keys` keys in turn.
pub fn seal_ns(size: usize, keys: usize) -> f64 {
    let keys: Vec<LessSafeKey> = (0..keys.max(1))
        .filter_map(|number| UnboundKey::new(&AES_128_GCM, &[number as u8; 16]).ok())
        .map(LessSafeKey::new)
        .collect();
    let source = vec![0x5a; size];
    let mut arena = vec![0u8; 256 * 1024];
    let slot = size + 16;
    let slots = (arena.len() / slot).max(1);
    let began = cpu_time_ns();
    for number in 0..PACKETS {
        let start = (number as usize % slots) * slot;
        let Some(packet) = arena.get_mut(start..start + slot) else { continue };
        let Some((plain, tag_place)) = packet.split_at_mut_checked(size) else { continue };
        plain.copy_from_slice(&source);
        let Some((header, payload)) = plain.split_at_mut_checked(HEADER) else { continue };
        let mut nonce = [0u8; 12];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        let Some(key) = keys.get(number as usize % keys.len()) else { continue };
        let sealed =
            key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), payload);
        if let Ok(tag) = sealed {
            tag_place.copy_from_slice(tag.as_ref());
        }
    }
    std::hint::black_box(&arena);
    (cpu_time_ns() - began) as f64 / PACKETS as f64
}
