//! What a participant costs (architecture.md §10).

use crate::common::{ROOM, World};
use sfu_engine::{ParticipantId, Source};

const KIB: u64 = 1 << 10;

#[test]
fn a_listener_with_twelve_slots_takes_at_most_256_kib() {
    let mut world = World::new(400);
    let info = allocation_counter::measure(|| {
        for number in 0..50 {
            // Five voices, a screen, its sound, and five cameras.
            drop(world.engine.join(world.now, ROOM, ParticipantId(500 + number), 5).unwrap());
            let remote = std::net::SocketAddr::from(([10, 2, 0, number as u8], 1));
            world.engine.connect_with_keys(
                world.now,
                ParticipantId(500 + number),
                remote,
                &[number as u8; 56],
            );
        }
    });
    let each = info.bytes_current.unsigned_abs() / 50;
    assert!(each <= 256 * KIB, "{each} bytes");
}

#[test]
fn a_publisher_in_three_layers_takes_at_most_a_mebibyte_and_a_half() {
    let mut world = World::new(401);
    world.join_many(2);
    let before = world.browsers[0].address;
    let mut taken = 0;
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.view(1, &[0], 720);
    for _ in 0..5_000 {
        world.now = world.now + sfu_engine::Micros::from_millis(1);
        let now = world.now;
        let mut datagrams = world.browsers[0].send(now);
        let engine = &mut world.engine;
        let info = allocation_counter::measure(|| {
            for datagram in &mut datagrams {
                let _ = engine.handle_datagram(now, before, datagram);
            }
            engine.handle_timeout(now);
            while engine.poll_transmits(now).is_some() {}
            while engine.poll_event().is_some() {}
        });
        taken += info.bytes_current;
    }
    let arena = 260 * KIB as i64;
    assert!(taken - arena <= (1_536 * KIB) as i64, "{taken} bytes");
    let layers = world.engine.layers(world.now, world.id(0), Source::Camera);
    assert_eq!(layers.iter().map(|layer| layer.height).collect::<Vec<_>>(), [180, 360, 720]);
    // 25 frames of five packets of 800 bytes.
    assert!((700_000..900_000).contains(&layers[2].bitrate), "{layers:?}");
    assert_eq!(layers.iter().map(|layer| layer.slots).collect::<Vec<_>>(), [0, 0, 1]);
}
