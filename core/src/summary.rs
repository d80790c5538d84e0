//! What a tensor at a program's boundary says, for people and scripts.

use crate::onnx;
use crate::program::{Port, Quantization};
use crate::tensor::{DType, Shape, Tensor};

/// The most elements of a tensor that a summary lists.
const MOST_LISTED: usize = 4096;

/// A tensor: values as the program computes them, integers, and what they stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Absent if nobody knows the program.
    pub name: Option<String>,
    /// The port's type, or else the tensor's own.
    pub dtype: DType,
    /// The valid extents.
    pub shape: Shape,
    /// Row-major; absent for more than 4096 elements.
    pub values: Option<Vec<i64>>,
    /// How the integers encode reals, where they do.
    pub quantization: Option<Quantization>,
    /// What the integers stand for, where they are a network's reals.
    pub reals: Option<Vec<f32>>,
    /// The position of the largest value (the first of equals) of a tensor of shape [1, N]: a classifier's answer.
    pub class: Option<usize>,
}

impl Summary {
    /// Sums up a tensor of a port, or of none where the program is not known.
    pub fn new(port: Option<&Port>, tensor: &Tensor) -> Self {
        let shape = tensor.shape.clone();
        let values = (shape.num_elements() <= MOST_LISTED).then(|| tensor.valid());
        let class = match (shape.extents(), &values) {
            ([1, n], Some(values)) if *n > 1 => values.iter().enumerate().rev().max_by_key(|v| v.1).map(|v| v.0),
            _ => None,
        };
        Summary {
            name: port.map(|p| p.name.clone()),
            dtype: port.map_or_else(|| tensor.data.dtype(), |p| p.dtype),
            reals: port.zip(values.as_ref()).and_then(|(port, values)| onnx::dequantize(port, values).ok()),
            quantization: port.and_then(|p| p.quantization),
            shape,
            values,
            class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{TensorId, Visibility};

    #[test]
    fn a_classifier_answers_with_the_first_of_the_largest() {
        let scores = Tensor::from_valid(Shape::new([1, 4]).unwrap(), DType::I8, &[3, 7, 7, -2]).unwrap();
        let bare = Summary::new(None, &scores);
        assert_eq!((bare.class, bare.reals, bare.dtype), (Some(1), None, DType::I8));
        let quantization = Some(Quantization { scale: 0.5, zero_point: 1 });
        let (name, tensor, visibility) = ("scores".into(), TensorId(0), Visibility::Public);
        let port = Port { name, tensor, dtype: DType::I8, quantization, visibility };
        assert_eq!(Summary::new(Some(&port), &scores).reals, Some(vec![1.0, 3.0, 3.0, -1.5]));
    }

    #[test]
    fn a_strangers_zero_point_does_no_harm() {
        let quantization = Some(Quantization { scale: 1.0, zero_point: i64::MIN });
        let (name, tensor, visibility) = ("x".into(), TensorId(0), Visibility::Public);
        let port = Port { name, tensor, dtype: DType::I8, quantization, visibility };
        let one = Tensor::from_valid(Shape::new([1]).unwrap(), DType::I8, &[1]).unwrap();
        assert_eq!(Summary::new(Some(&port), &one).reals, Some(vec![9.223372e18]));
    }
}
