//! Settings drawn from a method's space.

use bench_card::{Card, Setting};
use bench_datasets::keyed::Key;

/// The first `count` settings of a method on a dataset: the defaults, the paper's training where the card has one of its own, then keyed draws. A larger count
/// begins with the same settings.
pub fn draw(card: &Card, dataset: &str, modality: Option<&str>, count: usize) -> Vec<Setting> {
    let paper = card.paper_recipe.as_ref().map(|_| Setting { paper_training: true, ..Setting::default() });
    let fixed: Vec<Setting> = [Some(Setting::default()), paper].into_iter().flatten().collect();
    let one = |at: usize| {
        let key =
            Key::new("tuning").with("dataset", dataset).with("method", &card.id).with("modality", modality.unwrap_or_default()).with("setting", at);
        card.space.iter().fold(Setting::default(), |setting, dimension| {
            // A key a dimension: one that is added to a space later leaves the others' draws as they were.
            setting.with(&dimension.name, dimension.at(key.clone().with("dimension", &dimension.name).uniform()))
        })
    };
    (0..count).map(|at| fixed.get(at).cloned().unwrap_or_else(|| one(at))).collect()
}

#[cfg(test)]
mod tests {
    use bench_card::{Dimension, Recipe, Value};

    use super::*;

    fn card() -> Card {
        let space = vec![Dimension::log("learning-rate", 0.1, 10.0), Dimension::linear("lambda1", 0.0, 2.0)];
        Card { space, ..Card::plain("raml", "RAML", "", "") }
    }

    #[test]
    fn the_defaults_come_first_and_more_settings_begin_with_the_same() {
        let card = card();
        let few = draw(&card, "digits", None, 5);
        assert_eq!(few[0], Setting::default());
        assert_eq!(draw(&card, "digits", None, 20)[..5], few);
        assert_ne!(draw(&card, "mfeat", None, 5)[1], few[1]);
        assert_ne!(draw(&card, "digits", Some("audio"), 5)[1], few[1]);
        let mut other = card.clone();
        other.paper_recipe = Some(Recipe { batch: 8, ..Recipe::default() });
        let with_paper = draw(&other, "digits", None, 5);
        assert!(with_paper[1].paper_training && with_paper[2..] == few[2..]);
    }

    #[test]
    fn a_dimension_of_its_own_leaves_the_others_where_they_were() {
        let (card, mut larger) = (card(), card());
        larger.space.insert(0, Dimension::log("lambda2", 0.1, 1.0));
        for (before, after) in draw(&card, "digits", None, 9).iter().zip(draw(&larger, "digits", None, 9)).skip(1) {
            assert_eq!((before.learning_rate, before.options["lambda1"].clone()), (after.learning_rate, after.options["lambda1"].clone()));
        }
    }

    /// A thousand draws of a number uniform in [0, 2] have a mean within 5 · 0.577/√1000 of 1, and of a factor uniform in the logarithm half are below 1.
    #[test]
    fn draws_fill_the_space() {
        let settings = draw(&card(), "digits", None, 1001);
        let numbers: Vec<f64> =
            settings[1..].iter().filter_map(|setting| if let Value::Number(x) = setting.options["lambda1"] { Some(x) } else { None }).collect();
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((mean - 1.0).abs() < 0.0913, "{mean}");
        let below = settings[1..].iter().filter(|setting| setting.learning_rate < 1.0).count();
        assert!((421..579).contains(&below), "{below}");
    }
}
