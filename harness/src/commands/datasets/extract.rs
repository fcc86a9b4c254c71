//! `bench datasets extract`: a dataset with features in the place of raw inputs, as a folder of its own.

use std::path::{Path, PathBuf};

use bench_datasets::DatasetRef;
use clap::{Args, builder::BoolishValueParser};

use crate::{
    commands::run as training,
    exit::{Exit, Failure},
    extract::{Asked, Extraction},
    interrupt::Interrupt,
    output, search,
    settings::Device,
    workers::{Pool, WorkerProgram},
};

/// Arguments of `bench datasets extract`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// `NAME` or a folder
    #[arg(value_name = "NAME")]
    dataset: DatasetRef,
    /// Modality and TorchScript module, which is a program that is run; the tokenizer of a text lies beside it (FILE with the ending
    /// .tokenizer.json, or tokenizer.json); may be given several times
    #[arg(long, value_name = "MODALITY=FILE", value_delimiter = ',', required = true)]
    extractor: Vec<String>,
    /// The new dataset's folder, whose name is the dataset's
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where to compute
    #[arg(long, env = "BENCH_DEVICE", default_value = "auto", value_name = "auto|cpu|cuda:N")]
    device: String,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    quiet: bool,
}

/// Makes it.
pub fn run(arguments: &Arguments, folders: &[PathBuf]) -> anyhow::Result<Exit> {
    let asked = Asked::all(&arguments.extractor)?;
    let name = arguments.out.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.parse::<DatasetRef>().is_err() || name.contains('?') {
        let message = format!("out: `{name}` cannot be a dataset's name", name = name.escape_debug());
        return Err(Failure::usage(format!("{message}; choose a folder's name of letters, digits and -_.+")));
    }
    if arguments.out.exists() {
        return Err(Failure::usage(format!("out: {} is already there; choose another folder", arguments.out.display())));
    }
    if arguments.dataset.train.is_some() {
        return Err(Failure::usage("features are made of all samples: leave `?train=N` out, and give it when the new dataset is used"));
    }
    let source = search::open(&arguments.dataset, folders)?;
    if let Some(absent) = asked.iter().find(|asked| source.modality(&asked.modality).is_none()) {
        let known = source.modalities().iter().map(|modality| modality.name.as_str());
        return Err(crate::names::unknown("modality", &absent.modality, known));
    }
    let worker = WorkerProgram::find()?;
    let description = worker.describe()?;
    let wanted: Device = arguments.device.parse().map_err(|problem| Failure::usage(format!("device: {problem}")))?;
    let probe = (wanted != Device::Cpu).then(|| worker.probe()).transpose()?;
    let device = training::device(wanted, probe.as_ref())?;
    let interrupt = Interrupt::listen()?;
    let pool = Pool { program: &worker, jobs: 1, interrupt: &interrupt };
    let extraction = Extraction { pool: &pool, libtorch: &description.libtorch, device: &device, folders, quiet: arguments.quiet };
    let parent = arguments.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    extraction.make(&source, &asked, parent, name)?;
    output::tell(&format!(
        "bench: {} holds the features; a corruption of their raw input runs the extractor again, with --trust-extractors",
        arguments.out.display()
    ));
    Ok(Exit::Fine)
}
