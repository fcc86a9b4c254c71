//! The lists of QMF (Zhang et al., ICML 2023) and MMBT: `train.jsonl`, `dev.jsonl`, `test.jsonl`, on each line an object with `id`, `label`, `text`, `img`.

use bench_readers::ReadError;
use serde::Deserialize;
use serde_json::Value;

use super::{Listing, Sample, divide, draft, lines, split_of};
use crate::{
    Draft, ImportError,
    formats::{Format, Glance, Request, Takes},
};

/// QMF.
pub(in crate::formats) const QMF: Format = Format {
    name: "qmf",
    title: "lists of QMF and MMBT: train.jsonl, dev.jsonl, test.jsonl with id, label, text, img on each line",
    paths: "the lists or their folder, then the folder below which `img` lies, if it is another",
    takes: &[Takes::Media],
    read,
    recognise,
};

/// One line; what else stands there is not looked at.
#[derive(Debug, Deserialize)]
struct Line {
    id: Value,
    label: Value,
    text: Option<String>,
    img: Option<String>,
}

fn is_list(name: &str) -> bool {
    matches!(name, "train.jsonl" | "dev.jsonl" | "val.jsonl" | "test.jsonl")
}

fn recognise(glance: &Glance) -> Option<String> {
    let request = Request { paths: glance.paths.clone(), ..Request::default() };
    let (lists, _) = divide(&request, is_list).ok()?;
    let file = lists.first().filter(|file| file.extension().is_some_and(|ending| ending == "jsonl"))?;
    let (_, first) = lines(file).ok()?.into_iter().next()?;
    serde_json::from_str::<Line>(&first).is_ok().then(|| format!("{} has objects with id and label", file.display()))
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let (lists, folders) = divide(request, is_list)?;
    let mut listing = Listing::default();
    for list in &lists {
        let split = split_of(list)?;
        for (number, text) in lines(list)? {
            let wrong = |found: String, expected: &str, remedy: &str| ReadError::invalid(list, format!("line {number}"), found, expected, remedy);
            let line: Line = serde_json::from_str(&text)
                .map_err(|error| wrong(error.to_string(), "an object with id, label, text and img", "check that this is a list of QMF"))?;
            let scalar = |value: &Value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let id = scalar(&line.id).ok_or_else(|| wrong(format!("the id {}", line.id), "a text or a number", "correct the line"))?;
            let label = scalar(&line.label)
                .ok_or_else(|| wrong(format!("the label {}", line.label), "one class", "data sets with several labels a sample are not read"))?;
            listing.samples.push(Sample { split, id, label, text: Some(line.text.unwrap_or_default()), image: Some(line.img.unwrap_or_default()) });
        }
    }
    draft(request, listing, &lists, &folders)
}
