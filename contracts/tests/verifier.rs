//! The generated verifiers, run by revm: they accept what the native verifier accepts, and nothing that was changed.

mod chain;
mod synthetic;

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, UniformRand};
use assay_contracts::abi::{POINT, WORD, g1_words, g2_words, number_word, scalar_word, selector};
use assay_contracts::layout::INPUTS;
use assay_contracts::{Call, Layout, render};
use chain::{Chain, Done, Failed, bytecode};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use revm::primitives::Address;
use synthetic::fixtures::{CONTEXT, FIXTURES, setup};

/// A deployed fixture.
struct Fixture {
    chain: Chain,
    caller: Address,
    verifier: Address,
    layout: Layout,
    call: Call,
}

impl Fixture {
    fn new(name: &str) -> Fixture {
        let mut setup = setup(name);
        let receipt = setup.receipt(CONTEXT);
        let call = Call::new(&setup.key, &receipt).unwrap();
        let mut chain = Chain::new();
        let caller = chain.account(1);
        let (verifier, _) = chain.deploy(caller, &bytecode(name));
        Fixture { chain, caller, verifier, layout: Layout::new(&setup.key), call }
    }

    fn send(&mut self, calldata: Vec<u8>) -> Result<Done, Failed> {
        self.chain.call(self.caller, self.verifier, 0, calldata)
    }
}

#[test]
fn accepts_receipts_of_every_form() {
    for (name, ..) in FIXTURES {
        let mut fixture = Fixture::new(name);
        let calldata = fixture.call.calldata();
        assert_eq!(calldata.len(), fixture.layout.size(), "{name}");
        let done = fixture.send(calldata).unwrap_or_else(|failed| panic!("{name}: {failed:?}"));
        println!("{name}: {} gas", done.gas);
        assert!(done.output.is_empty());
    }
}

#[test]
fn the_committed_sources_are_what_the_generator_writes() {
    for (name, ..) in FIXTURES {
        let path = format!("{}/solidity/test/fixtures/{name}.sol", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), render(&setup(name).key).unwrap(), "{name}: run the example regenerate");
    }
}

/// What a changed receipt may be refused with.
const REFUSALS: [&str; 8] = [
    "WrongSelector(bytes4,bytes4)",
    "WrongLength(uint256,uint256)",
    "NonCanonicalCalldata()",
    "ScalarTooLarge(uint256)",
    "WrongInverse()",
    "NotOnCurve()",
    "PairingFailed()",
    "InvalidProof()",
];

/// Asserts that calldata is refused, and says with which error; an empty one is Solidity's own decoder's.
fn refused(fixture: &mut Fixture, calldata: Vec<u8>, what: &str) -> &'static str {
    match fixture.send(calldata) {
        Ok(_) => panic!("accepted: {what}"),
        Err(Failed::Revert(bytes)) if bytes.is_empty() => "",
        Err(failed) => REFUSALS.into_iter().find(|name| failed.is(name)).unwrap_or_else(|| panic!("{what}: {failed:?}")),
    }
}

#[test]
fn rejects_every_changed_byte_of_the_calldata() {
    let mut rng = ChaCha20Rng::seed_from_u64(300);
    for name in ["BudgetVerifier", "PrivateVerifier"] {
        let mut fixture = Fixture::new(name);
        let calldata = fixture.call.calldata();
        // A random change at 160 places, and a single bit at each part's ends.
        let layout = fixture.layout;
        let ends =
            [4, 0x24, 0x44, 0x64, 0x84, layout.outputs(), layout.seal(), layout.rows(), layout.points(), layout.tail(), layout.size()];
        let places: Vec<usize> = (0..160).map(|_| rng.gen_range(4..calldata.len())).chain(ends.iter().map(|end| end - 1)).collect();
        for place in places {
            let mut changed = calldata.clone();
            changed[place] ^= rng.gen_range(1..=255u8);
            refused(&mut fixture, changed, &format!("{name}, byte {place}"));
        }
        fixture.send(calldata).unwrap();
    }
}

