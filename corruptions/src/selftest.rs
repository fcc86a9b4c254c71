/*!
Checks on real data that corruptions do what their names say, run with every suite; a suite whose corruptions fail is not evaluated.

For every data corruption of the suite, over all test samples:
- level 0 is the identity, bit for bit;
- the realised σ (before clamping) and the realised mask rate lie within sampling error of the level. The bounds hold for any number of values, not
  only for many: Laurent and Massart (2000, Lemma 1) for the root mean square, the Gaussian tail for the mean, Bernstein for the rate. A correct
  corruption fails one of them for at most one seed in a million. Draws are independent over elements and samples, so every element counts;
  draws shared by the elements of a sample, or by samples, would miss bounds this narrow;
- padding, constant features, lengths and unknown words stay as they are;
- severities nest: a sample's perturbation never shrinks as the level grows, a masked word stays masked, and more noise is more on the average.
*/

use std::collections::BTreeMap;

use bench_datasets::{Block, Dataset, Kind, Modality, Normaliser, Split, Standardisation};
use serde::Serialize;
use thiserror::Error;

use crate::{Condition, CorruptionError, DataAtom, Fields, Suite, SuiteError};

mod tally;

use tally::Tally;

/// Samples corrupted at a time, so that a large test split needs no large memory.
const CHUNK: usize = 1024;

/// What one corruption really did to the test split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTest {
    /// The corruption alone, as a condition's canonical text.
    pub condition: String,
    /// The modality's name.
    pub modality: String,
    /// What the numbers below are in: `pixels`, `training standard deviations`, `share of words` or `share of steps`.
    pub unit: &'static str,
    /// What was asked for: σ or the mask's rate.
    pub level: f64,
    /// Values that were measured: elements that are not constant, known words, or steps; without padding.
    pub count: u64,
    /// What came out: the root mean square of the noise before clamping, or the share masked.
    pub realised: f64,
    /// Smallest value of `realised` that sampling error explains.
    pub low: f64,
    /// Largest value of `realised` that sampling error explains.
    pub high: f64,
    /// Mean over samples of the realised perturbation as evaluated, after clamping.
    pub applied: f64,
}

/// Why a suite must not be evaluated.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SelfTestError {
    /// Level 0 changed something.
    #[error(
        "self-test: {condition} changes modality `{modality}` of the test split although its level is 0; the corruption code is wrong, do not trust results"
    )]
    NotIdentity {
        /// The corruption at level 0.
        condition: String,
        /// The modality's name.
        modality: String,
    },
    /// A measured number is not what the level says.
    #[error(
        "self-test: {condition} has a {quantity} of {found} over {count} values, and sampling error explains {low} to {high}; the corruption code is wrong, do not trust results"
    )]
    Realised {
        /// The corruption.
        condition: String,
        /// What was measured.
        quantity: &'static str,
        /// What came out.
        found: f64,
        /// Smallest credible value.
        low: f64,
        /// Largest credible value.
        high: f64,
        /// Number of values measured.
        count: u64,
    },
    /// Something changed that must not.
    #[error("self-test: {condition} changes {what}, which must stay; the corruption code is wrong, do not trust results")]
    Touched {
        /// The corruption.
        condition: String,
        /// Padding, constant features, lengths or unknown words.
        what: &'static str,
    },
    /// Severities do not nest.
    #[error(
        "self-test: {condition} perturbs {whom} no more than a lower level does ({found} against {lower}); the corruption code is wrong, do not trust results"
    )]
    Shrinks {
        /// The corruption at the higher level.
        condition: String,
        /// A sample's id, or the test split on the average.
        whom: String,
        /// Perturbation at the higher level.
        found: f64,
        /// Perturbation at the next lower level.
        lower: f64,
    },
    /// The suite has no conditions on this dataset.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The arrays could not be corrupted.
    #[error(transparent)]
    Corruption(#[from] CorruptionError),
}

/// Checks every data corruption of `suite` on the test split of `dataset` with the draws of `seed`, and reports what came out: one entry a
/// corruption, by modality, noise before masks, levels ascending.
///
/// # Errors
/// The first check that fails.
pub fn check(suite: &Suite, dataset: &Dataset, normaliser: &Normaliser, seed: u64) -> Result<Vec<SelfTest>, SelfTestError> {
    let planned = suite.conditions(dataset.raw_modalities())?;
    check_conditions(planned.iter().map(|planned| &planned.condition), dataset, normaliser, seed)
}

