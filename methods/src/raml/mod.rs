/*!
RAML: Redundancy-Adaptive Multimodal Learning with Imperfect Data.

Each modality is a Gaussian in one latent space (Eq. 1); a shared predictor must solve the task from a draw of each alone (Eq. 2); precision decides,
element by element, how much of each modality's mean enters the fusion (Eq. 4); a sparsity term pushes elements that another modality knows better to
zero (Eq. 3). The objective is `L = L_M + λ₁ L_U + λ₂ L_D` (Eq. 6). At prediction time only `f(h)` of the fused means is used: no draw.
*/

pub mod equations;
mod products;
mod settings;

use tch::{Device, Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, Targets,
    fusion::Present,
    nn::{Encoders, Linear, Parameters, Scope, WIDTH},
    patterns,
};

use products::Weighed;
pub use settings::card;
use settings::{Augmentation, RamlSettings, Unimodal, Weighting};

/// Builds `raml`.
///
/// # Errors
/// A regression task (the paper has none), or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(Raml::new(context)?))
}

/// The model of section III.
#[derive(Debug)]
pub struct Raml {
    parameters: Parameters,
    encoders: Encoders,
    /// `g_m^μ` and `g_m^σ`, one linear layer each.
    heads: Vec<(Linear, Linear)>,
    /// `f`: one for all (shared), or one a modality and one for the fusion.
    predictors: Vec<Linear>,
    /// Scores of Table V's fixed weights, `[M, 1, D]`.
    fixed: Option<Tensor>,
    settings: RamlSettings,
    patterns: Tensor,
    device: Device,
}

/// μ and ln σ of every modality, `[M, B, D]` each.
struct Gaussians {
    mu: Tensor,
    log_sigma: Tensor,
}

impl Raml {
    /// An untrained model.
    ///
    /// # Errors
    /// As [`build`].
    pub fn new(context: &BuildContext<'_>) -> Result<Self, MethodError> {
        if context.regression() {
            return Err(MethodError::Refused { method: "raml", reason: "the paper's objective is cross-entropy: classification only".into() });
        }
        let settings = RamlSettings::from(&context.settings())?;
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let head = |scope: &Scope<'_>, name: &str| Linear::new(&scope.at(name), WIDTH, WIDTH);
        let heads = context
            .modalities
            .iter()
            .map(|modality| {
                let scope = root.at("head").at(&modality.name);
                (head(&scope, "mu"), head(&scope, "sigma"))
            })
            .collect();
        let predictors = if settings.shared_predictor { 1 } else { context.arity() + 1 };
        let predictors = (0..predictors).map(|at| Linear::new(&root.at(&format!("predictor{at}")), WIDTH, context.outputs())).collect();
        let fixed = (settings.weighting == Weighting::Fixed).then(|| root.zeros("fixed", &[context.arity() as i64, 1, WIDTH]));
        let encoders = Encoders::new(&root.at("encoder"), context)?;
        let patterns = match settings.augmentation {
            Augmentation::None => vec![vec![true; context.arity()]],
            Augmentation::AllPatterns | Augmentation::Sampled => patterns::all(context.arity()),
        };
        let patterns = patterns::tensor(&patterns, context.device);
        Ok(Self { parameters, encoders, heads, predictors, fixed, settings, patterns, device: context.device })
    }

    /// Eq. 1: μ and ln σ of one modality's encoding.
    fn gaussian(&self, modality: usize, encoding: &Tensor) -> (Tensor, Tensor) {
        let (mu, sigma) = &self.heads[modality];
        (mu.forward(encoding), self.settings.deviation.log_sigma(&sigma.forward(encoding)))
    }

    fn gaussians(&self, encodings: &[Tensor]) -> Gaussians {
        let (mu, raw) = self.heads(encodings);
        Gaussians { mu, log_sigma: self.settings.deviation.log_sigma(&raw) }
    }

    /// What the heads put out, `[M, B, D]` each: μ, and that which becomes σ.
    fn heads(&self, encodings: &[Tensor]) -> (Tensor, Tensor) {
        let of = |head: fn(&(Linear, Linear)) -> &Linear| {
            let each: Vec<Tensor> = self.heads.iter().zip(encodings).map(|(own, encoding)| head(own).forward(encoding)).collect();
            Tensor::stack(&each, 0)
        };
        (of(|(mu, _)| mu), of(|(_, sigma)| sigma))
    }

