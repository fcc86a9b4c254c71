//! `tokenizer.json`, as the Python package `tokenizers` writes it: what of it is read, and a refusal of everything that would change ids and is not.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::pieces::{Normalizer, WordPiece};

/// The file. Unknown fields are passed over where they do not decide ids (`version`, `decoder`).
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) truncation: Option<Truncation>,
    pub(super) padding: Option<Padding>,
    #[serde(default)]
    pub(super) added_tokens: Vec<Added>,
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    model: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Truncation {
    pub(super) max_length: usize,
    #[serde(default = "right")]
    pub(super) direction: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Padding {
    pub(super) strategy: Strategy,
    #[serde(default = "right")]
    pub(super) direction: String,
    pub(super) pad_id: i64,
    pub(super) pad_to_multiple_of: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) enum Strategy {
    BatchLongest,
    Fixed(usize),
}

#[derive(Debug, Deserialize)]
pub(super) struct Added {
    pub(super) id: i64,
    pub(super) content: String,
}

fn right() -> String {
    "Right".into()
}

/// The special ids around a text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Frame {
    pub(super) before: Vec<i64>,
    pub(super) behind: Vec<i64>,
}

impl File {
    pub(super) fn model(&mut self) -> Result<WordPiece, String> {
        let found = of_type("model", &self.model)?;
        if found != "WordPiece" {
            return Err(format!(
                "field `model`: found type {found}, expected WordPiece, the only one that is read; take an encoder with such a tokenizer"
            ));
        }
        WordPiece::deserialize(self.model.take()).map_err(|error| format!("field `model`: {error}"))
    }

    pub(super) fn normalizer(&self) -> Result<Option<Normalizer>, String> {
        let Some(value) = &self.normalizer else { return Ok(None) };
        match of_type("normalizer", value)?.as_str() {
            "BertNormalizer" => Normalizer::deserialize(value).map(Some).map_err(|error| format!("field `normalizer`: {error}")),
            found => Err(format!("field `normalizer`: found type {found}, expected BertNormalizer or null; take an encoder with such a tokenizer")),
        }
    }

    pub(super) fn check_pre_tokenizer(&self) -> Result<(), String> {
        let found = self.pre_tokenizer.as_ref().map_or(Ok("null".into()), |value| of_type("pre_tokenizer", value))?;
        if found == "BertPreTokenizer" {
            return Ok(());
        }
        Err(format!("field `pre_tokenizer`: found type {found}, expected BertPreTokenizer; take an encoder with such a tokenizer"))
    }

    pub(super) fn frame(&self) -> Result<Frame, String> {
        #[derive(Deserialize)]
        struct Bert {
            sep: (String, i64),
            cls: (String, i64),
        }
        let Some(value) = &self.post_processor else { return Ok(Frame::default()) };
        let wrong = |error: serde_json::Error| format!("field `post_processor`: {error}");
        match of_type("post_processor", value)?.as_str() {
            "BertProcessing" => {
                let Bert { sep, cls } = Bert::deserialize(value).map_err(wrong)?;
                Ok(Frame { before: vec![cls.1], behind: vec![sep.1] })
            }
            "TemplateProcessing" => Template::deserialize(value).map_err(wrong)?.frame(),
            found => Err(format!("field `post_processor`: found type {found}, expected TemplateProcessing, BertProcessing or null")),
        }
    }
}

/// `{"type": "TemplateProcessing", "single": […], "special_tokens": {…}}`.
#[derive(Deserialize)]
struct Template {
    single: Vec<Piece>,
    special_tokens: BTreeMap<String, Special>,
}

#[derive(Deserialize)]
enum Piece {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<i64>,
}

impl Template {
    fn frame(&self) -> Result<Frame, String> {
        let mut frame = Frame::default();
        let mut texts = 0;
        for piece in &self.single {
            match piece {
                Piece::Sequence {} => texts += 1,
                Piece::SpecialToken { id } => {
                    let special = self.special_tokens.get(id).ok_or_else(|| format!("field `post_processor`: `{id}` is in no special_tokens"))?;
                    if texts == 0 { &mut frame.before } else { &mut frame.behind }.extend(&special.ids);
                }
            }
        }
        if texts == 1 { Ok(frame) } else { Err(format!("field `post_processor`: found {texts} texts in `single`, expected one")) }
    }
}

fn of_type(field: &str, value: &Value) -> Result<String, String> {
    let found = value.get("type").and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("field `{field}`: found no type, expected an object with one"))
}
