/*!
Words to token ids, as the text encoders of BERT's family take them, from their own `tokenizer.json`.

The crate `tokenizers` reads every such file, but brings forty crates and switches on features of crates that polars is built with, so that polars would be
compiled anew for every build with a text encoder in it. What sentence encoders of BERT's family need is small: WordPiece with BERT's normaliser.
Everything else is refused with its name. Tests compare ids with those of the Python package `tokenizers`.
*/

mod file;
mod pieces;

use std::path::Path;

use bench_datasets::{PADDING, UNKNOWN};

use self::{
    file::{File, Frame, Strategy},
    pieces::{Normalizer, WordPiece, parts},
};
use crate::failure::Failure;

/// What a mask token is called in the files of the field.
const MASKS: [&str; 2] = ["[MASK]", "<mask>"];

/// Longest input that is believed: an encoder's positions end long before.
const LONGEST: usize = 1 << 16;

/// A tokenizer with the ids of every word of a dataset's vocabulary.
#[derive(Debug)]
pub struct Tokenizer {
    /// Ids by word of the vocabulary; those of an unknown word are the mask token's, or the unknown token's where there is none.
    words: Vec<Vec<i64>>,
    frame: Frame,
    longest: Option<usize>,
    fixed: Option<usize>,
    multiple: usize,
    padding: i64,
}

/// A batch as the module takes it.
#[derive(Debug, PartialEq)]
pub struct Encoded {
    /// `[B, L]`, row-major.
    pub ids: Vec<i64>,
    /// `[B, L]`: 1 for a token, 0 for padding.
    pub mask: Vec<i64>,
    /// L.
    pub length: usize,
}

impl Tokenizer {
    /// Reads `tokenizer.json` for the words of a vocabulary.
    ///
    /// # Errors
    /// One sentence with the file, the field, what was found and what was expected.
    pub fn read(path: &Path, bytes: &[u8], vocabulary: &[String]) -> Result<Self, Failure> {
        Self::of(bytes, vocabulary).map_err(|problem| Failure::usage(format!("{}: {problem}", path.display())))
    }

    fn of(bytes: &[u8], vocabulary: &[String]) -> Result<Self, String> {
        let mut file: File = serde_json::from_slice(bytes).map_err(|error| format!("found {error}, expected the tokenizer.json of an encoder"))?;
        let (model, normalizer, frame) = (file.model()?, file.normalizer()?, file.frame()?);
        file.check_pre_tokenizer()?;
        let special = |token: &str| {
            let added = file.added_tokens.iter().find(|added| added.content == token).map(|added| added.id);
            added.or_else(|| model.vocab.get(token).copied())
        };
        let Some(unknown) = special(&model.unk_token) else {
            return Err(format!("field `model.unk_token`: `{}` is in no vocabulary; correct the file", model.unk_token));
        };
        let mask = MASKS.into_iter().find_map(special).unwrap_or(unknown);
        let directions = file.truncation.iter().map(|it| &it.direction).chain(file.padding.iter().map(|it| &it.direction));
        if let Some(direction) = directions.into_iter().find(|direction| *direction != "Right") {
            return Err(format!("fields `truncation` and `padding`: found direction {direction}, expected Right"));
        }
        let longest = file.truncation.as_ref().map(|truncation| truncation.max_length);
        let fixed = file.padding.as_ref().and_then(|padding| if let Strategy::Fixed(length) = padding.strategy { Some(length) } else { None });
        let around = frame.before.len() + frame.behind.len();
        if let Some(length) = longest.into_iter().chain(fixed).find(|&length| length <= around || length > LONGEST) {
            return Err(format!("fields `truncation` and `padding`: found length {length}, expected {} to {LONGEST}", around + 1));
        }
        let multiple = file.padding.as_ref().and_then(|padding| padding.pad_to_multiple_of).unwrap_or(1).clamp(1, LONGEST);
        let padding = file.padding.as_ref().map(|padding| padding.pad_id).or_else(|| ["[PAD]", "<pad>"].into_iter().find_map(special)).unwrap_or(0);
        let known = vocabulary.iter().enumerate().map(|(id, word)| match u32::try_from(id) {
            Ok(PADDING) => Vec::new(),
            Ok(UNKNOWN) => vec![mask],
            _ => encode(word, normalizer.as_ref(), &model, unknown),
        });
        Ok(Self { words: known.collect(), frame, longest, fixed, multiple, padding })
    }

    /// The length that no input exceeds, where the file says one.
    pub fn most(&self) -> Option<usize> {
        self.fixed.max(self.longest)
    }

    /// A batch of texts as words: `[B, steps]` with the number of words of each.
    pub fn batch(&self, ids: &[u32], steps: usize, lengths: &[u32]) -> Encoded {
        let texts: Vec<Vec<i64>> =
            ids.chunks(steps.max(1)).zip(lengths).map(|(ids, &length)| self.text(ids.get(..length as usize).unwrap_or(ids))).collect();
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let length = self.fixed.unwrap_or(0).max(longest).max(1).next_multiple_of(self.multiple);
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for text in &texts {
            let padding = length - text.len();
            ids.extend(text.iter().copied().chain(std::iter::repeat_n(self.padding, padding)));
            mask.extend(std::iter::repeat_n(1, text.len()).chain(std::iter::repeat_n(0, padding)));
        }
        Encoded { ids, mask, length }
    }

    fn text(&self, words: &[u32]) -> Vec<i64> {
        let Frame { before, behind } = &self.frame;
        let room = self.longest.map_or(usize::MAX, |longest| longest.saturating_sub(before.len() + behind.len()));
        let pieces = words.iter().filter_map(|&word| self.words.get(word as usize)).flatten().take(room);
        before.iter().chain(pieces).chain(behind).copied().collect()
    }
}

/// Ids of a word; its characters alone count, never the name of a special token.
fn encode(word: &str, normalizer: Option<&Normalizer>, model: &WordPiece, unknown: i64) -> Vec<i64> {
    let normal = normalizer.map_or_else(|| word.to_owned(), |normalizer| normalizer.apply(word));
    let mut ids = Vec::new();
    parts(&normal).into_iter().for_each(|part| model.encode(part, unknown, &mut ids));
    ids
}

#[cfg(test)]
mod tests;
