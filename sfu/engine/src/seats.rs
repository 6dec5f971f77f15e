//! The voices of a room that are heard: the loudest, each in a seat of its own that it keeps.

use crate::slab::Key;
use crate::slot::AUDIO_SLOTS;
use crate::time::Micros;
use crate::track::Track;
use crate::track::voice::Voice;

/// A seated voice that was silent for this long gives way to any other.
const IDLE: Micros = Micros::from_millis(1_000);
/// How much louder than the softest seated speaker a newcomer must be, dB.
const LOUDER: u8 = 6;
/// And for how long.
const PERSISTENCE: Micros = Micros::from_millis(400);

#[derive(Clone, Copy)]
struct Seat {
    track: Key<Track>,
    loudness: u8,
    last: Micros,
}

struct Challenger {
    track: Key<Track>,
    since: Micros,
    last: Micros,
}

/// A voice took a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Also the number of the audio slot in which it is heard.
    pub seat: usize,
}

/// The seats of one room.
#[derive(Default)]
pub(crate) struct Seats {
    seats: [Option<Seat>; AUDIO_SLOTS],
    challengers: Vec<Challenger>,
}

impl Seats {
    /// A packet of this voice came. Gives the seat that it took just now.
    pub fn hear(&mut self, track: Key<Track>, voice: &Voice, now: Micros) -> Option<Taken> {
        let last = voice.last().unwrap_or(Micros::ZERO);
        let loudness = voice.loudness();
        if let Some(seat) = self.seats.iter_mut().flatten().find(|seat| seat.track == track) {
            (seat.loudness, seat.last) = (loudness, last);
            return None;
        }
        if !voice.is_audible(now) {
            return None;
        }
        let idle = || self.idle(now).filter(|_| voice.is_speaking(now));
        let seat = self.free().or_else(idle).or_else(|| self.beaten(track, loudness, now))?;
        *self.seats.get_mut(seat)? = Some(Seat { track, loudness, last });
        self.challengers.retain(|challenger| challenger.track != track);
        Some(Taken { seat })
    }

    fn free(&self) -> Option<usize> {
        self.seats.iter().position(Option::is_none)
    }

    /// The seat that has been silent the longest, if long enough.
    fn idle(&self, now: Micros) -> Option<usize> {
        let seats = self.seats.iter().enumerate();
        let (number, seat) =
            seats.filter_map(|(n, seat)| Some((n, (*seat)?))).min_by_key(|(_, seat)| seat.last)?;
        (now.since(seat.last) >= IDLE).then_some(number)
    }

    /// The softest speaker's seat, once this voice has been clearly louder for a while.
    fn beaten(&mut self, track: Key<Track>, loudness: u8, now: Micros) -> Option<usize> {
        self.challengers.retain(|challenger| now.since(challenger.last) < PERSISTENCE);
        let seats = self.seats.iter().enumerate();
        let (number, softest) =
            seats.filter_map(|(n, seat)| Some((n, (*seat)?))).min_by_key(|(_, seat)| seat.loudness)?;
        if loudness < softest.loudness.saturating_add(LOUDER) {
            self.challengers.retain(|challenger| challenger.track != track);
            return None;
        }
        match self.challengers.iter_mut().find(|challenger| challenger.track == track) {
            Some(challenger) => {
                challenger.last = now;
                (now.since(challenger.since) >= PERSISTENCE).then_some(number)
            }
            None => {
                self.challengers.push(Challenger { track, since: now, last: now });
                None
            }
        }
    }

    /// The voice is gone. Gives the seat it had.
    pub fn remove(&mut self, track: Key<Track>) -> Option<usize> {
        self.challengers.retain(|challenger| challenger.track != track);
        let seat = self.seats.iter().position(|seat| seat.is_some_and(|seat| seat.track == track))?;
        *self.seats.get_mut(seat)? = None;
        Some(seat)
    }

    /// Who sits where.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Key<Track>)> + '_ {
        self.seats.iter().enumerate().filter_map(|(number, seat)| Some((number, seat.as_ref()?.track)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slab::Slab;

    struct Hall {
        seats: Seats,
        tracks: Vec<(Key<Track>, Voice)>,
    }

    impl Hall {
        fn new(people: usize) -> Hall {
            let mut keys = Slab::<Track>::default();
            let tracks = (0..people).map(|_| (keys.key_of_nothing(), Voice::default())).collect();
            Hall { seats: Seats::default(), tracks }
        }

        /// Everyone speaks at the given level below full scale, from ms to ms.
        fn speak(&mut self, from: u64, to: u64, levels: &[u8]) {
            for ms in (from..to).step_by(20) {
                for ((key, voice), level) in self.tracks.iter_mut().zip(levels) {
                    voice.hear(Some(*level), Micros::from_millis(ms));
                    self.seats.hear(*key, voice, Micros::from_millis(ms));
                }
            }
        }

        fn seated(&self) -> Vec<Option<usize>> {
            let place = |track| self.tracks.iter().position(|(key, _)| *key == track);
            let mut seats = vec![None; AUDIO_SLOTS];
            self.seats.iter().for_each(|(seat, track)| seats[seat] = place(track));
            seats
        }
    }

    #[test]
    fn the_first_five_sit_down_and_a_louder_sixth_takes_the_softest_seat() {
        let mut hall = Hall::new(6);
        hall.speak(0, 1_000, &[20, 25, 40, 25, 20, 90]);
        assert_eq!(hall.seated(), [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        hall.speak(1_000, 1_300, &[20, 25, 40, 25, 20, 15]);
        assert_eq!(hall.seated()[2], Some(2), "a cough takes nobody's seat");
        hall.speak(1_300, 2_000, &[20, 25, 40, 25, 20, 15]);
        assert_eq!(hall.seated(), [Some(0), Some(1), Some(5), Some(3), Some(4)]);
    }

    #[test]
    fn speakers_of_like_loudness_do_not_take_turns() {
        let mut hall = Hall::new(7);
        hall.speak(0, 1_000, &[30; 5]);
        let before = hall.seated();
        hall.speak(1_000, 10_000, &[30, 30, 30, 30, 30, 28, 27]);
        assert_eq!(hall.seated(), before);
    }

    #[test]
    fn whoever_is_silent_keeps_the_seat_until_it_is_needed() {
        let mut hall = Hall::new(6);
        hall.speak(0, 1_000, &[30, 30, 30, 30, 30, 127]);
        hall.speak(1_000, 9_000, &[30, 127, 30, 30, 30, 127]);
        assert_eq!(hall.seated()[1], Some(1));
        hall.speak(9_000, 9_100, &[30, 127, 30, 30, 30, 35]);
        assert_eq!(hall.seated()[1], Some(5));
        let gone = hall.tracks[5].0;
        assert_eq!(hall.seats.remove(gone), Some(1));
        assert_eq!(hall.seated()[1], None);
    }
}