    /// Eq. 4 under δ `[…, M, B]`, or where nothing is missing: the fused embedding, `[…, B, D]`.
    fn fused(&self, gaussians: &Gaussians, availability: Option<&Tensor>) -> Tensor {
        let scores = match self.settings.weighting {
            Weighting::Adaptive => equations::adaptive_scores(&gaussians.log_sigma),
            Weighting::Identical => gaussians.mu.zeros_like(),
            Weighting::Fixed => self.fixed.as_ref().map_or_else(|| gaussians.mu.zeros_like(), |fixed| fixed.expand_as(&gaussians.mu)),
        };
        let omega = match availability {
            Some(availability) => equations::weights(&scores, availability),
            None => equations::weights_of_all(&scores),
        };
        equations::fuse(&omega, &gaussians.mu)
    }

    /// `f` on modality `m`'s embedding, or on the fusion (`None`).
    fn predictor(&self, modality: Option<usize>) -> &Linear {
        match modality {
            Some(modality) if !self.settings.shared_predictor => &self.predictors[modality],
            _ => &self.predictors[self.predictors.len() - 1],
        }
    }

    /// Eq. 2 on `samples` draws of each Gaussian, averaged over the draws.
    fn unimodal_loss(&self, gaussians: &Gaussians, classes: &Tensor, availability: Option<&Tensor>) -> Tensor {
        let draws = self.settings.samples;
        let one = || {
            let rho = gaussians.mu.randn_like();
            let drawn = equations::sample(&gaussians.mu, &gaussians.log_sigma, &rho);
            equations::unimodal_loss(&self.alone(&drawn), classes, availability)
        };
        if draws == 1 { one() } else { Tensor::stack(&(0..draws).map(|_| one()).collect::<Vec<_>>(), 0).mean(None::<Kind>) }
    }

    /// `f` on every modality's own embedding, `[M, B, D]` → `[M, B, C]`.
    fn alone(&self, embeddings: &Tensor) -> Tensor {
        if self.settings.shared_predictor {
            return self.predictor(None).forward(embeddings);
        }
        let logits: Vec<Tensor> = (0..self.heads.len()).map(|at| self.predictor(Some(at)).forward(&embeddings.get(at as i64))).collect();
        Tensor::stack(&logits, 0)
    }

    /// Eq. 3 with its reductions, which the paper leaves open.
    fn sparsity_loss(&self, gaussians: &Gaussians, availability: Option<&Tensor>) -> Tensor {
        self.reduced(&equations::sparsity_each(&gaussians.mu, &gaussians.log_sigma, availability), gaussians.mu.size()[1])
    }

    /// The terms of L_D as one number; they may be summed over modalities and features already, not over the `samples`.
    fn reduced(&self, terms: &Tensor, samples: i64) -> Tensor {
        let features = if self.settings.mean_over_features { WIDTH } else { 1 };
        let samples = if self.settings.sum_over_batch { 1 } else { samples };
        terms.sum(None::<Kind>) / (features * samples) as f64
    }

    /// Patterns of this step, `[P, M, B]`: each ANDed with what the samples have.
    fn step_patterns(&self, availability: &Tensor) -> Tensor {
        let (modalities, rows) = (availability.size()[0], availability.size()[1]);
        let wanted = match self.settings.augmentation {
            Augmentation::Sampled => {
                let drawn = Tensor::randint(self.patterns.size()[0], [rows], (Kind::Int64, self.device));
                self.patterns.index_select(0, &drawn).transpose(0, 1).unsqueeze(0)
            }
            _ => self.patterns.unsqueeze(-1).expand([-1, modalities, rows], false),
        };
        wanted.logical_and(availability)
    }

    /// Eq. 5 over the step's patterns. A pattern that leaves a sample nothing does not count for it.
    fn multimodal_loss(&self, gaussians: &Gaussians, classes: &Tensor, patterns: &Tensor) -> Tensor {
        let counted = patterns.any_dim(1, false);
        // Uncounted pairs get all modalities, so that their softmax is finite; their loss is multiplied by zero.
        let patterns = patterns.logical_or(&counted.logical_not().unsqueeze(1));
        let logits = self.predictor(None).forward(&self.fused(gaussians, Some(&patterns)));
        equations::multimodal_loss(&logits, classes, &counted)
    }

