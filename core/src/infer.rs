//! What follows from an operation and its operands: the result's shape, its bounds, and which of its pads are zero.
//!
//! Decoding a program runs this again, so nothing in an encoding can claim bounds that do not hold.

use crate::error::Error;
use crate::interval::Interval;
use crate::program::{Constant, Node, Op, Program, Rounding, TensorId, Visibility};
use crate::tensor::{DType, Shape};
use crate::view::{Block, View};

/// The most shift of [`Op::RoundShift`].
pub const MAX_SHIFT: u32 = 60;

/// The node of an input.
pub(crate) fn input(index: usize, name: &str, dtype: DType, shape: Shape, visibility: Visibility) -> Node {
    let (lo, hi) = dtype.bounds();
    let range = Interval { lo, hi };
    // A private input's pads are whatever its owner committed to, within the range check.
    let clean = shape.extents().iter().map(|n| visibility == Visibility::Public || n.is_power_of_two()).collect();
    Node { op: Op::Input(index), name: name.to_owned(), padded_range: range.hull(Interval::point(0)), range, clean, shape }
}

/// `src` with pads set to `fill`, as an operation.
pub(crate) fn mask(program: &Program, src: TensorId, fill: i64) -> Op {
    let shape = program.shape(src).clone();
    let blocks = shape.extents().iter().enumerate().map(|(a, n)| Block { masked: !n.is_power_of_two(), ..Block::same(a, a) }).collect();
    Op::View { src, view: View { shape, blocks, fill } }
}

/// What inference takes as given because a program's values do not show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// The bounds of a contraction (valid entries, all entries) with a public constant whose values are absent. They were
    /// computed where the values are present; the program id commits to them.
    pub contraction: Option<[Interval; 2]>,
    /// Whether a lookup's argument may seem to leave its table. Bounds cannot see the values of private constants; the
    /// lookup itself proves that its argument lies in the table, and execution fails where it does not.
    pub partial_lookups: bool,
}

/// Whether the bounds of an operation depend on values that are absent: those of [`Given::contraction`].
pub fn needs_bounds(program: &Program, op: &Op) -> bool {
    let Op::Contract { x, y, .. } = op else { return false };
    [x, y].into_iter().any(|t| match program.nodes.get(t.index()).map(|n| &n.op) {
        Some(Op::Const(c)) => program.constants.get(*c).is_some_and(|c| c.values.is_none() && c.visibility == Visibility::Public),
        _ => false,
    })
}

/// Checks an operation whose operands are nodes of `program`, and infers its node.
///
/// # Errors
/// Operands that do not exist or do not fit, or values that could exceed 61 bits.
pub fn node(program: &Program, op: Op, name: String) -> Result<Node, Error> {
    node_given(program, op, name, Given::default())
}

