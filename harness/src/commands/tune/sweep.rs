//! `--sweep`: the validation score over one hyper-parameter, or over a grid of two.

mod figures;
mod grid;

use std::fmt::Write;

use bench_card::Setting;
use bench_reports::{statistics::median, summary::Task};
use bench_store::files;
use clap::ArgMatches;
use serde_json::{Value, json};

use self::grid::Grid;
use super::{
    Arguments,
    arguments::Format,
    trials::{self, Bench, Opened},
};
use crate::{
    exit::{Exit, Failure},
    folder::Folder,
    interrupt::Interrupt,
    output,
    plan::{Try, Tunable},
    results,
    tuning::SEEDS,
};

/// A sweep of one method on one dataset.
pub struct Swept<'a> {
    /// What is swept.
    pub grid: &'a Grid,
    /// Of what.
    pub of: &'a Tunable,
    /// Whether a greater score is better.
    pub higher_is_better: bool,
    /// The validation metric.
    pub metric: String,
    /// At each point of the grid, the score of each seed or why training failed.
    pub scores: Vec<Vec<Result<f64, String>>>,
}

impl Swept<'_> {
    /// Scores of a point that could be trained.
    pub fn trained(&self, point: usize) -> Vec<f64> {
        self.scores.get(point).into_iter().flatten().filter_map(|score| score.clone().ok()).collect()
    }

    /// The median of a point over all seeds; `None` where one could not be trained.
    pub fn median(&self, point: usize) -> Option<f64> {
        let trained = self.trained(point);
        (trained.len() == SEEDS.len()).then(|| median(&trained))
    }

    /// A score as it is shown, in per cent where it is a share.
    fn shown(&self, score: f64) -> String {
        if self.higher_is_better { format!("{:.2}", score * 100.0) } else { format!("{score:.4}") }
    }
}

