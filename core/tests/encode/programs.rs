//! Programs that between them hold every operation, table, port and constant kind.

use assay_core::program::{Quantization, Rounding, Visibility};
use assay_core::view::Block;
use assay_core::{Builder, DType, Error, Program};

/// A small network: weights beyond the inline limit, per-channel bias, rounding, tables, a join.
pub fn network() -> Program {
    let build = || -> Result<Program, Error> {
        let mut p = Builder::new("network");
        let scale = Quantization { scale: 0.125, zero_point: 3 };
        let x = p.scope("input").input_quantized("x", DType::U8, &[3, 20], Some(scale))?;
        let weights: Vec<i64> = (0..20 * 30).map(|i| i * 37 % 255 - 127).collect();
        let w = p.scope("dense").constant_of("weights", &[20, 30], &weights, Visibility::Public)?;
        let acc = p.contract("mk,kn->mn", x, w)?;
        let bias = p.constant_of("bias", &[30], &(0..30).map(|i| i * 11 - 100).collect::<Vec<_>>(), Visibility::Public)?;
        let bias = p.broadcast(bias, &[3, 30])?;
        let sum = p.add(acc, bias)?;
        let q = p.scope("requantise").round_shift(sum, 13, Rounding::HalfEven)?;
        let y = p.map(q, "saturate", |v| v.clamp(0, 255) as i32)?;
        let ends = p.scope("ends").slice(y, 1, 28, -3, 4)?;
        let joined = p.concat(&[y, ends], 1)?;
        let squared = p.mul(joined, joined)?;
        let halves = p.round_shift(squared, 1, Rounding::Floor)?;
        p.output_quantized("y", joined, DType::U8, Some(Quantization { scale: 1.5, zero_point: -1 }))?;
        p.output("squares", halves, DType::I32)?;
        p.finish()
    };
    build().unwrap()
}

/// Division, windows with fill, and a scan that captures a tensor and holds a parameter of its own.
pub fn simulation() -> Program {
    let build = || -> Result<Program, Error> {
        let mut p = Builder::new("simulation");
        let (s, d) = (p.input("state", DType::I8, &[5])?, p.input("divisor", DType::U8, &[5])?);
        let d = p.map(d, "at least one", |v| v.max(1) as i32)?;
        let (q, r) = (p.div(s, d)?, p.rem(s, d)?);
        let start = p.add(q, r)?;
        let start = p.map(start, "clamp", |v| v.clamp(-100, 100) as i32)?;
        let all = p.scan(3, &[(start, DType::I8)], &[d], |b, t| {
            let taps = b.view(t[0], &[5, 3], vec![Block::window(0, [0, 1], 1, 1, -1)], 7)?;
            let kernel = b.constant_of("kernel", &[3], &[1, 2, 1], Visibility::Public)?;
            let smooth = b.contract("xk,k->x", taps, kernel)?;
            let mean = b.round_shift(smooth, 2, Rounding::HalfUp)?;
            let next = b.sub(mean, t[1])?;
            Ok(vec![b.map(next, "keep", |v| v.clamp(-120, 120) as i32)?])
        })?;
        let last = p.slice(all[0], 0, 2, 1, 1)?;
        p.output("last", last, DType::I8)?;
        p.finish()
    };
    build().unwrap()
}

pub fn all() -> Vec<Program> {
    vec![network(), simulation()]
}
