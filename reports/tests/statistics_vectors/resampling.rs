//! Bootstrap intervals, and tests that count arrangements.

use bench_reports::statistics::{Discordant, accelerated_interval, basic_interval, mean, median, percentile_interval, resample, sign_flip_exact};

use crate::vectors::Case;

pub fn bootstrap(case: &Case) {
    let confidence = case.json["hyper_parameters"]["confidence"].as_f64().unwrap();
    for part in case.parts("_x") {
        let name = |ending: &str| format!("{part}_{ending}");
        let statistic = if part == "median" { median } else { mean };
        let values = case.get(&name("x"));
        let indices: Vec<usize> = case.get(&name("idx")).iter().map(|&at| at as usize).collect();
        let resampled = resample(values, &indices, statistic).unwrap();
        let pair = |(low, high): (f64, f64)| [low, high];
        case.check(&name("theta"), &[statistic(values)]);
        case.check(&name("theta_star"), &resampled);
        case.check(&name("percentile"), &pair(percentile_interval(&resampled, confidence)));
        case.check(&name("basic"), &pair(basic_interval(statistic(values), &resampled, confidence)));
        let accelerated = accelerated_interval(values, &resampled, confidence, statistic).unwrap();
        case.check(&name("z0"), &[accelerated.bias]);
        case.check(&name("accel"), &[accelerated.acceleration]);
        case.check(&name("alpha_adj"), &pair(accelerated.levels));
        case.check(&name("bca"), &pair(accelerated.interval));
    }
}

pub fn mcnemar_signflip(case: &Case) {
    for part in case.parts("_table") {
        let [_, only_first, only_second, _] = *case.get(&format!("{part}_table")) else { panic!("{part}: four counts expected") };
        let table = Discordant { only_first: only_first as u64, only_second: only_second as u64 };
        case.check(&format!("{part}_exact_p"), &[table.p_exact()]);
        for (ending, correction) in [("chi2", false), ("chi2_corr", true)] {
            let name = format!("{part}_{ending}");
            if part == "none" {
                // Without a discordant pair statsmodels divides by zero: NaN, and with the correction (|0| − 1)²/0 = ∞ and p = 0, that is, certainty
                // from no evidence at all. The exact test of the same table says p = 1, and so do we.
                let statistic = if correction { 1.0 / 0.0 } else { f64::NAN };
                let p = if correction { 0.0 } else { f64::NAN };
                case.check(&name, &[statistic, p]);
                assert_eq!((table.chi_squared(correction), table.p_chi_squared(correction), table.p_exact()), (0.0, 1.0, 1.0));
                continue;
            }
            case.check(&name, &[table.chi_squared(correction), table.p_chi_squared(correction)]);
        }
    }
    for part in case.parts("_d") {
        case.check(&format!("{part}_signflip_p"), &[sign_flip_exact(case.get(&format!("{part}_d"))).unwrap()]);
    }
}
