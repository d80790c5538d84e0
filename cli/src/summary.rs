//! Tensors of a statement, for people and scripts.

use std::fmt::{self, Display};

use assay_core::program::Port;
use assay_core::{Program, Tensor, onnx};
use serde::Serialize;

/// The most elements of a tensor that are shown; larger ones are for `-o FILE.npy`.
const MOST_SHOWN: usize = 4096;
/// The most that fit a line for people.
const MOST_IN_A_LINE: usize = 16;

/// A tensor: values as the program computes them, integers, and what they stand for.
#[derive(Serialize)]
pub struct Summary {
    /// Absent if nobody knows the program.
    name: Option<String>,
    dtype: String,
    shape: Vec<usize>,
    /// Row-major; null for more than 4096 elements.
    values: Option<Vec<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantization: Option<Scale>,
    /// What the integers stand for, where they are a network's reals.
    #[serde(skip_serializing_if = "Option::is_none")]
    reals: Option<Vec<f32>>,
    /// The position of the largest value (the first of equals) of a tensor of shape [1, N]: a classifier's answer.
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
        let shape = tensor.shape.extents().to_vec();
        let values = (tensor.shape.num_elements() <= MOST_SHOWN).then(|| tensor.valid());
        let class = match (&shape[..], &values) {
            ([1, n], Some(values)) if *n > 1 => values.iter().enumerate().rev().max_by_key(|v| v.1).map(|v| v.0),
            _ => None,
        };
        let quantized = port.filter(|p| p.quantization.is_some());
        Summary {
            name: port.map(|p| p.name.clone()),
            dtype: port.map_or_else(|| tensor.data.dtype().to_string(), |p| p.dtype.to_string()),
            reals: quantized.zip(values.as_ref()).and_then(|(port, values)| onnx::dequantize(port, values).ok()),
            quantization: quantized.and_then(|p| p.quantization).map(|q| Scale { scale: q.scale, zero_point: q.zero_point }),
            shape,
            values,
            class,
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
