/*!
Evaluation of a trained method on the test split under conditions.

Batches are fixed (in id order), because bits differ between batch sizes. Where a method is "encode, then fuse", each modality is encoded once clean,
once missing, and once for each of its corruptions; all patterns and all conditions reuse these encodings, with the same bits as `predict`.
*/

use std::collections::BTreeMap;

use bench_corruptions::{AttackTerm, Condition, Fields, Realised};
use bench_datasets::{Block, Labels, Split, keyed::Key};
use bench_methods::{Inputs, Method, ModalityInput, Output, PerModality};
use bench_store::{ScoreKind, Scores};
use tch::{Kind, Tensor};

use crate::{
    attack::{self, Reach, Through},
    data::{self, Loaded},
    extract,
    failure::Failure,
};

/// The test split and all that was computed on it for one trained method.
pub struct Evaluation<'a> {
    method: &'a dyn Method,
    loaded: &'a Loaded,
    rows: &'a [usize],
    ids: &'a [&'a str],
    seed: u64,
    fields: Vec<Fields<'a>>,
    reaches: Vec<Option<Reach>>,
    ranges: Vec<(usize, usize)>,
    /// Inputs by modality and treatment, one a batch; encodings of them likewise; gradient signs by what the attacker sees.
    inputs: BTreeMap<(usize, Treatment), Treated>,
    encodings: BTreeMap<(usize, Treatment), Vec<Tensor>>,
    directions: BTreeMap<String, Vec<Vec<Option<Tensor>>>>,
}

/// What was done to one modality, as text: `clean`, `missing`, or its atoms with the attacker's view.
type Treatment = String;

/// A modality of the whole test split after a treatment.
struct Treated {
    batches: Vec<ModalityInput>,
    /// The raw values that the batches are features of, where an attack can move them.
    raw: Option<Vec<ModalityInput>>,
    /// Realised perturbation per sample; `None` where nothing was perturbed.
    perturbation: Option<Vec<f32>>,
}

const CLEAN: &str = "clean";
const MISSING: &str = "missing";

/// Ids of the test split, in id order.
pub fn test_ids(loaded: &Loaded) -> Vec<&str> {
    loaded.dataset.indices(Split::Test).iter().map(|&row| loaded.dataset.ids()[row].as_str()).collect()
}

