//! The part of a plan that one shard does.

use std::collections::BTreeMap;

use super::Plan;
use crate::settings::Shard;

impl Plan {
    /// The number of each trial's shard by its key, for as many shards as `shard` is of. A trial that starts from another of this folder goes with that
    /// one, wherever it stands in the plan: only that shard can plan it, and no other trial's place may depend on it.
    pub fn shard_numbers(&self, shard: Shard) -> BTreeMap<String, usize> {
        let first = self.trials.iter().filter(|trial| trial.follows.is_none()).enumerate();
        let mut numbers: BTreeMap<String, usize> = first.map(|(place, trial)| (trial.key.clone(), shard.number_of(place))).collect();
        for trial in &self.trials {
            if let Some(source) = &trial.follows {
                let number = numbers.get(source).copied().unwrap_or(shard.index());
                numbers.insert(trial.key.clone(), number);
            }
        }
        numbers
    }

    /// Keeps what is this shard's; datasets and their conditions stay as they are.
    pub fn keep(&mut self, shard: Shard) {
        let numbers = self.shard_numbers(shard);
        let own = |key: &String| numbers.get(key) == Some(&shard.index());
        self.trials.retain(|trial| own(&trial.key));
        self.waiting.retain(|_, source| own(source));
        self.keys = self.trials.iter().enumerate().map(|(at, trial)| (trial.key.clone(), at)).collect();
    }
}
