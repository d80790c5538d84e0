//! Tensors that are known at import: weights, scales, shapes, and what is folded from them.

use super::error::Fault;
use super::proto::TensorProto;
use crate::tensor::DType;

/// The most elements of one constant.
pub(super) const MAX_ELEMENTS: usize = 1 << 26;

/// The element types that the import knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Float,
    Bool,
    Int(DType),
}

impl Element {
    /// The type of an ONNX code, or its name.
    pub fn from_code(code: i64) -> Result<Element, String> {
        Ok(match code {
            1 => Element::Float,
            2 => Element::Int(DType::U8),
            3 => Element::Int(DType::I8),
            4 => Element::Int(DType::U16),
            5 => Element::Int(DType::I16),
            6 => Element::Int(DType::I32),
            7 => Element::Int(DType::I64),
            9 => Element::Bool,
            _ => {
                let names = ["an undeclared type", "", "", "", "", "", "", "", "string", "", "float16", "double", "uint32", "uint64"];
                let name = usize::try_from(code).ok().and_then(|c| names.get(c)).copied().filter(|n| !n.is_empty());
                return Err(name.map_or_else(|| format!("element type {code}"), str::to_owned));
            }
        })
    }

    fn num_bytes(self) -> usize {
        match self {
            Element::Float => 4,
            Element::Bool => 1,
            Element::Int(t) => t.num_bytes(),
        }
    }
}

/// The elements of an [`Array`]. Booleans are integers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Float(Vec<f32>),
    Int(Vec<i64>),
}

/// A constant tensor, row-major; extents may be zero.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub element: Element,
    pub data: Data,
}

impl Array {
    /// An integer array.
    pub fn ints(shape: Vec<usize>, dtype: DType, values: Vec<i64>) -> Array {
        Array { shape, element: Element::Int(dtype), data: Data::Int(values) }
    }

    /// A float array.
    pub fn floats(shape: Vec<usize>, values: Vec<f32>) -> Array {
        Array { shape, element: Element::Float, data: Data::Float(values) }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Float(v) => v.len(),
            Data::Int(v) => v.len(),
        }
    }

    /// The elements as integers.
    pub fn as_ints(&self, what: &str) -> Result<&[i64], Fault> {
        match &self.data {
            Data::Int(v) => Ok(v),
            Data::Float(_) => Err(Fault::invalid(format!("{what} must be integers"))),
        }
    }

    /// The elements as floats.
    pub fn as_floats(&self, what: &str) -> Result<&[f32], Fault> {
        match &self.data {
            Data::Float(v) => Ok(v),
            Data::Int(_) => Err(Fault::invalid(format!("{what} must be f32"))),
        }
    }

    /// The one element.
    pub fn scalar_int(&self, what: &str) -> Result<i64, Fault> {
        match self.as_ints(what)? {
            [one] => Ok(*one),
            many => Err(Fault::invalid(format!("{what} must be one number, found {}", many.len()))),
        }
    }

    /// The one element.
    pub fn scalar_float(&self, what: &str) -> Result<f32, Fault> {
        match self.as_floats(what)? {
            [one] => Ok(*one),
            many => Err(Fault::invalid(format!("{what} must be one number, found {}", many.len()))),
        }
    }

    /// The elements at flat positions `index`, under a new shape.
    pub fn gather(&self, shape: Vec<usize>, index: &[usize]) -> Array {
        let data = match &self.data {
            Data::Float(v) => Data::Float(index.iter().map(|&i| v[i]).collect()),
            Data::Int(v) => Data::Int(index.iter().map(|&i| v[i]).collect()),
        };
        Array { shape, element: self.element, data }
    }

    /// Repeats to `shape` by numpy's rules.
    pub fn broadcast(&self, shape: &[usize]) -> Result<Array, Fault> {
        Ok(self.gather(shape.to_vec(), &broadcast_index(&self.shape, shape)?))
    }

    /// Decodes a tensor of the file.
    pub fn decode(proto: &TensorProto<'_>) -> Result<Array, String> {
        if proto.external {
            return Err("its elements lie in another file; save the model as a single file (`onnx.save(model, path)`)".into());
        }
        let element = Element::from_code(proto.data_type).map_err(|t| format!("{t} is not supported"))?;
        let shape = proto.dims.iter().map(|&d| usize::try_from(d)).collect::<Result<Vec<_>, _>>().map_err(|_| "a negative extent")?;
        let count = num_elements(&shape).ok_or_else(|| format!("its shape {shape:?} has more than {MAX_ELEMENTS} elements"))?;
        let wrong = |found: usize| format!("its shape {shape:?} needs {count} elements, found {found}");
        let data = match (proto.raw, element) {
            (Some(raw), _) => {
                let bytes = element.num_bytes();
                if raw.len() != count * bytes {
                    return Err(format!("its shape {shape:?} needs {} bytes, found {}", count * bytes, raw.len()));
                }
                let word = |c: &[u8]| c.iter().rev().fold(0u64, |acc, b| acc << 8 | u64::from(*b));
                match element {
                    Element::Float => Data::Float(raw.chunks_exact(4).map(|c| f32::from_bits(word(c) as u32)).collect()),
                    Element::Bool | Element::Int(DType::U8) => Data::Int(raw.iter().map(|&b| b.into()).collect()),
                    Element::Int(DType::I8) => Data::Int(raw.iter().map(|&b| (b as i8).into()).collect()),
                    Element::Int(DType::U16) => Data::Int(raw.chunks_exact(2).map(|c| word(c) as i64).collect()),
                    Element::Int(DType::I16) => Data::Int(raw.chunks_exact(2).map(|c| (word(c) as i16).into()).collect()),
                    Element::Int(DType::I32) => Data::Int(raw.chunks_exact(4).map(|c| (word(c) as i32).into()).collect()),
                    Element::Int(DType::I64) => Data::Int(raw.chunks_exact(8).map(|c| word(c) as i64).collect()),
                }
            }
            (None, Element::Float) if proto.floats.len() == count => Data::Float(proto.floats.clone()),
            (None, Element::Float) => return Err(wrong(proto.floats.len())),
            (None, _) if proto.ints.len() == count => Data::Int(proto.ints.clone()),
            (None, _) => return Err(wrong(proto.ints.len())),
        };
        if let (Data::Int(values), Element::Int(dtype)) = (&data, element) {
            let (lo, hi) = if dtype == DType::I64 { (i64::MIN, i64::MAX) } else { dtype.bounds() };
            if let Some(v) = values.iter().find(|v| !(lo..=hi).contains(v)) {
                return Err(format!("it holds {v}, which is not a {dtype}"));
            }
        }
        Ok(Array { shape, element, data })
    }
}

