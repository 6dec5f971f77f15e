//! `scripts/bench forward`: what the engine itself costs per forwarded packet, in memory, without system calls.
//!
//! One publisher, 200 subscribers, 1200-byte packets in frames of six (and of one), AES-128-GCM. CPU time of the
//! thread, from the datagram that came in to trains that are ready to be sent, so opening, routing, rewriting and sealing are all
//! in it. In the same run, interleaved: the cost of copying and sealing such a packet with nothing around it.

use benches::aead::seal_ns;
use benches::room::Room;
use benches::stats::Report;
use sfu_node::sys::cpu_time_ns;

const SUBSCRIBERS: u32 = 200;
const PACKET: usize = 1200;
const RUNS: usize = 9;

/// Forwards `frames` frames and gives CPU ns and packets forwarded. What the publisher does is not measured.
fn run(room: &mut Room, frames: usize, packets: usize) -> (u64, u64) {
    let (mut spent, before) = (0, room.forwarded());
    for _ in 0..frames {
        let mut datagrams = room.frame(packets, PACKET);
        let began = cpu_time_ns();
        room.forward(&mut datagrams);
        spent += cpu_time_ns() - began;
    }
    (spent, room.forwarded() - before)
}

/// CPU ns per forwarded packet in frames of `packets`, about 60,000 packets a run.
fn own_cpu_ns(room: &mut Room, packets: usize) -> Result<f64, String> {
    let frames = 60_000 / SUBSCRIBERS as usize / packets;
    let (spent, sent) = run(room, frames, packets);
    let expected = (frames * packets) as u64 * u64::from(SUBSCRIBERS);
    if sent != expected {
        return Err(format!("{sent} packets forwarded instead of {expected}"));
    }
    Ok(spent as f64 / sent as f64)
}

fn warm_room() -> Result<Room, String> {
    let mut room = Room::new(SUBSCRIBERS)?;
    run(&mut room, 20, 6);
    Ok(room)
}

fn main() -> Result<(), String> {
    let (mut frames, mut singles, mut aead) = (vec![], vec![], vec![]);
    let mut room = warm_room()?;
    for _ in 0..RUNS {
        // Its participants would be gone after 30 s: later runs need a new room.
        if room.now.0 > 20_000_000 {
            room = warm_room()?;
        }
        frames.push(own_cpu_ns(&mut room, 6)?);
        singles.push(own_cpu_ns(&mut room, 1)?);
        aead.push(seal_ns(PACKET, SUBSCRIBERS as usize));
    }
    let mut report = Report::new("forward");
    report.runs("own_cpu_ns_per_packet", &frames);
    report.runs("own_cpu_ns_per_packet_single", &singles);
    report.runs("aead_ns_per_packet", &aead);
    report.number("subscribers", f64::from(SUBSCRIBERS));
    report.number("runs", RUNS as f64);
    report.print();
    Ok(())
}