/// [`node`] for programs some of whose values are absent or private.
///
/// # Errors
/// As [`node`]; or bounds that are given but not needed, or wider than what follows without them.
pub fn node_given(program: &Program, op: Op, name: String, given: Given) -> Result<Node, Error> {
    if given.contraction.is_some() && !needs_bounds(program, &op) {
        return Err(Error::Invalid("bounds are given for an operation that determines its own".into()));
    }
    for operand in op.operands(program) {
        if operand.index() >= program.nodes.len() {
            return Err(Error::Invalid(format!("tensor {} does not exist yet", operand.0)));
        }
    }
    let (shape, range, padded_range, clean) = match &op {
        Op::Input(index) => {
            let port = program.inputs.get(*index).ok_or_else(|| Error::Invalid(format!("there is no input {index}")))?;
            return Err(Error::Invalid(format!("input `{}` is made by its declaration", port.name)));
        }
        Op::Const(index) => constant(program, *index)?,
        Op::View { src, view } => view_of(program.node(*src), view)?,
        Op::Linear { terms, constant } => linear(program, terms, *constant)?,
        Op::Contract { x, y, x_axes, y_axes, out_axes } => contract(program, [*x, *y], [x_axes, y_axes], out_axes, given.contraction)?,
        Op::Mul { a, b } => elementwise(program, [*a, *b], |a, b| {
            let (lo, hi) = a.product(b);
            Interval::new(lo, hi)
        })
        .map(|(shape, range, padded)| {
            let clean = (0..shape.num_axes()).map(|i| program.node(*a).clean[i] || program.node(*b).clean[i]).collect();
            (shape, range, padded, clean)
        })?,
        Op::Lookup { x, table } => lookup(program, *x, *table, given.partial_lookups)?,
        Op::RoundShift { x, shift, rounding } => {
            if !(1..=MAX_SHIFT).contains(shift) {
                return Err(Error::mismatch("the shift of a rounding division", format!("1..={MAX_SHIFT}"), shift));
            }
            let x = program.node(*x);
            let apply = |i: Interval| Interval { lo: round_shift(i.lo, *shift, *rounding), hi: round_shift(i.hi, *shift, *rounding) };
            (x.shape.clone(), apply(x.range), apply(x.padded_range), x.clean.clone())
        }
        Op::Div { x, d } => divide(program, *x, *d, |x, d| {
            let corners = [x.lo.div_euclid(d.lo), x.lo.div_euclid(d.hi), x.hi.div_euclid(d.lo), x.hi.div_euclid(d.hi)];
            Interval { lo: corners.into_iter().min().unwrap_or(0), hi: corners.into_iter().max().unwrap_or(0) }
        })?,
        Op::Rem { x, d } => divide(program, *x, *d, |_, d| Interval { lo: 0, hi: d.hi - 1 })?,
        Op::Concat { parts, axis } => concat(program, parts, *axis)?,
        Op::Scan { scan, carry } => scan_output(program, *scan, *carry)?,
    };
    Ok(Node { op, name, shape, range, padded_range, clean })
}

type Inferred = (Shape, Interval, Interval, Vec<bool>);

/// `x / 2^shift` by the given rule; |x| <= 2^61.
pub(crate) fn round_shift(x: i64, shift: u32, rounding: Rounding) -> i64 {
    match rounding {
        Rounding::Floor => x >> shift,
        Rounding::HalfUp => (x + (1 << (shift - 1))) >> shift,
        Rounding::HalfEven => {
            let q = (x + (1 << (shift - 1))) >> shift;
            let tie = x & ((1 << shift) - 1) == 1 << (shift - 1);
            q - i64::from(tie && q & 1 == 1)
        }
    }
}

fn exact(shape: &Shape) -> Vec<bool> {
    shape.extents().iter().map(|n| n.is_power_of_two()).collect()
}

fn constant(program: &Program, index: usize) -> Result<Inferred, Error> {
    let c = program.constants.get(index).ok_or_else(|| Error::Invalid(format!("there is no constant {index}")))?;
    let range = Interval::new(c.range.lo.into(), c.range.hi.into())?;
    if let Some(values) = &c.values {
        let (lo, hi) = values.min_max();
        if values.len() != c.shape.num_padded() || !range.hull(Interval::point(0)).covers(Interval { lo, hi }) {
            return Err(Error::Invalid(format!("constant `{}` does not match its declared shape or bounds", c.name)));
        }
    }
    Ok(match c.visibility {
        Visibility::Public => {
            let padded = if c.shape.has_pads() { range.hull(Interval::point(0)) } else { range };
            (c.shape.clone(), range, padded, vec![true; c.shape.num_axes()])
        }
        // Known by a commitment alone, which says nothing of pads, and by a range check of all entries.
        Visibility::Private => {
            let checked = committed_range(range);
            (c.shape.clone(), checked, checked, exact(&c.shape))
        }
    })
}

/// The interval that a committed tensor with entries in `range` is checked to lie in: all numbers of as many bits, with a
/// sign if need be, so that a key shows no more than that.
pub fn committed_range(range: Interval) -> Interval {
    let bits = |v: i64| u64::BITS - (if v < 0 { !v } else { v }).leading_zeros();
    let bits = bits(range.lo).max(bits(range.hi)).max(1);
    Interval { lo: if range.lo < 0 { -(1 << bits) } else { 0 }, hi: (1 << bits) - 1 }
}

