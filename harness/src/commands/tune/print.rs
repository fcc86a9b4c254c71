//! What a search came to: on the terminal, as a page, as data.

use std::fmt::Write;

use serde_json::{Value, json};

use super::search::Searched;
use crate::{commands::dry_run::plural, folder::Folder, output, tuning::SEEDS};

const HEADER: [&str; 6] = ["method", "defaults", "kept", "change", "drawn blindly", "what is kept"];

fn row(one: &Searched<'_>) -> Vec<String> {
    let share = one.study.higher_is_better;
    let number =
        |value: Option<f64>| value.map_or_else(|| "–".into(), |value| if share { format!("{:.2}", value * 100.0) } else { format!("{value:.4}") });
    let Some(preset) = &one.preset else {
        return vec![one.of.label.clone(), "–".into(), "–".into(), "–".into(), "–".into(), "nothing could be trained".into()];
    };
    let change = preset.default.map(|default| preset.chosen - default);
    let signed = |change: f64| {
        let text = number(Some(change.abs()));
        if text.bytes().all(|byte| b"0.".contains(&byte)) { "0".into() } else { format!("{}{text}", if change < 0.0 { '−' } else { '+' }) }
    };
    vec![
        one.of.label.clone(),
        number(preset.default),
        number(Some(preset.chosen)),
        change.map_or_else(|| "–".into(), signed),
        number(preset.drawn),
        preset.setting.describe(),
    ]
}

fn by_dataset<'a, 's>(searched: &'a [Searched<'s>]) -> Vec<(&'a str, Vec<&'a Searched<'s>>)> {
    let mut all: Vec<(&str, Vec<&Searched<'_>>)> = Vec::new();
    for one in searched {
        let name = one.of.subject.dataset.as_str();
        match all.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => own.push(one),
            None => all.push((name, vec![one])),
        }
    }
    all
}

fn metric(own: &[&Searched<'_>]) -> String {
    let name = own.iter().find_map(|one| one.preset.as_ref()).map_or("score", |preset| preset.metric.as_str());
    let unit = if own.iter().any(|one| one.study.higher_is_better) { ", %" } else { "" };
    format!("validation {}{unit}", name.replace('_', " "))
}

fn budget(searched: &[Searched<'_>]) -> String {
    let settings = searched.first().map_or(0, |one| one.study.candidates.len());
    format!(
        "{} of each method with seed {}; the best and the defaults also with seeds {}; the median decides. `drawn blindly` is the median of all settings with the first seed.",
        plural(settings, "setting"),
        SEEDS[0],
        SEEDS[1..].iter().map(u64::to_string).collect::<Vec<_>>().join(" and ")
    )
}

/// For people.
pub fn terminal(searched: &[Searched<'_>], folder: &Folder) -> String {
    let mut text = String::new();
    for (dataset, own) in by_dataset(searched) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{dataset}, {}\n{}", metric(&own), output::table(&HEADER, own.iter().map(|one| row(one)), &[1, 2, 3, 4]));
    }
    let presets = folder.root().join("presets");
    let _ = writeln!(text, "{}\npresets: {}   use: bench run --preset tuned --presets {}", budget(searched), presets.display(), presets.display());
    text
}

/// `tuning.md`.
pub fn markdown(searched: &[Searched<'_>]) -> String {
    let mut text = format!(
        "# What tuning chose\n\n{}\n\nNothing here was seen by the test split. The kept score is the best of several, so it promises more than it holds; only a test says what tuning changed.\n",
        budget(searched)
    );
    for (dataset, own) in by_dataset(searched) {
        let _ = write!(text, "\n## {dataset}\n\n{}\n\n| {} |\n| --- | ---: | ---: | ---: | ---: | --- |\n", metric(&own), HEADER.join(" | "));
        for one in own {
            let _ = writeln!(text, "| {} |", row(one).join(" | "));
        }
    }
    text
}

/// For programs.
pub fn json(searched: &[Searched<'_>]) -> Value {
    let one = |one: &Searched<'_>| {
        let candidates: Vec<Value> = one
            .study
            .candidates
            .iter()
            .map(|candidate| {
                let scores: serde_json::Map<String, Value> = candidate
                    .scores
                    .iter()
                    .map(|(seed, score)| (seed.to_string(), score.as_ref().map_or_else(|note| json!({ "failed": note }), |score| json!(score))))
                    .collect();
                json!({ "setting": candidate.setting, "validation": scores })
            })
            .collect();
        json!({
            "dataset": one.of.subject.dataset, "method": one.of.subject.method, "modality": one.of.subject.modality,
            "preset": one.preset, "candidates": candidates,
        })
    };
    json!({ "format": 1, "tuned": searched.iter().map(one).collect::<Vec<_>>() })
}
