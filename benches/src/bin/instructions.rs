//! `scripts/instructions`: a fixed number of packets through the engine, to be counted by callgrind.
//!
//! Runs one case, named by its argument, and prints how many packets it took. Only what happens inside [`counted`] is
//! collected; the publisher's work and the warm-up are not.

use benches::room::Room;

/// Every case: its name, how many subscribe, and what is sent.
const CASES: [(&str, u32, Media); 4] = [
    ("video_frames", 50, Media::Video { packets: 6 }),
    ("video_singles", 50, Media::Video { packets: 1 }),
    ("audio", 50, Media::Audio),
    ("receive", 0, Media::Video { packets: 6 }),
];
/// Bytes of a packet of video, and of a voice, before sealing.
const VIDEO: usize = 1200;
const AUDIO: usize = 100;
/// Calls that are not counted, so that rings, routes and maps have their size.
const WARM_UP: usize = 40;
/// Calls that are.
const COUNTED: usize = 120;

#[derive(Clone, Copy)]
enum Media {
    Video { packets: usize },
    Audio,
}

/// Callgrind collects while this runs (`--toggle-collect`).
#[inline(never)]
fn counted(room: &mut Room, datagrams: &mut [Vec<u8>]) {
    room.forward(datagrams);
}

fn next(room: &mut Room, media: Media) -> Vec<Vec<u8>> {
    match media {
        Media::Video { packets } => room.frame(packets, VIDEO),
        Media::Audio => room.voice(AUDIO),
    }
}

/// Runs a case and gives its packets: those forwarded, or those received when nobody is there to get them.
fn run(subscribers: u32, media: Media) -> Result<u64, String> {
    let mut room = Room::new(subscribers)?;
    for _ in 0..WARM_UP {
        let mut datagrams = next(&mut room, media);
        room.forward(&mut datagrams);
    }
    let (forwarded, refused, mut received) = (room.forwarded(), room.refused(), 0);
    for _ in 0..COUNTED {
        let mut datagrams = next(&mut room, media);
        received += datagrams.len() as u64;
        counted(&mut room, &mut datagrams);
    }
    let (forwarded, refused) = (room.forwarded() - forwarded, room.refused() - refused);
    if forwarded != received * u64::from(subscribers) || refused > 0 {
        return Err(format!(
            "of {received} packets to each of {subscribers}, {forwarded} went and {refused} were refused"
        ));
    }
    Ok(forwarded.max(received))
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), String> {
    let wanted = std::env::args().nth(1);
    let Some((_, subscribers, media)) =
        CASES.into_iter().find(|(name, _, _)| Some(*name) == wanted.as_deref())
    else {
        CASES.iter().for_each(|(name, _, _)| println!("{name}"));
        return Ok(());
    };
    println!("{}", run(subscribers, media)?);
    Ok(())
}
