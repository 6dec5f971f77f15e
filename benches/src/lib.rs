//! What the benchmarks share: medians, the machine they ran on, raw costs measured in the same run, and media to send.
//!
//! Each benchmark is a binary that `scripts/bench NAME` builds and runs; it prints one JSON object on its last line.

pub mod aead;
pub mod keys;
pub mod loopback;
pub mod machine;
pub mod media;
pub mod room;
pub mod stats;
