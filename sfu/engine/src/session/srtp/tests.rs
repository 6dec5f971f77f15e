use super::*;
use proptest::prelude::*;
use rtc_srtp::config::Config;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use sfu_wire::rtp::{NewHeader, write_header};

const PROFILES: [Profile; 2] = [Profile::Aes128Gcm, Profile::Aes128CmSha1];

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn material(profile: Profile) -> Vec<u8> {
    (0..profile.material_len() as u8).map(|n| n.wrapping_mul(37) ^ 0x5c).collect()
}

/// Both ends of one connection.
fn ends(profile: Profile) -> ((SrtpIn, SrtpOut), (SrtpIn, SrtpOut)) {
    (keys(profile, &material(profile), true).unwrap(), keys(profile, &material(profile), false).unwrap())
}

fn packet(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; 64 + payload.len()];
    let header = NewHeader {
        payload_type: 96,
        sequence,
        timestamp: 90_000,
        ssrc,
        csrcs: &[7],
        extensions: &[(5, &[1, 2])],
        ..NewHeader::default()
    };
    let len = write_header(&mut buffer, &header).unwrap();
    [&buffer[..len], payload].concat()
}

fn seal(out: &SrtpOut, plain: &[u8], roc: u32) -> Vec<u8> {
    let mut buffer = [plain, &[0; SEAL_OVERHEAD]].concat();
    let len = out.seal_rtp(&mut buffer, plain.len(), roc).unwrap();
    buffer.truncate(len);
    buffer
}

fn seal_control(out: &mut SrtpOut, plain: &[u8]) -> Vec<u8> {
    let mut buffer = [plain, &[0; RTCP_OVERHEAD]].concat();
    let len = out.seal_rtcp(&mut buffer, plain.len()).unwrap();
    buffer.truncate(len);
    buffer
}

/// RFC 7714 §16.1.1 and §17.1: session keys as given there, so the ciphers are made of them directly.
#[test]
fn gives_the_packets_of_rfc_7714() {
    let key = hex("000102030405060708090a0b0c0d0e0f");
    let salt = hex("517569642070726f2071756f");
    let cipher = Cipher::with_gcm_session_keys(&key, &salt);
    let plain = hex(
        "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465
         73207472 6573",
    );
    let sealed = hex(
        "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b
         36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
    );
    let mut buffer = [&plain[..], &[0; 16]].concat();
    let len = cipher.seal_rtp(&mut buffer, 12, plain.len(), 0x5501_a0b2, 0xf17b).unwrap();
    assert_eq!(buffer[..len], sealed);
    assert_eq!(cipher.open_rtp(&mut buffer, 12, 0x5501_a0b2, 0xf17b), Ok(plain.len()));
    assert_eq!(buffer[..plain.len()], plain);

    let plain = hex(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef
         deadbeef deadbeef",
    );
    let sealed = hex(
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46
         86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
    );
    let mut buffer = [&plain[..], &[0; 20]].concat();
    let len = cipher.seal_rtcp(&mut buffer, plain.len(), 0x4d61_7273, 0x5d4).unwrap();
    assert_eq!(buffer[..len], sealed);
    assert_eq!(cipher.rtcp_index(&buffer), Some(0x5d4));
    assert_eq!(cipher.open_rtcp(&mut buffer, 0x4d61_7273, 0x5d4), Ok(plain.len()));
    assert_eq!(buffer[..plain.len()], plain);
}

/// The other end as rtc-srtp plays it: (what it receives with, what it sends with).
fn theirs(profile: Profile, is_client: bool) -> (Context, Context) {
    let id = match profile {
        Profile::Aes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Profile::Aes128CmSha1 => ProtectionProfile::Aes128CmHmacSha1_80,
    };
    let mut config = Config { profile: id, ..Config::default() };
    config.set_session_keys_from_keying_material(&material(profile), is_client).unwrap();
    let keys = &config.keys;
    let context = |key: &[u8], salt: &[u8]| {
        let provider = rtc_crypto::providers::AwsLcRsProvider::new();
        Context::new(key, salt, id, None, None, rtc_crypto::RTCCryptoProvider::crypto(&provider)).unwrap()
    };
    (
        context(&keys.remote_master_key, &keys.remote_master_salt),
        context(&keys.local_master_key, &keys.local_master_salt),
    )
}

#[test]
fn rtc_srtp_opens_what_is_sealed_here_and_the_other_way_round() {
    for profile in PROFILES {
        let (mut incoming, mut outgoing) = keys(profile, &material(profile), false).unwrap();
        let (mut their_incoming, mut their_outgoing) = theirs(profile, true);
        // Over a wrap of the sequence numbers, so that both rollover counters are in it.
        for index in 65_500u64..65_600 {
            let plain = packet(9, index as u16, &vec![index as u8; (index % 50) as usize]);
            let sealed = seal(&outgoing, &plain, (index >> 16) as u32);
            assert_eq!(their_incoming.decrypt_rtp(&sealed).unwrap()[..], plain, "{profile:?} {index}");
            let mut theirs = their_outgoing.encrypt_rtp(&plain).unwrap().to_vec();
            let opened = incoming.open_rtp(&mut theirs).unwrap();
            assert_eq!((&theirs[..opened.len], opened.index), (&plain[..], index), "{profile:?}");
        }
        for n in 0..20u8 {
            let report = [&[0x80, 201, 0, 1, 0, 0, 0, 9][..], &vec![n; usize::from(n) * 4]].concat();
            let sealed = seal_control(&mut outgoing, &report);
            assert_eq!(their_incoming.decrypt_rtcp(&sealed).unwrap()[..], report);
            let mut theirs = their_outgoing.encrypt_rtcp(&report).unwrap().to_vec();
            let len = incoming.open_rtcp(&mut theirs).unwrap();
            assert_eq!(theirs[..len], report);
        }
    }
}

