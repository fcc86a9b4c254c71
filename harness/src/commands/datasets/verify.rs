//! `bench datasets verify`.

use std::{fmt::Write, path::PathBuf};

use bench_datasets::{Split, Verified, verify};
use serde_json::{Value, json};

use crate::{commands::format::ListFormat, exit::Exit, output};

/// Looks at every folder, whatever is wrong with those before; 1 if one is damaged.
pub fn run(folders: &[PathBuf], format: ListFormat) -> anyhow::Result<Exit> {
    let (mut damaged, mut text, mut found) = (false, String::new(), Vec::new());
    for folder in folders {
        let verified = verify(folder);
        damaged |= !verified.faults.is_empty();
        let name = folder.display().to_string();
        match format {
            ListFormat::Table => tell(&mut text, &name, &verified),
            ListFormat::Json => found.push(json(&name, &verified)),
        }
    }
    match format {
        ListFormat::Table => output::print(&text)?,
        ListFormat::Json => output::print_json(&found)?,
    }
    Ok(if damaged { Exit::No } else { Exit::Fine })
}

fn tell(text: &mut String, name: &str, verified: &Verified) {
    let Verified { dataset, files, fitting, bytes, faults, unlisted } = verified;
    let size = indicatif::BinaryBytes(*bytes);
    // Writing to a string cannot fail.
    let _ = match dataset {
        Some(dataset) => writeln!(
            text,
            "{name}: sound; {files} checksums ({size}), {} samples, all values of {} modalities, labels, splits{}",
            Split::ALL.map(|split| dataset.indices(split).len()).iter().sum::<usize>(),
            dataset.modalities().len(),
            if dataset.groups().is_some() { ", groups" } else { "" }
        ),
        None if *files == 0 => writeln!(text, "{name}: cannot be verified"),
        None => writeln!(text, "{name}: damaged; {fitting} of {files} checksums fit ({size})"),
    };
    for fault in faults {
        let _ = writeln!(text, "  {fault}");
    }
    for name in unlisted {
        let _ = writeln!(text, "  {name}: not in dataset.toml, so no part of the dataset");
    }
}

fn json(name: &str, verified: &Verified) -> Value {
    json!({
        "folder": name,
        "sound": verified.faults.is_empty(),
        "files": verified.files,
        "fitting": verified.fitting,
        "bytes": verified.bytes,
        "samples": verified.dataset.as_ref().map(bench_datasets::Dataset::len),
        "hash": verified.dataset.as_ref().map(bench_datasets::Dataset::hash),
        "faults": verified.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unlisted": verified.unlisted,
    })
}
