//! The state of an import, and the operations on values that all operators share.

use super::array::{Array, Data, Element};
use super::budget::Budget;
use super::error::Fault;
use super::moves::Move;
use super::product;
use super::quant;
use super::value::{Affine, Coded, Codes, Constant, Dequantized, Int, IntTable, Origin, Params, Rule, Source, Term, Value};
use crate::builder::Builder;
use crate::interval::Interval;
use crate::program::{Table, TensorId, Visibility};
use crate::tensor::DType;
use std::rc::Rc;

/// The most entries of a table that the import makes.
pub(super) const MAX_TABLE: u64 = 1 << 16;
/// The most elements of one tensor.
const MAX_TENSOR: usize = 1 << 30;
/// The most nodes of a program.
const MAX_PROGRAM_NODES: usize = 1 << 18;

/// An import under way.
pub(super) struct Context {
    pub builder: Builder,
    pub budget: Budget,
}

impl Context {
    pub fn new(name: &str) -> Context {
        Context { builder: Builder::new(name), budget: Budget::default() }
    }

    /// The shape of a value.
    pub fn shape(&self, value: &Value) -> Vec<usize> {
        match value {
            Value::Const(c) => c.array.shape.clone(),
            Value::Int(int) => self.shape_of(int.base),
            Value::Coded(coded) => match &coded.codes {
                Codes::Tensor(codes) => self.shape_of(*codes),
                Codes::Pair(pair) => self.shape_of(pair.a.tensor),
            },
            Value::Affine(affine) => affine.shape.clone(),
            Value::Input(input) => self.shape_of(input.int.base),
        }
    }

    /// The shape of a tensor.
    pub fn shape_of(&self, tensor: TensorId) -> Vec<usize> {
        self.builder.shape(tensor).extents().to_vec()
    }

    /// Refuses shapes that no machine could hold, before anything is computed of them.
    pub fn check_size(&self, shape: &[usize]) -> Result<(), Fault> {
        let padded = shape.iter().try_fold(1usize, |acc, &n| acc.checked_mul(n.checked_next_power_of_two()?).filter(|t| *t <= MAX_TENSOR));
        if padded.is_none() {
            return Err(Fault::invalid(format!("a tensor of shape {shape:?} exceeds the limit of {MAX_TENSOR} elements")));
        }
        if self.builder.program().nodes.len() > MAX_PROGRAM_NODES {
            return Err(Fault::invalid(format!("the program would have more than {MAX_PROGRAM_NODES} operations")));
        }
        Ok(())
    }

    /// Adds a constant to the program.
    pub fn constant(&mut self, name: &str, shape: &[usize], values: &[i64]) -> Result<TensorId, Fault> {
        self.check_size(shape)?;
        self.budget.count_constant(shape.iter().map(|n| n.next_power_of_two()).product())?;
        Ok(self.builder.constant_of(name, shape, values, Visibility::Public)?)
    }

    /// A constant of `shape` that holds `values` repeated by numpy's rules.
    pub fn grid(&mut self, name: &str, values: &Array, shape: &[usize]) -> Result<TensorId, Fault> {
        let ints = values.as_ints(name)?;
        let missing = shape.len().saturating_sub(values.shape.len());
        let own: Vec<usize> = std::iter::repeat_n(1, missing).chain(values.shape.iter().copied()).collect();
        let tensor = self.constant(name, &own, ints)?;
        Ok(self.builder.broadcast(tensor, shape)?)
    }

    /// The integers as a tensor: emits the pending lookup.
    pub fn force(&mut self, int: &Int) -> Result<TensorId, Fault> {
        let Some(table) = &int.table else { return Ok(int.base) };
        if let Some(done) = int.forced.get() {
            return Ok(done);
        }
        let domain = self.builder.range(int.base);
        let identity = (domain.lo..=domain.hi).all(|x| table.at(x) == x);
        let result = if identity { int.base } else { self.lookup(int.base, |x| table.at(x))? };
        int.forced.set(Some(result));
        Ok(result)
    }

