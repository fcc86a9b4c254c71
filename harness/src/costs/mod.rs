/*!
What the trials of a run folder cost, as tables of papers ask for it: measured once through the worker, kept in `costs/` of the run folder, and read
from there ever after.

Counts are the same each time; times are of one machine at one time, so they are kept and never measured again.
*/

mod ask;
mod files;
mod measure;
mod missing;
mod units;
mod value;

use bench_reports::cost::Training;
use bench_store::TrainedTrial;

pub use ask::ask;
pub use measure::{Around, Measured, measure};
pub use missing::{Missing, TrialToProfile, missing};
pub use units::{ALL, unit};
pub use value::Costs;

/// How long a trial was trained on so many samples.
pub fn training(trial: &TrainedTrial, samples: usize) -> Training {
    let batch = trial.spec.recipe.batch.max(1);
    Training { batch, steps: samples.div_ceil(batch), epochs: trial.outcome.epochs_run as f64 }
}

/// Samples in the batch of counts and memory: the papers' batch.
const BATCH: usize = 64;

/// The frozen extractors of DEF+AAF's pipeline on IEMOCAP (section 5.1), and what one sample is taken to be there, because the
/// paper does not say: 128 tokens, one frame, and 4.5 seconds of speech, the mean turn of IEMOCAP (Busso et al., LREV, 2008).
const EXTRACTORS: [(&str, f64); 3] = [("bert-base", 128.0), ("resnet-50", 1.0), ("wav2vec2-base", 4.5)];
