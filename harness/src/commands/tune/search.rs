//! The search: settings drawn, tried, and one kept.

use std::collections::BTreeMap;

use bench_datasets::Dataset;
use bench_reports::summary::Task;
use bench_store::{files, protocol::Description};
use clap::ArgMatches;

use super::{
    Arguments,
    arguments::Format,
    log, print,
    trials::{self, Bench, Opened, Tried},
};
use crate::{
    commands::{dry_run::plural, run::Ready},
    exit::{Exit, Failure},
    folder::Folder,
    interrupt::Interrupt,
    output,
    plan::{Try, Tunable},
    results,
    tuning::{Candidate, FINALISTS, Preset, Presets, SEEDS, Study, draw, file_of},
    workers::WorkerProgram,
};

/// A method with the settings tried of it.
pub struct Searched<'a> {
    /// The method.
    pub of: &'a Tunable,
    /// What was tried and what validation said.
    pub study: Study,
    /// Trials by place and seed.
    pub tried: BTreeMap<(usize, u64), Tried>,
    /// What is kept; `None` where nothing could be trained.
    pub preset: Option<Preset>,
}

/// Runs the search.
pub fn run(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Exit> {
    let all = if arguments.method.is_empty() { trained(&WorkerProgram::find()?.describe()?) } else { Vec::new() };
    let Opened { ready, datasets, folder, subjects } = trials::open(arguments, matches, all)?;
    refuse_parts(&subjects)?;
    if subjects.is_empty() {
        return Err(Failure::usage("there is nothing to tune: none of these methods is trained on these datasets"));
    }
    let mut searched: Vec<Searched<'_>> = subjects.iter().map(|of| begin(of, &datasets, arguments.trials.get())).collect();
    let interrupt = Interrupt::listen()?;
    if arguments.dry_run {
        return dry_run(&searched, &ready, datasets, &folder, &interrupt);
    }
    let _lock = folder.lock()?;
    let bench = Bench { ready: &ready, folder: &folder, interrupt: &interrupt, quiet: arguments.quiet };
    let first = |searched: &Searched<'_>| (0..searched.study.candidates.len()).map(|at| (at, SEEDS[0])).collect::<Vec<_>>();
    let datasets = match round(&mut searched, first, &bench, datasets)? {
        Ok(datasets) => datasets,
        Err(exit) => return Ok(exit),
    };
    let others = |searched: &Searched<'_>| {
        let finalists = searched.study.finalists();
        SEEDS[1..].iter().flat_map(|&seed| finalists.iter().map(move |&at| (at, seed))).collect::<Vec<_>>()
    };
    let datasets = match round(&mut searched, others, &bench, datasets)? {
        Ok(datasets) => datasets,
        Err(exit) => return Ok(exit),
    };
    for one in &mut searched {
        one.preset = keep(one, &datasets, &ready);
    }
    write(&searched, &folder, arguments)?;
    match arguments.format {
        Format::Table => output::print(&print::terminal(&searched, &folder))?,
        Format::Md => output::print(&print::markdown(&searched))?,
        Format::Json => output::print_json(&print::json(&searched))?,
    }
    let failed: Vec<String> =
        searched.iter().filter(|one| one.preset.is_none()).map(|one| format!("{} on {}", one.of.label, one.of.subject.dataset)).collect();
    if failed.is_empty() {
        return Ok(Exit::Fine);
    }
    output::tell(&format!("bench: no setting could be trained with all seeds: {}", failed.join(", ")));
    Ok(Exit::Trial)
}

/// Every method that is trained.
fn trained(description: &Description) -> Vec<String> {
    description.methods.iter().filter(|card| card.capabilities.trained).map(|card| card.id.clone()).collect()
}

/// A preset belongs to a whole method; its variants take it over.
fn refuse_parts(subjects: &[Tunable]) -> anyhow::Result<()> {
    let part = subjects.iter().find(|of| {
        let reference = of.reference();
        !reference.options.is_empty() || (reference.variant.is_some() && of.subject.modality.is_none())
    });
    part.map_or(Ok(()), |of| {
        Err(Failure::usage(format!("{} is a part of a method; tune `{}`, whose variants take its preset over", of.reference(), of.card.id)))
    })
}

fn begin<'a>(of: &'a Tunable, datasets: &[Dataset], count: usize) -> Searched<'a> {
    let settings = draw(&of.card, &of.subject.dataset, of.subject.modality.as_deref(), count);
    let dataset = datasets.iter().find(|dataset| dataset.reference().to_string() == of.subject.dataset);
    let higher_is_better = dataset.is_none_or(|dataset| results::task(dataset) == Task::Classification);
    Searched {
        of,
        study: Study { candidates: settings.into_iter().map(Candidate::new).collect(), higher_is_better },
        tried: BTreeMap::new(),
        preset: None,
    }
}

