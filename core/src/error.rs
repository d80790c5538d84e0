//! What can be wrong with a program, its inputs or its encoding.

/// An error of this crate. Each names what was wrong and where, so that it can be shown to a user as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Error {
    #[error("a tensor has {found} axes; at most {most} are supported")]
    TooManyAxes { found: usize, most: usize },
    #[error("a tensor of shape {shape} has an empty or an impossibly long axis")]
    EmptyAxis { shape: String },
    #[error("{what} would have {elements} elements, more than this program may use; make it smaller or split the job")]
    TooLarge { what: String, elements: u64 },
    #[error("a tensor of shape {shape} needs {expected} elements, found {found}")]
    ElementCount { shape: String, expected: usize, found: usize },
    #[error("{what} is {value}, outside {lo}..={hi}")]
    ValueOutOfRange { what: String, value: i64, lo: i64, hi: i64 },
    #[error("values could reach {lo}..={hi}, beyond the 61 bits that exact arithmetic allows")]
    IntervalTooWide { lo: i128, hi: i128 },
    #[error("in `{node}`: {source}")]
    AtNode { node: String, source: Box<Error> },
    #[error("{what}: expected {expected}, found {found}")]
    Mismatch { what: String, expected: String, found: String },
    #[error("{0}")]
    Invalid(String),
    #[error("{operation} may meet a divisor in {lo}..={hi}; it must be at least 1")]
    Divisor { operation: String, lo: i64, hi: i64 },
    #[error("a table over {lo}..={hi} would need {entries} entries (at most {most}); reduce the range of the values that reach it")]
    TableTooLarge { lo: i64, hi: i64, entries: u64, most: u64 },
    #[error("{task} would take about {} of memory, more than the {} allowed; `{node}` alone takes {}", size(*needed), size(*limit), size(*node_bytes))]
    Memory { task: String, needed: u64, limit: u64, node: String, node_bytes: u64 },
    #[error("the encoding is broken at byte {offset}: {reason}")]
    Encoding { offset: usize, reason: String },
}

impl Error {
    /// Names the node in which the error arose, unless an inner node is named already.
    pub fn at(self, node: &str) -> Error {
        match self {
            Error::AtNode { .. } => self,
            source => Error::AtNode { node: node.to_owned(), source: Box::new(source) },
        }
    }

    /// An expectation that was not met.
    pub fn mismatch(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Error {
        Error::Mismatch { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|u| bytes >= u.0) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} bytes"),
    }
}
