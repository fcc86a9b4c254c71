//! Small learnable problems: every modality carries the label, some rows have no words or no steps.

use bench_datasets::{
    Kind as ModalityKind, Modality, RESERVED_WORDS, Task,
    keyed::{self, Key},
};
use bench_methods::{Batch, Inputs, ModalityInput, Targets, TrainView, patterns};
use tch::{Device, Kind, Tensor};

/// Rows of a batch; labels go round the classes.
pub const ROWS: i64 = 16;
const CLASSES: i64 = 4;
const WORDS_A_CLASS: i64 = 2;
const SEQUENCE_LENGTHS: [i64; 7] = [6, 3, 0, 5, 6, 1, 4];
const TEXT_LENGTHS: [i64; 6] = [2, 0, 6, 1, 3, 5];

/// Modalities and what is to be learnt of them.
#[derive(Clone)]
pub struct Problem {
    pub modalities: Vec<Modality>,
    pub task: Task,
}

/// Two, three, four and six modalities, each as classification and as regression. The third pair holds every kind.
pub fn problems() -> Vec<Problem> {
    let sequence = || modality("speech", ModalityKind::Sequence { steps: 6, dim: 3 });
    let words = || RESERVED_WORDS.map(String::from).into_iter().chain((0..CLASSES * WORDS_A_CLASS).map(|word| format!("word{word}"))).collect();
    let tokens = || modality("text", ModalityKind::Tokens { steps: 6, vocabulary: words() });
    let image = || modality("image", ModalityKind::Image { channels: 2, height: 6, width: 5 });
    let sets = [
        vec![vector("pulse", 5), tokens()],
        vec![sequence(), tokens(), image()],
        vec![vector("pulse", 5), sequence(), tokens(), image()],
        (1..=6).map(|view| vector(&format!("view{view}"), 2 + view)).collect(),
    ];
    let tasks = [
        Task::Classification { classes: (0..CLASSES).map(|class| format!("class{class}")).collect() },
        Task::Regression { target: "score".into(), low: -3.0, high: 3.0 },
    ];
    sets.iter().flat_map(|modalities| tasks.iter().map(|task| Problem { modalities: modalities.clone(), task: task.clone() })).collect()
}

/// A vector modality.
pub fn vector(name: &str, dim: usize) -> Modality {
    modality(name, ModalityKind::Vector { dim })
}

fn modality(name: &str, kind: ModalityKind) -> Modality {
    Modality { name: name.into(), kind }
}

impl Problem {
    /// M.
    pub fn arity(&self) -> usize {
        self.modalities.len()
    }

    /// Whether a real value is to be learnt.
    pub fn regression(&self) -> bool {
        matches!(self.task, Task::Regression { .. })
    }

    /// What a prediction for the toy rows looks like: `[B, C]` or `[B]`.
    pub fn answer_shape(&self) -> Vec<i64> {
        if self.regression() { vec![ROWS] } else { vec![ROWS, CLASSES] }
    }

    /// The toy rows, complete.
    pub fn batch(&self) -> Batch {
        let labels = (0..ROWS).map(label);
        let targets = if self.regression() {
            Targets::Values(Tensor::from_slice(&labels.map(|label| label as f32 - 1.0).collect::<Vec<_>>()))
        } else {
            Targets::Classes(Tensor::from_slice(&labels.collect::<Vec<_>>()))
        };
        Batch { inputs: self.inputs("original"), targets, rows: Tensor::arange(ROWS, (Kind::Int64, Device::Cpu)) }
    }

    /// The toy rows, where row i lacks what the pattern number i (round and round) lacks.
    pub fn incomplete_batch(&self) -> Batch {
        let Batch { inputs, targets, rows: places } = self.batch();
        let patterns = patterns::all(self.arity());
        let rows: Vec<Vec<bool>> = (0..ROWS as usize).map(|row| patterns[row % patterns.len()].clone()).collect();
        let availability = patterns::tensor(&rows, Device::Cpu);
        let modalities = (0..self.arity()).map(|at| inputs.modalities[at].masked(&availability.select(1, at as i64))).collect();
        Batch { inputs: Inputs { modalities, availability }, targets, rows: places }
    }

    /// Complete inputs of the toy labels; another `contents` makes other rows with other lengths.
    pub fn inputs(&self, contents: &str) -> Inputs {
        let modalities = self.modalities.iter().map(|modality| content(modality, contents)).collect();
        Inputs { modalities, availability: Tensor::ones([ROWS, self.arity() as i64], (Kind::Bool, Device::Cpu)) }
    }

