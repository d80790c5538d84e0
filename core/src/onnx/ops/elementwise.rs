//! Functions of two tensors: Add, Sub, Mul, Div and their like, on integers, constants and quantised floats.

use crate::onnx::array::{Array, Data, Element, broadcast_index, broadcast_shape};
use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::moves::Move;
use crate::onnx::pair::{self, Form};
use crate::onnx::value::{Affine, Coded, Codes, Int, Rule, Source, Term, Value};
use crate::tensor::DType;

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::onnx) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    Pow,
    PRelu,
}

impl Binary {
    fn floats(self, a: f32, b: f32) -> f32 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Max => a.max(b),
            Binary::Min => a.min(b),
            Binary::Pow if b == 2.0 => a * a,
            Binary::Pow if b == 3.0 => a * a * a,
            Binary::Pow => libm::pow(a.into(), b.into()) as f32,
            Binary::PRelu => {
                if a > 0.0 {
                    a
                } else {
                    a * b
                }
            }
        }
    }

    fn ints(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Binary::Add => a.checked_add(b),
            Binary::Sub => a.checked_sub(b),
            Binary::Mul => a.checked_mul(b),
            // ONNX divides integers towards zero.
            Binary::Div => a.checked_div(b),
            Binary::Max => Some(a.max(b)),
            Binary::Min => Some(a.min(b)),
            Binary::Pow => a.checked_pow(u32::try_from(b).ok()?),
            Binary::PRelu => a.checked_mul(if a > 0 { 1 } else { b }),
        }
    }
}

/// The operator on any two values.
pub(super) fn binary(cx: &mut Context, call: &Call<'_>, op: Binary) -> Result<Value, Fault> {
    let (a, b) = (call.operand(0)?.clone(), call.operand(1)?.clone());
    pairwise(cx, op, &a, &b)
}

/// Max and Min of any number of operands.
pub(super) fn reduce(cx: &mut Context, call: &Call<'_>, op: Binary) -> Result<Value, Fault> {
    let mut result = call.operand(0)?.clone();
    for i in 1..call.inputs.len() {
        let next = call.operand(i)?.clone();
        result = pairwise(cx, op, &result, &next)?;
    }
    Ok(result)
}

fn pairwise(cx: &mut Context, op: Binary, a: &Value, b: &Value) -> Result<Value, Fault> {
    let shape = broadcast_shape(&cx.shape(a), &cx.shape(b))?;
    match (a, b) {
        (Value::Const(x), Value::Const(y)) => fold(op, &x.array, &y.array, &shape),
        (Value::Int(_), _) | (_, Value::Int(_)) => integers(cx, op, a, b, &shape),
        (Value::Affine(_), _) | (_, Value::Affine(_)) => affine(cx, op, a, b, &shape),
        _ => {
            cx.check_size(&shape)?;
            floats(cx, op, a, b, &shape)
        }
    }
}

fn fold(op: Binary, a: &Array, b: &Array, shape: &[usize]) -> Result<Value, Fault> {
    let (i, j) = (broadcast_index(&a.shape, shape)?, broadcast_index(&b.shape, shape)?);
    let data = match (&a.data, &b.data) {
        (Data::Float(x), Data::Float(y)) => Data::Float(i.iter().zip(&j).map(|(&i, &j)| op.floats(x[i], y[j])).collect()),
        (Data::Int(x), Data::Int(y)) => {
            let values = i.iter().zip(&j).map(|(&i, &j)| op.ints(x[i], y[j])).collect::<Option<Vec<_>>>();
            Data::Int(values.ok_or_else(|| Fault::invalid("a constant expression overflows or divides by zero"))?)
        }
        _ => return Err(Fault::invalid("its operands have different types")),
    };
    Ok(Value::of(Array { shape: shape.to_vec(), element: a.element, data }))
}

/// The value of a constant that is the same everywhere.
fn uniform(value: &Value) -> Option<f32> {
    let Value::Const(c) = value else { return None };
    let values = c.array.as_floats("a constant").ok()?;
    let (first, rest) = values.split_first()?;
    rest.iter().all(|v| v.to_bits() == first.to_bits()).then_some(*first)
}

fn floats(cx: &mut Context, op: Binary, a: &Value, b: &Value, shape: &[usize]) -> Result<Value, Fault> {
    for (x, y, swapped) in [(a, b, false), (b, a, true)] {
        if let (Value::Coded(coded), Some(constant)) = (x, uniform(y)) {
            let coded = if cx.shape(x) == shape {
                coded.clone()
            } else {
                let moved = cx.apply(x, &[Move::Broadcast(shape.to_vec())])?;
                cx.as_coded(&moved)?
            };
            return Ok(Value::Coded(cx.map_coded(&coded, |v| if swapped { op.floats(constant, v) } else { op.floats(v, constant) })));
        }
    }
    let (a, b) = (cx.as_coded(a)?, cx.as_coded(b)?);
    let form = match (op, &a.origin, &b.origin) {
        (Binary::Add, Some(x), Some(y)) => Form::Sum([x.params.scale, y.params.scale]),
        (Binary::Sub, Some(x), Some(y)) => Form::Sum([x.params.scale, -y.params.scale]),
        (Binary::Mul, Some(x), Some(y)) => Form::Product(x.params.scale * y.params.scale, [x.params.zero, y.params.zero]),
        _ => Form::Other,
    };
    Ok(Value::Coded(pair::tabulate(cx, [&a, &b], shape, form, |x, y| op.floats(x, y))?))
}