/// [`check`] for conditions that are in no suite.
///
/// # Errors
/// The first check that fails.
pub fn check_conditions<'a>(
    conditions: impl IntoIterator<Item = &'a Condition>,
    dataset: &Dataset,
    normaliser: &Normaliser,
    seed: u64,
) -> Result<Vec<SelfTest>, SelfTestError> {
    let mut levels: BTreeMap<(usize, bool), Vec<f64>> = BTreeMap::new();
    for atom in conditions.into_iter().flat_map(Condition::data) {
        levels.entry((atom.modality(), matches!(atom, DataAtom::Mask { .. }))).or_default().push(atom.level());
    }
    let mut reports = Vec::new();
    for ((index, is_mask), mut levels) in levels {
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let probe = Probe { index, is_mask, modalities: dataset.raw_modalities(), standardisation: normaliser.of(index), seed };
        let read = |rows: &[usize]| dataset.read_raw(index, rows);
        reports.extend(probe.run(&levels, dataset.base_hash(), dataset.ids(), dataset.indices(Split::Test), read)?);
    }
    Ok(reports)
}

/// The checks of one kind of corruption on one modality.
struct Probe<'a> {
    index: usize,
    is_mask: bool,
    modalities: &'a [Modality],
    standardisation: Option<&'a Standardisation>,
    seed: u64,
}

