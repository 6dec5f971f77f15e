use super::*;
use proptest::prelude::*;

/// RFC 5769 §2.1: a request under the password "VOkJxbRl1RmTxUk/WvJxBt".
const SAMPLE_REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Stands in for HMAC-SHA1 where only the covered bytes matter.
fn toy_hmac(parts: &[&[u8]]) -> [u8; INTEGRITY] {
    let mut sum = [0u8; INTEGRITY];
    for (n, byte) in parts.concat().iter().enumerate() {
        let at = n % INTEGRITY;
        sum[at] = sum[at].rotate_left(3).wrapping_add(byte ^ n as u8);
    }
    sum
}

#[test]
fn reads_the_sample_request_of_rfc_5769() {
    let datagram = bytes(SAMPLE_REQUEST);
    let message = Message::parse(&datagram).unwrap();
    assert_eq!(message.class, Class::Request);
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert_eq!(message.receiver_fragment(), Some(&b"evtj"[..]));
    assert_eq!((message.priority, message.controlled), (Some(0x6e00_01ff), Some(0x932f_f9b1_5126_3b36)));
    assert!(message.fingerprint && !message.use_candidate);
    // What is covered by the integrity: the header with the length up to it, and the attributes before it.
    message.verify(|parts| {
        assert_eq!(parts[0][..4], [0, 1, 0, 0x50]);
        assert_eq!(parts[1].len(), 0x50 - 24);
        [0; INTEGRITY]
    });
}

#[test]
fn every_flipped_bit_of_a_fingerprinted_message_is_refused() {
    let datagram = bytes(SAMPLE_REQUEST);
    for bit in 0..datagram.len() * 8 {
        let mut changed = datagram.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = match Message::parse(&changed) {
            Err(_) => true,
            // The type of FINGERPRINT itself may change into one that is ignored; integrity still covers the rest.
            Ok(message) => !message.fingerprint,
        };
        assert!(refused, "bit {bit}");
    }
}

#[test]
fn an_attribute_that_must_be_understood_is_named() {
    let mut buffer = [0; 128];
    type Integrity = fn(&[&[u8]]) -> [u8; INTEGRITY];
    let none: Option<Integrity> = None;
    let len = write_binding(&mut buffer, Class::Request, &[1; 12], &Attributes::default(), none).unwrap();
    assert_eq!(len, HEADER + 8);
    let unknown = [&buffer[..2], &[0, 4], &buffer[4..HEADER], &[0x7f, 0, 0, 0]].concat();
    assert_eq!(Message::parse(&unknown).err(), Some(StunError::UnknownAttribute(0x7f00)));
}

proptest! {
    #[test]
    fn a_written_message_is_read_back(
        transaction: [u8; 12], username in prop::collection::vec(any::<u8>(), 0..64), priority: Option<u32>,
        use_candidate: bool, controlling: Option<u64>, mapped: Option<SocketAddr>, error in prop::option::of(300u16..700),
    ) {
        let mut buffer = [0; 512];
        // A flow label or scope does not cross the wire.
        let mapped = mapped.map(|address| SocketAddr::new(address.ip(), address.port()));
        let attributes = Attributes {
            username: Some(&username), priority, use_candidate, controlling, controlled: None, mapped, error,
        };
        let len = write_binding(&mut buffer, Class::Success, &transaction, &attributes, Some(toy_hmac)).unwrap();
        let message = Message::parse(&buffer[..len]).unwrap();
        prop_assert_eq!(message.class, Class::Success);
        prop_assert_eq!(message.transaction, transaction);
        prop_assert_eq!(message.username, Some(&username[..]));
        prop_assert_eq!(message.priority, priority);
        prop_assert_eq!(message.use_candidate, use_candidate);
        prop_assert_eq!(message.controlling, controlling);
        prop_assert_eq!(message.mapped, mapped);
        prop_assert_eq!(message.error, error);
        prop_assert!(message.fingerprint && message.verify(toy_hmac));
        prop_assert!(!message.verify(|_| [0; INTEGRITY]));
    }

    #[test]
    fn any_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..96), fit: bool) {
        let length = if fit { body.len() as u16 } else { 0xffff };
        let datagram = [&[0, 1], &length.to_be_bytes()[..], &MAGIC_COOKIE.to_be_bytes(), &[0; 12], &body].concat();
        if let Ok(message) = Message::parse(&datagram) {
            let _ = message.verify(toy_hmac);
        }
        let _ = Message::parse(&body);
    }

    #[test]
    fn a_small_buffer_is_refused(size in 0usize..64) {
        let mut buffer = vec![0; size];
        let attributes = Attributes { username: Some(&[b'u'; 32]), ..Attributes::default() };
        prop_assert_eq!(write_binding(&mut buffer, Class::Request, &[0; 12], &attributes, Some(toy_hmac)), None);
    }
}
