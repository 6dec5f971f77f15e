//! `scripts/bench loopback`: what a forwarded packet costs with real sockets, and how long it takes.
//!
//! One publisher, 150 subscribers, 1200-byte packets over 127.0.0.1. CPU is that of the shard's thread, kernel included;
//! loopback charges it the receivers' socket work too. Most subscribers' sockets are never read and drop what does not
//! fit; eight are read for the latency, which is measured from the publisher's send to the subscriber's receive, in
//! frames of one packet at about 70 % load of the shard. In the same run: the cost of the bare system calls.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use benches::keys::Browser;
use benches::loopback::{Class, node, shard_cpu_ns};
use benches::stats::{Report, median, quantile};
use sfu_node::Sfu;
use sfu_node::sys::{Outgoing, Sender, bind, cpu_time_ns};

const SUBSCRIBERS: u32 = 150;
const PACKET: usize = 1200;
const RUNS: usize = 7;
/// Every nth subscriber is read.
const READ: usize = 19;
const LOAD: f64 = 0.7;

/// CPU ns of the shard per forwarded packet, in frames of `packets` sent every `pace`.
async fn cpu_ns(sfu: &Sfu, packets: usize, pace: Duration) -> Result<f64, String> {
    let mut class = Class::open(sfu, SUBSCRIBERS).await?;
    let mut frame = || class.send_frame(packets, PACKET);
    paced(50, pace, &mut frame)?;
    let before = settled(sfu).await;
    let frames = 1600 / packets as u32;
    paced(frames, pace, &mut frame)?;
    let after = settled(sfu).await;
    class.close(sfu);
    let forwarded = after.1 - before.1;
    let sent = u64::from(frames) * packets as u64 * u64::from(SUBSCRIBERS);
    if forwarded < sent / 10 * 9 {
        let drops = sfu.counters().packets_dropped.into_iter().filter(|(_, count)| *count > 0);
        let drops: Vec<_> = drops.collect();
        return Err(format!("only {forwarded} of {sent} packets were forwarded; drops: {drops:?}"));
    }
    Ok((after.0 - before.0) as f64 / forwarded as f64)
}

/// CPU and forwarded packets once the shard is idle and has published its totals.
async fn settled(sfu: &Sfu) -> (u64, u64) {
    tokio::time::sleep(Duration::from_millis(250)).await;
    (shard_cpu_ns(), sfu.counters().packets_forwarded)
}

/// Calls `frame` every `pace`, waiting actively for exact times.
fn paced(frames: u32, pace: Duration, frame: &mut impl FnMut() -> Result<(), String>) -> Result<(), String> {
    let began = Instant::now();
    for number in 0..frames {
        while began.elapsed() < pace * number {
            std::thread::yield_now();
        }
        frame()?;
    }
    Ok(())
}

/// What the receivers saw: the number of each packet and when it came.
type Seen = Vec<(u64, Duration)>;

fn read(mut audience: Vec<(UdpSocket, Browser)>, zero: Instant, stop: &AtomicBool) -> Seen {
    let mut seen = Vec::new();
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let mut quiet = true;
        for (socket, browser) in &mut audience {
            while let Ok(length) = socket.recv(&mut buffer) {
                let at = zero.elapsed();
                quiet = false;
                let plain = buffer.get(..length).and_then(|packet| browser.open(packet));
                if let Some(number) = plain.and_then(|plain| plain.last_chunk().copied()) {
                    seen.push((u64::from_be_bytes(number), at));
                }
            }
        }
        if quiet {
            std::thread::yield_now();
        }
    }
    seen
}

/// Latencies in µs of single packets at about [`LOAD`] of the shard, and the load that was reached.
async fn latencies(sfu: &Sfu, cost_ns: f64) -> Result<(Vec<u64>, f64), String> {
    let mut class = Class::open(sfu, SUBSCRIBERS).await?;
    let pace = Duration::from_nanos((cost_ns * f64::from(SUBSCRIBERS) / LOAD) as u64);
    paced(100, pace, &mut || class.send_frame(1, PACKET))?;
    let mut number = 0;
    let read_them = class.audience.extract_if(.., |_| {
        number += 1;
        number % READ == 0
    });
    let audience: Vec<_> = read_them.collect();
    let stop = Arc::new(AtomicBool::new(false));
    let (zero, stopped) = (class.zero, stop.clone());
    let reader = std::thread::spawn(move || read(audience, zero, &stopped));
    let (began, cpu) = (Instant::now(), shard_cpu_ns());
    let first = class.sent.len() as u64;
    paced(10_000, pace, &mut || class.send_frame(1, PACKET))?;
    let load = (shard_cpu_ns() - cpu) as f64 / began.elapsed().as_nanos() as f64;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.store(true, Ordering::Relaxed);
    let seen = reader.join().map_err(|_| "the reader failed")?;
    let latency = |(number, at): &(u64, Duration)| {
        let sent = class.sent.get(*number as usize).filter(|_| *number >= first)?;
        Some(at.saturating_sub(*sent).as_micros() as u64)
    };
    Ok((seen.iter().filter_map(latency).collect(), load))
}

/// CPU ns per packet of bare sends: `train` packets for each of 64 receivers per system call.
fn send_ns(train: usize) -> Result<f64, String> {
    let text = |error: std::io::Error| error.to_string();
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let socket = bind(local).map_err(text)?;
    let receivers = (0..64).map(|_| UdpSocket::bind(local)).collect::<Result<Vec<_>, _>>().map_err(text)?;
    let addresses =
        receivers.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>().map_err(text)?;
    let bytes = vec![0x80; PACKET * train];
    let mut sender = Sender::new(false);
    let rounds = 400 / train;
    let began = cpu_time_ns();
    let mut sent = 0;
    for _ in 0..rounds {
        let items = addresses.iter().map(|&to| Outgoing { to, segment_size: PACKET, bytes: &bytes });
        sent += sender.send(&socket, items).sent;
    }
    Ok((cpu_time_ns() - began) as f64 / sent.max(1) as f64)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), String> {
    // Events are never waited for by a shard; nobody needs them here.
    let (sfu, _events) = node()?;
    let (mut single, mut train8, mut raw1, mut raw8) = (vec![], vec![], vec![], vec![]);
    for _ in 0..RUNS {
        single.push(cpu_ns(&sfu, 1, Duration::from_micros(1_000)).await?);
        train8.push(cpu_ns(&sfu, 8, Duration::from_micros(4_000)).await?);
        raw1.push(send_ns(1)?);
        raw8.push(send_ns(8)?);
    }
    let (mut latency, load) = latencies(&sfu, median(&single)).await?;
    let mut report = Report::new("loopback");
    report.runs("cpu_ns_per_packet_single", &single);
    report.runs("cpu_ns_per_packet_train8", &train8);
    report.runs("send_ns_single", &raw1);
    report.runs("send_ns_train8", &raw8);
    report.number("latency_us_p50", quantile(&mut latency, 0.5) as f64);
    report.number("latency_us_p99", quantile(&mut latency, 0.99) as f64);
    report.number("latency_load_percent", load * 100.0);
    report.number("latency_samples", latency.len() as f64);
    report.number("subscribers", f64::from(SUBSCRIBERS));
    report.print();
    Ok(())
}