impl Probe<'_> {
    fn run(
        &self,
        levels: &[f64],
        base_hash: &str,
        ids: &[String],
        rows: &[usize],
        read: impl Fn(&[usize]) -> Block,
    ) -> Result<Vec<SelfTest>, SelfTestError> {
        let Some(modality) = self.modalities.get(self.index) else { return Ok(Vec::new()) };
        let mut tallies = vec![Tally::default(); levels.len()];
        for rows in rows.chunks(CHUNK) {
            let names: Vec<&str> = rows.iter().filter_map(|&row| ids.get(row)).map(String::as_str).collect();
            let fields = Fields::new(base_hash, self.seed, modality, &names);
            self.chunk(levels, &names, &fields, &read(rows), &mut tallies)?;
        }
        let mut reports: Vec<SelfTest> = Vec::new();
        for (&level, tally) in levels.iter().zip(&tallies) {
            let condition = self.condition(level);
            let (low, high) = if self.is_mask { tally.check_rate(&condition, level)? } else { tally.check_noise(&condition, level)? };
            let report = SelfTest {
                condition,
                modality: modality.name.clone(),
                unit: self.unit(modality),
                level,
                count: tally.count,
                realised: if self.is_mask { tally.rate() } else { tally.root_mean_square() },
                low,
                high,
                applied: tally.applied / rows.len().max(1) as f64,
            };
            let lower = reports.last().map_or(0.0, |lower| lower.applied);
            if !self.is_mask && tally.count > 0 && level > 0.0 && report.applied <= lower {
                let whom = "the test split on the average".into();
                return Err(SelfTestError::Shrinks { condition: report.condition, whom, found: report.applied, lower });
            }
            reports.push(report);
        }
        Ok(reports)
    }

    fn chunk(&self, levels: &[f64], names: &[&str], fields: &Fields<'_>, clean: &Block, tallies: &mut [Tally]) -> Result<(), SelfTestError> {
        let mut lower = clean.clone();
        let mut lower_realised = fields.apply(self.index, &[self.atom(0.0)], self.standardisation, &mut lower)?.per_sample;
        if !tally::same_bits(&lower, clean) || lower_realised.iter().any(|realised| *realised != 0.0) {
            return Err(SelfTestError::NotIdentity { condition: self.condition(0.0), modality: fields.modality().name.clone() });
        }
        for (&level, tally) in levels.iter().zip(tallies) {
            let mut corrupted = clean.clone();
            let realised = fields.apply(self.index, &[self.atom(level)], self.standardisation, &mut corrupted)?.per_sample;
            for ((name, &found), &lower) in names.iter().zip(&realised).zip(&lower_realised) {
                if found < lower {
                    let (whom, found, lower) = (format!("sample `{name}`"), f64::from(found), f64::from(lower));
                    return Err(SelfTestError::Shrinks { condition: self.condition(level), whom, found, lower });
                }
            }
            tally.applied += realised.iter().map(|realised| f64::from(*realised)).sum::<f64>();
            let touched = |what| SelfTestError::Touched { condition: self.condition(level), what };
            if self.is_mask {
                if !tally::keeps_changes(clean, &lower, &corrupted) {
                    return Err(touched("words or steps back that a lower rate masks"));
                }
                tally.add_mask(fields.modality(), self.standardisation, clean, &corrupted).map_err(|refusal| refusal.into_error(touched))?;
            } else {
                let mut unclamped = clean.clone();
                fields.corrupt(self.index, &[self.atom(level)], self.standardisation, &mut unclamped, None)?;
                tally.add_noise(fields.modality(), self.standardisation, clean, &unclamped).map_err(|refusal| refusal.into_error(touched))?;
            }
            (lower, lower_realised) = (corrupted, realised);
        }
        Ok(())
    }

    fn atom(&self, level: f64) -> DataAtom {
        if self.is_mask { DataAtom::Mask { modality: self.index, rate: level } } else { DataAtom::Noise { modality: self.index, sigma: level } }
    }

    fn condition(&self, level: f64) -> String {
        Condition::assemble(vec![self.atom(level)], None, Vec::new(), self.modalities).to_string()
    }

    fn unit(&self, modality: &Modality) -> &'static str {
        match modality.kind {
            Kind::Tokens { .. } => "share of words",
            _ if self.is_mask => "share of steps",
            Kind::Image { .. } => "pixels",
            Kind::Vector { .. } | Kind::Sequence { .. } => "training standard deviations",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: usize = 1500;

    fn modalities() -> Vec<Modality> {
        let kinds = [
            ("image", Kind::Image { channels: 1, height: 8, width: 8 }),
            ("audio", Kind::Sequence { steps: 6, dim: 4 }),
            ("text", Kind::Tokens { steps: 8, vocabulary: Vec::new() }),
        ];
        kinds.into_iter().map(|(name, kind)| Modality { name: name.into(), kind }).collect()
    }

    /// Ragged sequences with a constant feature and a feature of small units far from zero, images with black and white, some unknown words.
    fn read(index: usize, rows: &[usize]) -> Block {
        let each = |numel: usize, value: fn(usize) -> f32| rows.iter().flat_map(|row| (0..numel).map(move |at| value(row * 31 + at))).collect();
        let lengths: Vec<u32> = rows.iter().map(|row| u32::try_from(row % 7).unwrap()).collect();
        match index {
            0 => Block::Continuous { values: each(64, |at| (at % 5) as f32 / 4.0), lengths: None },
            1 => Block::Continuous { values: each(24, |at| 1000.0 + at as f32), lengths: Some(lengths) },
            _ => Block::Tokens {
                ids: rows.iter().flat_map(|row| (0..8).map(move |at| if at < row % 7 { 1 + (row + at) as u32 % 9 } else { 0 })).collect(),
                lengths,
            },
        }
    }

    fn run(index: usize, is_mask: bool, levels: &[f64]) -> Result<Vec<SelfTest>, SelfTestError> {
        let modalities = modalities();
        let of = Standardisation { mean: vec![1000.0; 4], scale: vec![1.0, 100.0, 0.01, 1.0], unit: vec![1.0, 100.0, 0.01, 0.0] };
        let probe = Probe { index, is_mask, modalities: &modalities, standardisation: (index == 1).then_some(&of), seed: 42 };
        let ids: Vec<String> = (0..SAMPLES).map(|sample| sample.to_string()).collect();
        let rows: Vec<usize> = (0..SAMPLES).collect();
        probe.run(levels, "dataset", &ids, &rows, |rows| read(index, rows))
    }

    #[test]
    fn image_noise_is_measured_before_clamping_and_reported_after() {
        let reports = run(0, false, &[0.08, 0.38]).unwrap();
        assert_eq!(reports.iter().map(|report| report.count).collect::<Vec<_>>(), [64 * 1500; 2]);
        for report in &reports {
            assert!(report.low < report.realised && report.realised < report.high, "{report:?}");
            assert!(report.applied < 0.95 * report.realised, "{report:?}");
            assert!((report.high - report.low) < 0.05 * report.level, "{report:?}");
        }
        assert_eq!((reports[1].condition.as_str(), reports[1].unit), ("noise(image,0.38)", "pixels"));
    }

    #[test]
    fn sequence_noise_is_measured_on_valid_steps_of_varying_features() {
        let reports = run(1, false, &[0.25, 2.0]).unwrap();
        let steps: u64 = (0..1500).map(|row| row % 7).sum();
        assert_eq!(reports[0].count, 3 * steps);
        assert_eq!(reports[0].unit, "training standard deviations");
    }

    #[test]
    fn masked_words_and_steps_are_counted_from_the_blocks_alone() {
        let words = run(2, true, &[0.05, 0.25, 1.0]).unwrap();
        assert_eq!((words[2].realised, words[2].applied), (1.0, 1285.0 / 1500.0));
        assert_eq!(run(1, true, &[0.5]).unwrap()[0].unit, "share of steps");
    }

    #[test]
    fn the_report_does_not_depend_on_chunks() {
        let alone = run(0, false, &[0.38]).unwrap();
        assert_eq!(run(0, false, &[0.08, 0.38]).unwrap()[1], alone[0]);
    }
}