fn view_of(src: &Node, view: &View) -> Result<Inferred, Error> {
    view.check(&src.shape)?;
    Interval::new(view.fill.into(), view.fill.into())?;
    let (mut outside, mut work) = (false, 0u64);
    let mut clean = exact(&view.shape);
    for block in &view.blocks {
        let (lo, hi) = addresses(block, &view.shape);
        if lo < -(1 << 60) || hi > 1 << 60 {
            return Err(Error::Invalid("a view's coefficients reach beyond 60 bits".into()));
        }
        let free = view.relabel(block, &src.shape);
        if let ([s], [o], Some(_)) = (&block.src_axes[..], &block.out_axes[..], &free) {
            clean[*o] |= src.clean[*s] && view.shape.extents()[*o] == src.shape.extents()[*s];
        }
        if free.is_none() {
            work += block.out_axes.iter().map(|&a| view.shape.extents()[a] as u64).product::<u64>();
            block.out_axes.iter().for_each(|&a| clean[a] = true);
            outside |= !covers(block, &src.shape, &view.shape);
        }
    }
    // The verifier evaluates the map of each bound block directly.
    if work > 1 << 24 {
        return Err(Error::TooLarge { what: "the index map of a view".into(), elements: work });
    }
    let bound = view.blocks.iter().any(|b| view.relabel(b, &src.shape).is_none());
    if view.fill != 0 {
        clean = exact(&view.shape);
    }
    let fill = Interval::point(view.fill);
    let range = if outside { src.range.hull(fill) } else { src.range };
    let mut padded =
        if src.shape.has_pads() && view.blocks.iter().any(|b| view.relabel(b, &src.shape).is_some()) { src.padded_range } else { range };
    if bound {
        padded = padded.hull(fill);
    }
    Ok((view.shape.clone(), range, padded.hull(range), clean))
}

/// The least and the greatest address of a block.
fn addresses(block: &Block, out: &Shape) -> (i128, i128) {
    let (mut lo, mut hi) = (i128::from(block.offset), i128::from(block.offset));
    for (&axis, &coef) in block.out_axes.iter().zip(&block.coefs) {
        let reach = i128::from(coef) * (out.extents()[axis].next_power_of_two() as i128 - 1);
        (lo, hi) = (lo + reach.min(0), hi + reach.max(0));
    }
    (lo, hi)
}

/// Whether every valid output of a block has an address inside the source.
fn covers(block: &Block, src: &Shape, out: &Shape) -> bool {
    let (mut lo, mut hi) = (i128::from(block.offset), i128::from(block.offset));
    for (&axis, &coef) in block.out_axes.iter().zip(&block.coefs) {
        let reach = i128::from(coef) * (out.extents()[axis] as i128 - 1);
        (lo, hi) = (lo + reach.min(0), hi + reach.max(0));
    }
    lo >= 0 && hi < block.src_axes.iter().map(|&a| src.extents()[a] as i128).product::<i128>()
}

fn linear(program: &Program, terms: &[(TensorId, i64)], constant: i64) -> Result<Inferred, Error> {
    let first = terms.first().ok_or_else(|| Error::Invalid("a linear combination of nothing".into()))?.0;
    let shape = program.shape(first).clone();
    let mut sums = [(i128::from(constant), i128::from(constant)); 2];
    let mut clean = vec![constant == 0; shape.num_axes()];
    for &(tensor, coef) in terms {
        let node = program.node(tensor);
        if node.shape != shape {
            return Err(Error::mismatch("the shape of a term", &shape, &node.shape));
        }
        for (sum, range) in sums.iter_mut().zip([node.range, node.padded_range]) {
            *sum = add(*sum, range.scaled(coef))?;
        }
        clean.iter_mut().zip(&node.clean).for_each(|(c, n)| *c &= n);
    }
    clean.iter_mut().zip(exact(&shape)).for_each(|(c, e)| *c |= e);
    Ok((shape, Interval::new(sums[0].0, sums[0].1)?, Interval::new(sums[1].0, sums[1].1)?, clean))
}

