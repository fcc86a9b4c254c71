//! t-tests: paired, Welch's, corrected for resampled splits, and two one-sided.

use bench_reports::statistics::{TTest, complete_pairs, corrected_resampled_t, equivalence, paired_t, welch_t};

use crate::vectors::Case;

/// Where there is no test, SciPy returns `NaN`; we return `None`.
pub fn paired(case: &Case) {
    for part in case.parts("_a") {
        let name = |ending: &str| format!("{part}_{ending}");
        let (a, b) = (case.get(&name("a")), case.get(&name("b")));
        let test = paired_t(a, b, 0.95);
        let or_nan = |found: Option<f64>| [found.unwrap_or(f64::NAN)];
        assert_eq!(test.is_none(), a.len() < 2, "{part}");
        case.check(&name("t"), &or_nan(test.map(|test| test.t)));
        case.check(&name("p_twosided"), &or_nan(test.map(|test| test.p_two_sided)));
        case.check(&name("p_greater"), &or_nan(test.map(|test| test.p_greater())));
        case.check(&name("p_less"), &or_nan(test.map(|test| test.p_less())));
        case.check(&name("df"), &[test.map_or((a.len() - 1) as f64, |test| test.df)]);
        let (low, high) = test.map_or((f64::NAN, f64::NAN), |test| test.interval);
        case.check(&name("ci"), &[low, high]);
        if case.has(&name("omit_t")) {
            let (a, b) = complete_pairs(a, b);
            let test = paired_t(&a, &b, 0.95).unwrap();
            case.check(&name("omit_t"), &[test.t]);
            case.check(&name("omit_p"), &[test.p_two_sided]);
            case.check(&name("omit_df"), &[test.df]);
        }
    }
}

pub fn welch(case: &Case) {
    for part in case.parts("_a") {
        let name = |ending: &str| format!("{part}_{ending}");
        let (a, b) = (case.get(&name("a")), case.get(&name("b")));
        // One value has no variance: no test. SciPy returns NaN and a placeholder of one degree of freedom.
        let test = welch_t(a, b);
        assert_eq!(test.is_none(), a.len() < 2 || b.len() < 2, "{part}");
        let test = test.unwrap_or(TTest { estimate: f64::NAN, standard_error: f64::NAN, df: 1.0 });
        case.check(&name("t"), &[test.t()]);
        case.check(&name("p"), &[test.p_two_sided()]);
        case.check(&name("df"), &[test.df]);
    }
}

pub fn nadeau_bengio(case: &Case) {
    for part in case.parts("_d") {
        let name = |ending: &str| format!("{part}_{ending}");
        let [train, test] = *case.get(&name("n_train_test")) else { panic!("{part}: two numbers expected") };
        let found = corrected_resampled_t(case.get(&name("d")), test / train).unwrap();
        case.check(&name("t"), &[found.t()]);
        case.check(&name("p"), &[found.p_two_sided()]);
        case.check(&name("df"), &[found.df]);
    }
}

pub fn tost(case: &Case) {
    let margin = |name: &str| case.json["hyper_parameters"][name].as_f64().unwrap();
    for part in case.parts("_a") {
        let (a, b) = (case.get(&format!("{part}_a")), case.get(&format!("{part}_b")));
        let tests = [("paired", paired_t(a, b, 0.9).unwrap().test()), ("welch", welch_t(a, b).unwrap())];
        for (kind, test) in tests {
            let name = format!("{part}_{kind}");
            if !case.has(&name) {
                continue;
            }
            let found = equivalence(&test, margin("low"), margin("upp")).unwrap();
            let mut values = vec![found.p, found.t_lower, found.p_lower, found.t_upper, found.p_upper];
            if kind == "welch" {
                values.push(test.df);
            }
            case.check(&name, &values);
            let (low, high) = test.interval(0.9);
            assert_eq!(found.p <= 0.05, margin("low") < low && high < margin("upp"), "{name}");
        }
    }
}
