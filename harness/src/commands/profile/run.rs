//! From flags to tables.

use bench_reports::cost::Group;
use bench_store::{profile::Subject, protocol::Description};

use super::{
    arguments::{Arguments, Scale},
    jobs::{self, Measurement, Protocol},
    keep::keep,
    print::Report,
    scale::Series,
    synthetic::Temporary,
    trained,
    work::{self, Measured},
};
use crate::{
    commands::{report, run::device},
    exit::{Exit, Failure},
    interrupt::Interrupt,
    output, search,
    settings::{Device, Layer, Seeds, Settings, Source},
    workers::WorkerProgram,
};

/// Quick enough to look at in a minute or two, and of both kinds: vectors, where calls bind, and images and text, where kernels do.
const DATASETS: [&str; 2] = ["cremad-votes?train=1000", "openmoji?train=500"];
/// The name of the extractors' tables.
const EXTRACTORS: &str = "extractors";

/// Runs the command.
///
/// # Errors
/// Unknown names, a run folder without what is asked of it, or a worker that does not start.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    refuse_pointless(arguments)?;
    let settings = settings(arguments)?;
    let opened = arguments.run.as_deref().map(|path| report::open(path, None, &arguments.data)).transpose()?;
    if let Some(opened) = opened.as_ref().filter(|_| arguments.keep) {
        return keep(opened, arguments, settings.device);
    }
    let data: Vec<_> = arguments.data.iter().chain(opened.iter().flat_map(|opened| &opened.run.settings.data)).cloned().collect();
    let folders = search::folders(&data);
    let worker = WorkerProgram::find()?;
    let probe = (settings.device != Device::Cpu).then(|| worker.probe()).transpose()?;
    let description = worker.describe()?;
    let device = device(settings.device, probe.as_ref())?;
    if let Some(folder) = &arguments.out {
        Report::refuse_unwritable(folder)?;
    }
    let protocol = Protocol::of(arguments, &device, folders.clone());

    let only_extractors = !arguments.extractor.is_empty() && arguments.method.is_empty() && arguments.dataset.is_empty() && opened.is_none();
    let datasets = || settings.datasets.iter().map(|reference| search::open(reference, &folders)).collect::<anyhow::Result<Vec<_>>>();
    // Before made-up data is written: an interrupt must leave none of it behind.
    let interrupt = Interrupt::listen()?;
    let mut notes = Vec::new();
    let (mut measurements, mut series, mut temporary) = (Vec::new(), None, None);
    if let Some(scale) = arguments.scale {
        let folder = temporary.insert(Temporary::new()?);
        let (scale, points, of) = Series::of(scale, &settings, datasets()?, &description, &protocol, folder)?.split();
        measurements = of;
        series = Some((scale, points));
    } else if let Some(opened) = &opened {
        (measurements, notes) = trained::measurements(opened, arguments, &protocol)?;
    } else if !only_extractors {
        measurements = jobs::untrained(&settings, datasets()?, &description, &protocol)?;
    }
    measurements.extend(extractors(arguments, &protocol));

    let measure = if series.is_some() { work::measure_together } else { work::measure };
    let mut measured = measure(&worker, &interrupt, measurements, arguments.quiet);
    if measured.interrupted {
        output::tell("bench: interrupted; nothing was printed or written");
        arguments.out.iter().for_each(|folder| Report::forget(folder));
        return Ok(Exit::Interrupted);
    }
    let found = take_extractors(&mut measured);
    let report = Report {
        facts: facts(arguments, &description, &device),
        scaled: series.map(|(scale, points)| Series::scaled(scale, &points, &measured.groups)),
        extractors: found,
        groups: std::mem::take(&mut measured.groups),
        notes,
        detail: arguments.detail,
    };
    drop(temporary);
    if let Some(folder) = &arguments.out {
        report.write(folder)?;
    }
    if !report.groups.is_empty() || report.extractors.is_some() {
        report.print(arguments.format)?;
    }
    if let Some(folder) = arguments.out.as_ref().filter(|_| !arguments.quiet) {
        output::tell(&format!("bench: written to {}", folder.display()));
    }
    Ok(measured.conclude())
}

/// Flags that would be passed over in silence.
fn refuse_pointless(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.scale {
        Some(Scale::Batch) if arguments.no_timing => Err(Failure::usage("--scale batch only times, so --no-timing leaves nothing of it")),
        Some(Scale::Batch) if arguments.dataset.len() > 1 => Err(Failure::usage("--scale batch takes one dataset")),
        Some(Scale::Modalities | Scale::Width | Scale::Length) if !arguments.dataset.is_empty() => {
            Err(Failure::usage("--scale makes its own data, except for batches; leave --dataset out"))
        }
        _ => Ok(()),
    }
}

fn settings(arguments: &Arguments) -> anyhow::Result<Settings> {
    let given = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    let layer = Layer {
        dataset: given(&arguments.dataset).or_else(|| Some(DATASETS.map(String::from).to_vec())),
        method: given(&arguments.method),
        seeds: Some(Seeds::First(1)),
        device: arguments.device.clone(),
        preset: arguments.preset,
        data: Some(arguments.data.clone()),
        ..Layer::default()
    };
    // A run's labels are no names of methods (`concat (paper's training)`), and are looked up in the run.
    let layer = if arguments.run.is_some() { Layer { method: None, dataset: None, ..layer } } else { layer };
    Settings::resolve(vec![(Source::Flag, layer)], false)
}

fn extractors(arguments: &Arguments, protocol: &Protocol) -> Option<Measurement> {
    let subjects: Vec<Subject> =
        arguments.extractor.iter().map(|extractor| Subject::Extractor { name: extractor.name.into(), size: extractor.size }).collect();
    (!subjects.is_empty()).then(|| Measurement {
        name: EXTRACTORS.into(),
        modalities: 0,
        scores: vec![None; subjects.len()],
        job: protocol.one_by_one().job(subjects),
        refused: Vec::new(),
        control: None,
    })
}

fn take_extractors(measured: &mut Measured) -> Option<Group> {
    let at = measured.groups.iter().position(|group| group.name == EXTRACTORS)?;
    Some(measured.groups.remove(at))
}

fn facts(arguments: &Arguments, worker: &Description, device: &str) -> Vec<(&'static str, String)> {
    let timing = if arguments.no_timing {
        "none".into()
    } else {
        format!("{} calls each after {} to warm up, one computing thread", arguments.repeats, arguments.warm_up)
    };
    let weights = arguments.run.as_ref().map_or_else(|| "initial".into(), |folder| format!("first seed of {}", folder.display()));
    vec![
        ("device", device.into()),
        ("libtorch", format!("{} ({} kernels)", worker.libtorch, worker.cpu)),
        ("bench", worker.version.clone()),
        ("batch", format!("{} for counts and memory", arguments.batch)),
        ("timing", timing),
        ("weights", weights),
    ]
}
