//! The recorder process and playback together: real media through a real tap into sealed files, and out again.
#![allow(missing_docs, clippy::unwrap_used)]

mod crash;
mod full;
mod http;
mod long;
mod loss;
mod media;
mod node;
mod playback;
mod probe;
mod sealed;
mod stage;
mod steps;
mod supervised;