/// Runs the sweeps.
pub fn run(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Exit> {
    if !arguments.method.is_empty() {
        return Err(Failure::usage("--method does not go with --sweep: a sweep names its method itself (`raml.lambda2=0.2..1.6`)"));
    }
    let grids = arguments.sweep.iter().map(|text| Grid::parse(text, arguments.points.get())).collect::<anyhow::Result<Vec<_>>>()?;
    let methods = grids.iter().map(|grid| grid.method.to_string()).collect();
    let Opened { ready, datasets, folder, subjects: all } = trials::open(arguments, matches, methods)?;
    let mut swept = Vec::new();
    for grid in &grids {
        let own: Vec<&Tunable> = all.iter().filter(|of| *of.reference() == grid.method).collect();
        for of in &own {
            grid.axes.iter().try_for_each(|axis| of.knows(&axis.option))?;
            let dataset = datasets.iter().find(|dataset| dataset.reference().to_string() == of.subject.dataset);
            let higher_is_better = dataset.is_none_or(|dataset| results::task(dataset) == Task::Classification);
            swept.push(Swept { grid, of, higher_is_better, metric: String::new(), scores: Vec::new() });
        }
        if own.is_empty() {
            return Err(Failure::usage(format!("{} is trained on none of these datasets", grid.method)));
        }
    }
    let interrupt = Interrupt::listen()?;
    let settings: Vec<Vec<Setting>> = swept.iter().map(|swept| swept.grid.settings()).collect();
    let tries: Vec<Try<'_>> = swept
        .iter()
        .zip(&settings)
        .flat_map(|(swept, settings)| settings.iter().flat_map(move |setting| SEEDS.iter().map(move |&seed| (swept.of, setting, seed))))
        .map(|(of, setting, seed)| Try { of, setting, name: setting.describe(), seed })
        .collect();
    if arguments.dry_run {
        return trials::estimate("", tries, (&ready, datasets), &folder, &interrupt);
    }
    let _lock = folder.lock()?;
    let bench = Bench { ready: &ready, folder: &folder, interrupt: &interrupt, quiet: arguments.quiet };
    let (tried, _) = match bench.train(&tries, datasets)? {
        Ok(done) => done,
        Err(exit) => return Ok(exit),
    };
    let mut tried = tried.into_iter();
    for (swept, settings) in swept.iter_mut().zip(&settings) {
        for _ in settings {
            let seeds: Vec<_> = tried.by_ref().take(SEEDS.len()).collect();
            if let Some(trained) = seeds.iter().find_map(|tried| tried.trained.as_ref().ok()) {
                swept.metric.clone_from(&trained.outcome.selected_by);
            }
            swept.scores.push(seeds.iter().map(trials::Tried::score).collect());
        }
    }
    tell(&swept, &folder, arguments)?;
    Ok(Exit::Fine)
}

/// Writes figures, numbers and the page, and prints what was asked for.
fn tell(swept: &[Swept<'_>], folder: &Folder, arguments: &Arguments) -> anyhow::Result<()> {
    let figures = figures::all(swept);
    files::create_folder(&folder.root().join("figures"))?;
    for figure in &figures {
        files::write_whole(&folder.root().join("figures").join(&figure.name), figure.svg.as_bytes())?;
    }
    files::write_whole(&folder.root().join("sweep.csv"), &csv(swept)?)?;
    let page = markdown(swept, &figures);
    files::write_whole(&folder.root().join("sweep.md"), page.as_bytes())?;
    match arguments.format {
        Format::Md => output::print(&page),
        Format::Json => output::print_json(&json(swept)),
        Format::Table => {
            let tables: String =
                swept.iter().map(|swept| format!("{}\n{}\n", title(swept), output::table(&HEADER, rows(swept), &[1, 2, 3]))).collect();
            output::print(&format!("{tables}figures: {}\n", folder.root().join("figures").display()))
        }
    }
}

const HEADER: [&str; 4] = ["setting", "median", "lowest", "highest"];

fn title(swept: &Swept<'_>) -> String {
    let unit = if swept.higher_is_better { ", %" } else { "" };
    format!("{} on {}: validation {}{unit}", swept.of.label, swept.of.subject.dataset, swept.metric.replace('_', " "))
}

fn rows(swept: &Swept<'_>) -> Vec<Vec<String>> {
    let row = |(point, setting): (usize, Setting)| {
        let trained = swept.trained(point);
        let fold = |pick: fn(f64, f64) -> f64| trained.iter().copied().reduce(pick).map_or_else(|| "–".into(), |score| swept.shown(score));
        let middle =
            swept.median(point).map_or_else(|| format!("{} of {} failed", SEEDS.len() - trained.len(), SEEDS.len()), |score| swept.shown(score));
        vec![setting.describe(), middle, fold(f64::min), fold(f64::max)]
    };
    swept.grid.settings().into_iter().enumerate().map(row).collect()
}

/// The widest difference of medians beside the widest difference of seeds at one point: how much of a curve may be chance.
fn spread(swept: &Swept<'_>) -> Option<String> {
    let ends = |values: &[f64]| values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
    let medians: Vec<f64> = (0..swept.scores.len()).filter_map(|point| swept.median(point)).collect();
    if medians.len() < 2 {
        return None;
    }
    let (low, high) = ends(&medians);
    let seeds = (0..swept.scores.len()).map(|point| ends(&swept.trained(point))).map(|(low, high)| high - low).filter(|width| width.is_finite());
    Some(format!("Medians move by {}; the seeds of one point by up to {}.", swept.shown(high - low), swept.shown(seeds.fold(0.0, f64::max))))
}

fn markdown(swept: &[Swept<'_>], figures: &[figures::Figure]) -> String {
    let seeds: Vec<String> = SEEDS.iter().map(u64::to_string).collect();
    let mut text = format!(
        "# Sensitivity\n\nValidation scores with the tuning seeds {}; the test split is not read. A dot is a seed, the line their median, the dashed line the default.\n",
        seeds.join(", ")
    );
    for figure in figures {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n![{}](figures/{})\n", figure.title, figure.name);
    }
    for swept in swept {
        let _ = write!(text, "\n## {}\n\n| {} |\n| --- | ---: | ---: | ---: |\n", title(swept), HEADER.join(" | "));
        for row in rows(swept) {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        if let Some(spread) = spread(swept) {
            let _ = write!(text, "\n{spread}\n");
        }
    }
    text
}

fn csv(swept: &[Swept<'_>]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["dataset", "method", "setting", "seed", "metric", "validation", "note"])?;
    for swept in swept {
        for (setting, scores) in swept.grid.settings().iter().zip(&swept.scores) {
            for (seed, score) in SEEDS.iter().zip(scores) {
                let (value, note) = score.as_ref().map_or_else(|note| (String::new(), note.clone()), |score| (score.to_string(), String::new()));
                writer.write_record([
                    &swept.of.subject.dataset,
                    &swept.of.label,
                    &setting.describe(),
                    &seed.to_string(),
                    &swept.metric,
                    &value,
                    &note,
                ])?;
            }
        }
    }
    Ok(writer.into_inner()?)
}

fn json(swept: &[Swept<'_>]) -> Value {
    let one = |swept: &Swept<'_>| {
        let points: Vec<Value> = swept
            .grid
            .settings()
            .iter()
            .zip(&swept.scores)
            .map(|(setting, scores)| json!({ "setting": setting, "validation": scores.iter().map(|score| score.clone().ok()).collect::<Vec<_>>() }))
            .collect();
        json!({ "dataset": swept.of.subject.dataset, "method": swept.of.label, "metric": swept.metric, "seeds": SEEDS, "points": points })
    };
    json!({ "format": 1, "sweeps": swept.iter().map(one).collect::<Vec<_>>() })
}
