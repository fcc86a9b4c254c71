/*!
Suites: named, versioned lists of conditions, kept as data in `suites/`.

A released suite never changes its conditions (a test holds their hash); what is new goes into a new version. Its defaults (datasets, methods,
seeds) are a convenience and may grow.
*/

mod template;

use std::fmt;

use bench_datasets::{Modality, Unit};
use serde::Deserialize;
use thiserror::Error;

use crate::{
    AttackTerm, Condition, DataAtom, Group,
    closest::closest,
    condition::{LARGEST_LEVEL, Problem, check_level, parse_level},
};

use template::Template;

const FORMAT: u32 = 1;

/// Most modalities of which all missing patterns are run: 4095 of them.
const MOST_MODALITIES: usize = 12;

const FILES: [(&str, &str); 22] = [
    ("robustness@1", include_str!("../suites/robustness@1.toml")),
    ("missing@1", include_str!("../suites/missing@1.toml")),
    ("noise@1", include_str!("../suites/noise@1.toml")),
    ("words@1", include_str!("../suites/words@1.toml")),
    ("adversarial@1", include_str!("../suites/adversarial@1.toml")),
    ("clean@1", include_str!("../suites/clean@1.toml")),
    ("raml-table1@1", include_str!("../suites/raml-table1@1.toml")),
    ("raml-table2@1", include_str!("../suites/raml-table2@1.toml")),
    ("raml-table3@1", include_str!("../suites/raml-table3@1.toml")),
    ("raml-table4@1", include_str!("../suites/raml-table4@1.toml")),
    ("raml-table5@1", include_str!("../suites/raml-table5@1.toml")),
    ("raml-table6@1", include_str!("../suites/raml-table6@1.toml")),
    ("def-aaf-table4@1", include_str!("../suites/def-aaf-table4@1.toml")),
    ("def-aaf-table6@1", include_str!("../suites/def-aaf-table6@1.toml")),
    ("def-aaf-table7@1", include_str!("../suites/def-aaf-table7@1.toml")),
    ("def-aaf-figure2@1", include_str!("../suites/def-aaf-figure2@1.toml")),
    ("mla-table5@1", include_str!("../suites/mla-table5@1.toml")),
    ("mla-table6@1", include_str!("../suites/mla-table6@1.toml")),
    ("mla-table7@1", include_str!("../suites/mla-table7@1.toml")),
    ("cp-sl-table2@1", include_str!("../suites/cp-sl-table2@1.toml")),
    ("decalign-table3@1", include_str!("../suites/decalign-table3@1.toml")),
    ("decalign-table4@1", include_str!("../suites/decalign-table4@1.toml")),
];

/// A named, versioned list of conditions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    format: u32,
    /// As in `--suite robustness`.
    pub name: String,
    /// Raised whenever a condition changes.
    pub version: u32,
    /// One sentence: what it asks.
    pub summary: String,
    /// The table or figure whose conditions it holds, `RAML, Table II`; `None` where it is of no paper.
    pub paper: Option<String>,
    /// What `bench run` takes where nothing else is said.
    #[serde(default)]
    pub defaults: Defaults,
    /// Noise on each continuous modality.
    #[serde(default)]
    noise: Levels,
    /// Rates of masked words on each text.
    #[serde(default)]
    words: Vec<Level>,
    /// Whether all patterns of missing modalities are run.
    #[serde(default)]
    missing: bool,
    /// FGSM on each continuous modality.
    #[serde(default)]
    fgsm: Levels,
    /// Further conditions, in which `each` stands for a modality.
    #[serde(default, rename = "conditions")]
    expressions: Vec<String>,
    /// The same, read.
    #[serde(skip)]
    templates: Vec<Template>,
}

/// What a run of the suite takes where neither flags nor files say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Datasets, as in `--dataset`.
    pub datasets: Vec<String>,
    /// Methods, as in `--method`.
    pub methods: Vec<String>,
    /// Seeds, as in `--seeds`.
    pub seeds: Vec<u64>,
}

/// One condition of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What the test set suffers.
    pub condition: Condition,
    /// Its family.
    pub group: Group,
}

/// Why there is no such suite, or none for this dataset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SuiteError {
    /// No suite of this name or version.
    #[error("there is no suite `{reference}`; {hint}")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// What there is.
        hint: String,
    },
    /// A suite file is malformed.
    #[error("suite `{file}`: {problem}")]
    File {
        /// Name of the file without ending.
        file: String,
        /// The field and what is wrong with it.
        problem: String,
    },
    /// All missing patterns of so many modalities are too many.
    #[error(
        "suite `{suite}` runs all patterns of missing modalities, and {modalities} modalities have too many (at most {MOST_MODALITIES}); choose another suite, or name conditions one by one"
    )]
    TooManyModalities {
        /// The suite.
        suite: String,
        /// Modalities of the dataset.
        modalities: usize,
    },
}

/// Severities by unit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    #[serde(default)]
    pixels: Vec<Level>,
    /// In training standard deviations.
    #[serde(default)]
    features: Vec<Level>,
}