/// Trains the tries that `which` names of each method and takes their scores in.
fn round(
    searched: &mut [Searched<'_>],
    which: impl Fn(&Searched<'_>) -> Vec<(usize, u64)>,
    bench: &Bench<'_>,
    datasets: Vec<Dataset>,
) -> anyhow::Result<Result<Vec<Dataset>, Exit>> {
    let places: Vec<(usize, usize, u64)> =
        searched.iter().enumerate().flat_map(|(at, one)| which(one).into_iter().map(move |(place, seed)| (at, place, seed))).collect();
    let tries: Vec<Try<'_>> = places
        .iter()
        .map(|&(at, place, seed)| Try {
            of: searched[at].of,
            setting: &searched[at].study.candidates[place].setting,
            name: format!("setting {place}"),
            seed,
        })
        .collect();
    let (tried, datasets) = match bench.train(&tries, datasets)? {
        Ok(done) => done,
        Err(exit) => return Ok(Err(exit)),
    };
    for ((at, place, seed), tried) in places.into_iter().zip(tried) {
        searched[at].study.candidates[place].scores.insert(seed, tried.score());
        searched[at].tried.insert((place, seed), tried);
    }
    Ok(Ok(datasets))
}

/// The preset that a search comes to.
fn keep(searched: &Searched<'_>, datasets: &[Dataset], ready: &Ready) -> Option<Preset> {
    let Searched { of, study, tried, .. } = searched;
    let place = study.chosen()?;
    let candidate = study.candidates.get(place)?;
    let dataset = datasets.iter().find(|dataset| dataset.reference().to_string() == of.subject.dataset)?;
    let metric = tried.values().find_map(|tried| tried.trained.as_ref().ok()).map(|trained| trained.outcome.selected_by.clone())?;
    Some(Preset {
        dataset: of.subject.dataset.clone(),
        dataset_hash: dataset.hash().into(),
        method: of.subject.method.clone(),
        modality: of.subject.modality.clone(),
        revision: of.card.revision,
        settings: study.candidates.len(),
        seeds: SEEDS.to_vec(),
        epochs: ready.settings.epochs,
        patience: ready.settings.patience,
        libtorch: ready.description.libtorch.clone(),
        metric,
        default: study.candidates.first().and_then(|defaults| defaults.median(study.higher_is_better)),
        chosen: candidate.median(study.higher_is_better)?,
        drawn: study.drawn_median(),
        place,
        setting: candidate.setting.clone(),
    })
}

/// Presets, logs and the page.
fn write(searched: &[Searched<'_>], folder: &Folder, arguments: &Arguments) -> anyhow::Result<()> {
    let own = folder.root().join("presets");
    for folder in [Some(&own), arguments.write.as_ref()].into_iter().flatten() {
        files::create_folder(folder)?;
        let mut presets = Presets::of_folder(folder)?;
        searched.iter().filter_map(|one| one.preset.clone()).for_each(|preset| presets.insert(preset));
        let mut by_file: BTreeMap<String, Vec<&Searched<'_>>> = BTreeMap::new();
        for one in searched {
            by_file.entry(file_of(&one.of.subject.dataset)).or_default().push(one);
        }
        // The logs first: a preset without its log would look as if it came from nowhere.
        for (stem, own) in by_file {
            let path = folder.join(format!("{stem}.csv"));
            let before = files::read_if_there(&path)?;
            files::write_whole(&path, &log::merged(before.as_deref(), &own)?)?;
        }
        for (name, text) in presets.files()? {
            files::write_whole(&folder.join(name), text.as_bytes())?;
        }
    }
    Ok(files::write_whole(&folder.root().join("tuning.md"), print::markdown(searched).as_bytes())?)
}

/// What would be tried, and how long it would take.
fn dry_run(searched: &[Searched<'_>], ready: &Ready, datasets: Vec<Dataset>, folder: &Folder, interrupt: &Interrupt) -> anyhow::Result<Exit> {
    let mut text = String::new();
    for one in searched {
        text.push_str(&format!("{} on {}: {}\n", one.of.label, one.of.subject.dataset, plural(one.study.candidates.len(), "setting")));
        for dimension in &one.of.card.space {
            text.push_str(&format!("  {:<14} {}\n", dimension.name, dimension.describe()));
        }
    }
    let tries: Vec<Try<'_>> = searched
        .iter()
        .flat_map(|one| {
            let candidates = &one.study.candidates;
            // The finalists are not known yet; their number is.
            let again = candidates.len().min(FINALISTS);
            let first = candidates.iter().map(|candidate| (candidate, SEEDS[0]));
            let others = SEEDS[1..].iter().flat_map(move |&seed| candidates.iter().take(again).map(move |candidate| (candidate, seed)));
            first.chain(others).map(|(candidate, seed)| Try { of: one.of, setting: &candidate.setting, name: String::new(), seed })
        })
        .collect();
    trials::estimate(&text, tries, (ready, datasets), folder, interrupt)
}