fn elementwise(
    program: &Program,
    [a, b]: [TensorId; 2],
    f: impl Fn(Interval, Interval) -> Result<Interval, Error>,
) -> Result<(Shape, Interval, Interval), Error> {
    let (a, b) = (program.node(a), program.node(b));
    if a.shape != b.shape {
        return Err(Error::mismatch("the shape of the second operand", &a.shape, &b.shape));
    }
    Ok((a.shape.clone(), f(a.range, b.range)?, f(a.padded_range, b.padded_range)?))
}

/// The sum of two pairs of bounds.
fn add(a: (i128, i128), b: (i128, i128)) -> Result<(i128, i128), Error> {
    match (a.0.checked_add(b.0), a.1.checked_add(b.1)) {
        (Some(lo), Some(hi)) => Ok((lo, hi)),
        _ => Err(Error::IntervalTooWide { lo: i128::MIN, hi: i128::MAX }),
    }
}

fn lookup(program: &Program, x: TensorId, table: usize, partial: bool) -> Result<Inferred, Error> {
    let x = program.node(x);
    let t = program.tables.get(table).ok_or_else(|| Error::Invalid(format!("there is no table {table}")))?;
    let domain = Interval { lo: t.lo, hi: t.hi() };
    let inside = |range: Interval| Interval { lo: range.lo.max(domain.lo), hi: range.hi.min(domain.hi) };
    let (valid, padded) = (inside(x.range), inside(x.padded_range));
    let covered = domain.covers(x.padded_range) || partial && valid.lo <= valid.hi;
    if t.values.is_empty() || !covered {
        return Err(Error::mismatch(
            format!("the argument of table `{}`", t.name),
            format!("{}..={}", domain.lo, domain.hi),
            format!("{}..={}", x.padded_range.lo, x.padded_range.hi),
        ));
    }
    let zero_to_zero = domain.contains(0) && t.values[(-t.lo) as usize] == 0;
    let clean = x.clean.iter().zip(exact(&x.shape)).map(|(&c, e)| e || c && zero_to_zero).collect();
    Ok((x.shape.clone(), t.image(valid), t.image(padded), clean))
}

fn divide(program: &Program, x: TensorId, d: TensorId, f: impl Fn(Interval, Interval) -> Interval) -> Result<Inferred, Error> {
    let divisor = program.node(d).padded_range;
    if divisor.lo < 1 {
        return Err(Error::Divisor { operation: "a division".into(), lo: divisor.lo, hi: divisor.hi });
    }
    let clean = program.node(x).clean.clone();
    let (shape, range, padded) = elementwise(program, [x, d], |x, d| Ok(f(x, d)))?;
    Ok((shape, range, padded, clean))
}

fn concat(program: &Program, parts: &[TensorId], axis: usize) -> Result<Inferred, Error> {
    let first = program.node(*parts.first().ok_or_else(|| Error::Invalid("a concatenation of nothing".into()))?);
    let mut extents = first.shape.extents().to_vec();
    if axis >= extents.len() {
        return Err(Error::Invalid(format!("there is no axis {axis} to join")));
    }
    extents[axis] = 0;
    let (mut range, mut padded) = (first.range, first.padded_range);
    let mut clean = vec![true; extents.len()];
    for &part in parts {
        let node = program.node(part);
        let others = node.shape.extents();
        if others.len() != extents.len() {
            return Err(Error::mismatch("the axes of a joined tensor", extents.len(), others.len()));
        }
        // A sum beyond the machine's integers is beyond any shape's limit, too.
        extents[axis] = extents[axis].saturating_add(others[axis]);
        if others.iter().zip(&extents).enumerate().any(|(i, (a, b))| i != axis && a != b) {
            return Err(Error::mismatch("the shape of a joined tensor", &first.shape, &node.shape));
        }
        (range, padded) = (range.hull(node.range), padded.hull(node.padded_range));
        clean.iter_mut().zip(&node.clean).for_each(|(c, n)| *c &= n);
    }
    clean[axis] = true;
    Ok((Shape::new(extents)?, range, padded.hull(Interval::point(0)), clean))
}

