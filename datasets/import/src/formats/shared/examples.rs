//! Lists of `((words, visual, acoustic, …), label, segment)`, as the tutorials of the CMU Multimodal SDK made them: MAG-BERT's and MISA's families.

use std::{collections::HashMap, sync::Arc};

use bench_datasets::Split;
use bench_readers::{Array, Element, Node, View};

use super::{
    ids::videos,
    labels::{self, Line},
};
use crate::{Content, Draft, ImportError, Numbers, Stream, draft::Ragged};

/// Emotions behind the sentiment in MOSEI's seven labels, in the order of the CMU Multimodal SDK.
const EMOTIONS: [&str; 6] = ["happy", "sad", "angry", "surprised", "disgusted", "afraid"];

/// Examples of all splits.
#[derive(Debug, Default)]
pub struct Examples {
    words: Vec<Vec<String>>,
    visual: Vec<(String, Arc<Array>)>,
    acoustic: Vec<(String, Arc<Array>)>,
    /// One label, or MOSEI's seven, for each.
    labels: Vec<Vec<f32>>,
    numbered: usize,
    unequal: usize,
}

impl Examples {
    /// Adds the examples of a split to these and their names and splits to the draft. Where words are numbers, `vocabulary` tells them.
    ///
    /// # Errors
    /// Where the list holds something else.
    pub fn add(&mut self, draft: &mut Draft, list: &View<'_>, split: Split, vocabulary: &HashMap<i64, String>) -> Result<(), ImportError> {
        let shape = "((words, visual, acoustic), label, segment)";
        if matches!(list.node(), Node::Table(_)) {
            let remedy = "this copy holds arrays in place of examples: get the copy whose splits are lists";
            return Err(list.invalid(list.describe(), format!("a list of {shape}"), remedy).into());
        }
        for (at, example) in list.items()?.into_iter().enumerate() {
            let items = example.items()?;
            let [inner, label, rest @ ..] = &*items else { return Err(example.unexpected(shape).into()) };
            let features = inner.items()?;
            let [first, visual, acoustic, more @ ..] = &*features else { return Err(inner.unexpected("(words, visual, acoustic)").into()) };
            let words = match more.first().filter(|words| matches!(words.node(), Node::List(_) | Node::Array(_))) {
                Some(words) => words.texts()?,
                None => self.words(first, vocabulary)?,
            };
            let (visual, acoustic) = (series(visual)?, series(acoustic)?);
            self.unequal += usize::from(words.len() != visual.1.rows() || words.len() != acoustic.1.rows());
            self.words.push(words);
            self.visual.push(visual);
            self.acoustic.push(acoustic);
            self.labels.push(labels_of(label, self.labels.first().map(Vec::len))?);
            draft.splits.push(split);
            draft.ids.push(match rest.first() {
                Some(segment) => segment.text()?,
                None => format!("{}_{at}", split.name()),
            });
        }
        Ok(())
    }

    /// Words as texts, as one sentence, or as numbers.
    fn words(&mut self, view: &View<'_>, vocabulary: &HashMap<i64, String>) -> Result<Vec<String>, ImportError> {
        if let Node::Text(sentence) = view.node() {
            return Ok(crate::words(sentence));
        }
        let numbers = match view.node() {
            Node::Array(array) => !matches!(array.dtype.element, Element::Text | Element::Bytes | Element::Object),
            _ => matches!(view.items()?.first().map(View::node), Some(Node::Whole(_))),
        };
        if !numbers {
            return Ok(view.texts()?);
        }
        self.numbered += 1;
        let known = |number: i64| vocabulary.get(&number).cloned().unwrap_or_else(|| number.to_string());
        Ok(view.wholes()?.into_iter().map(known).collect())
    }

