//! Tensors of a statement, for people and scripts.

use std::fmt::{self, Display};

use assay_core::program::Port;
use assay_core::{Program, Tensor};
use serde::Serialize;

/// The most that fit a line for people.
const MOST_IN_A_LINE: usize = 16;

/// [`assay_core::Summary`], as JSON has it; larger tensors than it lists are for `-o FILE.npy`.
#[derive(Serialize)]
pub struct Summary {
    /// Absent if nobody knows the program.
    name: Option<String>,
    dtype: String,
    shape: Vec<usize>,
    values: Option<Vec<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantization: Option<Scale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reals: Option<Vec<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<usize>,
}

#[derive(Serialize)]
struct Scale {
    scale: f32,
    zero_point: i64,
}

impl Summary {
    /// Sums up a tensor of a port.
    pub fn new(port: Option<&Port>, tensor: &Tensor) -> Self {
        let sum = assay_core::Summary::new(port, tensor);
        Summary {
            name: sum.name,
            dtype: sum.dtype.to_string(),
            shape: sum.shape.extents().to_vec(),
            values: sum.values,
            quantization: sum.quantization.map(|q| Scale { scale: q.scale, zero_point: q.zero_point }),
            reals: sum.reals,
            class: sum.class,
        }
    }
}

/// Sums up all outputs of a run.
pub fn outputs(program: &Program, tensors: &[Tensor]) -> Vec<Summary> {
    program.outputs.iter().zip(tensors).map(|(port, tensor)| Summary::new(Some(port), tensor)).collect()
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "output `{}` {} {:?}", self.name.as_deref().unwrap_or_default(), self.dtype, self.shape)?;
        if let Some(values) = self.values.as_ref().filter(|v| v.len() <= MOST_IN_A_LINE) {
            write!(f, " = {values:?}")?;
        }
        match self.class {
            Some(class) => write!(f, "\nclass {class}"),
            None => Ok(()),
        }
    }
}
