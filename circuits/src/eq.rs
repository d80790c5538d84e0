//! The equality polynomial and multilinear extensions, for verifiers.
//!
//! ```text
//! eq(a, x) = prod_j (a_j x_j + (1 - a_j)(1 - x_j))        f~(a) = sum_x eq(a, x) f(x)
//! ```
//!
//! Points are big-endian: entry 0 goes with the most significant bit of an index.

use crate::{Error, Num};
use ark_bn254::Fr;
use ark_ff::Field;

/// `eq(a, b)`: 2 multiplications an entry.
///
/// # Errors
/// [`Error::Length`] if the points differ in length.
pub fn eq<N: Num>(a: &[N], b: &[N]) -> Result<N, Error> {
    Error::check_length("the points of eq", a.len(), b.len())?;
    let mut product: Option<N> = None;
    for (x, y) in a.iter().zip(b) {
        // 1 - x - y + 2xy
        let factor = N::linear_combination([(Fr::from(2u64), &x.mul(y)), (-Fr::ONE, x), (-Fr::ONE, y)]).add_constant(Fr::ONE);
        product = Some(match product {
            Some(product) => product.mul(&factor),
            None => factor,
        });
    }
    Ok(product.unwrap_or_else(|| N::constant(Fr::ONE)))
}

/// `eq(point, x)` for every x of the hypercube: 2^n entries, 2^n - 2 multiplications.
pub fn eq_table<N: Num>(point: &[N]) -> Vec<N> {
    let mut table = vec![N::constant(Fr::ONE)];
    for (bound, r) in point.iter().enumerate() {
        let mut next = Vec::with_capacity(2 * table.len());
        for entry in &table {
            // The first entry is the constant 1: no multiplication there.
            let high = if bound == 0 { r.clone() } else { entry.mul(r) };
            next.push(entry.sub(&high));
            next.push(high);
        }
        table = next;
    }
    table
}

/// The MLE of 2^n values at a point, by folding: 2^n - 1 multiplications.
///
/// # Errors
/// [`Error::Length`] if there are not 2^n values.
pub fn mle<N: Num>(values: &[N], point: &[N]) -> Result<N, Error> {
    let length = u32::try_from(point.len()).ok().and_then(|n| 1usize.checked_shl(n)).unwrap_or(usize::MAX);
    Error::check_length("the values of an MLE", length, values.len())?;
    let mut values = values.to_vec();
    for r in point {
        let (low, high) = values.split_at(values.len() / 2);
        values = low.iter().zip(high).map(|(a, b)| a.interpolate(b, r)).collect();
    }
    Ok(values.swap_remove(0))
}

/// `sum_i values_i table_i` for known values: an MLE when `table` is an [`eq_table`]; missing values count as zero.
///
/// # Errors
/// [`Error::Length`] if there are more values than entries.
pub fn weigh_constants<N: Num>(values: impl ExactSizeIterator<Item = Fr>, table: &[N]) -> Result<N, Error> {
    if values.len() > table.len() {
        Error::check_length("the constants of an MLE", table.len(), values.len())?;
    }
    Ok(N::linear_combination(values.zip(table)))
}

/// `P_u(z) = sum_i eq(u, i) z^i = prod_t ((1 - u_t) + u_t z^(2^t))`, where t counts from the END of the point.
///
/// `powers` holds z, z^2, z^4, ... as [`squarings`] gives them, so that several points share them.
///
/// # Errors
/// [`Error::Length`] if there are fewer powers than entries.
pub fn eq_univariate<N: Num>(point: &[N], powers: &[N]) -> Result<N, Error> {
    if powers.len() < point.len() {
        Error::check_length("the powers of P_u(z)", point.len(), powers.len())?;
    }
    let mut product: Option<N> = None;
    for (u, power) in point.iter().rev().zip(powers) {
        let factor = u.mul(&power.add_constant(-Fr::ONE)).add_constant(Fr::ONE);
        product = Some(match product {
            Some(product) => product.mul(&factor),
            None => factor,
        });
    }
    Ok(product.unwrap_or_else(|| N::constant(Fr::ONE)))
}

/// `z, z^2, z^4, ..., z^(2^(count - 1))`.
pub fn squarings<N: Num>(z: &N, count: usize) -> Vec<N> {
    core::iter::successors(Some(z.clone()), |power| Some(power.mul(power))).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn all_forms_agree() {
        let mut rng = StdRng::seed_from_u64(3);
        for n in 0..6 {
            let point: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
            let values: Vec<Fr> = (0..1 << n).map(|_| Fr::rand(&mut rng)).collect();
            let table = eq_table(&point);
            for (index, entry) in table.iter().enumerate() {
                let corner: Vec<Fr> = (0..n).map(|j| Fr::from((index >> (n - 1 - j)) as u64 & 1)).collect();
                assert_eq!(eq(&point, &corner).unwrap(), *entry);
            }
            assert_eq!(mle(&values, &point).unwrap(), Fr::dot(&table, &values));
            assert_eq!(mle(&values, &point).unwrap(), weigh_constants(values.iter().copied(), &table).unwrap());
            let z = Fr::rand(&mut rng);
            let horner = table.iter().rev().fold(Fr::from(0u64), |sum, c| sum * z + c);
            assert_eq!(eq_univariate(&point, &squarings(&z, n)).unwrap(), horner);
        }
    }

    #[test]
    fn rejects_lengths_that_do_not_fit() {
        let two = vec![Fr::ONE; 2];
        assert!(matches!(eq(&two, &two[..1]), Err(Error::Length { .. })));
        assert!(matches!(mle(&two, &two), Err(Error::Length { .. })));
        assert!(matches!(mle(&two, &vec![Fr::ONE; 64]), Err(Error::Length { .. })));
        assert!(matches!(weigh_constants(two.iter().copied(), &two[..1]), Err(Error::Length { .. })));
        assert!(matches!(eq_univariate(&two, &two[..1]), Err(Error::Length { .. })));
    }
}