    /// Adds streams, targets, groups and what is to be said.
    ///
    /// # Errors
    /// Where series have different numbers of features.
    pub fn finish(self, draft: &mut Draft, line: Line, vocabulary: &HashMap<i64, String>) -> Result<(), ImportError> {
        if self.numbered > 0 && vocabulary.is_empty() {
            draft.assumed.push("words are numbers in the file and no word2id.pickle was found: a number stands for its word".into());
        }
        if self.unequal > 0 {
            draft.assumed.push(format!("{} samples have other numbers of words than of visual or acoustic steps: kept as they are", self.unequal));
        }
        draft.groups.extend(videos(&draft.ids));
        let sentiment: Vec<f32> = self.labels.iter().filter_map(|labels| labels.first().copied()).collect();
        labels::add_affect(draft, &sentiment, line);
        if self.labels.first().is_some_and(|labels| labels.len() == 1 + EMOTIONS.len()) {
            for (at, emotion) in (1..).zip(EMOTIONS) {
                draft.targets.push(labels::yes_no(emotion, self.labels.iter().map(|labels| labels.get(at).is_some_and(|&strength| strength > 0.0))));
            }
            draft.assumed.push(
                "seven labels are MOSEI's: sentiment, happy, sad, angry, surprised, disgusted, afraid; an emotion above 0 is taken as present".into(),
            );
        }
        draft.streams.push(Stream { name: "words".into(), content: Content::Words(self.words) });
        for (name, series) in [("visual", self.visual), ("acoustic", self.acoustic)] {
            let numbers = ragged(draft, name, series)?;
            draft.streams.push(Stream { name: name.into(), content: Content::Numbers(numbers) });
        }
        Ok(())
    }
}

/// `[T, d]`, or an empty list where no step was left.
fn series(view: &View<'_>) -> Result<(String, Arc<Array>), ImportError> {
    let array = view.array()?;
    if array.shape.len() != 2 && array.numel() != Some(0) {
        return Err(view.invalid(array.describe(), "a series [steps, features]", "check that this is the right file and format").into());
    }
    Ok((view.path().to_owned(), array))
}

/// Series of one number of features. Those without a step say no number: they are made to fit.
fn ragged(draft: &mut Draft, name: &str, mut series: Vec<(String, Arc<Array>)>) -> Result<Numbers, ImportError> {
    let dim = series.iter().find(|(_, array)| array.numel() != Some(0)).and_then(|(_, array)| array.shape.get(1).copied());
    let mut empty = 0;
    for (_, array) in series.iter_mut().filter(|(_, array)| array.numel() == Some(0)) {
        *array = Arc::new(Array::of_numbers(vec![0, dim.unwrap_or(1)], &[], Arc::clone(&array.source)));
        empty += 1;
    }
    if empty > 0 {
        draft.repaired.push(format!("{name}: {empty} samples have no step; their series are empty"));
    }
    let rows = Ragged::new(series)?;
    let (shape, lengths) = (vec![rows.steps, rows.dim], rows.lengths());
    Ok(Numbers { shape, lengths: Some(lengths), rows: Box::new(rows), bytes: None })
}

/// One number, or MOSEI's seven, as many as before.
fn labels_of(view: &View<'_>, before: Option<usize>) -> Result<Vec<f32>, ImportError> {
    let array = view.array()?;
    let count = array.numel().filter(|count| [1, 1 + EMOTIONS.len()].contains(count) && before.is_none_or(|before| before == *count));
    if count.is_none() {
        let expected = before.map_or_else(|| "one label, or MOSEI's seven".to_owned(), |before| format!("{before} labels, as before"));
        return Err(view.invalid(view.describe(), expected, "check that this is the right file and format").into());
    }
    array.reals(view.path(), 0..array.rows())?.into_iter().map(|number| labels::finite(view, view.path(), number)).collect()
}

/// Whether this is a list of such examples.
pub fn is_examples(list: &View<'_>) -> bool {
    let is_example = |example: View<'_>| {
        let items = example.items().unwrap_or_default();
        items.first().is_some_and(|features| features.count().is_ok_and(|count| count >= 3) && features.items().is_ok())
    };
    matches!(list.node(), Node::List(_)) && list.items().is_ok_and(|items| items.into_iter().next().is_some_and(is_example))
}

/// Words by number, of a dict from words to numbers.
///
/// # Errors
/// Where it is something else.
pub fn vocabulary(root: &View<'_>) -> Result<HashMap<i64, String>, ImportError> {
    let mut words = HashMap::new();
    for (word, number) in root.entries()? {
        let Node::Whole(number) = number.node() else { return Err(number.unexpected("a word's number").into()) };
        words.insert(*number, word);
    }
    Ok(words)
}