/// A severity, written as a number or as a fraction in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "LevelText")]
struct Level(f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum LevelText {
    Number(f64),
    Fraction(String),
}

impl TryFrom<LevelText> for Level {
    type Error = String;

    fn try_from(level: LevelText) -> Result<Self, String> {
        let value = match level {
            LevelText::Number(value) => value,
            LevelText::Fraction(text) => parse_level(&text).map_err(|problem| format!("level `{text}` {problem}"))?,
        };
        check_level(value, LARGEST_LEVEL).map(Self).map_err(|(reason, _)| reason)
    }
}

impl Suite {
    /// The suite that `name` (the newest version) or `name@version` stands for.
    ///
    /// # Errors
    /// Where there is none; the error lists those that there are.
    pub fn named(reference: &str) -> Result<Self, SuiteError> {
        let suites = Self::all()?;
        let found = suites.iter().filter(|suite| suite.name == reference || suite.id() == reference).max_by_key(|suite| suite.version);
        found.cloned().ok_or_else(|| {
            // The papers' are too many for a sentence.
            let general = suites.iter().filter(|suite| suite.paper.is_none()).map(|suite| format!("`{}`", suite.id()));
            let known = format!("known are {}, and those of papers' tables, see `bench suites`", general.collect::<Vec<_>>().join(", "));
            let ids: Vec<String> = suites.iter().map(Self::id).collect();
            let names = suites.iter().map(|suite| suite.name.as_str());
            let hint = match closest(reference, ids.iter().map(String::as_str).chain(names)) {
                Some(meant) => format!("did you mean `{meant}`? ({known})"),
                None => known,
            };
            SuiteError::Unknown { reference: reference.escape_debug().to_string(), hint }
        })
    }

    /// All suites, the default one first.
    ///
    /// # Errors
    /// Where a suite's file is malformed.
    pub fn all() -> Result<Vec<Self>, SuiteError> {
        FILES.iter().map(|(id, text)| Self::read(id, text)).collect()
    }

    /// Name and version, `robustness@1`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Its conditions on a dataset: clean, noise, words, missing patterns, attacks, then those of its templates; each once. Within a kind: modalities
    /// in dataset order, then levels. Missing patterns count up from 1 to 2^M − 1, the first modality being the highest bit and a set bit a modality that is there.
    ///
    /// # Errors
    /// Where the suite runs all missing patterns and the dataset has more than 12 modalities.
    pub fn conditions(&self, modalities: &[Modality]) -> Result<Vec<Planned>, SuiteError> {
        let mut conditions = vec![Condition::clean()];
        let data = |atom: DataAtom| Condition::assemble(vec![atom], None, Vec::new(), modalities);
        for (modality, level) in at_levels(modalities, |unit| self.noise.of(unit)) {
            conditions.push(data(DataAtom::Noise { modality, sigma: level }));
        }
        for (modality, level) in at_levels(modalities, |unit| if unit == Unit::Words { &self.words } else { &[] }) {
            conditions.push(data(DataAtom::Mask { modality, rate: level }));
        }
        if self.missing {
            conditions.extend(self.missing_patterns(modalities)?);
        }
        for (modality, level) in at_levels(modalities, |unit| self.fgsm.of(unit)) {
            conditions.push(Condition::assemble(Vec::new(), Some(vec![AttackTerm { modality, epsilon: level }]), Vec::new(), modalities));
        }
        conditions.extend(self.templates.iter().flat_map(|template| template.conditions(modalities)));
        let mut seen = std::collections::HashSet::new();
        conditions.retain(|condition| seen.insert(condition.clone()));
        Ok(conditions.into_iter().map(|condition| Planned { group: condition.group(), condition }).collect())
    }

    fn missing_patterns(&self, modalities: &[Modality]) -> Result<Vec<Condition>, SuiteError> {
        let count = modalities.len();
        if count > MOST_MODALITIES {
            return Err(SuiteError::TooManyModalities { suite: self.id(), modalities: count });
        }
        let missing = |pattern: u32| (0..count).filter(|modality| pattern >> (count - 1 - modality) & 1 == 0).collect();
        Ok((1..1_u32 << count).map(|pattern| Condition::assemble(Vec::new(), None, missing(pattern), modalities)).collect())
    }

    fn read(id: &str, text: &str) -> Result<Self, SuiteError> {
        let fail = |problem: String| SuiteError::File { file: id.into(), problem };
        let mut suite: Self = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().into()))?;
        if suite.format != FORMAT {
            return Err(fail(format!("field `format` is {}, this program reads {FORMAT}", suite.format)));
        }
        if suite.id() != id {
            return Err(fail(format!("fields `name` and `version` say `{}`", suite.id())));
        }
        if let Some((reason, hint)) = suite.words.iter().find_map(|level| check_level(level.0, 1.0).err()) as Option<Problem> {
            return Err(fail(format!("field `words`: {reason}; {hint}")));
        }
        let read = suite.expressions.iter().map(|text| text.parse()).collect::<Result<_, String>>();
        suite.templates = read.map_err(|problem| fail(format!("field `conditions`: {problem}")))?;
        Ok(suite)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.id())
    }
}

impl Levels {
    fn of(&self, unit: Unit) -> &[Level] {
        match unit {
            Unit::Pixels => &self.pixels,
            Unit::TrainingStandardDeviations => &self.features,
            Unit::Words => &[],
        }
    }
}

fn at_levels<'a>(modalities: &'a [Modality], of: impl Fn(Unit) -> &'a [Level]) -> impl Iterator<Item = (usize, f64)> {
    let levels = modalities.iter().map(move |modality| of(modality.kind.unit()));
    levels.enumerate().flat_map(|(modality, levels)| levels.iter().map(move |level| (modality, level.0)))
}

#[cfg(test)]
mod tests;
