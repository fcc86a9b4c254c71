//! What tables say of the cost of trained models: measured once they are trained, one at a time.

use std::collections::BTreeSet;

use bench_tables::spec::Cost;

use super::{
    super::{Arguments, Ready},
    needs::{Needs, same_trials},
};
use crate::{
    costs::{self, Around, TrialToProfile},
    folder::Folder,
    interrupt::Interrupt,
    output,
    plan::{Answer, Wanted},
    search,
};

/// Measures every cost that is wanted and not stored; whether all of it succeeded.
///
/// # Errors
/// A damaged file of a trial, or the file system's refusal to store.
pub fn measure(
    needs: &[Needs<'_>],
    (wanted, answers): (&[Wanted], &[Answer]),
    (arguments, ready): (&Arguments, &Ready),
    folder: &Folder,
    interrupt: &Interrupt,
) -> anyhow::Result<bool> {
    let mut trials: Vec<TrialToProfile> = Vec::new();
    let mut kinds: BTreeSet<Cost> = BTreeSet::new();
    for (of, cost) in needs.iter().flat_map(|needs| &needs.costs) {
        let Some(at) = wanted.iter().position(|one| same_trials(one, of)) else { continue };
        // The first seed stands for all: cost does not depend on the weights.
        let Some(Ok(Some((_, key)))) = answers.get(at).map(|answer| answer.as_ref().map(|keys| keys.first())) else { continue };
        let files = folder.trial(key);
        if let Some(trial) = files.read()? {
            trials.push(TrialToProfile { key: key.clone(), spec: trial.spec, label: trial.label, folder: files.root().to_path_buf() });
            kinds.insert(*cost);
        }
    }
    let missing = costs::missing(folder, &trials, &kinds)?;
    if trials.is_empty() || missing.is_empty() {
        return Ok(true);
    }
    let data = search::folders(&ready.settings.data);
    let around =
        Around { worker: &ready.worker, description: &ready.description, interrupt, device: &ready.device, data: &data, quiet: arguments.quiet };
    let measured = costs::measure(folder, &missing, &around)?;
    measured.failed.iter().for_each(|failure| output::tell(&format!("bench: cost of {failure}")));
    Ok(measured.failed.is_empty())
}
