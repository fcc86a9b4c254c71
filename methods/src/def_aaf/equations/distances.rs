//! What Tables 9 and 19 report of codes: distances of distributions and variance within classes.

use tch::{Kind, Tensor};

use super::transport::assign;

/// The exact Wasserstein-1 distance (Eq. 32) of two sets `[n, d]` with Euclidean cost, and the partner of each row of the first. NaN and no partners for
/// empty sets.
pub fn wasserstein(left: &Tensor, right: &Tensor) -> (f64, Vec<usize>) {
    let (left, right) = (left.to_kind(Kind::Double), right.to_kind(Kind::Double));
    let distances = (left.unsqueeze(1) - right.unsqueeze(0)).norm_scalaropt_dim(2, [-1i64].as_slice(), false);
    let cost: Vec<Vec<f64>> = Vec::try_from(distances).unwrap_or_default();
    let partners = assign(&cost);
    let total: f64 = partners.iter().zip(&cost).filter_map(|(&partner, row)| row.get(partner)).sum();
    (total / partners.len() as f64, partners)
}

/// The Wasserstein-1 distance of each coordinate of two sets `[n, d]`, by sorting: `[d]`.
pub fn wasserstein_by_coordinate(left: &Tensor, right: &Tensor) -> Tensor {
    let sorted = |points: &Tensor| points.sort(0, false).0;
    (sorted(left) - sorted(right)).abs().mean_dim(0, false, None::<Kind>)
}

/// The mean over classes of the mean squared distance of a class's points `[n, d]` to their mean, divided by d. Labels `[n]` int64 below `classes`; a class
/// without points does not count.
pub fn variance_within_classes(points: &Tensor, labels: &Tensor, classes: i64) -> Tensor {
    let members = labels.one_hot(classes).to_kind(points.kind());
    let count = members.sum_dim_intlist(0, false, None::<Kind>);
    let means = members.transpose(0, 1).mm(points) / count.clamp_min(1).unsqueeze(-1);
    let squared = (points - members.mm(&means)).square().mean_dim(-1, true, None::<Kind>);
    let each = members.transpose(0, 1).mm(&squared).squeeze_dim(-1) / count.clamp_min(1);
    each.sum(None::<Kind>) / count.gt(0).to_kind(points.kind()).sum(None::<Kind>).clamp_min(1)
}
