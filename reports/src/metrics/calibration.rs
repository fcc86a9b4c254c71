//! Is a prediction of confidence 0.8 right in 8 of 10 cases? Confidence is the highest probability of a row.

use super::{predicted_classes, probabilities::fits};

/// Predictions of similar confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationBin {
    /// Equal width: confidences above this belong to the bin. Equal mass: the smallest confidence in it (`NaN` in an empty bin).
    pub low: f64,
    /// Equal width: confidences up to and with this belong to the bin. Equal mass: the largest confidence in it (`NaN` in an empty bin).
    pub high: f64,
    /// Number of samples.
    pub samples: usize,
    /// Number of samples predicted correctly.
    pub correct: usize,
    confidence: f64,
}

impl CalibrationBin {
    fn new(low: f64, high: f64) -> Self {
        Self { low, high, samples: 0, correct: 0, confidence: 0.0 }
    }

    /// Share of correct predictions in [0, 1]; `NaN` in an empty bin.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.samples as f64
    }

    /// Mean confidence in [0, 1]; `NaN` in an empty bin.
    pub fn confidence(&self) -> f64 {
        self.confidence / self.samples as f64
    }

    fn add(&mut self, sample: &Sample) {
        self.samples += 1;
        self.correct += usize::from(sample.correct);
        self.confidence += sample.confidence;
    }
}

/// A classifier's bins of confidence: the table behind a reliability diagram, and the errors that summarise it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    bins: Vec<CalibrationBin>,
}

impl Reliability {
    /// Bins (b/bins, (b+1)/bins], from `probabilities` (`[n, classes]`) and classes (`[n]`). A confidence on an edge belongs to the lower bin (Guo et
    /// al., "On calibration of modern neural networks", ICML 2017). `None` where they do not fit, without bins, or where a probability is `NaN`.
    pub fn equal_width(probabilities: &[f64], truth: &[u32], classes: usize, bins: usize) -> Option<Self> {
        let samples = samples(probabilities, truth, classes, bins)?;
        let edges: Vec<f64> = (0..=bins).map(|edge| edge as f64 / bins as f64).collect();
        let mut table: Vec<CalibrationBin> = edges.windows(2).map(|edges| CalibrationBin::new(edges[0], edges[1])).collect();
        for sample in samples {
            table[edges[1..bins].partition_point(|&edge| edge < sample.confidence)].add(&sample);
        }
        Some(Self { bins: table })
    }

    /// Bins of n/bins samples each, as evenly as possible, in the order of confidence (Nguyen & O'Connor, "Posterior calibration and exploratory analysis
    /// for natural language processing models", EMNLP 2015). `None` as for [`Self::equal_width`].
    ///
    /// Sample i of n in the order of confidence goes to bin ⌊i·bins/n⌋. Equal confidences share the bin of the first of them: otherwise the result
    /// would depend on the order of the samples.
    pub fn equal_mass(probabilities: &[f64], truth: &[u32], classes: usize, bins: usize) -> Option<Self> {
        let mut samples = samples(probabilities, truth, classes, bins)?;
        samples.sort_by(|one, other| one.confidence.total_cmp(&other.confidence));
        let mut table = vec![CalibrationBin::new(f64::NAN, f64::NAN); bins];
        let all = samples.len();
        let mut at = 0;
        for equal in samples.chunk_by(|one, other| one.confidence == other.confidence) {
            let bin = &mut table[(at as u128 * bins as u128 / all as u128) as usize];
            equal.iter().for_each(|sample| bin.add(sample));
            // `min` and `max` ignore the NaN of an empty bin.
            (bin.low, bin.high) = (bin.low.min(equal[0].confidence), bin.high.max(equal[0].confidence));
            at += equal.len();
        }
        Some(Self { bins: table })
    }

    /// The bins, from low to high confidence, empty ones included.
    pub fn bins(&self) -> &[CalibrationBin] {
        &self.bins
    }

    /// Expected calibration error Σ_b |B_b|/n · |accuracy(B_b) − confidence(B_b)|, in [0, 1].
    pub fn expected_error(&self) -> f64 {
        let samples: usize = self.bins.iter().map(|bin| bin.samples).sum();
        // Σ (correct − confidence) of a bin is |B_b| (accuracy − confidence): the counts cancel.
        self.bins.iter().map(|bin| (bin.correct as f64 - bin.confidence).abs()).sum::<f64>() / samples as f64
    }

    /// Maximum calibration error max_b |accuracy(B_b) − confidence(B_b)| over bins with samples, in [0, 1].
    pub fn maximum_error(&self) -> f64 {
        let filled = self.bins.iter().filter(|bin| bin.samples > 0);
        filled.map(|bin| (bin.accuracy() - bin.confidence()).abs()).fold(0.0, f64::max)
    }
}

/// [`Reliability::expected_error`] over equal-width bins; `NaN` where there are none.
pub fn expected_calibration_error(probabilities: &[f64], truth: &[u32], classes: usize, bins: usize) -> f64 {
    Reliability::equal_width(probabilities, truth, classes, bins).map_or(f64::NAN, |table| table.expected_error())
}

#[derive(Clone)]
struct Sample {
    confidence: f64,
    correct: bool,
}

