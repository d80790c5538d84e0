//! Tensors of machine integers, stored padded to powers of two along every axis.
//!
//! A proof sees each axis padded to a power of two, so execution produces the padded tensor at once. Entries beyond
//! the valid extent ("pads") hold whatever an operation gives on its operands' pads; no valid entry ever depends on one.

use crate::error::Error;
use std::fmt;

/// The most axes a tensor may have.
pub const MAX_AXES: usize = 8;

/// Binary logarithm of the most elements of a padded tensor. Where addresses have 32 bits it is smaller, so that the size of
/// any tensor, and the sum of any two sizes, is a `usize`.
pub const MAX_VARS: usize = if usize::BITS < 64 { 30 } else { 40 };

/// The integer types of tensors at the boundary of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum DType {
    I8,
    U8,
    I16,
    U16,
    I32,
    I64,
}

impl DType {
    /// Every type, in the order of their codes.
    pub const ALL: [DType; 6] = [DType::I8, DType::U8, DType::I16, DType::U16, DType::I32, DType::I64];

    /// The least and the greatest value. `I64` is limited to 62 bits, so that sums cannot overflow.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            DType::I8 => (i8::MIN.into(), i8::MAX.into()),
            DType::U8 => (0, u8::MAX.into()),
            DType::I16 => (i16::MIN.into(), i16::MAX.into()),
            DType::U16 => (0, u16::MAX.into()),
            DType::I32 => (i32::MIN.into(), i32::MAX.into()),
            DType::I64 => (-(1 << 61), (1 << 61) - 1),
        }
    }

    /// The size of one element in bytes.
    pub fn num_bytes(self) -> usize {
        match self {
            DType::I8 | DType::U8 => 1,
            DType::I16 | DType::U16 => 2,
            DType::I32 => 4,
            DType::I64 => 8,
        }
    }

    /// The narrowest type that holds `lo..=hi`.
    pub fn narrowest(lo: i64, hi: i64) -> DType {
        let order = [DType::U8, DType::I8, DType::U16, DType::I16, DType::I32];
        order.into_iter().find(|t| t.bounds().0 <= lo && hi <= t.bounds().1).unwrap_or(DType::I64)
    }

    /// The one-byte code in encodings.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The type of a code.
    pub fn from_code(code: u8) -> Option<DType> {
        DType::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DType::I8 => "int8",
            DType::U8 => "uint8",
            DType::I16 => "int16",
            DType::U16 => "uint16",
            DType::I32 => "int32",
            DType::I64 => "int64",
        })
    }
}

/// The extents of a tensor, outermost axis first (row-major). No axes: a scalar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// A shape of the given extents.
    ///
    /// # Errors
    /// More than [`MAX_AXES`] axes, an extent of 0, or more than 2^[`MAX_VARS`] padded elements.
    pub fn new(extents: impl Into<Vec<usize>>) -> Result<Shape, Error> {
        let extents = extents.into();
        if extents.len() > MAX_AXES {
            return Err(Error::TooManyAxes { found: extents.len(), most: MAX_AXES });
        }
        let mut bits = 0;
        for &n in &extents {
            if n == 0 || n > 1 << MAX_VARS {
                return Err(Error::EmptyAxis { shape: format!("{extents:?}") });
            }
            bits += log2_ceil(n);
        }
        if bits > MAX_VARS {
            return Err(Error::TooLarge { what: format!("a tensor of shape {extents:?}"), elements: 1 << bits.min(63) });
        }
        Ok(Shape(extents))
    }

    /// The extents.
    pub fn extents(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes.
    pub fn num_axes(&self) -> usize {
        self.0.len()
    }

    /// The number of valid elements.
    pub fn num_elements(&self) -> usize {
        self.0.iter().product()
    }

    /// The extents padded to powers of two.
    pub fn padded(&self) -> Vec<usize> {
        self.0.iter().map(|n| n.next_power_of_two()).collect()
    }

    /// The number of elements with padding.
    pub fn num_padded(&self) -> usize {
        1 << self.num_vars()
    }

    /// Binary logarithm of each padded extent: the variables of each axis.
    pub fn axis_vars(&self) -> Vec<usize> {
        self.0.iter().map(|&n| log2_ceil(n)).collect()
    }

    /// The variables of the multilinear extension, all axes together.
    pub fn num_vars(&self) -> usize {
        self.0.iter().map(|&n| log2_ceil(n)).sum()
    }

    /// Whether some axis is longer in its padded form.
    pub fn has_pads(&self) -> bool {
        self.0.iter().any(|n| !n.is_power_of_two())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, n) in self.0.iter().enumerate() {
            write!(f, "{}{n}", if i == 0 { "" } else { "," })?;
        }
        f.write_str("]")
    }
}

