//! Conversions between a model's floats and a program's integers, outside the program.

use super::error::Error;
use super::quant;
use super::value::Params;
use crate::program::Port;

/// The integers that a float input stands for, as ONNX Runtime's QuantizeLinear computes them in f32.
///
/// # Errors
/// The port takes integers only, or a value is not a number.
pub fn quantize(port: &Port, values: &[f32]) -> Result<Vec<i64>, Error> {
    let quantization = port.quantization.ok_or_else(|| Error::Input {
        input: port.name.clone(),
        reason: format!("it takes {} values as they are; the model has no QuantizeLinear for it", port.dtype),
    })?;
    if let Some(position) = values.iter().position(|v| v.is_nan()) {
        return Err(Error::Input { input: port.name.clone(), reason: format!("element {position} is not a number") });
    }
    let params = Params { scale: quantization.scale, zero: quantization.zero_point, dtype: port.dtype };
    Ok(values.iter().map(|&x| quant::quantize(x, params)).collect())
}

/// The floats that an output's integers stand for, as ONNX Runtime's DequantizeLinear computes them in f32.
///
/// # Errors
/// The port gives integers only.
pub fn dequantize(port: &Port, values: &[i64]) -> Result<Vec<f32>, Error> {
    let quantization = port.quantization.ok_or_else(|| Error::Output {
        output: port.name.clone(),
        reason: format!("it gives {} values as they are; the model has no DequantizeLinear for it", port.dtype),
    })?;
    Ok(values.iter().map(|&q| quant::dequantize(q, quantization.zero_point, quantization.scale)).collect())
}
