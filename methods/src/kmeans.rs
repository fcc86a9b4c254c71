/*!
k-means with k-means++ seeding (Arthur and Vassilvitskii, 2007), the best of several restarts, and how alike two clusterings are.
*/

use bench_datasets::keyed::{self, Key};
use tch::{Kind, Tensor};

/// Lloyd's iterations stop here if assignments still change.
const ITERATIONS: usize = 50;

/// A clustering of points `[n, d]`.
#[derive(Debug)]
pub struct Clustering {
    /// `[k, d]`.
    pub centres: Tensor,
    /// The nearest centre of each point, `[n]` int64.
    pub assignment: Tensor,
    /// Sum of squared distances to the nearest centre.
    pub inertia: f64,
}

/// Squared Euclidean distances of points `[n, d]` to centres `[k, d]`: `[n, k]`, at least 0.
pub fn squared_distances(points: &Tensor, centres: &Tensor) -> Tensor {
    let squares = |tensor: &Tensor| tensor.square().sum_dim_intlist(-1, false, None::<Kind>);
    let products = points.mm(&centres.transpose(0, 1));
    (squares(points).unsqueeze(1) + squares(centres).unsqueeze(0) - products * 2.0).clamp_min(0)
}

/// One clustering of points `[n, d]`, n > 0, into `k` (empty clusters keep their centre); draws are keyed by `key`.
pub fn cluster(points: &Tensor, k: usize, key: &Key) -> Clustering {
    let mut centres = seed(points, k, key);
    let mut assignment = squared_distances(points, &centres).argmin(1, false);
    for _ in 0..ITERATIONS {
        let members = assignment.one_hot(k as i64).to_kind(points.kind());
        let count = members.sum_dim_intlist(0, false, None::<Kind>).unsqueeze(-1);
        let means = members.transpose(0, 1).mm(points) / count.clamp_min(1);
        centres = means.where_self(&count.gt(0), &centres);
        let next = squared_distances(points, &centres).argmin(1, false);
        let settled = next == assignment;
        assignment = next;
        if settled {
            break;
        }
    }
    let inertia = squared_distances(points, &centres).amin([1i64].as_slice(), false).sum(Kind::Double).double_value(&[]);
    Clustering { centres, assignment, inertia }
}

/// `restarts` clusterings (at least one), the one of least inertia first.
pub fn restarted(points: &Tensor, k: usize, restarts: usize, seed: u64) -> Vec<Clustering> {
    let one = |restart: usize| cluster(points, k, &Key::new("k-means").with("seed", seed).with("restart", restart));
    let mut all: Vec<Clustering> = (0..restarts.max(1)).map(one).collect();
    all.sort_by(|left, right| left.inertia.total_cmp(&right.inertia));
    all
}

/// k-means++: the first centre is any point, each further one a point drawn in proportion to its squared distance to the nearest centre so far.
fn seed(points: &Tensor, k: usize, key: &Key) -> Tensor {
    let mut rng = key.rng();
    let samples = points.size()[0];
    let mut chosen = vec![keyed::below(&mut rng, samples.max(1) as u64) as i64];
    let row = |at: i64| points.narrow(0, at, 1);
    let mut nearest = squared_distances(points, &row(chosen[0])).squeeze_dim(1);
    while chosen.len() < k {
        let until: Vec<f64> = Vec::try_from(nearest.to_kind(Kind::Double).cumsum(0, Kind::Double)).unwrap_or_default();
        let total = until.last().copied().unwrap_or(0.0);
        let drawn = keyed::uniform(&mut rng);
        // Fewer different points than clusters: any point will do.
        let at = if total > 0.0 { until.partition_point(|&sum| sum <= drawn * total) } else { (drawn * samples as f64) as usize };
        let at = at.min(samples.max(1) as usize - 1) as i64;
        nearest = nearest.minimum(&squared_distances(points, &row(at)).squeeze_dim(1));
        chosen.push(at);
    }
    points.index_select(0, &Tensor::from_slice(&chosen).to_device(points.device()))
}

