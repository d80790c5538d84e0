//! What phase 2 takes from a powers-of-tau file, and whether it is consistent.
//!
//! ```text
//! section  2 [tau^i]_1   3 [tau^i]_2   4 [alpha tau^i]_1   5 [beta tau^i]_1   6 [beta]_2
//!         12 [L_i(tau)]_1   13 [L_i(tau)]_2   14 [alpha L_i(tau)]_1   15 [beta L_i(tau)]_1     (optional)
//! ```
//!
//! Sections 12 to 15 hold, one after another, the Lagrange polynomials of the domains of 1, 2, 4, .. points. They
//! spare a group Fourier transform, and are only used once they are checked against the powers.

use std::io::{Read, Seek, SeekFrom};

use ark_bn254::{G1Affine, G2Affine};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::CeremonyError;
use super::lagrange::{self, Lagrange};
use super::ratio::{self, Ratio};
use crate::srs::Progress;
use crate::srs::encoding::{Form, G1_BYTES, G2_BYTES, decode_g1, decode_g2, encode_g1, encode_g2};
use crate::srs::ptau::{Section, Sections, check_length, invalid, read_power, read_sections};
use crate::srs::{SrsError, generators};

/// Points decoded together.
const POINTS_A_READ: usize = 1 << 16;

/// Checked powers for one domain size.
#[derive(Clone, Debug)]
pub struct Phase1 {
    /// log2 of the domain's size m.
    pub log_domain: u32,
    /// `[tau^i]_1` for i < 2m, or 2m - 1 where the file ends there.
    pub tau_g1: Vec<G1Affine>,
    /// `[tau]_2`.
    pub tau_g2: G2Affine,
    /// `[alpha]_1`.
    pub alpha_g1: G1Affine,
    /// `[beta]_1`.
    pub beta_g1: G1Affine,
    /// `[beta]_2`.
    pub beta_g2: G2Affine,
    /// The Lagrange forms over the domain.
    pub lagrange: Lagrange,
}

impl Phase1 {
    /// Reads what a domain of 2^`log_domain` points needs and checks it: one tau, alpha and beta throughout, none of
    /// them zero. The Lagrange forms come from the file if it has them, else from a group Fourier transform.
    ///
    /// # Errors
    /// [`CeremonyError`]: not such a file, damaged, too small for the domain, or inconsistent.
    ///
    /// # Soundness
    /// An inconsistent file passes with probability at most 2^-124 if `rng` is unpredictable to its maker. That some
    /// contributor to it was honest is for `snarkjs powersoftau verify` to show.
    pub fn read(
        reader: &mut (impl Read + Seek),
        log_domain: u32,
        rng: &mut (impl RngCore + CryptoRng),
        progress: Progress<'_>,
    ) -> Result<Self, CeremonyError> {
        let sections = read_sections(reader)?;
        let power = read_power(reader, section(&sections, 1)?)?;
        if power < log_domain {
            return Err(CeremonyError::TooFewPowers { needed: log_domain, available: power });
        }
        let (all, domain) = (1usize << power, 1usize << log_domain);
        let mut source = Source { reader, sections: &sections, progress };
        let tau_g1 = source.g1(2, 2 * all - 1, 0, (2 * domain).min(2 * all - 1))?;
        let tau_g2 = source.g2(3, all, 0, domain)?;
        let alpha_tau_g1 = source.g1(4, all, 0, domain)?;
        let beta_tau_g1 = source.g1(5, all, 0, domain)?;
        let beta_g2 = source.g2(6, 1, 0, 1)?[0];
        check_powers(&tau_g1, &tau_g2, &alpha_tau_g1, &beta_tau_g1, beta_g2, rng)?;
        let stored = if (12..16).all(|kind| sections[kind].is_some()) {
            let first = domain - 1;
            Some(Lagrange {
                tau_g1: source.g1(12, 4 * all - 1, first, domain)?,
                tau_g2: source.g2(13, 2 * all - 1, first, domain)?,
                alpha_tau_g1: source.g1(14, 2 * all - 1, first, domain)?,
                beta_tau_g1: source.g1(15, 2 * all - 1, first, domain)?,
            })
        } else {
            None
        };
        let powers = [&tau_g1[..domain], &alpha_tau_g1, &beta_tau_g1];
        let lagrange = match stored {
            Some(stored) => {
                lagrange::check(&stored, powers, &tau_g2, rng)?;
                stored
            }
            None => lagrange::transform(powers, &tau_g2),
        };
        Ok(Phase1 {
            log_domain,
            tau_g2: tau_g2.get(1).copied().unwrap_or_default(),
            alpha_g1: alpha_tau_g1[0],
            beta_g1: beta_tau_g1[0],
            beta_g2,
            tau_g1,
            lagrange,
        })
    }

