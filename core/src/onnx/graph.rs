//! From a decoded graph to a program: inputs, nodes in order, outputs.

use super::ImportOptions;
use super::array::{Array, Element};
use super::call::{self, Call};
use super::context::Context;
use super::error::{Error, Fault};
use super::ops;
use super::proto::{Dim, Graph, Model, Node, TensorProto, ValueInfo};
use super::value::{Affine, Coded, Dequantized, Int, Params, Source, Value};
use crate::program::{Program, Quantization};
use crate::tensor::DType;
use std::collections::{HashMap, HashSet};

/// Operator sets whose semantics are known.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=25;

/// Lowers a model.
pub(super) fn lower(model: &Model<'_>, options: &ImportOptions) -> Result<Program, Error> {
    let opset = model.opsets.iter().find(|(domain, _)| matches!(*domain, "" | "ai.onnx")).map_or(0, |o| o.1);
    if !OPSETS.contains(&opset) {
        let (first, last) = (OPSETS.start(), OPSETS.end());
        return Err(Error::Model(format!(
            "the model uses operator set {opset}; {first} to {last} are supported (`onnx.version_converter` converts)"
        )));
    }
    let graph = &model.graph;
    let name = options.name.as_deref().unwrap_or(if graph.name.is_empty() { "model" } else { graph.name });
    let needed = needed(graph);
    let mut uses: HashMap<&str, usize> = HashMap::new();
    let running = graph.nodes.iter().filter(|n| n.outputs.iter().any(|o| needed.contains(o)));
    for name in running.flat_map(|n| &n.inputs).chain(graph.outputs.iter().map(|o| &o.name)) {
        *uses.entry(name).or_default() += 1;
    }
    let mut importer = Importer { cx: Context::new(name), graph, values: HashMap::new(), needed, uses };
    importer.initializers()?;
    importer.inputs(options)?;
    importer.nodes()?;
    importer.outputs()?;
    importer.cx.builder.finish().map_err(|e| Error::Model(e.to_string()))
}

/// The names that some output depends on.
fn needed<'a>(graph: &Graph<'a>) -> HashSet<&'a str> {
    let mut needed: HashSet<&str> = graph.outputs.iter().map(|o| o.name).collect();
    for node in graph.nodes.iter().rev() {
        if node.outputs.iter().any(|o| needed.contains(o)) {
            needed.extend(node.inputs.iter().filter(|i| !i.is_empty()));
        }
    }
    needed
}

struct Importer<'m, 'a> {
    cx: Context,
    graph: &'m Graph<'a>,
    values: HashMap<&'a str, Value>,
    needed: HashSet<&'a str>,
    /// How often each name is still to be read.
    uses: HashMap<&'a str, usize>,
}

impl<'m, 'a> Importer<'m, 'a> {
    fn initializers(&mut self) -> Result<(), Error> {
        for tensor in self.graph.initializers.iter().filter(|t| self.needed.contains(t.name)) {
            let array = decode(tensor)?;
            if self.values.insert(tensor.name, Value::of(array)).is_some() {
                return Err(Error::Tensor { tensor: tensor.name.to_owned(), reason: "it is defined twice".into() });
            }
        }
        Ok(())
    }

    fn inputs(&mut self, options: &ImportOptions) -> Result<(), Error> {
        let names: HashSet<&str> = self.graph.inputs.iter().map(|i| i.name).collect();
        if let Some(unknown) = options.input_shapes.keys().find(|k| !names.contains(k.as_str())) {
            let mut known: Vec<&str> = names.into_iter().collect();
            known.sort_unstable();
            return Err(Error::Input { input: unknown.clone(), reason: format!("the model has no such input, only {}", known.join(", ")) });
        }
        let initializers: HashSet<&str> = self.graph.initializers.iter().map(|t| t.name).collect();
        for info in &self.graph.inputs {
            // Old files list initializers among the inputs.
            if initializers.contains(info.name) {
                continue;
            }
            let fail = |reason: String| Error::Input { input: info.name.to_owned(), reason };
            let shape = input_shape(info, options.input_shapes.get(info.name)).map_err(fail)?;
            let element =
                Element::from_code(info.data_type).map_err(|t| fail(format!("it is of {t}; float32 and integers are supported")))?;
            self.cx.check_size(&shape).map_err(|f| f.at(info.name, "input"))?;
            let value = match element {
                Element::Int(dtype) => {
                    let tensor = self.cx.builder.input(info.name, dtype, &shape).map_err(|e| fail(e.to_string()))?;
                    Value::Int(Int::plain(dtype, tensor))
                }
                Element::Float => {
                    let params = self.input_params(info.name)?;
                    let quantization = Quantization { scale: params.scale, zero_point: params.zero };
                    let tensor = self.cx.builder.input_quantized(info.name, params.dtype, &shape, Some(quantization));
                    let int = Int::plain(params.dtype, tensor.map_err(|e| fail(e.to_string()))?);
                    Value::Input(Dequantized { int, params })
                }
                Element::Bool => return Err(fail("it is boolean; float32 and integers are supported".into())),
            };
            if self.values.insert(info.name, value).is_some() {
                return Err(fail("it is defined twice".into()));
            }
        }
        Ok(())
    }

