/*!
The statistics against golden vectors: SciPy's and statsmodels' values and independent formulas, in float64 at each case's own tolerance.

Where a recorded value is a library's convention or fault rather than the answer, the runner computes what the library computed, and says beside it
what we answer instead and why.
*/

#[path = "statistics_vectors/rank_tests.rs"]
mod rank_tests;
#[path = "statistics_vectors/resampling.rs"]
mod resampling;
#[path = "statistics_vectors/t_tests.rs"]
mod t_tests;
mod vectors;

use bench_reports::statistics::{
    benjamini_hochberg, benjamini_yekutieli, bonferroni, cliffs_delta, cohens_d_av, cohens_d_s, cohens_d_z,
    distributions::{
        chi_squared_sf, f_sf, fair_binomial_cdf, normal_cdf, normal_quantile, normal_sf, student_t_quantile, student_t_sf, student_t_two_sided,
    },
    hedges_d_z, hedges_d_z_approximate, hedges_g, hedges_g_approximate, hochberg, holm, rank_biserial, studentized_range_sf, vargha_delaney,
};
use vectors::Case;

#[test]
fn every_vector_matches_and_none_is_left_out() {
    let mut failures = Vec::new();
    let cases = vectors::cases("stats");
    assert_eq!(cases.len(), 11, "the folder has changed: new cases need runners");
    for case in cases {
        match case.name.as_str() {
            "bootstrap" => resampling::bootstrap(&case),
            "distributions" => distributions(&case),
            "effect_sizes" => effect_sizes(&case),
            "friedman_nemenyi" => rank_tests::friedman_nemenyi(&case),
            "mcnemar_signflip" => resampling::mcnemar_signflip(&case),
            "nadeau_bengio" => t_tests::nadeau_bengio(&case),
            "p_adjust" => p_adjust(&case),
            "paired_t" => t_tests::paired(&case),
            "tost" => t_tests::tost(&case),
            "welch_t" => t_tests::welch(&case),
            "wilcoxon" => rank_tests::wilcoxon(&case),
            _ => case.fail("nothing runs this case".into()),
        }
        failures.extend(case.failures());
    }
    assert!(failures.is_empty(), "{} mismatches\n{}", failures.len(), failures.join("\n"));
}

fn distributions(case: &Case) {
    let pairs = |f: fn(f64, f64) -> f64| case.get("t").iter().zip(case.get("df")).map(|(&t, &df)| f(t, df)).collect::<Vec<f64>>();
    case.check("t_sf", &pairs(student_t_sf));
    case.check("t_two_sided", &pairs(student_t_two_sided));
    let each = |input: &str, f: &dyn Fn(f64) -> f64| case.get(input).iter().map(|&x| f(x)).collect::<Vec<f64>>();
    case.check("norm_ppf", &each("p", &normal_quantile));
    case.check("t_ppf_df5", &each("p", &|p| student_t_quantile(p, 5.0)));
    case.check("chi2_sf_df3", &each("x", &|x| chi_squared_sf(x, 3.0)));
    case.check("f_sf_3_12", &each("x", &|x| f_sf(x, 3.0, 12.0)));
    case.check("norm_cdf", &each("x", &normal_cdf));
    case.check("norm_sf", &each("x", &normal_sf));
    case.check("studentized_range_sf_k4_inf", &each("x", &|q| studentized_range_sf(q, 4)));
    case.check("binom_cdf_n10_half", &(0..=10).map(|successes| fair_binomial_cdf(successes, 10)).collect::<Vec<f64>>());
}

fn effect_sizes(case: &Case) {
    for part in case.parts("_a") {
        let (a, b) = (case.get(&format!("{part}_a")), case.get(&format!("{part}_b")));
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        for (name, found) in [
            ("dz", cohens_d_z(a, b)),
            ("gz_exact", hedges_d_z(a, b)),
            ("gz_approx", hedges_d_z_approximate(a, b)),
            ("d_s", cohens_d_s(a, b)),
            ("g_exact", hedges_g(a, b)),
            ("g_approx", hedges_g_approximate(a, b)),
            ("d_av", cohens_d_av(a, b)),
            ("cliff", cliffs_delta(a, b)),
            ("vargha_delaney_A", vargha_delaney(a, b)),
            ("rank_biserial", rank_biserial(&differences)),
        ] {
            case.check(&format!("{part}_{name}"), &[found.unwrap()]);
        }
    }
}

fn p_adjust(case: &Case) {
    for part in case.parts("_p") {
        let p = case.get(&format!("{part}_p"));
        let family = p.iter().filter(|p| !p.is_nan()).count();
        let each: Vec<f64> = p.iter().map(|&p| bonferroni(p, family)).collect();
        case.check(&format!("{part}_bonferroni"), &each);
        case.check(&format!("{part}_holm"), &holm(p));
        case.check(&format!("{part}_simes_hochberg"), &hochberg(p));
        case.check(&format!("{part}_fdr_bh"), &benjamini_hochberg(p));
        case.check(&format!("{part}_fdr_by"), &benjamini_yekutieli(p));
    }
}
