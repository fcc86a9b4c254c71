//! Opinions about classes and how they are combined (Han et al., ICLR 2021; TPAMI 2022). Evidence is `[…, B, C]` and not negative.

use tch::{Kind, Tensor};

/// `1 − K` is at least this.
const LEAST_AGREEMENT: f64 = 1e-12;

/// An opinion: belief in each class and what is left of it.
#[derive(Debug)]
pub struct Opinion {
    /// `b = e / S`, `[…, B, C]`.
    pub belief: Tensor,
    /// `u = C / S`, `[…, B, 1]`; `Σ b + u = 1`.
    pub uncertainty: Tensor,
}

/// The opinion of some evidence: `S = Σ (e + 1)`.
pub fn opinion(evidence: &Tensor) -> Opinion {
    let classes = evidence.size()[evidence.dim() - 1] as f64;
    let strength = evidence.sum_dim_intlist(-1, true, None::<Kind>) + classes;
    Opinion { belief: evidence / &strength, uncertainty: strength.reciprocal() * classes }
}

/// Evidence of two independent opinions after Dempster and Shafer's rule.
///
/// The papers divide by `1 − K`, K being the mass that the two put on different classes, and go back to evidence through `S = C / u`. Both cancel:
/// `e = e_1 + e_2 + e_1 e_2 / C`, which has no denominator that conflict could make small, and shows that the rule is commutative and associative with no evidence as its
/// neutral element.
pub fn combine(first: &Tensor, second: &Tensor) -> Tensor {
    let classes = first.size()[first.dim() - 1] as f64;
    first + second + first * second / classes
}

/// K of the rule: the mass on different classes, `Σ_{i≠j} b¹_i b²_j`, `[…, B, 1]`. By `1 − K = Σ b¹ b² + u¹ + u² − u¹ u²`, which does not cancel.
pub fn conflict(first: &Opinion, second: &Opinion) -> Tensor {
    let (u, v) = (&first.uncertainty, &second.uncertainty);
    let agreement = (&first.belief * &second.belief).sum_dim_intlist(-1, true, None::<Kind>) + u + v - u * v;
    1.0 - agreement.clamp_min(LEAST_AGREEMENT)
}

/// Evidence of all of M: a left fold.
pub fn fuse(evidence: &[Tensor]) -> Tensor {
    let (first, others) = (&evidence[0], &evidence[1..]);
    others.iter().fold(first.shallow_clone(), |fused, next| combine(&fused, next))
}

/// Expected cross-entropy under Dir(α), `Σ_k y_k (ψ(S) − ψ(α_k))`: α `[…, B, C]`, one-hot y `[B, C]` → `[…, B]`.
pub fn expected_cross_entropy(alpha: &Tensor, hot: &Tensor) -> Tensor {
    let strength = alpha.sum_dim_intlist(-1, true, None::<Kind>);
    (hot * (strength.digamma() - alpha.digamma())).sum_dim_intlist(-1, false, None::<Kind>)
}

/// Expected squared error under Dir(α), `Σ_k (y_k − α_k/S)² + α_k (S − α_k) / (S² (S + 1))`, `[…, B]`.
pub fn expected_squared_error(alpha: &Tensor, hot: &Tensor) -> Tensor {
    let strength = alpha.sum_dim_intlist(-1, true, None::<Kind>);
    let variance = alpha * (&strength - alpha) / (strength.square() * (&strength + 1.0));
    ((hot - alpha / &strength).square() + variance).sum_dim_intlist(-1, false, None::<Kind>)
}

/// KL(Dir(α) ‖ Dir(1)), `[…, B]`.
pub fn divergence_from_uniform(alpha: &Tensor) -> Tensor {
    let classes = alpha.size()[alpha.dim() - 1];
    let strength = alpha.sum_dim_intlist(-1, true, None::<Kind>);
    let of_classes = Tensor::from(classes as f64).lgamma().double_value(&[]);
    let gammas = strength.lgamma().squeeze_dim(-1) - alpha.lgamma().sum_dim_intlist(-1, false, None::<Kind>) - of_classes;
    gammas + ((alpha - 1.0) * (alpha.digamma() - strength.digamma())).sum_dim_intlist(-1, false, None::<Kind>)
}

/// What misleads: α with the evidence of the true class taken away, `(α − 1)(1 − y) + 1`.
pub fn misleading(alpha: &Tensor, hot: &Tensor) -> Tensor {
    (alpha - 1.0) * (1.0 - hot) + 1.0
}

/// The objective of each sample, `[…, B]`: expected cross-entropy and, weighted by `lambda`, the divergence of what misleads.
pub fn objective(alpha: &Tensor, hot: &Tensor, lambda: f64) -> Tensor {
    let fit = expected_cross_entropy(alpha, hot);
    // An infinite lgamma times zero would be no number.
    if lambda == 0.0 { fit } else { fit + divergence_from_uniform(&misleading(alpha, hot)) * lambda }
}

/// `λ = min(1, epoch / annealing)`; 1 where there is no annealing.
pub fn annealed(epoch: f64, annealing: f64) -> f64 {
    if annealing > 0.0 { (epoch / annealing).min(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(values: &[f64]) -> Tensor {
        Tensor::from_slice(values).view([1, -1])
    }

    #[test]
    fn no_evidence_is_neutral_and_the_order_does_not_matter() {
        let (a, b, c) = (evidence(&[1.0, 0.5, 3.0]), evidence(&[0.0, 2.0, 0.25]), evidence(&[4.0, 0.0, 0.0]));
        assert_eq!(combine(&a, &a.zeros_like()), a);
        let close = |x: &Tensor, y: &Tensor| assert!((x - y).abs().max().double_value(&[]) < 1e-12);
        close(&combine(&a, &b), &combine(&b, &a));
        close(&combine(&combine(&a, &b), &c), &combine(&a, &combine(&b, &c)));
    }

    #[test]
    fn uncertainty_never_grows_and_is_what_belief_leaves() {
        let (a, b) = (evidence(&[100.0, 0.0]), evidence(&[0.0, 100.0]));
        let fused = opinion(&combine(&a, &b));
        let total = fused.belief.sum(Kind::Double) + fused.uncertainty.sum(Kind::Double);
        assert!((total.double_value(&[]) - 1.0).abs() < 1e-12);
        assert!(fused.uncertainty.double_value(&[0, 0]) <= opinion(&a).uncertainty.double_value(&[0, 0]));
        // By hand: b = (100/102, 0) and (0, 100/102).
        assert!((conflict(&opinion(&a), &opinion(&b)).double_value(&[0, 0]) - (100.0 / 102.0f64).powi(2)).abs() < 1e-12);
    }

    #[test]
    fn divergence_is_zero_for_the_uniform_and_positive_elsewhere() {
        assert!(divergence_from_uniform(&evidence(&[1.0, 1.0, 1.0])).double_value(&[0]).abs() < 1e-12);
        assert!(divergence_from_uniform(&evidence(&[1.0, 2.0, 1.0])).double_value(&[0]) > 0.01);
    }

    #[test]
    fn weights_rise_to_one() {
        assert_eq!([annealed(0.0, 4.0), annealed(1.0, 4.0), annealed(9.0, 4.0), annealed(0.0, 0.0)], [0.0, 0.25, 1.0, 1.0]);
    }
}
