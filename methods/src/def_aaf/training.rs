//! The two stages, the critic's loop and the terms of the objective (section 3.2.5, appendix D).

use tch::{Kind, Tensor};

use super::{
    Condition, DefAaf, View,
    critic::{Critic, Seen},
    equations::{Presence, alignment, contrastive::contrastive, homologous, inference, reconstruction},
    objective::Parts,
    settings::{Align, AlignLoss, Homologous, Infer, Layout},
};
use crate::{Batch, LossTerms, Optimisers, Output, Step, Targets, losses};

/// What one pass forward made, with its graph.
struct Forward {
    view: View,
    /// c under the true class, `[B, M, d_e]`.
    codes: Tensor,
    /// The true class's embeddings, `[B, d_e]`.
    embeddings: Tensor,
    /// The class (label or cluster) of each sample as a mixture, `[B, C]`.
    mixture: Tensor,
    /// Stage 2 only.
    fusion: Option<Fusion>,
}

struct Fusion {
    alpha: Tensor,
    fused: Tensor,
    /// Answers that the task's loss is averaged over, `[B, outputs]` each.
    answers: Vec<Tensor>,
}

/// What the critic sees beside fusions: codes, or class embeddings as the one code of each sample.
struct Target {
    codes: Tensor,
    presence: Presence,
}

impl DefAaf {
    pub(super) fn objective(&self, batch: &Batch, step: &Step) -> LossTerms {
        let forward = self.forward(batch, self.joint(step));
        self.settings.weights.terms(self.parts(&forward, &batch.targets))
    }

    /// Codes are computed once: the critic's steps change nothing that they depend on.
    pub(super) fn alternate(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let forward = self.forward(batch, self.joint(step));
        let seen = self.train_critic(&forward, optimisers);
        let terms = self.settings.weights.terms(self.parts(&forward, &batch.targets));
        if let Some(model) = optimisers.group("model") {
            model.zero_gradients();
            terms.total().backward();
            model.step();
        }
        match seen {
            Some(Seen { gap, penalty }) => terms.observe("critic gap", gap).observe("gradient penalty", penalty),
            None => terms,
        }
    }

    /// Whether this step belongs to stage 2.
    fn joint(&self, step: &Step) -> bool {
        step.epoch >= self.settings.pretraining_epochs(step.epochs)
    }

    fn forward(&self, batch: &Batch, joint: bool) -> Forward {
        let inputs = &batch.inputs;
        let parts = inputs.modalities.iter().enumerate().map(|(modality, input)| self.part(modality, input, true)).collect();
        let view = self.view(parts, &inputs.availability);
        let rows = view.begun.size()[0];
        let (mixture, prior) = match (&self.condition, &batch.targets, &view.nearest) {
            (Condition::Labels { prior }, Targets::Classes(labels), _) => {
                let free = joint && !self.settings.labelled_head;
                (inference::labelled(labels, prior.size()[0], prior.kind()), free.then_some(prior))
            }
            (Condition::Clusters(_), _, Some(nearest)) => (nearest.shallow_clone(), None),
            _ => panic!("DEF+AAF was built for classes and given values"),
        };
        let embeddings = mixture.matmul(&self.classes());
        let Some(prior) = prior else {
            let codes = self.encoder.codes(&view.begun, &embeddings);
            let fusion = joint.then(|| {
                let (alpha, fused) = self.fuse_codes(&codes, &view.presence);
                let answers = vec![self.head.forward(&fused)];
                Fusion { alpha, fused, answers }
            });
            return Forward { view, codes, embeddings, mixture, fusion };
        };
        // The labelled and the label-free pass together.
        let free = inference::prior_mixture(prior, rows).matmul(&self.classes());
        let both = self.encoder.codes(&view.begun, &Tensor::stack(&[&embeddings, &free], 0));
        let (alpha, fused) = self.fuse_codes(&both, &view.presence);
        let first = self.head.forward(&fused.get(1));
        let second = (self.settings.infer == Infer::TwoPass).then(|| self.classify(&view, &first.softmax(-1, None::<Kind>)));
        let answers = std::iter::once(first).chain(second).collect();
        Forward { codes: both.get(0), fusion: Some(Fusion { alpha: alpha.get(0), fused: fused.get(0), answers }), view, embeddings, mixture }
    }

    /// Five steps of the critic on this batch's codes (Eqs. 13, 14, 16); what the last one saw.
    fn train_critic(&self, forward: &Forward, optimisers: &mut Optimisers) -> Option<Seen> {
        let (critic, fusion) = (self.critic.as_ref()?, forward.fusion.as_ref()?);
        let group = optimisers.group("critic")?;
        let Target { codes, presence } = self.target(forward, true);
        let fused = fusion.fused.detach();
        if self.settings.align_loss == AlignLoss::Gan {
            return self.train_discriminator(critic, &codes, &fused, &presence, group);
        }
        let mut rows = critic.rows(&codes, &fused, &presence);
        let size = codes.size();
        let epsilon = Tensor::rand([self.settings.critic_steps as i64, size[0], size[1], 1], (codes.kind(), codes.device()));
        let mut last = None;
        for at in 0..self.settings.critic_steps {
            last = Some(critic.learn(&mut rows, &epsilon.get(at as i64), self.settings.penalty));
            group.step();
        }
        last
    }

