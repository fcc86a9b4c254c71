/*!
What has to be measured for a table: for each cell and line a question about one method on one of our datasets, or why there is none.
*/

use std::collections::BTreeMap;

use bench_card::MethodRef;

use crate::{
    Spec,
    assign::{Assigned, Here, with_parts},
    spec::{Leaf, Meaning, Measure, PaperDatasets, Preset},
};

/// Most modalities of which all missing patterns are asked for.
const MOST_MODALITIES: usize = 12;

/// A question about one method on one dataset, all seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Our dataset, as in trials.
    pub dataset: String,
    /// The method with its variant and options; `None` for a fact of the dataset.
    pub method: Option<MethodRef>,
    /// Which training settings of its card.
    pub preset: Preset,
    /// The dataset that training starts from, and whether the encoders stay as they are.
    pub start: Option<(String, bool)>,
    /// Conditions in our modalities' names with their weights, which sum to 1; `clean` alone for what depends on none.
    pub conditions: Vec<(String, f64)>,
    /// The quantity; parts in its name are our modalities.
    pub measure: Measure,
}

/// What a cell asks on a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// To be measured.
    Measure(Box<Request>),
    /// To be computed from other cells.
    Derive,
    /// Nothing, and why, in a few words.
    Absent(String),
    /// Nothing: the paper has no such number, or the line is not used here.
    Nothing,
}

/// A table with what its cells ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Questions {
    /// Lines of measured numbers.
    pub lines: usize,
    /// By row, column, line.
    pub asks: Vec<Vec<Vec<Ask>>>,
}

impl Questions {
    /// What a table asks of the datasets that were dealt out.
    ///
    /// # Errors
    /// A row and a column that do not go together.
    pub fn of(spec: &Spec, papers: &PaperDatasets, assigned: &[Assigned]) -> Result<Self, String> {
        let lines = assigned.iter().map(|one| one.line + 1).max().unwrap_or(1);
        let cell = |row: &Leaf, column: &Leaf| -> Result<Vec<Ask>, String> {
            let meaning = spec.meaning(row, column)?;
            Ok((0..lines).map(|line| ask(&meaning, papers, assigned, line)).collect())
        };
        let row = |row: &Leaf| spec.columns.iter().map(|column| cell(row, column)).collect::<Result<Vec<_>, _>>();
        Ok(Self { lines, asks: spec.rows.iter().map(row).collect::<Result<_, _>>()? })
    }

    /// Everything that is to be measured, each once, in the order of the table.
    pub fn requests(&self) -> Vec<&Request> {
        let mut all: Vec<&Request> = Vec::new();
        for ask in self.asks.iter().flatten().flatten() {
            if let Ask::Measure(request) = ask
                && !all.contains(&request.as_ref())
            {
                all.push(request);
            }
        }
        all
    }
}

fn ask(meaning: &Meaning, papers: &PaperDatasets, assigned: &[Assigned], line: usize) -> Ask {
    if let Some(reason) = &meaning.reported_only {
        return if line == 0 { Ask::Absent(reason.clone()) } else { Ask::Nothing };
    }
    if meaning.derive.is_some() {
        return Ask::Derive;
    }
    let Some(measure) = &meaning.measure else { return Ask::Nothing };
    if meaning.method.is_none() && !matches!(measure, Measure::Of(_)) {
        return Ask::Nothing;
    }
    let name = meaning.dataset.as_deref().unwrap_or_default();
    let Some(place) = assigned.iter().find(|one| one.of == name && one.line == line) else {
        // Said once, where nothing at all stands here.
        let none = line == 0 && !assigned.iter().any(|one| one.of == name);
        let shown = if name.is_empty() { "a dataset" } else { name };
        let known = papers.contains_key(name) || name.is_empty();
        return if none && known { Ask::Absent(format!("needs {shown}")) } else { Ask::Nothing };
    };
    match request(meaning, measure, place) {
        Ok(request) => Ask::Measure(Box::new(request)),
        Err(reason) => Ask::Absent(reason),
    }
}

fn request(meaning: &Meaning, measure: &Measure, place: &Assigned) -> Result<Request, String> {
    let lacks = |part: String| format!("{} has nothing in the place of {part}", place.dataset.reference);
    let condition = meaning.condition.as_deref().filter(|_| measure.is_of_scores()).unwrap_or("clean");
    let start = match &meaning.start {
        None => None,
        Some(_) => {
            let from = place.start.clone().ok_or("no other dataset of the same modalities to start from")?;
            Some((from, meaning.freeze.unwrap_or(false)))
        }
    };
    let method = meaning.method.clone().map(|method| {
        let mut options = method.options.clone();
        options.extend(meaning.options.clone());
        MethodRef { options, ..method }
    });
    Ok(Request {
        dataset: place.dataset.reference.clone(),
        method,
        preset: meaning.preset.unwrap_or_default(),
        start,
        conditions: conditions(condition, &place.dataset, &place.parts).map_err(|problem| match problem {
            Problem::Part(part) => lacks(part),
            Problem::Other(reason) => reason,
        })?,
        measure: match measure {
            Measure::Diagnostic(name) => Measure::Diagnostic(braced(name, &place.parts).map_err(lacks)?),
            other => other.clone(),
        },
    })
}

enum Problem {
    /// Of which the dataset has none.
    Part(String),
    Other(String),
}

