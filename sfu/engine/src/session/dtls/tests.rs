use proptest::prelude::*;

use super::hello::HelloReader;
use super::records::{inspect, renumber};
use crate::session::srtp::Profile;

/// A record of epoch 0 around a handshake fragment.
fn record(number: u8, fragment: &[u8]) -> Vec<u8> {
    let length = (fragment.len() as u16).to_be_bytes();
    [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, number], &length[..], fragment].concat()
}

fn fragment(message: &[u8], from: usize, to: usize) -> Vec<u8> {
    let number = |n: usize| [(n >> 16) as u8, (n >> 8) as u8, n as u8];
    let header = [&[1], &number(message.len())[..], &[0, 0], &number(from), &number(to - from)].concat();
    [&header[..], &message[from..to]].concat()
}

/// A ClientHello's body with these SRTP profiles.
fn hello(profiles: &[u16]) -> Vec<u8> {
    let list: Vec<u8> = profiles.iter().flat_map(|profile| profile.to_be_bytes()).collect();
    let use_srtp = [&(list.len() as u16).to_be_bytes()[..], &list, &[0]].concat();
    let filler = [0xab; 1_200];
    let extensions = [
        &[0x11, 0xec][..],
        &(filler.len() as u16).to_be_bytes(),
        &filler,
        &[0, 14],
        &(use_srtp.len() as u16).to_be_bytes(),
        &use_srtp,
    ]
    .concat();
    let fixed = [&[0xfe, 0xfd][..], &[7; 32], &[0], &[0], &[0, 2, 0xc0, 0x2b], &[1, 0]].concat();
    [&fixed[..], &(extensions.len() as u16).to_be_bytes(), &extensions].concat()
}

#[test]
fn a_hello_in_fragments_of_any_order_is_read() {
    for (profiles, chosen) in [
        (&[1, 8, 7][..], Some(Profile::Aes128Gcm)),
        (&[7], Some(Profile::Aes128Gcm)),
        (&[1, 2], Some(Profile::Aes128CmSha1)),
        (&[2], None),
        (&[], None),
    ] {
        let message = hello(profiles);
        let middle = message.len() / 2;
        let first = record(0, &fragment(&message, 0, middle));
        let second = record(1, &fragment(&message, middle, message.len()));
        for order in [[&first, &second], [&second, &first]] {
            let mut reader = HelloReader::default();
            assert!(reader.push(order[0]).is_none());
            assert!(reader.push(order[0]).is_none(), "a repetition adds nothing");
            let read = reader.push(order[1]);
            assert_eq!(read.as_ref().map(|(profile, _)| *profile), chosen, "{profiles:?}");
            assert!(read.is_none_or(|(_, held)| held.len() == 3), "all datagrams are handed on");
        }
    }
}

#[test]
fn fragments_that_lie_about_their_lengths_are_refused() {
    let message = hello(&[7]);
    let good = fragment(&message, 0, 100);
    assert_eq!(inspect(&record(0, &good)).map(|contents| contents.fragments), Some(1));
    let change = |at: usize, value: u8| {
        let mut changed = good.clone();
        changed[at] = value;
        inspect(&record(0, &changed))
    };
    assert_eq!(change(1, 1), None, "a message of 64 KB");
    assert_eq!(change(4, 9), None, "the 2304th message");
    assert_eq!(change(7, 9), None, "an offset beyond the message");
    assert_eq!(change(11, 101), None, "a fragment beyond the record");
    assert_eq!(change(11, 99), None, "a byte too many");
    assert_eq!(inspect(&record(0, &fragment(&message, 5, 5))), None, "a fragment of nothing");
    assert_eq!(inspect(&record(0, &[])), None, "an empty record");
}

#[test]
fn plaintext_alerts_are_marked() {
    let alert = [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40];
    assert!(inspect(&alert).unwrap().plain_alert);
    let sealed = [21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40];
    assert!(!inspect(&sealed).unwrap().plain_alert);
}

#[test]
fn only_plaintext_records_get_new_numbers() {
    let sealed = [22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 7];
    let mut datagram = [record(0, &[1, 2, 3]), sealed.to_vec(), record(0, &[4])].concat();
    let mut next = 500;
    renumber(&mut datagram, &mut next);
    assert_eq!(next, 502);
    assert_eq!(datagram[9..11], [1, 0xf4]);
    assert_eq!(datagram[16..30], sealed);
    assert_eq!(datagram[39..41], [1, 0xf5]);
}

proptest! {
    #[test]
    fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), inner in prop::collection::vec(any::<u8>(), 0..60)) {
        let framed = record(0, &inner);
        for datagram in [&bytes, &framed] {
            let _ = inspect(datagram);
            let _ = HelloReader::default().push(datagram);
        }
        let mut next = 0;
        renumber(&mut bytes, &mut next);
    }
}