/// The least k with 2^k >= n, for n >= 1.
pub fn log2_ceil(n: usize) -> usize {
    n.next_power_of_two().trailing_zeros() as usize
}

/// A vector of integers in the narrowest form that its values allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ints {
    I8(Vec<i8>),
    U8(Vec<u8>),
    I16(Vec<i16>),
    U16(Vec<u16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
}

/// Runs `$body` with `$v` bound to the typed vector inside an [`Ints`].
#[macro_export]
macro_rules! with_ints {
    ($ints:expr, $v:ident => $body:expr) => {
        match $ints {
            $crate::tensor::Ints::I8($v) => $body,
            $crate::tensor::Ints::U8($v) => $body,
            $crate::tensor::Ints::I16($v) => $body,
            $crate::tensor::Ints::U16($v) => $body,
            $crate::tensor::Ints::I32($v) => $body,
            $crate::tensor::Ints::I64($v) => $body,
        }
    };
}

impl Ints {
    /// `len` zeros of the given type.
    pub fn zeros(dtype: DType, len: usize) -> Ints {
        match dtype {
            DType::I8 => Ints::I8(vec![0; len]),
            DType::U8 => Ints::U8(vec![0; len]),
            DType::I16 => Ints::I16(vec![0; len]),
            DType::U16 => Ints::U16(vec![0; len]),
            DType::I32 => Ints::I32(vec![0; len]),
            DType::I64 => Ints::I64(vec![0; len]),
        }
    }