/// Sums and products of runtime integers; the result must provably fit its type, since ONNX Runtime would wrap.
fn integers(cx: &mut Context, op: Binary, a: &Value, b: &Value, shape: &[usize]) -> Result<Value, Fault> {
    let mut operand = |v: &Value| -> Result<Int, Fault> {
        match v {
            Value::Int(int) => Ok(int.clone()),
            Value::Const(c) if matches!(c.array.element, Element::Int(_)) => cx.int_constant(&c.array),
            _ => Err(Fault::invalid("its operands have different types")),
        }
    };
    let (a, b) = (operand(a)?, operand(b)?);
    if a.dtype != b.dtype {
        return Err(Fault::invalid("its operands have different types"));
    }
    let dtype = a.dtype;
    let mut spread = |int: &Int| -> Result<_, Fault> {
        let x = cx.force(int)?;
        Ok(cx.builder.broadcast(x, shape)?)
    };
    let (x, y) = (spread(&a)?, spread(&b)?);
    let result = match op {
        Binary::Add => cx.builder.add(x, y)?,
        Binary::Sub => cx.builder.sub(x, y)?,
        Binary::Mul => cx.builder.mul(x, y)?,
        _ => return Err(Fault::unsupported(format!("{op:?} of runtime integers"), "only Add, Sub and Mul are")),
    };
    let (range, (lo, hi)) = (cx.builder.range(result), dtype.bounds());
    if range.lo < lo || range.hi > hi {
        return Err(Fault::unsupported(
            format!("a result that can reach {}..={} and wrap around in {dtype}", range.lo, range.hi),
            "use QLinearAdd or QLinearMul, or int32 operands of bounded size",
        ));
    }
    Ok(Value::Int(Int::plain(dtype, result)))
}

/// Sums with a scaled sum: a bias, or a further term.
fn affine(cx: &mut Context, op: Binary, a: &Value, b: &Value, shape: &[usize]) -> Result<Value, Fault> {
    let refuse =
        || Fault::unsupported(format!("{op:?} of sums that are not yet quantised"), "put QuantizeLinear and DequantizeLinear before it");
    let (left, right, swapped) = if let Value::Affine(x) = a {
        (x, b, false)
    } else if let Value::Affine(y) = b {
        (y, a, true)
    } else {
        return Err(refuse());
    };
    if left.lo > f32::NEG_INFINITY || left.hi < f32::INFINITY || left.shape != shape || left.rule != Rule::Scale {
        return Err(refuse());
    }
    let mut sum = left.clone();
    match (op, right) {
        (Binary::Mul, Value::Const(_)) => {
            let by = uniform(right).filter(|s| s.is_finite() && *s > 0.0).ok_or_else(refuse)?;
            let times =
                |x: &Array| Ok::<_, Fault>(Array::floats(x.shape.clone(), x.as_floats("a scale")?.iter().map(|s| s * by).collect()));
            for term in &mut sum.terms {
                term.scale = times(&term.scale)?;
            }
            sum.bias = sum.bias.as_ref().map(times).transpose()?;
        }
        (Binary::Add, Value::Const(c)) => {
            let more = c.array.as_floats("a bias")?;
            let fresh = Array::floats(vec![], vec![0.0]);
            let bias = sum.bias.as_ref().unwrap_or(&fresh);
            let joint = broadcast_shape(&bias.shape, &c.array.shape)?;
            let (i, j) = (broadcast_index(&bias.shape, &joint)?, broadcast_index(&c.array.shape, &joint)?);
            let old = bias.as_floats("a bias")?;
            let values: Vec<f32> = i.iter().zip(&j).map(|(&i, &j)| old[i] + more[j]).collect();
            if values.iter().any(|v| !v.is_finite()) {
                return Err(Fault::invalid("its bias is not finite"));
            }
            sum.bias = Some(Array::floats(joint, values));
            sum.exact = false;
        }
        (Binary::Add | Binary::Sub, other) if !(op == Binary::Sub && swapped) => {
            let sign = if op == Binary::Sub { -1.0 } else { 1.0 };
            let mut more = match other {
                Value::Affine(more) if more.lo == f32::NEG_INFINITY && more.hi == f32::INFINITY && more.rule == Rule::Scale => more.clone(),
                Value::Coded(Coded { origin: Some(origin), .. }) => {
                    let x = cx.force(&origin.int)?;
                    let x = cx.builder.linear(&[(x, 1)], -origin.params.zero)?;
                    let own = cx.shape_of(x);
                    let scale = Array::floats(vec![1; own.len()], vec![origin.params.scale]);
                    Affine::of(own, Term { source: Source::Tensor(x), scale })
                }
                _ => return Err(refuse()),
            };
            if more.shape != shape {
                let Value::Affine(spread) = cx.apply(&Value::Affine(more), &[Move::Broadcast(shape.to_vec())])? else {
                    return Err(refuse());
                };
                more = spread;
            }
            if more.bias.is_some() {
                return Err(refuse());
            }
            for mut term in more.terms {
                term.scale = Array::floats(term.scale.shape.clone(), term.scale.as_floats("a scale")?.iter().map(|s| s * sign).collect());
                sum.terms.push(term);
            }
            sum.exact = false;
        }
        _ => return Err(refuse()),
    }
    Ok(Value::Affine(sum))
}

