//! What a row, a column or a cell is of.

use bench_card::{MethodRef, Options};
use serde::Deserialize;

use super::{Derive, Measure};

/// What a row or column says of its cells; what both say together is what a cell is of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning {
    /// The method with its variant.
    pub method: Option<MethodRef>,
    /// Options set beside the method's own, e.g. the swept one.
    pub options: Options,
    /// Which training settings of the card; the harness's where nothing is said.
    pub preset: Option<Preset>,
    /// The paper's dataset that training starts from (pre-training).
    pub start: Option<String>,
    /// Whether the encoders stay as pre-trained.
    pub freeze: Option<bool>,
    /// The paper's dataset.
    pub dataset: Option<String>,
    /// What the test set suffers, with the paper's names for modalities: `noise(V,0.5)`, `only(I)`; `patterns` for the mean over all missing patterns,
    /// `rate(0.3)` for each modality missing with that probability. Clean where nothing is said.
    pub condition: Option<String>,
    /// The quantity.
    pub measure: Option<Measure>,
    /// How it is computed from other cells.
    pub derive: Option<Derive>,
    /// Why it is not measured here.
    pub reported_only: Option<String>,
    /// The method of [`crate::reported`] that it is of.
    pub reported: Option<String>,
}

/// Training settings of a method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The harness's.
    #[default]
    Harness,
    /// The paper's.
    Paper,
    /// Those that tuning chose for the method on the cell's dataset.
    Tuned,
}

impl Meaning {
    /// This, with what it does not say taken from `outer`.
    pub(super) fn over(self, outer: &Self) -> Self {
        let mut options = outer.options.clone();
        options.extend(self.options);
        Self {
            method: self.method.or_else(|| outer.method.clone()),
            options,
            preset: self.preset.or(outer.preset),
            start: self.start.or_else(|| outer.start.clone()),
            freeze: self.freeze.or(outer.freeze),
            dataset: self.dataset.or_else(|| outer.dataset.clone()),
            condition: self.condition.or_else(|| outer.condition.clone()),
            measure: self.measure.or_else(|| outer.measure.clone()),
            derive: self.derive.or_else(|| outer.derive.clone()),
            reported_only: self.reported_only.or_else(|| outer.reported_only.clone()),
            reported: self.reported.or_else(|| outer.reported.clone()),
        }
    }

    /// What this and `other` say together; the name of the field where both say something.
    pub(super) fn joined(&self, other: &Self) -> Result<Self, &'static str> {
        let clashes = [
            ("method", self.method.is_some() && other.method.is_some()),
            ("preset", self.preset.is_some() && other.preset.is_some()),
            ("start", self.start.is_some() && other.start.is_some()),
            ("freeze", self.freeze.is_some() && other.freeze.is_some()),
            ("dataset", self.dataset.is_some() && other.dataset.is_some()),
            ("condition", self.condition.is_some() && other.condition.is_some()),
            ("measure", self.measure.is_some() && other.measure.is_some() && self.derive.is_none() && other.derive.is_none()),
            ("derive", self.derive.is_some() && other.derive.is_some()),
            ("with", self.options.keys().any(|name| other.options.contains_key(name))),
        ];
        match clashes.iter().find(|(_, clash)| *clash) {
            Some((name, _)) => Err(name),
            None => Ok(self.clone().over(other)),
        }
    }
}
