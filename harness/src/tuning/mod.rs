/*!
Hyper-parameters chosen on the validation split, with the same budget for every method.

A method's settings are drawn from the space that its card declares: the first is the defaults, the second the paper's training where the harness departs from it, all
others are keyed draws. Every setting is trained with the first tuning seed. The best of them, always with the defaults, are trained with the other tuning seeds as
well, and the median of its validation scores decides. No tuning seed is an evaluation seed, and the test split is not read.
*/

mod draw;
mod presets;
mod rounds;
mod tuned;

pub use draw::draw;
pub use presets::{Preset, Presets, file_of};
pub use rounds::{Candidate, Study, Subject};
pub use tuned::Tuned;

/// Seeds that settings are tried with; none is in the list of evaluation seeds.
pub const SEEDS: [u64; 3] = [1009, 2003, 3001];

/// Settings that are trained with all tuning seeds: the defaults and the best others.
pub const FINALISTS: usize = 5;

/// The preset's name in trials and records: the budget is in it, because rankings over different budgets are refused.
pub fn name(settings: usize) -> String {
    format!("tuned({settings})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LIST;

    #[test]
    fn no_tuning_seed_is_an_evaluation_seed() {
        assert!(SEEDS.iter().all(|seed| !LIST.contains(seed)));
        assert_eq!(name(20), "tuned(20)");
    }
}
