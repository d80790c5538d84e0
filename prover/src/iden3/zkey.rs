//! `.zkey`: Groth16 proving keys as snarkjs and its kin (rapidsnark, circom-compat provers) read them.
//!
//! ```text
//!  1 protocol, 1         2 header: 32, q, 32, r, wires (4), public wires without the 1 (4), domain size m (4),
//!                                  [alpha]_1, [beta]_1, [beta]_2, [gamma]_2, [delta]_1, [delta]_2
//!  3 IC    4 number of coefficients (4), each: matrix, 0 for A and 1 for B (4), row (4), wire (4), value (32)
//!  5 A     6 B in G1     7 B in G2     8 L     9 H     10 contributions
//! ```
//!
//! Section 9 holds the Lagrange polynomials of the odd points of the domain of 2m points, where P = A B - C is
//! h(X) (X^m - 1), and (X^m - 1) = -2. With h_k = `[tau^k (tau^m - 1) / delta]_1` and u a root of unity of order 2m:
//!
//! ```text
//! H9_i = -1/(2m) sum_{k < m - 1} u^-k (u^2)^(-ik) h_k
//! ```
//!
//! The term k = m - 1 is left out: no h has that degree.

use std::io::Write;

use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use ark_groth16::ProvingKey;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use assay_circuits::r1cs::R1cs;
use rayon::prelude::*;

use super::sections::{begin, field_bytes, g1, g2, twice_montgomery, write_header, write_section};
use crate::ceremony::{CeremonyError, Contribution, State, inverse_fourier, log_domain};

/// Writes a key with the contributions that made it, which `snarkjs zkey verify` checks, except for a domain of 2^15
/// points or more that is as large as the powers of tau allow: there snarkjs hashes bytes past the end of a section,
/// and finds another circuit hash. Use a file of a larger power. `key` is what
/// [`finish`](crate::ceremony::finish) made of `state` for this constraint system. Takes a group Fourier transform of the domain's size.
///
/// # Errors
/// [`CeremonyError`]: the constraint system is malformed or not the key's, or the operating system refused to write.
pub fn write_zkey(r1cs: &R1cs, key: &ProvingKey<Bn254>, state: &State, writer: &mut impl Write) -> Result<(), CeremonyError> {
    let domain = 1usize << log_domain(r1cs)?;
    for (what, expected, found) in [
        ("the length of the key's A query", r1cs.num_variables(), key.a_query.len()),
        ("the length of the key's L query", r1cs.num_witness, key.l_query.len()),
        ("the length of the key's H query", domain - 1, key.h_query.len()),
    ] {
        if expected != found {
            return Err(CeremonyError::Circuit { what, expected: expected.to_string(), found: found.to_string() });
        }
    }
    write_header(writer, b"zkey", 1, 10)?;
    write_section(writer, 1, &1u32.to_le_bytes())?;
    write_section(writer, 2, &header(r1cs, key, domain))?;
    write_g1(writer, 3, &key.vk.gamma_abc_g1)?;
    write_coefficients(writer, r1cs)?;
    write_g1(writer, 5, &key.a_query)?;
    write_g1(writer, 6, &key.b_g1_query)?;
    begin(writer, 7, 128 * key.b_g2_query.len() as u64)?;
    key.b_g2_query.iter().try_for_each(|point| writer.write_all(&g2(point)))?;
    write_g1(writer, 8, &key.l_query)?;
    write_g1(writer, 9, &odd_lagrange(&key.h_query))?;
    write_section(writer, 10, &contributions(state))?;
    Ok(())
}

fn header(r1cs: &R1cs, key: &ProvingKey<Bn254>, domain: usize) -> Vec<u8> {
    let mut bytes = field_bytes::<Fq>();
    bytes.extend(field_bytes::<Fr>());
    for number in [r1cs.num_variables(), r1cs.num_instance - 1, domain] {
        bytes.extend((number as u32).to_le_bytes());
    }
    bytes.extend(g1(&key.vk.alpha_g1));
    bytes.extend(g1(&key.beta_g1));
    bytes.extend(g2(&key.vk.beta_g2));
    bytes.extend(g2(&key.vk.gamma_g2));
    bytes.extend(g1(&key.delta_g1));
    bytes.extend(g2(&key.vk.delta_g2));
    bytes
}

