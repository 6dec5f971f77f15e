//! Media under the agreed keys.

use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile as Offered;

use super::*;

fn connect(profiles: Vec<Offered>) -> World {
    let mut world = World::with_client(&ClientDtlsConfig { profiles, ..ClientDtlsConfig::default() });
    world.accept_answer();
    world.run(2_000, |_, _| true);
    world
}

/// Bytes that sealing adds: 16 for AES-GCM, 10 for HMAC-SHA1-80.
fn overhead(world: &World) -> usize {
    let plain = rtp(10, 1);
    let mut buffer = [&plain[..], &[0; SEAL_OVERHEAD]].concat();
    world.server.seal_rtp(&mut buffer, plain.len(), 0).unwrap() - plain.len()
}

#[test]
fn r8_aes_gcm_is_chosen_whatever_the_order_of_the_offer() {
    use Offered::*;
    let chromium = connect(vec![Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp_Aead_Aes_256_Gcm, Srtp_Aead_Aes_128_Gcm]);
    assert_eq!(overhead(&chromium), 16);
    let firefox = connect(vec![Srtp_Aead_Aes_128_Gcm, Srtp_Aead_Aes_256_Gcm, Srtp_Aes128_Cm_Hmac_Sha1_80]);
    assert_eq!(overhead(&firefox), 16);
    let old = connect(vec![Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp_Aes128_Cm_Hmac_Sha1_32]);
    assert_eq!(overhead(&old), 10);
}

#[test]
fn a_peer_without_a_usable_profile_is_not_answered() {
    let world = connect(vec![Offered::Srtp_Aes128_Cm_Hmac_Sha1_32]);
    assert_eq!(world.server.state(), SessionState::New);
}

#[test]
fn media_passes_both_ways_under_both_profiles() {
    for profile in [Offered::Srtp_Aead_Aes_128_Gcm, Offered::Srtp_Aes128_Cm_Hmac_Sha1_80] {
        let mut world = connect(vec![profile]);
        assert!(world.media_passes(1) && world.media_passes(2));
        let plain = rtp(10, 7);
        let mut buffer = [&plain[..], &[0; SEAL_OVERHEAD]].concat();
        let len = world.server.seal_rtp(&mut buffer, plain.len(), 0).unwrap();
        let now = world.now;
        assert_eq!(world.client.handle(now, &buffer[..len]), Some(Received::Rtp(plain)));
        let report = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
        let mut buffer = [&report[..], &[0; RTCP_OVERHEAD]].concat();
        let len = world.server.seal_rtcp(&mut buffer, report.len()).unwrap();
        assert_eq!(world.client.handle(now, &buffer[..len]), Some(Received::Rtcp(report.clone())));
        let mut sealed = world.client.seal_rtcp(&report).unwrap();
        let len = world.server.open_rtcp(&mut sealed).unwrap();
        assert_eq!(sealed[..len], report);
    }
}

#[test]
fn replayed_packets_are_refused() {
    let mut world = World::connected();
    let sealed: Vec<_> = (1..200).map(|n| world.client.seal_rtp(&rtp(7, n)).unwrap()).collect();
    for packet in &sealed {
        world.server.open_rtp(&mut packet.clone()).unwrap();
    }
    for packet in &sealed {
        assert_eq!(world.server.open_rtp(&mut packet.clone()), Err(OpenError::Replayed));
    }
    let report = world.client.seal_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 1]).unwrap();
    assert!(world.server.open_rtcp(&mut report.clone()).is_ok());
    assert_eq!(world.server.open_rtcp(&mut report.clone()), Err(OpenError::Replayed));
}
