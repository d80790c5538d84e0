//! The provers, each loading its own inputs from files so that it can be weighed alone.

use std::{
    cell::OnceCell,
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
};

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::{Groth16, PreparedVerifyingKey, Proof, ProvingKey, prepare_verifying_key};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use assay_gpu::{Backend, Cuda, Portable};
use assay_prover::groth16::{KeptKey, PreparedKey, ark_matrix, prove_with_blinding, setup};
use rand::{SeedableRng, rngs::StdRng};
use taceo_groth16::{ConstraintMatrices, LibSnarkReduction};

use crate::system::{Kind, system};

/// The provers.
pub const NAMES: [&str; 5] = ["assay-cuda", "assay-ifma", "assay-portable", "taceo", "ark"];

/// A prover with its inputs.
pub trait Timed {
    fn name(&self) -> &'static str;
    fn prove(&self);
}

/// Writes key and assignment for all provers.
pub fn make(kind: Kind, size: u32, folder: &Path) {
    fs::create_dir_all(folder).expect("a scratch folder");
    let mut rng = StdRng::seed_from_u64(1);
    let (r1cs, z) = system(kind, size, &mut rng);
    let ark = setup(&r1cs, &mut rng).expect("a key");
    let write = |name| BufWriter::new(File::create(folder.join(name)).expect("a scratch file"));
    ark.serialize_uncompressed(write("ark")).expect("room for the key");
    z.serialize_uncompressed(write("z")).expect("room for the assignment");
    PreparedKey::from_ark(&ark, &r1cs).expect("a key").write(&mut write("assay")).expect("room for the key");
}

fn read<T: CanonicalDeserialize>(folder: &Path, name: &str) -> T {
    let file = BufReader::new(File::open(folder.join(name)).expect("a scratch file"));
    T::deserialize_uncompressed_unchecked(file).expect("what was written")
}

fn blinding() -> (Fr, Fr) {
    let mut rng = StdRng::seed_from_u64(2);
    (Fr::rand(&mut rng), Fr::rand(&mut rng))
}

/// The files of a system, and what its provers share of them.
pub struct Inputs {
    folder: PathBuf,
    key: OnceCell<PreparedKey>,
    cuda: OnceCell<Cuda>,
}

impl Inputs {
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), key: OnceCell::new(), cuda: OnceCell::new() }
    }

    fn key(&self) -> &PreparedKey {
        self.key.get_or_init(|| PreparedKey::open(&self.folder.join("assay")).expect("the key"))
    }

    /// The prover of that name, or why this machine has no such backend.
    ///
    /// # Panics
    /// If a device must be there, and is not.
    pub fn load(&self, name: &str) -> Result<Box<dyn Timed + '_>, String> {
        Ok(match name {
            "assay-cuda" => {
                let found = Cuda::detect().map_err(|reason| reason.to_string());
                assert!(found.is_ok() || !assay_gpu::gpu_required(), "ASSAY_REQUIRE_GPU is set, but {found:?}");
                let found = found?;
                let cuda = self.cuda.get_or_init(|| found);
                Box::new(OnDevice { kept: KeptKey::new(cuda, self.key()), z: read(&self.folder, "z") })
            }
            "assay-portable" => Box::new(self.ours("assay-portable", Portable)),
            #[cfg(target_arch = "x86_64")]
            "assay-ifma" => {
                let ifma = assay_gpu::Ifma::detect().ok_or("this processor has no AVX-512 IFMA")?;
                Box::new(self.ours("assay-ifma", ifma))
            }
            #[cfg(not(target_arch = "x86_64"))]
            "assay-ifma" => return Err("this processor has no AVX-512 IFMA".to_owned()),
            "taceo" => Box::new(Taceo::load(&self.folder)),
            "ark" => Box::new(Ark::load(&self.folder)),
            _ => panic!("{name}: no such prover; there are {NAMES:?}"),
        })
    }

    fn ours<B: Backend>(&self, name: &'static str, backend: B) -> Ours<'_, B> {
        Ours { name, backend, key: self.key(), z: read(&self.folder, "z") }
    }
}

