use crate::programs;
use assay_core::Program;
use assay_core::encode::{Reader, read_shape};

#[test]
fn every_truncation_and_extension_is_rejected() {
    for program in programs::all() {
        let mut bytes = program.stripped().encode();
        for end in 0..bytes.len() {
            assert!(Program::decode(&bytes[..end]).is_err(), "{end}");
        }
        bytes.push(0);
        assert!(Program::decode(&bytes).is_err());
    }
}

#[test]
fn flipped_bits_are_rejected_or_change_the_program() {
    for program in programs::all().into_iter().map(|p| p.stripped()) {
        let bytes = program.encode();
        let (mut accepted, mut rejected) = (0, 0);
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            match Program::decode(&changed) {
                Err(_) => rejected += 1,
                Ok(other) => {
                    accepted += 1;
                    assert_eq!(other.encode(), changed, "bit {bit}");
                    assert_ne!(other, program, "bit {bit}");
                }
            }
        }
        assert!(accepted > 0 && rejected > 0, "{accepted} {rejected}");
    }
}

#[test]
fn overwritten_bytes_never_panic() {
    for program in programs::all() {
        let bytes = program.stripped().encode();
        for at in 0..bytes.len() {
            for value in [0u8, 1, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at..(at + 8).min(bytes.len())].fill(value);
                if let Ok(other) = Program::decode(&changed) {
                    assert_eq!(other.encode(), changed);
                }
            }
        }
    }
}

#[test]
fn a_huge_length_is_refused_before_anything_is_reserved() {
    let mut reader = Reader::new(&[0xff, 0xff, 0xff, 0xff, 0, 0]);
    assert!(reader.list(1, |r| r.u8()).is_err());
    assert!(Reader::new(&[9]).count(1).is_err());
    let huge = [&[8u8][..], &[0xff; 64]].concat();
    assert!(read_shape(&mut Reader::new(&huge)).is_err());
}

#[test]
fn bounds_that_do_not_hold_are_rejected() {
    let mut program = programs::network().stripped();
    let contraction = program.nodes.iter().position(|n| matches!(n.op, assay_core::program::Op::Contract { .. })).unwrap();
    let honest = program.nodes[contraction].range;
    program.nodes[contraction].padded_range.hi = 20 * 255 * 128 + 1;
    assert!(Program::decode(&program.encode()).is_err(), "wider than what follows without values");
    program.nodes[contraction].padded_range = honest;
    program.nodes[contraction].range.lo -= 1;
    assert!(Program::decode(&program.encode()).is_err(), "valid entries beyond all entries");
}
