//! Functions of one tensor: tables over quantised values, clamps of scaled sums.
//!
//! Transcendental functions are evaluated in double precision and rounded once, with the portable `libm`, so that a
//! model gives the same program on every machine. ONNX Runtime's f32 approximations differ by a few units in the last
//! place, far below one quantisation step.

use super::elementwise;
use crate::onnx::array::{Array, Data};
use crate::onnx::call::Call;
use crate::onnx::context::Context;
use crate::onnx::error::Fault;
use crate::onnx::qdq;
use crate::onnx::value::{Affine, Value};

/// A function of one float.
pub(super) type Function = Box<dyn Fn(f32) -> f32>;

fn double(f: impl Fn(f64) -> f64 + 'static) -> Function {
    Box::new(move |x| f(f64::from(x)) as f32)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + libm::log1p(libm::exp(-x)) } else { libm::log1p(libm::exp(x)) }
}

fn gelu_tanh(x: f64) -> f64 {
    let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
    0.5 * x * (1.0 + libm::tanh(inner))
}

/// The function of an operator of one operand, if it is one.
pub(super) fn function(call: &Call<'_>) -> Result<Option<Function>, Fault> {
    Ok(Some(match call.node.op_type {
        "Relu" => Box::new(|x| x.max(0.0)),
        "LeakyRelu" | "QLinearLeakyRelu" => {
            let alpha = call.float("alpha", 0.01)?;
            Box::new(move |x| if x >= 0.0 { x } else { alpha * x })
        }
        "ThresholdedRelu" => {
            let alpha = call.float("alpha", 1.0)?;
            Box::new(move |x| if x > alpha { x } else { 0.0 })
        }
        "Elu" => {
            let alpha = f64::from(call.float("alpha", 1.0)?);
            double(move |x| if x >= 0.0 { x } else { alpha * libm::expm1(x) })
        }
        "Selu" => {
            let alpha = f64::from(call.float("alpha", 1.673_263_2)?);
            let gamma = f64::from(call.float("gamma", 1.050_701)?);
            double(move |x| gamma * if x > 0.0 { x } else { alpha * libm::expm1(x) })
        }
        "Celu" => {
            let alpha = f64::from(call.float("alpha", 1.0)?);
            double(move |x| if x >= 0.0 { x } else { alpha * libm::expm1(x / alpha) })
        }
        "Sigmoid" | "QLinearSigmoid" => double(sigmoid),
        "HardSigmoid" => {
            let (alpha, beta) = (call.float("alpha", 0.2)?, call.float("beta", 0.5)?);
            Box::new(move |x| (alpha * x + beta).clamp(0.0, 1.0))
        }
        "HardSwish" => Box::new(|x| x * (x * (1.0 / 6.0) + 0.5).clamp(0.0, 1.0)),
        "Swish" => {
            let alpha = f64::from(call.float("alpha", 1.0)?);
            double(move |x| x * sigmoid(alpha * x))
        }
        "QuickGelu" => {
            let alpha = f64::from(call.float("alpha", 1.702)?);
            double(move |x| x * sigmoid(alpha * x))
        }
        "Gelu" => match call.text("approximate", "none")? {
            "tanh" => double(gelu_tanh),
            _ => double(|x| 0.5 * x * (1.0 + libm::erf(x / std::f64::consts::SQRT_2))),
        },
        "FastGelu" if call.optional(1).is_none() => double(gelu_tanh),
        "Mish" => double(|x| x * libm::tanh(softplus(x))),
        "Softplus" => double(softplus),
        "Softsign" => Box::new(|x| x * (1.0 / (1.0 + x.abs()))),
        "Tanh" => double(libm::tanh),
        "Erf" => double(libm::erf),
        "Exp" => double(libm::exp),
        "Log" => double(libm::log),
        "Sqrt" => Box::new(f32::sqrt),
        "Reciprocal" => Box::new(|x| 1.0 / x),
        "Abs" => Box::new(f32::abs),
        "Neg" => Box::new(|x| -x),
        "Sign" => Box::new(|x| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                0.0
            }
        }),
        "Floor" => Box::new(f32::floor),
        "Ceil" => Box::new(f32::ceil),
        "Round" => Box::new(f32::round_ties_even),
        "Sin" => double(libm::sin),
        "Cos" => double(libm::cos),
        "Tan" => double(libm::tan),
        "Asin" => double(libm::asin),
        "Acos" => double(libm::acos),
        "Atan" => double(libm::atan),
        "Sinh" => double(libm::sinh),
        "Cosh" => double(libm::cosh),
        "Asinh" => double(libm::asinh),
        "Acosh" => double(libm::acosh),
        "Atanh" => double(libm::atanh),
        _ => return Ok(None),
    }))
}

/// Applies a function to any value.
pub(super) fn apply(cx: &mut Context, call: &Call<'_>, f: &Function) -> Result<Value, Fault> {
    let kind = call.node.op_type;
    match call.operand(0)? {
        Value::Coded(coded) => Ok(Value::Coded(cx.map_coded(coded, f))),
        Value::Affine(affine) if kind == "Relu" => Ok(Value::Affine(clamp(affine, 0.0, f32::INFINITY))),
        Value::Const(c) => Ok(Value::of(match &c.array.data {
            Data::Float(v) => Array::floats(c.array.shape.clone(), v.iter().map(|&x| f(x)).collect()),
            Data::Int(v) => Array { data: Data::Int(v.iter().map(|&x| integer(kind, x)).collect::<Result<_, _>>()?), ..c.array.clone() },
        })),
        Value::Int(int) => {
            let int = int.clone();
            let dtype = int.dtype;
            let refused = integer(kind, 0).err();
            if let Some(refused) = refused {
                return Err(refused);
            }
            let (lo, hi) = dtype.bounds();
            // Only the negative of the least integer leaves the type; ONNX Runtime wraps it around.
            let wrap = |v: i64| if v > hi { lo } else { v };
            Ok(Value::Int(cx.map_int(&int, dtype, |x| wrap(integer(kind, x).unwrap_or(x)))?))
        }
        Value::Affine(_) => Err(Fault::unsupported(
            "this function of sums that are not yet quantised",
            "put QuantizeLinear and DequantizeLinear before it (only Relu and Clip may follow directly)",
        )),
        Value::Input(_) => Err(Fault::unsupported("a function of a float input", "quantise the input first")),
    }
}

