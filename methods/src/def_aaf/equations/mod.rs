/*!
The paper's equations as functions of tensors, apart from any network; a network enters as a closure.

Axes: codes `[B, M, d]`, availability `[B, M]`, features of modality s `[B, d_s]`. What is missing may hold any finite number: it is masked here.
*/

pub mod alignment;
pub mod contrastive;
pub mod critic;
pub mod distances;
pub mod fusion;
pub mod homologous;
pub mod inference;
mod presence;
pub mod reconstruction;
pub mod transport;

pub use presence::Presence;
