//! A proving key in the form that proving wants, in memory or mapped from its file.

use std::{fs::File, io::Write, ops::Deref, path::Path};

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_groth16::{PreparedVerifyingKey, ProvingKey, VerifyingKey, prepare_verifying_key};
use assay_circuits::r1cs::R1cs;
use assay_gpu::SparseMatrix;
use memmap2::Mmap;

use super::{
    Error, Shape,
    checksum::checksum,
    layout::{CHECKSUM, Counts, Layout},
    matrix, raw, validate,
};

/// A proving key with its constraint system: matrices, queries without their points at infinity, verifying key.
///
/// It is the bytes of its file (little-endian, points in Montgomery form), read where they lie: a key of many gigabytes is
/// ready as soon as its checksum is.
pub struct PreparedKey {
    bytes: Bytes,
    pub(super) layout: Layout,
    pub(super) delta_g1: G1Affine,
    pub(super) beta_g1: G1Affine,
    verifying: PreparedVerifyingKey<Bn254>,
    digest: [u8; 32],
}

enum Bytes {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

impl PreparedKey {
    /// Prepares an arkworks key for the system that it was made for.
    ///
    /// # Errors
    /// A system that is none, or a key of another shape. A key of the right shape for another system is not found here,
    /// but when a proof does not verify.
    pub fn from_ark(key: &ProvingKey<Bn254>, r1cs: &R1cs) -> Result<Self, Error> {
        let shape = Shape::of(r1cs)?;
        for (what, expected, found) in [
            ("points of the query A", shape.num_variables(), key.a_query.len()),
            ("points of the query B in G1", shape.num_variables(), key.b_g1_query.len()),
            ("points of the query B in G2", shape.num_variables(), key.b_g2_query.len()),
            ("points of the query L", shape.num_witness, key.l_query.len()),
            ("points of the query H", shape.domain() - 1, key.h_query.len()),
            ("points for public variables", shape.num_instance, key.vk.gamma_abc_g1.len()),
        ] {
            if expected != found {
                return Err(Error::Shape { what, expected: expected as u64, found: found as u64 });
            }
        }
        let a: Vec<u32> = finite(shape.num_variables(), |i| !key.a_query[i].is_zero());
        let b: Vec<u32> = finite(shape.num_variables(), |i| !key.b_g1_query[i].is_zero() || !key.b_g2_query[i].is_zero());
        let l: Vec<u32> = finite(shape.num_witness, |i| !key.l_query[i].is_zero());
        let entries = [&r1cs.a, &r1cs.b, &r1cs.c].map(|matrix| matrix.num_entries());
        let counts = Counts { shape, entries, points: [a.len(), b.len(), l.len()] };
        let mut out = counts.header();
        out.reserve_exact(counts.layout().content + CHECKSUM - out.len());
        for point in [&key.vk.alpha_g1, &key.beta_g1, &key.delta_g1] {
            raw::put_g1(&mut out, point);
        }
        for point in [&key.vk.beta_g2, &key.vk.gamma_g2, &key.vk.delta_g2] {
            raw::put_g2(&mut out, point);
        }
        key.vk.gamma_abc_g1.iter().for_each(|point| raw::put_g1(&mut out, point));
        for matrix in [&r1cs.a, &r1cs.b, &r1cs.c] {
            matrix::put(&mut out, matrix);
        }
        raw::put_numbers(&mut out, &a);
        a.iter().for_each(|i| raw::put_g1(&mut out, &key.a_query[*i as usize]));
        raw::put_numbers(&mut out, &b);
        b.iter().for_each(|i| raw::put_g1(&mut out, &key.b_g1_query[*i as usize]));
        b.iter().for_each(|i| raw::put_g2(&mut out, &key.b_g2_query[*i as usize]));
        raw::put_numbers(&mut out, &l.iter().map(|i| i + shape.num_instance as u32).collect::<Vec<_>>());
        l.iter().for_each(|i| raw::put_g1(&mut out, &key.l_query[*i as usize]));
        key.h_query.iter().for_each(|point| raw::put_g1(&mut out, point));
        let digest = checksum(&out);
        out.extend_from_slice(&digest);
        Self::new(Bytes::Owned(out))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: &mut impl Write) -> Result<(), Error> {
        Ok(out.write_all(&self.bytes)?)
    }

    /// Maps the file of a key; its checksum is verified, which reads it once.
    ///
    /// The file must not change while the key is in use.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not a key as [`PreparedKey::write`] makes it, in every byte.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path)?;
        // SAFETY: the map is read as plain bytes, of which any are valid, and never while this process writes to the
        // file. If another process changes it meanwhile, the bytes may change between reads: every number read from
        // them is bounds-checked where it is used, so that this yields a panic or a proof that does not verify; if it
        // shortens the file, the process gets SIGBUS. The documentation asks that neither be done.
        let map = unsafe { Mmap::map(&file)? };
        Self::new(Bytes::Mapped(map))
    }

