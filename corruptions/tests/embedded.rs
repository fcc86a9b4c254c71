//! The self-tests on the data that every robustness run uses.

use bench_corruptions::{Suite, selftest};
use bench_datasets::{Dataset, Normaliser, embedded_directory};

fn open(name: &str) -> Dataset {
    Dataset::open(&name.parse().unwrap(), &[embedded_directory()]).unwrap()
}

#[test]
fn robustness_passes_its_self_tests_on_every_embedded_dataset() {
    let suite = Suite::named("robustness").unwrap();
    for name in ["openmoji", "digits", "cremad-votes", "cremad-agree", "mfeat"] {
        let dataset = open(name);
        let reports = selftest::check(&suite, &dataset, &Normaliser::fit(&dataset), 42).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(reports.len() >= 4 * dataset.modalities().len());
        for report in reports {
            assert!(report.count > 0 && report.realised > 0.0 && report.applied > 0.0, "{name}: {report:?}");
        }
    }
}

#[test]
fn a_low_data_variant_suffers_the_same_corruption() {
    let suite = Suite::named("noise").unwrap();
    let (whole, low) = (open("digits"), open("digits?train=500"));
    assert_ne!(whole.hash(), low.hash());
    let normaliser = Normaliser::fit(&whole);
    assert_eq!(selftest::check(&suite, &whole, &normaliser, 42).unwrap(), selftest::check(&suite, &low, &normaliser, 42).unwrap());
}
