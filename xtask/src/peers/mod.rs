/*!
`cargo xtask peers`: the same training and evaluation in `bench` and in PyTorch, measured in turns.

Ours and theirs are long-lived processes of one computing thread each. Repetition by repetition each answers each request once, in rotating order, so that
whatever else the machine does falls on all of them; the first repetition warms up and is not counted. Start-up is never in a number.
*/

mod environment;
mod memory;
pub(crate) mod process;
pub(crate) mod statistics;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::place::Place;
use process::Peer;
use statistics::{Ratio, median, ratio};

/// What is trained on both sides.
struct Training {
    dataset: &'static str,
    method: &'static str,
    /// Epochs of one measurement.
    epochs: usize,
    /// First steps whose losses must agree.
    compared: usize,
}

const fn training(dataset: &'static str, method: &'static str, epochs: usize, compared: usize) -> Training {
    Training { dataset, method, epochs, compared }
}

/// Adam turns the rounding of gradients near zero into whole steps, DEF+AAF's critic and DecAlign's EM multiply it: initial weights that differ by a relative
/// 1e-7 part their losses by more than the tolerance soon after the steps that are compared here.
const TRAININGS: [Training; 9] = [
    training("cremad-votes", "concat", 4, 20),
    training("cremad-votes", "raml", 2, 20),
    training("cremad-votes", "def-aaf?pretraining=0", 1, 5),
    training("cremad-votes", "decalign?dropout=0", 1, 10),
    training("openmoji", "unimodal/image", 4, 20),
    training("openmoji", "concat", 4, 20),
    training("openmoji", "raml", 4, 20),
    training("openmoji", "def-aaf?pretraining=0", 1, 5),
    training("openmoji", "decalign?dropout=0", 1, 2),
];

/// Datasets, method, whether the peers have the suite too (they have no sequences). The last are the suite's default datasets.
const SUITES: [(&[&str], &str, bool); 6] = [
    (&["cremad-votes"], "concat", true),
    (&["cremad-votes"], "raml", true),
    (&["openmoji"], "concat", true),
    (&["mfeat"], "concat", true),
    (&["digits"], "concat", false),
    (&["cremad-votes", "openmoji", "digits"], "concat", false),
];

/// Costly measurements are repeated less often.
const COSTLY: usize = 5;

/// How closely losses must agree, relatively.
const TOLERANCE: f64 = 1e-4;

/// What the two workers share: eight trials of equal length.
const SHARED: &str = "run --quiet --dataset openmoji --method raml --seeds 8 --epochs 12 --patience 12 --suite missing";

/// Measures everything and prints Markdown tables on standard output.
pub(crate) fn run(place: &Place, repetitions: usize) -> Result<(), String> {
    let python = environment::ensure(place)?;
    let programs = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?;
    let exported = programs.with_file_name("peers");
    std::fs::create_dir_all(&exported).map_err(|error| format!("cannot make {}: {error}", exported.display()))?;
    let mut ours = Command::new(programs.with_file_name("peer-ours"));
    // As `bench` starts its workers.
    ours.env("MALLOC_MMAP_THRESHOLD_", "1073741824").env("MALLOC_TRIM_THRESHOLD_", "4294967296");
    let theirs = |optimiser: &str| {
        let mut command = Command::new(&python);
        command.arg(place.root.join("harness/benches/peers/peer.py")).args(["--optimiser", optimiser]);
        command.arg("--datasets").arg(place.root.join("datasets/embedded")).arg("--exported").arg(&exported);
        command
    };
    let mut peers = [
        Peer::start("peer-ours", &mut ours)?,
        Peer::start("the eager peer", &mut theirs("eager"))?,
        Peer::start("the fused peer", &mut theirs("fused"))?,
    ];
    let trained = TRAININGS.iter().map(|training| (training.dataset, training.method));
    let evaluated = SUITES.iter().flat_map(|&(datasets, method, _)| datasets.iter().map(move |&dataset| (dataset, method)));
    for (dataset, method) in trained.chain(evaluated) {
        peers[0].ask(&format!("export {} {dataset} {method}", exported.display()))?;
    }
    parity(&mut peers)?;
    trainings(&mut peers, repetitions)?;
    suites(&mut peers, repetitions)?;
    profiles(&mut peers)?;
    drop(peers);
    let bench = programs.with_file_name("bench");
    workers(&bench, &exported, repetitions)?;
    memory::measure(&bench, &exported.join("run"))?;
    start_up(&bench, repetitions)
}