    /// Reads a key from bytes in memory.
    ///
    /// # Errors
    /// As [`PreparedKey::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        Self::new(Bytes::Owned(bytes))
    }

    fn new(bytes: Bytes) -> Result<Self, Error> {
        let layout = Counts::read(&bytes)?.layout();
        if bytes.len() != layout.content + CHECKSUM {
            return Err(Error::Length { expected: (layout.content + CHECKSUM) as u64, found: bytes.len() as u64 });
        }
        let digest = checksum(&bytes[..layout.content]);
        if digest != bytes[layout.content..] {
            return Err(Error::Checksum);
        }
        validate::validate(&bytes, &layout)?;
        let g1 = raw::g1_list(&bytes[layout.singles_g1.clone()]);
        let g2 = raw::g2_list(&bytes[layout.singles_g2.clone()]);
        let verifying = prepare_verifying_key(&VerifyingKey {
            alpha_g1: g1[0],
            beta_g2: g2[0],
            gamma_g2: g2[1],
            delta_g2: g2[2],
            gamma_abc_g1: raw::g1_list(&bytes[layout.gamma_abc.clone()]),
        });
        Ok(Self { bytes, layout, beta_g1: g1[1], delta_g1: g1[2], verifying, digest })
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &VerifyingKey<Bn254> {
        &self.verifying.vk
    }

    /// The verifying key, ready for arkworks' verifier.
    pub fn prepared_verifying_key(&self) -> &PreparedVerifyingKey<Bn254> {
        &self.verifying
    }

    /// Names the key, its constraint system included: the checksum of its file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The dimensions of the constraint system.
    pub fn shape(&self) -> Shape {
        self.layout.counts.shape
    }

    /// Entries of A, B and C.
    pub fn num_entries(&self) -> [usize; 3] {
        self.layout.counts.entries
    }

    /// Bytes of the key's file.
    pub fn num_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The constraint system, copied.
    pub fn r1cs(&self) -> R1cs {
        let [a, b, c] = self.matrices().map(matrix::copied);
        let Shape { num_instance, num_witness, .. } = self.shape();
        R1cs { num_instance, num_witness, a, b, c }
    }

    /// The key as arkworks has it, copied.
    pub fn to_ark(&self) -> ProvingKey<Bn254> {
        let (layout, shape) = (&self.layout, self.shape());
        let (all, first) = (shape.num_variables(), shape.num_instance);
        let b = self.variables(&layout.b_variables);
        ProvingKey {
            vk: self.verifying.vk.clone(),
            beta_g1: self.beta_g1,
            delta_g1: self.delta_g1,
            a_query: spread(self.points_g1(&layout.a), &self.variables(&layout.a_variables), 0, all),
            b_g1_query: spread(self.points_g1(&layout.b_g1), &b, 0, all),
            b_g2_query: spread(self.points_g2(&layout.b_g2), &b, 0, all),
            h_query: self.points_g1(&layout.h),
            l_query: spread(self.points_g1(&layout.l), &self.variables(&layout.l_variables), first, shape.num_witness),
        }
    }

    pub(super) fn matrices(&self) -> [SparseMatrix<'_>; 3] {
        self.layout.matrices.each_ref().map(|layout| matrix::view(&self.bytes, layout))
    }

    pub(super) fn variables(&self, range: &std::ops::Range<usize>) -> Vec<u32> {
        raw::numbers(&self.bytes[range.clone()])
    }

    pub(super) fn points_g1(&self, range: &std::ops::Range<usize>) -> Vec<G1Affine> {
        raw::g1_list(&self.bytes[range.clone()])
    }

    pub(super) fn points_g2(&self, range: &std::ops::Range<usize>) -> Vec<G2Affine> {
        raw::g2_list(&self.bytes[range.clone()])
    }
}

fn finite(len: usize, is_finite: impl Fn(usize) -> bool) -> Vec<u32> {
    (0..len).filter(|i| is_finite(*i)).map(|i| i as u32).collect()
}

/// The points at their variables' places, less `first`, of a list of `len`.
fn spread<G: AffineRepr<ScalarField = Fr>>(points: Vec<G>, variables: &[u32], first: usize, len: usize) -> Vec<G> {
    let mut all = vec![G::zero(); len];
    for (variable, point) in variables.iter().zip(points) {
        all[*variable as usize - first] = point;
    }
    all
}
