//! What must hold of a key's bytes before anything is computed from them.
//!
//! The checksum finds damage, and what is checked here keeps a file with a matching checksum from leading to a panic or
//! an endless loop. Query points are not checked to be on their curves: a wrong one makes a proof that does not verify,
//! and such a proof is never returned.

use ark_bn254::{Fq, Fr};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use rayon::prelude::*;

use super::{
    Error,
    layout::{Layout, MatrixLayout},
    raw,
};

/// Checks the content of a key whose length and checksum are right.
pub fn validate(bytes: &[u8], layout: &Layout) -> Result<(), Error> {
    let shape = &layout.counts.shape;
    let variables = shape.num_variables();
    for (name, matrix) in ["A", "B", "C"].iter().zip(&layout.matrices) {
        check_matrix(bytes, matrix, variables).map_err(|reason| Error::Malformed(format!("matrix {name}: {reason}")))?;
    }
    for (name, range, first) in
        [("A", &layout.a_variables, 0), ("B", &layout.b_variables, 0), ("L", &layout.l_variables, shape.num_instance)]
    {
        let numbers = raw::numbers(&bytes[range.clone()]);
        let inside = numbers.iter().all(|number| (first..variables).contains(&(*number as usize)));
        if !inside || !numbers.is_sorted_by(|a, b| a < b) {
            return Err(Error::Malformed(format!("query {name}: variables that do not ascend within {first}..{variables}")));
        }
    }
    for (name, range) in [
        ("singles", layout.singles_g1.start..layout.gamma_abc.end),
        ("query A", layout.a.clone()),
        ("query B", layout.b_g1.start..layout.b_g2.end),
        ("query L", layout.l.clone()),
        ("query H", layout.h.clone()),
    ] {
        if !raw::all_below_modulus::<Fq>(&bytes[range]) {
            return Err(Error::Malformed(format!("{name}: a coordinate beyond the modulus")));
        }
    }
    let g1 = [&bytes[layout.singles_g1.clone()], &bytes[layout.gamma_abc.clone()]].concat();
    let good = raw::g1_list(&g1).par_iter().all(in_group) && raw::g2_list(&bytes[layout.singles_g2.clone()]).par_iter().all(in_group);
    if good { Ok(()) } else { Err(Error::Malformed("a point of the verifying key outside its group".into())) }
}

/// Whether a point is on its curve and of the prime order, or at infinity.
pub fn in_group<P: SWCurveConfig>(point: &Affine<P>) -> bool {
    point.is_zero() || (point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve())
}

fn check_matrix(bytes: &[u8], layout: &MatrixLayout, variables: usize) -> Result<(), &'static str> {
    let starts = raw::numbers(&bytes[layout.starts.clone()]);
    let entries = layout.columns.len() / 4;
    if starts.first() != Some(&0) || !starts.is_sorted() || starts.last().map(|end| *end as usize) != Some(entries) {
        return Err("rows that do not follow each other");
    }
    let columns = bytes[layout.columns.clone()].as_chunks::<4>().0;
    if columns.iter().any(|column| u32::from_le_bytes(*column) as usize >= variables) {
        return Err("a column beyond the variables");
    }
    if !raw::all_below_modulus::<Fr>(&bytes[layout.values.clone()]) {
        return Err("a value beyond the modulus");
    }
    Ok(())
}
