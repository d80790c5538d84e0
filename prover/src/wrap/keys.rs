//! Keys of wrapped proofs.

use super::{Error, circuit};
use crate::groth16::{self, PreparedKey, Shape};
use crate::keys::ProvingKey;
use ark_bn254::{Bn254, G2Affine};
use ark_ec::AffineRepr;
use ark_groth16::VerifyingKey;
use assay_core::program::Port;
use assay_core::system::Group;
use assay_verifier::wrap::{Groth16Key, Row, RowSource, WrapKey, WrapPort};
use rand::{CryptoRng, RngCore};

/// What wraps the proofs of one program.
pub struct WrapProvingKey {
    /// What verifies them.
    pub verifying: WrapKey,
    /// The circuit and its Groth16 key.
    pub groth16: PreparedKey,
}

impl WrapProvingKey {
    /// Puts a Groth16 key together with what its receipts are verified by.
    ///
    /// # Errors
    /// Two keys that do not belong together.
    pub fn new(verifying: WrapKey, groth16: PreparedKey) -> Result<Self, Error> {
        verifying.check().map_err(|e| Error::Unverified(e.to_string()))?;
        if groth16_key(groth16.verifying_key())? != verifying.groth16 {
            let (expected, found) = ("the one of the verifying key".into(), "another one".into());
            return Err(Error::Mismatch { what: "the Groth16 key", expected, found });
        }
        Ok(WrapProvingKey { verifying, groth16 })
    }

    /// Checks that the key was made for this program and this reference string.
    ///
    /// # Errors
    /// [`Error::Mismatch`].
    pub fn check(&self, key: &ProvingKey) -> Result<(), Error> {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let (expected, found) = (key.verifying.program_id(), self.verifying.program_id);
        if expected != found {
            return Err(Error::Mismatch { what: "the wrap key's program", expected: hex(&expected), found: hex(&found) });
        }
        let (expected, found) = (key.verifying.key().reference.digest, self.verifying.reference.digest);
        if expected != found {
            return Err(Error::Mismatch { what: "the wrap key's reference string", expected: hex(&expected), found: hex(&found) });
        }
        Ok(())
    }

    /// The dimensions of the circuit.
    pub fn shape(&self) -> Shape {
        self.groth16.shape()
    }
}

/// Makes keys for trials: whoever runs this could forge.
///
/// # Errors
/// A program that cannot be wrapped.
pub fn setup(key: &ProvingKey, rng: &mut (impl RngCore + CryptoRng)) -> Result<WrapProvingKey, Error> {
    let r1cs = circuit(key)?;
    let ark = groth16::setup(&r1cs, rng)?;
    WrapProvingKey::new(wrap_key(key, &ark.vk, true)?, PreparedKey::from_ark(&ark, &r1cs)?)
}

/// The key that verifies a program's wrapped receipts, from that of its circuit. `development`: one party made the latter alone.
///
/// # Errors
/// A Groth16 key whose gamma is not 1, or that has another number of public inputs.
pub fn wrap_key(key: &ProvingKey, groth16: &VerifyingKey<Bn254>, development: bool) -> Result<WrapKey, Error> {
    let (verifying, system) = (key.verifying.key(), &key.system);
    let program = &system.flat.program;
    let private: Vec<usize> = program.inputs.iter().enumerate().filter(|(_, p)| is_private(p)).map(|(i, _)| i).collect();
    let mut constants = verifying.constant_rows.iter().copied();
    let mut rows = vec![];
    for (group, slot) in system.layout.rows() {
        let source = match group {
            Group::Constants | Group::PrivateConstants => constants.next().map(RowSource::Constant),
            Group::PrivateInput(port) => private.iter().position(|i| *i == port).map(RowSource::Private),
            Group::Witness => Some(RowSource::Witness),
        };
        rows.push(Row { slot, source: source.ok_or_else(|| crate::Error::internal("a row has no commitment"))? });
    }
    let ports =
        |ports: &[Port]| ports.iter().map(|port| WrapPort { port: port.clone(), shape: program.shape(port.tensor).clone() }).collect();
    let wrap = WrapKey {
        name: program.name.clone(),
        program_id: key.verifying.program_id(),
        reference: verifying.reference.clone(),
        development,
        row_vars: system.layout.row_vars,
        log_rows: system.layout.log_rows,
        rows,
        inputs: ports(&program.inputs),
        outputs: ports(&program.outputs),
        groth16: groth16_key(groth16)?,
    };
    wrap.check().map_err(|e| Error::Unverified(e.to_string()))?;
    // What was kept of the ports is what their encoding holds.
    WrapKey::decode(&wrap.encode()).map_err(|e| Error::Unverified(e.to_string()))
}

fn is_private(port: &Port) -> bool {
    port.visibility == assay_core::program::Visibility::Private
}

fn groth16_key(vk: &VerifyingKey<Bn254>) -> Result<Groth16Key, Error> {
    if vk.gamma_g2 != G2Affine::generator() {
        let (expected, found) = ("the generator".into(), "another point".into());
        return Err(Error::Mismatch { what: "gamma of the Groth16 key", expected, found });
    }
    Ok(Groth16Key { alpha_g1: vk.alpha_g1, beta_g2: vk.beta_g2, delta_g2: vk.delta_g2, ic: vk.gamma_abc_g1.clone() })
}
