use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_gpu::Portable;
use assay_prover::groth16::{Error, KeptKey, PreparedKey, prove, setup};

use crate::samples::{on_every_backend, rng, separate_products, small};

#[test]
fn names_the_first_violated_constraint() {
    let (r1cs, z, key) = small(10);
    for variable in 1..z.len() {
        let mut wrong = z.clone();
        wrong[variable] += Fr::from(2);
        match (r1cs.first_violation(&wrong), prove(&Portable, &key, &wrong, &mut rng(1))) {
            (Some(first), Err(Error::Unsatisfied { constraint, num_constraints })) => {
                assert_eq!((constraint, num_constraints), (first, r1cs.num_constraints()));
            }
            (None, Ok(_)) => {}
            (expected, found) => panic!("variable {variable}: {expected:?}, {found:?}"),
        }
    }
}

#[test]
fn every_backend_names_the_same_constraint() {
    let num_constraints = 3001;
    let (r1cs, z) = separate_products(num_constraints);
    let key = PreparedKey::from_ark(&setup(&r1cs, &mut rng(16)).unwrap(), &r1cs).unwrap();
    let last = num_constraints - 1;
    for violated in [vec![0], vec![last], vec![num_constraints / 2], vec![1024, last], (1000..2000).collect(), vec![last, 0]] {
        let mut wrong = z.clone();
        violated.iter().for_each(|row| wrong[3 + 3 * row] += Fr::ONE);
        let first = violated.iter().min().unwrap();
        let said = format!("constraint {first} of {num_constraints} does not hold (counted from 0)");
        on_every_backend!(backend => {
            assert_eq!(prove(backend, &key, &wrong, &mut rng(1)).unwrap_err().to_string(), said);
            assert_eq!(KeptKey::new(backend, &key).prove(&wrong, &mut rng(1)).unwrap_err().to_string(), said);
        });
    }
}

#[test]
fn refuses_assignments_of_another_length() {
    let (_, z, key) = small(11);
    for wrong in [&z[..z.len() - 1], &[z.clone(), vec![Fr::ONE]].concat(), &[]] {
        assert!(matches!(prove(&Portable, &key, wrong, &mut rng(1)), Err(Error::Assignment { found, .. }) if found == wrong.len()));
    }
}

#[test]
fn refuses_a_first_value_that_is_not_one() {
    let (_, mut z, key) = small(12);
    z[0] = Fr::ZERO;
    assert!(matches!(prove(&Portable, &key, &z, &mut rng(1)), Err(Error::FirstNotOne)));
}

#[test]
fn returns_no_proof_under_the_key_of_another_system() {
    let (r1cs, z, _) = small(13);
    let mut other = r1cs.clone();
    other.a.values[0] += Fr::ONE;
    let foreign = PreparedKey::from_ark(&setup(&other, &mut rng(2)).unwrap(), &r1cs).unwrap();
    assert!(matches!(prove(&Portable, &foreign, &z, &mut rng(1)), Err(Error::Unverified)));
}

#[test]
fn refuses_keys_of_another_shape() {
    let (r1cs, _, key) = small(14);
    let ark = key.to_ark();
    type Change = fn(&mut ark_groth16::ProvingKey<ark_bn254::Bn254>);
    let changes: [(&str, Change); 6] = [
        ("query A", |key| key.a_query.truncate(1)),
        ("query B in G1", |key| key.b_g1_query.truncate(1)),
        ("query B in G2", |key| key.b_g2_query.truncate(1)),
        ("query L", |key| key.l_query.truncate(1)),
        ("query H", |key| key.h_query.truncate(1)),
        ("public variables", |key| key.vk.gamma_abc_g1.truncate(1)),
    ];
    for (name, change) in changes {
        let mut wrong = ark.clone();
        change(&mut wrong);
        let error = PreparedKey::from_ark(&wrong, &r1cs).err().expect("a refusal").to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn refuses_systems_that_are_none() {
    let (r1cs, ..) = small(15);
    let mut wrong = vec![r1cs.clone(); 6];
    wrong[0].a.columns[0] = r1cs.num_variables() as u32;
    wrong[1].b.starts.pop();
    wrong[2].c.values.pop();
    wrong[3].a.starts[2] = 0;
    wrong[4].num_instance = 0;
    wrong[5].b.starts[0] = 1;
    for (index, wrong) in wrong.iter().enumerate() {
        assert!(setup(wrong, &mut rng(1)).is_err(), "case {index}");
    }
}
