//! Each family of cases, computed by our functions.

use bench_reports::metrics::{
    ClassCounts, Over, Pairs, Precision, Reliability, Sentiment, Sims, ThreeClassSentiment, brier, brier_per_class, confusion_matrix,
    expected_calibration_error, four_decimals, negative_log_likelihood, negative_log_likelihoods, predicted_classes, softmax,
};

use super::{
    case::{Case, Outputs},
    numpy::single_precision_mean,
};

type Runner = fn(&Case) -> Outputs;

/// The outputs of a case; `None` where nothing here knows it.
pub fn run(case: &Case) -> Option<Outputs> {
    let families: [(&str, Runner); 6] = [
        ("calibration_", calibration),
        ("cls_", classes),
        ("legacy_senti", legacy_sentiment),
        ("mmsa_classification", three_classes),
        ("mosi_", sentiment),
        ("sims_", sims),
    ];
    families.into_iter().find(|(prefix, _)| case.name.starts_with(prefix)).map(|(_, run)| run(case))
}

fn counts(numbers: impl IntoIterator<Item = usize>) -> Vec<f64> {
    numbers.into_iter().map(|number| number as f64).collect()
}

fn calibration(case: &Case) -> Outputs {
    let (classes, bins, truth) = (case.width("logits"), case.number("bins"), case.classes("true"));
    let probabilities = softmax(case.values("logits"), classes);
    let table = Reliability::equal_width(&probabilities, &truth, classes, bins).unwrap();
    // 0/0 in an empty bin: `NaN` here, 0 in the vectors.
    let or_zero = |bin_samples: usize, value: f64| {
        assert_eq!(value.is_nan(), bin_samples == 0);
        if bin_samples == 0 { 0.0 } else { value }
    };
    let mut outputs = Outputs::default();
    outputs.put("ECE", expected_calibration_error(&probabilities, &truth, classes, bins));
    outputs.put("MCE", table.maximum_error());
    outputs.put_all("bin_acc", table.bins().iter().map(|bin| or_zero(bin.samples, bin.accuracy())).collect());
    outputs.put_all("bin_conf", table.bins().iter().map(|bin| or_zero(bin.samples, bin.confidence())).collect());
    outputs.put_all("bin_count", counts(table.bins().iter().map(|bin| bin.samples)));
    outputs.put("Brier", brier(&probabilities, &truth, classes));
    outputs.put("Brier_mean", brier_per_class(&probabilities, &truth, classes));
    outputs.put("NLL", negative_log_likelihood(&probabilities, &truth, classes));
    outputs.put_all("per_sample_nll", negative_log_likelihoods(&probabilities, &truth, classes));
    outputs.put_all("prob", probabilities);
    outputs
}

fn classes(case: &Case) -> Outputs {
    let (predicted, truth, classes) = (case.classes("pred"), case.classes("true"), case.number("K"));
    let pairs = Pairs { predicted: &predicted, truth: &truth };
    let counted = ClassCounts::of(pairs, classes).unwrap();
    // The case's own equation, for which it has no tensor.
    assert!((counted.micro_f1() - counted.accuracy()).abs() < 1e-15);
    let mut outputs = Outputs::default();
    outputs.put_all("confusion", counts(confusion_matrix(pairs, classes).unwrap().into_iter().flatten()));
    outputs.put_all("recall_per_class", counted.recalls());
    outputs.put_all("F1_per_class", counted.f1s());
    outputs.put("WA", counted.accuracy());
    outputs.put("UA", counted.mean_recall(Over::Truth));
    outputs.put("UA_union", counted.mean_recall(Over::Union));
    outputs.put("UA_K", counted.mean_recall(Over::All));
    outputs.put("WAF1", counted.weighted_f1());
    outputs.put("macroF1", counted.macro_f1(Over::Union));
    outputs.put("macroF1_K", counted.macro_f1(Over::All));
    outputs
}

fn sentiment(case: &Case) -> Outputs {
    let named = |suffix: &str| {
        let [predicted, truth] = ["pred", "true"].map(|name| case.values(&format!("{name}{suffix}")));
        let found = Sentiment::of(Pairs { predicted, truth });
        [
            ("Has0_acc_2", found.non_negative.accuracy),
            ("Has0_F1_score", found.non_negative.weighted_f1),
            ("Non0_acc_2", found.non_zero.accuracy),
            ("Non0_F1_score", found.non_zero.weighted_f1),
            ("Mult_acc_5", found.five_classes),
            ("Mult_acc_7", found.seven_classes),
            ("MAE", found.mean_absolute_error),
            ("Corr", found.pearson),
        ]
    };
    let mut outputs = Outputs::default();
    for (name, value) in named("") {
        outputs.put(name, value);
    }
    // The evaluator raises an error where all labels are 0, so it has printed nothing.
    if case.values("true").iter().any(|&truth| truth != 0.0) {
        for (prefix, suffix) in [("official_f64_", ""), ("official_f32_", "__f32")] {
            for (name, value) in named(suffix) {
                outputs.put(&format!("{prefix}{name}"), four_decimals(value));
            }
        }
    }
    outputs
}

