use std::fmt::Write as _;

use super::link::{Nature, PLAIN};
use super::world::{Media, Run, Sample, run};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bandwidth_table.txt");

/// Goals: within a fifth of the link, from 8 s after a change on, and steady.
const WITHIN: f64 = 0.2;
const SETTLED_MS: u64 = 8_000;
/// Highest and lowest twentieth of the settled estimates are no further apart than this, of the link.
const SWING: f64 = 0.3;

struct Case {
    name: &'static str,
    nature: Nature,
    media: Media,
    seconds: u64,
}

const K: f64 = 1_000.0;
const M: f64 = 1_000_000.0;

const fn elastic(name: &'static str, nature: Nature, seconds: u64) -> Case {
    Case { name, nature, media: Media::Elastic, seconds }
}

fn cases() -> Vec<Case> {
    let up_down: &[(u64, f64)] = &[(0, 1.0 * M), (20, 3.0 * M), (40, 0.5 * M)];
    let cliff: &[(u64, f64)] = &[(0, 5.0 * M), (20, 0.3 * M), (40, 5.0 * M)];
    let stairs: &[(u64, f64)] = &[(0, 0.3 * M), (15, 0.6 * M), (30, 1.2 * M), (45, 2.4 * M), (60, 1.2 * M)];
    let two: &[(u64, f64)] = &[(0, 2.0 * M)];
    let capacity = |capacity| Nature { capacity, ..PLAIN };
    vec![
        elastic("150 kbit/s", capacity(&[(0, 150.0 * K)]), 30),
        elastic("300 kbit/s", capacity(&[(0, 300.0 * K)]), 30),
        elastic("500 kbit/s", capacity(&[(0, 500.0 * K)]), 30),
        elastic("1 Mbit/s", capacity(&[(0, 1.0 * M)]), 30),
        elastic("2 Mbit/s", capacity(two), 30),
        elastic("5 Mbit/s", capacity(&[(0, 5.0 * M)]), 30),
        elastic("10 Mbit/s", capacity(&[(0, 10.0 * M)]), 30),
        elastic("20 Mbit/s", capacity(&[(0, 20.0 * M)]), 30),
        elastic("50 Mbit/s", capacity(&[(0, 50.0 * M)]), 30),
        elastic("1 to 3 to 0.5 Mbit/s", capacity(up_down), 60),
        elastic("5 to 0.3 to 5 Mbit/s", capacity(cliff), 60),
        elastic("stairs 0.3 to 2.4 Mbit/s", capacity(stairs), 75),
        elastic("150 kbit/s, 300 ms", Nature { capacity: &[(0, 150.0 * K)], delay: 300, ..PLAIN }, 40),
        elastic("2 Mbit/s, 300 ms", Nature { delay: 300, ..capacity(two) }, 40),
        elastic("20 Mbit/s, 300 ms", Nature { capacity: &[(0, 20.0 * M)], delay: 300, ..PLAIN }, 40),
        elastic("2 Mbit/s, queue 50 ms", Nature { queue: 50, ..capacity(two) }, 30),
        elastic("2 Mbit/s, queue 1 s", Nature { queue: 1_000, ..capacity(two) }, 30),
        elastic("2 Mbit/s, jitter 10 ms", Nature { jitter: 10, ..capacity(two) }, 30),
        elastic("2 Mbit/s, jitter 30 ms", Nature { jitter: 30, ..capacity(two) }, 30),
        elastic("2 Mbit/s, loss 1 %", Nature { loss: 10, ..capacity(two) }, 30),
        elastic("2 Mbit/s, loss 5 %", Nature { loss: 50, ..capacity(two) }, 30),
        elastic("2 Mbit/s, loss 15 %", Nature { loss: 150, ..capacity(two) }, 30),
        elastic("2 Mbit/s, stalls 40 ms in 500", Nature { stall: Some((40, 500)), ..capacity(two) }, 30),
        elastic(
            "4 Mbit/s, cross bursts 100 ms in 2 s",
            Nature { capacity: &[(0, 4.0 * M)], burst: Some((100, 2_000)), ..PLAIN },
            40,
        ),
        elastic(
            "4 Mbit/s, cross bursts 1 s in 5 s",
            Nature { capacity: &[(0, 4.0 * M)], burst: Some((1_000, 5_000)), ..PLAIN },
            40,
        ),
    ]
}

/// Media that asks for less than the link has: the estimate neither falls below what is asked for nor grows into the blue.
fn limited() -> Vec<Case> {
    let five = Nature { capacity: &[(0, 5.0 * M)], ..PLAIN };
    let limited = |name, nature, media| Case { name, nature, media, seconds: 60 };
    vec![
        limited("5 Mbit/s, media 500 kbit/s", five, Media::Steady(500.0 * K)),
        limited("5 Mbit/s, media 2 Mbit/s", five, Media::Steady(2.0 * M)),
        limited("5 Mbit/s, media 1 Mbit/s, 2 s on, 8 s off", five, Media::Pausing(1.0 * M, 2_000, 8_000)),
        limited(
            "5 Mbit/s, jitter 20 ms, media 1 Mbit/s",
            Nature { jitter: 20, ..five },
            Media::Steady(1.0 * M),
        ),
    ]
}

