/*!
Profiles: what models cost, as libtorch executes them.

A model is built, counted and watched by itself; timings are taken in turns over all models, so that a machine that slows down slows all of them.
*/

mod measure;
mod model;
mod timing;

use bench_store::{
    TrialSpec,
    profile::{Profile, ProfileJob},
};
use tch::Device;

use crate::{data::Loaded, failure::Failure};

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
        let (model, profile) = measure::measured(job.batch, device, || Model::build(subject, loaded))?;
        models.push(model);
        profiles.push(profile);
        report(at + 1, job.subjects.len() + job.timed_batches.len());
    }
    timing::in_turns(job, device, &mut models, &mut profiles, |done, more| report(job.subjects.len() + done, job.subjects.len() + more))?;
    Ok(profiles)
}
