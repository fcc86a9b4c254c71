//! Texts to token ids, with a vocabulary of the training split.

use std::collections::HashMap;

use bench_datasets::{
    Kind, PADDING, RESERVED_WORDS, Split, UNKNOWN,
    write::{KindEntry, ModalityEntry, Values},
};

use super::{Notes, clean, streams::Named, target::whole};
use crate::{
    ImportError, Options,
    options::LONGEST_TEXT,
    summary::{Lengths, ModalitySummary},
};

/// A modality of words, encoded.
pub struct Texts {
    pub summary: ModalitySummary,
    /// `[N, steps]`.
    pub ids: Values,
    pub steps: usize,
    /// The words by id.
    pub vocabulary: Vec<String>,
}

impl Texts {
    /// Encodes the words of every sample.
    pub fn of(named: &Named, texts: Vec<Vec<String>>, splits: &[Split], options: &Options, notes: &mut Notes) -> Result<Self, ImportError> {
        let name = &named.name;
        if texts.len() != splits.len() {
            return Err(ImportError::request(format!(
                "modality `{name}`: found {} texts, expected {} as there are ids; check that the files belong together",
                texts.len(),
                splits.len()
            )));
        }
        let texts: Vec<Vec<String>> =
            texts.into_iter().map(|words| words.iter().map(|word| clean::text(word)).filter(|word| !word.is_empty()).collect()).collect();
        let longest = texts.iter().zip(splits).filter(|(_, split)| **split == Split::Train).map(|(words, _)| words.len()).max().unwrap_or(0);
        let steps = options.longest_text.unwrap_or(longest.min(LONGEST_TEXT)).max(1);
        let cut = texts.iter().filter(|words| words.len() > steps).count();
        if cut > 0 {
            notes.repaired.push(format!("{name}: {cut} texts are longer than {steps} words and were cut"));
        }
        let empty = texts.iter().filter(|words| words.is_empty()).count();
        if empty > 0 {
            notes.assumed.push(format!("{name}: {empty} texts have no word, and are samples all the same"));
        }
        let vocabulary = vocabulary(&texts, splits, steps, options.minimum_count);
        notes.assumed.push(format!(
            "{name}: a word is known if it occurs {} or more times in training; {} words are",
            options.minimum_count.max(1),
            vocabulary.len() - RESERVED_WORDS.len()
        ));
        let places: HashMap<&str, u32> = vocabulary.iter().zip(0..).skip(RESERVED_WORDS.len()).map(|(word, id)| (word.as_str(), id)).collect();
        let (mut ids, mut lengths) = (Vec::with_capacity(texts.len() * steps.min(longest.max(1))), Vec::with_capacity(texts.len()));
        let (mut words_of, mut unknown_of) = ([0_u64; 3], [0_u64; 3]);
        for (words, &split) in texts.iter().zip(splits) {
            let end = ids.len() + steps;
            for word in words.iter().take(steps) {
                let id = places.get(word.as_str()).copied().unwrap_or(UNKNOWN);
                words_of[split as usize] += 1;
                unknown_of[split as usize] += u64::from(id == UNKNOWN);
                ids.push(id);
            }
            lengths.push(words.len().min(steps) as u32);
            ids.resize(end, PADDING);
        }
        let kind = Kind::Tokens { steps, vocabulary };
        let mut summary = ModalitySummary::of(name, &named.theirs, &kind);
        summary.lengths = Lengths::of(&lengths);
        summary.unknown = Some(std::array::from_fn(|at| if words_of[at] == 0 { 0.0 } else { unknown_of[at] as f64 / words_of[at] as f64 }));
        let Kind::Tokens { vocabulary, .. } = kind else { return Err(ImportError::request(format!("modality `{name}` has no words"))) };
        Ok(Self { summary, ids: whole(ids, vocabulary.len()), steps, vocabulary })
    }

    /// The modality in the manifest.
    pub fn entry(&self) -> ModalityEntry {
        ModalityEntry {
            name: self.summary.name.clone(),
            kind: KindEntry::Tokens,
            shape: vec![self.steps],
            tensor: super::write::tensor_of(&self.summary.name),
            dtype: match self.ids {
                Values::U8(_) => "u8",
                Values::U16(_) => "u16",
                _ => "u32",
            }
            .into(),
            scale: None,
            offset: None,
            lengths: None,
            vocabulary: Some(self.list()),
            known: None,
            raw: None,
        }
    }

    /// File of the words.
    pub fn list(&self) -> String {
        format!("words-{}.txt", self.summary.name)
    }
}

/// Reserved words, then those of the training texts (as far as they are kept) by falling count, then by text.
fn vocabulary(texts: &[Vec<String>], splits: &[Split], steps: usize, minimum_count: usize) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (words, _) in texts.iter().zip(splits).filter(|(_, split)| **split == Split::Train) {
        for word in words.iter().take(steps).filter(|word| !RESERVED_WORDS.contains(&word.as_str())) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut known: Vec<(&str, usize)> = counts.into_iter().filter(|&(_, count)| count >= minimum_count).collect();
    known.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    RESERVED_WORDS.into_iter().chain(known.into_iter().map(|(word, _)| word)).map(str::to_owned).collect()
}
