//! Per packet, after warm-up, the engine takes no memory (ARCHITECTURE.md, invariant 2).

#[path = "room/common/mod.rs"]
mod common;

use common::World;
use sfu_engine::Source;

const SUBSCRIBERS: usize = 40;

#[test]
fn after_warm_up_no_packet_takes_memory() {
    let mut world = World::new(200);
    world.join_many(SUBSCRIBERS + 1);
    world.start_camera(0);
    world.start_microphone(0, 30);
    for subscriber in 1..=SUBSCRIBERS {
        world.view(subscriber, &[0], if subscriber % 2 == 0 { 720 } else { 180 });
    }
    world.run(3_000);

    let before = world.engine.counters().packets_forwarded;
    let mut allocated = 0;
    for _ in 0..2_000 {
        world.now = world.now + sfu_engine::Micros::from_millis(1);
        let now = world.now;
        let address = world.browsers[0].address;
        let mut datagrams = world.browsers[0].send(now);
        let engine = &mut world.engine;
        let info = allocation_counter::measure(|| {
            for datagram in &mut datagrams {
                engine.handle_datagram(now, address, datagram);
            }
            engine.handle_timeout(now);
            while let Some(batch) = engine.poll_transmits(now) {
                std::hint::black_box(batch.iter().count());
            }
            while engine.poll_event().is_some() {}
        });
        allocated += info.count_total;
    }
    let forwarded = world.engine.counters().packets_forwarded - before;
    assert!(forwarded >= 10_000, "{forwarded}");
    assert_eq!(allocated, 0, "allocations in {forwarded} forwarded packets");
    assert!(world.slot_of(1, 0, Source::Camera).is_some());
}
