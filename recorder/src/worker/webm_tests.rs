use super::*;

/// Relative time, keyframe, size.
type Block = (i16, bool, usize);

/// A file as the muxer streams it: header, info, tracks, then clusters of (time, [(relative time, key, size)]).
fn file(clusters: &[(u64, &[Block])]) -> Vec<u8> {
    let mut out = element(&[0x1A, 0x45, 0xDF, 0xA3], &[0; 20]);
    out.extend([0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    out.extend(element(&[0x15, 0x49, 0xA9, 0x66], &[0; 50]));
    out.extend(element(&[0x16, 0x54, 0xAE, 0x6B], &[0; 200]));
    for (ms, blocks) in clusters {
        out.extend([0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        out.extend(element(&[0xE7], &ms.to_be_bytes()));
        for &(relative, key, size) in *blocks {
            let [high, low] = relative.to_be_bytes();
            let mut body = vec![0x81, high, low, if key { 0x80 } else { 0 }];
            body.resize(4 + size, 0xA3);
            out.extend(element(&[0xA3], &body));
        }
    }
    out
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u32 | 0x1000_0000).to_be_bytes();
    [id, &size, body].concat()
}

fn sample() -> Vec<u8> {
    file(&[
        (5000, &[(0, true, 3000), (33, false, 100), (66, false, 0)]),
        (6000, &[(0, false, 900)]),
        (7000, &[(10, true, 9), (20, false, 10)]),
    ])
}

#[test]
fn clusters_and_times_are_found_however_the_bytes_come() {
    let bytes = sample();
    for piece in [1, 2, 3, 7, 31, 32, 33, 64, 1000, bytes.len()] {
        let mut scanner = Scanner::new(false);
        bytes.chunks(piece).for_each(|piece| scanner.push(piece).unwrap());
        assert!(scanner.saw_tracks());
        assert_eq!(scanner.last_ms(), Some(7020));
        assert_eq!(scanner.whole(), bytes.len() as u64, "pieces of {piece}");
        let found: Vec<_> = scanner.clusters().iter().map(|cluster| (cluster.ms, cluster.entry)).collect();
        assert_eq!(found, [(5000, true), (6000, false), (7010, true)]);
        for cluster in scanner.clusters() {
            let at = cluster.offset as usize;
            assert_eq!(bytes[at..at + 4], [0x1F, 0x43, 0xB6, 0x75]);
        }
    }
}

#[test]
fn blocks_in_groups_count_too() {
    let mut bytes = file(&[]);
    for (ms, tag) in [(0_u64, 0x10), (40, 0x11)] {
        bytes.extend([0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend(element(&[0xE7], &ms.to_be_bytes()));
        let block = element(&[0xA1], &[0x81, 0, 0, 0, tag, 1, 2, 3]);
        bytes.extend(element(&[0xA0], &[element(&[0x9B], &[40]), block].concat()));
    }
    let mut scanner = Scanner::new(false);
    scanner.push(&bytes).unwrap();
    let found: Vec<_> = scanner.clusters().iter().map(|cluster| (cluster.ms, cluster.entry)).collect();
    assert_eq!((found, scanner.whole()), (vec![(0, true), (40, false)], bytes.len() as u64));
}

#[test]
fn a_cut_file_ends_at_its_last_whole_block() {
    let bytes = sample();
    for cut in 0..bytes.len() {
        let mut scanner = Scanner::new(false);
        scanner.push(&bytes[..cut]).unwrap();
        let whole = scanner.whole();
        assert!(whole <= cut as u64);
        let mut again = Scanner::new(false);
        again.push(&bytes[..whole as usize]).unwrap();
        assert_eq!((again.whole(), again.last_ms()), (whole, scanner.last_ms()));
    }
}

#[test]
fn reading_goes_on_in_the_middle() {
    let bytes = sample();
    let mut whole = Scanner::new(false);
    whole.push(&bytes).unwrap();
    let mut clusters = whole.clusters().to_vec();
    let last = clusters.pop().unwrap();
    let mut tail = Scanner::resume(false, last.offset, clusters);
    tail.push(&bytes[last.offset as usize..]).unwrap();
    assert_eq!(tail.clusters(), whole.clusters());
    assert_eq!((tail.whole(), tail.last_ms()), (whole.whole(), whole.last_ms()));
}

#[test]
fn other_bytes_are_refused_without_a_panic() {
    assert_eq!(Scanner::new(true).push(b"canary, not a film"), Err(NotWebm));
    let mut seed = 1_u32;
    for _ in 0..2000 {
        let mut bytes = sample();
        for _ in 0..4 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (seed >> 8) as usize % bytes.len();
            bytes[at] = seed as u8;
        }
        let _ = Scanner::new(false).push(&bytes);
    }
}
