/*!
Which of our datasets stands where the paper has its own.

A dataset of the paper that is here stands for itself. Beside it, datasets given for the purpose stand in: they are dealt out, each once a table, until none
is left that fits: to the place that they were given for, which then takes no other, else where their modalities are of the same names or kinds, else of the same number, else
anywhere; within each of these in the order given and in the order of the table. So no number of ours is shown twice as if it were two.
*/

mod parts;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use parts::with_parts;
use parts::{parts, parts_braced, parts_named};

use crate::{
    Spec,
    spec::{Leaf, Meaning, Measure, PaperDataset, PaperDatasets},
};

/// A dataset that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// As in trials, `digits?train=500`.
    pub reference: String,
    /// Whether it has classes; else it has values.
    pub classes: bool,
    /// Name and kind (`vector`, `sequence`, `tokens`, `image`) of its modalities, in its order.
    pub modalities: Vec<(String, String)>,
}

/// A dataset that may stand in for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandsIn {
    /// The only one of the paper's datasets that it stands in for, where that was said.
    pub only_for: Option<String>,
    /// The dataset.
    pub dataset: Here,
}

/// One of our datasets in the place of the paper's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Line of measured numbers, from 0.
    pub line: usize,
    /// The paper's dataset; empty where the table names none.
    pub of: String,
    /// Ours.
    pub dataset: Here,
    /// Whether it is another than the paper's.
    pub stands_in: bool,
    /// Our modality for each part that the paper's tables name; empty where the table names no parts.
    pub parts: BTreeMap<String, String>,
    /// A dataset of the same modalities that training can start from, where the table wants that.
    pub start: Option<String>,
}

/// What a table wants of one of the paper's datasets.
#[derive(Debug, Default)]
struct Wants {
    /// `None`: either.
    classes: BTreeSet<bool>,
    parts: BTreeSet<String>,
    /// Whether something starts from other weights.
    start: bool,
}

/// Deals out datasets over a table: `own` are the paper's datasets that are here, by the paper's name.
pub fn assign(spec: &Spec, papers: &PaperDatasets, own: &BTreeMap<String, Here>, stand_ins: &[StandsIn]) -> Vec<Assigned> {
    let wants = wants(spec);
    let mut left: Vec<&StandsIn> = stand_ins.iter().collect();
    let mut assigned = Vec::new();
    for line in 0.. {
        let before = assigned.len();
        let mut open: Vec<&(String, Wants)> = wants.iter().collect();
        if line == 0 {
            open.retain(|(name, wants)| match own.get(name) {
                Some(dataset) => {
                    assigned.push(place(line, name, wants, papers, dataset, false, stand_ins));
                    false
                }
                None => true,
            });
        }
        // A place that something was given for takes nothing else.
        let reserved = |name: &str| stand_ins.iter().any(|other| other.only_for.as_deref() == Some(name));
        for likeness in [Likeness::Named, Likeness::Parts, Likeness::Number, Likeness::Any] {
            open.retain(|(name, wants)| {
                let found = left
                    .iter()
                    .position(|other| fits(other, name, wants, papers.get(name)) && likeness.holds(other, name, papers.get(name), reserved(name)));
                let Some(at) = found else { return true };
                let dataset = left.remove(at).dataset.clone();
                // Under whatever name it was given: no number is shown twice.
                left.retain(|other| other.dataset.reference != dataset.reference);
                assigned.push(place(line, name, wants, papers, &dataset, true, stand_ins));
                false
            });
        }
        if assigned.len() == before {
            break;
        }
    }
    assigned.sort_by_key(|one| (one.line, wants.iter().position(|(name, _)| *name == one.of)));
    assigned
}

fn place(line: usize, name: &str, wants: &Wants, papers: &PaperDatasets, dataset: &Here, stands_in: bool, stand_ins: &[StandsIn]) -> Assigned {
    Assigned {
        line,
        of: name.to_owned(),
        parts: if wants.parts.is_empty() { BTreeMap::new() } else { parts(&known_parts(papers.get(name), wants), dataset).0 },
        start: wants.start.then(|| start(dataset, stand_ins)).flatten(),
        dataset: dataset.clone(),
        stands_in,
    }
}

/// How near a stand-in is to the paper's dataset, the nearest first.
#[derive(Debug, Clone, Copy)]
enum Likeness {
    /// It was given for this place.
    Named,
    /// Every part has a modality of its name or kind.
    Parts,
    /// It has as many modalities.
    Number,
    /// It can be used.
    Any,
}

