/*!
Multimodal fusion methods behind one trait, one file a method.

A method sees [`Inputs`] (modalities, lengths, availability) when it predicts and a [`Batch`] (inputs and targets) when it learns; it never sees
a label at prediction time, because the type has none. The [`registry`] lists every method with its [`Card`](bench_card::Card).
*/

mod build;
mod inputs;
mod method;
mod optimisers;
mod output;
mod state;

pub mod extractors;
pub mod fusion;
pub mod kmeans;
pub mod losses;
pub mod mixture;
pub mod moments;
pub mod nn;
pub mod patterns;
pub mod registry;
pub mod transport;

pub mod augmentation;
pub mod bi_gated;
mod chain;
pub mod concat;
pub mod cp_sl;
pub mod decalign;
pub mod def_aaf;
pub mod dynamics;
pub mod evidential;
pub mod film;
mod joint;
pub mod late;
pub mod mla;
pub mod prior;
pub mod qmf;
pub mod raml;
pub mod rebalance;
pub mod sum;
pub mod tensor_fusion;
pub mod unimodal;

pub use build::{BuildContext, MethodError, Settings};
pub use inputs::{Batch, Inputs, ModalityInput, Targets};
pub use method::{Group, LossTerms, Method, PerModality, Step, TrainView};
pub use optimisers::{GroupOptimiser, Optimisers};
pub use output::Output;
