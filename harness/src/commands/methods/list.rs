//! The list of all methods for people.

use bench_card::{Card, ModalityKind, TaskKind, short_reference};

use super::printed::Printed;
use crate::output;

/// A table of what the methods are and take, one of what they do, and one of those of which only the papers' numbers exist; wrapped to `width`, if there
/// is one.
pub fn text(cards: &[Card], printed: &[Printed], width: Option<usize>) -> String {
    let facts = |card: &Card| {
        vec![
            card.id.clone(),
            card.family.clone(),
            year(card.year),
            short_reference(&card.paper, card.year),
            tasks(card),
            kinds(&card.capabilities.kinds),
            card.missing_modality(),
        ]
    };
    let header = ["method", "family", "year", "paper", "tasks", "modalities", "a missing one"];
    let facts = output::table_of_width(&header, cards.iter().map(facts), &[], width);
    let does = |card: &Card| vec![card.id.clone(), card.options.len().to_string(), card.variants.len().to_string(), card.summary.clone()];
    let does = output::table_of_width(&["method", "options", "variants", "what it does"], cards.iter().map(does), &[1, 2], width);
    let row = |one: &Printed| vec![one.method.name.clone(), year(one.method.year), one.paper(), one.tables.join(", "), one.method.why.clone()];
    let header = ["reported only", "year", "paper", "printed in", "why nothing is measured"];
    let reported = output::table_of_width(&header, printed.iter().map(row), &[], width);
    format!("{facts}\n{does}\nReported only: the papers' tables have numbers of these methods, and nothing here can train them.\n\n{reported}")
}

fn year(year: Option<u32>) -> String {
    year.map_or_else(|| "–".into(), |year| year.to_string())
}

fn tasks(card: &Card) -> String {
    let name = |task: &TaskKind| match task {
        TaskKind::Classification => "classes",
        TaskKind::Regression => "values",
    };
    card.capabilities.tasks.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn kinds(kinds: &[ModalityKind]) -> String {
    if ModalityKind::ALL.iter().all(|kind| kinds.contains(kind)) { "any kind".into() } else { names(kinds) }
}

/// Kinds of modalities by their names.
pub(super) fn names(kinds: &[ModalityKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use bench_card::Capabilities;

    use super::*;
    use crate::commands::methods::printed;

    fn cards() -> Vec<Card> {
        let plain = Card::plain("film", "FiLM", "simple fusion", "the first modality scales and shifts the second, the result the third, and so on");
        let capabilities = Capabilities { kinds: vec![ModalityKind::Vector, ModalityKind::Image], ..plain.capabilities.clone() };
        vec![
            Card { paper: "E. Perez, F. Strub, H. de Vries: FiLM (AAAI 2018)".into(), year: Some(2018), ..plain.clone() },
            Card { id: "vectors".into(), capabilities, missing: Some("left out of the weighted answer".into()), ..plain },
        ]
    }

    #[test]
    fn rows_have_what_a_method_is_and_takes_and_does() {
        let text = text(&cards(), &printed::all().unwrap(), None);
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
        for word in ["simple fusion", "2018", "Perez et al., AAAI 2018", "classes, values", "any kind", "zero input"] {
            assert!(line("film").contains(word), "{word}: {}", line("film"));
        }
        let does = text.lines().filter(|line| line.starts_with("film")).nth(1).unwrap_or_default();
        assert!(does.ends_with("scales and shifts the second, the result the third, and so on"), "{does}");
        assert!(line("vectors").contains("vector, image") && line("vectors").contains("left out of the weighted answer"));
        for word in ["2022", "Hu et al., EMNLP 2022", "cp-sl-1", "it fine-tunes a pretrained T5"] {
            assert!(line("UniMSE").contains(word), "{word}: {}", line("UniMSE"));
        }
    }

    #[test]
    fn a_terminal_of_160_columns_is_wide_enough() {
        let text = text(&cards(), &printed::all().unwrap(), Some(160));
        assert!(text.lines().all(|line| line.chars().count() <= 160), "{text}");
        for word in ["Perez et al., AAAI 2018", "classes, values", "any kind", "Girdhar et al., CVPR 2023", "def-aaf-1, def-aaf-2, def-aaf-6"] {
            assert!(text.contains(word), "{word} is torn:\n{text}");
        }
    }
}