#[test]
fn rejects_other_valid_points_and_scalars_in_every_place() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    for (name, ..) in FIXTURES {
        let mut fixture = Fixture::new(name);
        let layout = fixture.layout;
        let calldata = fixture.call.calldata();
        let hidden = (layout.hidden()..layout.hidden() + layout.hidden_bytes()).step_by(POINT);
        let ends = [layout.groth16(), layout.groth16() + 3 * POINT];
        for place in hidden.chain(ends).chain((layout.rows()..layout.challenges()).step_by(POINT)) {
            let mut changed = calldata.clone();
            let point = (G1Affine::generator() * Fr::rand(&mut rng)).into_affine();
            changed[place..place + POINT].copy_from_slice(g1_words(&point).as_flattened());
            assert_eq!(refused(&mut fixture, changed, &format!("{name}, another point at {place}")), "InvalidProof()");
        }
        let outputs = (layout.outputs()..layout.outputs() + layout.outputs * WORD).step_by(WORD);
        let sent = (layout.challenges()..layout.tail() + 5 * WORD).step_by(WORD);
        for place in std::iter::once(INPUTS).chain(outputs).chain(sent) {
            let mut changed = calldata.clone();
            changed[place..place + WORD].copy_from_slice(&scalar_word(&Fr::rand(&mut rng)));
            let found = refused(&mut fixture, changed, &format!("{name}, another scalar at {place}"));
            assert_eq!(found, if place == layout.tail() + WORD { "WrongInverse()" } else { "InvalidProof()" });
        }
        // Another zeta with its own inverse.
        let mut changed = calldata.clone();
        let zeta = Fr::rand(&mut rng);
        changed[layout.tail() + WORD..][..WORD].copy_from_slice(&scalar_word(&zeta));
        changed[layout.tail() + 5 * WORD..][..WORD].copy_from_slice(&scalar_word(&zeta.inverse().unwrap()));
        assert_eq!(refused(&mut fixture, changed, "another zeta"), "InvalidProof()");
    }
}

#[test]
fn rejects_scalars_that_are_not_reduced() {
    let mut fixture = Fixture::new("PrivateVerifier");
    let layout = fixture.layout;
    let calldata = fixture.call.calldata();
    let outputs = (layout.outputs()..layout.outputs() + layout.outputs * WORD).step_by(WORD);
    let sent = (layout.challenges()..layout.seal_end()).step_by(WORD);
    for (index, place) in std::iter::once(INPUTS).chain(outputs).chain(sent).enumerate() {
        // The same residue, one order higher: below 2^256, for the order is below 2^254.
        let mut changed = calldata.clone();
        add_order(&mut changed[place..place + WORD]);
        let Err(Failed::Revert(bytes)) = fixture.send(changed) else { panic!("accepted scalar {index}") };
        let expected = [&selector("ScalarTooLarge(uint256)")[..], &number_word(index)].concat();
        assert_eq!(bytes, expected);
    }
}

/// Adds the group's order to a big-endian word.
fn add_order(word: &mut [u8]) {
    let mut carry = 0;
    for (byte, add) in word.iter_mut().zip(Fr::MODULUS.to_bytes_be()).rev() {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0);
}

#[test]
fn rejects_lengths_that_are_not_the_programs() {
    let mut fixture = Fixture::new("PrivateVerifier");
    let good = fixture.call.clone();
    type Change = fn(&mut Call);
    let changes: [(&str, Change); 8] = [
        ("hidden too long", |call| call.hidden.extend([0; 64])),
        ("hidden too short", |call| call.hidden.truncate(128)),
        ("no hidden", |call| call.hidden.clear()),
        ("outputs too many", |call| call.outputs.push([0; 32])),
        ("outputs too few", |call| call.outputs.truncate(1)),
        ("seal too long", |call| call.seal.push(0)),
        ("seal too short", |call| call.seal.truncate(call.seal.len() - 1)),
        ("no seal", |call| call.seal.clear()),
    ];
    for (what, change) in changes {
        let mut call = good.clone();
        change(&mut call);
        assert_eq!(refused(&mut fixture, call.calldata(), what), "WrongLength(uint256,uint256)", "{what}");
    }
    let calldata = good.calldata();
    assert_eq!(refused(&mut fixture, [&calldata[..], &[0]].concat(), "a byte too much"), "NonCanonicalCalldata()");
    for length in 0..calldata.len() {
        if length % 37 == 0 || length + 40 > calldata.len() {
            refused(&mut fixture, calldata[..length].to_vec(), &format!("cut to {length} bytes"));
        }
    }
}

