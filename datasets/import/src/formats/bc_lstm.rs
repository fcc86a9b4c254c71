/*!
`bc-lstm`: utterance features of MOSI, MOSEI and IEMOCAP as bc-LSTM's code has them, one file a modality.

A tuple of train features `[dialogues, utterances, d]`, train labels `[dialogues, utterances]`, the same two of test, the longest dialogue, and a list of lengths for train and
for test. What stands behind a dialogue's length are dummy utterances of zeros with label 0. As read by <https://github.com/soujanyaporia/multimodal-sentiment-analysis> (`run.py`).
*/

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_datasets::Split;
use bench_readers::{Array, View};

use super::{
    Format, Glance, Request, Takes, open,
    shared::{files, labels},
};
use crate::{
    Content, Draft, Groups, ImportError, Stream, Targets,
    context::{self, Dialogue, Position, Utterances},
};

/// The format.
pub const FORMAT: Format = Format {
    name: "bc-lstm",
    title: "bc-LSTM's utterance features of dialogues, one file a modality",
    paths: "one to three files, such as text.pickle, audio.pickle and video.pickle, or the folder that holds them",
    takes: &[Takes::Context],
    read,
    recognise,
};

const SHAPE: &str = "a tuple of seven: train features, train labels, test features, test labels, longest dialogue, train lengths, test lengths";

/// One split of one file.
struct Half {
    place: String,
    features: Arc<Array>,
    /// Labels of every dialogue's valid utterances.
    labels: Vec<Vec<i64>>,
    /// Dummy utterances.
    dummies: usize,
}

