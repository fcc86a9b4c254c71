//! Losses that several methods share.

use tch::{Kind, Reduction, Tensor};

use crate::{Output, Targets};

/// libtorch leaves out samples of this class; classes count from 0.
const NO_CLASS: i64 = -100;

const WRONG_TASK: &str = "an answer for one task was compared with targets of the other";

/// The task's loss of an answer, averaged over the batch: cross-entropy for classes, squared error for values. A 0-d tensor.
///
/// # Panics
/// On an answer of the other task; the registry refuses such pairs.
pub fn task_loss(output: &Output, targets: &Targets) -> Tensor {
    match (output.log_probabilities(), output, targets) {
        (Some(log_probabilities), _, Targets::Classes(classes)) => log_probabilities.g_nll_loss(classes, None::<&Tensor>, Reduction::Mean, NO_CLASS),
        (None, Output::Value(values), Targets::Values(truth)) => values.mse_loss(truth, Reduction::Mean),
        _ => panic!("{WRONG_TASK}"),
    }
}

/// The task's loss of each sample, `[B]`. Probabilities enter as their logarithm.
///
/// # Panics
/// On an answer of the other task; the registry refuses such pairs.
pub fn per_sample(output: &Output, targets: &Targets) -> Tensor {
    match (output.log_probabilities(), output, targets) {
        (Some(log_probabilities), _, Targets::Classes(classes)) => negative_log_likelihood(&log_probabilities, classes),
        (None, Output::Value(values), Targets::Values(truth)) => (values - truth).square(),
        _ => panic!("{WRONG_TASK}"),
    }
}

/// Mean of what counts (`counted`: 1 or 0), `[…, B]`, `[…, B]` → `[…]`; 0 where nothing does.
pub fn counted_mean(each: &Tensor, counted: &Tensor) -> Tensor {
    let sum = |values: &Tensor| values.sum_dim_intlist(-1, false, None::<Kind>);
    sum(&(each * counted)) / sum(counted).clamp_min(1)
}

/// Cross-entropy of each sample, without reduction: logits `[…, B, C]`, classes `[B]` int64 → `[…, B]`.
pub fn cross_entropy_each(logits: &Tensor, classes: &Tensor) -> Tensor {
    negative_log_likelihood(&logits.log_softmax(-1, None::<Kind>), classes)
}

fn negative_log_likelihood(log_probabilities: &Tensor, classes: &Tensor) -> Tensor {
    let mut shape = log_probabilities.size();
    if shape.len() == 2 {
        return log_probabilities.g_nll_loss(classes, None::<&Tensor>, Reduction::None, NO_CLASS);
    }
    shape.pop();
    let each = classes.expand(shape.as_slice(), false).flatten(0, -1);
    log_probabilities.flatten(0, -2).g_nll_loss(&each, None::<&Tensor>, Reduction::None, NO_CLASS).view(shape.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_counts_is_in_the_mean() {
        let each = Tensor::from_slice(&[1.0, 5.0, 3.0, 7.0]).view([2, 2]);
        let found = counted_mean(&each, &Tensor::from_slice(&[1.0, 1.0, 0.0, 0.0]).view([2, 2]));
        assert_eq!(Vec::<f64>::try_from(found).unwrap(), [3.0, 0.0]);
    }

    #[test]
    fn cross_entropy_of_even_logits_is_the_log_of_the_number_of_classes() {
        let logits = Tensor::zeros([2, 3, 4], (Kind::Double, tch::Device::Cpu));
        let loss = cross_entropy_each(&logits, &Tensor::from_slice(&[0i64, 3, 1]));
        assert_eq!(loss.size(), [2, 3]);
        assert!((loss.mean(Kind::Double).double_value(&[]) - 4f64.ln()).abs() < 1e-12);
    }
}