/// The number of elements of a shape, unless it exceeds [`MAX_ELEMENTS`].
pub(super) fn num_elements(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1usize, |acc, &n| acc.checked_mul(n).filter(|total| *total <= MAX_ELEMENTS))
}

/// The common shape of two operands by numpy's rules.
pub(super) fn broadcast_shape(a: &[usize], b: &[usize]) -> Result<Vec<usize>, Fault> {
    let axes = a.len().max(b.len());
    let extent = |s: &[usize], i: usize| (i + s.len()).checked_sub(axes).map_or(1, |i| s[i]);
    (0..axes)
        .map(|i| match (extent(a, i), extent(b, i)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            _ => Err(Fault::invalid(format!("shapes {a:?} and {b:?} do not broadcast"))),
        })
        .collect()
}

/// For each element of `to`, row-major, the flat position in `from` by numpy's rules.
pub(super) fn broadcast_index(from: &[usize], to: &[usize]) -> Result<Vec<usize>, Fault> {
    let total = num_elements(to).ok_or_else(|| Fault::invalid(format!("a constant of shape {to:?} is too large")))?;
    let missing = to.len().checked_sub(from.len());
    let fits = missing.is_some_and(|m| from.iter().zip(&to[m..]).all(|(&a, &b)| a == b || a == 1));
    let Some(missing) = missing.filter(|_| fits) else {
        return Err(Fault::invalid(format!("shape {from:?} does not broadcast to {to:?}")));
    };
    let strides = strides_of(from);
    let strides: Vec<usize> =
        (0..to.len()).map(|i| i.checked_sub(missing).map_or(0, |j| if from[j] == 1 { 0 } else { strides[j] })).collect();
    Ok(strided_index(to, &strides, total))
}

/// Row-major strides.
pub(super) fn strides_of(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// `sum_i index_i strides_i` for every index of `shape`, row-major.
pub(super) fn strided_index(shape: &[usize], strides: &[usize], total: usize) -> Vec<usize> {
    let mut out = Vec::with_capacity(total);
    if total == 0 {
        return out;
    }
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    loop {
        out.push(at);
        let mut axis = shape.len();
        loop {
            if axis == 0 {
                return out;
            }
            axis -= 1;
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}
