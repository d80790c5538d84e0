//! Encodings of programs: round trips, hostile bytes, visibility and limits.

mod hostile;
mod programs;
mod round_trip;
mod visibility;
