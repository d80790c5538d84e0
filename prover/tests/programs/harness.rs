//! Builds, compiles and proves small programs.

use assay_core::{Builder, Error, Program, Tensor, execute};
use assay_gpu::{Backend, Portable};
use assay_prover::srs::Srs;
use assay_prover::{Options, Proven, ProvingKey, Workplace, compile, prove};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

pub struct Ready {
    pub program: Program,
    pub key: ProvingKey,
    pub srs: Srs,
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn build(build: impl FnOnce(&mut Builder) -> Result<(), Error>) -> Program {
    let mut builder = Builder::new("test");
    build(&mut builder).unwrap();
    builder.finish().unwrap()
}

pub fn ready(program: Program) -> Ready {
    let srs = |n| Ok(Srs::development(n, &|_| ()));
    let (key, srs) = compile(&Portable, &program, srs, &mut rng(1)).unwrap();
    Ready { program, key, srs }
}

impl Ready {
    /// Proves on every backend of this machine; with the same random choices, proofs are the same byte for byte, and
    /// what is refused is refused with the same error.
    pub fn try_prove(&self, inputs: &[Tensor], context: &[u8]) -> Result<Proven, assay_prover::Error> {
        let proven = self.prove_on(&Portable, inputs, context);
        let expected = outcome(&proven);
        #[cfg(target_arch = "x86_64")]
        match assay_gpu::Ifma::detect() {
            Some(ifma) => assert_eq!(outcome(&self.prove_on(&ifma, inputs, context)), expected, "ifma and portable differ"),
            None => eprintln!("skipped for ifma: this processor has no AVX-512 IFMA"),
        }
        #[cfg(feature = "cuda")]
        match assay_gpu::Cuda::detect() {
            Ok(cuda) => assert_eq!(outcome(&self.prove_on(&cuda, inputs, context)), expected, "cuda and portable differ"),
            Err(reason) => eprintln!("skipped for cuda: {reason}"),
        }
        proven
    }

    fn prove_on<B: Backend>(&self, backend: &B, inputs: &[Tensor], context: &[u8]) -> Result<Proven, assay_prover::Error> {
        self.prove_with(backend, inputs, Options { context: context.to_vec(), ..Options::default() })
    }

    /// Proves with the random choices of all proofs here.
    pub fn prove_with<B: Backend>(&self, backend: &B, inputs: &[Tensor], options: Options) -> Result<Proven, assay_prover::Error> {
        let place = Workplace::new(backend, &self.key, &self.srs.g1);
        prove(&place, inputs, &options, &mut rng(2), &|_| ())
    }

    /// Proves, and compares the outputs with plain execution.
    pub fn prove(&self, inputs: &[Tensor]) -> Proven {
        let proven = self.try_prove(inputs, b"context").unwrap();
        assert_eq!(proven.outputs, execute(&self.program, inputs).unwrap());
        proven
    }
}

/// The receipt, or what is said instead.
fn outcome(proven: &Result<Proven, assay_prover::Error>) -> Result<Vec<u8>, String> {
    proven.as_ref().map(|p| p.receipt.encode()).map_err(|e| format!("{e:?}"))
}

/// Deterministic inputs that fit a program's ports, extremes included.
pub fn inputs(program: &Program, seed: u64) -> Vec<Tensor> {
    use rand::Rng;
    let mut rng = rng(seed);
    let tensor = |port: &assay_core::program::Port| {
        let shape = program.shape(port.tensor).clone();
        let (lo, hi) = port.dtype.bounds();
        let values: Vec<i64> = (0..shape.num_elements())
            .map(|i| {
                if i == 0 {
                    lo
                } else if i == 1 {
                    hi
                } else {
                    rng.gen_range(lo..=hi)
                }
            })
            .collect();
        Tensor::from_valid(shape, port.dtype, &values).unwrap()
    };
    program.inputs.iter().map(tensor).collect()
}
