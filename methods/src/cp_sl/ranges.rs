//! Min-max normalisation (section 3.1).

use tch::{Kind, Tensor};

/// Smallest and largest number of `[B, T, d]`, over the whole tensor (0-d each) or by feature (`[d]` each).
///
/// With `valid` (`[B, T]` bool) the other steps do not count; of nothing the bounds are +∞ and −∞.
pub fn bounds(values: &Tensor, valid: Option<&Tensor>, by_feature: bool) -> (Tensor, Tensor) {
    let end = |sign: f64| match valid {
        Some(valid) => values.masked_fill(&valid.logical_not().unsqueeze(-1), sign * f64::INFINITY),
        None => values.shallow_clone(),
    };
    let axes: &[i64] = if by_feature { &[0, 1] } else { &[0, 1, 2] };
    (end(1.0).amin(axes, false), end(-1.0).amax(axes, false))
}

/// `(x − low) / (high − low)`, `[…, d]`; bounds 0-d or `[d]`. What has no range, a constant feature, becomes 0.
pub fn min_max(values: &Tensor, low: &Tensor, high: &Tensor) -> Tensor {
    let range = high - low;
    let without = range.gt(0).logical_not();
    // Where there is no range the bounds may be infinite, and their difference no number.
    (values - low.masked_fill(&without, 0)) / range.masked_fill(&without, f64::INFINITY)
}

/// The wider of two pairs of bounds.
pub fn widen((low, high): (Tensor, Tensor), (other_low, other_high): (&Tensor, &Tensor)) -> (Tensor, Tensor) {
    (low.minimum(other_low), high.maximum(other_high))
}

/// Weights `[B, L, T]` that spread T steps over L: step i of a sample with `count` steps takes the mean over the i-th of `count` equal parts of its
/// `valid` steps. Both are `[B]` or `[1]`, whole numbers. A sample with no valid step, and a step from `count` on, has weights of exactly zero, and so
/// does every invalid step.
pub fn alignment(valid: &Tensor, count: &Tensor, length: i64, steps: i64) -> Tensor {
    let options = (valid.kind(), valid.device());
    let at = |axis: &Tensor| axis.view([-1, 1, 1]);
    let (valid, count) = (at(valid), at(count));
    let width = &valid / &count;
    let to = Tensor::arange(length, options).view([1, -1, 1]);
    let from = Tensor::arange(steps, options);
    let start = &to * &width;
    // Rounding must not reach past the last valid step.
    let end = (&start + &width).minimum(&valid);
    let overlap = (end.minimum(&(&from + 1.0)) - start.maximum(&from)).clamp_min(0);
    let beyond = to.ge_tensor(&count).logical_or(&valid.eq(0));
    (overlap / width).masked_fill(&beyond, 0)
}

/// 1 for each step before `count` (`[B]`) and 0 from there on: `[B, L]`.
pub fn before(count: &Tensor, length: i64) -> Tensor {
    Tensor::arange(length, (Kind::Int64, count.device())).unsqueeze(0).lt_tensor(&count.unsqueeze(1)).to_kind(count.kind())
}
