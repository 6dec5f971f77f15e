use super::*;
use proptest::prelude::*;

type NoHmac = fn(&[&[u8]]) -> [u8; INTEGRITY];

#[test]
fn a_written_message_is_read_back() {
    let peer: SocketAddr = "192.0.2.1:3478".parse().unwrap();
    let relayed: SocketAddr = "[2001:db8::7]:49152".parse().unwrap();
    let attributes = Attributes {
        username: Some(b"99:7"),
        realm: Some(b"lectern"),
        nonce: Some(b"n"),
        lifetime: Some(600),
        transport: Some(UDP),
        family: Some(Family::V6),
        channel: Some(0x4001),
        relayed: Some(relayed),
        mapped: Some(peer),
        peer: Some(peer),
        data: Some(b"data!"),
        ..Attributes::default()
    };
    for method in Method::ALL {
        for class in [Class::Request, Class::Indication, Class::Success, Class::Error] {
            let mut buffer = [0; 512];
            let mut signed = Vec::new();
            let hmac = |parts: &[&[u8]]| {
                signed = parts.concat();
                [7; INTEGRITY]
            };
            let len = write(&mut buffer, (method, class), &[5; 12], &attributes, Some(hmac)).unwrap();
            assert_eq!(length_in_stream(&buffer[..len]), Ok(Some(len)));
            let message = Message::parse(&buffer[..len]).unwrap();
            assert_eq!((message.method, message.class, message.transaction), (method, class, [5; 12]));
            assert_eq!((message.username, message.realm), (attributes.username, attributes.realm));
            assert_eq!((message.nonce, message.lifetime), (attributes.nonce, Some(600)));
            assert_eq!((message.transport, message.family), (Some(UDP), Some(Ok(Family::V6))));
            assert_eq!((message.channel, message.data), (Some(0x4001), attributes.data));
            assert_eq!((message.relayed, message.mapped), (Some(relayed), Some(peer)));
            assert_eq!(message.peers().collect::<Vec<_>>(), [peer]);
            assert!(message.is_signed());
            assert!(message.verify(|parts| {
                assert_eq!(parts.concat(), signed);
                [7; INTEGRITY]
            }));
            assert!(!message.verify(|_| [8; INTEGRITY]));
        }
    }
}

#[test]
fn an_error_tells_what_was_not_understood() {
    let mut buffer = [0; 128];
    let attributes = Attributes { error: Some(420), unknown: Some(0x7f01), ..Attributes::default() };
    let kind = (Method::Allocate, Class::Error);
    let len = write(&mut buffer, kind, &[0; 12], &attributes, None::<NoHmac>).unwrap();
    assert_eq!(Message::parse(&buffer[..len]).unwrap().error, Some(420));
    // The value of UNKNOWN-ATTRIBUTES, then its padding.
    assert_eq!(buffer[len - 8..len], [0, 10, 0, 2, 0x7f, 1, 0, 0]);
    // DONT-FRAGMENT must be understood.
    let request = [&[0, 3, 0, 4, 0x21, 0x12, 0xa4, 0x42][..], &[0; 12], &[0, 0x1a, 0, 0]].concat();
    assert_eq!(Message::parse(&request).unwrap().unknown, Some(0x1a));
}

#[test]
fn data_on_a_channel_is_found_with_its_padding() {
    let mut bytes = [0; 12];
    assert_eq!(write_channel_header(&mut bytes, 0x4fff, 5), Some(CHANNEL_HEADER));
    bytes[4..9].copy_from_slice(b"hello");
    assert_eq!(length_in_stream(&bytes), Ok(Some(12)));
    assert_eq!(ChannelData::parse(&bytes), Some(ChannelData { channel: 0x4fff, data: b"hello" }));
    assert_eq!(ChannelData::parse(&bytes[..8]), None);
    bytes[0] = 0x50;
    assert_eq!(ChannelData::parse(&bytes), None);
    assert_eq!(length_in_stream(&[0x80, 0, 0, 0]), Err(StunError::Malformed));
    assert_eq!(length_in_stream(&[0, 0, 0]), Ok(None));
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0usize..6) {
        let _ = (Message::parse(&bytes).is_ok(), ChannelData::parse(&bytes), length_in_stream(&bytes));
        if bytes.len() >= HEADER {
            let length = ((bytes.len() - HEADER) & !3) as u16;
            bytes.truncate(HEADER + usize::from(length));
            bytes[..2].copy_from_slice(&(Method::ALL[kind] as u16).to_be_bytes());
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            bytes[4..8].copy_from_slice(&stun::MAGIC_COOKIE.to_be_bytes());
            let _ = Message::parse(&bytes).map(|message| message.peers().count());
        }
    }
}
