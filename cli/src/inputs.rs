//! Arrays to tensors and back, as the program's ports declare them.
//!
//! A port with a quantisation stands for a float tensor: a `float32` array is converted as ONNX's QuantizeLinear and
//! DequantizeLinear do. Integers of any type whose values fit are taken as they are.

use anyhow::{Context, Result, anyhow, bail};
use assay_core::program::Port;
use assay_core::{Program, Shape, Tensor, onnx};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::files;
use crate::job::{InputFile, Job};
use crate::npy::{self, Array, Elements};

/// More than the largest tensor of a job that a machine could prove.
const MAX_ARRAY_BYTES: u64 = 4 << 30;

/// An array and the input it was given for.
pub struct NamedArray {
    /// The input's name; absent for the first.
    pub name: Option<String>,
    /// What was read.
    pub array: Array,
    /// The file, for errors.
    origin: String,
}

/// Reads the job's input arrays.
pub fn read(job: &Job) -> Result<Vec<NamedArray>> {
    let read = |input: &InputFile| {
        let bytes = files::read(&input.path, MAX_ARRAY_BYTES, "the input")?;
        let origin = input.path.display().to_string();
        let array = npy::read(&bytes).with_context(|| format!("the input {origin}"))?;
        Ok(NamedArray { name: input.name.clone(), array, origin })
    };
    job.inputs.iter().map(read).collect()
}

/// One tensor a port, in order; made-up data for the missing ones if the program has `demo` inputs.
pub fn bind(program: &Program, arrays: &[NamedArray], demo: bool, seed: u64) -> Result<Vec<Tensor>> {
    for given in arrays {
        if given.name.as_ref().is_some_and(|name| program.inputs.iter().all(|port| port.name != *name)) {
            bail!("the program has no input `{}`; it takes {}", given.name.as_deref().unwrap_or_default(), describe_all(program));
        }
    }
    let mut tensors = Vec::with_capacity(program.inputs.len());
    for (index, port) in program.inputs.iter().enumerate() {
        let shape = program.shape(port.tensor);
        let mut matching = arrays.iter().filter(|a| a.name.as_ref().map_or(index == 0, |name| *name == port.name));
        let tensor = match (matching.next(), matching.next()) {
            (Some(given), None) => {
                convert(port, shape, &given.array).with_context(|| format!("input `{}` from {}", port.name, given.origin))?
            }
            (Some(_), Some(_)) => bail!("input `{}` is given twice", port.name),
            (None, _) if demo => made_up(port, shape, seed.wrapping_add(index as u64))?,
            (None, _) => {
                bail!("input `{}` is missing: give --input {}=FILE.npy; the program takes {}", port.name, port.name, describe_all(program))
            }
        };
        tensors.push(tensor);
    }
    Ok(tensors)
}

/// What a port's array is, in NumPy's words.
pub fn array_type(port: &Port) -> String {
    if port.quantization.is_some() { "float32".into() } else { port.dtype.to_string() }
}

fn describe_all(program: &Program) -> String {
    let describe = |port: &Port| format!("`{}` ({} {})", port.name, array_type(port), program.shape(port.tensor));
    program.inputs.iter().map(describe).collect::<Vec<_>>().join(", ")
}

fn convert(port: &Port, shape: &Shape, array: &Array) -> Result<Tensor> {
    if array.shape != shape.extents() {
        bail!("expected an array of shape {shape}, found {:?}", array.shape);
    }
    let values = match (&port.quantization, &array.elements) {
        (Some(_), Elements::F32(values)) => quantize(port, values)?,
        (Some(_), Elements::F64(_)) => bail!("expected float32, found float64: convert with array.astype(numpy.float32)"),
        // Integers are taken as they are: quantised already, or of an input that has no other reading.
        (_, other) => integers(other)
            .with_context(|| format!("expected {}: quantise the array first, or round it and convert with array.astype", port.dtype))?,
    };
    let (lo, hi) = port.dtype.bounds();
    if let Some(at) = values.iter().position(|v| !(lo..=hi).contains(v)) {
        bail!("element {at} is {}, outside {lo}..={hi} ({})", values[at], port.dtype);
    }
    Ok(Tensor::from_valid(shape.clone(), port.dtype, &values)?)
}

/// The integers that a network's reals stand for, saturated as ONNX Runtime does.
fn quantize(port: &Port, values: &[f32]) -> Result<Vec<i64>> {
    if let Some(at) = values.iter().position(|value| value.is_nan()) {
        bail!("element {at} is not a number");
    }
    Ok(onnx::quantize(port, values)?)
}

fn integers(elements: &Elements) -> Result<Vec<i64>> {
    fn widen<T: Copy + Into<i64>>(values: &[T]) -> Vec<i64> {
        values.iter().map(|&v| v.into()).collect()
    }
    Ok(match elements {
        Elements::Bool(v) => widen(v),
        Elements::I8(v) => widen(v),
        Elements::U8(v) => widen(v),
        Elements::I16(v) => widen(v),
        Elements::U16(v) => widen(v),
        Elements::I32(v) => widen(v),
        Elements::U32(v) => widen(v),
        Elements::I64(v) => v.clone(),
        Elements::U64(v) => {
            let narrow = |&v: &u64| i64::try_from(v).map_err(|_| anyhow!("the value {v} is too large"));
            v.iter().map(narrow).collect::<Result<_>>()?
        }
        Elements::F32(_) | Elements::F64(_) => bail!("found {}", elements.type_name()),
    })
}