    /// R3's other reading: every zero-filled copy goes through encoders, `L_U` and `L_D` too; all terms are means over the copies.
    fn augmented_terms(&self, batch: &Batch, classes: &Tensor, availability: &Tensor) -> [Tensor; 3] {
        let patterns = self.step_patterns(availability);
        let masked = self.settings.unimodal == Unimodal::AugmentedMasked;
        let copies = patterns.size()[0];
        let mut sums = [0; 3].map(|_| Tensor::zeros([], (Kind::Float, self.device)));
        for copy in 0..copies {
            let pattern = patterns.get(copy);
            let kept = pattern.any_dim(0, false);
            let pattern = pattern.logical_or(&kept.logical_not().unsqueeze(0)).logical_and(availability);
            let modalities = batch.inputs.modalities.iter().enumerate().map(|(at, input)| input.masked(&pattern.get(at as i64))).collect();
            let inputs = Inputs { modalities, availability: pattern.transpose(0, 1) };
            let gaussians = self.gaussians(&self.encoders.train_all(&inputs));
            let terms = [
                self.multimodal_loss(&gaussians, classes, &pattern.unsqueeze(0)),
                self.unimodal_loss(&gaussians, classes, masked.then_some(&pattern)),
                self.sparsity_loss(&gaussians, self.settings.mask_sparsity.then_some(&pattern)),
            ];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum = &*sum + term;
            }
        }
        sums.map(|sum| sum / copies as f64)
    }

    /// The default reading: every modality is encoded once; `L_U` and `L_D` see the sample as it is, `L_M` all its patterns.
    fn full_terms(&self, batch: &Batch, classes: &Tensor, availability: &Tensor) -> [Tensor; 3] {
        let encodings = self.encoders.train_all(&batch.inputs);
        if self.settings.has_products() {
            return self.product_terms(&encodings, classes, availability);
        }
        let gaussians = self.gaussians(&encodings);
        let really_there = self.settings.mask_incomplete.then_some(availability);
        let mask_sparsity = self.settings.mask_incomplete || self.settings.mask_sparsity;
        [
            self.multimodal_loss(&gaussians, classes, &self.step_patterns(availability)),
            self.unimodal_loss(&gaussians, classes, really_there),
            self.sparsity_loss(&gaussians, mask_sparsity.then_some(availability)),
        ]
    }

    /// [`Self::full_terms`] by matrix products over the patterns, where the settings allow.
    fn product_terms(&self, encodings: &[Tensor], classes: &Tensor, availability: &Tensor) -> [Tensor; 3] {
        let (availability, patterns) = (availability.to_kind(Kind::Float), self.patterns.to_kind(Kind::Float));
        let (mu, raw) = self.heads(encodings);
        let log_variance = equations::log_variance(&raw);
        let weighed = Weighed::new(&mu, &log_variance, &availability);
        let gaussians = Gaussians { mu, log_sigma: log_variance * 0.5 };
        let logits = self.predictor(None).forward(&weighed.fuse(&patterns));
        // Modalities that a pattern leaves a sample, counted as 1 or 0.
        let counted = patterns.mm(&availability).clamp_max_(1.0);
        [
            equations::multimodal_loss(&logits, classes, &counted),
            self.unimodal_loss(&gaussians, classes, Some(&availability)),
            self.reduced(&weighed.sparsity(), classes.size()[0]),
        ]
    }
}

impl Method for Raml {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    /// Eq. 6 and Algorithm 1.
    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let Targets::Classes(classes) = &batch.targets else { panic!("RAML was given values, but is built for classes only") };
        let availability = batch.inputs.availability.transpose(0, 1);
        let [multimodal, unimodal, sparsity] = match self.settings.unimodal {
            Unimodal::Full => self.full_terms(batch, classes, &availability),
            Unimodal::AugmentedLiteral | Unimodal::AugmentedMasked => self.augmented_terms(batch, classes, &availability),
        };
        let mut terms = LossTerms::one("multimodal", multimodal);
        if self.settings.use_unimodal {
            terms = terms.and("unimodal", self.settings.lambda1, unimodal);
        }
        if self.settings.use_sparsity {
            terms = terms.and("sparsity", self.settings.lambda2, sparsity);
        }
        terms
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Raml {
    /// `[B, 2D]`: μ_m beside ln σ_m.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let (mu, log_sigma) = self.gaussian(modality, &self.encoders.encode(modality, input));
        Tensor::cat(&[mu, log_sigma], -1)
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        // Learnt scores have a row for every modality.
        let present = if self.fixed.is_some() { Present::everyone(encodings.len()) } else { Present::of(availability) };
        let stacked = present.stack(encodings);
        let gaussians = Gaussians { mu: stacked.narrow(-1, 0, WIDTH), log_sigma: stacked.narrow(-1, WIDTH, WIDTH) };
        let incomplete = (!present.complete()).then(|| present.availability(availability));
        Output::Logits(self.predictor(None).forward(&self.fused(&gaussians, incomplete.as_ref())))
    }
}
