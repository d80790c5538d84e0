//! The executor on the CUDA backend against the processor's, primitive by primitive.

use crate::on_cuda;

on_cuda!(
    moves_and_converts,
    combines_terms,
    multiplies_and_divides_entries,
    looks_up_and_rounds,
    gathers_views,
    contracts,
    fills_a_trajectory,
    takes_limbs,
    counts_combinations,
    finds_bounds
);

mod check {
    use std::sync::Arc;

    use ark_std::rand::{Rng, rngs::StdRng};
    use assay_core::{
        DType, Interval, Ints, Shape,
        execute::{Host, Machine, Operand},
        program::{Node, Op, Rounding, Table},
        view::{Block, View},
    };
    use assay_gpu::{Cuda, Executor, cuda};

    use crate::samples;

    /// None, one, fewer than a block, blocks and a rest.
    const LENGTHS: [usize; 6] = [0, 1, 7, 256, 257, 3001];

    /// Integers of a type, its extremes among them, of at most so many bits.
    fn ints(dtype: DType, bits: u32, len: usize, rng: &mut StdRng) -> Ints {
        let (lo, hi) = (dtype.bounds().0.max(-(1 << bits)), dtype.bounds().1.min((1 << bits) - 1));
        let value = |_| match rng.gen_range(0..8) {
            0 => lo,
            1 => hi,
            2 => 0,
            _ => rng.gen_range(lo..=hi),
        };
        Ints::from_i64(dtype, (0..len).map(value).collect::<Vec<_>>())
    }

    fn fetched(cuda: &Cuda, values: &Arc<cuda::Ints>) -> Ints {
        cuda.fetch(values).into_owned()
    }

    fn here(cuda: &Cuda, values: &Ints) -> Arc<cuda::Ints> {
        cuda.place(values, values.dtype())
    }

    pub fn moves_and_converts(cuda: &Cuda) {
        let mut rng = samples::rng(80);
        for from in DType::ALL {
            for len in LENGTHS {
                let values = ints(from, 61, len, &mut rng);
                let there = here(cuda, &values);
                assert_eq!(fetched(cuda, &there), values);
                for to in DType::ALL {
                    // Where a type is too narrow, both keep the low bits.
                    let expected = Host.convert(&values, to);
                    assert_eq!(fetched(cuda, &cuda.convert(&there, to)), expected, "{from} to {to}");
                    assert_eq!(fetched(cuda, &cuda.place(&values, to)), expected, "{from} to {to}");
                }
            }
        }
    }

    pub fn combines_terms(cuda: &Cuda) {
        let mut rng = samples::rng(81);
        for len in LENGTHS {
            for count in [1, 2, 8, 9, 16, 40] {
                let values: Vec<Ints> = (0..count).map(|i| ints(DType::ALL[i % 6], 30, len, &mut rng)).collect();
                let there: Vec<_> = values.iter().map(|v| here(cuda, v)).collect();
                let coefs: Vec<i64> = (0..count).map(|_| rng.gen_range(-1000..1000)).collect();
                for dtype in [DType::I64, DType::I32, DType::U8] {
                    let expected = Host.linear(&values.iter().zip(coefs.iter().copied()).collect::<Vec<_>>(), -77, dtype);
                    let found = cuda.linear(&there.iter().zip(coefs.iter().copied()).collect::<Vec<_>>(), -77, dtype);
                    assert_eq!(fetched(cuda, &found), expected, "{count} terms of {len}");
                }
            }
        }
    }

