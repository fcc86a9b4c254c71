//! Input gradients, which adversarial attacks follow.

use bench_methods::{Inputs, ModalityInput, losses};
use tch::{Kind, Tensor};

use crate::cases::{self, Case};

#[test]
fn methods_that_promise_an_input_gradient_have_a_finite_one_that_is_not_zero() {
    for case in cases::all().iter().filter(|case| case.card.capabilities.input_gradient && sees_numbers(case)) {
        let method = case.prepared(1);
        let batch = case.problem.batch();
        let inputs = leaves(batch.inputs);
        losses::task_loss(&method.predict(&inputs), &batch.targets).backward();
        let gradients: Vec<Tensor> =
            inputs.modalities.iter().filter(|input| !input.is_tokens()).map(|input| input.values.grad()).filter(Tensor::defined).collect();
        assert!(gradients.iter().all(|gradient| bool::try_from(gradient.isfinite().all()).unwrap()), "{}: not finite", case.name());
        let size: f64 = gradients.iter().map(|gradient| gradient.abs().sum(Kind::Double).double_value(&[])).sum();
        assert!(size > 0.0, "{}: no gradient arrives at any input", case.name());
    }
}

/// Whether the model reads anything but words.
fn sees_numbers(case: &Case) -> bool {
    if case.options.get("inputs") == Some(&"text".into()) {
        return case.problem.modalities.iter().all(|modality| modality.kind.is_continuous());
    }
    let mut seen = case.problem.modalities.iter().enumerate().filter(|(at, _)| case.modality.is_none_or(|own| own == *at));
    seen.any(|(_, modality)| modality.kind.is_continuous())
}

/// Inputs that gradients are wanted of.
pub fn leaves(inputs: Inputs) -> Inputs {
    let leaf = |input: &ModalityInput| {
        let values = if input.is_tokens() { input.values.shallow_clone() } else { input.values.copy().set_requires_grad(true) };
        ModalityInput { values, lengths: input.lengths.as_ref().map(Tensor::shallow_clone) }
    };
    Inputs { modalities: inputs.modalities.iter().map(leaf).collect(), availability: inputs.availability }
}
