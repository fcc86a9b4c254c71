/*!
What `bench` and `bench-worker` share: a trial's specification and key, the run folder's layout and files, and the wire format between the two.

Nothing here is linked to libtorch.
*/

pub mod copy;
mod error;
pub mod files;
pub mod folder;
pub mod profile;
pub mod protocol;
pub mod scores;
pub mod trial;
mod whole;

pub use error::StoreError;
pub use folder::RunFolder;
pub use scores::{ScoreKind, Scores};
pub use trial::{Diagnostic, Init, Outcome, TrainedTrial, TrialSpec};
pub use whole::WholeFile;