    /// The QuantizeLinear that a float input meets, perhaps after operators that only move elements.
    fn input_params(&self, name: &str) -> Result<Params, Error> {
        const MOVES: [&str; 9] = ["Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Slice", "Dropout", "Expand"];
        let mut reached: HashSet<&str> = HashSet::from([name]);
        for node in self.graph.nodes.iter() {
            let Some(first) = node.inputs.first().filter(|i| reached.contains(*i)) else { continue };
            if node.op_type == "QuantizeLinear" {
                let array = |i: usize| node.inputs.get(i).filter(|n| !n.is_empty()).and_then(|n| self.constant(n));
                let scale = array(1).ok_or_else(|| {
                    Fault::unsupported("a scale that is not an initializer", "make scale and zero point initializers")
                        .at(label(node), node.op_type)
                })?;
                return call::params(&scale, array(2).as_ref(), None).map_err(|f| f.at(label(node), node.op_type));
            }
            if MOVES.contains(&node.op_type) && !first.is_empty() {
                reached.extend(node.outputs.iter().take(1));
            }
        }
        let reason = "it is float, and no QuantizeLinear quantises it; quantise the model statically \
                      (`onnxruntime.quantization.quantize_static`)";
        Err(Error::Input { input: name.to_owned(), reason: reason.into() })
    }

    /// An initializer or the value of a Constant node.
    fn constant(&self, name: &str) -> Option<Array> {
        if let Some(Value::Const(c)) = self.values.get(name) {
            return Some(c.array.clone());
        }
        let node = self.graph.nodes.iter().find(|n| n.op_type == "Constant" && n.outputs.first() == Some(&name))?;
        Call { node, inputs: vec![] }.constant_value().ok()
    }

    fn nodes(&mut self) -> Result<(), Error> {
        for node in &self.graph.nodes {
            if !node.outputs.iter().any(|o| self.needed.contains(o)) {
                continue;
            }
            let place = label(node);
            self.cx.builder.scope(place);
            let fail = |fault: Fault| fault.at(place, node.op_type);
            let inputs = node
                .inputs
                .iter()
                .map(|name| match (name.is_empty(), self.values.get(name)) {
                    (true, _) => Ok(None),
                    (false, Some(value)) => Ok(Some(value.clone())),
                    (false, None) => Err(fail(Fault::invalid(format!("it reads `{name}`, which nothing before it makes")))),
                })
                .collect::<Result<Vec<_>, _>>()?;
            let results = ops::lower(&mut self.cx, &Call { node, inputs }).map_err(fail)?;
            for name in &node.inputs {
                self.release(name);
            }
            for (name, value) in node.outputs.iter().zip(results) {
                self.cx.budget.count_result(&value).map_err(fail)?;
                if !name.is_empty() && self.values.insert(name, value).is_some() {
                    return Err(fail(Fault::invalid(format!("`{name}` is defined twice"))));
                }
            }
        }
        Ok(())
    }

    /// Forgets a value after its last use: constants on their way to the program are large.
    fn release(&mut self, name: &str) {
        if let Some(left) = self.uses.get_mut(name) {
            *left -= 1;
            if *left == 0 {
                self.values.remove(name);
            }
        }
    }

