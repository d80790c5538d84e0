//! Rounding division: the remainder is range-checked, and the quotient is what is left.
//!
//! ```text
//! floor, half-up     x + half = 2^s q + r,            0 <= r < 2^s                      q derived, bounded by its reader
//! half-even          x + half = 2^(s+1) h + r,        0 <= r < 2^(s+1), h bounded       q = 2 h + [r > 2^s]
//! ```
//! Half-even: q is h's double or one more, and is even exactly where x lies half-way (r = 0 or r = 2^s).
//!
//! A quotient must be known to be a small integer, or a wrong remainder gives a huge field element that nobody notices. For
//! floor and half-up the table or the range check that reads q sees to it. For half-even that is not enough: q may be a small
//! integer while h, which is half of q or of q - 1, is a fraction. So there h is committed and bounded, and the
//! remainder is derived.

use super::columns::{Group, Source};
use super::wires::{Mapper, TableSpec, WireId, WireKind, high_part, limb_widths};
use crate::program::{Rounding, TensorId};
use crate::tensor::log2_ceil;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

impl Mapper<'_> {
    /// The wire of `x / 2^shift`, rounded.
    pub(super) fn round_shift(&mut self, x: TensorId, result: TensorId, shift: u32, rounding: Rounding) -> WireId {
        match rounding {
            Rounding::Floor => self.round_down(x, result, shift, 0),
            Rounding::HalfUp => self.round_down(x, result, shift, 1 << (shift - 1)),
            Rounding::HalfEven => self.round_half_even(x, result, shift),
        }
    }

    /// `floor((x + half) / 2^shift)`: the limbs of the remainder are committed.
    fn round_down(&mut self, x: TensorId, result: TensorId, shift: u32, half: i64) -> WireId {
        let node = self.flat.program.node(result);
        let scale = Fr::from(2u64).pow([u64::from(shift)]).inverse().unwrap_or_default();
        let mut terms = vec![(self.wire_of[x.index()], scale)];
        let mut low = 0;
        for width in limb_widths(shift, self.limb_bits) {
            let source = Source::Limb { tensor: x, add: half, low, width };
            let limb = self.column(format!("{}: bits {low}..{}", node.name, low + width), &node.shape, Group::Witness, source, None);
            self.lookup(TableSpec::Range { bits: width }, limb, None);
            terms.push((limb, -Fr::from(1u64 << low) * scale));
            low += width;
        }
        self.push(node.shape.clone(), WireKind::Linear { terms, constant: Fr::from(half) * scale }, Some(result))
    }

    fn round_half_even(&mut self, x: TensorId, result: TensorId, shift: u32) -> WireId {
        let node = self.flat.program.node(result);
        let (half, total) = (1i64 << (shift - 1), shift + 1);
        let quotients = high_part(self.flat.program.node(x).padded_range, shift);

        // h - quotients.lo, in limbs
        let (mut h, mut low) = (vec![], 0);
        let add = half - (quotients.lo << total);
        for width in limb_widths(quotients.bits().max(1), self.limb_bits) {
            let source = Source::Limb { tensor: x, add, low: total + low, width };
            let limb =
                self.column(format!("{}: quotient bits {low}..{}", node.name, low + width), &node.shape, Group::Witness, source, None);
            self.lookup(TableSpec::Range { bits: width }, limb, None);
            h.push((limb, Fr::from(1u64 << low)));
            low += width;
        }

        // r = x + half - 2^total h: all limbs but the lowest are committed, the lowest is what is left
        let single = total <= self.limb_bits.max(8);
        let widths = if single { vec![total] } else { [limb_widths(shift, self.limb_bits), vec![1]].concat() };
        let weight = Fr::from(2u64).pow([u64::from(total)]);
        let mut rest = vec![(self.wire_of[x.index()], Fr::ONE)];
        rest.extend(h.iter().map(|(limb, c)| (*limb, -weight * c)));
        let (mut low, mut upper) = (widths[0], vec![]);
        for &width in &widths[1..] {
            let source = Source::Limb { tensor: x, add: half, low, width };
            let limb = self.column(format!("{}: bits {low}..{}", node.name, low + width), &node.shape, Group::Witness, source, None);
            rest.push((limb, -Fr::from(1u64 << low)));
            upper.push((limb, low, width));
            low += width;
        }
        let lowest = self.linear(&node.shape, rest, Fr::from(add));

        let up = self.column(format!("{}: tie", node.name), &node.shape, Group::Witness, Source::Tie { tensor: x, shift }, None);
        if let Some((top, middle)) = upper.split_last() {
            let mut argument = vec![(top.0, Fr::ONE)];
            for (limb, low, width) in std::iter::once((lowest, 0, widths[0])).chain(middle.iter().copied()) {
                let source = Source::LimbNonZero { tensor: x, add: half, low, width };
                let flag = self.column(format!("{}: bits {low}.. not zero", node.name), &node.shape, Group::Witness, source, None);
                self.lookup(TableSpec::NonZero { bits: width }, limb, Some(flag));
                argument.push((flag, Fr::from(2u64)));
            }
            self.lookup(TableSpec::Range { bits: 1 }, top.0, None);
            let argument = self.linear(&node.shape, argument, Fr::ZERO);
            let bits = 1 + log2_ceil(widths.len()) as u32;
            self.lookup(TableSpec::TieAny { bits }, argument, Some(up));
        } else {
            self.lookup(TableSpec::Tie { bits: total }, lowest, Some(up));
        }
        let two = Fr::from(2u64);
        let mut terms: Vec<(WireId, Fr)> = h.into_iter().map(|(limb, c)| (limb, two * c)).collect();
        terms.push((up, Fr::ONE));
        self.push(node.shape.clone(), WireKind::Linear { terms, constant: two * Fr::from(quotients.lo) }, Some(result))
    }
}
