//! The verifiers over a second kind of number, one that counts what a constraint system would record.
//!
//! It proves that they are generic, that what they record does not depend on the values of a proof, and it prints what
//! they cost: `cargo test -p assay-circuits --test counted -- --nocapture`.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use assay_circuits::{
    Error, Num, Transcript, eq,
    logup::{self, Layer},
    mercury, sumcheck,
};
use std::cell::Cell;

/// Constraints of one permutation in a constraint system, as measured on a prototype of its rows.
const CONSTRAINTS_PER_PERMUTATION: usize = 276;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    multiplications: usize,
    permutations: usize,
    assertions: usize,
}

impl Cost {
    fn constraints(self) -> usize {
        self.multiplications + self.assertions + CONSTRAINTS_PER_PERMUTATION * self.permutations
    }
}

thread_local! {
    static COST: Cell<Cost> = const { Cell::new(Cost { multiplications: 0, permutations: 0, assertions: 0 }) };
}

fn count(record: impl FnOnce(&mut Cost)) {
    COST.with(|cell| {
        let mut cost = cell.get();
        record(&mut cost);
        cell.set(cost);
    });
}

/// A value that is either known when the circuit is built, and then free to multiply by, or a variable.
#[derive(Clone, Debug)]
struct Counted {
    value: Fr,
    constant: bool,
}

impl Counted {
    fn variable(value: &Fr) -> Self {
        Self { value: *value, constant: false }
    }
}

impl Num for Counted {
    fn constant(value: Fr) -> Self {
        Self { value, constant: true }
    }

    fn add(&self, other: &Self) -> Self {
        Self { value: self.value + other.value, constant: self.constant && other.constant }
    }

    fn sub(&self, other: &Self) -> Self {
        Self { value: self.value - other.value, constant: self.constant && other.constant }
    }

    fn mul(&self, other: &Self) -> Self {
        if !self.constant && !other.constant {
            count(|cost| cost.multiplications += 1);
        }
        Self { value: self.value * other.value, constant: self.constant && other.constant }
    }

    fn add_constant(&self, value: Fr) -> Self {
        Self { value: self.value + value, constant: self.constant }
    }

    fn mul_constant(&self, value: Fr) -> Self {
        Self { value: self.value * value, constant: self.constant }
    }

    fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::constant(Fr::ZERO), |sum, term| sum.add(&term))
    }

    /// Records and goes on, as synthesis does; whether it holds is the proof system's business.
    fn assert_eq(&self, _: &Self, _: &str) -> Result<(), Error> {
        count(|cost| cost.assertions += 1);
        Ok(())
    }

    fn inverse(&self, what: &str) -> Result<Self, Error> {
        count(|cost| cost.multiplications += 1);
        let value = Field::inverse(&self.value).ok_or_else(|| Error::Zero { what: what.into() })?;
        Ok(Self { value, constant: self.constant })
    }

    fn permute(state: &mut [Self; 4]) {
        let mut values = state.each_ref().map(|lane| lane.value);
        Fr::permute(&mut values);
        if state.iter().all(|lane| lane.constant) {
            *state = values.map(Self::constant);
        } else {
            count(|cost| cost.permutations += 1);
            *state = values.map(|value| Self::variable(&value));
        }
    }
}

fn cost_of(work: impl FnOnce() -> Result<(), Error>) -> Cost {
    COST.with(|cell| cell.set(Cost::default()));
    work().unwrap();
    COST.with(Cell::get)
}

/// Runs a verifier on two unrelated proofs: it must record the same.
fn cost(name: &str, work: impl Fn(&mut dyn FnMut() -> Counted) -> Result<(), Error>) -> Cost {
    let [first, second] = [1, 2].map(|seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        cost_of(|| work(&mut || Counted::variable(&Fr::rand(&mut rng))))
    });
    assert_eq!(first, second, "{name} depends on the values of a proof");
    println!("{name:40} {first:?}, about {} constraints", first.constraints());
    first
}

fn many(random: &mut dyn FnMut() -> Counted, count: usize) -> Vec<Counted> {
    (0..count).map(|_| random()).collect()
}

fn rounds(random: &mut dyn FnMut() -> Counted, num_vars: usize, degree: usize) -> sumcheck::Proof<Counted> {
    sumcheck::Proof { rounds: (0..num_vars).map(|_| many(random, degree)).collect() }
}