    /// The range of codes that a table over `tensor` must cover.
    pub fn domain(&self, tensor: TensorId) -> Result<Interval, Fault> {
        let domain = self.builder.program().node(tensor).padded_range;
        if domain.width() > MAX_TABLE {
            return Err(crate::Error::TableTooLarge { lo: domain.lo, hi: domain.hi, entries: domain.width(), most: MAX_TABLE }.into());
        }
        Ok(domain)
    }

    /// `f(x)` as one lookup. The domain is widened to powers of two, so that equal functions share their table.
    pub fn lookup(&mut self, x: TensorId, f: impl Fn(i64) -> i64) -> Result<TensorId, Fault> {
        let domain = self.domain(x)?;
        let half = domain.hi.max(-1 - domain.lo).max(0) as u64 + 1;
        let half = half.next_power_of_two() as i64;
        let (lo, hi) = if domain.lo >= 0 { (0, half - 1) } else { (-half, half - 1) };
        self.budget.count_table((hi - lo + 1) as usize)?;
        let values = (lo..=hi)
            .map(|v| i32::try_from(f(v.clamp(domain.lo, domain.hi))))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Fault::invalid("a table entry exceeds 32 bits"))?;
        Ok(self.builder.lookup(x, Table { name: "function".to_owned(), lo, values })?)
    }

    /// Integers `f(int)`, lazily.
    pub fn map_int(&mut self, int: &Int, dtype: DType, f: impl Fn(i64) -> i64) -> Result<Int, Fault> {
        let domain = self.domain(int.base)?;
        let values = (domain.lo..=domain.hi)
            .map(|x| i32::try_from(f(int.at(x))))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Fault::invalid("a table entry exceeds 32 bits"))?;
        Ok(Int::mapped(dtype, int.base, IntTable { lo: domain.lo, values }))
    }

    /// DequantizeLinear of integers.
    pub fn dequantize(&mut self, int: &Int, params: Params) -> Result<Value, Fault> {
        if int.dtype == DType::I32 {
            let x = self.force(int)?;
            let shape = self.shape_of(x);
            let x = if params.zero == 0 { x } else { self.builder.linear(&[(x, 1)], -params.zero)? };
            let scale = Array::floats(vec![1; shape.len()], vec![params.scale]);
            return Ok(Value::Affine(Affine::of(shape, Term { source: Source::Tensor(x), scale })));
        }
        let origin = Dequantized { int: int.clone(), params };
        Ok(Value::Coded(self.coded(origin)?))
    }

    /// The floats of dequantised integers.
    pub fn coded(&mut self, origin: Dequantized) -> Result<Coded, Fault> {
        let Dequantized { int, params } = &origin;
        let source = Some(int.clone());
        // A narrow base saves the lookup; a wide one would make every table after it wide.
        let narrow = self.builder.program().node(int.base).padded_range.width() <= MAX_TABLE;
        let codes = if narrow { int.base } else { self.force(int)? };
        let domain = self.domain(codes)?;
        let at = |x: i64| quant::dequantize(if narrow { int.at(x) } else { x }, params.zero, params.scale);
        let table = Rc::new((domain.lo..=domain.hi).map(at).collect());
        Ok(Coded { codes: Codes::Tensor(codes), lo: domain.lo, table, origin: Some(origin), source })
    }

    /// QuantizeLinear of coded floats.
    pub fn quantize_coded(&mut self, coded: &Coded, params: Params) -> Result<Int, Fault> {
        if let Some(origin) = &coded.origin
            && origin.params == params
        {
            return Ok(origin.int.clone());
        }
        let values = coded.table.iter().map(|&x| quant::quantize(x, params) as i32).collect();
        let codes = match &coded.codes {
            Codes::Tensor(codes) => *codes,
            Codes::Pair(pair) => return super::pair::quantize(self, pair, params, values),
        };
        let domain = self.domain(codes)?;
        let table = IntTable { lo: coded.lo, values };
        if let Some(origin) = &coded.origin
            && codes == origin.int.base
            && (domain.lo..=domain.hi).all(|x| table.at(x) == origin.int.at(x))
        {
            return Ok(Int { dtype: params.dtype, ..origin.int.clone() });
        }
        Ok(Int::mapped(params.dtype, codes, table))
    }

    /// The codes as a tensor.
    pub fn codes(&mut self, coded: &Coded) -> Result<TensorId, Fault> {
        match &coded.codes {
            Codes::Tensor(codes) => Ok(*codes),
            Codes::Pair(pair) => pair.code(self),
        }
    }

    /// The same floats as a function of 8-bit integers where they are now one of a wider sum.
    pub fn narrow(&mut self, coded: &Coded) -> Result<Coded, Fault> {
        let (Some(int), Codes::Tensor(codes)) = (&coded.source, &coded.codes) else { return Ok(coded.clone()) };
        if int.table.is_none() || int.base != *codes {
            return Ok(coded.clone());
        }
        let old = self.domain(*codes)?;
        let codes = self.force(int)?;
        let domain = self.domain(codes)?;
        // Equal integers mean equal floats; integers that never occur may mean anything.
        let mut table = vec![coded.at(old.lo); domain.width() as usize];
        for code in old.lo..=old.hi {
            if let Some(entry) = usize::try_from(int.at(code) - domain.lo).ok().and_then(|i| table.get_mut(i)) {
                *entry = coded.at(code);
            }
        }
        let source = Int::plain(int.dtype, codes);
        let origin = coded.origin.as_ref().map(|o| Dequantized { int: source.clone(), params: o.params });
        Ok(Coded { codes: Codes::Tensor(codes), lo: domain.lo, table: Rc::new(table), origin, source: Some(source) })
    }

    /// A float value as a function of small integers.
    pub fn as_coded(&mut self, value: &Value) -> Result<Coded, Fault> {
        match value {
            Value::Coded(coded) => Ok(coded.clone()),
            Value::Const(c) => self.coded_constant(c),
            Value::Int(_) => Err(Fault::invalid("it takes floats, but an operand is integers")),
            Value::Affine(_) | Value::Input(_) => {
                Err(Fault::unsupported("a float operand that is not quantised", "put QuantizeLinear and DequantizeLinear before this node"))
            }
        }
    }

    fn coded_constant(&mut self, constant: &Constant) -> Result<Coded, Fault> {
        if let Some(origin) = &constant.origin
            && let Element::Int(dtype @ (DType::U8 | DType::I8)) = origin.ints.element
            && let Ok(params) = super::call::params(&origin.scale, Some(&origin.zero), Some(dtype))
        {
            let int = self.int_constant(&origin.ints)?;
            return self.coded(Dequantized { int, params });
        }
        let values = constant.array.as_floats("a constant operand")?;
        let mut table = values.to_vec();
        table.sort_by(f32::total_cmp);
        table.dedup_by_key(|v| v.to_bits());
        if table.len() as u64 > MAX_TABLE {
            return Err(Fault::unsupported("a float constant with more than 65536 different values", "quantise the constant"));
        }
        let find = |v: &f32| table.partition_point(|t| t.total_cmp(v).is_lt()) as i64;
        let codes: Vec<i64> = values.iter().map(find).collect();
        let codes = self.constant("constant", &constant.array.shape, &codes)?;
        Ok(Coded::new(codes, 0, Rc::new(table)))
    }

    /// The same function of the codes, applied to the floats.
    pub fn map_coded(&self, coded: &Coded, f: impl Fn(f32) -> f32) -> Coded {
        Coded { table: Rc::new(coded.table.iter().map(|&x| f(x)).collect()), origin: None, ..coded.clone() }
    }

    /// Applies moves to any value; pads with zero unless the caller handles padding itself.
    pub fn apply(&mut self, value: &Value, moves: &[Move]) -> Result<Value, Fault> {
        let mut shape = self.shape(value);
        for step in moves {
            shape = step.shape(&shape);
            if shape.contains(&0) && !matches!(value, Value::Const(_)) {
                return Err(Fault::invalid(format!("its result would be empty (shape {shape:?})")));
            }
            self.check_size(&shape)?;
        }
        if moves.is_empty() {
            return Ok(value.clone());
        }
        match value {
            Value::Const(c) => {
                let origin = c.origin.as_ref();
                let go = |a: &Array| moves.iter().try_fold(a.clone(), |a, m| m.on_array(&a, &zero_of(&a)));
                let origin =
                    origin.map(|o| Ok::<_, Fault>(Origin { ints: go(&o.ints)?, scale: go(&o.scale)?, zero: go(&o.zero)? })).transpose()?;
                Ok(Value::Const(Rc::new(Constant { array: go(&c.array)?, origin })))
            }
            Value::Int(int) => Ok(Value::Int(self.move_int(int, moves, 0)?)),
            Value::Coded(coded) => Ok(Value::Coded(self.move_coded(coded, moves)?)),
            Value::Affine(affine) => Ok(Value::Affine(self.move_affine(affine, moves)?)),
            Value::Input(input) => Ok(Value::Input(Dequantized { int: self.move_int(&input.int, moves, 0)?, params: input.params })),
        }
    }

    /// Moves integers, padding with `fill`.
    pub fn move_int(&mut self, int: &Int, moves: &[Move], fill: i64) -> Result<Int, Fault> {
        let mut x = self.force(int)?;
        for step in moves {
            x = step.on_tensor(&mut self.builder, x, fill)?;
        }
        Ok(Int::plain(int.dtype, x))
    }

    fn move_coded(&mut self, coded: &Coded, moves: &[Move]) -> Result<Coded, Fault> {
        if let Some(origin) = &coded.origin {
            let int = self.move_int(&origin.int, moves, 0)?;
            return self.coded(Dequantized { int, params: origin.params });
        }
        let mut codes = self.codes(coded)?;
        for step in moves {
            codes = step.on_tensor(&mut self.builder, codes, coded.lo)?;
        }
        Ok(Coded { codes: Codes::Tensor(codes), source: None, ..coded.clone() })
    }

    fn move_affine(&mut self, affine: &Affine, moves: &[Move]) -> Result<Affine, Fault> {
        let mut out = affine.clone();
        // The moved scales and bias need the whole shape only where they vary.
        let spread = |array: &Array, shape: &[usize]| if array.len() == 1 { Ok(array.clone()) } else { array.broadcast(shape) };
        for term in &mut out.terms {
            let mut x = self.emit_source(&term.source)?;
            let mut scale = spread(&term.scale, &affine.shape)?;
            for step in moves {
                x = step.on_tensor(&mut self.builder, x, 0)?;
                if scale.len() > 1 {
                    scale = step.on_array(&scale, &zero_of(&scale))?;
                }
            }
            if scale.len() == 1 {
                scale.shape = vec![1; self.builder.shape(x).num_axes()];
            }
            *term = Term { source: Source::Tensor(x), scale };
        }
        let mut shape = affine.shape.clone();
        for step in moves {
            shape = step.shape(&shape);
        }
        for array in [&mut out.bias, &mut out.divisor].into_iter().flatten() {
            let mut moved = spread(array, &affine.shape)?;
            for step in moves {
                if moved.len() > 1 {
                    moved = step.on_array(&moved, &zero_of(&moved))?;
                }
            }
            if moved.len() == 1 {
                moved.shape = vec![];
            }
            *array = moved;
        }
        out.shape = shape;
        Ok(out)
    }

    /// A term's integers, without multipliers.
    pub fn emit_source(&mut self, source: &Source) -> Result<TensorId, Fault> {
        match source {
            Source::Tensor(x) => Ok(*x),
            Source::Product(p) => product::emit(self, p, &[1], &[0]),
        }
    }

    /// A constant as integers of the program.
    pub fn int_constant(&mut self, array: &Array) -> Result<Int, Fault> {
        let Element::Int(dtype) = array.element else { return Err(Fault::invalid("an integer constant was expected")) };
        let x = self.constant("constant", &array.shape, array.as_ints("a constant")?)?;
        Ok(Int::plain(dtype, x))
    }
}

impl Affine {
    /// One term, unclamped.
    pub fn of(shape: Vec<usize>, term: Term) -> Affine {
        Affine {
            shape,
            terms: vec![term],
            bias: None,
            lo: f32::NEG_INFINITY,
            hi: f32::INFINITY,
            exact: false,
            divisor: None,
            rule: Rule::Scale,
        }
    }
}

fn zero_of(array: &Array) -> Data {
    match array.data {
        Data::Float(_) => Data::Float(vec![0.0]),
        Data::Int(_) => Data::Int(vec![0]),
    }
}
