/*!
What a method says of itself, as pure data.

The worker builds these cards from the registry and prints them (`bench-worker --describe`); `bench` reads them to plan runs, resolve options and
show `bench methods`. They live in a crate of their own so that `bench` need not be linked to libtorch.
*/

mod extractor;
mod inputs;
mod options;
mod paper;
mod recipe;
mod reference;
mod space;

use serde::{Deserialize, Serialize};

pub use extractor::{BERT_BASE, EXTRACTORS, ExtractorCard, RESNET_50, WAV2VEC2_BASE};
pub use inputs::ModalityKind;
pub use options::{OptionCard, OptionError, Options, Value};
pub use paper::short_reference;
pub use recipe::{Optimiser, Progress, Recipe, Schedule, first_stage};
pub use reference::{MethodRef, MethodRefError};
pub use space::{Dimension, LEARNING_RATE, Range, Setting, WEIGHT_DECAY};

/// A method's card: paper, equations, options with the paper's defaults, named variants, and what it can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Stable id, as in `--method raml`.
    pub id: String,
    /// Display name, e.g. `RAML`.
    pub name: String,
    /// `control`, `simple fusion`, `uncertainty`, …
    pub family: String,
    /// The paper (authors, title, venue), or how the field uses the name where there is none.
    pub paper: String,
    /// Year of the paper.
    pub year: Option<u32>,
    /// One sentence: what it does.
    pub summary: String,
    /// Equation numbers of the paper and what they are.
    pub equations: Vec<(String, String)>,
    /// Every switch and hyper-parameter.
    pub options: Vec<OptionCard>,
    /// Named settings of the options: the rows of the paper's ablation tables.
    pub variants: Vec<Variant>,
    /// Contradictions and gaps found in the paper, with the reading taken.
    pub contradictions: Vec<String>,
    /// What it can be trained on and asked for.
    pub capabilities: Capabilities,
    /// What it makes of a missing modality, in a few words, where its option `missing` does not say it: read it through [`Self::missing_modality`].
    #[serde(default)]
    pub missing: Option<String>,
    /// The training settings that the harness uses: the paper's, or, where these belong to another scale (pre-trained extractors, other batches), settings
    /// chosen on validation.
    pub recipe: Recipe,
    /// The paper's printed training settings where `recipe` departs from them; `--preset paper` uses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper_recipe: Option<Recipe>,
    /// What tuning draws from; empty for a method that is not trained.
    #[serde(default)]
    pub space: Vec<Dimension>,
    /// Bumped when the method's numbers change; part of a trial's key.
    pub revision: u32,
}

/// A named setting of options, e.g. `raml/no-sparsity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// The name behind the slash.
    pub name: String,
    /// What it switches and which row of which table it is.
    pub summary: String,
    /// The options it sets.
    pub options: Options,
    /// Training settings of its own, where it is trained otherwise than the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// What a method can be trained on and asked for; decides which conditions print as `n/a (reason)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Tasks it can learn.
    pub tasks: Vec<TaskKind>,
    /// Smallest number of modalities.
    pub min_modalities: usize,
    /// Largest number of modalities, if bounded.
    pub max_modalities: Option<usize>,
    /// Kinds of modalities that its encoders take.
    pub kinds: Vec<ModalityKind>,
    /// Whether a gradient with respect to its inputs exists (FGSM).
    pub input_gradient: bool,
    /// Whether `predict` draws no random numbers.
    pub deterministic: bool,
    /// Whether it reads unlabelled test samples while training.
    pub transductive: bool,
    /// Whether one modality plays a special part.
    pub pivot: bool,
    /// Whether the method is one model a modality (`unimodal/audio`): the plan expands it over the dataset's modalities.
    pub per_modality: bool,
    /// Whether it is trained by gradient steps (`prior` is not).
    pub trained: bool,
}

/// The kind of a task, without its classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// One of C classes.
    Classification,
    /// One real value.
    Regression,
}

/// Numbers of equations and what they are, for [`Card::equations`].
pub fn equations<const N: usize>(list: [(&str, &str); N]) -> Vec<(String, String)> {
    list.map(|(number, what)| (number.to_string(), what.to_string())).into()
}

impl Variant {
    /// A variant that sets options and is trained as the method is.
    pub fn new(name: &str, summary: &str, options: &[(&str, Value)]) -> Self {
        let options = options.iter().map(|(name, value)| ((*name).to_string(), value.clone())).collect();
        Self { name: name.into(), summary: summary.into(), options, recipe: None }
    }
}

