use crate::{pairs, parse};
use assay_wasm::abi::{Answer, assay_alloc, assay_describe, assay_free, assay_release, assay_text, assay_text_len, assay_verify};
use assay_wasm::{describe, verify};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};

const MUTATIONS: usize = 200;

/// Another byte string: a bit flipped, bytes replaced, cut off, inserted, repeated, or a length made huge.
fn mutate(bytes: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let place = rng.gen_range(0..bytes.len());
    let mut changed = bytes.to_vec();
    match rng.gen_range(0..6) {
        0 => changed[place] ^= 1 << rng.gen_range(0..8),
        1 => changed.iter_mut().skip(place).take(8).for_each(|b| *b = b.wrapping_add(rng.gen_range(1..=255))),
        2 => changed.truncate(place),
        3 => changed.insert(place, rng.r#gen()),
        4 => changed.extend_from_slice(&bytes[place..]),
        _ => changed.iter_mut().skip(place).take(4).for_each(|b| *b = !*b),
    }
    changed
}

#[test]
fn no_mutation_is_accepted_and_none_panics() {
    for (seed, pair) in pairs().iter().enumerate() {
        let mut rng = StdRng::seed_from_u64(seed as u64);
        for _ in 0..MUTATIONS {
            let (receipt, key) = (mutate(&pair.receipt, &mut rng), mutate(&pair.key, &mut rng));
            for answer in [verify(&receipt, &pair.key), verify(&pair.receipt, &key), verify(&receipt, &key)] {
                let answer = parse(&answer);
                assert_eq!(answer["valid"], false);
                assert!(answer["reason"].is_string() && answer["fault"].is_string());
            }
            parse(&describe(&receipt));
            parse(&describe(&key));
        }
    }
}

#[test]
fn no_random_bytes_are_accepted_and_none_panic() {
    let mut rng = StdRng::seed_from_u64(9);
    let headers: Vec<Vec<u8>> = pairs().iter().flat_map(|p| [p.receipt[..12].to_vec(), p.key[..12].to_vec()]).collect();
    for round in 0..2000 {
        let mut random = |header: &[u8]| {
            let mut bytes = header.to_vec();
            let start = bytes.len();
            bytes.resize(start + rng.gen_range(0..600), 0);
            rng.fill_bytes(&mut bytes[start..]);
            // Counts are rarely plausible among random bytes: thin them out.
            bytes[start..].iter_mut().for_each(|b| *b &= [0xff, 0x0f, 1, 0x80][round % 4]);
            bytes
        };
        let receipt = random(&headers[round % headers.len()]);
        let key = random(&headers[(round / 7) % headers.len()]);
        assert_eq!(parse(&verify(&receipt, &key))["valid"], false);
        parse(&describe(&receipt));
        parse(&describe(&random(b"")));
    }
}

#[test]
fn the_abi_gives_the_same_answers() {
    let put = |bytes: &[u8]| {
        let room = assay_alloc(bytes.len());
        assert!(!room.is_null());
        // SAFETY: `room` has as many bytes, and nothing else refers to it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), room, bytes.len()) };
        room
    };
    // SAFETY (all below): pointers are those that the ABI gave out, with their lengths, each given back once.
    let read = |answer: *mut Answer| unsafe {
        let text = std::slice::from_raw_parts(assay_text(answer), assay_text_len(answer)).to_vec();
        assay_release(answer);
        String::from_utf8(text).unwrap()
    };
    for pair in pairs() {
        let (receipt, key) = (put(&pair.receipt), put(&pair.key));
        let answer = read(unsafe { assay_verify(receipt, pair.receipt.len(), key, pair.key.len()) });
        assert_eq!(answer, verify(&pair.receipt, &pair.key));
        assert_eq!(read(unsafe { assay_describe(key, pair.key.len()) }), describe(&pair.key));
        unsafe {
            assay_free(receipt, pair.receipt.len());
            assay_free(key, pair.key.len());
        }
    }
    assert!(assay_alloc(0).is_null() && assay_alloc(usize::MAX).is_null());
    assert_eq!(read(unsafe { assay_verify(std::ptr::null(), 0, std::ptr::null(), 0) }), verify(&[], &[]));
}