    pub fn multiplies_and_divides_entries(cuda: &Cuda) {
        let mut rng = samples::rng(82);
        for a in DType::ALL {
            for b in DType::ALL {
                let (x, y) = (ints(a, 30, 700, &mut rng), ints(b, 30, 700, &mut rng));
                let (dx, dy) = (here(cuda, &x), here(cuda, &y));
                for dtype in [DType::I64, DType::I16] {
                    assert_eq!(fetched(cuda, &cuda.mul(&dx, &dy, dtype)), Host.mul(&x, &y, dtype), "{a} times {b}");
                }
                let divisors = Ints::from_i64(b, y.to_i64().into_iter().map(|v| if v == 0 { 3 } else { v }));
                let quotient = cuda.div(&dx, &here(cuda, &divisors), DType::I64);
                assert_eq!(fetched(cuda, &quotient), Host.div(&x, &divisors, DType::I64), "{a} by {b}");
            }
        }
        let (wide, by) = (ints(DType::I64, 61, 3001, &mut rng), ints(DType::U16, 15, 3001, &mut rng));
        let by = Ints::from_i64(DType::U16, by.to_i64().into_iter().map(|v| v.max(1)));
        let quotient = cuda.div(&here(cuda, &wide), &here(cuda, &by), DType::I64);
        assert_eq!(fetched(cuda, &quotient), Host.div(&wide, &by, DType::I64));
    }

