//! One node with its operands: attributes and constant operands by name, with errors that say what is wrong.

use super::array::{Array, Element};
use super::error::Fault;
use super::proto::{AttributeValue, Node};
use super::value::{Params, Value};
use crate::tensor::DType;

/// A node whose operands are known.
pub(super) struct Call<'a> {
    pub node: &'a Node<'a>,
    pub inputs: Vec<Option<Value>>,
}

impl<'a> Call<'a> {
    fn attribute(&self, name: &str) -> Option<&AttributeValue<'a>> {
        self.node.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
    }

    /// An integer attribute.
    pub fn int(&self, name: &str, default: i64) -> Result<i64, Fault> {
        match self.attribute(name) {
            None => Ok(default),
            Some(AttributeValue::Int(v)) => Ok(*v),
            Some(_) => Err(Fault::invalid(format!("attribute `{name}` must be an integer"))),
        }
    }

    /// A float attribute.
    pub fn float(&self, name: &str, default: f32) -> Result<f32, Fault> {
        match self.attribute(name) {
            None => Ok(default),
            Some(AttributeValue::Float(v)) => Ok(*v),
            Some(_) => Err(Fault::invalid(format!("attribute `{name}` must be a float"))),
        }
    }

    /// A list of integers.
    pub fn ints(&self, name: &str) -> Result<Option<&[i64]>, Fault> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Ints(v)) => Ok(Some(v)),
            Some(_) => Err(Fault::invalid(format!("attribute `{name}` must be a list of integers"))),
        }
    }

    /// A text attribute.
    pub fn text(&self, name: &str, default: &'a str) -> Result<&'a str, Fault> {
        match self.attribute(name) {
            None => Ok(default),
            Some(AttributeValue::Text(v)) => {
                std::str::from_utf8(v).map_err(|_| Fault::invalid(format!("attribute `{name}` is not valid UTF-8")))
            }
            Some(_) => Err(Fault::invalid(format!("attribute `{name}` must be a string"))),
        }
    }

    /// The value of a Constant node.
    pub fn constant_value(&self) -> Result<Array, Fault> {
        for a in &self.node.attributes {
            return match (&a.value, a.name) {
                (AttributeValue::Tensor(t), "value") => Array::decode(t).map_err(Fault::invalid),
                (AttributeValue::Float(v), "value_float") => Ok(Array::floats(vec![], vec![*v])),
                (AttributeValue::Floats(v), "value_floats") => Ok(Array::floats(vec![v.len()], v.clone())),
                (AttributeValue::Int(v), "value_int") => Ok(Array::ints(vec![], DType::I64, vec![*v])),
                (AttributeValue::Ints(v), "value_ints") => Ok(Array::ints(vec![v.len()], DType::I64, v.clone())),
                _ => continue,
            };
        }
        Err(Fault::unsupported("a constant of this kind", "use a dense tensor, floats or integers"))
    }

    /// A tensor attribute.
    pub fn tensor(&self, name: &str) -> Result<Option<Array>, Fault> {
        match self.attribute(name) {
            None => Ok(None),
            Some(AttributeValue::Tensor(t)) => Array::decode(t).map(Some).map_err(Fault::invalid),
            Some(_) => Err(Fault::invalid(format!("attribute `{name}` must be a tensor"))),
        }
    }

    /// An operand that must be there.
    pub fn operand(&self, index: usize) -> Result<&Value, Fault> {
        self.optional(index).ok_or_else(|| Fault::invalid(format!("operand {index} is missing")))
    }

    /// An operand that may be left out.
    pub fn optional(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// A constant operand that may be left out.
    pub fn array(&self, index: usize, what: &str) -> Result<Option<&Array>, Fault> {
        self.optional(index).map(|v| v.constant(what).map(|c| &c.array)).transpose()
    }

    /// A list of integers: an operand since some version, an attribute before.
    pub fn ints_at(&self, index: usize, name: &str) -> Result<Option<Vec<i64>>, Fault> {
        match self.array(index, name)? {
            Some(array) => Ok(Some(array.as_ints(name)?.to_vec())),
            None => Ok(self.ints(name)?.map(<[i64]>::to_vec)),
        }
    }

    /// Scale and zero point of a whole tensor from two operands.
    pub fn params(&self, scale: usize, zero: usize, dtype: Option<DType>) -> Result<Params, Fault> {
        let scales = self.array(scale, "a scale")?.ok_or_else(|| Fault::invalid("a scale is missing"))?;
        let zeros = self.array(zero, "a zero point")?;
        params(scales, zeros, dtype)
    }
}

/// Checks a scale: a positive number.
pub(super) fn check_scale(scale: f32) -> Result<f32, Fault> {
    if scale.is_finite() && scale > 0.0 { Ok(scale) } else { Err(Fault::invalid(format!("its scale is {scale}; it must be positive"))) }
}

/// One scale and zero point for a whole tensor; lists of equal entries count as one.
pub(super) fn params(scales: &Array, zeros: Option<&Array>, dtype: Option<DType>) -> Result<Params, Fault> {
    let scale = one(scales.as_floats("a scale")?.iter().map(|s| s.to_bits()))?.map(f32::from_bits);
    let scale = check_scale(scale.ok_or_else(|| Fault::invalid("a scale is empty"))?)?;
    let (zero, own) = match zeros {
        Some(zeros) => {
            let zero = one(zeros.as_ints("a zero point")?.iter().copied())?;
            (zero.ok_or_else(|| Fault::invalid("a zero point is empty"))?, Some(zeros.element))
        }
        None => (0, None),
    };
    let dtype = match (dtype, own) {
        (Some(dtype), _) => dtype,
        (None, Some(Element::Int(dtype))) => dtype,
        (None, _) => DType::U8,
    };
    if !(dtype.bounds().0..=dtype.bounds().1).contains(&zero) {
        return Err(Fault::invalid(format!("its zero point {zero} is not a {dtype}")));
    }
    Ok(Params { scale, zero, dtype })
}

fn one<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Result<Option<T>, Fault> {
    let first = values.next();
    if first.is_some() && values.any(|v| Some(&v) != first.as_ref()) {
        return Err(Fault::unsupported(
            "an activation quantised per channel",
            "quantise activations with one scale and zero point; weights may be per channel",
        ));
    }
    Ok(first)
}

/// An axis counted from either end.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, Fault> {
    let shifted = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(shifted)
        .ok()
        .filter(|a| *a < rank)
        .ok_or_else(|| Fault::invalid(format!("axis {axis} does not exist in a tensor of {rank} axes")))
}