impl Card {
    /// A card of a method without a paper, options or variants: both tasks, two modalities or more of any kind, a missing one the zero input, trained with
    /// [`Recipe::default`], nothing to tune.
    pub fn plain(id: &str, name: &str, family: &str, summary: &str) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            family: family.into(),
            paper: String::new(),
            year: None,
            summary: summary.into(),
            equations: Vec::new(),
            options: Vec::new(),
            variants: Vec::new(),
            contradictions: Vec::new(),
            capabilities: Capabilities {
                tasks: vec![TaskKind::Classification, TaskKind::Regression],
                min_modalities: 2,
                max_modalities: None,
                kinds: ModalityKind::ALL.to_vec(),
                input_gradient: true,
                deterministic: true,
                transductive: false,
                pivot: false,
                per_modality: false,
                trained: true,
            },
            missing: None,
            recipe: Recipe::default(),
            paper_recipe: None,
            space: Vec::new(),
            revision: 1,
        }
    }

    /// Why this method cannot be trained on such a dataset, in words; `None` if it can.
    pub fn refuses(&self, task: TaskKind, modalities: usize) -> Option<String> {
        let capabilities = &self.capabilities;
        if !capabilities.tasks.contains(&task) {
            let name = match task {
                TaskKind::Classification => "regression only",
                TaskKind::Regression => "classification only",
            };
            return Some(name.into());
        }
        if modalities < capabilities.min_modalities {
            return Some(format!("needs {} modalities", capabilities.min_modalities));
        }
        match capabilities.max_modalities {
            Some(most) if modalities > most => Some(format!("at most {most} modalities")),
            _ => None,
        }
    }

    /// The options of a reference: defaults, then the variant's, then the reference's own.
    ///
    /// # Errors
    /// An unknown variant or option, or a value out of range, with the known names.
    pub fn resolve(&self, reference: &MethodRef) -> Result<Options, OptionError> {
        self.resolve_over(&Options::new(), reference)
    }

    /// The same with other defaults, as tuning chose them: these, then the variant's, then the reference's own.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn resolve_over(&self, defaults: &Options, reference: &MethodRef) -> Result<Options, OptionError> {
        let mut resolved: Options = self.options.iter().map(|option| (option.name.clone(), option.default.clone())).collect();
        options::apply(&mut resolved, defaults, self)?;
        if let Some(name) = reference.variant.as_deref().filter(|_| !self.capabilities.per_modality) {
            let variant = self.variants.iter().find(|variant| variant.name == name).ok_or_else(|| OptionError::UnknownVariant {
                method: self.id.clone(),
                variant: name.into(),
                known: self.variants.iter().map(|variant| variant.name.clone()).collect(),
            })?;
            options::apply(&mut resolved, &variant.options, self)?;
        }
        options::apply(&mut resolved, &reference.options, self)?;
        Ok(resolved)
    }

    /// The recipe of a reference: its variant's own, or the method's. An unknown variant is for [`Self::resolve`] to refuse.
    pub fn recipe_of(&self, reference: &MethodRef) -> &Recipe {
        let variant = self.variants.iter().find(|variant| reference.variant.as_ref() == Some(&variant.name));
        variant.and_then(|variant| variant.recipe.as_ref()).unwrap_or(&self.recipe)
    }

    /// The part of `resolved` that differs from the defaults: what enters a trial's key, so that a new option with the old behaviour as its
    /// default leaves old keys valid.
    pub fn overrides(&self, resolved: &Options) -> Options {
        resolved
            .iter()
            .filter(|(name, value)| self.options.iter().all(|option| option.name != **name || option.default != **value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn card() -> Card {
        let plain = Card::plain("raml", "RAML", "uncertainty", "");
        Card {
            options: vec![OptionCard::number("lambda1", 1.0, 0.0, 10.0, "weight"), OptionCard::choice("predictor", &["shared", "separate"], "head")],
            variants: vec![Variant::new("separate", "", &[("predictor", "separate".into())])],
            capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
            ..plain
        }
    }

    #[test]
    fn a_reference_overrides_the_variant_which_overrides_the_default() {
        let resolved = card().resolve(&"raml/separate?lambda1=0.5".parse().unwrap()).unwrap();
        assert_eq!(resolved["lambda1"], Value::Number(0.5));
        assert_eq!(resolved["predictor"], Value::from("separate"));
        let overrides = card().overrides(&resolved);
        assert_eq!(overrides.len(), 2);
        assert!(card().overrides(&card().resolve(&"raml?lambda1=1".parse().unwrap()).unwrap()).is_empty());
    }

    #[test]
    fn unknown_names_and_values_out_of_range_are_refused_with_the_known_ones() {
        let error = |text: &str| card().resolve(&text.parse().unwrap()).unwrap_err().to_string();
        assert!(error("raml/x").contains("separate"));
        assert!(error("raml?gamma=1").contains("lambda1"));
        assert!(error("raml?lambda1=11").contains("0 to 10"));
        assert!(error("raml?predictor=both").contains("shared"));
        assert!(error("raml?lambda1=on").contains("number"));
    }

    #[test]
    fn a_variant_may_be_trained_in_its_own_way() {
        let own = Recipe { batch: 7, ..Recipe::default() };
        let mut card = card();
        let descent = Variant { name: "descent".into(), summary: String::new(), options: Options::new(), recipe: Some(own.clone()) };
        card.variants.push(descent);
        let recipe = |text: &str| card.recipe_of(&text.parse().unwrap()).clone();
        assert_eq!(recipe("raml/descent?lambda1=0.5"), own);
        assert_eq!([recipe("raml"), recipe("raml/separate")], [Recipe::default(), Recipe::default()]);
    }

    #[test]
    fn a_card_survives_json() {
        let text = serde_json::to_string(&card()).unwrap();
        assert_eq!(serde_json::from_str::<Card>(&text).unwrap(), card());
    }

    #[test]
    fn regression_and_too_few_modalities_are_refused_in_words() {
        assert_eq!(card().refuses(TaskKind::Regression, 2).as_deref(), Some("classification only"));
        assert_eq!(card().refuses(TaskKind::Classification, 1).as_deref(), Some("needs 2 modalities"));
        assert_eq!(card().refuses(TaskKind::Classification, 3), None);
    }
}