    pub fn looks_up_and_rounds(cuda: &Cuda) {
        let mut rng = samples::rng(83);
        for size in [1, 2, 256, 5000] {
            let values = (0..size).map(|_| rng.r#gen()).collect();
            let table = Table { name: "t".into(), lo: -rng.gen_range(0..=size), values };
            for from in DType::ALL {
                // Some arguments lie outside: both take the nearest entry.
                let x = ints(from, 13, 3001, &mut rng);
                let there = here(cuda, &x);
                let held = here(cuda, &Ints::I32(table.values.clone()));
                let expected = Host.lookup(&x, &table, None, DType::I32);
                assert_eq!(fetched(cuda, &cuda.lookup(&there, &table, None, DType::I32)), expected);
                assert_eq!(fetched(cuda, &cuda.lookup(&there, &table, Some(&held), DType::I32)), expected);
            }
        }
        for from in DType::ALL {
            let x = ints(from, 61, 3001, &mut rng);
            let there = here(cuda, &x);
            for shift in [1, 2, 7, 31, 32, 33, 60] {
                for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven] {
                    let expected = Host.round_shift(&x, shift, rounding, DType::I64);
                    let found = cuda.round_shift(&there, shift, rounding, DType::I64);
                    assert_eq!(fetched(cuda, &found), expected, "{from}, {rounding:?}, {shift}");
                }
            }
        }
        // Every tie of a small shift.
        let ties = Ints::from_i64(DType::I16, -200..200);
        for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven] {
            let found = cuda.round_shift(&here(cuda, &ties), 3, rounding, DType::I8);
            assert_eq!(fetched(cuda, &found), Host.round_shift(&ties, 3, rounding, DType::I8));
        }
    }

    pub fn gathers_views(cuda: &Cuda) {
        let mut rng = samples::rng(84);
        let mut agrees = |from: &[usize], to: &[usize], blocks: Vec<Block>| {
            let (from, shape) = (Shape::new(from).unwrap(), Shape::new(to).unwrap());
            let view = View { shape, blocks, fill: -7 };
            view.check(&from).unwrap();
            for (src, dtype) in [(DType::I8, DType::I8), (DType::U16, DType::I32), (DType::I64, DType::I64)] {
                let src = ints(src, 30, from.num_padded(), &mut rng);
                let expected = Host.view(&src, &from, &view, dtype);
                assert_eq!(fetched(cuda, &cuda.view(&here(cuda, &src), &from, &view, dtype)), expected, "{view:?} of {from}");
            }
        };
        let block = |src: &[usize], out: &[usize], coefs: &[i64], offset| Block {
            src_axes: src.to_vec(),
            out_axes: out.to_vec(),
            coefs: coefs.to_vec(),
            offset,
            masked: false,
        };
        agrees(&[33, 5], &[5, 33], vec![Block::same(1, 0), Block::same(0, 1)]);
        agrees(&[3, 5], &[3, 5], vec![Block::same(0, 0), Block { masked: true, ..Block::same(1, 1) }]);
        agrees(&[6], &[9, 6], vec![Block::broadcast(0), Block::strided(0, 1, -1, 5)]);
        agrees(&[70], &[34, 4], vec![Block::window(0, [0, 1], 2, 1, -1)]);
        agrees(&[9, 8], &[5, 3, 4, 2], vec![Block::window(0, [0, 1], 2, 1, -1), Block::window(1, [2, 3], 2, 3, 0)]);
        agrees(&[3, 5], &[15], vec![block(&[0, 1], &[0], &[1], 0)]);
        agrees(&[15], &[3, 5], vec![block(&[0], &[0, 1], &[5, 1], 0)]);
        agrees(&[64, 4], &[8, 32], vec![block(&[0, 1], &[0, 1], &[32, 1], 0)]);
        agrees(&[8], &[4], vec![Block::strided(0, 0, 1, 4)]);
        agrees(&[8, 3], &[3], vec![block(&[0], &[], &[], 5), Block::same(1, 0)]);
        agrees(&[6, 3], &[3], vec![block(&[0], &[], &[], 6), Block::same(1, 0)]);
        agrees(&[3], &[4, 3], vec![block(&[], &[0], &[1], -2), Block::same(0, 1)]);
        agrees(&[], &[2, 3], vec![Block::broadcast(0), Block::broadcast(1)]);
        agrees(&[2, 3], &[], vec![block(&[0, 1], &[], &[], 4)]);
        agrees(&[2; 8], &[2; 8], (0..8).map(|a| Block::same(a, 7 - a)).collect());
        agrees(&[700], &[700], vec![Block::strided(0, 0, 1 << 40, -(1 << 40))]);
    }

    pub fn contracts(cuda: &Cuda) {
        let mut rng = samples::rng(85);
        let node = |extents: &[usize], range: Interval| {
            let shape = Shape::new(extents).unwrap();
            Node { op: Op::Const(0), name: String::new(), clean: vec![true; extents.len()], shape, range, padded_range: range }
        };
        let mut agrees = |einsum: [&str; 3], extents: &[(char, usize)], types: [DType; 2], bits: u32| {
            let shape = |axes: &str| axes.chars().map(|l| extents.iter().find(|e| e.0 == l).unwrap().1).collect::<Vec<_>>();
            let range = |t: DType| Interval { lo: t.bounds().0.max(-(1 << bits)), hi: t.bounds().1.min((1 << bits) - 1) };
            let nodes = [0, 1].map(|i| node(&shape(einsum[i]), range(types[i])));
            let data = [0, 1].map(|i| ints(nodes[i].storage(), bits, nodes[i].shape.num_padded(), &mut rng));
            let there = [0, 1].map(|i| here(cuda, &data[i]));
            let out = Shape::new(shape(einsum[2])).unwrap();
            for dtype in [DType::I64, DType::I32] {
                let [x, y] = [0, 1].map(|i| Operand { data: &data[i], node: &nodes[i], axes: einsum[i].as_bytes() });
                let expected = Host.contract(x, y, einsum[2].as_bytes(), &out, dtype);
                let [x, y] = [0, 1].map(|i| Operand { data: &there[i], node: &nodes[i], axes: einsum[i].as_bytes() });
                let found = cuda.contract(x, y, einsum[2].as_bytes(), &out, dtype);
                assert_eq!(fetched(cuda, &found), expected, "{einsum:?} {extents:?} {types:?}");
            }
        };
        let extents = [('a', 3), ('b', 21), ('c', 5), ('d', 2), ('e', 1)];
        let einsums = [
            ["ab", "bc", "ac"],
            ["ba", "cb", "ca"],
            ["abc", "abd", "acd"],
            ["cab", "abd", "dca"],
            ["ab", "b", "a"],
            ["ab", "ab", ""],
            ["a", "c", "ac"],
            ["abcd", "dcb", "a"],
            ["ab", "cd", "dbca"],
            ["ae", "ec", "ac"],
        ];
        for einsum in einsums {
            for types in [[DType::I8, DType::I8], [DType::I16, DType::U8], [DType::I64, DType::I32]] {
                agrees(einsum, &extents, types, 25);
            }
        }
        for left in DType::ALL {
            for right in DType::ALL {
                agrees(["ab", "bc", "ac"], &[('a', 33), ('b', 17), ('c', 19)], [left, right], 27);
            }
        }
        // Sums that 32 bits do not hold, and more products than the byte kernel adds.
        agrees(["ab", "bc", "ac"], &[('a', 1), ('b', (1 << 15) + 3), ('c', 2)], [DType::U8, DType::U8], 8);
        agrees(["ab", "bc", "ac"], &[('a', 2), ('b', 1 << 15), ('c', 1)], [DType::U8, DType::U8], 8);
    }

    pub fn fills_a_trajectory(cuda: &Cuda) {
        let mut rng = samples::rng(86);
        for dtype in DType::ALL {
            let (mut expected, mut found) = (Host.zeros(dtype, 40), cuda.zeros(dtype, 40));
            assert_eq!(fetched(cuda, &found), expected);
            for start in [0, 8, 32, 17] {
                let step = ints(dtype, 61, 8, &mut rng);
                Host.write_at(&mut expected, start, &step);
                cuda.write_at(&mut found, start, &here(cuda, &step));
            }
            assert_eq!(fetched(cuda, &found), expected);
        }
    }

    pub fn takes_limbs(cuda: &Cuda) {
        let mut rng = samples::rng(87);
        for from in DType::ALL {
            let x = ints(from, 61, 3001, &mut rng);
            let there = here(cuda, &x);
            for (add, low, width) in [(0, 0, 8), (1 << 61, 8, 16), (128, 3, 1), (-5, 40, 12), (1 << 30, 0, 32), (1, 0, 61)] {
                let limb = |x: i64| ((x + add) >> low) & ((1 << width) - 1);
                if width <= 16 {
                    let dtype = if width <= 8 { DType::U8 } else { DType::U16 };
                    let expected = Ints::from_i64(dtype, x.to_i64().into_iter().map(limb));
                    assert_eq!(fetched(cuda, &cuda.limb(&there, add, low, width)), expected);
                }
                for most in [0, 1, (1 << width >> 1) - 1, 1 << width >> 1] {
                    let expected = Ints::from_i64(DType::U8, x.to_i64().into_iter().map(|x| i64::from(limb(x) as u64 > most)));
                    assert_eq!(fetched(cuda, &cuda.limb_exceeds(&there, add, low, width, most)), expected);
                }
            }
        }
    }

    pub fn counts_combinations(cuda: &Cuda) {
        let mut rng = samples::rng(88);
        for len in LENGTHS {
            for (count, size) in [(1, 256), (2, 1 << 12), (3, 5000), (11, 1 << 16)] {
                let values: Vec<Ints> = (0..count).map(|i| ints(DType::ALL[i % 6], 11, len, &mut rng)).collect();
                let there: Vec<_> = values.iter().map(|v| here(cuda, v)).collect();
                let coefs: Vec<i64> = (0..count).map(|_| rng.gen_range(-3..4)).collect();
                let sums = Host.linear(&values.iter().zip(coefs.iter().copied()).collect::<Vec<_>>(), 100, DType::I64);
                let (mut expected, mut outside) = (vec![0u32; size], 0);
                for x in sums.to_i64() {
                    match usize::try_from(x).ok().and_then(|x| expected.get_mut(x)) {
                        Some(count) => *count += 1,
                        None => outside += 1,
                    }
                }
                let terms: Vec<_> = there.iter().zip(coefs.iter().copied()).collect();
                assert_eq!(cuda.count(&terms, 100, size), (expected, outside), "{count} terms of {len}");
            }
        }
    }

    pub fn finds_bounds(cuda: &Cuda) {
        let mut rng = samples::rng(89);
        for dtype in DType::ALL {
            for len in LENGTHS.into_iter().chain([300_000]) {
                let values = ints(dtype, rng.gen_range(2..62), len, &mut rng);
                assert_eq!(cuda.min_max(&here(cuda, &values)), values.min_max(), "{len} of {dtype}");
            }
        }
        for (at, value) in [(0, i64::MIN), (299_999, i64::MAX), (100_000, -1)] {
            let mut values = vec![5; 300_000];
            values[at] = value;
            let values = Ints::I64(values);
            assert_eq!(cuda.min_max(&here(cuda, &values)), values.min_max());
        }
    }
}