    fn outputs(&mut self) -> Result<(), Error> {
        for info in &self.graph.outputs {
            let fail = |reason: String| Error::Output { output: info.name.to_owned(), reason };
            let value = self.values.get(info.name).cloned().ok_or_else(|| fail("nothing makes it".into()))?;
            self.cx.builder.scope(info.name);
            self.output(info.name, &value).map_err(|fault| match fault {
                Fault::Unsupported(what, instead) => fail(format!("{what} is not supported; {instead}")),
                Fault::Invalid(reason) => fail(reason),
                Fault::Program(source) => fail(source.to_string()),
                Fault::Whole(error) => *error,
            })?;
        }
        Ok(())
    }

    fn output(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        let cx = &mut self.cx;
        let (int, quantization) = match value {
            Value::Int(int) => (int.clone(), None),
            Value::Const(c) if matches!(c.array.element, Element::Int(_)) => (cx.int_constant(&c.array)?, None),
            Value::Coded(Coded { origin: Some(origin), .. }) => {
                let Params { scale, zero, .. } = origin.params;
                (origin.int.clone(), Some(Quantization { scale, zero_point: zero }))
            }
            Value::Affine(affine) => {
                let (source, scale) = exact(affine)?;
                let tensor = cx.emit_source(source)?;
                (Int::plain(DType::I32, tensor), Some(Quantization { scale, zero_point: 0 }))
            }
            _ => {
                return Err(Fault::unsupported(
                    "a float output that is not a dequantised tensor",
                    "end the model with QuantizeLinear, or with QuantizeLinear and DequantizeLinear",
                ));
            }
        };
        let tensor = cx.force(&int)?;
        cx.builder.output_quantized(name, tensor, int.dtype, quantization)?;
        Ok(())
    }
}

/// The sum and scale of floats that ONNX Runtime, too, computes as `f32(sum) * scale`.
fn exact(affine: &Affine) -> Result<(&Source, f32), Fault> {
    match &affine.terms[..] {
        [term] if affine.exact && affine.bias.is_none() && term.scale.len() == 1 => Ok((&term.source, term.scale.scalar_float("a scale")?)),
        _ => Err(Fault::unsupported(
            "a float output that ONNX Runtime rounds in an order of its own",
            "end the model with QuantizeLinear, or with QuantizeLinear and DequantizeLinear",
        )),
    }
}

/// What a node is called in errors: its name, or that of its first result.
fn label<'a>(node: &Node<'a>) -> &'a str {
    if node.name.is_empty() { node.outputs.first().copied().unwrap_or("?") } else { node.name }
}

fn decode(tensor: &TensorProto<'_>) -> Result<Array, Error> {
    Array::decode(tensor).map_err(|reason| Error::Tensor { tensor: tensor.name.to_owned(), reason })
}

/// The shape of an input: declared, given, or 1 for a leading symbol.
fn input_shape(info: &ValueInfo<'_>, given: Option<&Vec<usize>>) -> Result<Vec<usize>, String> {
    let declared = info.dims.as_ref();
    if let Some(given) = given {
        let fits = |(d, g): (&Dim<'_>, &usize)| !matches!(d, Dim::Fixed(n) if *n > 0 && usize::try_from(*n) != Ok(*g));
        if declared.is_some_and(|dims| dims.len() != given.len() || !dims.iter().zip(given).all(fits)) || given.contains(&0) {
            return Err(format!("the shape {given:?} does not fit the model's {}", show(declared)));
        }
        return Ok(given.clone());
    }
    let dims = declared.ok_or("its shape is not declared; give it with the import")?;
    dims.iter()
        .enumerate()
        .map(|(i, dim)| match dim {
            Dim::Fixed(n) if *n > 0 => usize::try_from(*n).map_err(|_| format!("its axis {i} is {n}")),
            Dim::Fixed(0) => Err(format!("its axis {i} is empty")),
            _ if i == 0 => Ok(1),
            _ => Err(format!("its shape {} has a symbolic axis {i}; give the shape with the import", show(declared))),
        })
        .collect()
}

fn show(dims: Option<&Vec<Dim<'_>>>) -> String {
    let one = |d: &Dim<'_>| match d {
        Dim::Fixed(n) => n.to_string(),
        Dim::Symbol("") => "?".to_owned(),
        Dim::Symbol(s) => (*s).to_owned(),
    };
    dims.map_or("undeclared shape".to_owned(), |d| format!("[{}]", d.iter().map(one).collect::<Vec<_>>().join(",")))
}
