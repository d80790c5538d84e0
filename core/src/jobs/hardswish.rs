//! Hard swish, the activation of MobileNetV3, on 8-bit integers: one table looked up for every element.

use crate::builder::Builder;
use crate::error::Error;
use crate::program::{Program, Table};
use crate::tensor::DType;

/// Steps of the argument's scale in one: an int8 `q` stands for `q / 16`, from -8 to just below 8.
const UNIT: i32 = 16;

/// `y = x min(max(x + 3, 0), 6) / 6` for every element of an int8 tensor of shape h x w x channels, exactly:
///
/// ```text
/// y = floor((2 x clamp(x + 48, 0, 96) + 96) / 192)        in sixteenths, on both sides
/// ```
/// Nothing but one lookup an element: what proving costs is the argument for its table of 256 entries.
///
/// # Errors
/// Extents that are too large.
pub fn hardswish(h: usize, w: usize, channels: usize) -> Result<Program, Error> {
    let mut p = Builder::new(&format!("hardswish:{h}x{w}x{channels}"));
    let x = p.input("x", DType::I8, &[h, w, channels])?;
    let values = (i32::from(i8::MIN)..=i32::from(i8::MAX)).map(value).collect();
    let table = Table { name: "hardswish".into(), lo: i8::MIN.into(), values };
    let y = p.scope("y").lookup(x, table)?;
    p.output("y", y, DType::I8)?;
    p.finish()
}

fn value(x: i32) -> i32 {
    let six = 6 * UNIT;
    (2 * x * (x + six / 2).clamp(0, six) + six).div_euclid(2 * six)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_zero_below_minus_three_and_the_identity_above_three() {
        assert!((-128..=-48).all(|x| value(x) == 0));
        assert!((48..128).all(|x| value(x) == x));
    }

    #[test]
    fn rounds_to_the_nearest_sixteenth() {
        for x in -128..128 {
            let real = f64::from(x) / 16.0;
            let exact = 16.0 * real * (real + 3.0).clamp(0.0, 6.0) / 6.0;
            assert!((f64::from(value(x)) - exact).abs() <= 0.5, "{x}");
        }
        // The least value, at x = -1.5: -0.375.
        assert_eq!(value(-24), -6);
    }
}