/// The conditions behind a condition of a table, with their weights.
fn conditions(condition: &str, dataset: &Here, parts: &BTreeMap<String, String>) -> Result<Vec<(String, f64)>, Problem> {
    let rate = condition.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    if condition != "patterns" && rate.is_none() {
        return Ok(vec![(with_parts(condition, parts).map_err(Problem::Part)?, 1.0)]);
    }
    let names: Vec<&str> = dataset.modalities.iter().map(|(name, _)| name.as_str()).collect();
    if names.len() > MOST_MODALITIES {
        return Err(Problem::Other(format!("all patterns of {} modalities are too many", names.len())));
    }
    let rate: Option<f64> = match rate.map(|text| (text, text.parse::<f64>())) {
        None => None,
        Some((_, Ok(rate))) if rate > 0.0 && rate < 1.0 => Some(rate),
        Some((text, _)) => return Err(Problem::Other(format!("`{text}` is no rate between 0 and 1"))),
    };
    Ok(patterns(&names, rate))
}

/// Every pattern with something there, in the order of the suites, with its weight: equal ones, or each modality missing with probability `rate`, given
/// that one is there.
fn patterns(names: &[&str], rate: Option<f64>) -> Vec<(String, f64)> {
    let count = names.len();
    let all = (1..1_u32 << count).map(|pattern| {
        let missing: Vec<&str> = (0..count).filter(|at| pattern >> (count - 1 - at) & 1 == 0).map(|at| names[at]).collect();
        let weight = rate.map_or(1.0, |rate| (0..count).map(|at| if pattern >> at & 1 == 0 { rate } else { 1.0 - rate }).product());
        (if missing.is_empty() { "clean".to_owned() } else { format!("missing({})", missing.join(",")) }, weight)
    });
    let all: Vec<(String, f64)> = all.collect();
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    all.into_iter().map(|(pattern, weight)| (pattern, weight / total)).collect()
}

/// `{A}` replaced by our modality.
fn braced(name: &str, parts: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once('{') {
        let (part, behind) = behind.split_once('}').ok_or_else(|| behind.to_owned())?;
        text.push_str(before);
        text.push_str(parts.get(part).ok_or_else(|| part.to_owned())?);
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assign::{StandsIn, assign};

    fn spec(cell: &str) -> Spec {
        let text = format!(
            "format = 1\nid = 'x-1'\npaper = 'x'\ncaption = ''\ncorner = 'Method'\n\
            rows = [{{ key = 'a', method = 'raml?lambda1=2', with = {{ lambda2 = 0.5 }} }}, {{ key = 'b', reported_only = 'too large' }}]\n\
            columns = [{{ key = 'c', dataset = 'Food', {cell} }}]"
        );
        Spec::read("x.toml", &text).unwrap()
    }

    fn ask_first(cell: &str, on: bool) -> Vec<Vec<Ask>> {
        let paper = crate::spec::PaperDataset { name: "food".into(), about: String::new(), parts: vec!["I".into(), "T".into()] };
        let papers = BTreeMap::from([("Food".to_owned(), paper)]);
        let modalities = vec![("image".to_owned(), "image".to_owned()), ("text".to_owned(), "tokens".to_owned())];
        let dataset = Here { reference: "openmoji".into(), classes: true, modalities };
        let stand_ins = if on { vec![StandsIn { only_for: None, dataset }] } else { Vec::new() };
        let spec = spec(cell);
        let assigned = assign(&spec, &papers, &BTreeMap::new(), &stand_ins);
        let questions = Questions::of(&spec, &papers, &assigned).unwrap();
        questions.asks.into_iter().map(|mut row| row.remove(0)).collect()
    }

    #[test]
    fn row_and_column_make_one_question() {
        let asks = ask_first("measure = 'accuracy', condition = 'noise(I,0.18)+mask(T,0.1)'", true);
        let Ask::Measure(request) = &asks[0][0] else { panic!("{asks:?}") };
        assert_eq!(request.conditions, [("noise(image,0.18)+mask(text,0.1)".to_owned(), 1.0)]);
        assert_eq!(request.method.as_ref().unwrap().to_string(), "raml?lambda1=2&lambda2=0.5");
        assert_eq!(asks[1], [Ask::Absent("too large".into())]);
    }

    #[test]
    fn without_data_the_cell_says_what_it_needs() {
        assert_eq!(ask_first("measure = 'accuracy'", false)[0], [Ask::Absent("needs Food".into())]);
        assert_eq!(ask_first("", true)[0], [Ask::Nothing]);
    }

    /// By hand: rate 0.2, three patterns: T alone 0.2·0.8, I alone the same, both 0.64; over their sum 0.96.
    #[test]
    fn a_rate_weighs_patterns_as_independent_losses_do() {
        let asks = ask_first("measure = 'accuracy', condition = 'rate(0.2)'", true);
        let Ask::Measure(request) = &asks[0][0] else { panic!("{asks:?}") };
        let expected = [("missing(image)", 1.0 / 6.0), ("missing(text)", 1.0 / 6.0), ("clean", 2.0 / 3.0)];
        for ((pattern, weight), (expected, by_hand)) in request.conditions.iter().zip(expected) {
            assert!(pattern == expected && (weight - by_hand).abs() < 1e-12, "{pattern} {weight}");
        }
        assert!(matches!(&ask_first("measure = 'accuracy', condition = 'rate(1.5)'", true)[0][0], Ask::Absent(reason) if reason.contains("no rate")));
    }

    #[test]
    fn unequal_rates_are_not_mixed_up_between_modalities() {
        let all = patterns(&["a", "b", "c"], Some(0.5));
        assert_eq!(all.len(), 7);
        assert_eq!(all[0].0, "missing(a,b)");
        assert!(all.iter().all(|(_, weight)| (weight - 1.0 / 7.0).abs() < 1e-12));
    }

    #[test]
    fn diagnostics_name_our_modalities() {
        let asks = ask_first("measure = 'diagnostic:W1 between {T} and {I}'", true);
        let Ask::Measure(request) = &asks[0][0] else { panic!("{asks:?}") };
        assert_eq!(request.measure, Measure::Diagnostic("W1 between text and image".into()));
    }
}
