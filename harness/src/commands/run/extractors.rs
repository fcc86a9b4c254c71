//! The datasets of a run with features of frozen extractors in the place of their raw inputs.

use bench_datasets::{Dataset, DatasetRef};

use super::{Arguments, Ready};
use crate::{
    exit::Failure,
    extract::{Asked, Extraction, features},
    folder::{Folder, Lock},
    search,
    workers::Pool,
};

/// Puts the datasets of features into the settings, made where they are not there yet, and notes the modules that the command names as trusted. Answers the
/// lock of the run folder, where it had to be taken.
///
/// # Errors
/// An extractor for no modality, or what cannot be extracted.
pub fn prepare(arguments: &Arguments, ready: &mut Ready, folder: &Folder, pool: &Pool<'_>) -> anyhow::Result<Option<Lock>> {
    ready.settings.trust = arguments.trust_extractors;
    let asked = Asked::all(&ready.settings.extractors)?;
    if asked.is_empty() {
        return Ok(None);
    }
    ready.settings.trusted = asked.iter().map(Asked::hash).collect::<anyhow::Result<_>>()?;
    let lock = (!arguments.dry_run).then(|| folder.lock()).transpose()?;
    let folders = search::folders(&ready.settings.data);
    let cache = features(folder, ready.settings.cache.as_deref());
    let extraction = Extraction { pool, libtorch: &ready.description.libtorch, device: &ready.device, folders: &folders, quiet: arguments.quiet };
    let mut used = vec![false; asked.len()];
    let mut references = Vec::new();
    for reference in &ready.settings.datasets {
        let source = search::open(&DatasetRef::whole(&reference.name), &folders)?;
        let own = chosen(&asked, &source, &mut used);
        if own.is_empty() {
            references.push(reference.clone());
            continue;
        }
        let name = extraction.name(&source, &own)?;
        if arguments.dry_run && !cache.join(&name).is_dir() {
            let message = format!("the features of {} are not extracted yet, and a dry run writes nothing", source.reference());
            return Err(Failure::usage(format!("{message}; `bench datasets extract` makes them alone")));
        }
        extraction.make(&source, &own, &cache, &name)?;
        references.push(DatasetRef { name, ..reference.clone() });
    }
    if let Some(idle) = asked.iter().zip(&used).find_map(|(asked, used)| (!used).then_some(asked)) {
        return Err(Failure::usage(format!("extractor: no dataset of this run has a modality `{}`", idle.modality)));
    }
    ready.settings.datasets = references;
    if !ready.settings.data.contains(&cache) {
        ready.settings.data.push(cache);
    }
    Ok(lock)
}

/// Those of a dataset's modalities, in its order: the order decides the name.
fn chosen(asked: &[Asked], source: &Dataset, used: &mut [bool]) -> Vec<Asked> {
    let mut own = Vec::new();
    for modality in source.modalities() {
        for (asked, used) in asked.iter().zip(used.iter_mut()).filter(|(asked, _)| asked.modality == modality.name) {
            *used = true;
            own.push(asked.clone());
        }
    }
    own
}
