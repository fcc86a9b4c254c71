//! `bench doctor`: what bench runs on, and how to mend what is missing.

use std::path::PathBuf;

use bench_datasets::{Dataset, DatasetRef};
use bench_store::{folder::FORMAT, protocol::Probe};
use clap::Args;
use serde::Serialize;

use super::format::ListFormat;
use crate::{
    exit::{Exit, sentence},
    machine::{self, bytes},
    output, search,
    workers::WorkerProgram,
};

/// Below this a default run may not fit.
const LITTLE_DISK: u64 = 1_000_000_000;
/// What a worker needs at least.
const LITTLE_MEMORY: u64 = 1_000_000_000;

/// Arguments of `bench doctor`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Run folder whose disk is looked at
    #[arg(long, env = "BENCH_OUT", value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// As it should be.
    Fine,
    /// Works without.
    Note,
    /// Does not work without.
    Missing,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    found: String,
    /// What to do, where something is to be done.
    remedy: Option<String>,
}

impl Finding {
    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Fine, found: found.into(), remedy: None }
    }

    fn note(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, state: State::Note, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn missing(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, state: State::Missing, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at everything; exit code 2 if something is missing without which nothing runs.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut findings = vec![Finding::fine("bench", format!("{} (run folder format {FORMAT})", env!("CARGO_PKG_VERSION")))];
    findings.extend(worker());
    findings.extend(machine(arguments));
    findings.extend(datasets(arguments));
    match arguments.format {
        ListFormat::Json => output::print_json(&findings)?,
        ListFormat::Table => output::print(&table(&findings))?,
    }
    Ok(if findings.iter().any(|finding| finding.state == State::Missing) { Exit::Usage } else { Exit::Fine })
}

fn worker() -> Vec<Finding> {
    let program = match WorkerProgram::find() {
        Ok(program) => program,
        Err(error) => {
            return vec![Finding::missing(
                "worker",
                sentence(&error),
                "`cargo xtask setup` finds or installs libtorch, then `cargo build` builds it",
            )];
        }
    };
    let mut findings = vec![Finding::fine("worker", program.path().display().to_string())];
    match program.probe() {
        Ok(probe) => findings.extend(libtorch(&probe)),
        Err(error) => {
            let remedy = "libtorch is missing or of another version: `cargo xtask setup` finds or installs it, then `cargo build`";
            findings.push(Finding::missing("libtorch", sentence(&error).replace("; run `bench doctor`", ""), remedy));
        }
    }
    match program.describe() {
        Ok(description) => {
            let ids: Vec<&str> = description.methods.iter().map(|card| card.id.as_str()).collect();
            findings.push(Finding::fine("methods", ids.join(", ")));
        }
        // The probe has told it already.
        Err(_) if findings.iter().any(|finding| finding.state == State::Missing) => {}
        Err(error) => findings.push(Finding::missing("methods", sentence(&error), "build `bench` and `bench-worker` from the same sources")),
    }
    findings
}

fn libtorch(probe: &Probe) -> Vec<Finding> {
    let mut findings = vec![Finding::fine("libtorch", format!("{} ({} kernels)", probe.libtorch, probe.cpu))];
    findings.push(match &probe.driver {
        Ok(version) => Finding::fine("CUDA driver", version.clone()),
        Err(reason) => Finding::note("CUDA driver", reason.clone(), "runs are on the CPU; for CUDA install NVIDIA's driver"),
    });
    findings.push(match (&probe.cuda_library, &probe.driver) {
        (Ok(()), _) => Finding::fine("CUDA library", "libtorch's CUDA library loads"),
        (Err(reason), _) => {
            Finding::note("CUDA library", reason.clone(), "runs are on the CPU; for CUDA set libtorch up with `cargo xtask setup --cuda`")
        }
    });
    for device in &probe.devices {
        findings.push(Finding::fine("CUDA device", format!("cuda:{} {}, {}", device.index, device.name, bytes(device.total_bytes))));
    }
    findings
}

fn machine(arguments: &Arguments) -> Vec<Finding> {
    let mut findings = vec![Finding::fine("cores", format!("{} (as many workers of one thread each, if --jobs does not say)", machine::cores()))];
    match machine::memory() {
        Some((total, free)) if free < LITTLE_MEMORY => {
            let found = format!("{} of {} free", bytes(free), bytes(total));
            findings.push(Finding::note("memory", found, "close other programs, or take fewer workers with --jobs"));
        }
        Some((total, free)) => findings.push(Finding::fine("memory", format!("{} of {} free", bytes(free), bytes(total)))),
        None => findings.push(Finding::fine("memory", "unknown: the system does not say")),
    }
    let place = arguments.out.display();
    match machine::free_space(&arguments.out) {
        Some(free) if free < LITTLE_DISK => {
            findings.push(Finding::note("disk", format!("{} free for {place}", bytes(free)), "make room, or choose another folder with --out"));
        }
        Some(free) => findings.push(Finding::fine("disk", format!("{} free for {place}", bytes(free)))),
        None => findings.push(Finding::note("disk", format!("free space for {place} is unknown"), "check that the folder can be reached")),
    }
    findings
}

fn datasets(arguments: &Arguments) -> Vec<Finding> {
    let folders = search::folders(&arguments.data);
    let remedy = "restore the files (they are part of the repository), or name their folder with --data";
    let names = match Dataset::available(&folders) {
        Ok(names) if names.is_empty() => return vec![Finding::missing("datasets", "none is found", remedy)],
        Ok(names) => names,
        Err(error) => return vec![Finding::missing("datasets", error.to_string(), remedy)],
    };
    let look = |name: &String| match Dataset::open(&DatasetRef::whole(name), &folders) {
        Ok(dataset) => Finding::fine("dataset", format!("{name}: {} samples, checksums verified", dataset.len())),
        Err(error) => Finding::missing("dataset", format!("{name}: {error}"), remedy),
    };
    names.iter().map(look).collect()
}

fn table(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let mark = match finding.state {
            State::Fine => "ok",
            State::Note => "--",
            State::Missing => "!!",
        };
        let remedy = finding.remedy.as_ref().map_or_else(String::new, |remedy| format!("\n{:17}-> {remedy}", ""));
        format!("{mark}  {:<13}{}{remedy}\n", finding.what, finding.found)
    };
    let missing = findings.iter().filter(|finding| finding.state == State::Missing).count();
    let verdict = match missing {
        0 => "bench can run".to_string(),
        1 => "bench cannot run: mend the line marked !!".to_string(),
        _ => format!("bench cannot run: mend the {missing} lines marked !!"),
    };
    format!("{}\n{verdict}\n", findings.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_without_cuda_is_a_note_with_a_remedy_and_no_failure() {
        let probe = Probe {
            libtorch: "2.11.0".into(),
            cpu: "AVX2".into(),
            driver: Err("no NVIDIA driver".into()),
            cuda_library: Err("libtorch_cuda.so is not there".into()),
            devices: Vec::new(),
        };
        let findings = libtorch(&probe);
        assert!(findings.iter().all(|finding| finding.state != State::Missing));
        assert!(findings.iter().filter(|finding| finding.state == State::Note).all(|finding| finding.remedy.is_some()));
        let text = table(&findings);
        assert!(text.contains("no NVIDIA driver") && text.contains("bench can run"), "{text}");
    }

    #[test]
    fn something_missing_is_counted() {
        assert!(table(&[Finding::missing("worker", "not there", "build it")]).contains("mend the line marked !!"));
    }
}
