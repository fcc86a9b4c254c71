//! Checkpoints: parameters and state are all that a prediction depends on, and a wrong state is refused.

use bench_methods::{Method, MethodError};
use tch::Tensor;

use crate::cases::{self, bits, predict};

#[test]
fn parameters_and_state_bring_back_the_same_bits() {
    for case in cases::all() {
        let original = case.trained(1, 2);
        let mut restored = case.build(2);
        copy_parameters(original.as_ref(), restored.as_ref());
        let state: Vec<(String, Tensor)> = original.state().into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();
        restored.load_state(&state).unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        let inputs = case.problem.inputs("other");
        assert!(bits(&predict(original.as_ref(), &inputs)) == bits(&predict(restored.as_ref(), &inputs)), "{}: other bits", case.name());
    }
}

#[test]
fn a_state_that_lacks_a_tensor_or_has_another_shape_is_refused() {
    let mut refused = 0;
    for case in cases::all() {
        let state = case.prepared(1).state();
        for at in 0..state.len() {
            let changed = |change: &dyn Fn(&Tensor) -> Option<Tensor>| -> Vec<(String, Tensor)> {
                let of = |(other, (name, tensor)): (usize, &(String, Tensor))| {
                    let tensor = if other == at { change(tensor) } else { Some(tensor.shallow_clone()) };
                    tensor.map(|tensor| (name.clone(), tensor))
                };
                state.iter().enumerate().filter_map(of).collect()
            };
            for wrong in
                [changed(&|_| None), changed(&|tensor| Some(tensor.unsqueeze(0))), changed(&|tensor| Some(Tensor::cat(&[tensor, tensor], 0)))]
            {
                let result = case.build(1).load_state(&wrong);
                assert!(matches!(result, Err(MethodError::Checkpoint { .. })), "{}: {} was taken: {result:?}", case.name(), state[at].0);
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "no method has a state");
}

fn copy_parameters(from: &dyn Method, to: &dyn Method) {
    for (from, to) in from.groups().iter().zip(&to.groups()) {
        let values = from.variables.variables();
        for (name, mut parameter) in to.variables.variables() {
            tch::no_grad(|| parameter.copy_(&values[&name]));
        }
    }
}
