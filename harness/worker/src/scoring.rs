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
            let scores = self.piece_by_piece(&ids, conditions, stream::at_once(&self.loaded.dataset, self.batch))?;
            scores.into_iter().enumerate().try_for_each(|(place, scores)| take(at * group + place, scores))?;
        }
        Ok(())
    }

    /// Scores of all conditions, evaluated on `size` samples at a time: whole batches.
    fn piece_by_piece(&self, ids: &[&str], conditions: &[Condition], size: usize) -> Result<Vec<Scores>, Failure> {
        let dataset = &self.loaded.dataset;
        let rows = dataset.indices(Split::Test);
        let mut all: Vec<Scores> = Vec::new();
        for (start, length) in data::ranges(rows.len(), size) {
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

#[cfg(test)]
mod tests {
    use bench_card::MethodRef;
    use bench_datasets::{DatasetRef, embedded_directory};
    use bench_methods::{BuildContext, registry};
    use tch::Device;

    use super::*;
    use crate::stream::Stream;

    const CONDITIONS: [&str; 6] =
        ["clean", "noise(image,0.18)", "missing(text)", "mask(text,0.2)", "fgsm(image,1/255)", "noise(image,0.08)+mask(text,0.1)+fgsm(image,4/255)"];

    /// The test split has 351 samples: a batch of 64 cuts it into 6, pieces of two batches into 3.
    #[test]
    fn pieces_together_give_the_bits_of_the_whole() {
        let search = [embedded_directory()];
        let hash = Dataset::open(&DatasetRef::whole("openmoji"), &search).unwrap().hash().to_string();
        let held = Loaded::open_as("openmoji", &hash, &search, Device::Cpu, Stream::Never).unwrap();
        let streamed = Loaded::open_as("openmoji", &hash, &search, Device::Cpu, Stream::Always).unwrap();
        assert_eq!((held.streams_test, streamed.streams_test), (false, true));
        let ids = test_ids(&held);
        let conditions: Vec<Condition> = CONDITIONS.iter().map(|text| Condition::parse(text, held.dataset.modalities()).unwrap()).collect();
        for name in ["concat", "raml", "decalign"] {
            let entry = registry::find(name).unwrap();
            let options = (entry.card)().resolve(&name.parse::<MethodRef>().unwrap()).unwrap();
            let (modalities, task) = (held.dataset.modalities(), held.dataset.task());
            let context = BuildContext { modalities, task, options: &options, seed: 7, modality: None, pivot: None, device: Device::Cpu };
            let method = (entry.build)(&context).unwrap();
            let scoring = |loaded| Scoring { method: method.as_ref(), loaded, seed: 42, batch: 64, reseed: None };
            let mut whole = Vec::new();
            scoring(&held)
                .each(&conditions, |at, scores| {
                    assert_eq!(at, whole.len());
                    whole.push(scores);
                    Ok(())
                })
                .unwrap();
            assert_eq!(scoring(&streamed).piece_by_piece(&ids, &conditions, 128).unwrap(), whole, "{name}");
            let mut places = Vec::new();
            scoring(&streamed)
                .each(&conditions, |at, scores| {
                    assert_eq!(scores, whole[at], "{name}");
                    places.push(at);
                    Ok(())
                })
                .unwrap();
            assert!(places.into_iter().eq(0..CONDITIONS.len()));
        }
    }
}