fn recognise(glance: &Glance) -> Option<String> {
    let root = glance.tree.as_ref()?.root();
    let items = root.items().ok().filter(|items| items.len() == 7)?;
    let rank = |at: usize| items.get(at)?.array().ok().map(|array| array.shape.len());
    ([0, 1, 2, 3].map(rank) == [3, 2, 3, 2].map(Some)).then(|| "a tuple of seven with arrays [dialogues, utterances, d] is bc-LSTM's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let paths = files::pickles(request)?;
    let Some(first) = paths.first().filter(|_| paths.len() <= 3) else {
        return Err(ImportError::request(format!("bc-lstm: found {} files, expected {}", paths.len(), FORMAT.paths)));
    };
    let mut draft = Draft {
        name: files::name(first),
        title: "Utterances of dialogues, from files in bc-LSTM's layout".into(),
        provenance: files::provenance(
            "feature files in the layout of soujanyaporia/multimodal-sentiment-analysis",
            "Poria et al., Context-Dependent Sentiment Analysis in User-Generated Videos, ACL 2017 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    let mut known: Option<(&Path, [Half; 2])> = None;
    for path in &paths {
        let halves = halves(path)?;
        match &known {
            Some((other, before)) => agree(path, &halves, other, before)?,
            None => describe(&mut draft, path, &halves)?,
        }
        let name = modality(path, &paths);
        if draft.streams.iter().any(|stream| stream.name == name) {
            return Err(ImportError::request(format!("{}: found a second file of `{name}`, expected one file a modality", path.display())));
        }
        draft.streams.push(Stream { name, content: Content::Numbers(numbers(path, &halves, request.context)?) });
        known.get_or_insert((path, halves));
    }
    Ok(draft)
}

/// `text`, `audio` or `video` where a file's name says one of them, else the name.
fn modality(path: &Path, paths: &[PathBuf]) -> String {
    let stem = files::stem(path);
    let said = |path: &Path| ["text", "audio", "video"].into_iter().find(|name| files::stem(path).to_lowercase().contains(name));
    let alone = |name: &&str| paths.iter().filter(|other| said(other) == Some(*name)).count() == 1;
    said(path).filter(alone).map_or(stem, str::to_owned)
}

fn halves(path: &Path) -> Result<[Half; 2], ImportError> {
    let tree = open(path)?;
    let root = tree.root();
    let items = root.items().map_err(|_| root.unexpected(SHAPE))?;
    let [train, train_labels, test, test_labels, _, train_lengths, test_lengths] = &*items else { return Err(root.unexpected(SHAPE).into()) };
    Ok([half(train, train_labels, train_lengths)?, half(test, test_labels, test_lengths)?])
}

fn half(features: &View<'_>, labels: &View<'_>, lengths: &View<'_>) -> Result<Half, ImportError> {
    let array = features.array()?;
    let &[dialogues, longest, dim] = &*array.shape else {
        let remedy = "check that this is the right file and format";
        return Err(features.invalid(array.describe(), "features [dialogues, utterances, d]", remedy).into());
    };
    if dim == 0 {
        return Err(features.invalid(array.describe(), "one feature or more", "check that the file is whole").into());
    }
    let numbers = labels.array()?;
    if *numbers.shape != [dialogues, longest] {
        let expected = format!("labels [{dialogues}, {longest}], one for each utterance of the features");
        return Err(labels.invalid(numbers.describe(), expected, "check that the file is whole").into());
    }
    let numbers = labels.wholes()?;
    let stated = lengths.wholes()?;
    if stated.len() != dialogues {
        let expected = format!("{dialogues}, one for each dialogue");
        return Err(lengths.invalid(format!("{} lengths", stated.len()), expected, "check that the file is whole").into());
    }
    let mut valid = Vec::with_capacity(stated.len());
    for (at, (&length, row)) in stated.iter().zip(numbers.chunks(longest.max(1))).enumerate() {
        let Some(own) = usize::try_from(length).ok().and_then(|length| row.get(..length)) else {
            let expected = format!("a length from 0 to {longest}, the utterances that are stored");
            return Err(lengths.invalid(format!("length {length} of dialogue {at}"), expected, "check that the file is whole").into());
        };
        valid.push(own.to_vec());
    }
    let dummies = numbers.len() - valid.iter().map(Vec::len).sum::<usize>();
    Ok(Half { place: features.path().to_owned(), features: array, labels: valid, dummies })
}

/// Ids, splits, targets and groups, which all files share.
fn describe(draft: &mut Draft, path: &Path, halves: &[Half; 2]) -> Result<(), ImportError> {
    let (mut dialogues, mut numbers) = (Vec::new(), Vec::new());
    for (half, split) in halves.iter().zip([Split::Train, Split::Test]) {
        for (dialogue, own) in half.labels.iter().enumerate() {
            for at in 0..own.len() {
                draft.ids.push(format!("{}_{dialogue}_{at}", split.name()));
                dialogues.push(format!("{}_{dialogue}", split.name()));
                draft.splits.push(split);
            }
            numbers.extend_from_slice(own);
        }
    }
    let tree = open(path)?;
    // MOSI's and MOSEI's two classes; IEMOCAP's are in no order that the files tell.
    let names: &[&str] = if numbers.iter().all(|number| (0..2).contains(number)) { &["negative", "positive"] } else { &[] };
    let target = labels::classes(&tree.root(), &numbers, names)?;
    draft.targets.push(Targets { name: "label".into(), target });
    draft.groups.push(Groups { name: "dialogue".into(), of_sample: dialogues });
    let dummies: usize = halves.iter().map(|half| half.dummies).sum();
    if dummies > 0 {
        draft.repaired.push(format!("{dummies} dummy utterances that pad the dialogues were left out"));
    }
    draft.assumed.push("the files name no utterances: they are named by split, dialogue and position".into());
    if !names.is_empty() {
        draft.assumed.push("label 0 is negative, 1 is positive".into());
    }
    Ok(())
}

/// That two files are of the same utterances.
fn agree(path: &Path, halves: &[Half; 2], other: &Path, before: &[Half; 2]) -> Result<(), ImportError> {
    for (name, (own, theirs)) in ["train", "test"].into_iter().zip(halves.iter().zip(before)) {
        let differ = |found: String, expected: String| {
            let sentence =
                format!("{}: {name}: found {found}, expected {expected} as in {}; give files of the same data", path.display(), other.display());
            Err(ImportError::request(sentence))
        };
        if own.labels.len() != theirs.labels.len() {
            return differ(format!("{} dialogues", own.labels.len()), theirs.labels.len().to_string());
        }
        for (at, (own, theirs)) in own.labels.iter().zip(&theirs.labels).enumerate() {
            if own.len() != theirs.len() {
                return differ(format!("{} utterances in dialogue {at}", own.len()), theirs.len().to_string());
            }
            if let Some((place, (found, expected))) = own.iter().zip(theirs).enumerate().find(|(_, (own, theirs))| own != theirs) {
                return differ(format!("label {found} of utterance {place} in dialogue {at}"), format!("label {expected}"));
            }
        }
    }
    Ok(())
}

fn numbers(path: &Path, halves: &[Half; 2], context: usize) -> Result<crate::Numbers, ImportError> {
    let [train, test] = halves;
    let dim = train.features.shape.last().copied().unwrap_or(0);
    if test.features.shape.last() != Some(&dim) {
        let found = test.features.describe();
        let expected = format!("{dim} features, as in train");
        let error = bench_readers::ReadError::invalid(path, &test.place, found, expected, "check that the file is whole");
        return Err(error.into());
    }
    let (mut dialogues, mut positions) = (Vec::new(), Vec::new());
    for half in halves {
        for (row, own) in half.labels.iter().enumerate() {
            positions.extend((0..own.len()).map(|before| Position { dialogue: dialogues.len(), before }));
            dialogues.push(Dialogue::Row { place: half.place.clone(), array: Arc::clone(&half.features), row });
        }
    }
    let steps = context::steps(context, &positions);
    Ok(Utterances::numbers(dialogues, positions, steps, dim))
}
