//! Losses that several methods share.

use tch::{Kind, Tensor};

use crate::{Output, Targets};

/// The task's loss of an answer, averaged over the batch: cross-entropy for classes, squared error for values. A 0-d tensor.
///
/// # Panics
/// On an answer of the other task; the registry refuses such pairs.
pub fn task_loss(output: &Output, targets: &Targets) -> Tensor {
    per_sample(output, targets).mean(None::<Kind>)
}

/// The task's loss of each sample, `[B]`. Probabilities enter as their logarithm.
///
/// # Panics
/// On an answer of the other task; the registry refuses such pairs.
pub fn per_sample(output: &Output, targets: &Targets) -> Tensor {
    match (output.log_probabilities(), output, targets) {
        (Some(log_probabilities), _, Targets::Classes(classes)) => negative_log_likelihood(&log_probabilities, classes),
        (None, Output::Value(values), Targets::Values(truth)) => (values - truth).square(),
        _ => panic!("an answer for one task was compared with targets of the other"),
    }
}

/// Cross-entropy of each sample, without reduction: logits `[…, B, C]`, classes `[B]` int64 → `[…, B]`.
pub fn cross_entropy_each(logits: &Tensor, classes: &Tensor) -> Tensor {
    negative_log_likelihood(&logits.log_softmax(-1, None::<Kind>), classes)
}

fn negative_log_likelihood(log_probabilities: &Tensor, classes: &Tensor) -> Tensor {
    let mut shape = log_probabilities.size();
    if let Some(last) = shape.last_mut() {
        *last = 1;
    }
    let index = classes.unsqueeze(-1).expand(shape, false);
    -log_probabilities.gather(-1, &index, false).squeeze_dim(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_of_even_logits_is_the_log_of_the_number_of_classes() {
        let logits = Tensor::zeros([2, 3, 4], (Kind::Double, tch::Device::Cpu));
        let loss = cross_entropy_each(&logits, &Tensor::from_slice(&[0i64, 3, 1]));
        assert_eq!(loss.size(), [2, 3]);
        assert!((loss.mean(Kind::Double).double_value(&[]) - 4f64.ln()).abs() < 1e-12);
    }
}