impl Likeness {
    fn holds(self, other: &StandsIn, name: &str, paper: Option<&PaperDataset>, reserved: bool) -> bool {
        if reserved {
            return other.only_for.as_deref() == Some(name);
        }
        let of_paper = paper.map_or(&[][..], |paper| paper.parts.as_slice());
        let same_number = of_paper.len() == other.dataset.modalities.len();
        match self {
            Self::Named => other.only_for.as_deref() == Some(name),
            Self::Parts => same_number && parts(of_paper, &other.dataset).1,
            Self::Number => same_number,
            Self::Any => true,
        }
    }
}

/// The paper's datasets of which something can be measured, in the order of the table, with what is wanted of them.
fn wants(spec: &Spec) -> Vec<(String, Wants)> {
    let mut all: Vec<(String, Wants)> = Vec::new();
    let cells = || spec.rows.iter().flat_map(|row| spec.columns.iter().map(move |column| (row, column)));
    let datasets: Vec<String> = spec.datasets().into_iter().map(ToOwned::to_owned).chain([String::new()]).collect();
    for (row, column) in cells() {
        let Some(meaning) = measured(spec, row, column) else { continue };
        let name = meaning.dataset.clone().unwrap_or_default();
        let at = all.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            all.push((name, Wants::default()));
            all.len() - 1
        });
        let wants = &mut all[at].1;
        wants.classes.extend(meaning.measure.as_ref().and_then(Measure::of_classes));
        wants.parts.extend(meaning.condition.iter().flat_map(|condition| parts_named(condition)));
        if let Some(Measure::Diagnostic(name)) = &meaning.measure {
            wants.parts.extend(parts_braced(name));
        }
        wants.start |= meaning.start.is_some();
    }
    all.sort_by_key(|(name, _)| datasets.iter().position(|known| known == name));
    all
}

/// What a cell measures; `None` for derived, printed and refused cells.
fn measured(spec: &Spec, row: &Leaf, column: &Leaf) -> Option<Meaning> {
    let meaning = spec.meaning(row, column).ok()?;
    let plain = meaning.reported_only.is_none() && meaning.derive.is_none() && meaning.measure.is_some();
    (plain && (meaning.method.is_some() || matches!(meaning.measure, Some(Measure::Of(_))))).then_some(meaning)
}

fn fits(other: &StandsIn, name: &str, wants: &Wants, paper: Option<&PaperDataset>) -> bool {
    let dataset = &other.dataset;
    let meant = other.only_for.as_ref().is_none_or(|only| only == name);
    let task = wants.classes.iter().all(|classes| *classes == dataset.classes);
    let number = known_parts(paper, wants).len();
    meant && task && (wants.parts.is_empty() || number == dataset.modalities.len()) && dataset.modalities.len() > 1
}

/// All parts of the paper's dataset, else those that conditions name.
fn known_parts(paper: Option<&PaperDataset>, wants: &Wants) -> Vec<String> {
    paper.map_or_else(|| wants.parts.iter().cloned().collect(), |paper| paper.parts.clone())
}