    /// Identifies tau, alpha and beta: keccak256 of `"assay powers of tau 1"`, `[tau]_2`, `[alpha]_1`, `[beta]_1`, `[beta]_2`.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Keccak256::new_with_prefix(b"assay powers of tau 1");
        hasher.update(encode_g2(&self.tau_g2));
        hasher.update(encode_g1(&self.alpha_g1));
        hasher.update(encode_g1(&self.beta_g1));
        hasher.update(encode_g2(&self.beta_g2));
        hasher.finalize().into()
    }
}

/// e(P_(i+1), [1]_2) = e(P_i, [tau]_2) in every section, and the two forms of beta agree.
fn check_powers(
    tau_g1: &[G1Affine],
    tau_g2: &[G2Affine],
    alpha_tau_g1: &[G1Affine],
    beta_tau_g1: &[G1Affine],
    beta_g2: G2Affine,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), CeremonyError> {
    let inconsistent = |what| Err(CeremonyError::InconsistentPowers { what });
    let (one_g1, one_g2) = generators();
    if tau_g1[0] != one_g1 || tau_g2[0] != one_g2 {
        return inconsistent("the first power of tau is not the generator");
    }
    // A domain has at least two points, so that both sections reach tau itself.
    let tau = Ratio { base: one_g2, multiple: tau_g2[1] };
    for (points, what) in [
        (tau_g1, "section 2 does not hold successive powers of the tau of section 3"),
        (alpha_tau_g1, "section 4 does not hold alpha times successive powers of tau"),
        (beta_tau_g1, "section 5 does not hold beta times successive powers of tau"),
    ] {
        if !ratio::successive(points, tau, rng) {
            return inconsistent(what);
        }
    }
    if !ratio::successive_g2(tau_g2, one_g1, tau_g1[1], rng) {
        return inconsistent("section 3 does not hold successive powers of the tau of section 2");
    }
    if !ratio::same(one_g1, beta_tau_g1[0], Ratio { base: one_g2, multiple: beta_g2 }) {
        return inconsistent("sections 5 and 6 hold different betas");
    }
    Ok(())
}

fn section(sections: &Sections, kind: usize) -> Result<Section, SrsError> {
    sections[kind].ok_or_else(|| invalid("the set of sections", format!("one of type {kind}"), "incomplete"))
}

/// Reads points from sections whose lengths are known to be right.
struct Source<'a, R> {
    reader: &'a mut R,
    sections: &'a Sections,
    progress: Progress<'a>,
}

impl<R: Read + Seek> Source<'_, R> {
    /// Points `first .. first + count` of section `kind`, which must hold `total`.
    fn g1(&mut self, kind: usize, total: usize, first: usize, count: usize) -> Result<Vec<G1Affine>, SrsError> {
        self.points(kind, total, first, count, G1_BYTES, |bytes| decode_g1(bytes, Form::Montgomery))
    }

    fn g2(&mut self, kind: usize, total: usize, first: usize, count: usize) -> Result<Vec<G2Affine>, SrsError> {
        self.points(kind, total, first, count, G2_BYTES, |bytes| decode_g2(bytes, Form::Montgomery))
    }

    fn points<P: Send>(
        &mut self,
        kind: usize,
        total: usize,
        first: usize,
        count: usize,
        width: usize,
        decode: impl Fn(&[u8]) -> Option<P> + Sync,
    ) -> Result<Vec<P>, SrsError> {
        let section = section(self.sections, kind)?;
        check_length("a section of points", (total * width) as u64, section.length)?;
        self.reader.seek(SeekFrom::Start(section.start + (first * width) as u64))?;
        let mut points = Vec::with_capacity(count);
        let mut buffer = Vec::new();
        while points.len() < count {
            let batch = (count - points.len()).min(POINTS_A_READ);
            buffer.resize(batch * width, 0);
            self.reader.read_exact(&mut buffer)?;
            let done = first + points.len();
            let decoded: Result<Vec<P>, SrsError> = buffer
                .par_chunks(width)
                .enumerate()
                .map(|(i, bytes)| {
                    decode(bytes).ok_or_else(|| SrsError::InvalidPoint { what: format!("point {} of section {kind}", done + i) })
                })
                .collect();
            points.extend(decoded?);
            (self.progress)(batch);
        }
        Ok(points)
    }
}
