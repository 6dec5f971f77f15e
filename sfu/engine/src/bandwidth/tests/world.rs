//! A sender that is a server forwarding cameras, a receiver that is a browser, and a link between them.

use std::collections::BTreeMap;

use sfu_wire::rtcp::{Rtcp, RtcpWriter, packets};

use super::link::{Link, Nature};
use crate::bandwidth::{BELOW, Bandwidth};
use crate::time::Micros;

/// Between two feedbacks of the browser, µs.
const FEEDBACK: u64 = 100_000;
const FRAME: u64 = 33_000;
const VOICE: u64 = 20_000;
const PACKET: usize = 1_200;

/// How much media there is.
#[derive(Clone, Copy, Debug)]
pub enum Media {
    /// As much as the estimate allows.
    Elastic,
    /// This much and no more, bit/s.
    Steady(f64),
    /// This much, with pauses: (bit/s, on ms, off ms).
    Pausing(f64, u64, u64),
}

impl Media {
    fn rate(self, now: u64, estimate: f64) -> f64 {
        match self {
            Media::Elastic => estimate,
            Media::Steady(rate) => rate.min(estimate),
            Media::Pausing(rate, on, off) if (now / 1_000) % (on + off) < on => rate.min(estimate),
            Media::Pausing(..) => 0.0,
        }
    }

    fn demand(self) -> u64 {
        match self {
            Media::Elastic => 100_000_000,
            Media::Steady(rate) | Media::Pausing(rate, ..) => rate as u64 * 5 / 4,
        }
    }
}

/// The estimate at a time, ms and bit/s.
pub struct Sample {
    pub at: u64,
    pub estimate: f64,
}

pub struct Run {
    pub samples: Vec<Sample>,
    pub link: Link,
    pub padding: u64,
    pub bytes: u64,
}

struct Sender {
    bandwidth: Bandwidth,
    link: Link,
    /// Arrivals at the browser, by time and number.
    travelling: BTreeMap<(u64, u64), u64>,
    count: u64,
    bytes: u64,
}

impl Sender {
    fn send(&mut self, now: u64, size: usize) {
        let sequence = u64::from(self.bandwidth.next_sequence());
        assert_eq!(sequence, self.count & 0xffff);
        self.bandwidth.sent(Micros(now), size);
        self.bytes += (size + BELOW) as u64;
        if let Some(arrival) = self.link.send(now, size + BELOW) {
            self.travelling.insert((arrival, self.count), self.count);
        }
        self.count += 1;
    }
}

/// Lets media flow over a link for so many seconds.
pub fn run(nature: Nature, media: Media, seconds: u64, seed: u64) -> Run {
    let mut sender = Sender {
        bandwidth: Bandwidth::default(),
        link: Link::new(nature, seed),
        travelling: BTreeMap::new(),
        count: 0,
        bytes: 0,
    };
    sender.bandwidth.demand(media.demand(), 0);
    let mut browser = Browser::default();
    let mut pending: Vec<(u64, usize)> = Vec::new();
    let (mut samples, mut padding) = (Vec::new(), 0);
    for now in (0..seconds * 1_000_000).step_by(1_000) {
        let estimate = sender.bandwidth.estimate().unwrap_or(300_000) as f64;
        if now % FRAME == 0 {
            frame(&mut pending, now, media.rate(now, estimate), &mut sender.link);
        }
        if now % VOICE == 0 {
            sender.send(now, 130);
        }
        let (due, later) = pending.iter().copied().partition(|(at, _)| *at <= now);
        pending = later;
        due.iter().for_each(|(_, size)| sender.send(now, *size));
        if now % 10_000 == 0 {
            let mut owed = sender.bandwidth.tick(Micros(now));
            while owed > 0 {
                sender.send(now, 295);
                padding += 295;
                owed = owed.saturating_sub(295 + BELOW);
            }
        }
        browser.receive(&mut sender, now);
        browser.report(&mut sender, now, nature.delay * 1_000);
        if now % 100_000 == 0 {
            samples.push(Sample { at: now / 1_000, estimate });
        }
    }
    Run { samples, link: sender.link, padding, bytes: sender.bytes }
}

/// A frame's packets, spread over 13 ms as browsers pace them; its size varies by a fifth either way.
fn frame(pending: &mut Vec<(u64, usize)>, now: u64, rate: f64, link: &mut Link) {
    // Voices have their share of the estimate.
    let media = (rate - 63_000.0).max(0.0);
    let varied = 0.8 + 0.4 * (link.next() % 1_000) as f64 / 1_000.0;
    let bytes = (media / 8.0 * 0.033 * varied) as usize;
    let count = bytes.div_ceil(PACKET + BELOW).max(1);
    for n in 0..count {
        let size = (bytes / count).saturating_sub(BELOW);
        if size > 40 {
            pending.push((now + 13_000 * n as u64 / count as u64, size));
        }
    }
}

#[derive(Default)]
struct Browser {
    arrivals: BTreeMap<u64, u64>,
    base: u64,
    count: u8,
    /// Feedback on its way: (arrival, bytes).
    feedback: Vec<(u64, Vec<u8>)>,
}

impl Browser {
    fn receive(&mut self, sender: &mut Sender, now: u64) {
        while let Some(first) = sender.travelling.first_entry() {
            if first.key().0 > now {
                break;
            }
            let ((at, _), sequence) = first.remove_entry();
            self.arrivals.insert(sequence, at);
        }
    }

    fn report(&mut self, sender: &mut Sender, now: u64, delay: u64) {
        if now.is_multiple_of(FEEDBACK) && !self.arrivals.is_empty() {
            self.write(now + delay);
        }
        let (due, later) = std::mem::take(&mut self.feedback).into_iter().partition(|(at, _)| *at <= now);
        self.feedback = later;
        let due: Vec<(u64, Vec<u8>)> = due;
        for (_, bytes) in due {
            for packet in packets(&bytes) {
                let Ok(Rtcp::Transport(feedback)) = packet else { panic!("transport feedback") };
                sender.bandwidth.feedback(Micros(now), &feedback);
            }
        }
    }

    fn write(&mut self, at: u64) {
        while let Some(first) = self.arrivals.keys().next().copied() {
            // A loss in front is reported with the arrival before it, as browsers do.
            let last = self.arrivals.keys().next_back().copied().unwrap().min(first + 400);
            let times: Vec<Option<u64>> =
                (first..=last).map(|sequence| self.arrivals.get(&sequence).copied()).collect();
            let mut buffer = vec![0; 4_096];
            let mut writer = RtcpWriter::new(&mut buffer);
            writer.transport_feedback(1, 2, first as u16, self.count, &times).unwrap();
            let length = writer.len();
            buffer.truncate(length);
            self.feedback.push((at, buffer));
            self.count = self.count.wrapping_add(1);
            self.base = last;
            self.arrivals = self.arrivals.split_off(&(last + 1));
        }
    }
}
