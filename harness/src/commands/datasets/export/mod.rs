/*!
`bench datasets export`: a dataset's numbers in one file for other programs.

Values are raw, as they are stored: nothing is normalised. A few megabytes are in memory at a time, and the file is there whole or not at all.
*/

mod npz;
mod parquet;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use bench_datasets::{DatasetRef, Split};
use clap::{Args, ValueEnum};

use crate::{
    exit::{Exit, Failure},
    output, search,
};

/// Arguments of `bench datasets export`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// `NAME`, `NAME?train=N` or a folder
    #[arg(value_name = "NAME")]
    dataset: DatasetRef,
    /// What to write: NumPy's .npz with an array for each modality and split, or Parquet with a row a sample
    #[arg(long = "format", id = "file_format", value_enum)]
    format: FileFormat,
    /// The file: a new one
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    /// NAME_train, NAME_valid, NAME_test, y_*, id_*, NAME_lengths_*
    Npz,
    /// split, id, label, group, and a list column for each modality
    Parquet,
}

/// Writes the file.
pub fn run(arguments: &Arguments, folders: &[PathBuf]) -> anyhow::Result<Exit> {
    let out = &arguments.out;
    if fs::symlink_metadata(out).is_ok() {
        return Err(Failure::usage(format!("{} is there already; give another file", out.display())));
    }
    let dataset = search::open(&arguments.dataset, folders)?;
    let partial = Partial::of(out)?;
    match arguments.format {
        FileFormat::Npz => npz::write(&dataset, &partial.path),
        FileFormat::Parquet => parquet::write(&dataset, &partial.path),
    }
    .with_context(|| format!("cannot write {}", out.display()))?;
    partial.place(out)?;
    let samples: usize = Split::ALL.iter().map(|&split| dataset.indices(split).len()).sum();
    output::tell(&format!("{samples} samples of {} are in {}", dataset.reference(), out.display()));
    Ok(Exit::Fine)
}

/// Numbers of a modality that are read at once: 4 MiB.
fn chunk(numel: usize) -> usize {
    ((1 << 20) / numel.max(1)).max(1)
}

/// The split in the names of arrays, as the field has it.
fn short(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Validation => "valid",
        Split::Test => "test",
    }
}

/// The file beside its place; gone unless it is put there.
struct Partial {
    path: PathBuf,
}

impl Partial {
    fn of(out: &Path) -> anyhow::Result<Self> {
        let name = out.file_name().ok_or_else(|| Failure::usage(format!("{} names no file", out.display())))?;
        Ok(Self { path: out.with_file_name(format!(".{}.partial", name.to_string_lossy())) })
    }

    fn place(self, out: &Path) -> anyhow::Result<()> {
        fs::rename(&self.path, out).with_context(|| format!("cannot write {}", out.display()))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It is not there once it is placed, and nobody is left to tell.
        let _ = fs::remove_file(&self.path);
    }
}
