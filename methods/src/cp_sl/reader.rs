//! From raw modalities to what the equations see: the pivot's states, and the others' features on the pivot's steps.

use bench_datasets::Kind as ModalityKind;
use tch::{Kind, Tensor};

use super::{
    ranges,
    settings::{CpSlSettings, MinMax},
};
use crate::{
    BuildContext, Inputs, MethodError, ModalityInput, TrainView,
    nn::{Scope, StepEncoder, Steps, WIDTH, raw_steps, raw_width},
    state::take,
};

/// Rows of the training split that are read at a time for its bounds.
const ROWS: usize = 1024;

/// What the equations see of a batch.
#[derive(Debug)]
pub(super) struct Features {
    /// T, `[B, L, 128]`: exactly zero behind a sample's end, and everywhere where the pivot is missing.
    pub pivot: Tensor,
    /// X_m, K × `[B, L, d_m]`: min-max normalised, on the pivot's steps, exactly zero where the modality is missing.
    pub others: Vec<Tensor>,
    /// Mean over a sample's steps, `[B, L]`; `None` where L is 1.
    pub pooling: Option<Tensor>,
    /// Steps that are no padding, `[B, L]` of 1 and 0; `None` where all are.
    pub steps: Option<Tensor>,
    /// δ with the pivot first, `[K + 1, B]` of 1 and 0.
    pub present: Tensor,
}

/// Reads the modalities.
#[derive(Debug)]
pub(super) struct Reader {
    pivot: usize,
    encoder: StepEncoder,
    others: Vec<Other>,
    /// Modalities with the pivot first.
    order: Tensor,
    min_max: MinMax,
    by_feature: bool,
}

/// A modality that is not the pivot.
#[derive(Debug)]
struct Other {
    name: String,
    kind: ModalityKind,
    at: usize,
    features: i64,
    /// Of token modalities, which have no raw numbers: learnt, as the logarithmic odds of features in (0, 1).
    words: Option<Tensor>,
    low: Tensor,
    high: Tensor,
}

impl Reader {
    /// A reader whose bounds are those of nothing until [`Self::prepare`].
    pub(super) fn new(root: &Scope<'_>, context: &BuildContext<'_>, pivot: usize, settings: &CpSlSettings) -> Result<Self, MethodError> {
        let scope = root.at("encoder");
        let Some(own) = context.modalities.get(pivot) else {
            return Err(MethodError::Refused { method: "cp-sl", reason: format!("there is no modality number {pivot} to be the pivot") });
        };
        let encoder = StepEncoder::new(&scope.at(&own.name), &own.kind);
        let mut others = Vec::new();
        for (at, modality) in context.modalities.iter().enumerate().filter(|(at, _)| *at != pivot) {
            let (features, words) = match &modality.kind {
                ModalityKind::Tokens { vocabulary, .. } => (WIDTH, Some(scope.at(&modality.name).normal("words", &[vocabulary.len() as i64, WIDTH]))),
                kind => (raw_width(kind).unwrap_or(WIDTH), None),
            };
            let shape = if settings.by_feature { [features] } else { [1] };
            let bound = |value: f64| Tensor::full(shape, value, (Kind::Float, context.device));
            let (name, kind) = (modality.name.clone(), modality.kind.clone());
            others.push(Other { name, kind, at, features, words, low: bound(f64::INFINITY), high: bound(f64::NEG_INFINITY) });
        }
        let order: Vec<i64> = std::iter::once(pivot).chain(others.iter().map(|other| other.at)).map(|at| at as i64).collect();
        let order = Tensor::from_slice(&order).to_device(context.device);
        Ok(Self { pivot, encoder, others, order, min_max: settings.min_max, by_feature: settings.by_feature })
    }

    /// Name and number of features of each other modality, in order.
    pub(super) fn others(&self) -> Vec<(&str, i64)> {
        self.others.iter().map(|other| (other.name.as_str(), other.features)).collect()
    }

    /// Takes the training split's bounds.
    pub(super) fn prepare(&mut self, train: &TrainView<'_>) {
        let rows: Vec<usize> = (0..train.samples).collect();
        let mut found: Vec<Option<(Tensor, Tensor)>> = self.others.iter().map(|_| None).collect();
        for chunk in rows.chunks(ROWS) {
            let inputs = (train.batch)(chunk).inputs;
            for (other, found) in self.others.iter().zip(&mut found).filter(|(other, _)| other.words.is_none()) {
                let (low, high) = self.bounds(&other.raw(&inputs), &inputs.available(other.at));
                *found = Some(match found.take() {
                    Some(known) => ranges::widen(known, (&low, &high)),
                    None => (low, high),
                });
            }
        }
        for (other, found) in self.others.iter_mut().zip(found) {
            if let Some((low, high)) = found {
                let shape = other.low.size();
                (other.low, other.high) = (low.view(shape.as_slice()), high.view(shape.as_slice()));
            }
        }
    }

