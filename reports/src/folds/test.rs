//! A method against the reference over folds.

use super::Fold;
use crate::{
    statistics::{TTest, corrected_resampled_t, holm, mean},
    summary::{CONFIDENCE, Estimate, Quantity, common},
};

/// The corrected resampled t-test of a method's differences from the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldTest {
    /// Folds that both have.
    pub folds: usize,
    /// n_test/n_train, the mean over these folds.
    pub test_to_train: f64,
    /// Mean difference, method minus reference, with its corrected standard error.
    pub test: TTest,
    /// Two-sided.
    pub p: f64,
    /// After Holm over all tests of the family.
    pub p_holm: f64,
    /// Of the mean difference at [`CONFIDENCE`], not adjusted.
    pub interval: (f64, f64),
}

/// Tests a method against the reference; `p_holm` is set by [`correct`].
pub(super) fn against(folds: &[Fold<'_>], label: &str, reference: &str, quantity: Quantity) -> Result<FoldTest, String> {
    let (mut differences, mut ratios) = (Vec::new(), Vec::new());
    let mut why = None;
    for fold in folds {
        let (Some(own), Some(other)) = (fold.row(label), fold.row(reference)) else { continue };
        if let Some(reason) = own.refusal(other) {
            return Err(reason);
        }
        let (Some(own), Some(other)) = (own.cell(quantity).estimate(), other.cell(quantity).estimate()) else { continue };
        match difference(own, other) {
            Some(difference) => {
                differences.push(difference);
                ratios.push(fold.test_to_train());
            }
            None => why = Some(format!("no common seed in fold {}", fold.info.name)),
        }
    }
    if differences.len() < 2 {
        return Err(why.unwrap_or_else(|| format!("{} with values of both: a test needs two", plural(differences.len()))));
    }
    let test_to_train = mean(&ratios);
    let test = corrected_resampled_t(&differences, test_to_train).ok_or("a fold without training samples")?;
    // Equal decimal differences leave a deviation of ~1e-16 of them.
    if test.standard_error <= 1e-9 * test.estimate.abs() {
        let same = if test.estimate == 0.0 { "equal in every fold" } else { "the same difference in every fold: no spread to test against" };
        return Err(same.into());
    }
    let p = test.p_two_sided();
    Ok(FoldTest { folds: differences.len(), test_to_train, p, p_holm: p, interval: test.interval(CONFIDENCE), test })
}

/// The difference of the means over the seeds that both have.
fn difference(own: &Estimate, reference: &Estimate) -> Option<f64> {
    let (own, reference) = common(own, reference);
    (!own.is_empty()).then(|| mean(&own) - mean(&reference))
}

/// Holm over all tests.
pub(super) fn correct(tests: &mut [&mut FoldTest]) {
    let adjusted = holm(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    for (test, p) in tests.iter_mut().zip(adjusted) {
        test.p_holm = p;
    }
}

fn plural(folds: usize) -> String {
    format!("{folds} fold{}", if folds == 1 { "" } else { "s" })
}
