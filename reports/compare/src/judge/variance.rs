/*!
Of what the variance of a mean difference is made: seeds, samples (or groups), and the rest.

d = μ + seed + unit + rest over n seeds and m units: mean squares of the crossed two-way layout with one observation a cell (Searle, Casella & McCulloch, Variance
Components, 1992, chapter 4), negative estimates taken as zero.
*/

/// Estimated variance components.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// Of a seed.
    pub seed: f64,
    /// Of a sample or group.
    pub unit: f64,
    /// Of a single cell.
    pub rest: f64,
    /// Samples or groups.
    pub units: f64,
}

impl Parts {
    /// Of `[seeds, samples]` differences; groups are summed first, each weighing as much as it has samples. `None` under two seeds or two units.
    pub fn of(values: &[f64], samples: usize, groups: Option<&[u32]>) -> Option<Self> {
        let table = match groups {
            None => values.to_vec(),
            Some(groups) => by_group(values, samples, groups),
        };
        let units = groups.map_or(samples, super::samples::number_of_groups);
        let seeds = table.len().checked_div(units)?;
        if seeds < 2 || units < 2 {
            return None;
        }
        let (n, m) = (seeds as f64, units as f64);
        let grand = table.iter().sum::<f64>() / (n * m);
        let of_seeds: Vec<f64> = table.chunks_exact(units).map(|row| row.iter().sum::<f64>() / m).collect();
        let mut of_units = vec![0.0; units];
        for row in table.chunks_exact(units) {
            of_units.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / n);
        }
        let squares = |means: &[f64]| means.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
        let (between_seeds, between_units) = (squares(&of_seeds) / (n - 1.0), squares(&of_units) / (m - 1.0));
        let mut left = 0.0;
        for (row, seed) in table.chunks_exact(units).zip(&of_seeds) {
            left += row.iter().zip(&of_units).map(|(value, unit)| (value - seed - unit + grand).powi(2)).sum::<f64>();
        }
        let rest = left / ((n - 1.0) * (m - 1.0));
        Some(Self { seed: (between_seeds - rest / m).max(0.0), unit: (between_units - rest / n).max(0.0), rest, units: m })
    }

    /// What the bootstrap's variance is on average with so many seeds: S/n + I/m + 3E/(nm) (see `two_level`).
    pub fn of_bootstrap(&self, seeds: f64) -> f64 {
        self.seed / seeds + self.of_units() + 3.0 * self.rest / (seeds * self.units)
    }

    /// What no number of seeds takes away.
    pub fn of_units(&self) -> f64 {
        self.unit / self.units
    }
}

/// `[seeds, groups]`: sums of groups, scaled so that their mean is the mean over samples, each against its share of the seed's mean (Cochran, Sampling
/// Techniques, 1977, section 6.4: the linearised ratio).
fn by_group(values: &[f64], samples: usize, groups: &[u32]) -> Vec<f64> {
    let count = super::samples::number_of_groups(groups);
    let mut table = Vec::new();
    for row in values.chunks_exact(samples.max(1)) {
        let mean = row.iter().sum::<f64>() / samples as f64;
        let mut sums = vec![mean; count];
        let scale = count as f64 / samples as f64;
        for (&group, value) in groups.iter().zip(row) {
            if let Some(sum) = sums.get_mut(group as usize) {
                *sum += (value - mean) * scale;
            }
        }
        table.extend(sums);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: rows 1 3 / 5 3: grand 3, seeds 2 and 4, units 3 and 3, rests 1 − 2 = −1, +1, +1, −1: MS of seeds 2 (of means), of units 0, of rest 4. So the
    /// seed is 2 − 4/2 = 0, the unit 0 − 4/2 → 0.
    #[test]
    fn two_by_two() {
        let found = Parts::of(&[1.0, 3.0, 5.0, 3.0], 2, None).unwrap();
        assert_eq!(found, Parts { seed: 0.0, unit: 0.0, rest: 4.0, units: 2.0 });
        assert_eq!(found.of_bootstrap(4.0), 3.0 * 4.0 / 8.0);
        // Nothing but units: 0 4 in both seeds.
        let found = Parts::of(&[0.0, 4.0, 0.0, 4.0], 2, None).unwrap();
        assert_eq!((found, found.of_units()), (Parts { seed: 0.0, unit: 8.0, rest: 0.0, units: 2.0 }, 4.0));
        assert_eq!(Parts::of(&[0.0, 4.0], 2, None), None);
    }

    /// By hand: groups {a, b} of 2 and {c} of 1, values 1 1 4 in both seeds: mean 2; scaled by 2/3: 2 + (−2)·2/3 = 2/3 and 2 + 2·2/3 = 10/3, mean 2.
    #[test]
    fn groups_weigh_as_much_as_they_have_samples() {
        let found = by_group(&[1.0, 1.0, 4.0], 3, &[0, 0, 1]);
        assert!((found[0] - 2.0 / 3.0).abs() < 1e-15 && (found[1] - 10.0 / 3.0).abs() < 1e-15, "{found:?}");
        let found = Parts::of(&[1.0, 1.0, 4.0, 1.0, 1.0, 4.0], 3, Some(&[0, 0, 1])).unwrap();
        assert!((found.unit - 32.0 / 9.0).abs() < 1e-14 && found.rest == 0.0, "{found:?}");
    }
}