/// Whether all do the same work: from the same weights, in the same order and with the same draws, the losses must agree.
fn parity(peers: &mut [Peer]) -> Result<(), String> {
    let mut largest: f64 = 0.0;
    for Training { dataset, method, compared, .. } in TRAININGS {
        let request = format!("losses {dataset} {method} {compared}");
        let losses: Vec<Vec<f64>> = peers.iter_mut().map(|peer| peer.numbers(&request)).collect::<Result<_, _>>()?;
        let Some((ours, theirs)) = losses.split_first() else { continue };
        for other in theirs {
            let off = ours.iter().zip(other).map(|(own, other)| ((own - other) / other).abs()).fold(0.0, f64::max);
            if ours.is_empty() || ours.len() != other.len() || off.is_nan() || off > TOLERANCE {
                return Err(format!("{method} on {dataset} is not the same work: losses are {ours:?} here and {other:?} in PyTorch"));
            }
            largest = largest.max(off);
        }
    }
    println!("Losses of the first steps agree within {largest:.1e}, relatively.\n");
    Ok(())
}

fn trainings(peers: &mut [Peer], repetitions: usize) -> Result<(), String> {
    println!("| training | ours, ms | eager, ms | fused, ms | eager / ours | fused / ours |\n| --- | --- | --- | --- | --- | --- |");
    for Training { dataset, method, epochs, .. } in TRAININGS {
        let requests = vec![format!("train {dataset} {method} {epochs}"); peers.len()];
        let answers = in_turns(peers, &requests, repetitions)?;
        for (at, what) in ["a step", "an epoch with validation"].into_iter().enumerate() {
            let times: Vec<Vec<f64>> =
                answers.iter().map(|answers| answers.iter().filter_map(|numbers| numbers.get(at).copied()).collect()).collect();
            println!("{}", row(&format!("{method} on {dataset}, {what}"), &times));
        }
    }
    println!();
    Ok(())
}

fn suites(peers: &mut [Peer], repetitions: usize) -> Result<(), String> {
    println!(
        "| robustness suite | conditions | ours, ms | ours from scratch, ms | PyTorch from scratch, ms | ours from scratch / ours | PyTorch / ours |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (datasets, method, both) in SUITES {
        let repetitions = if both { repetitions } else { repetitions.div_ceil(COSTLY) };
        let (mut times, mut conditions) = (vec![Vec::new(); 3], 0.0);
        for repetition in 0..=repetitions {
            for turn in 0..3 {
                let which = (repetition + turn) % 3;
                let (peer, request) = [(0, "suite"), (0, "scratch"), (1, "suite")][which];
                if peer == 1 && !both {
                    continue;
                }
                let mut sums = [0.0; 2];
                for dataset in datasets {
                    let answer = peers[peer].numbers(&format!("{request} {dataset} {method}"))?;
                    sums.iter_mut().zip(answer).for_each(|(sum, number)| *sum += number);
                }
                if repetition > 0 {
                    times[which].push(sums[0]);
                }
                conditions = sums[1];
            }
        }
        println!("| {method} on {} | {conditions} {}", datasets.join(", "), row("", &times));
    }
    println!();
    Ok(())
}

/// Where the time of the convolutional model goes, operation by operation.
fn profiles(peers: &mut [Peer]) -> Result<(), String> {
    println!("Self time by operation, unimodal/image on openmoji, percent:\n");
    for (peer, name, request) in [(0, "ours", "profile openmoji unimodal/image 6"), (1, "eager", "profile openmoji unimodal/image 54")] {
        println!("- {name}: {}", peers[peer].ask(request)?.replace(' ', ", ").replace('=', " "));
    }
    println!();
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

/// Wall time of the same trials with one worker and with two.
fn workers(bench: &Path, folder: &Path, repetitions: usize) -> Result<(), String> {
    let out = folder.join("run");
    let mut times = [Vec::new(), Vec::new()];
    for repetition in 0..=repetitions.div_ceil(COSTLY) {
        for turn in 0..2 {
            let jobs = (repetition + turn) % 2;
            if out.exists() {
                std::fs::remove_dir_all(&out).map_err(|error| format!("cannot remove {}: {error}", out.display()))?;
            }
            let mut command = Command::new(bench);
            command.args(SHARED.split(' ')).args(["--jobs", &(jobs + 1).to_string(), "--out"]).arg(&out).stdout(Stdio::null());
            let seconds = timed(&mut command)?;
            if repetition > 0 {
                times[jobs].push(seconds);
            }
        }
    }
    println!(
        "`bench {SHARED}`: {:.2} s with one worker, {:.2} s with two, ratio {}.\n",
        median(&times[0]),
        median(&times[1]),
        shown(ratio(&times[0], &times[1]))
    );
    Ok(())
}

fn start_up(bench: &Path, repetitions: usize) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..repetitions.max(COSTLY) {
        times.push(1e3 * timed(Command::new(bench).arg("--help").stdout(Stdio::null()))?);
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    println!("`bench --help`: {:.1} ms (slowest of {}: {slowest:.1} ms).", median(&times), times.len());
    Ok(())
}

/// Seconds of a command that must succeed.
fn timed(command: &mut Command) -> Result<f64, String> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if status.success() { Ok(start.elapsed().as_secs_f64()) } else { Err(format!("{command:?} failed: {status}")) }
}
