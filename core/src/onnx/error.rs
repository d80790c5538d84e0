//! What can be wrong with an ONNX model, or with the values given to it.

/// An error of the ONNX import. Each names what was wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Error {
    #[error("the ONNX file is broken at byte {offset}: {reason}")]
    Encoding { offset: usize, reason: String },
    #[error("{what}: {found} is more than the limit of {most}")]
    Limit { what: String, found: u64, most: u64 },
    #[error("node `{node}` ({operator}): {what} is not supported; {instead}")]
    Unsupported { node: String, operator: String, what: String, instead: String },
    #[error("node `{node}` ({operator}): {reason}")]
    Node { node: String, operator: String, reason: String },
    #[error("node `{node}` ({operator}): {source}")]
    Program { node: String, operator: String, source: Box<crate::Error> },
    #[error("tensor `{tensor}`: {reason}")]
    Tensor { tensor: String, reason: String },
    #[error("input `{input}`: {reason}")]
    Input { input: String, reason: String },
    #[error("output `{output}`: {reason}")]
    Output { output: String, reason: String },
    #[error("{0}")]
    Model(String),
}

impl Error {
    /// A limit that is exceeded.
    pub(super) fn limit(what: impl Into<String>, found: usize, most: usize) -> Error {
        Error::Limit { what: what.into(), found: found as u64, most: most as u64 }
    }
}

/// What went wrong inside one node, before the node's name is added.
#[derive(Debug)]
pub(super) enum Fault {
    /// A valid model that is beyond what can be imported: what, and the nearest form that can.
    Unsupported(String, String),
    /// An invalid or inconsistent node.
    Invalid(String),
    /// The program refused an operation.
    Program(Box<crate::Error>),
    /// An error that already says where.
    Whole(Box<Error>),
}

impl Fault {
    /// The node's form is not supported.
    pub fn unsupported(what: impl Into<String>, instead: impl Into<String>) -> Fault {
        Fault::Unsupported(what.into(), instead.into())
    }

    /// The node is wrong.
    pub fn invalid(reason: impl Into<String>) -> Fault {
        Fault::Invalid(reason.into())
    }

    /// The error for the node of that name and operator.
    pub fn at(self, node: &str, operator: &str) -> Error {
        let (node, operator) = (node.to_owned(), operator.to_owned());
        match self {
            Fault::Unsupported(what, instead) => Error::Unsupported { node, operator, what, instead },
            Fault::Invalid(reason) => Error::Node { node, operator, reason },
            Fault::Program(source) => {
                let source = match *source {
                    crate::Error::AtNode { source, .. } => source,
                    source => Box::new(source),
                };
                Error::Program { node, operator, source }
            }
            Fault::Whole(error) => *error,
        }
    }
}

impl From<crate::Error> for Fault {
    fn from(error: crate::Error) -> Fault {
        Fault::Program(Box::new(error))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Whole(Box::new(error))
    }
}
