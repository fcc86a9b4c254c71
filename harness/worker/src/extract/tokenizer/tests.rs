//! Expected ids are those of the Python package `tokenizers` 0.22.2 (`tests/tests/extractors/make.py`).

use std::path::{Path, PathBuf};

use bench_datasets::RESERVED_WORDS;
use serde_json::Value;

use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tests/extractors").join(name)
}

fn bytes() -> Vec<u8> {
    std::fs::read(fixture("tokenizer.json")).unwrap()
}

fn expected() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("expected.json")).unwrap()).unwrap()
}

fn whole(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

fn vocabulary(words: impl IntoIterator<Item = String>) -> Vec<String> {
    RESERVED_WORDS.into_iter().map(String::from).chain(words).collect()
}

/// The file with one field replaced.
fn changed(field: &str, value: Value) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(&bytes()).unwrap();
    file[field] = value;
    serde_json::to_vec(&file).unwrap()
}

#[test]
fn words_get_the_ids_that_the_python_package_gives() {
    let expected = expected();
    let words = expected["words"].as_object().unwrap();
    let tokenizer = Tokenizer::of(&bytes(), &vocabulary(words.keys().cloned())).unwrap();
    assert!(words.len() > 15);
    for ((word, ids), found) in words.iter().zip(&tokenizer.words[2..]) {
        assert_eq!(*found, whole(ids), "{word:?}");
    }
}

#[test]
fn a_batch_is_framed_cut_and_padded_as_the_python_package_does() {
    let expected = &expected()["batch"];
    let texts: Vec<Vec<&str>> = expected["texts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect())
        .collect();
    let mut words: Vec<String> = texts.iter().flatten().map(ToString::to_string).collect();
    words.sort();
    words.dedup();
    let steps = texts.iter().map(Vec::len).max().unwrap();
    let id = |word: &str| 2 + words.iter().position(|known| known == word).unwrap() as u32;
    let padded = |text: &Vec<&str>| text.iter().map(|word| id(word)).chain(std::iter::repeat(PADDING)).take(steps).collect::<Vec<_>>();
    let ids: Vec<u32> = texts.iter().flat_map(padded).collect();
    let lengths: Vec<u32> = texts.iter().map(|text| text.len() as u32).collect();
    let batch = Tokenizer::of(&bytes(), &vocabulary(words.clone())).unwrap().batch(&ids, steps, &lengths);
    let flat = |field: &str| expected[field].as_array().unwrap().iter().flat_map(whole).collect::<Vec<_>>();
    assert_eq!((batch.length, batch.ids, batch.mask), (12, flat("ids"), flat("mask")));
}

#[test]
fn an_unknown_word_is_the_mask_token_or_the_unknown_one_where_there_is_none() {
    let tokenizer = |bytes: &[u8]| Tokenizer::of(bytes, &vocabulary([])).unwrap();
    // Of [CLS] 2, [MASK] 4, [SEP] 3, as make.py numbers them.
    assert_eq!(tokenizer(&bytes()).batch(&[UNKNOWN], 1, &[1]).ids, [2, 4, 3]);
    let text = String::from_utf8(bytes()).unwrap().replace("[MASK]", "[NONE]");
    assert_eq!(tokenizer(text.as_bytes()).batch(&[UNKNOWN], 1, &[1]).ids, [2, 1, 3]);
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let cases = [
        ("model", serde_json::json!({ "type": "BPE" }), "found type BPE, expected WordPiece"),
        ("normalizer", serde_json::json!({ "type": "NFC" }), "found type NFC, expected BertNormalizer"),
        ("pre_tokenizer", Value::Null, "found type null, expected BertPreTokenizer"),
        ("post_processor", serde_json::json!({ "type": "ByteLevel" }), "found type ByteLevel"),
        ("post_processor", serde_json::json!({ "type": "TemplateProcessing", "single": [], "special_tokens": {} }), "found 0 texts"),
        ("truncation", serde_json::json!({ "max_length": 12, "direction": "Left" }), "found direction Left"),
        ("truncation", serde_json::json!({ "max_length": 1 }), "found length 1, expected 3 to"),
        ("padding", serde_json::json!({ "strategy": { "Fixed": 999_999_999 }, "pad_id": 0 }), "found length 999999999"),
    ];
    for (field, value, part) in cases {
        let message = Tokenizer::read(Path::new("t.json"), &changed(field, value), &vocabulary([])).unwrap_err().message;
        assert!(message.starts_with("t.json: ") && message.contains(part), "{message}");
    }
    assert!(Tokenizer::of(b"{", &[]).unwrap_err().contains("expected the tokenizer.json"));
}
