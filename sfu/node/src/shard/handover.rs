//! Moves filled buffers from one thread to another and brings emptied ones back: bounded, one lock per buffer, never
//! one per packet.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A bounded queue of buffers with a store of spare ones.
pub struct Handover<T> {
    state: Mutex<State<T>>,
    limit: usize,
}

struct State<T> {
    full: VecDeque<T>,
    spare: Vec<T>,
}

impl<T: Default> Handover<T> {
    /// At most `limit` filled buffers wait.
    pub fn new(limit: usize) -> Self {
        Self {
            state: Mutex::new(State {
                full: VecDeque::with_capacity(limit),
                spare: Vec::with_capacity(limit),
            }),
            limit,
        }
    }

    /// Leaves a filled buffer in exchange for a spare one. When too many wait, the filled one comes back.
    pub fn give(&self, filled: T) -> Result<T, T> {
        let mut state = self.lock();
        if state.full.len() >= self.limit {
            return Err(filled);
        }
        state.full.push_back(filled);
        Ok(state.spare.pop().unwrap_or_default())
    }

    /// The oldest filled buffer, in exchange for an emptied one.
    pub fn take(&self, emptied: T) -> Result<T, T> {
        let mut state = self.lock();
        let Some(filled) = state.full.pop_front() else { return Err(emptied) };
        if state.spare.len() < self.limit {
            state.spare.push(emptied);
        }
        Ok(filled)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_keep_their_order_and_come_back() {
        let handover = Handover::<Vec<u8>>::new(2);
        assert_eq!(handover.give(vec![1]), Ok(vec![]));
        assert_eq!(handover.give(vec![2]), Ok(vec![]));
        assert_eq!(handover.give(vec![3]), Err(vec![3]));
        let emptied = Vec::with_capacity(64);
        assert_eq!(handover.take(emptied), Ok(vec![1]));
        assert_eq!(handover.give(vec![4]).map(|spare| spare.capacity()), Ok(64));
        assert_eq!(handover.take(vec![]), Ok(vec![2]));
        assert_eq!(handover.take(vec![]), Ok(vec![4]));
        assert_eq!(handover.take(vec![]), Err(vec![]));
    }
}
