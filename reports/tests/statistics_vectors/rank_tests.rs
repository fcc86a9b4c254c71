//! Tests on ranks: Wilcoxon's, Friedman's, Nemenyi's.

use bench_reports::statistics::{
    Wilcoxon, Zeros, friedman, midranks, nemenyi_critical_difference, nemenyi_p, studentized_range_critical, wilcoxon_exact, wilcoxon_normal,
};

use crate::vectors::Case;

pub fn wilcoxon(case: &Case) {
    for part in case.parts("_d") {
        let name = |ending: &str| format!("{part}_{ending}");
        let d = case.get(&name("d"));
        let exact = wilcoxon_exact(d, Zeros::Drop).unwrap();
        case.check(&name("Wplus"), &[exact.plus]);
        case.check(&name("Wminus"), &[exact.minus]);
        if case.has(&name("exact_enum_two")) {
            case.check(&name("exact_enum_two"), &[exact.p_two_sided]);
            case.check(&name("exact_enum_greater"), &[exact.p_greater]);
            case.check(&name("exact_enum_less"), &[exact.p_less]);
        }
        let one_sided = wilcoxon_normal(d, Zeros::Drop, false).unwrap();
        case.check(&name("asym_greater"), &[one_sided.plus, or_undefined(&one_sided, one_sided.p_greater)]);
        case.check(&name("asym_less"), &[one_sided.plus, or_undefined(&one_sided, one_sided.p_less)]);
        for (word, zeros) in [("wilcox", Zeros::Drop), ("pratt", Zeros::Pratt), ("zsplit", Zeros::Split)] {
            let smaller = |test: &Wilcoxon| test.plus.min(test.minus);
            for (ending, correction) in [("", false), ("_corr", true)] {
                let test = wilcoxon_normal(d, zeros, correction).unwrap();
                let p = if zeros == Zeros::Split { test.p_two_sided } else { or_undefined(&test, test.p_two_sided) };
                case.check(&name(&format!("scipy_asymptotic_{word}{ending}")), &[smaller(&test), p]);
            }
            scipy_exact(case, &name(&format!("scipy_exact_{word}")), d, zeros);
        }
    }
}

/// SciPy divides zero by zero where all differences are zero, and returns `NaN`. We return p = 1: no difference is no evidence of one.
fn or_undefined(test: &Wilcoxon, p: f64) -> f64 {
    if test.n > 0 {
        return p;
    }
    assert_eq!(p, 1.0);
    f64::NAN
}

/// SciPy's `method="exact"` assumes the untied ranks 1..n, counting zeros in n unless they were dropped. That is exact without ties and zeros, where we
/// must agree. With them it is the distribution of another experiment: ours is that of the midranks there are, which `exact_enum` confirms.
fn scipy_exact(case: &Case, name: &str, d: &[f64], zeros: Zeros) {
    let ours = wilcoxon_exact(d, zeros).unwrap();
    let n = if zeros == Zeros::Drop { ours.n } else { d.len() };
    let plus = |below: f64| tail_of_untied_ranks(n, below);
    // P(W ≤ ⌈w⌉) and P(W ≥ ⌊w⌋), of a distribution that is symmetric around n(n + 1)/4.
    let most = (n * (n + 1) / 2) as f64;
    let p = (2.0 * plus(ours.plus.ceil()).min(plus(most - ours.plus.floor()))).min(1.0);
    case.check(name, &[ours.plus.min(ours.minus), p]);
    let sizes: Vec<f64> = d.iter().map(|d| d.abs()).collect();
    let untied = midranks(&sizes).iter().all(|rank| rank.fract() == 0.0) && !sizes.contains(&0.0) && {
        let mut ranks = midranks(&sizes);
        ranks.sort_unstable_by(f64::total_cmp);
        ranks.windows(2).all(|ranks| ranks[0] < ranks[1])
    };
    if untied {
        assert!((ours.p_two_sided - p).abs() < 1e-12, "{name}");
    }
    // SciPy's fault in its purest form: three differences of zero, "significant" at 0.25 with Pratt's ranks.
    if ours.n == 0 {
        assert_eq!(ours.p_two_sided, 1.0);
        assert_eq!(p, if zeros == Zeros::Pratt { 0.25 } else { 1.0 });
    }
}

/// P(W ≤ w) for the sum W of a random half of the ranks 1..n: counts of subsets, exact in f64 up to n = 53 and in f64's precision beyond.
fn tail_of_untied_ranks(n: usize, w: f64) -> f64 {
    let mut counts = vec![0.0; n * (n + 1) / 2 + 1];
    counts[0] = 1.0;
    for rank in 1..=n {
        for sum in (rank..counts.len()).rev() {
            counts[sum] += counts[sum - rank];
        }
    }
    counts.iter().take(w as usize + 1).sum::<f64>() / 2_f64.powi(n as i32)
}

pub fn friedman_nemenyi(case: &Case) {
    let row = |alpha: f64| (2..=10).map(move |methods| studentized_range_critical(alpha, methods) / std::f64::consts::SQRT_2);
    case.check("q_table", &row(0.05).chain(row(0.10)).collect::<Vec<f64>>());
    for part in case.parts("_scores") {
        let name = |ending: &str| format!("{part}_{ending}");
        let methods = case.get(&name("avg_rank")).len();
        let scores = case.get(&name("scores"));
        let datasets = scores.len() / methods;
        let test = friedman(scores, methods, true).unwrap();
        case.check(&name("ranks"), &test.ranks);
        case.check(&name("avg_rank"), &test.average_ranks);
        case.check(&name("chi2"), &[test.chi_squared]);
        case.check(&name("p"), &[test.p]);
        case.check(&name("F"), &[test.f]);
        case.check(&name("F_p"), &[test.f_p]);
        case.check(&name("kendall_W"), &[test.kendall_w]);
        case.check(&name("CD05"), &[nemenyi_critical_difference(methods, datasets, 0.05).unwrap()]);
        case.check(&name("nemenyi_p"), &nemenyi_p(&test.average_ranks, datasets).unwrap());
    }
}
