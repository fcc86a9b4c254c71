/*!
Blocks: parameters drawn from keyed generators, linear layers, and one encoder a modality kind.

`tch`'s own constructors draw from libtorch's global generator and initialise LSTMs unlike PyTorch, so each block here draws its weights itself, by
PyTorch's default distributions, from a key of trial seed and parameter name.
*/

mod encoder;
mod flat;
mod image;
mod lengths;
mod linear;
mod parameters;
mod sequence;
mod stacked;
mod steps;
mod text;
mod transformer;
mod vector;

pub use encoder::{Encoder, Encoders, TextEncoder, WIDTH};
pub use flat::FlatFeatures;
pub use image::ImageEncoder;
pub use linear::Linear;
pub use parameters::{Parameters, Scope};
pub use sequence::SequenceEncoder;
pub use stacked::{StackedLinear, StackedNorm, mean_over_steps};
pub use steps::{StepEncoder, Steps, align, raw_steps, raw_width};
pub use text::{MeanText, TextCnn};
pub use transformer::{Context, Hidden, TransformerLayer, Transformers};
pub use vector::VectorEncoder;
