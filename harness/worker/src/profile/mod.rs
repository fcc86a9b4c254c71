/*!
Profiles: what models cost, as libtorch executes them.

A model is built, counted and watched by itself; timings are taken in turns over all models, so that a machine that slows down slows all of them.
*/

mod extractor;
mod measure;
mod method;
mod model;
mod timing;

use bench_store::{
    TrialSpec,
    profile::{Profile, ProfileJob, Subject},
};
use tch::Device;

use crate::{data::Loaded, failure::Failure};

use extractor::Frozen;
use method::OnDataset;
use model::Model;

/// Measures the job's models; `report` is told (done, of) after each part.
///
/// # Errors
/// A model that cannot be built or does not predict.
pub fn profile<'a>(
    job: &'a ProfileJob,
    device: Device,
    loaded: &dyn Fn(&TrialSpec) -> Option<&'a Loaded>,
    mut report: impl FnMut(usize, usize),
) -> Result<Vec<Profile>, Failure> {
    let mut models = Vec::new();
    let mut profiles = Vec::new();
    for (at, subject) in job.subjects.iter().enumerate() {
        let (model, profile) = measure::measured(job.batch, device, || build(subject, device, loaded))?;
        models.push(model);
        profiles.push(profile);
        report(at + 1, job.subjects.len() + 2 * job.rounds());
    }
    timing::in_turns(job, device, &mut models, &mut profiles, |done, more| report(job.subjects.len() + done, job.subjects.len() + more))?;
    Ok(profiles)
}

fn build<'a>(subject: &'a Subject, device: Device, loaded: &dyn Fn(&TrialSpec) -> Option<&'a Loaded>) -> Result<Box<dyn Model + 'a>, Failure> {
    match subject {
        Subject::Method { spec, trial, .. } => {
            let loaded = loaded(spec).ok_or_else(|| Failure::trial("the dataset is gone"))?;
            Ok(Box::new(OnDataset::build(spec, trial.as_deref(), loaded)?))
        }
        Subject::Extractor { name, size } => Ok(Box::new(Frozen::build(name, *size, device)?)),
    }
}
