//! The engine as a whole, in a virtual class: a file for each behaviour.

mod bad_input;
mod bandwidth;
mod codecs;
mod coming_and_going;
mod common;
mod connections;
mod layers_switch;
mod loss_is_repaired;
mod loudest_voices;
mod media_reaches_subscribers;
mod memory;
mod muting;
mod tap;