/// A phase of constant capacity, judged.
fn judge(samples: &[Sample], link: f64) -> (String, bool) {
    let from = samples[0].at;
    let good = |sample: &Sample| (sample.estimate / link - 1.0).abs() <= WITHIN;
    let steady = |n: usize| {
        let rest = &samples[n..];
        rest.iter().filter(|sample| good(sample)).count() * 20 >= rest.len() * 19
    };
    let settled = (0..samples.len().saturating_sub(30)).find(|n| good(&samples[*n]) && steady(*n));
    let at = |ms: u64| samples.iter().position(|sample| sample.at >= from + ms).unwrap_or(0);
    let start = settled.unwrap_or(at(SETTLED_MS));
    let mut late: Vec<f64> = samples[start..].iter().map(|sample| sample.estimate / link).collect();
    late.sort_by(f64::total_cmp);
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    let (low, high) = (late[late.len() / 20], late[late.len() - 1 - late.len() / 20]);
    let in_time = settled.is_some_and(|n| samples[n].at - from <= SETTLED_MS);
    let ok = in_time && high - low <= SWING;
    let settled =
        settled.map_or("never".to_owned(), |n| format!("{:.1}", (samples[n].at - from) as f64 / 1e3));
    let text = format!(
        "{settled:>7} | {:>4.0} | {:>4.0} | {:>4.0} | {}",
        mean * 100.0,
        low * 100.0,
        high * 100.0,
        if ok { "yes" } else { "NO" }
    );
    (text, ok)
}

fn queue(run: &Run) -> u64 {
    let mut waits = run.link.waits.clone();
    waits.sort_unstable();
    waits[waits.len() * 19 / 20] / 1_000
}

fn table() -> String {
    let mut text = String::from(
        "What the estimate finds on virtual links. Settled: s until it stays within 20 % of the link (19 of 20 readings);\n\
         mean, low and high (twentieths): % of the link from then on. Goal: settled within 8 s, high - low at most 30 %.\n\
         Queue: 95th percentile of the wait, ms. Lost, padding: % of what was sent.\n\n",
    );
    let _ = writeln!(text, "{:<40} | {:>6} | settled | mean |  low | high | goal", "link", "kbit/s");
    for case in cases() {
        let result = run(case.nature, case.media, case.seconds, 7);
        let steps = case.nature.capacity;
        for (n, (from, capacity)) in steps.iter().enumerate() {
            let until = steps.get(n + 1).map_or(case.seconds, |(until, _)| *until);
            let phase = from * 1_000..until * 1_000;
            let (a, b) = (
                result.samples.partition_point(|sample| sample.at < phase.start),
                result.samples.partition_point(|sample| sample.at < phase.end),
            );
            let (judged, _) = judge(&result.samples[a..b], *capacity);
            let name = if n == 0 { case.name } else { "" };
            let _ = writeln!(text, "{name:<40} | {:>6.0} | {judged}", capacity / K);
        }
        let _ = writeln!(
            text,
            "{:<40} |        | queue {} ms, lost {:.1} %, padding {:.1} %",
            "",
            queue(&result),
            result.link.dropped as f64 * 100.0 / result.link.sent as f64,
            result.padding as f64 * 100.0 / result.bytes as f64
        );
    }
    let _ = writeln!(
        text,
        "\nMedia that asks for less than the link has: the estimate after 10 s, kbit/s. Goal: never below the media.\n"
    );
    for case in limited() {
        let result = run(case.nature, case.media, case.seconds, 7);
        let asked = match case.media {
            Media::Steady(rate) | Media::Pausing(rate, ..) => rate,
            Media::Elastic => 0.0,
        };
        let late: Vec<f64> = result
            .samples
            .iter()
            .filter(|sample| sample.at >= 10_000)
            .map(|sample| sample.estimate)
            .collect();
        let low = late.iter().copied().fold(f64::MAX, f64::min);
        let high = late.iter().copied().fold(0.0, f64::max);
        let goal = if low >= asked { "yes" } else { "NO" };
        let _ = writeln!(text, "{:<45} | low {:>5.0} | high {:>5.0} | {goal}", case.name, low / K, high / K);
    }
    text
}

#[test]
fn the_table_of_links_is_as_committed() {
    let found = table();
    if std::env::var_os("LECTERN_WRITE_TABLES").is_some() {
        std::fs::write(TABLE, &found).unwrap();
    }
    let committed = std::fs::read_to_string(TABLE).unwrap_or_default();
    assert!(found == committed, "LECTERN_WRITE_TABLES=1 writes the table anew; found:\n{found}");
}