/// The adjusted Rand index (Hubert and Arabie, 1985) of two labellings of the same samples: 1 if they are the same partition, 0 in the mean of chance.
///
/// ```
/// use bench_methods::kmeans::adjusted_rand_index;
/// assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
/// ```
pub fn adjusted_rand_index(left: &[i64], right: &[i64]) -> f64 {
    use std::collections::BTreeMap;

    let pairs = |counts: &mut dyn Iterator<Item = u64>| counts.map(|count| (count * (count.max(1) - 1) / 2) as f64).sum::<f64>();
    let (mut both, mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (left, right) in left.iter().zip(right) {
        *both.entry((left, right)).or_insert(0u64) += 1;
        *rows.entry(left).or_insert(0u64) += 1;
        *columns.entry(right).or_insert(0u64) += 1;
    }
    let (together, rows, columns) = (pairs(&mut both.values().copied()), pairs(&mut rows.values().copied()), pairs(&mut columns.values().copied()));
    let all = pairs(&mut std::iter::once(left.len().min(right.len()) as u64));
    let expected = if all > 0.0 { rows * columns / all } else { 0.0 };
    let most = (rows + columns) / 2.0;
    // Both are one cluster, or both are all singletons: the same partition.
    if most == expected { 1.0 } else { (together - expected) / (most - expected) }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    // By hand from the contingency tables: (Σ C(n_ij, 2) − E) / (½(Σ C(a_i, 2) + Σ C(b_j, 2)) − E), E = Σ C(a_i, 2) Σ C(b_j, 2) / C(n, 2).
    #[test]
    fn the_adjusted_rand_index_of_small_partitions() {
        // n = 4: together 1, rows 2, columns 1, all 6: E = 1/3; (1 − 1/3) / (3/2 − 1/3) = 4/7.
        assert!((adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 1, 2]) - 4.0 / 7.0).abs() < 1e-12);
        // One cluster against singletons: together 0, rows 6, columns 0: E = 0, 0 / 3.
        assert_eq!(adjusted_rand_index(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.0);
        // n = 4 crossed: together 0, rows 2, columns 2, E = 2/3; (0 − 2/3) / (2 − 2/3) = −1/2.
        assert!((adjusted_rand_index(&[0, 0, 1, 1], &[0, 1, 0, 1]) + 0.5).abs() < 1e-12);
        // n = 6: table [2 1; 0 3]: together 1 + 3, rows 3 + 3, columns 1 + 6, all 15: E = 42/15; (4 − 2.8) / (6.5 − 2.8).
        assert!((adjusted_rand_index(&[0, 0, 0, 1, 1, 1], &[0, 0, 1, 1, 1, 1]) - 1.2 / 3.7).abs() < 1e-12);
        assert_eq!(adjusted_rand_index(&[1, 1], &[5, 5]), 1.0);
        assert_eq!(adjusted_rand_index(&[], &[]), 1.0);
    }

    /// Three far blobs of twenty points on a spiral of radius below 1.
    fn blobs() -> (Tensor, Vec<i64>) {
        let of = |at: i64| {
            let (blob, turn) = (at / 20, (at % 20) as f64);
            let radius = turn / 25.0;
            [[0.0, 20.0, 0.0], [0.0, 0.0, 20.0]]
                .map(|centre| centre[blob as usize])
                .iter()
                .zip([turn.cos(), turn.sin()])
                .map(|(c, d)| c + radius * d)
                .collect::<Vec<f64>>()
        };
        let points: Vec<f64> = (0..60).flat_map(of).collect();
        (Tensor::from_slice(&points).view([60, 2]), (0..60).map(|at| at / 20).collect())
    }

    #[test]
    fn far_blobs_are_found_from_every_seed() {
        let (points, truth) = blobs();
        for seed in 0..5 {
            let found = restarted(&points, 3, 5, seed);
            assert!(found.windows(2).all(|pair| pair[0].inertia <= pair[1].inertia));
            let assignment = Vec::<i64>::try_from(&found[0].assignment).unwrap();
            assert_eq!(adjusted_rand_index(&assignment, &truth), 1.0, "seed {seed}");
            let inertia = squared_distances(&points, &found[0].centres).amin([1i64].as_slice(), false).sum(Kind::Double).double_value(&[]);
            assert!((inertia - found[0].inertia).abs() < 1e-9);
        }
    }

    #[test]
    fn a_clustering_follows_its_key_and_allows_fewer_points_than_clusters() {
        let (points, _) = blobs();
        let centres = |seed: u64| Vec::<f64>::try_from(restarted(&points, 7, 1, seed)[0].centres.flatten(0, -1)).unwrap();
        assert_eq!(centres(1), centres(1));
        assert_ne!(centres(1), centres(2));
        let few = cluster(&Tensor::ones([2, 3], (Kind::Double, Device::Cpu)), 5, &Key::new("test"));
        assert_eq!((few.centres.size(), few.inertia), (vec![5, 3], 0.0));
    }

    #[test]
    fn distances_are_those_of_euclid() {
        let distances = squared_distances(&Tensor::from_slice(&[0.0, 0.0, 3.0, 4.0]).view([2, 2]), &Tensor::from_slice(&[0.0, 4.0]).view([1, 2]));
        assert_eq!(Vec::<f64>::try_from(distances.flatten(0, -1)).unwrap(), [16.0, 9.0]);
    }
}