/// A dataset of the same modalities, which is no variant of the same one.
fn start(dataset: &Here, stand_ins: &[StandsIn]) -> Option<String> {
    let plain = |reference: &str| reference.split('?').next().unwrap_or_default().to_owned();
    let same = |other: &&StandsIn| other.dataset.modalities == dataset.modalities && plain(&other.dataset.reference) != plain(&dataset.reference);
    stand_ins.iter().find(same).map(|other| other.dataset.reference.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(reference: &str, classes: bool, modalities: &[(&str, &str)]) -> Here {
        let modalities = modalities.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
        Here { reference: reference.into(), classes, modalities }
    }

    fn digits() -> Here {
        here("digits?train=500", true, &[("audio", "sequence"), ("image", "image"), ("pen", "vector")])
    }

    fn openmoji() -> Here {
        here("openmoji", true, &[("image", "image"), ("text", "tokens")])
    }

    fn votes(reference: &str, classes: bool) -> Here {
        here(reference, classes, &[("voice", "vector"), ("face", "vector")])
    }

    fn stand_ins(datasets: &[Here]) -> Vec<StandsIn> {
        datasets.iter().map(|dataset| StandsIn { only_for: None, dataset: dataset.clone() }).collect()
    }

    fn spec(columns: &str) -> Spec {
        let text = format!(
            "format = 1\nid = 'x-1'\npaper = 'x'\ncaption = ''\ncorner = 'Method'\nrows = [{{ key = 'a', method = 'concat' }}]\ncolumns = [{columns}]"
        );
        Spec::read("x.toml", &text).unwrap()
    }

    fn papers() -> PaperDatasets {
        let one = |name: &str, parts: &[&str]| {
            (
                name.to_owned(),
                PaperDataset { name: name.to_lowercase(), about: String::new(), parts: parts.iter().map(ToString::to_string).collect() },
            )
        };
        BTreeMap::from([one("Food", &["I", "T"]), one("News", &["I", "T"]), one("Emo", &["A", "T", "V"])])
    }

    const RAML: &str = "{ key = '1', dataset = 'Food', measure = 'accuracy', condition = 'only(I)' }, \
        { key = '2', dataset = 'News', measure = 'accuracy', condition = 'only(T)' }, { key = '3', dataset = 'Emo', measure = 'accuracy', condition = 'only(V)' }";

    #[test]
    fn each_stand_in_is_dealt_once_to_the_first_place_that_it_fits() {
        let on = stand_ins(&[digits(), openmoji(), votes("cremad-agree", false), votes("cremad-votes", true)]);
        let found = assign(&spec(RAML), &papers(), &BTreeMap::new(), &on);
        let shown: Vec<_> = found.iter().map(|one| (one.line, one.of.as_str(), one.dataset.reference.as_str())).collect();
        assert_eq!(shown, [(0, "Food", "openmoji"), (0, "News", "cremad-votes"), (0, "Emo", "digits?train=500")]);
        // Voice has no name that text or image have: it is what is left.
        assert_eq!(found[1].parts, BTreeMap::from([("I".into(), "face".into()), ("T".into(), "voice".into())]));
        assert_eq!(found[2].parts["T"], "pen");
        assert!(found.iter().all(|one| one.stands_in));
    }

    #[test]
    fn what_is_left_over_makes_another_line_and_the_papers_own_data_come_first() {
        let one_place = "{ key = '1', dataset = 'Food', measure = 'accuracy' }";
        let own = BTreeMap::from([("Food".to_owned(), here("food", true, &[("image", "vector"), ("text", "vector")]))]);
        let found = assign(&spec(one_place), &papers(), &own, &stand_ins(&[digits(), openmoji()]));
        let shown: Vec<_> = found.iter().map(|one| (one.line, one.stands_in, one.dataset.reference.as_str())).collect();
        // Without parts in a condition three modalities can be used, but two are nearer.
        assert_eq!(shown, [(0, false, "food"), (1, true, "openmoji"), (2, true, "digits?train=500")]);
        assert!(found[1].parts.is_empty());
    }

    #[test]
    fn a_dataset_that_is_named_for_one_place_takes_it() {
        let mut on = stand_ins(&[openmoji(), votes("cremad-votes", true)]);
        on[1].only_for = Some("Food".into());
        let found = assign(&spec(RAML), &papers(), &BTreeMap::new(), &on);
        let shown: Vec<_> = found.iter().map(|one| (one.of.as_str(), one.dataset.reference.as_str())).collect();
        assert_eq!(shown, [("Food", "cremad-votes"), ("News", "openmoji")]);
        // Given twice, once for a place: the place has it, and takes nothing else, also where something is left.
        on[0].only_for = None;
        on.push(StandsIn { only_for: Some("Food".into()), dataset: votes("cremad-agree-classes", true) });
        on.push(StandsIn { only_for: None, dataset: votes("cremad-votes", true) });
        on.push(StandsIn { only_for: None, dataset: votes("third", true) });
        let found = assign(&spec(RAML), &papers(), &BTreeMap::new(), &on);
        let shown: Vec<_> = found.iter().map(|one| (one.line, one.of.as_str(), one.dataset.reference.as_str())).collect();
        assert_eq!(shown, [(0, "Food", "cremad-votes"), (0, "News", "openmoji"), (1, "Food", "cremad-agree-classes"), (1, "News", "third")]);
    }

    #[test]
    fn training_starts_from_another_dataset_of_the_same_modalities() {
        let text = "{ key = '1', dataset = 'Food', measure = 'accuracy', start = 'News' }";
        let on = stand_ins(&[votes("cremad-votes?train=1000", true), votes("cremad-votes", true), votes("cremad-agree", false), openmoji()]);
        let found = assign(&spec(text), &papers(), &BTreeMap::new(), &on);
        let votes = found.iter().find(|one| one.dataset.reference == "cremad-votes?train=1000").unwrap();
        assert_eq!(votes.start.as_deref(), Some("cremad-agree"));
        assert_eq!(found.iter().find(|one| one.dataset.reference == "openmoji").unwrap().start, None);
    }
}
