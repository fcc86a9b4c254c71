/*!
CP+SL: A Conflict-Aware Penalty and Statistical Loss Framework for Balancing Modalities and Enhancing Stability in Multimodal Sentiment Analysis.

One modality is the pivot (the paper's text). The others are encoded into means and variances (Eq. 1), fused by a gate, and injected into the pivot's
states (Eq. 2). Reconstruction, unimodal heads, diversity and the statistical loss (Eq. 3) join the objective (Eq. 4). Before each optimiser step the
encoder gradients of a modality that does better than the others are scaled down (Eq. 5), and once more if they are also the larger ones (Eq. 6).
*/

mod balance;
mod card;
pub mod equations;
pub mod losses;
pub mod modulation;
mod network;
pub mod objective;
mod options;
pub mod ranges;
mod reader;
mod settings;

use tch::Tensor;

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, Optimisers, Output, Step, TrainView,
    nn::{Parameters, WIDTH},
};

use balance::{Balance, Seen};
pub use card::card;
use network::{Mode, Network};
use reader::{Features, Reader};
use settings::CpSlSettings;

const GROUP: &str = "model";

/// Builds `cp-sl`.
///
/// # Errors
/// Options that were not resolved against the card, or that contradict one another (`cp` without `gm`).
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(CpSl::new(context)?))
}

/// The model of section 2.
#[derive(Debug)]
pub struct CpSl {
    parameters: Parameters,
    reader: Reader,
    network: Network,
    balance: Balance,
    settings: CpSlSettings,
    regression: bool,
}

/// A training pass with its losses.
struct Trained {
    terms: LossTerms,
    /// What Eq. 5 judges the heads by, `[K + 1]`.
    judged: Tensor,
    present: Tensor,
}

impl CpSl {
    /// An untrained model.
    ///
    /// # Errors
    /// As [`build`].
    pub fn new(context: &BuildContext<'_>) -> Result<Self, MethodError> {
        let settings = CpSlSettings::from(&context.settings())?;
        // The harness resolves the name; what is read here is only that it is one.
        context.settings().name("pivot")?;
        let pivot = context.pivot.unwrap_or(0);
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let reader = Reader::new(&root, context, pivot, &settings)?;
        let network = Network::new(&root, &reader.others(), WIDTH, context.outputs(), &settings);
        let balance = Balance::new(&parameters, &context.modalities[pivot].name, &reader.others(), settings.modulation);
        Ok(Self { reader, network, balance, settings, regression: context.regression(), parameters })
    }

    /// Steps 1 to 3 and Eq. 4.
    fn train(&self, batch: &Batch, shares: &[Tensor]) -> Trained {
        let Features { pivot, others, pooling, steps, present } = self.reader.read(&batch.inputs, true);
        let mode = Mode { network: &self.network, train: true, pooling: pooling.as_ref(), shares };
        let draw = |_: usize, mean: &Tensor| mean.randn_like();
        let noise: Option<equations::Noise<'_>> = if self.settings.sampling { Some(&draw) } else { None };
        let pass = equations::pass(&mode, &pivot, &others, pooling.as_ref(), self.settings.beta, noise);
        let (terms, judged) = self.settings.objective.terms(&pass, &others, &batch.targets, &present, steps.as_ref());
        Trained { terms, judged, present }
    }

    /// Step 4, between backward and the optimiser's step.
    fn modulate(&self, judged: &Tensor, present: &Tensor, shares: &[Tensor], step: &Step) -> Seen {
        let active = modulation::active(step.epoch, step.epochs, self.settings.modulation.last_epoch);
        let scores = if self.regression { modulation::scores(judged) } else { judged.shallow_clone() };
        self.balance.apply(&scores, &present.amax([1i64].as_slice(), false), shares, active)
    }
}

impl Method for CpSl {
    /// The mean path: no draw, no dropout.
    fn predict(&self, inputs: &Inputs) -> Output {
        let Features { pivot, others, pooling, .. } = self.reader.read(inputs, false);
        let mode = Mode { network: &self.network, train: false, pooling: pooling.as_ref(), shares: &[] };
        Output::from_head(equations::predict(&mode, &pivot, &others, self.settings.beta), self.regression)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        self.train(batch, &[]).terms
    }

    fn train_step(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let shares = self.network.shares();
        let Trained { mut terms, judged, present } = self.train(batch, &shares);
        let Some(group) = optimisers.group(GROUP) else { return terms };
        group.zero_gradients();
        terms.total().backward();
        if self.settings.modulation.any() {
            let seen = self.modulate(&judged, &present, &shares, step);
            terms = observed(terms, &seen, &self.reader.others());
        }
        group.step();
        terms
    }

    fn busiest_epoch(&self, _epochs: usize) -> usize {
        0
    }

    fn prepare(&mut self, train: &TrainView) {
        self.reader.prepare(train);
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: GROUP, variables: self.parameters.variables() }]
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        self.reader.state()
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        self.reader.load_state(state)
    }
}

/// Fig. 3's numbers, of each other modality in the dataset's order, beside the terms.
fn observed(mut terms: LossTerms, seen: &Seen, others: &[(&str, i64)]) -> LossTerms {
    for (at, (name, _)) in others.iter().enumerate() {
        for (what, values) in [("coefficient", &seen.coefficients), ("conflict", &seen.conflicts), ("gradient norm", &seen.norms)] {
            terms = terms.observe(format!("{what} {name}"), values.get(at as i64));
        }
    }
    terms.observe("imbalance", seen.imbalance.shallow_clone())
}
