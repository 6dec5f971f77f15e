//! The chain of receipts: accepted as it was written, refused after any change.

mod common;

use std::path::{Path, PathBuf};

use common::{NOON, keeper, recorded_class, sweep, worlds};
use retention::receipts::{Chain, ChainError, Destroyed, Receipt, VerifyError, verify, verify_against};
use store::keys::DataKey;

fn receipt(number: u64) -> Receipt {
    Receipt {
        sequence: 0,
        at_ms: NOON,
        at: String::from("2026-11-22T12:00:00Z"),
        tenant: String::from("default"),
        kind: String::from("recording"),
        subject: format!("m-{number}"),
        reason: String::from("policy"),
        erasure: format!("{number:032}"),
        destroyed: Destroyed { keys: vec![format!("default/recording/m-{number}")], ..Destroyed::default() },
        previous: String::new(),
        signature: String::new(),
    }
}

/// A chain of `length` receipts; the file's path.
fn chain(folder: &Path, seed: &DataKey, length: u64) -> PathBuf {
    let mut chain = Chain::open(folder, seed).expect("a chain");
    for number in 1..=length {
        let written = chain.append(receipt(number), || Ok::<_, ChainError>(())).expect("a receipt");
        assert_eq!(written.sequence, number);
    }
    folder.join("chain.jsonl")
}

fn seed() -> DataKey {
    DataKey::from_bytes(&[7; 32]).expect("32 bytes")
}

#[test]
fn n1_an_untouched_chain_is_accepted_also_when_it_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = chain(folder.path(), &seed(), 0);
    assert_eq!(verify(&path).unwrap().receipts, 0);
    chain(folder.path(), &seed(), 0);
    let mut open = Chain::open(folder.path(), &seed()).unwrap();
    for number in 1..=3 {
        open.append(receipt(number), || Ok::<_, ChainError>(())).unwrap();
        let verified = verify(&path).unwrap();
        assert_eq!(verified.receipts, number);
        assert!(verified.to_string().contains("unbroken"));
    }
    assert_eq!(open.find(&format!("{:032}", 2)).unwrap().unwrap().subject, "m-2");
    assert!(open.find("another").unwrap().is_none());
}

#[test]
fn n1_any_one_changed_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain(folder.path(), &seed(), 2);
    for name in ["chain.jsonl", "head.json", "public.pem"] {
        let path = folder.path().join(name);
        let original = std::fs::read(&path).unwrap();
        for at in 0..original.len() {
            let mut changed = original.clone();
            changed[at] ^= if at % 2 == 0 { 1 } else { 0x80 };
            std::fs::write(&path, &changed).unwrap();
            assert!(verify(&chain).is_err(), "{name} byte {at}");
        }
        std::fs::write(&path, &original).unwrap();
        assert!(verify(&chain).is_ok());
    }
}

#[test]
fn n1_removed_moved_repeated_and_added_lines_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = chain(folder.path(), &seed(), 4);
    let original = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = original.split_inclusive('\n').collect();
    for order in [
        &[1, 2, 3][..],
        &[0, 2, 3],
        &[0, 1, 3],
        &[1, 0, 2, 3],
        &[0, 1, 3, 2],
        &[0, 0, 1, 2, 3],
        &[0, 1, 2, 3, 3],
    ] {
        let text: String = order.iter().map(|&at| lines[at]).collect();
        std::fs::write(&path, text).unwrap();
        assert!(verify(&path).is_err(), "{order:?}");
    }
    for extra in ["\n", " ", "{}\n", "half a line"] {
        std::fs::write(&path, format!("{original}{extra}")).unwrap();
        assert!(verify(&path).is_err(), "{extra:?}");
    }
}

