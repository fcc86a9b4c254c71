//! The prior: class frequencies (or the mean target) of the training split, whatever the input. The floor of every table.

use bench_card::{Capabilities, Card};
use tch::{Device, Kind, Tensor};

use crate::{Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, Output, Step, Targets, TrainView, losses, registry, state::take};

const STATE: &str = "prior";

/// The card of `prior`.
pub fn card() -> Card {
    let summary = "answers the training split's class frequencies (classification) or mean (regression) whatever it sees";
    let plain = registry::plain_card("prior", "Prior", "control", summary);
    let capabilities = Capabilities { min_modalities: 1, input_gradient: false, trained: false, ..plain.capabilities };
    Card { capabilities, missing: Some("no input is read".into()), space: Vec::new(), ..plain }
}

/// Builds `prior`.
///
/// # Errors
/// None.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let outputs = context.outputs();
    Ok(Box::new(Prior { answer: Tensor::zeros([outputs], (Kind::Float, context.device)), regression: context.regression(), device: context.device }))
}

#[derive(Debug)]
struct Prior {
    /// `[C]` frequencies, or `[1]` mean.
    answer: Tensor,
    regression: bool,
    device: Device,
}

impl Method for Prior {
    fn predict(&self, inputs: &Inputs) -> Output {
        let rows = self.answer.unsqueeze(0).expand([inputs.batch_size(), -1], false);
        if self.regression { Output::Value(rows.squeeze_dim(-1)) } else { Output::Probabilities(rows) }
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        LossTerms::one("task", losses::task_loss(&self.predict(&batch.inputs), &batch.targets))
    }

    fn prepare(&mut self, train: &TrainView) {
        self.answer = match train.targets {
            Targets::Classes(classes) => {
                let counts = classes.bincount::<Tensor>(None, self.answer.size()[0]).to_kind(Kind::Double);
                (&counts / counts.sum(Kind::Double)).to_kind(Kind::Float)
            }
            Targets::Values(values) => values.mean(Kind::Double).to_kind(Kind::Float).unsqueeze(0),
        }
        .to_device(self.device);
    }

    fn groups(&self) -> Vec<Group<'_>> {
        Vec::new()
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        vec![(STATE.into(), self.answer.shallow_clone())]
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        take(state, STATE, &mut self.answer)
    }
}