/// com.microsoft QLinearAdd and QLinearMul, with the f32 arithmetic of ONNX Runtime's vector kernels.
pub(super) fn qlinear(cx: &mut Context, call: &Call<'_>, op: Binary) -> Result<Value, Fault> {
    let mut operand = |x: usize| -> Result<(Int, _), Fault> {
        let int = match call.operand(x)? {
            Value::Int(int) => int.clone(),
            Value::Const(c) if matches!(c.array.element, Element::Int(DType::U8 | DType::I8)) => cx.int_constant(&c.array)?,
            _ => return Err(Fault::invalid(format!("operand {x} must be int8 or uint8"))),
        };
        let params = call.params(x + 1, x + 2, Some(int.dtype))?;
        Ok((int, params))
    };
    let ((a, pa), (b, pb)) = (operand(0)?, operand(3)?);
    let params = call.params(6, 7, Some(a.dtype))?;
    let (x, y) = (cx.force(&a)?, cx.force(&b)?);
    let shape = broadcast_shape(&cx.shape_of(x), &cx.shape_of(y))?;
    cx.check_size(&shape)?;
    let (ra, rb) = (pa.scale / params.scale, pb.scale / params.scale);
    let product = pa.scale * pb.scale / params.scale;
    let (lo, hi) = params.dtype.bounds();
    // The kernel takes a side that repeats along the innermost run of elements as its second operand.
    let swapped = repeats_innermost(&cx.shape_of(x), &shape);
    let add = |a: i64, b: i64| -> f32 {
        let (left, right) = ((ra, pa.zero, a), (rb, pb.zero, b));
        let (left, right) = if swapped { (right, left) } else { (left, right) };
        let fixed = params.zero as f32 - left.0.mul_add(left.1 as f32, right.0 * right.1 as f32);
        (left.2 as f32).mul_add(left.0, (right.2 as f32).mul_add(right.0, fixed))
    };
    let f = |a: i64, b: i64| -> i64 {
        let value = match op {
            Binary::Add => add(a, b),
            _ => ((a - pa.zero) * (b - pb.zero)) as f32 * product + params.zero as f32,
        };
        (value.round_ties_even() as i64).clamp(lo, hi)
    };
    if x == y {
        let int = Int::plain(a.dtype, x);
        return Ok(Value::Int(cx.map_int(&int, params.dtype, |v| f(v, v))?));
    }
    // The pair's own table is of no use here: the kernels' rounding is what counts.
    let plain = |int: &Int, t, p| crate::onnx::value::Dequantized { int: Int::plain(int.dtype, t), params: p };
    let (ca, cb) = (cx.coded(plain(&a, x, pa))?, cx.coded(plain(&b, y, pb))?);
    let form = match op {
        Binary::Add => Form::Sum([pa.scale, pb.scale]),
        _ => Form::Product(pa.scale * pb.scale, [pa.zero, pb.zero]),
    };
    let paired = pair::tabulate(cx, [&ca, &cb], &shape, form, |_, _| 0.0)?;
    match &paired.codes {
        Codes::Pair(pair) => {
            let targets = pair::arguments(pair).map(|(a, b)| f(a, b) as i32).collect();
            Ok(Value::Int(pair::quantize(cx, pair, params, targets)?))
        }
        Codes::Tensor(_) => Err(Fault::invalid("its operands are one tensor")),
    }
}

/// Whether an operand has one element only along the innermost axis of the result that has more.
fn repeats_innermost(operand: &[usize], shape: &[usize]) -> bool {
    let innermost = (0..shape.len()).rev().find(|&i| shape[i] > 1);
    innermost.is_some_and(|i| (i + operand.len()).checked_sub(shape.len()).is_none_or(|i| operand[i] == 1))
}

/// The exact multiples of a scaled sum are what ONNX Runtime converts to float.
pub(super) fn cast_to_float(cx: &mut Context, int: &Int) -> Result<Value, Fault> {
    let x = cx.force(int)?;
    if matches!(int.dtype, DType::U8 | DType::I8) {
        let params = crate::onnx::value::Params { scale: 1.0, zero: 0, dtype: int.dtype };
        return cx.dequantize(int, params);
    }
    let shape = cx.shape_of(x);
    let scale = Array::floats(vec![1; shape.len()], vec![1.0]);
    let affine = Affine { exact: true, ..Affine::of(shape, Term { source: Source::Tensor(x), scale }) };
    Ok(Value::Affine(affine))
}
