//! Contractions as products of matrices, for machines that have a kernel for those.

use super::contract::{Operand, Roles};
use super::gather::{Gather, strides};
use crate::tensor::Shape;

/// `z[b, i, j] = sum_k x[b, i, k] y[b, k, j]`, of gathered operands; the result is gathered from z.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// x from the left operand, unless it is that.
    pub left: Option<Gather>,
    /// y from the right operand, unless it is that.
    pub right: Option<Gather>,
    /// The result from z, unless it is that.
    pub result: Option<Gather>,
    /// Batch, rows, inner, columns. Pads are among all but the inner ones.
    pub dims: [usize; 4],
}

impl Product {
    /// The product of a contraction to a result of shape `shape`.
    pub fn new<T>(x: &Operand<'_, T>, y: &Operand<'_, T>, out_axes: &[u8], shape: &Shape) -> Product {
        let Roles { batch, rows, cols, summed } = Roles::new(x.axes, y.axes, out_axes);
        let padded = |o: &Operand<'_, T>, labels: &[u8]| o.extents(labels).iter().map(|n| n.next_power_of_two()).product();
        let dims = [padded(x, &batch), padded(x, &rows), x.extents(&summed).iter().product(), padded(y, &cols)];
        let order = [&batch[..], &rows, &cols].concat();
        let shape_strides = strides(&shape.padded());
        // z has the padded extents of the result, in another order.
        let z: Vec<(u8, usize)> = order.iter().map(|l| (*l, position(out_axes, *l).map_or(1, |a| shape.padded()[a]))).collect();
        let z_strides = strides(&z.iter().map(|a| a.1).collect::<Vec<_>>());
        let from_z = out_axes.iter().zip(shape.padded()).map(|(l, extent)| (extent, position(&order, *l).map_or(0, |a| z_strides[a])));
        let result = from_z.collect::<Vec<_>>();
        Product {
            left: pack(x, &[&batch[..], &rows, &summed].concat(), &summed),
            right: pack(y, &[&batch[..], &summed, &cols].concat(), &summed),
            result: unless_same(&result, &shape_strides, shape.num_padded()),
            dims,
        }
    }
}

fn position(labels: &[u8], label: u8) -> Option<usize> {
    labels.iter().position(|l| *l == label)
}

/// An operand's axes in an order, with the valid extents of those that are summed over.
fn pack<T>(operand: &Operand<'_, T>, order: &[u8], summed: &[u8]) -> Option<Gather> {
    let shape = &operand.node.shape;
    let own = strides(&shape.padded());
    let axes: Vec<(usize, usize)> = order
        .iter()
        .filter_map(|l| Some((l, position(operand.axes, *l)?)))
        .map(|(l, a)| (if summed.contains(l) { shape.extents()[a] } else { shape.padded()[a] }, own[a]))
        .collect();
    unless_same(&axes, &own, shape.num_padded())
}

/// The gather of axes, unless it changes nothing.
fn unless_same(axes: &[(usize, usize)], strides: &[usize], len: usize) -> Option<Gather> {
    let gather = Gather::of_axes(axes);
    let same = gather.len == len && axes.iter().zip(strides).all(|(axis, stride)| axis.0 == 1 || axis.1 == *stride);
    (!same).then_some(gather)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::{Host, Machine};
    use crate::interval::Interval;
    use crate::program::{Node, Op};
    use crate::tensor::{DType, Ints};

    fn node(extents: &[usize]) -> Node {
        let range = Interval { lo: -100, hi: 100 };
        let shape = Shape::new(extents).unwrap();
        Node { op: Op::Const(0), name: String::new(), clean: vec![true; extents.len()], shape, range, padded_range: range }
    }

    fn gathered(map: &Option<Gather>, values: &[i64]) -> Vec<i64> {
        let whole = |g: &Gather| (0..g.len).map(|i| g.address(i).map_or(g.fill, |a| values[a])).collect();
        map.as_ref().map_or_else(|| values.to_vec(), whole)
    }

    fn agrees(einsum: &str, extents: &[(char, usize)]) {
        let extent = |l: u8| extents.iter().find(|e| e.0 == char::from(l)).unwrap().1;
        let [x_axes, y_axes, out_axes] = [0, 1, 2].map(|i| einsum.split([',', '>']).nth(i).unwrap().as_bytes());
        let [x_node, y_node, out_node] = [x_axes, y_axes, out_axes].map(|axes| node(&axes.iter().map(|l| extent(*l)).collect::<Vec<_>>()));
        let values = |n: &Node, seed: usize| Ints::I8((0..n.shape.num_padded()).map(|i| ((i * 37 + seed) % 201) as i8).collect());
        let (x, y) = (values(&x_node, 5), values(&y_node, 11));
        let operands = (Operand { data: &x, node: &x_node, axes: x_axes }, Operand { data: &y, node: &y_node, axes: y_axes });
        let product = Product::new(&operands.0, &operands.1, out_axes, &out_node.shape);
        let (left, right) = (gathered(&product.left, &x.to_i64()), gathered(&product.right, &y.to_i64()));
        let [b, m, k, n] = product.dims;
        assert_eq!((left.len(), right.len()), (b * m * k, b * k * n), "{einsum}");
        let entry = |at: usize| -> i64 {
            let (row, column) = (at / n, at % n);
            (0..k).map(|i| left[row * k + i] * right[(row / m * k + i) * n + column]).sum()
        };
        let z: Vec<i64> = (0..b * m * n).map(entry).collect();
        let expected = Host.contract(operands.0, operands.1, out_axes, &out_node.shape, DType::I64).to_i64();
        assert_eq!(gathered(&product.result, &z), expected, "{einsum} {extents:?}");
    }

    #[test]
    fn products_are_contractions() {
        let extents = [('a', 3), ('b', 4), ('c', 5), ('d', 2), ('e', 1)];
        for einsum in [
            "ab,bc>ac",
            "ab,cb>ac",
            "ba,bc>ca",
            "ab,bc>ca",
            "abc,abd>acd",
            "cab,abd>dca",
            "ab,b>a",
            "b,bc>c",
            "ab,ab>",
            "a,c>ac",
            "a,a>a",
            "abcd,dcb>a",
            "abcd,bd>ca",
            "ae,ec>ac",
            "ab,cd>dbca",
            "dbc,adc>bda",
        ] {
            agrees(einsum, &extents);
            agrees(einsum, &extents.map(|(l, n)| (l, 6 - n)));
        }
        assert_eq!(
            {
                let (x, y) = (node(&[4, 8]), node(&[8, 2]));
                let product = Product::new::<()>(
                    &Operand { data: &(), node: &x, axes: b"ab" },
                    &Operand { data: &(), node: &y, axes: b"bc" },
                    b"ac",
                    &Shape::new([4, 2]).unwrap(),
                );
                (product.left, product.right, product.result)
            },
            (None, None, None),
            "a plain product moves nothing"
        );
    }
}
