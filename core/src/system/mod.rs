//! The mapping of programs to relations: what a proof of a program consists of, fixed before any value is known.
//!
//! [`System::new`] turns a flat program into *wires* (multilinear extensions), *lookups* and *columns* (what is
//! committed); [`Plan`] lays out, symbolically, every evaluation that the prover sends and every relation that reduces
//! it to others, until only evaluations of columns are left. Prover and verifier follow the same plan, so there is one
//! place to read to know what is checked.

mod columns;
mod plan;
mod rounding;
mod wires;

pub use columns::{Column, Group, Layout, MAX_ROWS, RowGroup, Source};
pub use plan::{Atom, AtomId, Coord, Expr, Factors, Instance, Leaf, LeafSlot, Opening, Plan, Point, Reduction, Wave, bound_axes, summed};
pub use wires::{Lookup, MAX_INLINE, System, TableSpec, Wire, WireId, WireKind};