fn legacy_sentiment(case: &Case) -> Outputs {
    let found = Sentiment::of(Pairs { predicted: case.values("pred"), truth: case.values("true") });
    let mut outputs = Outputs::default();
    for (suffix, two) in [("gt0_all", found.positive), ("ge0_all", found.non_negative), ("gt0_nonzero", found.non_zero)] {
        outputs.put(&format!("acc_{suffix}"), two.accuracy);
        outputs.put(&format!("wf1_{suffix}"), two.weighted_f1);
    }
    outputs.put("zadeh_weighted_accuracy", found.positive.balanced_accuracy);
    outputs
}

fn three_classes(case: &Case) -> Outputs {
    let (logits, truth) = (case.values("logits"), case.classes("true"));
    let found = ThreeClassSentiment::of(logits, &truth);
    // Printed scores may be of probabilities: softmax keeps the order.
    assert_eq!(predicted_classes(&softmax(logits, 3), 3), predicted_classes(logits, 3));
    let mut outputs = Outputs::default();
    for (name, value) in [
        ("Acc_3", found.accuracy),
        ("F1_score_3", found.weighted_f1),
        ("Has0_acc_2", found.with_neutral.accuracy),
        ("Has0_F1_score", found.with_neutral.weighted_f1),
        ("Non0_acc_2", found.printed_accuracy_without_neutral),
        ("Non0_F1_score", found.printed_weighted_f1_without_neutral),
    ] {
        outputs.put(name, value);
        outputs.put(&format!("official_{name}"), four_decimals(value));
    }
    outputs.put("Non0_acc_2_fixed", found.without_neutral.accuracy);
    outputs.put("Non0_F1_score_fixed", found.without_neutral.weighted_f1);
    outputs
}

fn sims(case: &Case) -> Outputs {
    let (double, single) = (["pred", "true"], ["pred__f32", "true__f32"]);
    let scores =
        |[predicted, truth]: [&str; 2], precision| Sims::of(Pairs { predicted: case.values(predicted), truth: case.values(truth) }, precision);
    let mut outputs = Outputs::default();
    // `upcast_` is the contrast that the case calls wrong: values of 32 bits compared with edges of 64 bits.
    for (prefix, found) in
        [("f64_", scores(double, Precision::Double)), ("f32_", scores(single, Precision::Single)), ("upcast_", scores(single, Precision::Double))]
    {
        let exact = [
            ("Mult_acc_2", found.two_classes),
            ("Mult_acc_3", found.three_classes),
            ("Mult_acc_5", found.five_classes),
            ("F1_score", found.weighted_f1),
            ("Corr", found.pearson),
        ];
        for (name, value) in exact {
            outputs.put(&format!("{prefix}{name}"), value);
        }
        // The reference sums the errors of 32 bits in 32 bits, so its MAE is off from the seventh digit on, and ours is held to the tolerance of 32 bits.
        // That the difference is nothing but this rounding is shown by summing as NumPy does.
        if prefix == "f32_" {
            let errors: Vec<f32> = case.values(single[0]).iter().zip(case.values(single[1])).map(|(&p, &y)| (clip(p) - clip(y)).abs()).collect();
            assert_eq!(f64::from(single_precision_mean(&errors)), case.values("f32_MAE")[0], "{}: f32_MAE is no sum of 32 bits", case.name);
            outputs.put_single("f32_MAE", found.mean_absolute_error);
        } else {
            outputs.put(&format!("{prefix}MAE"), found.mean_absolute_error);
        }
        if prefix != "upcast_" {
            for (name, value) in exact.into_iter().chain([("MAE", found.mean_absolute_error)]) {
                outputs.put(&format!("official_{prefix}{name}"), four_decimals(value));
            }
        }
    }
    // Given values of 64 bits, `Single` rounds them to the 32 bits that the evaluator would have seen.
    assert_eq!(scores(double, Precision::Single), scores(single, Precision::Single));
    outputs
}

fn clip(value: f64) -> f32 {
    (value as f32).clamp(-1.0, 1.0)
}
