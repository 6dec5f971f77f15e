//! Sealed files: every range reads back, every change is found, a killed writer loses at most its last chunk.

use std::path::PathBuf;

use proptest::prelude::*;
use store::keys::DataKey;
use store::sealed::{CHUNK, Reader, SealedError, Writer, recover};
use tempfile::TempDir;

const CONTEXT: &str = "recordings/m-1/1/w_a-camera.webm";

struct Place {
    key: DataKey,
    path: PathBuf,
    _folder: TempDir,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    Place { key: DataKey::random().expect("a key"), path: folder.path().join("file.sealed"), _folder: folder }
}

impl Place {
    fn write(&self, chunks: &[&[u8]], close: bool) {
        let mut writer = Writer::create(&self.path, &self.key, CONTEXT).expect("a file");
        for chunk in chunks {
            writer.write(chunk).expect("room");
            writer.flush().expect("room");
        }
        if close {
            let stored = writer.close().expect("room");
            assert_eq!(stored, std::fs::metadata(&self.path).expect("a file").len());
        }
    }

    fn read(&self) -> Result<Vec<u8>, SealedError> {
        Reader::open(&self.path, &self.key, CONTEXT)?.read_all()
    }

    fn read_unfinished(&self) -> Result<Vec<u8>, SealedError> {
        Reader::open_unfinished(&self.path, &self.key, CONTEXT)?.read_all()
    }
}

#[test]
fn no_plaintext_is_in_the_file() {
    let place = place();
    let secret = b"a sentence that was said in class";
    place.write(&[secret, &vec![7; 3 * CHUNK]], true);
    let stored = std::fs::read(&place.path).unwrap();
    assert!(!stored.windows(8).any(|window| secret.windows(8).any(|part| part == window)));
    assert_eq!(place.read().unwrap(), [secret.as_slice(), &vec![7; 3 * CHUNK]].concat());
}

#[test]
fn every_changed_bit_is_found() {
    let place = place();
    let chunks: [&[u8]; 3] = [b"first", b"second one", b"third"];
    place.write(&chunks, true);
    let whole = chunks.concat();
    let stored = std::fs::read(&place.path).unwrap();
    for at in 0..stored.len() {
        for bit in 0..8 {
            let mut changed = stored.clone();
            changed[at] ^= 1 << bit;
            std::fs::write(&place.path, &changed).unwrap();
            assert!(place.read().is_err(), "byte {at} bit {bit}");
            // Whoever accepts a file without its end still never gets a byte that was not written there.
            if let Ok(read) = place.read_unfinished() {
                assert!(whole.starts_with(&read), "byte {at} bit {bit}");
            }
        }
    }
}

#[test]
fn every_truncation_and_addition_is_found() {
    let place = place();
    place.write(&[b"first", b"second one", b"third"], true);
    let stored = std::fs::read(&place.path).unwrap();
    for length in 0..stored.len() {
        std::fs::write(&place.path, &stored[..length]).unwrap();
        assert!(place.read().is_err(), "cut to {length}");
    }
    for extra in [&[0_u8][..], &stored[36..], &[0; 64]] {
        std::fs::write(&place.path, [&stored, extra].concat()).unwrap();
        assert!(place.read().is_err(), "{} bytes more", extra.len());
    }
}

#[test]
fn chunks_cannot_be_moved_dropped_or_repeated() {
    let place = place();
    place.write(&[b"aaaa", b"bbbb", b"cccc"], true);
    let stored = std::fs::read(&place.path).unwrap();
    let (header, body) = stored.split_at(36);
    let chunks: Vec<_> = body.chunks(4 + 4 + 16).collect();
    for order in [&[1, 0, 2, 3][..], &[0, 2, 3], &[0, 0, 1, 2, 3], &[0, 1, 3], &[1, 2, 3], &[3]] {
        let moved: Vec<u8> = order.iter().flat_map(|&at| chunks[at].iter().copied()).collect();
        std::fs::write(&place.path, [header, &moved].concat()).unwrap();
        assert!(place.read().is_err(), "{order:?}");
    }
}

#[test]
fn a_file_opens_under_its_own_key_and_place_alone() {
    let place = place();
    place.write(&[b"aaaa"], true);
    assert!(Reader::open(&place.path, &DataKey::random().unwrap(), CONTEXT).is_err());
    assert!(Reader::open(&place.path, &place.key, "recordings/m-1/2/w_a-camera.webm").is_err());
    assert!(Reader::open(&place.path, &place.key, CONTEXT).is_ok());
}

