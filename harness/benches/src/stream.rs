/*!
`stream-ours`: makes datasets of any size and trains on them, for `cargo xtask stream`.

One request a line on standard input, one answer a line on standard output: `generate FOLDER MEBIBYTES` (rows and bytes), `epoch FOLDER METHOD` (seconds and
rows of one training epoch), `job FOLDER METHOD EPOCHS TRIAL` (the request that a worker gets from `bench`).
*/

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use bench_benches::Case;
use bench_datasets::{
    Dataset, DatasetRef, Provenance,
    write::{Array, Content, FORMAT, KindEntry, Manifest, ModalityEntry, TaskEntry, Values, Writer},
};
use bench_store::protocol::{Job, Request};
use bench_worker::train::Trainer;

/// Features of `vision`, stored as f32: the width of ResNet-50's last layer.
const VISION: usize = 2048;
/// Features of `audio`, stored as bytes.
const AUDIO: usize = 1024;
const CLASSES: usize = 10;
/// Bytes of a row on disk.
const ROW: usize = 4 * VISION + AUDIO;
/// Bytes of a shard, about.
const SHARD: usize = 64 << 20;

fn main() -> ExitCode {
    tch::set_num_threads(1);
    tch::set_num_interop_threads(1);
    let mut opened = None;
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match answer(&line, &mut opened) {
            Ok(answer) => {
                println!("{answer}");
                if io::stdout().flush().is_err() {
                    break;
                }
            }
            Err(message) => {
                eprintln!("stream-ours: `{line}`: {message}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

fn answer(line: &str, opened: &mut Option<(String, Case)>) -> Result<String, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let count = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
    match words[..] {
        ["generate", folder, size] => generate(Path::new(folder), count(size)?),
        ["epoch", folder, method] => {
            if opened.as_ref().is_none_or(|(known, _)| known != folder) {
                *opened = Some((folder.to_string(), Case::open(folder, method, 1)?));
            }
            opened.as_ref().map_or_else(|| Err("nothing is open".into()), |(_, case)| epoch(case))
        }
        ["job", folder, method, epochs, trial] => job(folder, method, count(epochs)?, Path::new(trial)),
        _ => Err("unknown request".into()),
    }
}

/// Seconds and rows of one epoch of a fresh model.
fn epoch(case: &Case) -> Result<String, String> {
    let mut model = case.prepared()?;
    let mut trainer = Trainer::new(model.as_mut(), &case.loaded, &case.spec).map_err(|failure| failure.message)?;
    let start = Instant::now();
    trainer.epoch(0).map_err(|failure| failure.message)?;
    Ok(format!("{} {}", start.elapsed().as_secs_f64(), case.loaded.train.samples()))
}

/// The line that `bench` would write to its worker: `EPOCHS` epochs, then the clean test split.
fn job(folder: &str, method: &str, epochs: usize, trial: &Path) -> Result<String, String> {
    let reference: DatasetRef = folder.parse().map_err(text)?;
    let dataset = Dataset::open(&reference, &[]).map_err(text)?;
    let job = Job {
        spec: Case::plan(folder, method, epochs, dataset.hash())?,
        label: method.into(),
        folder: trial.into(),
        data: Vec::new(),
        conditions: vec!["clean".into()],
        device: "cpu".into(),
        init: None,
        train: true,
        trusted: Vec::new(),
        cache: None,
    };
    serde_json::to_string(&Request::Trial(job)).map_err(text)
}

/// Writes a dataset of about so many MiB in shards of 64 MiB: uniform draws, of which some carry the class.
fn generate(folder: &Path, mebibytes: usize) -> Result<String, String> {
    let rows = (mebibytes << 20) / ROW;
    let each = SHARD / ROW;
    let mut writer = Writer::new(folder).map_err(text)?;
    for first in (0..rows).step_by(each) {
        writer.shard(&shard(first, each.min(rows - first))).map_err(text)?;
    }
    let modality = |name: &str, dim: usize, dtype: &str| ModalityEntry {
        name: name.into(),
        kind: KindEntry::Vector,
        shape: vec![dim],
        tensor: name.into(),
        dtype: dtype.into(),
        scale: (dtype == "u8").then_some(1.0 / 255.0),
        ..ModalityEntry::default()
    };
    let manifest = Manifest {
        format: FORMAT,
        name: "generated".into(),
        title: "Uniform draws with a class in some columns".into(),
        ids: "ids.txt".into(),
        splits: "split".into(),
        shards: Vec::new(),
        derived_from: None,
        task: TaskEntry::Classification { tensor: "label".into(), classes: (0..CLASSES).map(|class| format!("class{class}")).collect() },
        groups: None,
        folds: None,
        modalities: vec![modality("vision", VISION, "f32"), modality("audio", AUDIO, "u8")],
        provenance: Provenance { source: "a generator".into(), licence: "CC0-1.0".into(), ..Provenance::default() },
        files: BTreeMap::new(),
    };
    let content = Content {
        manifest,
        tensors: BTreeMap::new(),
        lists: [("ids.txt".to_owned(), (0..rows).map(|row| format!("s{row:08}")).collect())].into(),
        texts: BTreeMap::new(),
    };
    let dataset = writer.finish(&content).map_err(text)?;
    Ok(format!("{} {}", dataset.len(), rows * ROW))
}

/// Eight rows of ten are for training, one for validation, one for testing.
fn shard(first: usize, rows: usize) -> BTreeMap<String, Array> {
    let mut draws = SplitMix(first as u64);
    let label = |row: usize| row / 10 % CLASSES;
    let mut vision = Vec::with_capacity(rows * VISION);
    let mut audio = Vec::with_capacity(rows * AUDIO);
    for row in first..first + rows {
        // One column in sixteen leans towards the row's class.
        let leans = |column: usize| column.is_multiple_of(16) && column / 16 % CLASSES == label(row);
        for column in (0..VISION).step_by(2) {
            let draw = draws.next();
            let uniform = |bits: u64| (bits & 0xff_ffff) as f32 / 16_777_216.0;
            vision.extend([uniform(draw) + if leans(column) { 0.25 } else { 0.0 }, uniform(draw >> 32)]);
        }
        for _ in (0..AUDIO).step_by(8) {
            audio.extend(draws.next().to_le_bytes());
        }
    }
    let codes = |of: &dyn Fn(usize) -> usize| Values::U8((first..first + rows).map(|row| of(row) as u8).collect());
    [
        ("vision", Array { shape: vec![rows, VISION], values: Values::F32(vision) }),
        ("audio", Array { shape: vec![rows, AUDIO], values: Values::U8(audio) }),
        ("label", Array { shape: vec![rows], values: codes(&label) }),
        ("split", Array { shape: vec![rows], values: codes(&|row| (row % 10).saturating_sub(7)) }),
    ]
    .into_iter()
    .map(|(name, array)| (name.to_owned(), array))
    .collect()
}

/// SplitMix64 (Steele, Lea and Flood, 2014): eight bytes in a nanosecond.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
