//! The terms of the two sums of points.

use super::text::{Template, at};
use super::{COPY, coordinates};
use crate::abi::{POINT, WORD, g1_words, hex};
use crate::layout::{INPUTS, Layout};
use ark_ec::AffineRepr;
use assay_verifier::WrapKey;
use assay_verifier::wrap::{Row, RowSource};

const INDENT: &str = "            ";

/// Fills in the sums.
pub(super) fn set(out: &mut Template, key: &WrapKey, layout: &Layout) {
    let [x, y] = key.groth16.ic.first().map(g1_words).unwrap_or_default();
    out.set("IC0_X", format!("0x{}", hex(&x)));
    out.set("IC0_Y", format!("0x{}", hex(&y)));
    out.set("PUBLIC_TERMS", public_terms(key, layout));
    out.set("ROW_TERMS", row_terms(key, layout));
}

/// The term of public input `index`, whose value an expression gives.
pub(super) fn public_term(key: &WrapKey, index: usize, value: &str) -> String {
    match key.groth16.ic.get(index + 1) {
        Some(point) if !point.is_zero() => format!("addConstant({}, {value})", coordinates(point)),
        // Infinity, whatever multiplies it. A circuit's unused inputs look like this.
        _ => format!("pop({value})"),
    }
}

/// The terms of all public inputs but the binding.
fn public_terms(key: &WrapKey, layout: &Layout) -> String {
    let mut values = vec![format!("calldataload({})", at(INPUTS))];
    values.extend((0..layout.outputs).map(|i| format!("calldataload({})", at(layout.outputs() + i * WORD))));
    // Mercury's phases, by the number of points that each sends.
    let mut position = COPY + layout.points();
    for count in [1, 2, 2, 3] {
        values.push(format!("shr(3, shl(3, keccak256({}, {})))", at(position), at(count * POINT)));
        position += count * POINT;
    }
    let sent = layout.challenges()..layout.tail() + 5 * WORD;
    values.extend(sent.step_by(WORD).map(|position| format!("calldataload({})", at(position))));
    let terms = values.iter().enumerate().map(|(i, value)| format!("{INDENT}{}\n", public_term(key, i + 1, value)));
    terms.collect()
}

/// The terms of the rows, each multiplied by t and its weight.
fn row_terms(key: &WrapKey, layout: &Layout) -> String {
    let (mut hidden, mut witness) = (hidden_positions(key, layout), layout.rows());
    let mut terms = String::new();
    for row in &key.rows {
        let weight = weight(row, layout);
        let term = match row.source {
            RowSource::Constant(point) if point.is_zero() => continue,
            RowSource::Constant(point) => format!("addConstant({}, {weight})", coordinates(&point)),
            RowSource::Private(input) => match hidden.get_mut(input) {
                Some(position) => sent(position, &weight),
                None => continue,
            },
            RowSource::Witness => sent(&mut witness, &weight),
        };
        terms += &format!("{INDENT}    {term}\n");
    }
    terms
}

/// The term of the next sent row.
fn sent(position: &mut usize, weight: &str) -> String {
    let term = format!("addSent({}, {weight})", at(*position));
    *position += POINT;
    term
}

/// Where the rows of each private input begin.
fn hidden_positions(key: &WrapKey, layout: &Layout) -> Vec<usize> {
    let starts = key.private_rows().into_iter().scan(layout.hidden(), |next, rows| {
        let start = *next;
        *next += rows * POINT;
        Some(start)
    });
    starts.collect()
}

/// `t eq(row challenges, slot)`; the first challenge goes with the slot's most significant bit.
fn weight(row: &Row, layout: &Layout) -> String {
    (0..layout.row_challenges).fold("t".into(), |product, i| {
        let challenge = format!("calldataload({})", at(layout.challenges() + i * WORD));
        let bit = row.slot >> (layout.row_challenges - 1 - i) & 1;
        let factor = if bit == 1 { challenge } else { format!("sub(one, {challenge})") };
        format!("mulmod({product}, {factor}, r)")
    })
}