fn integer(kind: &str, x: i64) -> Result<i64, Fault> {
    match kind {
        "Relu" => Ok(x.max(0)),
        "Abs" => Ok(x.saturating_abs()),
        "Neg" => Ok(x.saturating_neg()),
        "Sign" => Ok(x.signum()),
        _ => Err(Fault::unsupported("this function of integers", "dequantise them first")),
    }
}

fn clamp(affine: &Affine, lo: f32, hi: f32) -> Affine {
    let within = |x: f32| x.max(lo).min(hi);
    Affine { lo: within(affine.lo), hi: within(affine.hi), exact: false, ..affine.clone() }
}

/// Clip: bounds are operands since operator set 11, attributes before.
pub(super) fn clip(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    if let Value::Int(int) = call.operand(0)? {
        let bound = |i: usize| call.array(i, "a bound").and_then(|a| a.map(|a| a.scalar_int("a bound")).transpose());
        let (lo, hi) = (bound(1)?.unwrap_or(i64::MIN), bound(2)?.unwrap_or(i64::MAX));
        let (int, dtype) = (int.clone(), int.dtype);
        return Ok(Value::Int(cx.map_int(&int, dtype, |x| x.max(lo).min(hi))?));
    }
    let bound = |i: usize, name: &str, default: f32| match call.array(i, "a bound")? {
        Some(a) => a.scalar_float("a bound"),
        None => call.float(name, default),
    };
    let (lo, hi) = (bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?);
    if lo.is_nan() || hi.is_nan() {
        return Err(Fault::invalid("a bound is not a number"));
    }
    if let Value::Affine(affine) = call.operand(0)? {
        return Ok(Value::Affine(clamp(affine, lo, hi)));
    }
    let f: Function = Box::new(move |x| x.max(lo).min(hi));
    apply(cx, call, &f)
}

/// A com.microsoft QLinear form of a function: one table.
pub(super) fn qlinear(cx: &mut Context, call: &Call<'_>, f: &Function) -> Result<Value, Fault> {
    let floats = qdq::dequantize_operand(cx, call, 0, 1, 2, 0)?;
    let Value::Coded(coded) = &floats else { return Err(Fault::unsupported("a constant operand", "fold it before the import")) };
    let params = call.params(3, 4, coded.origin.as_ref().map(|o| o.int.dtype))?;
    let mapped = cx.map_coded(coded, f);
    Ok(Value::Int(cx.quantize_coded(&mapped, params)?))
}

/// Cast: of constants to any type, of small integers to float, and between integer types that hold the values.
pub(super) fn cast(cx: &mut Context, call: &Call<'_>) -> Result<Value, Fault> {
    use crate::onnx::array::Element;
    let to = Element::from_code(call.int("to", 0)?)
        .map_err(|t| Fault::unsupported(format!("a cast to {t}"), "use float or int types up to 64 bits"))?;
    match (call.operand(0)?, to) {
        (Value::Const(c), _) => {
            let data = match (&c.array.data, to) {
                (Data::Float(v), Element::Float) => Data::Float(v.clone()),
                (Data::Int(v), Element::Float) => Data::Float(v.iter().map(|&x| x as f32).collect()),
                (Data::Float(v), Element::Bool) => Data::Int(v.iter().map(|&x| i64::from(x != 0.0)).collect()),
                (Data::Int(v), Element::Bool) => Data::Int(v.iter().map(|&x| i64::from(x != 0)).collect()),
                (Data::Float(v), Element::Int(_)) => Data::Int(v.iter().map(|&x| x as i64).collect()),
                (Data::Int(v), Element::Int(_)) => Data::Int(v.clone()),
            };
            if let (Data::Int(values), Element::Int(dtype)) = (&data, to)
                && dtype != crate::DType::I64
                && values.iter().any(|v| !(dtype.bounds().0..=dtype.bounds().1).contains(v))
            {
                return Err(Fault::invalid(format!("a constant does not fit {dtype}")));
            }
            Ok(Value::of(Array { shape: c.array.shape.clone(), element: to, data }))
        }
        (Value::Int(int), Element::Float) => {
            let int = int.clone();
            elementwise::cast_to_float(cx, &int)
        }
        (Value::Int(int), Element::Int(dtype)) => {
            let int = int.clone();
            let x = cx.force(&int)?;
            let (range, (lo, hi)) = (cx.builder.range(x), dtype.bounds());
            if range.lo < lo || range.hi > hi {
                return Err(Fault::unsupported(
                    format!("a cast of {}..={} to {dtype}, which wraps", range.lo, range.hi),
                    "use a wider type",
                ));
            }
            Ok(Value::Int(crate::onnx::value::Int::plain(dtype, x)))
        }
        (value @ (Value::Coded(_) | Value::Affine(_) | Value::Input(_)), Element::Float) => Ok(value.clone()),
        _ => Err(Fault::unsupported("a cast of floats to integers", "use QuantizeLinear")),
    }
}
