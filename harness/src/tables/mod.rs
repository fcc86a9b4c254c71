/*!
The papers' tables against what is here: which tables are meant, which datasets stand in their places, which trials their cells need, and what these say.
*/

mod answers;
mod chosen;
mod numbers;
mod wishes;

pub use answers::{Answers, Evidence};
pub use chosen::{Chosen, Prepared, choose};
pub use wishes::{Wish, sources, wishes};
