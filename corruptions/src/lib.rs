/*!
What a test set suffers: the grammar of conditions, suites of them as versioned data, and the corruption of plain arrays by keyed draws.

Corruptions are drawn per sample: the key of a draw holds the dataset, the sample, the modality, the kind of corruption and the seed, but neither the
level nor the method. So every method sees the same corrupted sample, severities nest (one field is scaled or thresholded), and a sample's
corruption depends neither on the other samples of a batch nor on their order. Attacks need gradients and are computed in the worker; here they are
only parsed and planned.
*/

mod closest;
mod condition;
mod corrupt;
mod fields;
mod layout;
pub mod selftest;
mod suite;

pub use condition::{AttackTerm, Condition, ConditionError, DataAtom, Group};
pub use corrupt::{CorruptionError, Realised, apply};
pub use fields::{Fields, SEMANTICS};
pub use suite::{Defaults, Planned, Suite, SuiteError};