#[test]
fn rejects_two_encodings_of_one_receipt() {
    let mut fixture = Fixture::new("BudgetVerifier");
    let layout = fixture.layout;
    let calldata = fixture.call.calldata();
    let mut filled = calldata.clone();
    *filled.last_mut().unwrap() = 1;
    assert_eq!(refused(&mut fixture, filled, "filling that is not zero"), "NonCanonicalCalldata()");
    // The seal moved by a word, and found by its offset.
    let mut moved = calldata.clone();
    moved.splice(layout.seal() - WORD..layout.seal() - WORD, [0; WORD]);
    moved[0x84..0xa4].copy_from_slice(&number_word(layout.seal() - WORD - 4 + WORD));
    assert_eq!(refused(&mut fixture, moved, "a gap before the seal"), "NonCanonicalCalldata()");
}

#[test]
fn rejects_points_that_are_none() {
    let mut fixture = Fixture::new("PrivateVerifier");
    let layout = fixture.layout;
    let calldata = fixture.call.calldata();
    let place_in = |place: usize, words: &[[u8; WORD]]| {
        let mut changed = calldata.clone();
        changed[place..place + words.len() * WORD].copy_from_slice(words.as_flattened());
        changed
    };
    let off_curve = [number_word(1), number_word(3)];
    // The generator with p added to its x.
    let mut beyond = [number_word(1), number_word(2)];
    beyond[0] = Fq::MODULUS.to_bytes_be().try_into().unwrap();
    beyond[0][31] += 1;
    let hidden = layout.hidden();
    for words in [off_curve, beyond] {
        for (place, expected) in [
            (hidden, "NotOnCurve()"),
            (layout.rows(), "NotOnCurve()"),
            (layout.points(), "NotOnCurve()"),
            (layout.points() + 7 * POINT, "NotOnCurve()"),
            (layout.groth16(), "PairingFailed()"),
            (layout.groth16() + 3 * POINT, "PairingFailed()"),
        ] {
            assert_eq!(refused(&mut fixture, place_in(place, &words), &format!("no point at {place}")), expected);
        }
    }
    // On the twist, but outside the subgroup.
    let outside = outside_subgroup();
    let changed = place_in(layout.groth16() + POINT, &g2_words(&outside));
    assert_eq!(refused(&mut fixture, changed, "B outside the subgroup"), "PairingFailed()");
    let changed = place_in(layout.groth16() + POINT, &[number_word(1); 4]);
    assert_eq!(refused(&mut fixture, changed, "B off the twist"), "PairingFailed()");
}

/// A point of the twist whose order is not r.
fn outside_subgroup() -> G2Affine {
    let candidates = (1u64..).filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(x.into(), Fq::ZERO), false));
    candidates.into_iter().find(|point| !point.is_in_correct_subgroup_assuming_on_curve()).unwrap()
}

#[test]
fn agrees_with_the_native_verifier_on_receipts_of_other_keys_and_contexts() {
    let mut fixture = Fixture::new("BudgetVerifier");
    let mut setup = setup("BudgetVerifier");
    for context in [&b""[..], b"another"] {
        let receipt = setup.receipt(context);
        let call = Call::new(&setup.key, &receipt).unwrap();
        fixture.send(call.calldata()).unwrap();
        let mut other = call.clone();
        other.context_hash = fixture.call.context_hash;
        assert_eq!(refused(&mut fixture, other.calldata(), "another context"), "InvalidProof()");
    }
    // Another setup of the same form, and its seal under this key's selector.
    let mut stranger = synthetic::Setup::new(synthetic::BUDGET, 99);
    let receipt = stranger.receipt(CONTEXT);
    let mut call = Call::new(&stranger.key, &receipt).unwrap();
    assert_eq!(refused(&mut fixture, call.calldata(), "another key"), "WrongSelector(bytes4,bytes4)");
    call.seal[..4].copy_from_slice(&setup.key.selector());
    assert_eq!(refused(&mut fixture, call.calldata(), "another key's proof"), "InvalidProof()");
}

#[test]
fn names_its_program_and_selector() {
    for (name, ..) in FIXTURES {
        let mut fixture = Fixture::new(name);
        let key = setup(name).key;
        let id = fixture.send(selector("programId()").to_vec()).unwrap();
        assert_eq!(id.output[..], key.program_id);
        let own = fixture.send(selector("selector()").to_vec()).unwrap();
        assert_eq!(own.output[..4], key.selector());
    }
}