    fn bounds(&self, raw: &Steps, available: &Tensor) -> (Tensor, Tensor) {
        let available = available.unsqueeze(-1).expand([raw.values.size()[0], raw.values.size()[1]], false);
        let valid = match &raw.mask {
            Some(mask) => mask.logical_and(&available),
            None => available,
        };
        ranges::bounds(&raw.values, Some(&valid), self.by_feature)
    }

    /// Reads a batch; `train` switches the pivot encoder's dropout on, where it has one.
    pub(super) fn read(&self, inputs: &Inputs, train: bool) -> Features {
        let Steps { values, mask } = self.encoder.forward(&inputs.modalities[self.pivot], train);
        let available = inputs.available(self.pivot);
        let pivot = values.masked_fill(&available.logical_not().view([-1, 1, 1]), 0);
        let length = pivot.size()[1];
        // A sample without a single step of the pivot lends its others all L steps.
        let count = mask.filter(|_| length > 1).map(|mask| {
            let count = (mask.sum_dim_intlist(1, false, Kind::Int64) * available.to_kind(Kind::Int64)).to_kind(pivot.kind());
            count.masked_fill(&count.eq(0), length as f64)
        });
        let steps = count.as_ref().map(|count| ranges::before(count, length));
        let pooling = match (&count, &steps) {
            (Some(count), Some(steps)) => Some(steps / count.unsqueeze(1)),
            _ if length > 1 => Some(Tensor::full([pivot.size()[0], length], 1.0 / length as f64, (pivot.kind(), pivot.device()))),
            _ => None,
        };
        let present = inputs.availability.index_select(1, &self.order).transpose(0, 1).to_kind(pivot.kind());
        let others = self.others.iter().map(|other| self.spread(other, inputs, count.as_ref(), length)).collect();
        Features { pivot, others, pooling, steps, present }
    }

    /// X of one modality: normalised, spread over the pivot's steps, zero where missing.
    fn spread(&self, other: &Other, inputs: &Inputs, count: Option<&Tensor>, length: i64) -> Tensor {
        let raw = other.raw(inputs);
        let available = inputs.available(other.at);
        let normalised = match (&other.words, self.min_max) {
            (Some(_), _) => raw.values.shallow_clone(),
            (None, MinMax::Train) => ranges::min_max(&raw.values, &other.low, &other.high),
            (None, MinMax::Batch) => {
                let (low, high) = self.bounds(&raw, &available);
                ranges::min_max(&raw.values, &low, &high)
            }
        };
        let (rows, own) = (normalised.size()[0], normalised.size()[1]);
        let whole = |number: i64| Tensor::full([1], number, (normalised.kind(), normalised.device()));
        let spread = if own == 1 && length == 1 && raw.mask.is_none() {
            normalised
        } else {
            let valid = raw.mask.as_ref().map_or_else(|| whole(own), |mask| mask.sum_dim_intlist(1, false, normalised.kind()));
            let count = count.map_or_else(|| whole(length), Tensor::shallow_clone);
            ranges::alignment(&valid, &count, length, own).expand([rows, length, own], false).bmm(&normalised)
        };
        spread.masked_fill(&available.logical_not().view([-1, 1, 1]), 0)
    }

    /// The bounds, by name.
    pub(super) fn state(&self) -> Vec<(String, Tensor)> {
        let own = self.others.iter().filter(|other| other.words.is_none());
        own.flat_map(|other| other.names().into_iter().zip([other.low.shallow_clone(), other.high.shallow_clone()])).collect()
    }

    /// Takes back what [`Self::state`] gave.
    pub(super) fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        for other in self.others.iter_mut().filter(|other| other.words.is_none()) {
            for (name, bound) in other.names().into_iter().zip([&mut other.low, &mut other.high]) {
                take(state, &name, bound)?;
            }
        }
        Ok(())
    }
}

impl Other {
    fn raw(&self, inputs: &Inputs) -> Steps {
        let input = &inputs.modalities[self.at];
        let own = match &self.words {
            Some(words) => Some(word_features(words, input)),
            None => raw_steps(&self.kind, input),
        };
        own.unwrap_or_else(|| Steps { values: input.values.unsqueeze(1), mask: None })
    }

    fn names(&self) -> [String; 2] {
        ["low", "high"].map(|end| format!("{end}:{}", self.name))
    }
}

/// `[B, T]` token ids → features in (0, 1), `[B, T, 128]`.
fn word_features(words: &Tensor, input: &ModalityInput) -> Steps {
    let steps = input.values.size()[1];
    let mask = input.lengths.as_ref().map(|lengths| ranges::before(lengths, steps).to_kind(Kind::Bool));
    // Ids behind the end may be anything; their weight in the alignment is zero.
    Steps { values: Tensor::embedding(words, &input.values, 0, false, false).sigmoid(), mask }
}
