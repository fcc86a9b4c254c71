//! Every method, with its card and how it is built.

use bench_card::{Card, Dimension};

use crate::{
    BuildContext, Method, MethodError, augmentation, bi_gated, concat, cp_sl, decalign, def_aaf, dynamics,
    evidential::{etmc, tmc},
    film, late, mla, prior, qmf, raml,
    rebalance::{cggm, ogm, ogm_ge, pmr},
    sum,
    tensor_fusion::{lmf, tfn},
    unimodal,
};

/// A method that can be named on the command line.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its card.
    pub card: fn() -> Card,
    /// Builds the untrained model.
    pub build: fn(&BuildContext<'_>) -> Result<Box<dyn Method>, MethodError>,
}

/// All methods: controls, simple fusions, then the papers' methods.
pub const METHODS: [Entry; 23] = [
    Entry { card: prior::card, build: prior::build },
    Entry { card: unimodal::card, build: unimodal::build },
    Entry { card: concat::card, build: concat::build },
    Entry { card: sum::card, build: sum::build },
    Entry { card: late::card, build: late::build },
    Entry { card: augmentation::card, build: augmentation::build },
    Entry { card: film::card, build: film::build },
    Entry { card: bi_gated::card, build: bi_gated::build },
    Entry { card: tfn::card, build: tfn::build },
    Entry { card: lmf::card, build: lmf::build },
    Entry { card: tmc::card, build: tmc::build },
    Entry { card: etmc::card, build: etmc::build },
    Entry { card: dynamics::card, build: dynamics::build },
    Entry { card: qmf::card, build: qmf::build },
    Entry { card: ogm::card, build: ogm::build },
    Entry { card: ogm_ge::card, build: ogm_ge::build },
    Entry { card: cggm::card, build: cggm::build },
    Entry { card: pmr::card, build: pmr::build },
    Entry { card: raml::card, build: raml::build },
    Entry { card: mla::card, build: mla::build },
    Entry { card: cp_sl::card, build: cp_sl::build },
    Entry { card: decalign::card, build: decalign::build },
    Entry { card: def_aaf::card, build: def_aaf::build },
];

/// The method of this id.
///
/// # Errors
/// [`MethodError::Unknown`] with the names there are.
pub fn find(id: &str) -> Result<Entry, MethodError> {
    let known = || METHODS.iter().map(|entry| (entry.card)().id).collect();
    METHODS.into_iter().find(|entry| (entry.card)().id == id).ok_or_else(|| MethodError::Unknown { method: id.into(), known: known() })
}

/// The card of a simple method without a paper of its own: both tasks, any number of modalities, RAML's recipe for baselines, no options.
pub(crate) fn plain_card(id: &str, name: &str, family: &str, summary: &str) -> Card {
    Card {
        paper: "common practice; set up as the baselines of RAML, section IV".into(),
        space: Dimension::of_training(),
        ..Card::plain(id, name, family, summary)
    }
}

#[cfg(test)]
mod tests {
    use bench_card::{Range, Setting, Value};

    use super::*;

    #[test]
    fn a_space_holds_the_defaults_and_only_what_the_card_knows() {
        for card in METHODS.iter().map(|entry| (entry.card)()) {
            assert_eq!(card.space.is_empty(), !card.capabilities.trained, "{}", card.id);
            for dimension in &card.space {
                for end in [0.0, 0.5, 1.0 - f64::EPSILON] {
                    let setting = Setting::default().with(&dimension.name, dimension.at(end));
                    setting.check(&card).unwrap_or_else(|error| panic!("{error}"));
                }
                let option = card.options.iter().find(|option| option.name == dimension.name);
                let default = option.map_or(Value::Number(1.0), |option| option.default.clone());
                let inside = match (&dimension.range, &default) {
                    (Range::Linear(low, high) | Range::Log(low, high), Value::Number(default)) => (low..=high).contains(&default),
                    (Range::OneOf(values), default) => values.contains(default),
                    _ => false,
                };
                assert!(inside, "{} {}: {default} is not in {}", card.id, dimension.name, dimension.describe());
            }
        }
    }

    #[test]
    fn ids_are_unique_and_every_variant_resolves() {
        let cards: Vec<Card> = METHODS.iter().map(|entry| (entry.card)()).collect();
        let mut ids: Vec<&str> = cards.iter().map(|card| card.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), METHODS.len());
        for card in &cards {
            for variant in &card.variants {
                let reference = format!("{}/{}", card.id, variant.name).parse().unwrap();
                let resolved = card.resolve(&reference).unwrap();
                // A row of a table that is the defaults themselves says so by setting nothing.
                let says_nothing = variant.options.is_empty();
                assert!(says_nothing || !card.overrides(&resolved).is_empty(), "{reference} changes nothing");
            }
        }
    }
}
