/*!
`cargo xtask peers`: the same training and evaluation in `bench` and in PyTorch, measured in turns.

Ours and theirs are long-lived processes of one computing thread each. Repetition by repetition each answers each request once, in rotating order, so that
whatever else the machine does falls on all of them; the first repetition warms up and is not counted. Start-up is never in a number.
*/

mod environment;
mod memory;
pub(crate) mod process;
mod profile;
pub(crate) mod statistics;
mod suites;
mod training;
mod workers;

use std::process::Command;

use crate::place::Place;
use process::Peer;
use statistics::{Ratio, median, ratio};
use suites::SUITES;
use training::TRAININGS;

/// What `cargo xtask peers` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Training steps and epochs, here and in PyTorch.
    Training,
    /// The robustness suite against each condition from scratch.
    Suites,
    /// All missing patterns against one clean evaluation.
    Patterns,
    /// What limits each method.
    Profile,
    /// Two workers, their memory, how fast `bench` starts.
    Workers,
}

impl Part {
    /// All, in the order of the tables.
    pub(crate) const ALL: [Self; 5] = [Self::Training, Self::Suites, Self::Patterns, Self::Profile, Self::Workers];

    /// The part of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "training" => Self::Training,
            "suites" => Self::Suites,
            "patterns" => Self::Patterns,
            "profile" => Self::Profile,
            "workers" => Self::Workers,
            _ => return None,
        })
    }

    /// Whether PyTorch takes part.
    fn needs_python(self) -> bool {
        matches!(self, Self::Training | Self::Suites | Self::Profile)
    }
}

/// Costly measurements are repeated less often.
const COSTLY: usize = 5;

/// Measures the parts and prints Markdown tables on standard output.
pub(crate) fn run(place: &Place, repetitions: usize, parts: &[Part]) -> Result<(), String> {
    let programs = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?;
    let exported = programs.with_file_name("peers");
    std::fs::create_dir_all(&exported).map_err(|error| format!("cannot make {}: {error}", exported.display()))?;
    let mut ours = Command::new(programs.with_file_name("peer-ours"));
    // As `bench` starts its workers.
    ours.env("MALLOC_MMAP_THRESHOLD_", "1073741824").env("MALLOC_TRIM_THRESHOLD_", "4294967296");
    let mut peers = vec![Peer::start("peer-ours", &mut ours)?];
    if parts.iter().any(|part| part.needs_python()) {
        let python = environment::ensure(place)?;
        for (name, optimiser) in [("the eager peer", "eager"), ("the fused peer", "fused")] {
            let mut command = Command::new(&python);
            command.arg(place.root.join("harness/benches/peers/peer.py")).args(["--optimiser", optimiser]);
            command.arg("--datasets").arg(place.root.join("datasets/embedded")).arg("--exported").arg(&exported);
            peers.push(Peer::start(name, &mut command)?);
        }
        let trained = TRAININGS.iter().map(|training| (training.dataset, training.method));
        let evaluated = SUITES.iter().flat_map(|&(datasets, method, _)| datasets.iter().map(move |&dataset| (dataset, method)));
        for (dataset, method) in trained.chain(evaluated) {
            peers[0].ask(&format!("export {} {dataset} {method}", exported.display()))?;
        }
    }
    let bench = programs.with_file_name("bench");
    for part in parts {
        match part {
            Part::Training => {
                training::parity(&mut peers)?;
                training::measure(&mut peers, repetitions)?;
            }
            Part::Suites => suites::measure(&mut peers, repetitions)?,
            Part::Patterns => suites::patterns(&mut peers, repetitions)?,
            Part::Profile => {
                profile::steps(&mut peers)?;
                profile::convolutional(&mut peers)?;
            }
            Part::Workers => {
                workers::measure(&bench, &exported, repetitions)?;
                memory::measure(&bench, &exported.join("run"))?;
                workers::start_up(&bench, repetitions)?;
            }
        }
    }
    Ok(())
}

/// Numbers of each peer, repetition by repetition, the first one left out.
fn in_turns(peers: &mut [Peer], requests: &[String], repetitions: usize) -> Result<Vec<Vec<Vec<f64>>>, String> {
    let mut answers = vec![Vec::new(); peers.len()];
    for repetition in 0..=repetitions {
        for turn in 0..peers.len() {
            let which = (repetition + turn) % peers.len();
            let numbers = peers[which].numbers(&requests[which])?;
            if repetition > 0 {
                answers[which].push(numbers);
            }
        }
    }
    Ok(answers)
}

/// Medians, then the ratios of all others to the first.
fn row(title: &str, times: &[Vec<f64>]) -> String {
    let medians = times.iter().map(|times| if times.is_empty() { "–".to_owned() } else { format!("{:.3}", median(times)) });
    let ratios = times.iter().skip(1).map(|other| if other.is_empty() { "–".to_owned() } else { shown(ratio(other, &times[0])) });
    let title = if title.is_empty() { None } else { Some(title.to_owned()) };
    format!("| {} |", title.into_iter().chain(medians).chain(ratios).collect::<Vec<_>>().join(" | "))
}

pub(crate) fn shown(Ratio { median, low, high }: Ratio) -> String {
    format!("{median:.2} [{low:.2}, {high:.2}]")
}
