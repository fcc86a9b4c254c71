/*!
Scores of the test split under many conditions: at once, or piece by piece where the split is streamed.

A piece is a number of whole batches. All conditions of a group are evaluated on it before the next is read, so that its inputs and encodings are reused over
conditions as those of a whole split are, and then dropped.
*/

use bench_corruptions::Condition;
use bench_datasets::{Dataset, Split, Task};
use bench_methods::Method;
use bench_store::Scores;

use crate::{
    data::{self, Loaded},
    evaluate::{Evaluation, test_ids},
    failure::Failure,
    stream,
};

/// Most bytes of scores that are held until the last piece is evaluated.
const HELD: usize = 256 << 20;

/// What is evaluated.
pub struct Scoring<'a> {
    /// The trained method.
    pub method: &'a dyn Method,
    /// Its dataset.
    pub loaded: &'a Loaded,
    /// Seed of the corruptions.
    pub seed: u64,
    /// Samples of a batch.
    pub batch: usize,
    /// Called before a condition of a method that draws while it predicts; `None` where it does not.
    pub reseed: Option<&'a dyn Fn(&Condition)>,
}

impl Scoring<'_> {
    /// Evaluates `conditions` and hands over the scores of each, in their order.
    ///
    /// # Errors
    /// A score that is not finite, or what `take` refuses.
    pub fn each(&self, conditions: &[Condition], mut take: impl FnMut(usize, Scores) -> Result<(), Failure>) -> Result<(), Failure> {
        let ids = test_ids(self.loaded);
        let seed = |condition: &Condition| self.reseed.iter().for_each(|reseed| reseed(condition));
        if !self.loaded.streams_test {
            let mut evaluation = Evaluation::new(self.method, self.loaded, &ids, self.seed, self.batch);
            return conditions.iter().enumerate().try_for_each(|(at, condition)| {
                seed(condition);
                take(at, evaluation.scores(condition)?)
            });
        }
        // Draws of a condition must follow each other through all pieces.
        let group = if self.reseed.is_some() { 1 } else { group(&self.loaded.dataset, ids.len()) };
        for (at, conditions) in conditions.chunks(group).enumerate() {
            conditions.iter().for_each(seed);
            let scores = self.piece_by_piece(&ids, conditions)?;
            scores.into_iter().enumerate().try_for_each(|(place, scores)| take(at * group + place, scores))?;
        }
        Ok(())
    }

    fn piece_by_piece(&self, ids: &[&str], conditions: &[Condition]) -> Result<Vec<Scores>, Failure> {
        let dataset = &self.loaded.dataset;
        let rows = dataset.indices(Split::Test);
        let mut all: Vec<Scores> = Vec::new();
        for (start, length) in data::ranges(rows.len(), stream::at_once(dataset, self.batch)) {
            let end = start + length;
            dataset.will_need(&rows[end..rows.len().min(end + length)]);
            let mut evaluation = Evaluation::over(self.method, self.loaded, (&rows[start..end], &ids[start..end]), self.seed, self.batch);
            for (at, condition) in conditions.iter().enumerate() {
                let scores = evaluation.scores(condition)?;
                match all.get_mut(at) {
                    Some(before) => append(before, scores),
                    None => all.push(scores),
                }
            }
        }
        Ok(all)
    }
}

/// Conditions whose scores are held together.
fn group(dataset: &Dataset, samples: usize) -> usize {
    let width = if let Task::Classification { classes } = dataset.task() { classes.len() } else { 1 };
    // Of a sample: scores, a perturbation a modality, target and id.
    let bytes = samples.saturating_mul(4 * (width + dataset.modalities().len()) + 64);
    (HELD / bytes.max(1)).max(1)
}

fn append(before: &mut Scores, next: Scores) {
    before.ids.extend(next.ids);
    before.targets.extend(next.targets);
    before.values.extend(next.values);
    for ((_, before), (_, next)) in before.perturbations.iter_mut().zip(next.perturbations) {
        before.extend(next);
    }
}
