//! The keys that a finished ceremony gives.

use std::io::{self, Read, Write};

use ark_bn254::Bn254;
use ark_groth16::ProvingKey;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use rand::{CryptoRng, RngCore};

use super::{CeremonyError, Initial, State, verify};

/// Verifies a finished ceremony and puts its parameters into the key; the verifying key is the key's `vk`.
///
/// # Errors
/// [`CeremonyError`]: the ceremony does not verify, or no beacon has ended it.
///
/// # Soundness
/// See [`verify`].
pub fn finish(initial: Initial, state: &State, rng: &mut (impl RngCore + CryptoRng)) -> Result<ProvingKey<Bn254>, CeremonyError> {
    verify(&initial, state, rng)?;
    match state.contributions.as_slice() {
        [] => return Err(CeremonyError::NoContribution),
        [last] if last.beacon.is_some() => return Err(CeremonyError::NoContribution),
        [.., last] if last.beacon.is_none() => return Err(CeremonyError::NotFinished),
        _ => {}
    }
    let mut key = initial.key;
    key.vk.delta_g2 = state.delta_g2;
    key.delta_g1 = state.delta_g1;
    key.l_query.clone_from(&state.l);
    key.h_query.clone_from(&state.h);
    Ok(key)
}

/// Writes a key as arkworks does, uncompressed: `ProvingKey::deserialize_uncompressed` reads it.
///
/// # Errors
/// What the operating system says.
pub fn write_key(key: &ProvingKey<Bn254>, writer: &mut impl Write) -> io::Result<()> {
    key.serialize_uncompressed(writer).map_err(|error| match error {
        SerializationError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    })
}

/// Reads a key that [`write_key`] wrote; every point is checked to be in its group.
///
/// # Errors
/// What the operating system says, or bytes that are no key.
pub fn read_key(reader: &mut impl Read) -> io::Result<ProvingKey<Bn254>> {
    ProvingKey::deserialize_uncompressed(reader).map_err(|error| match error {
        SerializationError::IoError(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    })
}
