//! Powers-of-tau files that lie.

use ark_bn254::Fr;
use ark_ff::Field;
use assay_prover::ceremony::CeremonyError;

use super::powers::{self, POWER, Trapdoor};

/// Replaces point `index` of a section of an honest file by a multiple of the generator and reads the result.
fn with_point(kind: u32, index: usize, scalar: Fr) -> Result<(), CeremonyError> {
    let mut sections = Trapdoor::random(30).sections(true);
    let (_, contents) = sections.iter_mut().find(|(found, _)| *found == kind).unwrap();
    let in_g2 = [3, 6, 13].contains(&kind);
    let (point, width) = if in_g2 { (powers::g2(&[scalar]), 128) } else { (powers::g1(&[scalar]), 64) };
    contents[index * width..(index + 1) * width].copy_from_slice(&point);
    powers::read(&powers::file(&sections), POWER).map(drop)
}

#[test]
fn rejects_one_wrong_point_in_any_section() {
    let last = (1 << POWER) - 1;
    for (kind, index, section) in [
        (2, 0, "the first power of tau"),
        (2, 1, "section 2"),
        (2, 2 * last, "section 2"),
        (3, 0, "the first power of tau"),
        (3, last, "section 3"),
        (4, 0, "section 4"),
        (4, last, "section 4"),
        (5, 0, "section 5"),
        (5, last, "section 5"),
        (6, 0, "sections 5 and 6"),
        // The last domain's first and last points.
        (12, last, "section 12"),
        (12, 2 * last, "section 12"),
        (13, 2 * last, "section 13"),
        (14, 2 * last, "section 14"),
        (15, 2 * last, "section 15"),
    ] {
        match with_point(kind, index, Fr::from(9)) {
            Err(CeremonyError::InconsistentPowers { what }) => assert!(what.starts_with(section), "{kind} {index}: {what}"),
            other => panic!("point {index} of section {kind}: {other:?}"),
        }
    }
}

#[test]
fn rejects_sections_of_different_secrets() {
    let (one, other) = (Trapdoor::random(31).sections(true), Trapdoor::random(32).sections(true));
    for index in 0..one.len() {
        let mut mixed = one.clone();
        mixed[index] = other[index].clone();
        assert!(matches!(powers::read(&powers::file(&mixed), 3), Err(CeremonyError::InconsistentPowers { .. })), "{}", one[index].0);
    }
}

#[test]
fn rejects_secrets_of_zero() {
    let honest = Trapdoor::random(33);
    for trapdoor in
        [Trapdoor { alpha: Fr::from(0), ..honest }, Trapdoor { beta: Fr::from(0), ..honest }, Trapdoor { tau: Fr::from(0), ..honest }]
    {
        assert!(powers::read(&powers::file(&trapdoor.sections(false)), 3).is_err());
    }
}

#[test]
fn rejects_a_file_that_is_too_small() {
    let file = powers::file(&Trapdoor::random(34).sections(false));
    let error = powers::read(&file, POWER + 1).unwrap_err();
    assert!(matches!(error, CeremonyError::TooFewPowers { needed: 6, available: 5 }));
}

#[test]
fn truncated_and_damaged_files_are_errors() {
    let trapdoor = Trapdoor { tau: Fr::from(3).inverse().unwrap(), ..Trapdoor::random(35) };
    let file = powers::file(&trapdoor.sections(true));
    powers::read(&file, 2).unwrap();
    for length in (0..file.len()).step_by(997) {
        assert!(powers::read(&file[..length], 2).is_err(), "{length}");
    }
    for missing in 2..7 {
        let sections: Vec<_> = trapdoor.sections(false).into_iter().filter(|(kind, _)| *kind != missing).collect();
        assert!(powers::read(&powers::file(&sections), 2).is_err(), "{missing}");
    }
}
