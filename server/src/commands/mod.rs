//! Commands beside the server.

pub mod receipts;
pub mod recorder;
pub mod retention;
pub mod tenant;
