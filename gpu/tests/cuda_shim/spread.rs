//! Sums that are asked for together, spread over several devices. Their number is the process's, so each has its own.

use crate::devices::passes;

/// Not tests of their own: what the processes below run.
mod in_a_process {
    use ark_bn254::{Fr, G1Affine, G1Projective};
    use ark_ec::{PrimeGroup, ScalarMul};
    use ark_ff::UniformRand;
    use assay_gpu::{Backend, Cuda, IntSlice, IntSum, Portable};

    use crate::{
        memory::failure,
        samples,
        stand_in::{self, launches, live_bytes},
    };

    const LEN: usize = 1201;

    /// Terms of all sums together from which on they are spread: more than there are points.
    const MANY: usize = 3000;

    fn points() -> Vec<G1Affine> {
        let mut rng = samples::rng(120);
        let logs: Vec<Fr> = (0..LEN).map(|i| if i % 40 == 3 { Fr::from(i as u64 % 2) } else { Fr::rand(&mut rng) }).collect();
        G1Projective::generator().batch_mul(&logs)
    }

    /// Offset, start and length of a sum of integers.
    type Extent = [usize; 3];

    /// The sums of each column of integers over these extents, by a backend.
    fn sums<B: Backend>(backend: &B, bases: &B::Bases, columns: &[(IntSlice<'_>, Extent)]) -> Vec<G1Projective> {
        let ints: Vec<_> = columns.iter().map(|(ints, _)| backend.upload_ints(*ints)).collect();
        let sums =
            ints.iter().zip(columns).map(|(ints, (_, [offset, start, len]))| IntSum { offset: *offset, ints, start: *start, len: *len });
        backend.msm_ints_each(bases, &sums.collect::<Vec<_>>())
    }

    /// What each device has run and keeps more than before.
    fn grown(after: Vec<u64>, before: &[u64]) -> Vec<u64> {
        after.into_iter().zip(before).map(|(after, before)| after - before).collect()
    }

    /// How many devices there are, and which of them is left out.
    fn devices() -> (usize, Option<usize>) {
        let number = |name| std::env::var(name).ok().map(|value| value.parse().expect("a number"));
        (number("SHIM_DEVICES").expect("how many"), number("SHIM_SMALL_DEVICE"))
    }

    #[test]
    #[ignore = "run by the tests of this file, in an environment of theirs"]
    fn sums_are_spread() {
        let (count, left_out) = devices();
        let takes_part = |device: &usize| Some(*device) != left_out;
        stand_in::in_every_order(|cuda| {
            cuda.share_points_from(MANY);
            let (all, before) = (points(), live_bytes(count));
            let (bases, expected) = (cuda.prepare_bases(&all), Portable.prepare_bases(&all));
            let ints: Vec<i16> = (0..LEN).map(|i| (i * 7919 % 30011) as i16 - 14000).collect();

            // Few terms stay on the first device, and nothing is copied.
            let few = [(IntSlice::I16(&ints), [0, 0, 1000]), (IntSlice::I16(&ints), [100, 0, 1100])];
            let ran = launches(count);
            assert_eq!(sums(cuda, &bases, &few), sums(&Portable, &expected, &few));
            assert!(grown(launches(count), &ran)[1..].iter().all(|launches| *launches == 0));
            assert!(grown(live_bytes(count), &before)[1..].iter().all(|bytes| *bytes == 0));

            // Equal sums, as many for each device: each runs the same kernels.
            let places = (0..count).filter(takes_part).count();
            let equal = vec![(IntSlice::I16(&ints), [0, 0, LEN]); 2 * places.max(2)];
            for _ in 0..2 {
                let ran = launches(count);
                assert_eq!(sums(cuda, &bases, &equal), sums(&Portable, &expected, &equal));
                let ran = grown(launches(count), &ran);
                for device in 0..count {
                    assert_eq!(ran[device], if takes_part(&device) { ran[0] } else { 0 }, "{ran:?}");
                    assert_eq!(grown(live_bytes(count), &before)[device], if takes_part(&device) { 64 * LEN as u64 } else { 0 });
                }
                assert!(ran[0] > 0);
            }
            mixed(cuda, &bases, &expected);
            drop(bases);
            assert_eq!(live_bytes(count), before, "copies are still there");

            // Points in parts: each device sums its own of them, whichever sum they belong to.
            if left_out.is_none() {
                cuda.share_points_from(100);
                mixed(cuda, &cuda.prepare_bases(&all), &expected);
            }
        });
    }

    /// Sums of all types and lengths, of nothing, and of zeros.
    fn mixed(cuda: &Cuda, bases: &<Cuda as Backend>::Bases, expected: &<Portable as Backend>::Bases) {
        let mut rng = samples::rng(121);
        let (long, zeros) = (samples::ints(LEN + 9, &mut rng), vec![0u8; LEN]);
        let mut columns: Vec<(IntSlice<'_>, Extent)> =
            long.iter().enumerate().map(|(i, ints)| (ints.slice(), [i * 31 % 100, i % 10, LEN - 150 - i * 97 % 1000])).collect();
        columns.extend([(IntSlice::U8(&zeros), [0, 0, LEN]), (IntSlice::U8(&zeros), [7, 3, 0]), (long[0].slice(), [LEN - 1, 8, 1])]);
        assert!(columns.iter().map(|(_, extent)| extent[2]).sum::<usize>() >= MANY);
        assert_eq!(sums(cuda, bases, &columns), sums(&Portable, expected, &columns));
        assert!(sums(cuda, bases, &[]).is_empty());
    }

    #[test]
    #[ignore = "run by the tests of this file, in an environment of theirs"]
    fn a_device_fails() {
        stand_in::in_every_order(|cuda| {
            cuda.share_points_from(MANY);
            let bases = cuda.prepare_bases(&points());
            let columns = vec![(IntSlice::U8(&[9; LEN]), [0, 0, LEN]); 3];
            assert_eq!(failure(|| sums(cuda, &bases, &columns)), "the CUDA device failed: unspecified launch failure");
        });
    }
}

#[test]
fn one_two_and_three_devices_share_sums_evenly() {
    for count in ["1", "2", "3"] {
        passes("spread::in_a_process::sums_are_spread", &[("SHIM_DEVICES", count)]);
    }
}

#[test]
fn a_device_without_room_is_left_out() {
    for (count, small) in [("2", "1"), ("3", "2")] {
        passes("spread::in_a_process::sums_are_spread", &[("SHIM_DEVICES", count), ("SHIM_SMALL_DEVICE", small)]);
    }
}

#[test]
fn the_failure_of_one_device_is_the_failure_of_all_sums() {
    for broken in ["0", "1", "2"] {
        passes("spread::in_a_process::a_device_fails", &[("SHIM_DEVICES", "3"), ("SHIM_BROKEN_DEVICE", broken)]);
    }
}