#[test]
fn a_packet_opens_once() {
    for profile in PROFILES {
        let ((_, mut client), (mut server, _)) = ends(profile);
        let sealed: Vec<_> = (0..300u16).map(|n| seal(&client, &packet(1, n, b"media"), 0)).collect();
        for packet in &sealed {
            server.open_rtp(&mut packet.clone()).unwrap();
        }
        for packet in &sealed {
            assert_eq!(server.open_rtp(&mut packet.clone()), Err(OpenError::Replayed));
        }
        let report = seal_control(&mut client, &[0x80, 201, 0, 1, 0, 0, 0, 1]);
        server.open_rtcp(&mut report.clone()).unwrap();
        assert_eq!(server.open_rtcp(&mut report.clone()), Err(OpenError::Replayed));
    }
}

#[test]
fn late_packets_open_within_the_window_across_a_wrap() {
    for profile in PROFILES {
        let ((_, client), (mut server, _)) = ends(profile);
        let mut order: Vec<u64> = (65_400..65_700).collect();
        order.chunks_mut(100).for_each(<[u64]>::reverse);
        for index in order {
            let mut sealed = seal(&client, &packet(1, index as u16, b"media"), (index >> 16) as u32);
            assert_eq!(server.open_rtp(&mut sealed).map(|opened| opened.index), Ok(index), "{profile:?}");
        }
        let mut old = seal(&client, &packet(1, 65_699u64 as u16 - 128, b"media"), 1);
        assert_eq!(server.open_rtp(&mut old), Err(OpenError::Replayed));
    }
}

#[test]
fn the_keys_of_the_two_directions_differ() {
    for profile in PROFILES {
        let ((mut client_in, client), _) = ends(profile);
        let mut sealed = seal(&client, &packet(1, 1, b"media"), 0);
        assert_eq!(client_in.open_rtp(&mut sealed), Err(OpenError::Forged));
    }
}

#[test]
fn sealing_needs_room_and_a_header() {
    for profile in PROFILES {
        let (_, (_, mut server)) = ends(profile);
        let plain = packet(1, 1, b"media");
        let mut tight = [&plain[..], &[0; 5]].concat();
        assert_eq!(server.seal_rtp(&mut tight, plain.len(), 0), Err(SealError::Malformed));
        assert_eq!(server.seal_rtp(&mut [0x80; 40], 10, 0), Err(SealError::Malformed));
        assert_eq!(server.seal_rtp(&mut [0x80; 40], 100, 0), Err(SealError::Malformed));
        assert_eq!(server.seal_rtcp(&mut [0x80; 40], 7), Err(SealError::Malformed));
        server.rtcp_index = MAX_RTCP_INDEX;
        assert_eq!(server.seal_rtcp(&mut [0x80; 60], 8), Err(SealError::Exhausted));
    }
    assert!(keys(Profile::Aes128Gcm, &[0; 60], true).is_err());
}

proptest! {
    #[test]
    fn no_changed_packet_opens_and_none_changes_the_state(
        payload in prop::collection::vec(any::<u8>(), 0..200), at: usize, flip in 1u8..=255, cut: usize,
    ) {
        for profile in PROFILES {
            let ((_, mut client), (mut server, _)) = ends(profile);
            let sealed = seal(&client, &packet(1, 40_000, &payload), 0);
            let mut changed = sealed.clone();
            changed[at % sealed.len()] ^= flip;
            prop_assert!(server.open_rtp(&mut changed).is_err());
            prop_assert!(server.open_rtp(&mut sealed[..cut % sealed.len()].to_vec()).is_err());
            prop_assert_eq!(server.open_rtp(&mut sealed.clone()).map(|opened| opened.index), Ok(40_000));

            let report = [&[0x80, 201, 0, 1, 0, 0, 0, 1][..], &payload].concat();
            let sealed = seal_control(&mut client, &report);
            let mut changed = sealed.clone();
            changed[at % sealed.len()] ^= flip;
            prop_assert!(server.open_rtcp(&mut changed).is_err());
            prop_assert!(server.open_rtcp(&mut sealed[..cut % sealed.len()].to_vec()).is_err());
            prop_assert!(server.open_rtcp(&mut sealed.clone()).is_ok());
        }
    }

    #[test]
    fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for profile in PROFILES {
            let (_, (mut server, _)) = ends(profile);
            prop_assert!(server.open_rtp(&mut bytes).is_err());
            prop_assert!(server.open_rtcp(&mut bytes).is_err());
        }
    }
}
