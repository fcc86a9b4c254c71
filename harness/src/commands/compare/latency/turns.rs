//! Who is asked when, and what the answers come to: nothing here knows a worker or a clock.

use std::collections::BTreeMap;

use bench_reports::cost::{MedianInterval, latency, paired_ratio};
use bench_store::profile::{Profile, Timed};

use super::super::side::Role;

/// Nanoseconds of one side, by what ran: one number a call, or a round.
pub type Times = BTreeMap<Timed, Vec<u64>>;

/// Both sides' times, the same number of each, place by place of the same round.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Both {
    /// The base's.
    pub base: Times,
    /// The head's.
    pub head: Times,
}

impl Both {
    /// head / base: the median over rounds, with its interval. `None` where a side has no times of it, or not of every round.
    pub fn ratio(&self, what: Timed) -> Option<MedianInterval> {
        paired_ratio(self.head.get(&what)?, self.base.get(&what)?)
    }
}

/// The times of a profile with all modalities there, of batches of `batch` samples.
pub fn times(profile: &Profile, batch: usize) -> Times {
    let wanted = profile.timings.iter().filter(|timing| timing.batch == batch && timing.pattern == "clean");
    wanted.map(|timing| (timing.what, timing.nanoseconds.clone())).collect()
}

/// Who is asked in a round, the first one first: by turns, so that going first is neither side's advantage.
fn order(round: usize) -> [Role; 2] {
    if round.is_multiple_of(2) { [Role::Base, Role::Head] } else { [Role::Head, Role::Base] }
}

/// Asks both sides once a round. A round's number is the median of its calls, which a neighbour's short burst does not move.
///
/// # Errors
/// The first that asking gives; nobody is asked after it.
pub fn alternate<E>(rounds: usize, mut ask: impl FnMut(Role) -> Result<Times, E>) -> Result<Both, E> {
    let mut found = Both::default();
    for round in 0..rounds {
        for role in order(round) {
            let times = ask(role)?;
            let side = match role {
                Role::Base => &mut found.base,
                Role::Head => &mut found.head,
            };
            for (what, calls) in times {
                // Rounded to a nanosecond, where an even number of calls has its median between two.
                side.entry(what).or_default().extend(latency(&calls).map(|found| found.median.median.round() as u64));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use bench_store::profile::Timing;

    use super::*;

    /// A clock that goes ever slower: each question takes 10 more than the one before, of the head's model twice that. By hand, the questions 1 to 14 go base, head, head,
    /// base, …, so the base is asked as number 1, 4, 5, 8, 9, 12, 13 and the head as 2, 3, 6, 7, 10, 11, 14.
    #[test]
    fn sides_are_asked_by_turns_and_a_round_is_its_median() {
        let (mut asked, mut number) = (Vec::new(), 0);
        let found = alternate::<()>(7, |role| {
            number += 1;
            asked.push(role);
            let own = if role == Role::Head { 20 * number } else { 10 * number };
            Ok(Times::from([(Timed::Inference, vec![own - 1, 100_000, own, 0, own])]))
        })
        .unwrap();
        use Role::{Base, Head};
        assert_eq!(asked, [Base, Head, Head, Base, Base, Head, Head, Base, Base, Head, Head, Base, Base, Head]);
        assert_eq!(found.base[&Timed::Inference], [10, 40, 50, 80, 90, 120, 130]);
        assert_eq!(found.head[&Timed::Inference], [40, 60, 120, 140, 200, 220, 280]);
        // Ratios 4, 1.5, 2.4, 1.75, 2.22, 1.83, 2.15: the median is 280 / 130; seven values reach 95 % with the smallest and the largest only (1 − 2 / 128).
        let ratio = found.ratio(Timed::Inference).unwrap();
        assert_eq!((ratio.median, ratio.interval), (280.0 / 130.0, Some((1.5, 4.0))));
        assert_eq!(found.ratio(Timed::TrainingStep), None);
    }

    #[test]
    fn nobody_is_asked_after_a_failure() {
        let mut asked = 0;
        let found = alternate(9, |role| {
            asked += 1;
            if asked < 3 { Ok(Times::new()) } else { Err(role) }
        });
        assert_eq!((found, asked), (Err(Role::Head), 3));
    }

    /// A side that lost a round has no partner for its other numbers.
    #[test]
    fn rounds_that_do_not_pair_have_no_ratio() {
        let of = |times: &[u64]| Times::from([(Timed::TrainingStep, times.to_vec())]);
        assert_eq!(Both { base: of(&[1, 2]), head: of(&[1]) }.ratio(Timed::TrainingStep), None);
        assert_eq!(Both { base: of(&[1, 2, 4]), head: of(&[3, 6, 12]) }.ratio(Timed::TrainingStep).unwrap().median, 3.0);
    }

    #[test]
    fn other_batches_and_patterns_are_passed_over() {
        let timing = |batch, pattern: &str, time| Timing { what: Timed::Inference, batch, pattern: pattern.into(), nanoseconds: vec![time] };
        let profile = Profile { timings: vec![timing(64, "missing(text)", 1), timing(64, "clean", 2), timing(1, "clean", 3)], ..Profile::default() };
        assert_eq!(times(&profile, 64), Times::from([(Timed::Inference, vec![2])]));
    }
}