    /// The same rows with something else behind the end of every sequence and text.
    pub fn with_other_padding(&self, inputs: &Inputs) -> Inputs {
        let repad = |(modality, input): (&Modality, &ModalityInput)| {
            let Some(lengths) = &input.lengths else { return input.shallow_clone() };
            let behind = Tensor::arange(input.values.size()[1], (Kind::Int64, Device::Cpu)).unsqueeze(0).ge_tensor(&lengths.unsqueeze(1));
            let values = match modality.kind {
                ModalityKind::Tokens { .. } => input.values.masked_fill(&behind, 3),
                _ => input.values.masked_fill(&behind.unsqueeze(-1), 7.5),
            };
            assert_ne!(values, input.values, "some row of {} is padded", modality.name);
            ModalityInput { values, lengths: Some(lengths.shallow_clone()) }
        };
        Inputs { modalities: self.modalities.iter().zip(&inputs.modalities).map(repad).collect(), availability: inputs.availability.shallow_clone() }
    }
}

/// The given rows of a batch, in that order.
pub fn rows(inputs: &Inputs, rows: &[i64]) -> Inputs {
    let index = Tensor::from_slice(rows);
    let pick = |tensor: &Tensor| tensor.index_select(0, &index);
    let modalities = inputs.modalities.iter().map(|input| ModalityInput { values: pick(&input.values), lengths: input.lengths.as_ref().map(pick) });
    Inputs { modalities: modalities.collect(), availability: pick(&inputs.availability) }
}

/// The given samples of a batch, in that order.
pub fn picked(batch: &Batch, places: &[usize]) -> Batch {
    let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
    let pick = |tensor: &Tensor| tensor.index_select(0, &Tensor::from_slice(&places));
    let targets = match &batch.targets {
        Targets::Classes(classes) => Targets::Classes(pick(classes)),
        Targets::Values(values) => Targets::Values(pick(values)),
    };
    Batch { inputs: rows(&batch.inputs, &places), targets, rows: pick(&batch.rows) }
}

/// Shows a batch to a method as its training split.
pub fn viewed<T>(batch: &Batch, look: impl FnOnce(&TrainView<'_>) -> T) -> T {
    look(&TrainView { targets: &batch.targets, batch: &|rows| picked(batch, rows), samples: ROWS as usize })
}

fn label(row: i64) -> i64 {
    row % CLASSES
}

fn content(modality: &Modality, contents: &str) -> ModalityInput {
    let key = |part: &str| Key::new("toy").with("modality", &modality.name).with("part", part);
    // One draw an element and class says where the class lies; it does not depend on `contents`, the noise does.
    let numel = modality.kind.numel();
    let centres: Vec<f32> = draws(&key("centres"), numel * CLASSES as usize);
    let noise: Vec<f32> = draws(&key("noise").with("contents", contents), numel * ROWS as usize);
    let shift = i64::from(contents != "original");
    let lengths = |cycle: &[i64]| -> Vec<i64> { (0..ROWS + shift).skip(shift as usize).map(|row| cycle[row as usize % cycle.len()]).collect() };
    let mut shape: Vec<i64> = modality.kind.shape().iter().map(|&size| size as i64).collect();
    shape.insert(0, ROWS);
    let value = |at: usize| 2.0 * centres[label((at / numel) as i64) as usize * numel + at % numel] + 0.3 * noise[at];
    let values: Vec<f32> = (0..noise.len()).map(value).collect();
    let tensor = |values: Vec<f32>| Tensor::from_slice(&values).view(shape.as_slice());
    match modality.kind {
        ModalityKind::Vector { .. } => ModalityInput { values: tensor(values), lengths: None },
        ModalityKind::Image { .. } => {
            ModalityInput { values: tensor(values.iter().map(|value| (0.5 + 0.3 * value).clamp(0.0, 1.0)).collect()), lengths: None }
        }
        ModalityKind::Sequence { dim, steps } => {
            let lengths = lengths(&SEQUENCE_LENGTHS);
            let padded = values.iter().enumerate().map(|(at, &value)| if (at / dim % steps) as i64 >= lengths[at / numel] { 0.0 } else { value });
            ModalityInput { values: tensor(padded.collect()), lengths: Some(Tensor::from_slice(&lengths)) }
        }
        ModalityKind::Tokens { steps, .. } => {
            let lengths = lengths(&TEXT_LENGTHS);
            let word = |at: usize| {
                let there = ((at % steps) as i64) < lengths[at / steps];
                let first = RESERVED_WORDS.len() as i64 + label((at / steps) as i64) * WORDS_A_CLASS;
                if there { first + i64::from(noise[at] > 0.0) } else { 0 }
            };
            let ids: Vec<i64> = (0..noise.len()).map(word).collect();
            ModalityInput { values: Tensor::from_slice(&ids).view(shape.as_slice()), lengths: Some(Tensor::from_slice(&lengths)) }
        }
    }
}

/// Uniform on [−1, 1].
fn draws(key: &Key, count: usize) -> Vec<f32> {
    let mut rng = key.rng();
    (0..count).map(|_| (keyed::uniform(&mut rng) * 2.0 - 1.0) as f32).collect()
}
