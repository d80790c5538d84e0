//! The Solidity source of a program's verifier.
//!
//! The template holds the algorithm; what is filled in are the key's constants and the positions of the [`Layout`].

mod terms;
mod text;

use crate::abi::POINT;
use crate::abi::{WORD, g1_words, g2_words, hex};
use crate::error::Error;
use crate::layout::{CONTEXT, GROTH16, HIDDEN_LENGTH, INPUTS, Layout, NUM_POINTS, PADDING};
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use assay_circuits::mercury::split;
use assay_verifier::WrapKey;
use assay_verifier::wrap::program_word;
use text::{Template, at, error_word, name_for_comment};

/// The name of every generated contract.
pub const RENDERED_CONTRACT: &str = "AssayVerifier";

const TEMPLATE: &str = include_str!("verifier.sol.template");

/// A sum of points.
const ACC: usize = 0;
/// A point, and its scalar behind it.
const TERM: usize = ACC + POINT;
/// The five pairs of the pairing product.
const PAIRS: usize = TERM + POINT + WORD + WORD;
/// Bytes of a pair.
const PAIR: usize = 3 * POINT;
const NUM_PAIRS: usize = 5;
/// A copy of the calldata.
pub(crate) const COPY: usize = PAIRS + NUM_PAIRS * PAIR;

/// The source of the contract that verifies the receipts of a key.
///
/// The same key gives the same source. Its contract accepts exactly the calldata of receipts that [`WrapKey::verify`]
/// accepts, up to a chance of about 2^-253.
///
/// # Errors
/// A key that is not consistent ([`WrapKey::check`]), or whose Groth16 part has alpha, beta or delta at infinity.
pub fn render(key: &WrapKey) -> Result<String, Error> {
    key.check()?;
    let groth16 = &key.groth16;
    let infinite = [(groth16.alpha_g1.is_zero(), "alpha"), (groth16.beta_g2.is_zero(), "beta"), (groth16.delta_g2.is_zero(), "delta")];
    if let Some((_, name)) = infinite.iter().find(|(infinite, _)| *infinite) {
        return Err(Error::Infinity(name));
    }
    let layout = Layout::new(key);
    let mut out = Template::new(TEMPLATE);
    describe(&mut out, key);
    set_memory(&mut out);
    set_calldata(&mut out, &layout);
    set_binding(&mut out, key, &layout);
    set_pairs(&mut out, key);
    terms::set(&mut out, key, &layout);
    Ok(out.finish())
}

/// Names and what the views return.
fn describe(out: &mut Template, key: &WrapKey) {
    let kind = if key.is_development() { "a DEVELOPMENT key: somebody can forge its receipts" } else { "from a ceremony" };
    out.set("NAME", name_for_comment(&key.name));
    out.set("KEY", format!("0x{}", hex(&key.digest())));
    out.set("KIND", kind);
    out.set("CONTRACT", RENDERED_CONTRACT);
    out.set("PROGRAM", hex(&key.program_id));
    out.set("SELECTOR", hex(&key.selector()));
    let order = hex(&Fr::MODULUS.to_bytes_be());
    out.set("R", format!("0x{order}"));
    // 1 - c is r + 1 - c for a scalar c below r: no reduction needed before a mulmod.
    out.set("R_PLUS_1", "add(r, 1)");
    for (name, signature) in [
        ("E_CANONICAL", "NonCanonicalCalldata()"),
        ("E_SCALAR", "ScalarTooLarge(uint256)"),
        ("E_INVERSE", "WrongInverse()"),
        ("E_CURVE", "NotOnCurve()"),
        ("E_PAIRING", "PairingFailed()"),
        ("E_INVALID", "InvalidProof()"),
    ] {
        out.set(name, error_word(signature));
    }
}

fn set_memory(out: &mut Template) {
    out.set("ACC", at(ACC));
    out.set("ACC_Y", at(ACC + WORD));
    out.set("TERM", at(TERM));
    out.set("TERM_Y", at(TERM + WORD));
    out.set("TERM_SCALAR", at(TERM + POINT));
    out.set("PAIRS", at(PAIRS));
    for i in 1..4 {
        out.set(&format!("PAIR{i}"), at(PAIRS + i * PAIR));
    }
    out.set("PAIR4", at(PAIRS + 4 * PAIR));
    out.set("PAIR4_Y", at(PAIRS + 4 * PAIR + WORD));
    out.set("PAIRS_BYTES", at(NUM_PAIRS * PAIR));
    out.set("COPY", at(COPY));
}