/// The value bounds of `sum_k x y`: per output of a constant operand where one side is a public constant.
fn contract(
    program: &Program,
    [x, y]: [TensorId; 2],
    [x_axes, y_axes]: [&[u8]; 2],
    out_axes: &[u8],
    given: Option<[Interval; 2]>,
) -> Result<Inferred, Error> {
    let nodes = [program.node(x), program.node(y)];
    let axes = [x_axes, y_axes];
    for (side, (node, labels)) in nodes.iter().zip(axes).enumerate() {
        if node.shape.num_axes() != labels.len() || (1..labels.len()).any(|i| labels[..i].contains(&labels[i])) {
            return Err(Error::mismatch(
                format!("the labels of operand {side}"),
                format!("{} distinct", node.shape.num_axes()),
                labels.len(),
            ));
        }
    }
    let extent = |label: u8| {
        let find = |side: usize| axes[side].iter().position(|l| *l == label).map(|a| nodes[side].shape.extents()[a]);
        match (find(0), find(1)) {
            (Some(a), Some(b)) if a != b => Err(Error::mismatch(format!("the extent of axis `{}`", char::from(label)), a, b)),
            (Some(a), _) | (_, Some(a)) => Ok(a),
            (None, None) => Err(Error::Invalid(format!("the result's axis `{}` is in neither operand", char::from(label)))),
        }
    };
    if (1..out_axes.len()).any(|i| out_axes[..i].contains(&out_axes[i])) {
        return Err(Error::Invalid("a label stands twice in the result".into()));
    }
    let shape = Shape::new(out_axes.iter().map(|&l| extent(l)).collect::<Result<Vec<_>, _>>()?)?;
    let mut terms: i128 = 1;
    for (side, labels) in axes.iter().enumerate() {
        for &label in *labels {
            let n = extent(label)?;
            if !out_axes.contains(&label) {
                if !axes[1 - side].contains(&label) {
                    return Err(Error::Invalid(format!("axis `{}` is summed over but stands in one operand only", char::from(label))));
                }
                terms *= if side == 0 { n as i128 } else { 1 };
            }
        }
    }
    let bound = |[a, b]: [Interval; 2]| {
        let (lo, hi) = a.product(b);
        (lo.saturating_mul(terms), hi.saturating_mul(terms))
    };
    let refine = |ranges: [Interval; 2]| -> Result<Interval, Error> {
        for side in [1, 0] {
            if let Some((lo, hi)) = constant_bounds(program, nodes[side], axes[side], out_axes, ranges[1 - side])? {
                return Interval::new(lo, hi);
            }
        }
        let (lo, hi) = bound(ranges);
        Interval::new(lo, hi)
    };
    let (valid, all) = ([nodes[0].range, nodes[1].range], [nodes[0].padded_range, nodes[1].padded_range]);
    let zero = |i: Interval| if shape.has_pads() { i.hull(Interval::point(0)) } else { i };
    let (range, padded) = match given {
        None => {
            let range = refine(valid)?;
            (range, zero(refine(all)?.hull(range)))
        }
        Some([range, padded]) => {
            let within = |i: Interval, (lo, hi): (i128, i128)| i.lo <= i.hi && lo <= i.lo.into() && i128::from(i.hi) <= hi;
            // Pads of the constant are zero, and so are the sums over them.
            let widest = |(lo, hi): (i128, i128)| if shape.has_pads() { (lo.min(0), hi.max(0)) } else { (lo, hi) };
            let (lo, hi) = widest(bound(all));
            if !within(range, widest(bound(valid))) || !within(padded, (lo, hi)) || zero(padded.hull(range)) != padded {
                return Err(Error::mismatch(
                    "the given bounds of a contraction",
                    format!("a part of {lo}..={hi}"),
                    format!("{}..={}, with pads {}..={}", range.lo, range.hi, padded.lo, padded.hi),
                ));
            }
            (Interval::new(range.lo.into(), range.hi.into())?, Interval::new(padded.lo.into(), padded.hi.into())?)
        }
    };
    let clean = out_axes
        .iter()
        .map(|l| axes.iter().zip(&nodes).any(|(labels, node)| labels.iter().position(|x| x == l).is_some_and(|a| node.clean[a])))
        .collect();
    Ok((shape, range, padded, clean))
}

