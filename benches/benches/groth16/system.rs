//! The constraint systems that are proven.

use ark_bn254::Fr;
use ark_ff::{Field, UniformRand};
use assay_circuits::r1cs::Mode;
use assay_circuits::r1cs::R1cs;
use assay_core::Tensor;
use assay_core::onnx::{ImportOptions, import};
use assay_gpu::Portable;
use assay_prover::inner::{Form, argue};
use assay_prover::srs::Srs;
use assay_prover::{Options, Witness, Workplace, compile, wrap};
use rand::{Rng, rngs::StdRng};

/// Public variables, the constant 1 included.
const NUM_INSTANCE: usize = 8;

/// What the variables are like.
#[derive(Clone, Copy)]
pub enum Kind {
    /// All are full field elements.
    Dense,
    /// Seven of eight are bits.
    Boolean,
    /// The wrap circuit of the digits network, with what a proof of it assigns; it has a size of its own.
    Wrap,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Boolean => "7of8-boolean",
            Self::Wrap => "wrap of digits",
        }
    }
}

/// A system that fills a domain of 2^size, and its assignment. Each constraint brings one variable: a product of two
/// short combinations of the variables before it, or a bit.
pub fn system(kind: Kind, size: u32, rng: &mut StdRng) -> (R1cs, Vec<Fr>) {
    if matches!(kind, Kind::Wrap) {
        return wrap_of_digits(rng);
    }
    let mut r1cs = R1cs { num_instance: NUM_INSTANCE, ..R1cs::default() };
    let mut z = vec![Fr::ONE];
    z.extend((1..NUM_INSTANCE + 2).map(|_| Fr::rand(rng)));
    for row in 0..(1 << size) - NUM_INSTANCE {
        let new = z.len() as u32;
        if matches!(kind, Kind::Boolean) && row % 8 != 0 {
            z.push(Fr::from(rng.r#gen::<bool>()));
            r1cs.a.push([(new, Fr::ONE)]);
            r1cs.b.push([(0, -Fr::ONE), (new, Fr::ONE)]);
            r1cs.c.push([]);
        } else {
            let mut combination = || {
                let (first, second) = (rng.gen_range(0..new), new - 1);
                let mut terms = vec![(first, Fr::from(rng.r#gen::<u64>()))];
                if first != second {
                    terms.push((second, Fr::ONE));
                }
                terms
            };
            let (a, b) = (combination(), combination());
            let value = |terms: &[(u32, Fr)]| terms.iter().map(|(i, c)| z[*i as usize] * c).sum::<Fr>();
            z.push(value(&a) * value(&b));
            r1cs.a.push(a);
            r1cs.b.push(b);
            r1cs.c.push([(new, Fr::ONE)]);
        }
    }
    r1cs.num_witness = z.len() - NUM_INSTANCE;
    (r1cs, z)
}

fn wrap_of_digits(rng: &mut StdRng) -> (R1cs, Vec<Fr>) {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/digits/digits_qdq.onnx");
    let program = import(&std::fs::read(model).expect("the example"), &ImportOptions::default()).expect("a model");
    let (key, srs) = compile(&Portable, &program, |n| Ok(Srs::development(n, &|_| ())), rng).expect("a key");
    let port = &program.inputs[0];
    let shape = program.shape(port.tensor).clone();
    let values: Vec<i64> = (0..shape.num_elements()).map(|_| rng.gen_range(0..255)).collect();
    let inputs = [Tensor::from_valid(shape, port.dtype, &values).expect("an image")];
    let witness = Witness::new(&key.system, &inputs).expect("a run");
    let place = Workplace::new(&Portable, &key, &srs.g1);
    let proof = argue(&place, &inputs, place.take(witness), Form::Wrapped, &Options::default(), rng, &|_| ()).expect("a proof");
    let recorded = wrap::assign(&key, &proof, Mode::Record).expect("an assignment");
    (recorded.system, recorded.assignment)
}