#[test]
fn a_round_costs_one_permutation_up_to_degree_three() {
    for (degree, permutations, multiplications) in [(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 2, 4)] {
        let cost = cost(&format!("10 rounds of degree {degree}"), |random| {
            let proof = rounds(random, 10, degree);
            sumcheck::verify(&proof, 10, degree, &random(), &mut Transcript::new("t")).map(drop)
        });
        assert_eq!(cost, Cost { multiplications: 10 * multiplications, permutations: 10 * permutations, assertions: 0 });
    }
    let cost = cost("10 eq-normalised rounds of degree 2", |random| {
        let proof = rounds(random, 10, 2);
        sumcheck::verify_eq(&proof, &many(random, 10), 2, &random(), &mut Transcript::new("t")).map(drop)
    });
    assert_eq!(cost, Cost { multiplications: 30, permutations: 10, assertions: 0 });
}

#[test]
fn a_lookup_tree_costs_half_its_depth_squared() {
    for log_len in [0, 1, 10, 16, 20] {
        let cost = cost(&format!("LogUp tree of 2^{log_len} leaves"), |random| {
            let layers = (0..log_len)
                .map(|k| Layer { rounds: rounds(random, k, logup::DEGREE), p: [random(), random()], q: [random(), random()] })
                .collect();
            let proof = logup::Proof { root: [random(), random()], layers };
            logup::verify(&proof, log_len, &mut Transcript::new("t")).map(drop)
        });
        assert_eq!(cost.permutations, 1 + log_len * log_len.saturating_sub(1) / 2 + 2 * log_len);
        assert_eq!(cost.assertions, 1 + log_len);
    }
}

#[test]
fn an_opening_costs_a_few_permutations() {
    for log_len in [0, 1, 2, 5, 16, 20] {
        let cost = cost(&format!("Mercury, 2^{log_len} coefficients"), |random| {
            let scalars = mercury::Scalars::from_array(core::array::from_fn(|_| random()));
            let digests = core::array::from_fn(|_| random());
            let point = many(random, log_len);
            mercury::verify(&scalars, &digests, &point, &random(), &mut Transcript::new("t")).map(drop)
        });
        assert_eq!((cost.permutations, cost.assertions), (7, 1));
    }
}

#[test]
fn multilinear_extensions_cost_what_their_documentation_says() {
    assert_eq!(cost("eq of 10 variables", |random| eq::eq(&many(random, 10), &many(random, 10)).map(drop)).multiplications, 19);
    assert_eq!(cost("MLE of 256 variables", |random| eq::mle(&many(random, 256), &many(random, 8)).map(drop)).multiplications, 255);
    let table = cost("eq table of 8 variables", |random| {
        eq::eq_table(&many(random, 8));
        Ok(())
    });
    assert_eq!(table.multiplications, 254);
    let constants = cost("MLE of 256 constants", |random| {
        let values = (0..256u64).map(Fr::from);
        eq::weigh_constants(values.collect::<Vec<_>>().into_iter(), &eq::eq_table(&many(random, 8))).map(drop)
    });
    assert_eq!(constants.multiplications, 254);
}

#[test]
fn both_kinds_of_number_draw_the_same_challenges() {
    let mut rng = StdRng::seed_from_u64(1);
    let values: Vec<Fr> = (0..20).map(|_| Fr::rand(&mut rng)).collect();
    let mut native = Transcript::new("t");
    let mut counted = Transcript::new("t");
    for chunk in values.chunks(7) {
        native.absorb(chunk);
        counted.absorb(&chunk.iter().map(Counted::variable).collect::<Vec<_>>());
        native.absorb_constant(Fr::ONE);
        counted.absorb_constant(Fr::ONE);
        let challenges: Vec<Fr> = counted.squeeze_many(5).iter().map(|challenge| challenge.value).collect();
        assert_eq!(native.squeeze_many(5), challenges);
    }
}

#[test]
fn mapping_a_proof_keeps_its_order() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut random = || Counted::variable(&Fr::rand(&mut rng));
    let layers = (0..3).map(|k| Layer { rounds: rounds(&mut random, k, 2), p: [random(), random()], q: [random(), random()] }).collect();
    let mut proof = logup::Proof { root: [random(), random()], layers };
    let mut visited = Vec::new();
    let mut mapped = proof.map(&mut |number| {
        visited.push(number.value);
        number.value
    });
    let listed: Vec<Fr> = mapped.values_mut().map(|number| *number).collect();
    assert_eq!(visited, listed);
    assert_eq!(listed, proof.values_mut().map(|number| number.value).collect::<Vec<_>>());
    let scalars = mercury::Scalars::from_array(core::array::from_fn(|i| Fr::from(i as u64)));
    assert_eq!(scalars.map(&mut Clone::clone), scalars);
    assert_eq!(scalars.to_array().map(|x| x), core::array::from_fn(|i| Fr::from(i as u64)));
}
