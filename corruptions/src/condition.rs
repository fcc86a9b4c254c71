/*!
A condition: what every sample of a test set suffers, in canonical form against a dataset's modalities.

Canonical text is the condition's identity: it names the file of scores, the row of a table and the record. So there is exactly one text for each
condition of a dataset: data corruptions, then the attack, then what is missing; modalities in dataset order; shortest numbers.
*/

mod error;
mod level;
mod resolve;
mod syntax;

use std::{cmp::Ordering, fmt, hash};

use bench_datasets::{Kind, Modality};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

pub use error::ConditionError;
pub(crate) use level::{parse as parse_level, text as level_text};
pub(crate) use resolve::{LARGEST_LEVEL, Problem, check_level};

/// A condition, canonical against the modalities it was parsed with. Compared, hashed and ordered by its canonical text.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    data: Vec<DataAtom>,
    attack: Option<Vec<AttackTerm>>,
    missing: Vec<usize>,
    group: Group,
}

/// One corruption of the data of one modality, drawn by key.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DataAtom {
    /// Gaussian noise on a continuous modality.
    Noise {
        /// Index of the modality in the dataset.
        modality: usize,
        /// Standard deviation in the modality's unit: pixels (then clamped to [0, 1]) or training standard deviations; at least 0.
        sigma: f64,
    },
    /// Words become the unknown token; steps of a sequence become the training mean, which is zero once normalised.
    Mask {
        /// Index of the modality in the dataset.
        modality: usize,
        /// Probability of a word or step to be masked, in [0, 1].
        rate: f64,
    },
}

impl DataAtom {
    /// Index of the modality that it concerns.
    pub fn modality(&self) -> usize {
        match *self {
            Self::Noise { modality, .. } | Self::Mask { modality, .. } => modality,
        }
    }

    /// Its severity: σ or the mask's rate.
    pub fn level(&self) -> f64 {
        match *self {
            Self::Noise { sigma, .. } => sigma,
            Self::Mask { rate, .. } => rate,
        }
    }

    fn order(&self) -> (u8, usize) {
        match *self {
            Self::Noise { modality, .. } => (0, modality),
            Self::Mask { modality, .. } => (1, modality),
        }
    }
}

/// What a joint attack may do to one modality.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AttackTerm {
    /// Index of the modality in the dataset.
    pub modality: usize,
    /// Largest change of an element (ℓ∞) in the modality's unit: pixels or training standard deviations; at least 0.
    pub epsilon: f64,
}

/// The family of a condition; tables and statistics average within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Nothing happens.
    Clean,
    /// Gaussian noise only.
    Noise,
    /// Masked words only.
    Words,
    /// Missing modalities only.
    Missing,
    /// An attack only.
    Attack,
    /// Several of these, or masked steps of a sequence, which no other group averages.
    Mixed,
}

impl fmt::Display for Group {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Clean => "clean",
            Self::Noise => "noise",
            Self::Words => "words",
            Self::Missing => "missing",
            Self::Attack => "attack",
            Self::Mixed => "mixed",
        })
    }
}

impl Condition {
    /// Reads an expression such as `noise(image,0.18)+missing(audio)` against a dataset's modalities; `docs/conditions.md` has the grammar.
    ///
    /// # Errors
    /// Wherever the expression is malformed, names what the dataset has not, or asks for what has no meaning or no effect; the error points at it.
    pub fn parse(text: &str, modalities: &[Modality]) -> Result<Self, ConditionError> {
        let atoms = syntax::parse(text)?;
        resolve::resolve(text, &atoms, modalities)
    }

    /// Nothing happens to any sample.
    pub fn clean() -> Self {
        Self { text: "clean".into(), data: Vec::new(), attack: None, missing: Vec::new(), group: Group::Clean }
    }

    /// Whether each of the dataset's modalities is there: the row δ `[M]` that all samples share.
    pub fn availability(&self, modalities: usize) -> Vec<bool> {
        (0..modalities).map(|modality| !self.missing.contains(&modality)).collect()
    }

    /// Corruptions of the data, in the order in which they are applied: noise before masks, dataset order.
    pub fn data(&self) -> &[DataAtom] {
        &self.data
    }

    /// The joint attack, computed on the already corrupted input; its terms in dataset order.
    pub fn attack(&self) -> Option<&[AttackTerm]> {
        self.attack.as_deref()
    }

    /// Its family.
    pub fn group(&self) -> Group {
        self.group
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the canonical text; scores lie in `eval/<hash>.parquet`.
    pub fn hash(&self) -> String {
        Sha256::digest(self.text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Brings checked parts into canonical order and words. `missing` and the modalities of all atoms must be indices of `modalities`.
    pub(crate) fn assemble(mut data: Vec<DataAtom>, mut attack: Option<Vec<AttackTerm>>, mut missing: Vec<usize>, modalities: &[Modality]) -> Self {
        data.sort_by_key(DataAtom::order);
        missing.sort_unstable();
        if let Some(terms) = &mut attack {
            terms.sort_by_key(|term| term.modality);
        }
        let name = |modality: usize| modalities.get(modality).map_or("", |modality| modality.name.as_str());
        let mut atoms: Vec<String> = data
            .iter()
            .map(|atom| match *atom {
                DataAtom::Noise { modality, sigma } => format!("noise({},{})", name(modality), level_text(sigma)),
                DataAtom::Mask { modality, rate } => format!("mask({},{})", name(modality), level_text(rate)),
            })
            .collect();
        match attack.as_deref() {
            None => {}
            Some([term]) => atoms.push(format!("fgsm({},{})", name(term.modality), level_text(term.epsilon))),
            Some(terms) => {
                let terms: Vec<String> = terms.iter().map(|term| format!("{}:{}", name(term.modality), level_text(term.epsilon))).collect();
                atoms.push(format!("fgsm({})", terms.join(",")));
            }
        }
        if !missing.is_empty() {
            let names: Vec<&str> = missing.iter().map(|&modality| name(modality)).collect();
            atoms.push(format!("missing({})", names.join(",")));
        }
        if atoms.is_empty() {
            return Self::clean();
        }
        let group = group(&data, attack.is_some(), !missing.is_empty(), modalities);
        Self { text: atoms.join("+"), data, attack, missing, group }
    }
}

fn group(data: &[DataAtom], attacked: bool, missing: bool, modalities: &[Modality]) -> Group {
    let of_atom = |atom: &DataAtom| match atom {
        DataAtom::Noise { .. } => Group::Noise,
        DataAtom::Mask { modality, .. } if matches!(modalities.get(*modality).map(|m| &m.kind), Some(Kind::Tokens { .. })) => Group::Words,
        DataAtom::Mask { .. } => Group::Mixed,
    };
    let groups = data.iter().map(of_atom).chain(attacked.then_some(Group::Attack)).chain(missing.then_some(Group::Missing));
    groups.reduce(|one, other| if one == other { one } else { Group::Mixed }).unwrap_or(Group::Clean)
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl hash::Hash for Condition {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Condition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Condition {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}
