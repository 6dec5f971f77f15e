//! What happens in a classroom, as a state machine without clock, socket, randomness or storage.

mod settings;

pub use settings::{Locks, Recording, Settings, Timings};
