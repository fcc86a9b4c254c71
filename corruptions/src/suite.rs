/*!
Suites: named, versioned lists of conditions, kept as data in `suites/`.

A released suite never changes its conditions (a test holds their hash); what is new goes into a new version. Its defaults (datasets, methods,
seeds) are a convenience and may grow.
*/

use std::fmt;

use bench_datasets::{Modality, Unit};
use serde::Deserialize;
use thiserror::Error;

use crate::{
    AttackTerm, Condition, DataAtom, Group,
    closest::closest,
    condition::{LARGEST_LEVEL, Problem, check_level, parse_level},
};

const FORMAT: u32 = 1;

/// Most modalities of which all missing patterns are run: 4095 of them.
const MOST_MODALITIES: usize = 12;

const FILES: [(&str, &str); 5] = [
    ("robustness@1", include_str!("../suites/robustness@1.toml")),
    ("missing@1", include_str!("../suites/missing@1.toml")),
    ("noise@1", include_str!("../suites/noise@1.toml")),
    ("words@1", include_str!("../suites/words@1.toml")),
    ("adversarial@1", include_str!("../suites/adversarial@1.toml")),
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
        let mut suites = Self::all()?;
        suites.retain(|suite| suite.name == reference || suite.id() == reference);
        suites.into_iter().max_by_key(|suite| suite.version).ok_or_else(|| {
            let ids = FILES.map(|(id, _)| id);
            let names = ids.iter().map(|id| id.split('@').next().unwrap_or(id));
            let known = format!("known are {}", ids.map(|id| format!("`{id}`")).join(", "));
            let hint = match closest(reference, ids.into_iter().chain(names)) {
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

    /// Its conditions on a dataset: clean, noise, words, missing patterns, attacks; each once. Within a kind: modalities in dataset order, then
    /// levels. Missing patterns count up from 1 to 2^M − 1, the first modality being the highest bit and a set bit a modality that is there.
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
        let suite: Self = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().into()))?;
        if suite.format != FORMAT {
            return Err(fail(format!("field `format` is {}, this program reads {FORMAT}", suite.format)));
        }
        if suite.id() != id {
            return Err(fail(format!("fields `name` and `version` say `{}`", suite.id())));
        }
        if let Some((reason, hint)) = suite.words.iter().find_map(|level| check_level(level.0, 1.0).err()) as Option<Problem> {
            return Err(fail(format!("field `words`: {reason}; {hint}")));
        }
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
mod tests {
    use bench_datasets::Kind;
    use sha2::{Digest, Sha256};

    use super::*;

    fn modalities() -> Vec<Modality> {
        let kinds = [
            ("image", Kind::Image { channels: 3, height: 2, width: 2 }),
            ("text", Kind::Tokens { steps: 4, vocabulary: Vec::new() }),
            ("pen", Kind::Vector { dim: 2 }),
        ];
        kinds.into_iter().map(|(name, kind)| Modality { name: name.into(), kind }).collect()
    }

    fn texts(reference: &str) -> Vec<String> {
        let planned = Suite::named(reference).unwrap().conditions(&modalities()).unwrap();
        planned.iter().map(|planned| planned.condition.to_string()).collect()
    }

    /// A released suite never changes: a failure here asks for a new version, not for a new hash.
    #[test]
    fn released_conditions_stay() {
        for (id, count, hash) in [
            ("robustness@1", 27, "2c7fd8fc"),
            ("missing@1", 7, "d34a9d69"),
            ("noise@1", 10, "ff44bd15"),
            ("words@1", 6, "c6fe66c5"),
            ("adversarial@1", 7, "4d3634d0"),
        ] {
            let texts = texts(id);
            let digest: String = Sha256::digest(texts.join("\n")).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((texts.len(), digest.as_str()), (count, hash), "{id}: {texts:#?}");
        }
    }

    #[test]
    fn robustness_starts_clean_and_counts_missing_patterns_up() {
        let texts = texts("robustness");
        assert_eq!(texts[..2], ["clean", "noise(image,0.08)"]);
        let missing: Vec<&str> = texts.iter().map(String::as_str).filter(|text| text.starts_with("missing")).collect();
        let expected = ["missing(image,text)", "missing(image,pen)", "missing(image)", "missing(text,pen)", "missing(text)", "missing(pen)"];
        assert_eq!(missing, expected);
        assert_eq!(texts.last().map(String::as_str), Some("fgsm(pen,0.1)"));
    }

    #[test]
    fn every_planned_condition_reads_back_and_has_one_group() {
        for suite in Suite::all().unwrap() {
            for Planned { condition, group } in suite.conditions(&modalities()).unwrap() {
                let again = Condition::parse(&condition.to_string(), &modalities()).unwrap();
                assert_eq!((again.data(), again.attack(), again.group()), (condition.data(), condition.attack(), group));
                assert_ne!(group, Group::Mixed);
            }
        }
    }

    #[test]
    fn a_suite_is_named_with_or_without_its_version() {
        assert_eq!(Suite::named("robustness").unwrap().id(), "robustness@1");
        assert_eq!(Suite::named("words@1").unwrap().id(), "words@1");
        let hint = "did you mean `robustness`? (known are `robustness@1`, `missing@1`, `noise@1`, `words@1`, `adversarial@1`)";
        assert_eq!(Suite::named("robustnes").unwrap_err().to_string(), format!("there is no suite `robustnes`; {hint}"));
        assert!(matches!(Suite::named("robustness@9"), Err(SuiteError::Unknown { .. })));
    }

    #[test]
    fn all_patterns_of_too_many_modalities_are_refused() {
        let view = |number: usize| Modality { name: format!("view-{number}"), kind: Kind::Vector { dim: 1 } };
        let many = |count: usize| (0..count).map(view).collect::<Vec<_>>();
        let suite = Suite::named("missing").unwrap();
        assert_eq!(suite.conditions(&many(6)).unwrap().len(), 63);
        assert!(matches!(suite.conditions(&many(13)), Err(SuiteError::TooManyModalities { modalities: 13, .. })));
        assert!(Suite::named("noise").unwrap().conditions(&many(13)).is_ok());
    }

    #[test]
    fn mistakes_in_a_suite_file_are_named() {
        let start = "format = 1\nname = \"x\"\nversion = 1\nsummary = \"\"\n";
        assert!(Suite::read("x@1", start).is_ok());
        for (id, text, needle) in [
            ("x@1", format!("{start}wrods = [0.1]\n"), "wrods"),
            ("x@1", format!("{start}words = [1.5]\n"), "level 1.5 is too large"),
            ("x@1", format!("{start}words = [\"1/x\"]\n"), "level `1/x` is no number"),
            ("x@1", format!("{start}noise = {{ pixels = [-0.5] }}\n"), "level -0.5 is negative"),
            ("x@2", start.to_string(), "`x@1`"),
            ("x@1", start.replace("format = 1", "format = 2"), "`format` is 2"),
        ] {
            let message = Suite::read(id, &text).unwrap_err().to_string();
            assert!(message.contains(needle), "{message}");
        }
    }
}