fn samples(probabilities: &[f64], truth: &[u32], classes: usize, bins: usize) -> Option<Vec<Sample>> {
    if !fits(probabilities, truth, classes) || bins == 0 || probabilities.iter().any(|probability| probability.is_nan()) {
        return None;
    }
    let rows = probabilities.chunks_exact(classes).zip(predicted_classes(probabilities, classes)).zip(truth);
    Some(rows.map(|((row, predicted), &truth)| Sample { confidence: row[predicted as usize], correct: predicted == truth }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// By hand: rows (0.8, 0.2) true 0 and (0.6, 0.4) true 1, 10 bins: |1 − 0.8| and |0 − 0.6|.
    #[test]
    fn two_rows_by_hand() {
        let table = Reliability::equal_width(&[0.8, 0.2, 0.6, 0.4], &[0, 1], 2, 10).unwrap();
        close(table.expected_error(), 0.4);
        close(table.maximum_error(), 0.6);
        let filled: Vec<usize> = (0..10).filter(|&bin| table.bins()[bin].samples > 0).collect();
        assert_eq!(filled, [5, 7]);
        close(table.bins()[5].high, 0.6);
        close(table.bins()[7].confidence(), 0.8);
        close(table.bins()[7].accuracy(), 1.0);
        assert!(table.bins()[0].accuracy().is_nan() && table.bins()[0].confidence().is_nan());
    }

    /// Expected value made with NumPy in f64: uniform rows whose confidence 1/3 lies on the edge 5/15.
    #[test]
    fn saturated_and_uniform_rows_agree_with_numpy() {
        let tied = [0.422_318_798_251_518_2, 0.422_318_798_251_518_2, 0.155_362_403_496_963_6];
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0 / 3.0; 3], [1.0, 0.0, 0.0], tied, [1.0 / 3.0; 3]];
        let error = expected_calibration_error(rows.as_flattened(), &[0, 0, 1, 2, 0, 2], 3, 15);
        close(error, 0.540_724_644_735_858_1);
    }

    /// Confidences 0.5 and 0.7 with bins (0, 0.5], (0.5, 1]: each alone in its bin, so the gaps +0.5 and −0.7 cannot cancel.
    #[test]
    fn a_bin_owns_its_upper_edge() {
        close(expected_calibration_error(&[0.5, 0.5, 0.7, 0.3], &[0, 1], 2, 2), 0.6);
        close(expected_calibration_error(&[0.5, 0.5, 0.7, 0.3], &[0, 1], 2, 1), 0.1);
    }

    /// Rows of two classes with the given confidence in class 0.
    fn rows(confidences: &[f64]) -> Vec<f64> {
        confidences.iter().flat_map(|&confidence| [confidence, 1.0 - confidence]).collect()
    }

    /// By hand: confidences 0.6, 0.7, 0.8 | 0.9, 1.0 (⌊i·2/5⌋ = 0, 0, 0, 1, 1); the middle one is wrong.
    /// Gaps: 2 − 2.1 and 2 − 1.9, so (0.1 + 0.1)/5 = 0.04; largest gap of means 0.1/2 = 0.05.
    #[test]
    fn equal_mass_by_hand() {
        let table = Reliability::equal_mass(&rows(&[0.9, 0.6, 1.0, 0.8, 0.7]), &[0, 0, 0, 1, 0], 2, 2).unwrap();
        assert_eq!(table.bins().iter().map(|bin| (bin.samples, bin.correct)).collect::<Vec<_>>(), [(3, 2), (2, 2)]);
        assert_eq!(table.bins().iter().map(|bin| (bin.low, bin.high)).collect::<Vec<_>>(), [(0.6, 0.8), (0.9, 1.0)]);
        close(table.expected_error(), 0.04);
        close(table.maximum_error(), 0.05);
    }

    /// By hand: 0.6, then 0.8 three times. ⌊i·2/4⌋ = 0, 0, 1, 1, but the three share the bin of the first, so one bin of 4 with 3 correct: |3 − 3|/4 = 0.
    #[test]
    fn equal_confidences_share_a_bin_in_any_order() {
        for truth in [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]] {
            let table = Reliability::equal_mass(&rows(&[0.6, 0.8, 0.8, 0.8]), &truth, 2, 2).unwrap();
            assert_eq!(table.bins()[0].samples, 4);
            close(table.expected_error(), 0.0);
        }
    }

    #[test]
    fn more_bins_of_equal_mass_than_samples_leave_empty_ones() {
        let table = Reliability::equal_mass(&rows(&[0.6, 0.9]), &[0, 1], 2, 4).unwrap();
        assert_eq!(table.bins().iter().map(|bin| bin.samples).collect::<Vec<_>>(), [1, 0, 1, 0]);
        close(table.expected_error(), (0.4 + 0.9) / 2.0);
        close(table.maximum_error(), 0.9);
    }

    #[test]
    fn what_cannot_be_binned_is_none() {
        for (probabilities, truth, bins) in
            [(&[][..], &[][..], 5), (&[0.5, 0.5], &[0], 0), (&[f64::NAN, 0.5], &[0], 5), (&[0.5, 0.5], &[2], 5), (&[0.5], &[0], 5)]
        {
            assert_eq!(Reliability::equal_width(probabilities, truth, 2, bins), None);
            assert_eq!(Reliability::equal_mass(probabilities, truth, 2, bins), None);
            assert!(expected_calibration_error(probabilities, truth, 2, bins).is_nan());
        }
    }
}