/// Bounds of `sum_k c[.., k] v[k]` over all outputs of a public constant c, for v in `other`; none for other operands.
fn constant_bounds(program: &Program, node: &Node, labels: &[u8], out_axes: &[u8], other: Interval) -> Result<Option<(i128, i128)>, Error> {
    let Op::Const(index) = node.op else { return Ok(None) };
    let public = |c: &&Constant| c.visibility == Visibility::Public;
    let Some(values) = program.constants.get(index).filter(public).and_then(|c| c.values.as_ref()) else { return Ok(None) };
    let padded = node.shape.padded();
    let kept: Vec<bool> = labels.iter().map(|l| out_axes.contains(l)).collect();
    let groups: usize = padded.iter().zip(&kept).filter(|(_, k)| **k).map(|(n, _)| n).product();
    let mut sums = vec![(0i128, 0i128); groups];
    for flat in 0..values.len() {
        let (mut rest, mut group, mut stride) = (flat, 0, 1);
        for (&n, &keep) in padded.iter().zip(&kept).rev() {
            if keep {
                group += rest % n * stride;
                stride *= n;
            }
            rest /= n;
        }
        sums[group] = add(sums[group], other.scaled(values.get(flat)))?;
    }
    Ok(sums.iter().map(|s| s.0).min().zip(sums.iter().map(|s| s.1).max()))
}

fn scan_output(program: &Program, scan: usize, carry: usize) -> Result<Inferred, Error> {
    let s = program.scans.get(scan).ok_or_else(|| Error::Invalid(format!("there is no scan {scan}")))?;
    let (carries, captures) = (s.init.len(), s.captures.len());
    if s.steps == 0
        || s.body.inputs.len() != carries + captures
        || s.body.outputs.len() != carries
        || carry >= carries
        || !s.body.scans.is_empty()
    {
        return Err(Error::Invalid("a scan's body must take its carried tensors and captures and return its carried tensors".into()));
    }
    for (i, &outer) in s.init.iter().chain(&s.captures).enumerate() {
        let (outer, port) = (
            program.nodes.get(outer.index()).ok_or_else(|| Error::Invalid("a scan reads a tensor that does not exist yet".into()))?,
            &s.body.inputs[i],
        );
        let (lo, hi) = port.dtype.bounds();
        if outer.shape != *s.body.shape(port.tensor) || !(Interval { lo, hi }).covers(outer.padded_range) {
            return Err(Error::mismatch(
                format!("operand {i} of a scan"),
                format!("{} {}", port.dtype, s.body.shape(port.tensor)),
                format!("{} in {}..={}", outer.shape, outer.padded_range.lo, outer.padded_range.hi),
            ));
        }
    }
    let port = &s.body.outputs[carry];
    if s.body.shape(port.tensor) != s.body.shape(s.body.inputs[carry].tensor) || port.dtype != s.body.inputs[carry].dtype {
        return Err(Error::mismatch(
            "the shape and type of a carried tensor",
            s.body.shape(s.body.inputs[carry].tensor),
            s.body.shape(port.tensor),
        ));
    }
    let (lo, hi) = port.dtype.bounds();
    let mut extents = vec![s.steps];
    extents.extend(s.body.shape(port.tensor).extents());
    let shape = Shape::new(extents)?;
    let clean = exact(&shape);
    Ok((shape, Interval { lo, hi }, Interval { lo, hi }, clean))
}