impl<'a> Evaluation<'a> {
    /// An evaluation with nothing computed yet; `ids` from [`test_ids`].
    pub fn new(method: &'a dyn Method, loaded: &'a Loaded, ids: &'a [&'a str], seed: u64, batch: usize) -> Self {
        Self::over(method, loaded, (loaded.dataset.indices(Split::Test), ids), seed, batch)
    }

    /// An evaluation of some of the test samples alone, given as rows and ids. Bits are those of the whole where they begin at a batch.
    pub(crate) fn over(method: &'a dyn Method, loaded: &'a Loaded, (rows, ids): (&'a [usize], &'a [&'a str]), seed: u64, batch: usize) -> Self {
        let modalities = loaded.dataset.raw_modalities();
        let fields = modalities.iter().map(|modality| Fields::new(loaded.dataset.base_hash(), seed, modality, ids)).collect();
        let reach = |(at, modality)| {
            let of = if loaded.dataset.extractor(at).is_some() { Reach::raw } else { Reach::new };
            loaded.raw_normaliser.of(at).map(|statistics| of(modality, statistics, loaded.device))
        };
        Self {
            method,
            loaded,
            rows,
            ids,
            seed,
            fields,
            reaches: modalities.iter().enumerate().map(reach).collect(),
            ranges: data::ranges(ids.len(), batch).collect(),
            inputs: BTreeMap::new(),
            encodings: BTreeMap::new(),
            directions: BTreeMap::new(),
        }
    }

    /// Scores of every test sample under `condition`.
    ///
    /// # Errors
    /// A score that is not finite.
    pub fn scores(&mut self, condition: &Condition) -> Result<Scores, Failure> {
        let treatments = self.treat(condition)?;
        let available = condition.availability(treatments.len());
        let method = self.method;
        let outputs: Vec<Output> = match method.per_modality() {
            Some(parts) => {
                for (at, treatment) in treatments.iter().enumerate() {
                    self.encode(parts, at, treatment);
                }
                (0..self.ranges.len())
                    .map(|batch| tch::no_grad(|| parts.fuse(&self.encoded(&treatments, batch), &self.availability(&available, batch))))
                    .collect()
            }
            None => (0..self.ranges.len()).map(|batch| tch::no_grad(|| method.predict(&self.assembled(&treatments, &available, batch)))).collect(),
        };
        self.collect(condition, &treatments, &outputs)
    }

    /// Makes the inputs that the condition needs and names each modality's treatment.
    fn treat(&mut self, condition: &Condition) -> Result<Vec<Treatment>, Failure> {
        let modalities = self.loaded.dataset.modalities().len();
        let available = condition.availability(modalities);
        let mut treatments = Vec::new();
        for (at, available) in available.iter().enumerate() {
            let atoms: Vec<_> = condition.data().iter().copied().filter(|atom| atom.modality() == at).collect();
            let treatment =
                if *available { atoms.iter().map(|atom| format!("{atom:?}")).reduce(|all, atom| all + "+" + &atom) } else { Some(MISSING.into()) };
            let treatment = treatment.unwrap_or_else(|| CLEAN.into());
            if !self.inputs.contains_key(&(at, treatment.clone())) {
                let treated = if *available { self.corrupt(at, &atoms)? } else { self.missing(at)? };
                self.inputs.insert((at, treatment.clone()), treated);
            }
            treatments.push(treatment);
        }
        if let Some(terms) = condition.attack() {
            self.attack(terms, &available, &mut treatments)?;
        }
        Ok(treatments)
    }

    /// One modality of the test split with its data atoms applied, normalised.
    fn corrupt(&self, at: usize, atoms: &[bench_corruptions::DataAtom]) -> Result<Treated, Failure> {
        let dataset = &self.loaded.dataset;
        let kind = &dataset.modalities()[at].kind;
        let mut block = dataset.read_raw(at, self.rows);
        let realised = self.fields[at].apply(at, atoms, self.loaded.raw_normaliser.of(at), &mut block);
        let Realised { per_sample } = realised.map_err(Failure::trial)?;
        let mut raw = None;
        if dataset.extractor(at).is_some() {
            let raw_kind = &dataset.raw_modalities()[at].kind;
            raw = raw_kind.is_continuous().then(|| self.batches(raw_kind, &block));
            // Without a corruption the dataset has them.
            block = if atoms.is_empty() { dataset.read(at, self.rows) } else { self.extract(at, atoms, &block)? };
        }
        self.loaded.normaliser.apply(at, kind, &mut block);
        Ok(Treated { batches: self.batches(kind, &block), raw, perturbation: (!atoms.is_empty()).then_some(per_sample) })
    }

    /// Features of corrupted raw values of the whole test split, in the evaluation's batches.
    fn extract(&self, at: usize, atoms: &[bench_corruptions::DataAtom], block: &Block) -> Result<Block, Failure> {
        let Some(extractor) = self.loaded.extractor(at)? else { return Ok(block.clone()) };
        let modality = &self.loaded.dataset.modalities()[at];
        let part = |&range: &(usize, usize)| extractor.block(&extract::part(block, range, self.rows.len()), &modality.kind);
        let make = || extract::joined(self.ranges.iter().map(part));
        let Some(cache) = &self.loaded.cache else { return make() };
        let key = Key::new("corrupted features").with("dataset", self.loaded.dataset.hash()).with("modality", &modality.name).with("seed", self.seed);
        let key =
            key.with("atoms", format!("{atoms:?}")).with("semantics", bench_corruptions::SEMANTICS).with("batches", format!("{:?}", self.ranges));
        let key = self.ids.iter().fold(key, |key, id| key.with("sample", id));
        cache.block(key, &modality.kind, self.rows.len(), make)
    }

    fn batches(&self, kind: &bench_datasets::Kind, block: &Block) -> Vec<ModalityInput> {
        let whole = data::to_input(kind, block, self.loaded.device);
        let part = |tensor: &Tensor, (start, length): (usize, usize)| tensor.narrow(0, start as i64, length as i64).contiguous();
        let batch = |&range: &(usize, usize)| ModalityInput {
            values: part(&whole.values, range),
            lengths: whole.lengths.as_ref().map(|lengths| part(lengths, range)),
        };
        self.ranges.iter().map(batch).collect()
    }

    fn missing(&mut self, at: usize) -> Result<Treated, Failure> {
        if !self.inputs.contains_key(&(at, CLEAN.into())) {
            let clean = self.corrupt(at, &[])?;
            self.inputs.insert((at, CLEAN.into()), clean);
        }
        let clean = &self.inputs[&(at, CLEAN.to_string())];
        let nobody = |input: &ModalityInput| input.masked(&Tensor::zeros([input.values.size()[0]], (Kind::Bool, self.loaded.device)));
        Ok(Treated { batches: clean.batches.iter().map(nobody).collect(), raw: None, perturbation: None })
    }

    /// Replaces the treatments of the attacked modalities. The attacker sees the corrupted input and δ, and moves all its modalities at once; the raw
    /// input of features moves through their extractor.
    fn attack(&mut self, terms: &[AttackTerm], available: &[bool], treatments: &mut [Treatment]) -> Result<(), Failure> {
        let view = treatments.join("|");
        let attacked = |at: usize| terms.iter().any(|term| term.modality == at);
        let through = (0..treatments.len()).map(|at| if attacked(at) { self.through(at) } else { Ok(None) }).collect::<Result<Vec<_>, _>>()?;
        // Which raw inputs move is part of what the attacker sees.
        let moved: String = through.iter().map(|through| if through.is_some() { '^' } else { '.' }).collect();
        let key = if moved.contains('^') { format!("{view} {moved}") } else { view.clone() };
        if !self.directions.contains_key(&key) {
            let directions = (0..self.ranges.len()).map(|batch| {
                let mut inputs = self.assembled(treatments, available, batch);
                for ((at, treatment), _) in treatments.iter().enumerate().zip(&through).filter(|(_, through)| through.is_some()) {
                    if let Some(raw) = &self.inputs[&(at, treatment.clone())].raw {
                        inputs.modalities[at] = raw[batch].shallow_clone();
                    }
                }
                let (start, length) = self.ranges[batch];
                let targets = data::targets(&self.loaded.dataset, &self.rows[start..start + length], self.loaded.device);
                attack::directions(self.method, &inputs, &through, &targets)
            });
            let directions = directions.collect::<Result<_, _>>()?;
            self.directions.insert(key.clone(), directions);
        }
        for term in terms {
            let at = term.modality;
            let treatment = format!("{} attacked by {:?} seeing {view}", treatments[at], term.epsilon);
            if !self.inputs.contains_key(&(at, treatment.clone())) {
                let before = &self.inputs[&(at, treatments[at].clone())];
                let mut sizes = Vec::new();
                let moved = before.raw.as_ref().unwrap_or(&before.batches).iter().zip(&self.directions[&key]);
                let batches = moved.map(|(input, directions)| match (&self.reaches[at], &directions[at]) {
                    (Some(reach), Some(direction)) => {
                        let (values, size) = reach.attack(&input.values, direction, term.epsilon);
                        sizes.extend(size);
                        let moved = ModalityInput { values, lengths: input.lengths.as_ref().map(Tensor::shallow_clone) };
                        through[at].as_ref().map_or(Ok(moved.shallow_clone()), |through| tch::no_grad(|| through(&moved)))
                    }
                    _ => Ok(input.shallow_clone()),
                });
                let batches = batches.collect::<Result<_, _>>()?;
                self.inputs.insert((at, treatment.clone()), Treated { batches, raw: None, perturbation: Some(sizes) });
            }
            treatments[at] = treatment;
        }
        Ok(())
    }

    /// From a modality's raw values to what methods see, where it has raw values that can move.
    fn through(&self, at: usize) -> Result<Option<Through<'a>>, Failure> {
        let (loaded, dataset) = (self.loaded, &self.loaded.dataset);
        let movable = dataset.extractor(at).is_some() && dataset.raw_modalities()[at].kind.is_continuous();
        let (true, Some(extractor), Some(statistics)) = (movable, if movable { loaded.extractor(at)? } else { None }, loaded.normaliser.of(at))
        else {
            return Ok(None);
        };
        let figures = |values: &[f32]| Tensor::from_slice(values).to_device(loaded.device);
        let (mean, scale) = (figures(&statistics.mean), figures(&statistics.scale));
        Ok(Some(Box::new(move |raw| extractor.normalised(raw, &mean, &scale))))
    }

    fn encode(&mut self, parts: &dyn PerModality, at: usize, treatment: &Treatment) {
        let key = (at, treatment.clone());
        if !self.encodings.contains_key(&key) {
            let encodings = tch::no_grad(|| self.inputs[&key].batches.iter().map(|input| parts.encode(at, input)).collect());
            self.encodings.insert(key, encodings);
        }
    }

    fn encoded(&self, treatments: &[Treatment], batch: usize) -> Vec<Tensor> {
        treatments.iter().enumerate().map(|(at, treatment)| self.encodings[&(at, treatment.clone())][batch].shallow_clone()).collect()
    }

    fn assembled(&self, treatments: &[Treatment], available: &[bool], batch: usize) -> Inputs {
        let modalities = treatments.iter().enumerate().map(|(at, treatment)| self.inputs[&(at, treatment.clone())].batches[batch].shallow_clone());
        Inputs { modalities: modalities.collect(), availability: self.availability(available, batch) }
    }

    fn availability(&self, available: &[bool], batch: usize) -> Tensor {
        Tensor::from_slice(available).to_device(self.loaded.device).unsqueeze(0).expand([self.ranges[batch].1 as i64, -1], false).contiguous()
    }

    fn collect(&self, condition: &Condition, treatments: &[Treatment], outputs: &[Output]) -> Result<Scores, Failure> {
        let kind = match outputs.first() {
            Some(Output::Probabilities(_)) => ScoreKind::Probabilities,
            Some(Output::Value(_)) => ScoreKind::Value,
            _ => ScoreKind::Logits,
        };
        let mut values = Vec::new();
        for output in outputs {
            let flat = output.tensor().to_device(tch::Device::Cpu).to_kind(Kind::Float).contiguous().view(-1);
            values.extend(Vec::<f32>::try_from(flat).map_err(Failure::trial)?);
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let sample = self.ids[at * self.ids.len() / values.len()];
            return Err(Failure::trial(format!("the score of sample `{sample}` under {condition} is {}", values[at])));
        }
        let targets = match self.loaded.dataset.labels() {
            Labels::Classes(classes) => self.rows.iter().map(|&row| f64::from(classes[row])).collect(),
            Labels::Values(truth) => self.rows.iter().map(|&row| f64::from(truth[row])).collect(),
        };
        let names = self.loaded.dataset.modalities().iter();
        let perturbations = names
            .zip(treatments)
            .enumerate()
            .filter_map(|(at, (modality, treatment))| {
                let size = self.inputs[&(at, treatment.clone())].perturbation.clone();
                size.map(|size| (modality.name.clone(), size))
            })
            .collect();
        Ok(Scores {
            ids: self.ids.iter().map(ToString::to_string).collect(),
            targets,
            kind,
            width: values.len() / self.ids.len().max(1),
            values,
            perturbations,
        })
    }
}

#[cfg(test)]
mod tests;