#[test]
fn n1_a_cut_tail_is_refused_through_the_head() {
    let folder = tempfile::tempdir().unwrap();
    let path = chain(folder.path(), &seed(), 3);
    let original = std::fs::read(&path).unwrap();
    for length in 0..original.len() {
        std::fs::write(&path, &original[..length]).unwrap();
        assert!(verify(&path).is_err(), "cut to {length}");
    }
    let two: usize = original.split_inclusive(|&byte| byte == b'\n').take(2).map(<[u8]>::len).sum();
    std::fs::write(&path, &original[..two]).unwrap();
    assert!(matches!(verify(&path), Err(VerifyError::Cut { found: 2, expected: 3 })));
    // And the server appends nothing to it.
    assert!(matches!(Chain::open(folder.path(), &seed()), Err(ChainError::Changed(_))));
}

#[test]
fn n1_a_chain_of_another_key_is_refused_by_whoever_kept_the_key() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = verify(&chain(ours.path(), &seed(), 2)).unwrap().public_key;
    let forged = chain(theirs.path(), &DataKey::from_bytes(&[8; 32]).unwrap(), 2);
    assert!(verify_against(&ours.path().join("chain.jsonl"), &kept).is_ok());
    assert!(matches!(verify_against(&forged, &kept), Err(VerifyError::OtherKey(_))));
    std::fs::copy(ours.path().join("public.pem"), theirs.path().join("public.pem")).unwrap();
    assert!(verify(&forged).is_err());
    assert!(matches!(
        Chain::open(ours.path(), &DataKey::from_bytes(&[8; 32]).unwrap()),
        Err(ChainError::Changed(_))
    ));
}

#[test]
fn n1_a_receipt_that_was_being_written_when_the_power_went_is_adopted_or_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = chain(folder.path(), &seed(), 2);
    let head = std::fs::read(folder.path().join("head.json")).unwrap();
    chain(folder.path(), &seed(), 0);
    let mut open = Chain::open(folder.path(), &seed()).unwrap();
    open.append(receipt(3), || Ok::<_, ChainError>(())).unwrap();
    drop(open);
    let whole = std::fs::read(&path).unwrap();
    let two: usize = whole.split_inclusive(|&byte| byte == b'\n').take(2).map(<[u8]>::len).sum();
    for length in two..=whole.len() {
        std::fs::write(folder.path().join("head.json"), &head).unwrap();
        std::fs::write(&path, &whole[..length]).unwrap();
        drop(Chain::open(folder.path(), &seed()).unwrap());
        let expected = if length == whole.len() { 3 } else { 2 };
        assert_eq!(verify(&path).unwrap().receipts, expected, "{length} bytes");
    }
}

#[test]
fn n1_a_line_that_the_server_did_not_sign_is_not_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = chain(folder.path(), &seed(), 1);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{{}}\n")).unwrap();
    assert!(matches!(Chain::open(folder.path(), &seed()), Err(ChainError::Changed(_))));
    std::fs::write(&path, &text).unwrap();
    std::fs::remove_file(folder.path().join("head.json")).unwrap();
    assert!(matches!(Chain::open(folder.path(), &seed()), Err(ChainError::Changed(_))));
}

#[test]
fn n1_the_public_key_is_one_that_common_tools_read() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), &seed(), 1);
    let pem = std::fs::read_to_string(folder.path().join("public.pem")).unwrap();
    // RFC 8410 §10.1: the body of an Ed25519 key always begins so.
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA"), "{pem}");
}

#[tokio::test]
async fn n1_two_processes_that_sweep_at_once_write_one_unbroken_chain() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        for number in 0..6 {
            recorded_class(&world, &tenant, &format!("m-{number}")).await;
        }
        let (a, b) = (keeper(&world), keeper(&world));
        let now_ms = NOON + 7 * common::DAY;
        let (a, b) = tokio::join!(a.sweep(now_ms, false), b.sweep(now_ms, false));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(a.failed.is_empty() && b.failed.is_empty(), "{a}{b}");
        sweep(&world, now_ms).await;
        let verified = verify(&keeper(&world).chain()).unwrap();
        // Six recordings and six days of addresses, each once.
        assert_eq!(verified.receipts, 12, "{a}{b}");
    }
}
