use crate::programs;
use assay_core::Program;
use assay_core::encode::{Reader, Writer};

#[test]
fn decoding_returns_the_program() {
    for program in programs::all() {
        let bytes = program.encode();
        assert_eq!(Program::decode(&bytes).unwrap(), program);
        assert_eq!(Program::decode(&bytes).unwrap().encode(), bytes);
    }
}

#[test]
fn a_stripped_program_keeps_the_bounds_that_its_values_gave() {
    for program in programs::all() {
        let stripped = program.stripped();
        assert_eq!(stripped.nodes, program.nodes);
        assert!(stripped.is_stripped() && stripped.stripped() == stripped);
        let bytes = stripped.encode();
        let decoded = Program::decode(&bytes).unwrap();
        assert_eq!(decoded, stripped);
        assert_eq!(decoded.nodes, program.nodes);
        assert_eq!(Program::read_stripped(&mut Reader::new(&bytes)).unwrap(), stripped);
    }
    let network = programs::network();
    assert!(network.stripped().constants[0].values.is_none() && network.stripped().constants[1].values.is_some());
    assert!(network.stripped().encode().len() + 500 < network.encode().len());
    assert!(Program::read_stripped(&mut Reader::new(&network.encode())).is_err());
}

#[test]
fn private_programs_round_trip() {
    for program in programs::all() {
        let name = program.inputs[0].name.clone();
        let private = program.with_visibility(&[&name], true).unwrap();
        for p in [&private, &private.stripped()] {
            assert_eq!(Program::decode(&p.encode()).unwrap(), *p);
        }
    }
}

#[test]
fn a_reader_leaves_what_follows() {
    let mut out = Writer::new();
    programs::network().write(&mut out);
    out.u32(7);
    let bytes = out.finish();
    let mut reader = Reader::new(&bytes);
    Program::read(&mut reader).unwrap();
    assert_eq!(reader.u32().unwrap(), 7);
    assert!(Program::decode(&bytes).is_err());
}