    fn train_discriminator(
        &self,
        critic: &Critic,
        codes: &Tensor,
        fused: &Tensor,
        presence: &Presence,
        group: &mut crate::GroupOptimiser,
    ) -> Option<Seen> {
        for _ in 0..self.settings.critic_steps {
            let (on_codes, on_fused) = critic.judge(codes, fused, false);
            group.zero_gradients();
            alignment::discriminator(&on_codes, &on_fused, presence).backward();
            group.step();
        }
        None
    }

    fn target(&self, forward: &Forward, detached: bool) -> Target {
        let own = |tensor: &Tensor| if detached || !self.settings.codes_move { tensor.detach() } else { tensor.shallow_clone() };
        if !self.settings.align_to_class {
            let Presence { there, counted, count } = &forward.view.presence;
            let presence = Presence { there: there.shallow_clone(), counted: counted.shallow_clone(), count: count.shallow_clone() };
            return Target { codes: own(&forward.codes), presence };
        }
        let codes = own(&forward.embeddings).unsqueeze(1);
        let presence = Presence::new(&codes.select(-1, 0).ones_like().to_kind(Kind::Bool), codes.kind());
        Target { codes, presence }
    }

    fn parts(&self, forward: &Forward, targets: &Targets) -> Parts {
        let settings = &self.settings;
        let mut parts = Parts { homologous: self.homologous(forward), ..Parts::default() };
        if settings.weights.reconstruction > 0.0 {
            self.reconstruction(forward, &mut parts);
        }
        let late = settings.layout == Layout::Late;
        if late && settings.contrastive && (forward.fusion.is_some() || settings.contrastive_early) {
            let classes = settings.other_classes.then(|| forward.mixture.argmax(-1, false));
            parts.contrastive = Some(contrastive(&forward.codes, &forward.view.presence, settings.reading, classes.as_ref()));
        }
        if let Some(fusion) = &forward.fusion {
            parts.alignment = self.alignment(forward, fusion);
            let loss = |answer: &Tensor| losses::task_loss(&Output::from_head(answer.shallow_clone(), self.regression), targets);
            let each: Vec<Tensor> = fusion.answers.iter().map(loss).collect();
            parts.task = Some(if let [only] = each.as_slice() { only.shallow_clone() } else { Tensor::stack(&each, 0).mean(None::<Kind>) });
        }
        parts
    }

    fn homologous(&self, forward: &Forward) -> Option<Tensor> {
        let (settings, codes, presence) = (&self.settings, &forward.codes, &forward.view.presence);
        let features = if settings.mean_distances { settings.width as f64 } else { 1.0 };
        let over_batch = |each: Tensor| homologous::over_batch(&each, presence, settings.homologous_valid) / features;
        match settings.homologous {
            Homologous::None => None,
            Homologous::ToClass => Some(homologous::to_class(codes, &forward.embeddings, presence) / features),
            // One code a sample has nothing to be homologous with.
            _ if settings.layout != Layout::Late => None,
            Homologous::Pairs => Some(over_batch(homologous::homologous_each(codes, presence))),
            Homologous::Centroid => Some(over_batch(homologous::centroid_each(codes, presence))),
            Homologous::Triplet => Some(homologous::triplet(codes, presence, settings.margin)),
            Homologous::InfoNce => Some(homologous::info_nce(codes, presence)),
        }
    }

    fn reconstruction(&self, forward: &Forward, parts: &mut Parts) {
        let View { features, presence, .. } = &forward.view;
        let mean = self.settings.mean_errors;
        let hidden = self.decoder.hidden(&forward.codes, &forward.embeddings);
        let errors = reconstruction::errors(features, &self.decoder.reconstruct_all(&hidden), mean);
        parts.intra = Some(reconstruction::intra_each(&errors, presence, mean).mean(None::<Kind>));
        if self.settings.layout == Layout::Late && self.settings.weights.intra < 1.0 {
            parts.cross = Some(reconstruction::cross_each(&errors, presence).mean(None::<Kind>));
        }
    }

    /// What encoders and fusion minimise of L_AAF (Eqs. 15, 18).
    fn alignment(&self, forward: &Forward, fusion: &Fusion) -> Option<Tensor> {
        let loss = self.settings.align_loss;
        if loss == AlignLoss::None || (self.settings.layout != Layout::Late && !self.settings.align_to_class) {
            return None;
        }
        let Target { codes, presence } = self.target(forward, false);
        let weights = if self.settings.align_to_class { presence.shares() } else { self.alignment_weights(&fusion.alpha, &presence) };
        let judged = || self.critic.as_ref().map(|critic| critic.judge(&codes, &fusion.fused, true));
        match loss {
            AlignLoss::Wgan => judged().map(|(on_codes, on_fused)| alignment::gap(&on_codes, &on_fused, &weights)),
            AlignLoss::Gan => judged().map(|(on_codes, on_fused)| alignment::deception(&on_codes, &on_fused, &weights)),
            AlignLoss::Mmd => Some(alignment::discrepancy(&codes, &fusion.fused, &weights)),
            AlignLoss::None => None,
        }
    }

    fn alignment_weights(&self, alpha: &Tensor, presence: &Presence) -> Tensor {
        let settings = &self.settings;
        match settings.align {
            Align::Uniform => presence.shares(),
            Align::Top(k) => alignment::top(&alpha.detach(), presence, k),
            Align::Weighted => {
                let alpha = if settings.gamma_gradient { alpha.shallow_clone() } else { alpha.detach() };
                let gamma = alignment::reliability(&alpha, presence, settings.sharpness);
                if settings.gamma_of_batch { alignment::over_batch(&gamma, presence) } else { gamma }
            }
        }
    }
}
