//! The estimate over a table of virtual links. The table is committed: a change of behaviour shows in its diff.

mod link;
mod table;
mod world;