struct Ours<'a, B> {
    name: &'static str,
    backend: B,
    key: &'a PreparedKey,
    z: Vec<Fr>,
}

impl<B: Backend> Timed for Ours<'_, B> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prove(&self) {
        let (r, s) = blinding();
        prove_with_blinding(&self.backend, self.key, &self.z, r, s).expect("a proof, verified");
    }
}

/// On a device, which has the key before the first proof.
struct OnDevice<'a> {
    kept: KeptKey<'a, Cuda>,
    z: Vec<Fr>,
}

impl Timed for OnDevice<'_> {
    fn name(&self) -> &'static str {
        "assay-cuda"
    }

    fn prove(&self) {
        let (r, s) = blinding();
        self.kept.prove_with_blinding(&self.z, r, s).expect("a proof, verified");
    }
}

/// What both arkworks provers hold. Their proofs are verified too, as ours is before it is returned.
struct Peer {
    key: ProvingKey<Bn254>,
    verifying: PreparedVerifyingKey<Bn254>,
    matrices: [Vec<Vec<(Fr, usize)>>; 3],
    num_instance: usize,
    z: Vec<Fr>,
}

impl Peer {
    fn load(folder: &Path) -> Self {
        let key: ProvingKey<Bn254> = read(folder, "ark");
        let r1cs = PreparedKey::open(&folder.join("assay")).expect("the key").r1cs();
        Self {
            verifying: prepare_verifying_key(&key.vk),
            key,
            matrices: [&r1cs.a, &r1cs.b, &r1cs.c].map(ark_matrix),
            num_instance: r1cs.num_instance,
            z: read(folder, "z"),
        }
    }

    fn verify(&self, proof: &Proof<Bn254>) {
        assert!(Groth16::<Bn254>::verify_proof(&self.verifying, proof, &self.z[1..self.num_instance]).expect("as many inputs"));
    }
}

pub struct Taceo {
    peer: Peer,
    matrices: ConstraintMatrices<Fr>,
}

impl Taceo {
    pub fn load(folder: &Path) -> Self {
        let mut peer = Peer::load(folder);
        let [a, b, c] = std::mem::take(&mut peer.matrices);
        let entries = |matrix: &[Vec<(Fr, usize)>]| matrix.iter().map(Vec::len).sum();
        let matrices = ConstraintMatrices {
            num_instance_variables: peer.num_instance,
            num_witness_variables: peer.z.len() - peer.num_instance,
            num_constraints: a.len(),
            a_num_non_zero: entries(&a),
            b_num_non_zero: entries(&b),
            c_num_non_zero: entries(&c),
            a,
            b,
            c,
        };
        Self { peer, matrices }
    }
}

impl Timed for Taceo {
    fn name(&self) -> &'static str {
        "taceo"
    }

    fn prove(&self) {
        let (r, s) = blinding();
        let proof = taceo_groth16::Groth16::<Bn254>::prove::<LibSnarkReduction>(&self.peer.key, r, s, &self.matrices, &self.peer.z);
        self.peer.verify(&proof.expect("a proof"));
    }
}

pub struct Ark(Peer);

impl Ark {
    pub fn load(folder: &Path) -> Self {
        Self(Peer::load(folder))
    }
}

impl Timed for Ark {
    fn name(&self) -> &'static str {
        "ark"
    }

    fn prove(&self) {
        let Peer { key, matrices, num_instance, z, .. } = &self.0;
        let (r, s) = blinding();
        let proof = Groth16::<Bn254>::create_proof_with_reduction_and_matrices(key, r, s, matrices, *num_instance, matrices[0].len(), z);
        self.0.verify(&proof.expect("a proof"));
    }
}
