//! Whether a ceremony's parameters follow from the powers of tau, the circuit, and contributions by people who knew
//! their secrets.

use ark_bn254::G1Affine;
use ark_ec::AffineRepr;
use rand::{CryptoRng, RngCore};

use super::ratio::{self, Ratio};
use super::{CeremonyError, Contribution, Fault, Initial, State, hashing, hex, sampling};
use crate::srs::generators;

/// Checks a ceremony against the initial parameters, which the caller computes from the circuit and the powers of tau:
/// 1. it is for this circuit and began from these parameters;
/// 2. each contribution extends the transcript, proves knowledge of its secret, and multiplies delta by it;
/// 3. delta in both groups is where the contributions lead, and L and H are the initial ones divided by it.
///
/// # Errors
/// [`CeremonyError`], naming the contribution where one is at fault. L and H only exist for the state after the last
/// contribution: to find who spoiled them, check the earlier files too, see [`verify_series`].
///
/// # Soundness
/// A wrong point in L or H passes with probability about 2^-126 if `rng` is unpredictable to its maker. Names are not
/// proven. The caller must still know that one contributor was honest, and that the powers of tau are.
pub fn verify(initial: &Initial, state: &State, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), CeremonyError> {
    check_beginning(initial, state)?;
    let delta = check_contributions(state)?;
    let number = state.contributions.len();
    let unfit = |what| Err(CeremonyError::Parameters { number, what });
    let (one_g1, one_g2) = generators();
    let ratio = Ratio { base: one_g2, multiple: state.delta_g2 };
    if state.delta_g1 != delta {
        return unfit("delta in G1");
    }
    if !ratio::same(one_g1, delta, ratio) {
        return unfit("delta in G2");
    }
    if !ratio::divided(&initial.key.l_query, &state.l, ratio, rng) {
        return unfit("the L query");
    }
    if !ratio::divided(&initial.key.h_query, &state.h, ratio, rng) {
        return unfit("the H query");
    }
    Ok(())
}

/// Checks the states of a ceremony in the order in which they were made, so that a fault is laid at the right door.
/// Returns the contributions of the last. One state at a time is held.
///
/// # Errors
/// [`CeremonyError`]: of the first state that cannot be read, does not verify, or does not continue the one before it.
pub fn verify_series(
    initial: &Initial,
    states: impl IntoIterator<Item = Result<State, CeremonyError>>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<Contribution>, CeremonyError> {
    let mut before = Vec::new();
    for state in states {
        let state = state?;
        if let Some(at) = (0..before.len()).find(|i| state.contributions.get(*i) != before.get(*i)) {
            return Err(CeremonyError::NotAContinuation { number: state.contributions.len(), at: at + 1 });
        }
        verify(initial, &state, rng)?;
        before = state.contributions;
    }
    Ok(before)
}

fn check_beginning(initial: &Initial, state: &State) -> Result<(), CeremonyError> {
    if state.circuit != initial.circuit {
        return Err(CeremonyError::WrongCircuit { expected: hex(&initial.circuit), found: hex(&state.circuit) });
    }
    if state.phase1 != initial.phase1 {
        return Err(CeremonyError::OtherPowersOfTau { expected: hex(&initial.phase1), found: hex(&state.phase1) });
    }
    if state.parameters != initial.parameters {
        return Err(CeremonyError::OtherBeginning);
    }
    Ok(())
}

/// Follows the contributions from delta = 1; returns the delta that they end with.
fn check_contributions(state: &State) -> Result<G1Affine, CeremonyError> {
    let mut delta = generators().0;
    for (index, contribution) in state.contributions.iter().enumerate() {
        let before = &state.contributions[..index];
        check_contribution(&state.parameters, before, delta, contribution).map_err(|fault| CeremonyError::Contribution {
            number: index + 1,
            name: contribution.name.clone(),
            fault,
        })?;
        delta = contribution.delta_g1;
    }
    Ok(delta)
}

fn check_contribution(parameters: &[u8; 64], before: &[Contribution], delta: G1Affine, contribution: &Contribution) -> Result<(), Fault> {
    let Contribution { delta_g1, s, sx, rx, transcript, .. } = contribution;
    if before.last().is_some_and(|last| last.beacon.is_some()) {
        return Err(Fault::AfterBeacon);
    }
    if *transcript != hashing::transcript(parameters, before, s, sx) {
        return Err(Fault::Transcript);
    }
    if [delta_g1, s, sx].iter().any(|point| point.is_zero()) || rx.is_zero() {
        return Err(Fault::Identity);
    }
    let ratio = Ratio { base: sampling::hash_to_g2(transcript), multiple: *rx };
    if !ratio::same(*s, *sx, ratio) {
        return Err(Fault::ProofOfKnowledge);
    }
    if !ratio::same(delta, *delta_g1, ratio) {
        return Err(Fault::Delta);
    }
    if contribution.beacon.as_ref().is_some_and(|beacon| beacon.proof() != [*s, *sx]) {
        return Err(Fault::Beacon);
    }
    Ok(())
}