#[test]
fn two_files_under_one_key_share_no_byte_of_cipher() {
    let (a, b) = (place(), place());
    for path in [&a.path, &b.path] {
        let mut writer = Writer::create(path, &a.key, CONTEXT).unwrap();
        writer.write(&[0; 1000]).unwrap();
        writer.close().unwrap();
    }
    let (a, b) = (std::fs::read(&a.path).unwrap(), std::fs::read(&b.path).unwrap());
    assert!(!a[40..].windows(8).any(|part| b[40..].windows(8).any(|other| other == part)));
}

#[test]
fn a_killed_writer_loses_its_last_chunk_alone_and_recovery_closes_the_file() {
    let place = place();
    place.write(&[b"first", b"second one", b"third"], false);
    let stored = std::fs::read(&place.path).unwrap();
    for length in 36..=stored.len() {
        std::fs::write(&place.path, &stored[..length]).unwrap();
        let expected: &[u8] = match length - 36 {
            0..25 => b"",
            25..55 => b"first",
            55..80 => b"firstsecond one",
            _ => b"firstsecond onethird",
        };
        assert_eq!(place.read_unfinished().unwrap(), expected, "{length}");
        assert!(matches!(place.read(), Err(SealedError::Unfinished)), "{length}");
        let recovered = recover(&place.path, &place.key, CONTEXT).unwrap();
        assert_eq!(recovered.length, expected.len() as u64);
        assert_eq!(place.read().unwrap(), expected, "{length}");
        // Again changes nothing.
        let closed = std::fs::read(&place.path).unwrap();
        assert_eq!(recover(&place.path, &place.key, CONTEXT).unwrap().cut, 0);
        assert_eq!(std::fs::read(&place.path).unwrap(), closed);
    }
}

#[test]
fn zeros_that_a_power_cut_left_at_the_end_are_cut_off() {
    let place = place();
    place.write(&[b"first", b"second one"], false);
    let mut stored = std::fs::read(&place.path).unwrap();
    let end = stored.len();
    stored[end - 20..].fill(0);
    stored.extend_from_slice(&[0; 4096]);
    std::fs::write(&place.path, &stored).unwrap();
    assert_eq!(place.read_unfinished().unwrap(), b"first");
    recover(&place.path, &place.key, CONTEXT).unwrap();
    assert_eq!(place.read().unwrap(), b"first");
}

#[test]
fn an_existing_file_is_never_written_again() {
    let place = place();
    place.write(&[b"first"], true);
    assert!(matches!(Writer::create(&place.path, &place.key, CONTEXT), Err(SealedError::Io(_))));
}

#[test]
fn a_growing_file_is_read_while_it_is_written() {
    let place = place();
    let mut writer = Writer::create(&place.path, &place.key, CONTEXT).unwrap();
    let mut expected = Vec::new();
    for round in 0..20_u8 {
        let part = vec![round; 10_000];
        writer.write(&part).unwrap();
        writer.flush().unwrap();
        expected.extend_from_slice(&part);
        assert_eq!(place.read_unfinished().unwrap(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_of_any_file_reads_back(
        parts in prop::collection::vec((0..3 * CHUNK, any::<bool>()), 0..6),
        ranges in prop::collection::vec((0.0..1.0, 0.0..1.0), 8),
    ) {
        let place = place();
        let mut writer = Writer::create(&place.path, &place.key, CONTEXT).unwrap();
        let mut whole: Vec<u8> = Vec::new();
        for (length, flush) in parts {
            let part: Vec<u8> = (0..length).map(|at| (at ^ (at >> 8) ^ whole.len()) as u8).collect();
            writer.write(&part).unwrap();
            if flush {
                writer.flush().unwrap();
            }
            whole.extend_from_slice(&part);
        }
        prop_assert_eq!(writer.written(), whole.len() as u64);
        writer.close().unwrap();
        let reader = Reader::open(&place.path, &place.key, CONTEXT).unwrap();
        prop_assert_eq!(reader.len(), whole.len() as u64);
        for (a, b) in ranges {
            let (a, b) = ((a * whole.len() as f64) as usize, (b * whole.len() as f64) as usize);
            let (from, to) = (a.min(b), a.max(b));
            prop_assert_eq!(reader.read_range(from as u64..to as u64).unwrap(), &whole[from..to]);
        }
        prop_assert_eq!(reader.read_all().unwrap(), whole.as_slice());
        let beyond = whole.len() as u64 + 1;
        prop_assert!(matches!(reader.read_range(0..beyond), Err(SealedError::Range)));
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let place = place();
        std::fs::write(&place.path, [b"LSF1".as_slice(), &bytes].concat()).unwrap();
        prop_assert!(place.read().is_err());
        prop_assert!(place.read_unfinished().map_or(true, |read| read.is_empty()));
    }
}
