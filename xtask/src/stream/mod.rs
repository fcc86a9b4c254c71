/*!
`cargo xtask stream`: training on a generated dataset that is larger than the memory allowed, and how fast streamed epochs are.

The dataset is trained by the real worker, whose private memory the system limits (`ulimit -d`: heap and other writable memory, not mapped files). Rates are taken
on a dataset that fits: two processes, one that streams and one that holds, answer in turns, so that whatever else the machine does falls on both.
*/

mod folder;
mod memory;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::arguments::Stream;
use crate::peers::{
    process::Peer,
    shown,
    statistics::{median, ratio},
};
use folder::Temporary;
use memory::Watch;

const METHOD: &str = "concat";

/// Epochs under the limit: the first one's time holds the opening, the second one's does not.
const EPOCHS: usize = 2;

/// Measures everything and prints it on standard output.
pub(crate) fn run(wish: &Stream) -> Result<(), String> {
    let programs = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?;
    let temporary = Temporary::make(&wish.folder)?;
    if wish.size > 0 {
        let (folder, written) = generate(&programs, temporary.path(), "large", wish.size)?;
        limited(&programs, &folder, temporary.path(), wish, &written)?;
        std::fs::remove_dir_all(&folder).map_err(|error| format!("cannot remove {folder}: {error}"))?;
    }
    if wish.warm > 0 {
        let (folder, written) = generate(&programs, temporary.path(), "warm", wish.warm)?;
        rates(&programs, &folder, wish, &written)?;
    }
    Ok(())
}

fn ours(programs: &Path, stream: &str) -> Result<Peer, String> {
    let mut command = Command::new(programs.with_file_name("stream-ours"));
    // As `bench` starts its workers.
    command.env("MALLOC_MMAP_THRESHOLD_", "1073741824").env("MALLOC_TRIM_THRESHOLD_", "4294967296").env("BENCH_STREAM", stream);
    Peer::start("stream-ours", &mut command)
}

/// Writes a dataset; its folder, and its size in words.
fn generate(programs: &Path, parent: &Path, name: &str, mebibytes: usize) -> Result<(String, String), String> {
    let folder = parent.join(name).display().to_string();
    if folder.contains(char::is_whitespace) {
        return Err(format!("the folder {folder} has a blank in its name; give another with --folder"));
    }
    let start = Instant::now();
    let numbers = ours(programs, "auto")?.numbers(&format!("generate {folder} {mebibytes}"))?;
    let [rows, bytes] = numbers[..] else { return Err("stream-ours did not say what it wrote".into()) };
    let written = format!("{:.2} GiB, {rows} rows", bytes / f64::from(1 << 30));
    eprintln!("xtask: wrote {written} in {:.0} s", start.elapsed().as_secs_f64());
    Ok((folder, written))
}

/// Trains in the real worker under the limit, streaming and, to show that the limit binds, not streaming.
fn limited(programs: &Path, dataset: &str, temporary: &Path, wish: &Stream, written: &str) -> Result<(), String> {
    println!(
        "`bench-worker`, {METHOD} on {written}, {EPOCHS} epochs and the clean test split, private memory limited to {:.2} GiB (`ulimit -d`):\n",
        gib(wish.limit)
    );
    println!("| `BENCH_STREAM` | opening and first epoch, s | second epoch with validation, s | rows/s | peak private memory, MB | ends |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for stream in ["auto", "never"] {
        let trial = temporary.join(stream).display().to_string();
        let request = ours(programs, "auto")?.ask(&format!("job {dataset} {METHOD} {EPOCHS} {trial}"))?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -d {} && exec \"$0\"", wish.limit * 1024)).arg(programs.with_file_name("bench-worker"));
        command.env("MALLOC_MMAP_THRESHOLD_", "1073741824").env("MALLOC_TRIM_THRESHOLD_", "4294967296").env("BENCH_STREAM", stream);
        // A failed allocation is what the second row is for: one line of it is enough.
        command.env("RUST_BACKTRACE", "0");
        let mut worker = Peer::start("bench-worker", &mut command)?;
        let watch = Watch::start(worker.id());
        let (start, mut epochs) = (Instant::now(), Vec::new());
        worker.tell(&request)?;
        let end = loop {
            match worker.line() {
                Ok(line) if line.contains("\"event\":\"epoch\"") => epochs.push(start.elapsed().as_secs_f64()),
                Ok(line) if line.contains("\"event\":\"done\"") => break "with scores".to_owned(),
                Ok(line) if line.contains("ran out of memory") => break "out of memory".to_owned(),
                Ok(line) if line.contains("\"event\":\"failed\"") => break format!("`{line}`"),
                Ok(_) => {}
                // Rust's own allocations abort; the worker has said so on standard error.
                Err(_) => break "killed, see above".to_owned(),
            }
        };
        let peak = watch.stop();
        let seconds = |at: usize| epochs.get(at).map(|end| end - if at == 0 { 0.0 } else { epochs[at - 1] });
        let cell = |seconds: Option<f64>| seconds.map_or("–".to_owned(), |seconds| format!("{seconds:.1}"));
        let rows = written.rsplit(", ").next().and_then(|words| words.strip_suffix(" rows")).and_then(|rows| rows.parse::<f64>().ok());
        // Eight rows of ten are trained on, one is validated.
        let rate = seconds(1).zip(rows).map_or("–".to_owned(), |(seconds, rows)| format!("{:.0}", 0.9 * rows / seconds));
        println!("| {stream} | {} | {} | {rate} | {} | {end} |", cell(seconds(0)), cell(seconds(1)), peak / 1024);
    }
    println!();
    Ok(())
}

/// Epochs of the same rows streamed and held, in turns.
fn rates(programs: &Path, dataset: &str, wish: &Stream, written: &str) -> Result<(), String> {
    let mut peers = [ours(programs, "always")?, ours(programs, "never")?];
    let watches = [Watch::start(peers[0].id()), Watch::start(peers[1].id())];
    let (mut times, mut work, mut rows) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()], 0.0);
    for repetition in 0..=wish.repetitions {
        for turn in 0..2 {
            let which = (repetition + turn) % 2;
            let before = memory::processor_seconds(peers[which].id());
            let numbers = peers[which].numbers(&format!("epoch {dataset} {METHOD}"))?;
            let after = memory::processor_seconds(peers[which].id());
            let [seconds, samples] = numbers[..] else { return Err("stream-ours did not say how long it took".into()) };
            // The first repetition opens, and warms caches up.
            if repetition > 0 {
                times[which].push(seconds);
                work[which].push(after - before);
            }
            rows = samples;
        }
    }
    let peaks = watches.map(|watch| watch.stop() / 1024);
    println!("Training epochs of {METHOD} on {written} ({rows} for training) in the page cache, {} repetitions in turns:\n", wish.repetitions);
    println!("| | rows/s | rows per processor second | peak private memory, MB |\n| --- | --- | --- | --- |");
    for (at, name) in ["streamed", "in memory"].into_iter().enumerate() {
        println!("| {name} | {:.0} | {:.0} | {} |", rows / median(&times[at]), rows / median(&work[at]), peaks[at]);
    }
    println!("\nStreamed rate / rate in memory: {} (the goal is 0.8).", shown(ratio(&times[1], &times[0])));
    println!("The same of rows per processor second, which is what counts where all cores are busy: {}.", shown(ratio(&work[1], &work[0])));
    Ok(())
}

fn gib(mebibytes: usize) -> f64 {
    mebibytes as f64 / 1024.0
}
