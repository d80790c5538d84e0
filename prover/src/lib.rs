//! Placeholder of the crate's first commit.

pub mod srs;
