//! Execution of small programs against values worked out by hand or by a plain loop.

use assay_core::program::Rounding;
use assay_core::view::Block;
use assay_core::{Builder, DType, Error, Shape, Tensor, execute};

fn tensor(shape: &[usize], dtype: DType, values: &[i64]) -> Tensor {
    Tensor::from_valid(Shape::new(shape).unwrap(), dtype, values).unwrap()
}

fn run(build: impl FnOnce(&mut Builder) -> Result<(), Error>, inputs: &[Tensor]) -> Vec<Vec<i64>> {
    let mut builder = Builder::new("test");
    build(&mut builder).unwrap();
    execute(&builder.finish().unwrap(), inputs).unwrap().iter().map(Tensor::valid).collect()
}

#[test]
fn multiplies_odd_shaped_matrices() {
    let (m, k, n) = (3, 5, 7);
    let a: Vec<i64> = (0..(m * k) as i64).map(|i| i * 7 % 11 - 5).collect();
    let b: Vec<i64> = (0..(k * n) as i64).map(|i| i * 5 % 13 - 6).collect();
    let want: Vec<i64> = (0..m * n).map(|i| (0..k).map(|l| a[i / n * k + l] * b[l * n + i % n]).sum()).collect();
    let got = run(
        |p| {
            let (x, y) = (p.input("a", DType::I8, &[m, k])?, p.input("b", DType::I8, &[k, n])?);
            let z = p.contract("mk,kn->mn", x, y)?;
            let t = p.contract("mk,kn->nm", x, y)?;
            p.output("z", z, DType::I32)?;
            p.output("t", t, DType::I32)
        },
        &[tensor(&[m, k], DType::I8, &a), tensor(&[k, n], DType::I8, &b)],
    );
    assert_eq!(got[0], want);
    assert_eq!(got[1], (0..m * n).map(|i| want[i % m * n + i / m]).collect::<Vec<_>>());
}

#[test]
fn views_windows_with_fill() {
    // A padded window over one axis: position stride 2, taps 3, one entry of padding on the left.
    let got = run(
        |p| {
            let x = p.input("x", DType::I8, &[5])?;
            let w = p.view(x, &[3, 3], vec![Block::window(0, [0, 1], 2, 1, -1)], 9)?;
            p.output("w", w, DType::I8)
        },
        &[tensor(&[5], DType::I8, &[1, 2, 3, 4, 5])],
    );
    assert_eq!(got[0], [9, 1, 2, 2, 3, 4, 4, 5, 9]);
}

#[test]
fn reshapes_slices_and_joins() {
    let x: Vec<i64> = (0..24).collect();
    let got = run(
        |p| {
            let x = p.input("x", DType::I8, &[2, 3, 4])?;
            let r = p.reshape(x, &[4, 6])?;
            let s = p.slice(x, 2, 3, -2, 2)?;
            let c = p.concat(&[x, s], 2)?;
            let t = p.transpose(x, &[2, 0, 1])?;
            for (name, tensor) in [("r", r), ("s", s), ("c", c), ("t", t)] {
                p.output(name, tensor, DType::I8)?;
            }
            Ok(())
        },
        &[tensor(&[2, 3, 4], DType::I8, &x)],
    );
    assert_eq!(got[0], x);
    assert_eq!(got[1], (0..6).flat_map(|r| [r * 4 + 3, r * 4 + 1]).collect::<Vec<_>>());
    assert_eq!(got[2], (0..6).flat_map(|r| [r * 4, r * 4 + 1, r * 4 + 2, r * 4 + 3, r * 4 + 3, r * 4 + 1]).collect::<Vec<_>>());
    assert_eq!(got[3], (0..4).flat_map(|k| (0..6).map(move |r| r * 4 + k)).collect::<Vec<_>>());
}

#[test]
fn rounds_as_specified() {
    let x = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
    for (rounding, want) in [
        (Rounding::Floor, [-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1]),
        (Rounding::HalfUp, [-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2]),
        (Rounding::HalfEven, [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2]),
    ] {
        let got = run(
            |p| {
                let x = p.input("x", DType::I8, &[13])?;
                let q = p.round_shift(x, 2, rounding)?;
                p.output("q", q, DType::I8)
            },
            &[tensor(&[13], DType::I8, &x)],
        );
        assert_eq!(got[0], want, "{rounding:?}");
    }
}

#[test]
fn divides_with_remainder() {
    let (x, d) = ([-7, -1, 0, 6, 7], [3, 3, 5, 3, 7]);
    let got = run(
        |p| {
            let x = p.input("x", DType::I8, &[5])?;
            let d = p.input("d", DType::U8, &[5])?;
            let d = p.map(d, "at least one", |v| v.max(1) as i32)?;
            let (q, r) = (p.div(x, d)?, p.rem(x, d)?);
            p.output("q", q, DType::I16)?;
            p.output("r", r, DType::U8)
        },
        &[tensor(&[5], DType::I8, &x), tensor(&[5], DType::U8, &d)],
    );
    assert_eq!(got[0], [-3, -1, 0, 2, 1]);
    assert_eq!(got[1], [2, 2, 0, 0, 0]);
}

#[test]
fn scans_carry_state() {
    // s <- s + c, five steps (not a power of two).
    let got = run(
        |p| {
            let (s, c) = (p.input("s", DType::I16, &[3])?, p.input("c", DType::I8, &[3])?);
            let small = p.map(s, "small", |v| v.clamp(-100, 100) as i32)?;
            let all = p.scan(5, &[(small, DType::I16)], &[c], |b, t| {
                let sum = b.add(t[0], t[1])?;
                let kept = b.map(sum, "clamp", |v| v.clamp(-30000, 30000) as i32)?;
                Ok(vec![kept])
            })?;
            let last = p.slice(all[0], 0, 4, 1, 1)?;
            p.output("last", last, DType::I16)
        },
        &[tensor(&[3], DType::I16, &[1, 2, 3]), tensor(&[3], DType::I8, &[10, -1, 0])],
    );
    assert_eq!(got[0], [51, -3, 3]);
}
