//! A word to ids: the normaliser and pre-tokeniser of BERT, then the longest pieces that the vocabulary has (Devlin et al., 2019; Wu et al., 2016).

use std::collections::HashMap;

use serde::Deserialize;
use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

/// `normalizer` of type `BertNormalizer`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Normalizer {
    clean_text: bool,
    handle_chinese_chars: bool,
    /// As `lowercase` where it is not said.
    strip_accents: Option<bool>,
    lowercase: bool,
}

impl Normalizer {
    pub(super) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.clean_text {
            let kept = text.chars().filter(|&c| c != '\0' && c != '\u{fffd}' && !is_control(c));
            text = kept.map(|c| if is_space(c) { ' ' } else { c }).collect();
        }
        if self.handle_chinese_chars {
            text = text.chars().flat_map(|c| if is_chinese(c) { [Some(' '), Some(c), Some(' ')] } else { [Some(c), None, None] }).flatten().collect();
        }
        if self.strip_accents.unwrap_or(self.lowercase) {
            text = text.nfd().filter(|c| !c.is_mark_nonspacing()).collect();
        }
        if self.lowercase {
            text = text.chars().flat_map(char::to_lowercase).collect();
        }
        text
    }
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || c.is_whitespace()
}

fn is_control(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r') && c.is_other()
}

fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F | 0x2B740..=0x2B81F | 0x2B920..=0x2CEAF | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F
    )
}

/// `BertPreTokenizer`: parts between spaces, every punctuation mark a part of its own.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for run in text.split(char::is_whitespace) {
        let mut rest = run;
        while let Some((at, mark)) = rest.char_indices().find(|(_, c)| c.is_ascii_punctuation() || c.is_punctuation()) {
            let (before, from) = rest.split_at(at);
            let (mark, behind) = from.split_at(mark.len_utf8());
            parts.extend([before, mark]);
            rest = behind;
        }
        parts.push(rest);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// `model` of type `WordPiece`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct WordPiece {
    pub(super) unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    pub(super) vocab: HashMap<String, i64>,
}

impl WordPiece {
    /// The longest piece first, then the longest that continues it, and so on; one unknown token where some rest is no piece.
    pub(super) fn encode(&self, part: &str, unknown: i64, ids: &mut Vec<i64>) {
        if part.chars().count() > self.max_input_chars_per_word {
            return ids.push(unknown);
        }
        let before = ids.len();
        let mut rest = part;
        while !rest.is_empty() {
            let prefix = if rest.len() == part.len() { "" } else { self.continuing_subword_prefix.as_str() };
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            let found = ends.filter_map(|end| rest.split_at_checked(end)).find_map(|(piece, behind)| {
                let id = if prefix.is_empty() { self.vocab.get(piece) } else { self.vocab.get(&format!("{prefix}{piece}")) };
                id.map(|&id| (id, behind))
            });
            let Some((id, behind)) = found else {
                ids.truncate(before);
                return ids.push(unknown);
            };
            ids.push(id);
            rest = behind;
        }
    }
}
