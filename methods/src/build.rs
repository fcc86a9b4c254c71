//! What a method is built from.

use bench_card::{Options, Value};
use bench_datasets::{Modality, Task};
use tch::Device;
use thiserror::Error;

/// Everything that decides an untrained model's bits.
#[derive(Debug, Clone, Copy)]
pub struct BuildContext<'a> {
    /// The dataset's modalities, in its order.
    pub modalities: &'a [Modality],
    /// What is to be learnt.
    pub task: &'a Task,
    /// Every option, resolved against the card.
    pub options: &'a Options,
    /// The trial's seed: key of the initial weights.
    pub seed: u64,
    /// The one modality of a method that is one model a modality.
    pub modality: Option<usize>,
    /// The modality with the special part, for methods whose card says that they have one (`capabilities.pivot`).
    pub pivot: Option<usize>,
    /// Where the parameters live.
    pub device: Device,
}

/// Why a method could not be built, trained or restored.
#[derive(Debug, Error, PartialEq)]
pub enum MethodError {
    /// No method of this name.
    #[error("there is no method `{method}`; there are {}", known.join(", "))]
    Unknown {
        /// The name.
        method: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The method cannot work with such a dataset.
    #[error("method `{method}` cannot be trained on this dataset: {reason}")]
    Refused {
        /// The method.
        method: &'static str,
        /// Why.
        reason: String,
    },
    /// An option that was not resolved against the card, or of the wrong type.
    #[error("option `{name}` should be {expected}, but is {found}")]
    Option {
        /// The option.
        name: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The recipe names no optimiser for a parameter group.
    #[error("the recipe has no optimiser for parameter group `{group}`")]
    NoOptimiser {
        /// The group.
        group: &'static str,
    },
    /// A checkpoint that does not fit the model.
    #[error("the checkpoint does not fit the model: {reason}")]
    Checkpoint {
        /// What does not fit.
        reason: String,
    },
    /// libtorch refused.
    #[error("libtorch: {reason}")]
    Torch {
        /// Its message.
        reason: String,
    },
}

impl BuildContext<'_> {
    /// Numbers that a head puts out: C classes, or 1 for regression.
    pub fn outputs(&self) -> i64 {
        match self.task {
            Task::Classification { classes } => classes.len() as i64,
            Task::Regression { .. } => 1,
        }
    }

    /// Whether a real value is to be learnt.
    pub fn regression(&self) -> bool {
        matches!(self.task, Task::Regression { .. })
    }

    /// M.
    pub fn arity(&self) -> usize {
        self.modalities.len()
    }

    /// Typed access to the options.
    pub fn settings(&self) -> Settings<'_> {
        Settings(self.options)
    }
}

/// Typed access to resolved options.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a>(&'a Options);

impl<'a> Settings<'a> {
    /// A number.
    ///
    /// # Errors
    /// The option is absent or no number.
    pub fn number(&self, name: &str) -> Result<f64, MethodError> {
        match self.0.get(name) {
            Some(Value::Number(number)) => Ok(*number),
            other => Err(wrong(name, "a number", other)),
        }
    }

    /// A switch.
    ///
    /// # Errors
    /// The option is absent or no switch.
    pub fn flag(&self, name: &str) -> Result<bool, MethodError> {
        match self.0.get(name) {
            Some(Value::Flag(flag)) => Ok(*flag),
            other => Err(wrong(name, "true or false", other)),
        }
    }

    /// One of a list of names, looked up in `choices`.
    ///
    /// # Errors
    /// The option is absent or none of the choices.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, MethodError> {
        let found = match self.0.get(name) {
            Some(Value::Name(value)) => choices.iter().find(|(own, _)| own == value).map(|(_, choice)| *choice),
            _ => None,
        };
        found.ok_or_else(|| wrong(name, "one of its choices", self.0.get(name)))
    }
}

fn wrong(name: &str, expected: &'static str, found: Option<&Value>) -> MethodError {
    MethodError::Option { name: name.into(), expected, found: found.map_or_else(|| "absent".into(), Value::to_string) }
}
