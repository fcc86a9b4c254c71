//! Whether run folders are of one run, and the `run.toml` of all of them together.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context;
use serde_json::{Map, Value};

use crate::{exit::Failure, folder::RunFile, output};

/// Fields of `run.toml` that are compared in a way of their own, or that may differ: what a shard is, and the CPU.
const APART: [&str; 6] = ["sources", "planned", "waiting", "shards", "cpu", "settings"];
/// Settings that change no byte of a trial.
const FREE: [&str; 3] = ["shard", "jobs", "data"];

/// A `run.toml` with the folder that it is of.
pub struct Named<'a> {
    pub folder: &'a Path,
    pub run: &'a RunFile,
}

/// The `run.toml` of runs that agree. Jobs, folders of data, the device's index and where settings came from are the first one's.
///
/// # Errors
/// What two of them do not agree in, with both values and both folders.
pub fn merged(runs: &[Named<'_>]) -> anyhow::Result<RunFile> {
    let first = runs.first().context("nothing is merged")?;
    for other in &runs[1..] {
        refuse_other_settings(first, other)?;
    }
    refuse_other_plans(runs)?;
    let mut merged = first.run.clone();
    merged.settings.shard = None;
    merged.sources.remove("shard");
    merged.shards.clear();
    merged.planned = runs.iter().flat_map(|named| named.run.planned.clone()).collect();
    let planned: BTreeSet<&String> = merged.planned.values().collect();
    merged.waiting = runs.iter().flat_map(|named| &named.run.waiting).filter(|what| !planned.contains(what)).cloned().collect();
    let levels: BTreeSet<&str> = runs.iter().flat_map(|named| named.run.cpu.split(", ")).collect();
    merged.cpu = levels.iter().copied().collect::<Vec<_>>().join(", ");
    if levels.len() > 1 {
        output::tell(&format!(
            "bench: warning: these trials were trained on CPUs of several levels ({}), between which the same trial may differ in its last bits",
            merged.cpu
        ));
    }
    Ok(merged)
}

/// Everything that decides what the trials are.
fn refuse_other_settings(one: &Named<'_>, other: &Named<'_>) -> anyhow::Result<()> {
    let (own, others) = (compared(one.run)?, compared(other.run)?);
    let names: BTreeSet<&String> = own.keys().chain(others.keys()).collect();
    for name in names {
        let (left, right) = (own.get(name), others.get(name));
        if left != right {
            let (own, others) = (one.folder.display(), other.folder.display());
            return Err(Failure::usage(format!(
                "{own} and {others} are no parts of one run: {name} is {} in {own} and {} in {others}",
                said(left),
                said(right)
            )));
        }
    }
    Ok(())
}

/// Settings, versions and hashes by name, each whole.
fn compared(run: &RunFile) -> anyhow::Result<Map<String, Value>> {
    let Value::Object(mut fields) = serde_json::to_value(run).context("cannot compare run.toml")? else { return Ok(Map::new()) };
    let settings = fields.remove("settings").and_then(|settings| if let Value::Object(settings) = settings { Some(settings) } else { None });
    fields.retain(|name, _| !APART.contains(&name.as_str()));
    let datasets = fields.remove("datasets").and_then(|datasets| if let Value::Object(datasets) = datasets { Some(datasets) } else { None });
    fields.extend(datasets.into_iter().flatten().map(|(name, hash)| (format!("the content of dataset {name}"), hash)));
    for (name, value) in settings.into_iter().flatten().filter(|(name, _)| !FREE.contains(&name.as_str())) {
        let kind = |device: &Value| device.as_str().and_then(|device| device.split(':').next()).map(Value::from);
        let value = if name == "device" { kind(&value).unwrap_or(value) } else { value };
        fields.insert(name, value);
    }
    Ok(fields)
}

fn said(value: Option<&Value>) -> String {
    match value {
        None => "not set".into(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if !items.is_empty() => items.iter().map(|item| said(Some(item))).collect::<Vec<_>>().join(","),
        Some(value) => value.to_string(),
    }
}

/// The same settings may still stand for other trials: those of another revision of a method, or that start from other weights.
fn refuse_other_plans(runs: &[Named<'_>]) -> anyhow::Result<()> {
    let mut seen: BTreeMap<&str, (BTreeSet<&str>, &Path)> = BTreeMap::new();
    // A folder of an earlier version does not say what was planned.
    let saying: Vec<&Named<'_>> = runs.iter().filter(|named| !named.run.planned.is_empty()).collect();
    for named in &saying {
        let mut own: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, what) in &named.run.planned {
            own.entry(what).or_default().insert(key);
        }
        for (what, keys) in own {
            let (known, folder) = seen.entry(what).or_insert_with(|| (keys.clone(), named.folder));
            if *known != keys {
                let (one, other) = (folder.display(), named.folder.display());
                let list = |keys: &BTreeSet<&str>| keys.iter().copied().collect::<Vec<_>>().join(" and ");
                return Err(Failure::usage(format!(
                    "{one} and {other} are no parts of one run: {what} is trial {} in {one} and {} in {other}; they were trained by different \
                     programs or start from different weights",
                    list(known),
                    list(&keys)
                )));
            }
        }
    }
    for named in &saying {
        let own: BTreeSet<&str> = named.run.planned.values().chain(&named.run.waiting).map(String::as_str).collect();
        if let Some((what, (_, folder))) = seen.iter().find(|(what, _)| !own.contains(*what)) {
            let (one, other) = (folder.display(), named.folder.display());
            return Err(Failure::usage(format!("{one} and {other} are no parts of one run: {what} is planned in {one} and not in {other}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::run_file;

    fn shard(text: &str, cpu: &str, planned: &[(&str, &str)], waiting: &[&str]) -> RunFile {
        let mut run = run_file();
        run.settings.shard = Some(text.parse().unwrap());
        run.sources = [("shard", "flag"), ("epochs", "file")].map(|(name, source)| (name.to_string(), source.to_string())).into();
        run.cpu = cpu.into();
        run.planned = planned.iter().map(|(key, what)| (key.to_string(), what.to_string())).collect();
        run.waiting = waiting.iter().map(ToString::to_string).collect();
        run
    }

    fn merge(runs: &[RunFile]) -> Result<RunFile, String> {
        let folders: Vec<String> = (1..=runs.len()).map(|number| format!("s{number}")).collect();
        let named: Vec<Named<'_>> = folders.iter().zip(runs).map(|(folder, run)| Named { folder: Path::new(folder), run }).collect();
        merged(&named).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_no_setting_of_a_trial_may_differ_and_the_whole_is_no_shard() {
        let one = shard("1/2", "AVX512", &[("a", "x"), ("b", "y")], &["z"]);
        let mut two = shard("2/2", "AVX2", &[("a", "x"), ("b", "y"), ("c", "z")], &[]);
        (two.settings.jobs, two.settings.device) = (7, "cpu".into());
        two.settings.data.push("/elsewhere".into());
        two.sources.insert("data".into(), "flag".into());
        let merged = merge(&[one.clone(), two]).unwrap();
        assert_eq!(merged.settings.shard, None);
        assert_eq!((merged.settings.jobs, merged.cpu.as_str()), (2, "AVX2, AVX512"));
        assert_eq!(merged.sources, BTreeMap::from([("epochs".to_string(), "file".to_string())]));
        assert_eq!(merged.planned.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(merged.waiting.is_empty());
        assert_eq!(merge(&[one.clone(), one]).unwrap().waiting.len(), 1);
    }

    #[test]
    fn what_differs_is_named_with_both_values_and_both_folders() {
        let base = shard("1/2", "AVX2", &[("a", "x")], &[]);
        type Change = fn(&mut RunFile);
        let changes: [(Change, &str); 9] = [
            (|run| run.settings.epochs = 31, "epochs is 30 in s1 and 31 in s2"),
            (|run| run.settings.seeds.push(7), "seeds is 42 in s1 and 42,7 in s2"),
            (|run| run.settings.device = "cuda:0".into(), "device is cpu in s1 and cuda in s2"),
            (|run| run.settings.reference = Some("late".into()), "reference is not set in s1 and late in s2"),
            (|run| run.bench = "0.2.0".into(), "bench is 0.1.0 in s1 and 0.2.0 in s2"),
            (|run| run.libtorch = "3".into(), "libtorch is 2.11.0 in s1 and 3 in s2"),
            (|run| drop(run.datasets.insert("digits".into(), "ab".into())), "the content of dataset digits is not set in s1 and ab in s2"),
            (|run| drop(run.planned.insert("b".into(), "y".into())), "y is planned in s2 and not in s1"),
            (|run| run.planned = BTreeMap::from([("b".into(), "x".into())]), "x is trial a in s1 and b in s2"),
        ];
        for (change, expected) in changes {
            let mut other = base.clone();
            change(&mut other);
            let refused = merge(&[base.clone(), other]).unwrap_err();
            assert!(refused.contains("are no parts of one run: ") && refused.contains(expected), "{refused}");
        }
    }
}