fn write_g1(writer: &mut impl Write, kind: u32, points: &[G1Affine]) -> Result<(), CeremonyError> {
    begin(writer, kind, 64 * points.len() as u64)?;
    Ok(points.iter().try_for_each(|point| writer.write_all(&g1(point)))?)
}

/// A and B by rows, A before B, and the rows that the public variables add to A.
fn write_coefficients(writer: &mut impl Write, r1cs: &R1cs) -> Result<(), CeremonyError> {
    let rows = r1cs.num_constraints();
    let count = r1cs.a.num_entries() + r1cs.b.num_entries() + r1cs.num_instance;
    begin(writer, 4, 4 + 44 * count as u64)?;
    writer.write_all(&(count as u32).to_le_bytes())?;
    let mut put = |matrix: u32, row: usize, wire: usize, value: Fr| {
        writer.write_all(&matrix.to_le_bytes())?;
        writer.write_all(&(row as u32).to_le_bytes())?;
        writer.write_all(&(wire as u32).to_le_bytes())?;
        writer.write_all(&twice_montgomery(&value))
    };
    for row in 0..rows {
        r1cs.a.row(row).try_for_each(|(wire, value)| put(0, row, wire, value))?;
        r1cs.b.row(row).try_for_each(|(wire, value)| put(1, row, wire, value))?;
    }
    (0..r1cs.num_instance).try_for_each(|wire| put(0, rows + wire, wire, Fr::ONE))?;
    Ok(())
}

/// The sum of the module's documentation: an inverse transform of u^-k h_k, divided by -2.
fn odd_lagrange(h: &[G1Affine]) -> Vec<G1Affine> {
    let size = h.len() + 1;
    let Some(doubled) = Radix2EvaluationDomain::<Fr>::new(2 * size) else {
        return vec![];
    };
    let (root, factor) = (doubled.group_gen_inv(), -(Fr::ONE + Fr::ONE).inverse().unwrap_or_default());
    let mut points: Vec<G1Affine> = h
        .par_chunks(256)
        .enumerate()
        .flat_map_iter(|(chunk, points)| {
            let first = factor * root.pow([256 * chunk as u64]);
            let scalars = std::iter::successors(Some(first), |s| Some(*s * root));
            let turned: Vec<G1Projective> = points.iter().zip(scalars).map(|(point, scalar)| *point * scalar).collect();
            G1Projective::normalize_batch(&turned)
        })
        .collect();
    points.push(G1Affine::zero());
    inverse_fourier(&points)
}

/// The transcript: hash of the initial parameters (64), number of contributions (4), the contributions.
fn contributions(state: &State) -> Vec<u8> {
    let mut bytes = state.parameters.to_vec();
    bytes.extend((state.contributions.len() as u32).to_le_bytes());
    state.contributions.iter().for_each(|contribution| put_contribution(&mut bytes, contribution));
    bytes
}

/// `[delta]_1`, s, s x, r x, transcript (64), type, 1 for a beacon (4), length of parameters (4), parameters: 1 name,
/// 2 log2 of iterations, 3 beacon value, each with its length but for the second.
fn put_contribution(bytes: &mut Vec<u8>, contribution: &Contribution) {
    for point in [&contribution.delta_g1, &contribution.s, &contribution.sx] {
        bytes.extend(g1(point));
    }
    bytes.extend(g2(&contribution.rx));
    bytes.extend(contribution.transcript);
    bytes.extend(u32::from(contribution.beacon.is_some()).to_le_bytes());
    let mut parameters = Vec::new();
    if !contribution.name.is_empty() {
        parameters.extend([1, contribution.name.len() as u8]);
        parameters.extend(contribution.name.as_bytes());
    }
    if let Some(beacon) = &contribution.beacon {
        parameters.extend([2, beacon.log_iterations(), 3, beacon.value().len() as u8]);
        parameters.extend(beacon.value());
    }
    bytes.extend((parameters.len() as u32).to_le_bytes());
    bytes.extend(parameters);
}
