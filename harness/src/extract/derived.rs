//! The dataset of features: found where it was made before, or made beside its place and moved there whole.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use bench_datasets::{Dataset, DatasetRef, derive, keyed::Key};
use bench_store::protocol::{Event, ExtractJob, Request};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Asked, utf8};
use crate::{
    exit::{Exit, Failure},
    output,
    plan::EVALUATION_BATCH,
    workers::{Notice, Outcome, Pool},
};

/// The folder of such datasets in a run folder.
pub const FOLDER: &str = "extracted";

/// What features are made with.
pub struct Extraction<'a> {
    /// The workers.
    pub pool: &'a Pool<'a>,
    /// Version of libtorch.
    pub libtorch: &'a str,
    /// `cpu` or `cuda:N`.
    pub device: &'a str,
    /// Folders in which the source was found.
    pub folders: &'a [PathBuf],
    /// Whether progress is not shown.
    pub quiet: bool,
}

impl Extraction<'_> {
    /// The name of the dataset of `source`'s features: its own, the modalities, and the beginning of a hash of all that decides the numbers.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn name(&self, source: &Dataset, asked: &[Asked]) -> anyhow::Result<String> {
        let mut key = Key::new("extracted").with("dataset", source.hash()).with("libtorch", self.libtorch);
        key = key.with("device", self.device.split(':').next().unwrap_or_default()).with("batch", EVALUATION_BATCH);
        let mut name = source.name().to_owned();
        for asked in asked {
            key = key.with("modality", &asked.modality).with("module", asked.hash()?);
            if let Some(tokenizer) = asked.tokenizer() {
                key = key.with("tokenizer", derive::sum(&tokenizer)?);
            }
            name = format!("{name}+{}", asked.modality);
        }
        Ok(format!("{name}-{}", key.hex().get(..8).unwrap_or_default()))
    }

    /// Makes the dataset `name` in the folder `cache`, if it is not there.
    ///
    /// # Errors
    /// What the worker, the dataset or the file system refuses, and an interrupt.
    pub fn make(&self, source: &Dataset, asked: &[Asked], cache: &Path, name: &str) -> anyhow::Result<()> {
        utf8(cache)?;
        let target = cache.join(name);
        if target.is_dir() {
            return Ok(());
        }
        let partial = cache.join(format!(".{name}.{}.partial", std::process::id()));
        fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
        let made = self.fill(source, asked, &partial, name).and_then(|()| {
            // Another command may have been faster: what it made is the same.
            fs::rename(&partial, &target)
                .or_else(|error| if target.is_dir() { Ok(()) } else { Err(error) })
                .with_context(|| format!("cannot move {} to {}", partial.display(), target.display()))
        });
        if partial.exists() {
            let _ = fs::remove_dir_all(&partial);
        }
        made
    }

    fn fill(&self, source: &Dataset, asked: &[Asked], folder: &Path, name: &str) -> anyhow::Result<()> {
        let mut features = Vec::new();
        for asked in asked {
            let at =
                source.modality(&asked.modality).with_context(|| format!("dataset {} has no modality `{}`", source.reference(), asked.modality))?;
            if source.extractor(at).is_some() {
                let message = format!("`{}` of {} holds features of an extractor already", asked.modality, source.reference());
                return Err(Failure::usage(format!("{message}; extract from the dataset that they were made of")));
            }
            let job = ExtractJob {
                dataset: DatasetRef { train: None, ..source.reference().clone() }.to_string(),
                dataset_hash: source.hash().to_owned(),
                data: self.folders.to_vec(),
                modality: asked.modality.clone(),
                module: asked.module.clone(),
                trusted: vec![asked.hash()?],
                tokenizer: asked.tokenizer().filter(|_| !source.modalities()[at].kind.is_continuous()),
                batch: EVALUATION_BATCH,
                device: self.device.to_owned(),
                out: folder.join(derive::Features::file(&asked.modality)),
            };
            if !self.quiet {
                output::tell(&format!(
                    "bench: {} of {} samples of {} through {}",
                    asked.modality,
                    source.len(),
                    source.reference(),
                    asked.module.display()
                ));
            }
            let (shape, ragged) = self.ask(&job)?;
            let (modality, module) = (asked.modality.clone(), asked.module.clone());
            features.push(derive::Features { modality, shape, ragged, module, tokenizer: job.tokenizer });
        }
        derive::derive(source, name, folder, &features)?;
        Ok(())
    }

    fn ask(&self, job: &ExtractJob) -> anyhow::Result<(Vec<usize>, bool)> {
        let bar = if self.quiet { ProgressBar::hidden() } else { ProgressBar::new(1) };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} samples, {elapsed} elapsed, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(500));
        let outcomes = self.pool.run(&[Request::Extract(job.clone())], |_, _, notice| {
            if let Notice::Event(Event::Extracting { done, of }) = notice {
                bar.set_length(*of as u64);
                bar.set_position(*done as u64);
            }
        });
        bar.finish_and_clear();
        match outcomes.into_iter().next() {
            Some(Outcome::Extracted { shape, ragged }) => Ok((shape, ragged)),
            Some(Outcome::Failed { usage: true, message }) => Err(Failure::usage(message)),
            Some(Outcome::Failed { usage: false, message }) => Err(Failure { exit: Exit::Trial, message }.into()),
            Some(Outcome::NotRun) => {
                let message = "interrupted; the same command extracts the features again".into();
                Err(Failure { exit: Exit::Interrupted, message }.into())
            }
            _ => Err(Failure::internal("the worker did not answer with features")),
        }
    }
}
