//! Which device computes which of several sums.

/// The sum's number and the device's, for sums of these costs and devices of these sizes, in an order in which each device may
/// compute its own: the largest first, each on the device that would be done with it first, the first one if several would.
///
/// Graham, "Bounds on multiprocessing timing anomalies" (1969): at most 4/3 of the time of the best distribution on equal devices.
pub fn spread(costs: &[usize], sizes: &[usize]) -> Vec<(usize, usize)> {
    let mut sums: Vec<usize> = (0..costs.len()).collect();
    sums.sort_by_key(|sum| std::cmp::Reverse(costs[*sum]));
    let mut loads = vec![0u128; sizes.len()];
    let assigned = sums.into_iter().filter_map(|sum| {
        let cost = costs[sum] as u128;
        // Times on devices i and j, compared without a division.
        let sooner = |i: &usize, j: &usize| ((loads[*i] + cost) * sizes[*j] as u128).cmp(&((loads[*j] + cost) * sizes[*i] as u128));
        let device = (0..sizes.len()).min_by(sooner)?;
        loads[device] += cost;
        Some((sum, device))
    });
    assigned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loads(costs: &[usize], sizes: &[usize]) -> Vec<usize> {
        let mut loads = vec![0; sizes.len()];
        spread(costs, sizes).into_iter().for_each(|(sum, device)| loads[device] += costs[sum]);
        loads
    }

    #[test]
    fn the_largest_comes_first_and_all_come_once() {
        let assigned = spread(&[3, 9, 1, 9, 5], &[4, 4]);
        assert_eq!(assigned, [(1, 0), (3, 1), (4, 0), (0, 1), (2, 1)]);
        assert_eq!(spread(&[3, 4], &[7]), [(1, 0), (0, 0)]);
        assert_eq!(spread(&[], &[7, 7]), []);
    }

    #[test]
    fn devices_are_loaded_by_their_size() {
        assert_eq!(loads(&[10; 6], &[4, 4, 4]), [20, 20, 20]);
        assert_eq!(loads(&[10; 6], &[8, 4]), [40, 20]);
        let costs: Vec<usize> = (0..40).map(|i| 100 + i * 37 % 91).collect();
        let (all, loads) = (costs.iter().sum::<usize>(), loads(&costs, &[5, 5, 5]));
        assert!(loads.iter().all(|load| 3 * load <= all + 3 * 190), "{loads:?} of {all}");
    }
}
