//! Predictions: shape and meaning, and that nothing but the sample itself decides them.

use bench_methods::Output;
use tch::Kind;

use crate::{
    cases::{self, Case, bits, distance, predict},
    toy::{self, ROWS},
};

/// Matrix products of other sizes sum in another order.
const ROUNDING: f64 = 1e-5;

#[test]
fn answers_have_the_task_s_shape_and_probabilities_sum_to_one() {
    for case in cases::all() {
        let method = case.prepared(1);
        let output = method.predict(&case.problem.inputs("original"));
        assert_eq!(output.tensor().size(), case.problem.answer_shape(), "{}", case.name());
        assert_eq!(matches!(output, Output::Value(_)), case.problem.regression(), "{}", case.name());
        if let Output::Probabilities(probabilities) = output {
            let sums = probabilities.sum_dim_intlist(-1, false, None::<Kind>);
            assert!(distance(&sums, &sums.ones_like()) < ROUNDING, "{}", case.name());
            assert!(probabilities.min().double_value(&[]) >= 0.0, "{}", case.name());
        }
    }
}

/// Settings whose answers depend on the other rows of the batch, and why they are offered all the same.
const BATCHWISE: [(&str, &str, &str); 2] = [
    ("cp-sl", "minmax=batch", "the paper scales each modality by the bounds of its mini-batch"),
    ("mla", "entropy=released-batch", "the released code takes the softmax of its entropies over the batch"),
];

fn batchwise(case: &Case) -> bool {
    let set = |setting: &str| case.options.iter().any(|(name, value)| setting == format!("{name}={value}"));
    BATCHWISE.iter().any(|(method, setting, _)| case.card.id == *method && set(setting))
}

#[test]
fn a_row_alone_is_predicted_as_in_the_batch_but_where_a_paper_s_code_says_otherwise() {
    let mut apart = 0;
    for case in cases::all().iter().filter(|case| !case.card.capabilities.transductive) {
        let method = case.prepared(1);
        let inputs = case.problem.inputs("original");
        let together = predict(method.as_ref(), &inputs);
        for row in 0..ROWS {
            let alone = predict(method.as_ref(), &toy::rows(&inputs, &[row]));
            let off = distance(&alone, &together.narrow(0, row, 1));
            if batchwise(case) {
                apart += usize::from(off > ROUNDING);
            } else {
                assert!(off < ROUNDING, "{}: row {row} is off by {off}", case.name());
            }
        }
    }
    assert!(apart > 0, "no setting of the list depends on the batch: take it off the list");
}

#[test]
fn the_order_of_rows_does_not_change_their_predictions() {
    let order: Vec<i64> = (0..ROWS).map(|row| (row * 5 + 3) % ROWS).collect();
    for case in cases::all() {
        let method = case.prepared(1);
        let inputs = case.problem.inputs("original");
        let straight = predict(method.as_ref(), &inputs).index_select(0, &tch::Tensor::from_slice(&order));
        let off = distance(&predict(method.as_ref(), &toy::rows(&inputs, &order)), &straight);
        assert!(off < ROUNDING, "{}: off by {off}", case.name());
    }
}

#[test]
fn deterministic_methods_predict_the_same_bits_twice() {
    for case in cases::all().iter().filter(|case| case.card.capabilities.deterministic) {
        let method = case.prepared(1);
        let inputs = case.problem.inputs("original");
        let first = cases::seeded(1, || predict(method.as_ref(), &inputs));
        let second = cases::seeded(2, || predict(method.as_ref(), &inputs));
        assert!(bits(&first) == bits(&second), "{}: other bits", case.name());
    }
}

#[test]
fn what_stands_behind_the_end_of_a_sequence_or_text_does_not_matter() {
    for case in cases::all() {
        let method = case.prepared(1);
        let inputs = case.problem.inputs("original");
        let repadded = case.problem.with_other_padding(&inputs);
        assert!(bits(&predict(method.as_ref(), &inputs)) == bits(&predict(method.as_ref(), &repadded)), "{}: other bits", case.name());
    }
}

#[test]
fn trained_methods_answer_differently_to_other_contents() {
    for case in cases::all().iter().filter(|case| case.card.capabilities.trained) {
        let method = case.prepared(1);
        let answer = |contents: &str| bits(&predict(method.as_ref(), &case.problem.inputs(contents)));
        assert!(answer("original") != answer("other"), "{}: blind to its input", case.name());
    }
}
