//! `report.md`.

use std::fmt::Write;

use anyhow::Context;
use bench_reports::{
    report::{self, RunInfo},
    summary::Summary,
};
use bench_store::files;

use crate::{
    folder::{Folder, RunFile},
    tuning::Preset,
};

/// The report with the self-tests' findings and notes behind it.
pub fn markdown(summary: &Summary, run: &RunFile, notes: &[String], folder: &Folder) -> anyhow::Result<String> {
    let mut text = report::markdown(summary, &info(run));
    text.push_str(&tuned(&run.tuned));
    text.push_str(&selftests(folder)?);
    if !notes.is_empty() {
        text.push_str("\n## Left out\n\n");
        for note in notes {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {note}");
        }
    }
    Ok(text)
}

fn info(run: &RunFile) -> RunInfo {
    let settings = &run.settings;
    let list = |items: &[String]| items.join(", ");
    let seeds: Vec<String> = settings.seeds.iter().map(ToString::to_string).collect();
    let facts = [
        ("suite", settings.suite.clone()),
        ("datasets", list(&settings.dataset)),
        ("methods", list(&settings.method)),
        ("seeds", list(&seeds)),
        ("training", format!("at most {} epochs, stopped after {} without a better validation score", settings.epochs, settings.patience)),
        ("device", settings.device.clone()),
        ("libtorch", format!("{} ({} kernels)", run.libtorch, run.cpu)),
        ("bench", run.bench.clone()),
    ];
    RunInfo { title: settings.suite.clone(), facts: facts.map(|(name, value)| (name.to_string(), value)).into() }
}

/// What tuning chose for the methods of the last run; empty where nothing was tuned.
fn tuned(presets: &[Preset]) -> String {
    if presets.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## What tuning changed\n\nMedians of the validation score over the tuning seeds, with the method's defaults and with what was kept. The kept one is the best of several, so it \
         promises more than it holds; what tuning changed on the test split is told by a run without it: `bench compare UNTUNED TUNED`.\n\n\
         | dataset | method | settings tried | defaults | kept | what is kept |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for preset in presets {
        let method = preset.modality.as_ref().map_or_else(|| preset.method.clone(), |modality| format!("{}/{modality}", preset.method));
        let number = |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{value:.4}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {method} | {} | {} | {} | {} |",
            preset.dataset,
            preset.settings,
            number(preset.default),
            number(Some(preset.chosen)),
            preset.setting.describe()
        );
    }
    text
}

/// What the corruptions really did, from `selftest.json`; empty where it is not there.
fn selftests(folder: &Folder) -> anyhow::Result<String> {
    let path = folder.root().join("selftest.json");
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(String::new()) };
    let all: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; delete it", path.display()))?;
    let mut text = String::from(
        "\n## Self-tests of the corruptions\n\nOn the test split with the first seed. `realised` is the noise before clamping (root mean square) or \
         the share masked, and must lie in `bounds`; `applied` is the mean over samples after clamping.\n",
    );
    for (dataset, tests) in &all {
        let _ = writeln!(
            text,
            "\n### {dataset}\n\n| corruption | unit | level | realised | bounds | applied |\n| --- | --- | ---: | ---: | --- | ---: |"
        );
        for test in tests.as_array().into_iter().flatten() {
            let number = |name: &str| test.get(name).and_then(serde_json::Value::as_f64).map_or_else(|| "–".into(), |value| format!("{value:.4}"));
            let word = |name: &str| test.get(name).and_then(serde_json::Value::as_str).unwrap_or("–").to_string();
            let level = test.get("level").map_or_else(|| "–".into(), ToString::to_string);
            let _ = writeln!(
                text,
                "| `{}` | {} | {level} | {} | {} to {} | {} |",
                word("condition"),
                word("unit"),
                number("realised"),
                number("low"),
                number("high"),
                number("applied")
            );
        }
    }
    Ok(text)
}
