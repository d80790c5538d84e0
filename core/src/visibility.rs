//! What of a program is private, and what of it a verifying key shows.

use crate::error::Error;
use crate::infer::{self, Given};
use crate::limits;
use crate::program::{Constant, Op, Program, Visibility};
use crate::system::MAX_INLINE;
use crate::tensor::DType;

impl Constant {
    /// Whether a verifying key holds the values themselves: public constants so small that the verifier evaluates them.
    pub fn is_inline(&self) -> bool {
        self.visibility == Visibility::Public && self.shape.num_padded() <= MAX_INLINE
    }
}

impl Program {
    /// The same computation with the named inputs private and, if asked for, the model's parameters too: every
    /// [`Constant::parameter`]. What else the program consists of stays visible: its operations, shapes, lookup tables,
    /// scales and structural constants.
    ///
    /// Bounds are inferred anew: those of a private parameter are its type's. Where a table was made for tighter bounds,
    /// its lookup proves that its arguments lie in the table.
    ///
    /// # Errors
    /// An input that does not exist, or an operation that private operands cannot have (such as a division by a private
    /// constant), or values whose new bounds exceed 61 bits.
    pub fn with_visibility(&self, private_inputs: &[&str], private_weights: bool) -> Result<Program, Error> {
        let mut source = self.clone();
        for name in private_inputs {
            let Some(port) = source.inputs.iter_mut().find(|p| p.name == *name) else {
                let known: Vec<&str> = self.inputs.iter().map(|p| p.name.as_str()).collect();
                return Err(Error::mismatch("the name of a private input", format!("one of {}", known.join(", ")), name));
            };
            port.visibility = Visibility::Private;
        }
        if private_weights {
            hide_parameters(&mut source.constants);
            source.scans.iter_mut().for_each(|s| hide_parameters(&mut s.body.constants));
        }
        let any_private = |p: &Program| p.constants.iter().any(|c| c.visibility == Visibility::Private);
        let partial_lookups = any_private(&source) || source.scans.iter().any(|s| any_private(&s.body));
        let inferred = infer_again(source, partial_lookups)?;
        limits::check_structure(&inferred)?;
        Ok(inferred)
    }

    /// The program as a verifying key holds it: only the constants of [`Constant::is_inline`] have values, commitments
    /// stand for the others.
    pub fn stripped(&self) -> Program {
        let strip = |constants: &[Constant]| {
            let keep = |c: &Constant| Constant {
                name: c.name.clone(),
                shape: c.shape.clone(),
                range: c.range,
                values: if c.is_inline() { c.values.clone() } else { None },
                visibility: c.visibility,
                parameter: c.parameter,
            };
            constants.iter().map(keep).collect::<Vec<_>>()
        };
        let scans = self.scans.iter().map(|s| crate::program::Scan {
            steps: s.steps,
            init: s.init.clone(),
            captures: s.captures.clone(),
            body: s.body.stripped(),
        });
        Program {
            name: self.name.clone(),
            nodes: self.nodes.clone(),
            constants: strip(&self.constants),
            tables: self.tables.clone(),
            scans: scans.collect(),
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
        }
    }

    /// Whether this is what [`Program::stripped`] returns.
    pub fn is_stripped(&self) -> bool {
        self.constants.iter().all(|c| c.is_inline() == c.values.is_some()) && self.scans.iter().all(|s| s.body.is_stripped())
    }
}

/// Marks parameters private, with bounds that show no more than their type.
fn hide_parameters(constants: &mut [Constant]) {
    for constant in constants.iter_mut().filter(|c| c.parameter) {
        constant.visibility = Visibility::Private;
        constant.range = infer::committed_range(constant.range);
    }
}

/// The same program with every node inferred from its operands as they are now.
fn infer_again(source: Program, partial_lookups: bool) -> Result<Program, Error> {
    let mut program = Program { nodes: Vec::with_capacity(source.nodes.len()), ..source };
    let mut fresh = vec![false; program.scans.len()];
    for node in source.nodes {
        let next = match node.op {
            Op::Input(index) => {
                let port = &program.inputs[index];
                infer::input(index, &node.name, port.dtype, node.shape, port.visibility)
            }
            op => {
                if let Op::Scan { scan, .. } = op
                    && !std::mem::replace(&mut fresh[scan], true)
                {
                    widen_captures(&mut program, scan);
                    let body = std::mem::take(&mut program.scans[scan].body);
                    program.scans[scan].body = infer_again(body, partial_lookups)?;
                }
                let known = infer::needs_bounds(&program, &op).then_some([node.range, node.padded_range]);
                let given = Given { contraction: known, partial_lookups };
                infer::node_given(&program, op, node.name.clone(), given).map_err(|e| e.at(&node.name))?
            }
        };
        program.nodes.push(next);
    }
    Ok(program)
}

/// Captured tensors enter a body with a type that covers their bounds, which may have grown.
fn widen_captures(program: &mut Program, scan: usize) {
    let scan = &mut program.scans[scan];
    let ports = scan.body.inputs.iter_mut().skip(scan.init.len());
    for (tensor, port) in scan.captures.iter().zip(ports) {
        let range = program.nodes[tensor.index()].padded_range;
        let (lo, hi) = port.dtype.bounds();
        if range.lo < lo || range.hi > hi {
            port.dtype = DType::narrowest(range.lo, range.hi);
        }
    }
}
