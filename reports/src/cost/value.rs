/*!
Accuracy against cost.

No single number trades one for the other without hiding a choice, so the Pareto front comes first; the two numbers below it say which choice they make.
*/

/// One method's cost and score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// In any one unit; lower is better.
    pub cost: f64,
    /// Higher is better (an error enters with a minus).
    pub score: f64,
}

/// Accuracy / (hours / 1000), as DEF+AAF's Table 2 defines it ("Cost-norm. Acc"), with `accuracy` from 0 to 1 and `hours` of training on the device at hand; `None`
/// where nothing is trained.
///
/// Its unit is 1 / (1000 h), so it has no range, and changes with the device. It rewards cheap training without limit and accuracy only in proportion: half the
/// accuracy at a third of the time counts as better, and a model that always answers the same class wins every table, because its training takes next to no time. It is
/// here to be compared with that table, and for nothing else.
///
/// ```
/// // MulT there: 81.60 % in 12 GPU-hours is printed as 6,800 %.
/// assert_eq!(bench_reports::cost::cost_normalised_accuracy(0.8160, 12.0).map(f64::round), Some(68.0));
/// ```
pub fn cost_normalised_accuracy(accuracy: f64, hours: f64) -> Option<f64> {
    (hours > 0.0).then(|| accuracy / (hours / 1000.0))
}

/// Gain over a reference, discounted by what it costs more: g / (1 + log₂(cost / reference cost)) where the gain g = score − reference score is positive and the cost
/// is above the reference's, else g itself.
///
/// The reference is to be a model that one would use anyway, such as the best unimodal control. In units of the score: for accuracies from −1 to 1, and 0 for the
/// reference. A doubling of cost halves a gain, four times the cost leaves a third of it.
///
/// It rewards accuracy that one modality does not reach, bought with few doublings. It never falls when the score rises and never rises when the cost does, and it
/// is above 0 only for a score above the reference's: a model that always answers the same class gets its own deficit, however little it costs, and being
/// much cheaper or dearer makes a loss neither larger nor smaller. A cost just above the reference's divides by 1, not by something near 0.
pub fn discounted_gain(place: Place, reference: Place) -> f64 {
    let gain = place.score - reference.score;
    if gain <= 0.0 || place.cost <= reference.cost || reference.cost <= 0.0 {
        return gain;
    }
    gain / (1.0 + (place.cost / reference.cost).log2())
}

/// For each place the best-scoring other one that dominates it: no dearer and no worse, and one of both better. `None` for the places on the Pareto front, and
/// for those with a number that is not finite, which dominate nothing.
pub fn dominated_by(places: &[Place]) -> Vec<Option<usize>> {
    let finite = |place: &Place| place.cost.is_finite() && place.score.is_finite();
    let dominates = |other: &Place, place: &Place| {
        finite(other) && other.cost <= place.cost && other.score >= place.score && (other.cost < place.cost || other.score > place.score)
    };
    let dominator = |place: &Place| {
        let others = places.iter().enumerate().filter(|(_, other)| finite(place) && dominates(other, place));
        // The first of equals: `max_by` alone would take the last.
        others.rev().max_by(|left, right| left.1.score.total_cmp(&right.1.score).then(right.1.cost.total_cmp(&left.1.cost))).map(|(at, _)| at)
    };
    places.iter().map(dominator).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cost: f64, score: f64) -> Place {
        Place { cost, score }
    }

    /// DEF+AAF, Table 2: 86.91 % in 6.2 hours is printed as 14,018 %, EmotionLLM's 86.20 % in 2304 as 37 %.
    #[test]
    fn the_papers_number_is_theirs_and_a_model_that_does_nothing_wins_it() {
        let percent = |accuracy, hours| (cost_normalised_accuracy(accuracy, hours).unwrap() * 100.0).round();
        assert_eq!([percent(0.8691, 6.2), percent(0.8620, 2304.0)], [14_018.0, 37.0]);
        assert!(percent(0.2, 0.001) > 10.0 * percent(0.8691, 6.2));
        assert_eq!(cost_normalised_accuracy(0.2, 0.0), None);
    }

    /// By hand: +8 points at twice the cost count 4, at four times 8/3, at the same cost 8.
    #[test]
    fn a_gain_is_discounted_by_doublings() {
        let reference = place(100.0, 0.50);
        let found = [100.0, 200.0, 400.0, 50.0].map(|cost| discounted_gain(place(cost, 0.58), reference));
        for (found, expected) in found.into_iter().zip([0.08, 0.04, 0.08 / 3.0, 0.08]) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_trivial_model_gains_nothing_however_cheap() {
        let reference = place(100.0, 0.50);
        for cost in [0.0, 1e-9, 1.0, 1e9] {
            assert_eq!(discounted_gain(place(cost, 0.15), reference), 0.15 - 0.50);
            assert_eq!(discounted_gain(place(cost, 0.50), reference), 0.0);
        }
    }

    #[test]
    fn more_score_never_lowers_it_and_more_cost_never_raises_it() {
        let reference = place(64.0, 0.5);
        let scores: Vec<f64> = (0..=20).map(|at| f64::from(at) / 20.0).collect();
        let costs: Vec<f64> = (0..=24).map(|at| f64::from(at).exp2()).collect();
        for &cost in &costs {
            assert!(
                scores.windows(2).all(|pair| discounted_gain(place(cost, pair[0]), reference) <= discounted_gain(place(cost, pair[1]), reference))
            );
        }
        for &score in &scores {
            assert!(
                costs.windows(2).all(|pair| discounted_gain(place(pair[0], score), reference) >= discounted_gain(place(pair[1], score), reference))
            );
        }
    }

    #[test]
    fn the_front_is_what_nobody_beats_in_both() {
        let places = [place(1.0, 0.2), place(2.0, 0.5), place(4.0, 0.5), place(8.0, 0.9), place(9.0, 0.1), place(f64::NAN, 0.99), place(2.0, 0.5)];
        assert_eq!(dominated_by(&places), [None, None, Some(1), None, Some(3), None, None]);
    }
}