    /// Collects values that are known to fit `dtype`.
    ///
    /// # Panics
    /// In debug builds, if a value does not fit.
    pub fn from_i64(dtype: DType, values: impl IntoIterator<Item = i64>) -> Ints {
        let values =
            values.into_iter().inspect(|v| debug_assert!((dtype.bounds().0..=dtype.bounds().1).contains(v), "{v} is not a {dtype}"));
        match dtype {
            DType::I8 => Ints::I8(values.map(|v| v as i8).collect()),
            DType::U8 => Ints::U8(values.map(|v| v as u8).collect()),
            DType::I16 => Ints::I16(values.map(|v| v as i16).collect()),
            DType::U16 => Ints::U16(values.map(|v| v as u16).collect()),
            DType::I32 => Ints::I32(values.map(|v| v as i32).collect()),
            DType::I64 => Ints::I64(values.collect()),
        }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match self {
            Ints::I8(_) => DType::I8,
            Ints::U8(_) => DType::U8,
            Ints::I16(_) => DType::I16,
            Ints::U16(_) => DType::U16,
            Ints::I32(_) => DType::I32,
            Ints::I64(_) => DType::I64,
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        with_ints!(self, v => v.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`.
    ///
    /// # Panics
    /// If there is none.
    pub fn get(&self, index: usize) -> i64 {
        #[allow(clippy::useless_conversion)]
        let value = with_ints!(self, v => i64::from(v[index]));
        value
    }

    /// All elements, widened.
    pub fn to_i64(&self) -> Vec<i64> {
        #[allow(clippy::useless_conversion)]
        let values = with_ints!(self, v => v.iter().map(|&x| i64::from(x)).collect());
        values
    }

    /// The least and the greatest element; (0, 0) if there are none.
    pub fn min_max(&self) -> (i64, i64) {
        #[allow(clippy::useless_conversion)]
        let bounds = with_ints!(self, v => (v.iter().min().map_or(0, |&x| i64::from(x)), v.iter().max().map_or(0, |&x| i64::from(x))));
        bounds
    }
}

/// A tensor: its valid shape and its padded, row-major elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The valid extents.
    pub shape: Shape,
    /// The elements, `shape.num_padded()` of them.
    pub data: Ints,
}

impl Tensor {
    /// A tensor from its valid elements in row-major order; pads are zero.
    ///
    /// # Errors
    /// The number of elements is not that of the shape, or one does not fit `dtype`.
    pub fn from_valid(shape: Shape, dtype: DType, values: &[i64]) -> Result<Tensor, Error> {
        if values.len() != shape.num_elements() {
            return Err(Error::ElementCount { shape: shape.to_string(), expected: shape.num_elements(), found: values.len() });
        }
        let (lo, hi) = dtype.bounds();
        if let Some(position) = values.iter().position(|v| !(lo..=hi).contains(v)) {
            return Err(Error::ValueOutOfRange { what: format!("element {position}"), value: values[position], lo, hi });
        }
        let mut padded = vec![0i64; shape.num_padded()];
        shape.for_each_row(|valid, pad, len| padded[pad..pad + len].copy_from_slice(&values[valid..valid + len]));
        Ok(Tensor { data: Ints::from_i64(dtype, padded), shape })
    }

    /// The same valid elements as integers of another type, with pads of zero.
    ///
    /// # Errors
    /// An element that the type cannot hold.
    pub fn retyped(&self, dtype: DType) -> Result<Tensor, Error> {
        retyped(&self.shape, &self.data, dtype)
    }

    /// The valid elements in row-major order.
    pub fn valid(&self) -> Vec<i64> {
        let mut out = vec![0i64; self.shape.num_elements()];
        #[allow(clippy::unnecessary_cast)]
        {
            with_ints!(&self.data, v => self.shape.for_each_row(|valid, pad, len| {
                for (o, x) in out[valid..valid + len].iter_mut().zip(&v[pad..pad + len]) {
                    *o = *x as i64;
                }
            }));
        }
        out
    }
}

/// [`Tensor::retyped`] of its parts.
pub(crate) fn retyped(shape: &Shape, values: &Ints, dtype: DType) -> Result<Tensor, Error> {
    let (lo, hi) = dtype.bounds();
    let mut data = Ints::zeros(dtype, shape.num_padded());
    let mut outside = None;
    #[allow(clippy::unnecessary_cast)]
    {
        with_ints!(values, from => with_ints!(&mut data, to => shape.for_each_row(|valid, pad, len| {
            let from = &from[pad..pad + len];
            let fits = |x: i64| (lo..=hi).contains(&x);
            if !from.iter().fold(true, |all, x| all & fits(*x as i64)) {
                let first = from.iter().position(|x| !fits(*x as i64)).map(|at| (valid + at, from[at] as i64));
                outside = outside.or(first);
            }
            to[pad..pad + len].iter_mut().zip(from).for_each(|(to, from)| *to = *from as _);
        })));
    }
    match outside {
        Some((position, value)) => Err(Error::ValueOutOfRange { what: format!("element {position}"), value, lo, hi }),
        None => Ok(Tensor { data, shape: shape.clone() }),
    }
}

impl Shape {
    /// Calls `f(valid offset, padded offset, length)` for each innermost row of valid elements.
    pub fn for_each_row(&self, mut f: impl FnMut(usize, usize, usize)) {
        let Some((&row, outer)) = self.0.split_last() else {
            f(0, 0, 1);
            return;
        };
        let padded_row = row.next_power_of_two();
        let mut index = vec![0usize; outer.len()];
        for valid_row in 0..outer.iter().product::<usize>() {
            let padded = index.iter().zip(outer).fold(0, |acc, (i, n)| acc * n.next_power_of_two() + i);
            f(valid_row * row, padded * padded_row, row);
            for (i, n) in index.iter_mut().zip(outer).rev() {
                *i += 1;
                if *i < *n {
                    break;
                }
                *i = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_type_keeps_valid_elements_and_clears_pads() {
        let shape = Shape::new([2, 3]).unwrap();
        let tensor = Tensor { shape: shape.clone(), data: Ints::I32(vec![1, -2, 3, 999, 4, 127, -128, 999]) };
        assert_eq!(tensor.retyped(DType::I8).unwrap(), Tensor::from_valid(shape.clone(), DType::I8, &tensor.valid()).unwrap());
        let refused = |dtype| (tensor.retyped(dtype).unwrap_err().to_string(), Tensor::from_valid(shape.clone(), dtype, &tensor.valid()));
        let (found, expected) = refused(DType::U8);
        assert_eq!(found, expected.unwrap_err().to_string());
    }

    #[test]
    fn shapes_are_refused_before_their_sizes_wrap() {
        let most = 1usize << MAX_VARS;
        assert_eq!(Shape::new([most]).unwrap().num_padded(), most);
        assert!(most.checked_add(most).is_some());
        for extents in [vec![most + 1], vec![usize::MAX], vec![most, 2], vec![3, most / 2], vec![1 << 16; MAX_AXES], vec![usize::MAX; 2]] {
            assert!(Shape::new(extents.clone()).is_err(), "{extents:?}");
        }
    }
}
