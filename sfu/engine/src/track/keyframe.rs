//! When to ask a publisher for a keyframe.

use crate::time::Micros;

/// Least time between two requests for one layer.
const INTERVAL: Micros = Micros::from_millis(500);

/// The wish for a keyframe of one layer: kept until it is fulfilled, told to the publisher now and then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyframeWish {
    wanted: bool,
    asked: Option<Micros>,
}

impl KeyframeWish {
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// A keyframe begins to arrive.
    pub fn fulfil(&mut self) {
        self.wanted = false;
    }

    /// Nobody waits any more.
    pub fn withdraw(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask now; counts as asked then.
    pub fn ask(&mut self, now: Micros) -> bool {
        let rested = self.asked.is_none_or(|asked| now.since(asked) >= INTERVAL);
        let ask = self.wanted && rested;
        if ask {
            self.asked = Some(now);
        }
        ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_at_once_then_twice_a_second_until_it_comes() {
        let mut wish = KeyframeWish::default();
        let asked = |wish: &mut KeyframeWish, ms| wish.ask(Micros::from_millis(ms));
        assert!(!asked(&mut wish, 0));
        wish.want();
        assert!(asked(&mut wish, 10) && !asked(&mut wish, 20));
        wish.want();
        assert!(!asked(&mut wish, 500) && asked(&mut wish, 510));
        wish.fulfil();
        assert!(!asked(&mut wish, 2_000));
    }
}
