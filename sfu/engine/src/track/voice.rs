//! Whether somebody speaks, how loud, and for how long (RFC 6464 levels).

use crate::time::Micros;

/// Louder than this many dB below full scale is speech.
const VOICE: u8 = 50;
/// And what is louder than this may be: it is heard, but not told as speech.
const AUDIBLE: u8 = 70;
/// Pauses up to this belong to the speech.
const PAUSE: Micros = Micros::from_millis(600);
/// Silence is forwarded for this long after the last voice, so that words and rooms fade out by themselves.
const FADE: Micros = Micros::from_millis(2_000);
/// Talk time is reported about this often while somebody talks.
const REPORT: Micros = Micros::from_millis(1_000);
/// Of a packet without a level: louder than silence, softer than a speaker.
const UNKNOWN_LEVEL: u8 = 45;

/// Talk time since the last report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Talk {
    /// Voiced time, ms.
    pub ms: u32,
    /// Stretches that began.
    pub bursts: u32,
}

/// One microphone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Voice {
    /// dB above the softest (0 to 127), smoothed, in 1/16.
    loudness16: u32,
    last: Option<Micros>,
    audible: Option<Micros>,
    talked: Micros,
    bursts: u32,
    reported: Micros,
}

impl Voice {
    /// A packet with this level (dB below full scale) came.
    pub fn hear(&mut self, below_full_scale: Option<u8>, now: Micros) {
        let below = below_full_scale.unwrap_or(UNKNOWN_LEVEL).min(127);
        let loudness = u32::from(127u8.saturating_sub(below)) << 4;
        // Rises within three packets, falls within some twenty.
        let shift = if loudness > self.loudness16 { 1 } else { 4 };
        self.loudness16 = match loudness.checked_sub(self.loudness16) {
            Some(rise) => self.loudness16.saturating_add(rise >> shift),
            None => self.loudness16.saturating_sub(self.loudness16.saturating_sub(loudness) >> shift),
        };
        if below <= AUDIBLE {
            self.audible = Some(now);
        }
        if below <= VOICE {
            self.voiced(now);
        }
    }

    fn voiced(&mut self, now: Micros) {
        match self.last {
            Some(last) if now.since(last) <= PAUSE => self.talked = self.talked.plus(now.since(last)),
            _ => {
                self.bursts = self.bursts.saturating_add(1);
                self.talked = self.talked.plus(Micros::from_millis(20));
            }
        }
        self.last = Some(now);
    }

    /// Smoothed loudness, dB above the softest.
    pub fn loudness(&self) -> u8 {
        (self.loudness16 >> 4) as u8
    }

    /// When voice was last heard.
    pub fn last(&self) -> Option<Micros> {
        self.last
    }

    /// Whether somebody is speaking, short pauses included.
    pub fn is_speaking(&self, now: Micros) -> bool {
        self.last.is_some_and(|last| now.since(last) <= PAUSE)
    }

    /// Whether there is anything to hear.
    pub fn is_audible(&self, now: Micros) -> bool {
        self.audible.is_some_and(|last| now.since(last) <= FADE)
    }

    /// Talk time to be told now, if any: about once a second, and when speech has ended.
    pub fn report(&mut self, now: Micros) -> Option<Talk> {
        let ended = !self.is_speaking(now);
        if self.talked == Micros::ZERO || !(ended || now.since(self.reported) >= REPORT) {
            return None;
        }
        self.reported = now;
        self.take()
    }

    /// Talk time not told yet; for the end.
    pub fn take(&mut self) -> Option<Talk> {
        let ms = u32::try_from(self.talked.millis()).unwrap_or(u32::MAX);
        let talk = Talk { ms, bursts: self.bursts };
        // What is less than a ms stays for the next report.
        self.talked = Micros(self.talked.0 % 1_000);
        self.bursts = 0;
        (talk.ms > 0 || talk.bursts > 0).then_some(talk)
    }

    /// The microphone was switched off.
    pub fn silence(&mut self) {
        self.loudness16 = 0;
        self.last = None;
        self.audible = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(voice: &mut Voice, from_ms: u64, to_ms: u64, below: u8) {
        for ms in (from_ms..to_ms).step_by(20) {
            voice.hear(Some(below), Micros::from_millis(ms));
        }
    }

    #[test]
    fn r41_talk_time_counts_speech_and_short_pauses_but_not_silence() {
        let mut voice = Voice::default();
        let (mut ms, mut bursts) = (0, 0);
        for second in 0..20u64 {
            let start = second * 1_000;
            // Speech in the first three seconds (with pauses of 300 ms) and in the eleventh.
            let below = if second < 3 || second == 10 { 30 } else { 90 };
            hear(&mut voice, start, start + 700, below);
            hear(&mut voice, start + 700, start + 1_000, 90);
            if let Some(talk) = voice.report(Micros::from_millis(start + 1_000)) {
                ms += talk.ms;
                bursts += talk.bursts;
            }
        }
        assert_eq!(bursts, 2);
        assert!((3_300..3_500).contains(&ms), "{ms}");
    }

    #[test]
    fn silence_fades_out_and_voice_is_heard_at_once() {
        let mut voice = Voice::default();
        assert!(!voice.is_audible(Micros::ZERO));
        hear(&mut voice, 0, 20, 20);
        assert!(voice.is_audible(Micros::from_millis(1_900)));
        hear(&mut voice, 20, 4_000, 127);
        assert!(!voice.is_audible(Micros::from_millis(4_000)));
        assert!(voice.loudness() < 10);
    }
}