fn set_calldata(out: &mut Template, layout: &Layout) {
    out.set("HIDDEN_BYTES", layout.hidden_bytes().to_string());
    out.set("OUTPUTS", layout.outputs.to_string());
    out.set("SEAL_BYTES", layout.seal_bytes().to_string());
    out.set("SIZE", at(layout.size()));
    out.set("LAST_WORD", at(layout.size() - WORD));
    out.set("HIDDEN", at(layout.hidden()));
    out.set("OUTPUTS_AT", at(layout.outputs()));
    out.set("SEAL_AT", at(layout.seal()));
    out.set("A", at(layout.groth16()));
    out.set("C", at(layout.groth16() + GROTH16 - POINT));
    let points: [&str; NUM_POINTS] = ["H", "Q", "G", "S", "D", "AT_ZETA", "AT_INVERSE", "AT_ALPHA"];
    for (i, name) in points.iter().enumerate() {
        out.set(name, at(layout.points() + i * POINT));
    }
    for (i, name) in ["ALPHA", "ZETA", "ETA", "RHO", "EVALUATION", "ZETA_INVERSE"].iter().enumerate() {
        out.set(name, at(layout.tail() + i * WORD));
    }
    let inputs = std::iter::once(INPUTS);
    let outputs = (0..layout.outputs).map(|i| layout.outputs() + i * WORD);
    let sent = (layout.challenges()..layout.seal_end()).step_by(WORD);
    let scalars: Vec<usize> = inputs.chain(outputs).chain(sent).collect();
    let below = scalars.iter().map(|position| format!("lt(calldataload({}), r)", at(*position)));
    out.set("SCALARS_BELOW", below.reduce(|all, one| format!("and({all}, {one})")).unwrap_or_default());
    let search = scalars
        .iter()
        .enumerate()
        .rev()
        .map(|(i, position)| format!("                if iszero(lt(calldataload({}), order)) {{ index := {i} }}", at(*position)));
    out.set("SCALAR_SEARCH", search.collect::<Vec<_>>().join("\n"));
}

/// The preimages of the input digest and of the binding, in the copy of the calldata.
fn set_binding(out: &mut Template, key: &WrapKey, layout: &Layout) {
    let outputs = COPY + layout.rows() - (1 + layout.outputs) * WORD;
    let program = outputs - 2 * WORD;
    out.set("M_HIDDEN_LENGTH", at(COPY + HIDDEN_LENGTH));
    out.set("INPUT_PREIMAGE", at(WORD + layout.hidden_bytes()));
    out.set("M_PROGRAM", at(program));
    out.set("M_DIGEST", at(program + WORD));
    out.set("M_CONTEXT", at(COPY + layout.rows() - WORD));
    out.set("PROGRAM_WORD", format!("0x{}", hex(&program_word(&key.program_id, &key.reference.digest))));
    let copies = (0..layout.outputs).map(|i| {
        let (to, from) = (outputs + i * WORD, layout.outputs() + i * WORD);
        format!("                mstore({}, calldataload({}))\n", at(to), at(from))
    });
    out.set("COPY_OUTPUTS", copies.collect::<String>());
    let bytes = layout.points() + COPY - program;
    let value = format!("shr(3, shl(3, keccak256({}, {})))", at(program), at(bytes));
    out.set("BINDING_TERM", terms::public_term(key, 0, &value));
    // The words written lie inside the copy: the Groth16 proof before the rows is at least as long.
    debug_assert!((3 + layout.outputs) * WORD <= GROTH16 && CONTEXT < layout.seal() && PADDING < WORD);
}

/// The constant halves of the pairs.
fn set_pairs(out: &mut Template, key: &WrapKey) {
    let groth16 = &key.groth16;
    let [x, y] = g1_words(&-groth16.alpha_g1);
    out.set("ALPHA_X", format!("0x{}", hex(&x)));
    out.set("NEG_ALPHA_Y", format!("0x{}", hex(&y)));
    let [one, tau] = key.reference.g2;
    for (name, pair, point) in [("BETA", 1, groth16.beta_g2), ("NEG_ONE", 2, -one), ("NEG_DELTA", 3, -groth16.delta_g2), ("TAU", 4, tau)] {
        out.set(name, stores(PAIRS + pair * PAIR + POINT, &point));
    }
    let (log_b1, _) = split(key.row_vars);
    out.set("LOG_B1", log_b1.to_string());
    out.set("SQUARINGS", "                power := mulmod(power, power, r)\n".repeat(log_b1));
}

/// Statements that write a point of G2.
fn stores(position: usize, point: &G2Affine) -> String {
    let words = g2_words(point);
    let store = words.iter().enumerate().map(|(i, word)| format!("            mstore({}, 0x{})\n", at(position + i * WORD), hex(word)));
    store.collect()
}

/// A point's coordinates as arguments.
fn coordinates(point: &G1Affine) -> String {
    let [x, y] = g1_words(point).map(|word| hex(&word));
    format!("0x{x}, 0x{y}")
}