/// Uniform values of the port's type, the same for the same seed everywhere.
fn made_up(port: &Port, shape: &Shape, seed: u64) -> Result<Tensor> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let (lo, hi) = port.dtype.bounds();
    let values: Vec<i64> = (0..shape.num_elements()).map(|_| rng.gen_range(lo..=hi)).collect();
    Ok(Tensor::from_valid(shape.clone(), port.dtype, &values)?)
}

/// The array that stands for an output: floats where the port has a quantisation, else integers of its type.
pub fn to_array(port: &Port, tensor: &Tensor) -> Result<Array> {
    use assay_core::DType;
    let values = tensor.valid();
    // Each value fits its port's type: execution checked it.
    let elements = match (&port.quantization, port.dtype) {
        (Some(_), _) => Elements::F32(onnx::dequantize(port, &values)?),
        (None, DType::I8) => Elements::I8(values.iter().map(|&v| v as i8).collect()),
        (None, DType::U8) => Elements::U8(values.iter().map(|&v| v as u8).collect()),
        (None, DType::I16) => Elements::I16(values.iter().map(|&v| v as i16).collect()),
        (None, DType::U16) => Elements::U16(values.iter().map(|&v| v as u16).collect()),
        (None, DType::I32) => Elements::I32(values.iter().map(|&v| v as i32).collect()),
        (None, DType::I64) => Elements::I64(values),
    };
    Ok(Array { shape: tensor.shape.extents().to_vec(), elements })
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_core::program::Quantization;
    use assay_core::{Builder, DType};

    fn program(quantization: Option<Quantization>) -> Program {
        let mut builder = Builder::new("test");
        let x = builder.input_quantized("x", DType::U8, &[2, 2], quantization).unwrap();
        let y = builder.input("y", DType::I8, &[1]).unwrap();
        builder.output_quantized("x", x, DType::U8, quantization).unwrap();
        builder.output("y", y, DType::I8).unwrap();
        builder.finish().unwrap()
    }

    fn given(name: Option<&str>, shape: &[usize], elements: Elements) -> NamedArray {
        NamedArray { name: name.map(str::to_owned), array: Array { shape: shape.to_vec(), elements }, origin: "f.npy".into() }
    }

    fn bind_x(quantization: Option<Quantization>, shape: &[usize], elements: Elements) -> Result<Vec<i64>, String> {
        let bound = bind(&program(quantization), &[given(None, shape, elements)], true, 0);
        bound.map(|tensors| tensors[0].valid()).map_err(|e| format!("{e:#}"))
    }

    #[test]
    fn quantizes_as_onnx_runtime_does() {
        let quantization = Quantization { scale: 0.5, zero_point: 10 };
        let values = vec![0.25, 0.75, -100.0, f32::INFINITY];
        assert_eq!(bind_x(Some(quantization), &[2, 2], Elements::F32(values)), Ok(vec![10, 12, 0, 255]));
        let port = &program(Some(quantization)).outputs[0];
        let tensor = Tensor::from_valid(Shape::new([2]).unwrap(), DType::U8, &[0, 13]).unwrap();
        assert_eq!(to_array(port, &tensor).unwrap().elements, Elements::F32(vec![-5.0, 1.5]));
    }

    #[test]
    fn takes_integers_of_any_type_that_fit() {
        assert_eq!(bind_x(None, &[2, 2], Elements::I64(vec![0, 1, 254, 255])), Ok(vec![0, 1, 254, 255]));
        let error = bind_x(None, &[2, 2], Elements::I64(vec![0, 1, 256, 255])).unwrap_err();
        assert_eq!(error, "input `x` from f.npy: element 2 is 256, outside 0..=255 (uint8)");
        assert!(bind_x(None, &[2, 2], Elements::U64(vec![u64::MAX; 4])).unwrap_err().contains("too large"));
    }

    #[test]
    fn refuses_wrong_types_shapes_and_numbers() {
        let quantization = Some(Quantization { scale: 0.5, zero_point: 0 });
        assert!(bind_x(quantization, &[2, 2], Elements::F64(vec![0.0; 4])).unwrap_err().contains("astype(numpy.float32)"));
        assert!(bind_x(quantization, &[2, 2], Elements::F32(vec![f32::NAN; 4])).unwrap_err().contains("not a number"));
        assert!(bind_x(None, &[2, 2], Elements::F32(vec![0.0; 4])).unwrap_err().contains("expected uint8"));
        let error = bind_x(None, &[4], Elements::U8(vec![0; 4])).unwrap_err();
        assert_eq!(error, "input `x` from f.npy: expected an array of shape [2,2], found [4]");
    }

    #[test]
    fn names_missing_unknown_and_repeated_inputs() {
        let bind = |arrays: &[NamedArray]| bind(&program(None), arrays, false, 0).unwrap_err().to_string();
        let x = || given(Some("x"), &[2, 2], Elements::U8(vec![0; 4]));
        assert!(bind(&[x()]).contains("input `y` is missing: give --input y=FILE.npy"));
        assert!(
            bind(&[x(), given(Some("z"), &[1], Elements::U8(vec![0]))])
                .contains("no input `z`; it takes `x` (uint8 [2,2]), `y` (int8 [1])")
        );
        assert!(bind(&[x(), given(None, &[2, 2], Elements::U8(vec![0; 4]))]).contains("given twice"));
    }

    #[test]
    fn made_up_inputs_depend_on_the_seed_only() {
        let bind = |seed| bind(&program(None), &[], true, seed).unwrap();
        assert_eq!(bind(1), bind(1));
        assert_ne!(bind(1), bind(2));
    }
}
