//! What is asked of a provider: exact integer tensor programs, their execution, and their mapping to relations.
//!
//! Nothing here proves or verifies. A [`Program`] is built with [`Builder`] or imported from ONNX, [executed](execute()) to its
//! outputs, and mapped to the relations that a proof checks.

pub mod builder;
pub mod encode;
pub mod error;
pub mod execute;
pub mod flatten;
pub mod infer;
pub mod interval;
pub mod jobs;
pub mod limits;
pub mod onnx;
pub mod program;
pub mod summary;
pub mod system;
pub mod tensor;
pub mod view;
mod visibility;

pub use builder::Builder;
pub use error::Error;
pub use execute::execute;
pub use interval::Interval;
pub use program::{Program, TensorId};
pub use summary::Summary;
pub use tensor::{DType, Ints, Shape, Tensor};

/// The README's example compiles and holds.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
