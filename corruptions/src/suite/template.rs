/*!
Conditions for any dataset: an expression in which `each` stands for a modality.

`noise(each,0.5)` is one condition for each modality that noise applies to; `each image`, `each words` and `each features` restrict it. Where `each` stands
several times, it stands for different modalities, and all choices of them are taken: `noise(each image,0.08)+mask(each words,0.1)` is every pair.
*/

use bench_datasets::{Kind, Modality, Unit};

use crate::Condition;

/// Modalities of each kind in the made-up dataset on which a template is tried when it is read: more than any template names.
const TRIED: usize = 4;

/// An expression for any dataset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    /// Text between the places, one piece more than there are places.
    pieces: Vec<String>,
    places: Vec<Place>,
}

/// An `each` of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    corruption: Corruption,
    only: Option<Unit>,
}

/// What decides to which modalities an atom applies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Corruption {
    /// Noise and FGSM: all but words.
    Continuous,
    /// Masks: words.
    Words,
    /// What takes whole modalities away: those of a dataset that has several.
    Availability,
}

impl Template {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow its text.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut template = Self { pieces: vec![String::new()], places: Vec::new() };
        let mut name = "";
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(['(', ')', ',', ':']).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            let trimmed = word.trim();
            let inside = !name.is_empty();
            if inside && trimmed.split_whitespace().next() == Some("each") {
                template.place(name, trimmed)?;
            } else if inside && trimmed.starts_with(|c: char| c.is_alphabetic()) {
                return Err(format!(
                    "`{}` is no modality of every dataset; write `each`, `each image`, `each words` or `each features`",
                    trimmed.escape_debug()
                ));
            } else {
                template.push(word);
            }
            match behind.chars().next() {
                Some('(') => name = trimmed.trim_start_matches('+').trim(),
                Some(')') => name = "",
                _ => {}
            }
            let separator = behind.len().min(1);
            template.push(&behind[..separator]);
            rest = &behind[separator..];
        }
        template.try_out()?;
        Ok(template)
    }

    /// Its conditions on a dataset, modalities in dataset order, the first place slowest; none where it applies to no modality.
    pub fn conditions(&self, modalities: &[Modality]) -> Vec<Condition> {
        // What was tried when it was read fails here only where no modality would be left.
        self.expressions(modalities).iter().filter_map(|text| Condition::parse(text, modalities).ok()).collect()
    }

    fn place(&mut self, corruption: &str, word: &str) -> Result<(), String> {
        let corruption = match corruption {
            "noise" | "fgsm" => Corruption::Continuous,
            "mask" => Corruption::Words,
            "missing" | "only" => Corruption::Availability,
            other => return Err(format!("there is no corruption `{}`; known are `noise`, `mask`, `missing`, `only`, `fgsm`", other.escape_debug())),
        };
        let only = match word.split_whitespace().collect::<Vec<_>>()[..] {
            ["each"] => None,
            ["each", "image"] => Some(Unit::Pixels),
            ["each", "words"] => Some(Unit::Words),
            ["each", "features"] => Some(Unit::TrainingStandardDeviations),
            _ => return Err(format!("`{}` is no kind; write `each`, `each image`, `each words` or `each features`", word.escape_debug())),
        };
        self.places.push(Place { corruption, only });
        self.pieces.push(String::new());
        Ok(())
    }

    fn push(&mut self, text: &str) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.push_str(text);
        }
    }

    fn expressions(&self, modalities: &[Modality]) -> Vec<String> {
        let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
        for place in &self.places {
            let applies: Vec<usize> = (0..modalities.len()).filter(|&at| place.applies(&modalities[at], modalities.len())).collect();
            let longer = |chosen: &Vec<usize>| {
                let others = applies.iter().filter(|at| !chosen.contains(at));
                others.map(|&at| [&chosen[..], &[at]].concat()).collect::<Vec<_>>()
            };
            choices = choices.iter().flat_map(longer).collect();
        }
        let write = |chosen: &Vec<usize>| {
            let names = chosen.iter().filter_map(|&at| modalities.get(at)).map(|modality| modality.name.as_str()).chain([""]);
            self.pieces.iter().zip(names).flat_map(|(piece, name)| [piece.as_str(), name]).collect()
        };
        choices.iter().map(write).collect()
    }

    /// Whether it means something on a dataset with several modalities of every kind.
    fn try_out(&self) -> Result<(), String> {
        let kinds = [Kind::Image { channels: 1, height: 1, width: 1 }, Kind::Tokens { steps: 1, vocabulary: Vec::new() }, Kind::Vector { dim: 1 }];
        let modalities: Vec<Modality> =
            (0..TRIED * kinds.len()).map(|at| Modality { name: format!("modality{at}"), kind: kinds[at % kinds.len()].clone() }).collect();
        let expressions = self.expressions(&modalities);
        if expressions.is_empty() {
            return Err("it applies to no modality of any dataset; noise and FGSM are not for words, masks are for words only".into());
        }
        for expression in expressions {
            Condition::parse(&expression, &modalities).map_err(|error| format!("{}; {}", error.reason, error.hint))?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|problem| format!("`{}`: {problem}", text.escape_debug()))
    }
}

impl Place {
    fn applies(self, modality: &Modality, count: usize) -> bool {
        let unit = modality.kind.unit();
        let fits = match self.corruption {
            Corruption::Continuous => unit != Unit::Words,
            Corruption::Words => unit == Unit::Words,
            Corruption::Availability => count > 1,
        };
        fits && self.only.is_none_or(|only| only == unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modality(name: &str, kind: Kind) -> Modality {
        Modality { name: name.into(), kind }
    }

    fn modalities() -> Vec<Modality> {
        vec![
            modality("image", Kind::Image { channels: 3, height: 2, width: 2 }),
            modality("photo", Kind::Image { channels: 1, height: 2, width: 2 }),
            modality("text", Kind::Tokens { steps: 4, vocabulary: Vec::new() }),
            modality("pen", Kind::Sequence { steps: 3, dim: 2 }),
        ]
    }

    fn on(text: &str, modalities: &[Modality]) -> Vec<String> {
        Template::read(text).unwrap().conditions(modalities).iter().map(ToString::to_string).collect()
    }

    /// Written by hand from the rule.
    #[test]
    fn each_stands_for_every_modality_that_the_corruption_applies_to() {
        let all = modalities();
        for (template, expected) in [
            ("noise(each,0.5)", vec!["noise(image,0.5)", "noise(photo,0.5)", "noise(pen,0.5)"]),
            ("fgsm( each , 1/255 )", vec!["fgsm(image,1/255)", "fgsm(photo,1/255)", "fgsm(pen,1/255)"]),
            ("mask(each,0.1)", vec!["mask(text,0.1)"]),
            ("only(each words)", vec!["missing(image,photo,pen)"]),
            ("missing(each features)", vec!["missing(pen)"]),
            ("noise(each image,0.08)+mask(each words,0.1)", vec!["noise(image,0.08)+mask(text,0.1)", "noise(photo,0.08)+mask(text,0.1)"]),
            ("noise(each features,1e+1) + missing(each words)", vec!["noise(pen,10)+missing(text)"]),
            ("fgsm(each image:0.1,each features:0.2)", vec!["fgsm(image:0.1,pen:0.2)", "fgsm(photo:0.1,pen:0.2)"]),
            ("clean", vec!["clean"]),
        ] {
            assert_eq!(on(template, &all), expected, "{template}");
        }
    }

    #[test]
    fn several_stand_for_different_modalities() {
        let two = &modalities()[..2];
        assert_eq!(on("noise(each,1)+missing(each)", two), ["noise(image,1)+missing(photo)", "noise(photo,1)+missing(image)"]);
        // Both missing would leave nothing.
        assert!(on("missing(each,each)", two).is_empty());
    }

    #[test]
    fn what_applies_to_no_modality_of_a_dataset_is_no_condition() {
        let image = &modalities()[..1];
        for template in ["mask(each,0.1)", "noise(each features,1)", "missing(each)", "only(each)"] {
            assert!(on(template, image).is_empty(), "{template}");
        }
    }

    #[test]
    fn nonsense_is_refused_when_it_is_read() {
        for (template, needle) in [
            ("noise(image,0.5)", "`image` is no modality of every dataset"),
            ("noise(each picture,0.5)", "`each picture` is no kind"),
            ("nois(each,0.5)", "there is no corruption `nois`"),
            ("noise(each words,0.5)", "applies to no modality of any dataset"),
            ("mask(each image,0.5)", "applies to no modality of any dataset"),
            ("mask(each,1.5)", "level 1.5 is too large"),
            ("noise(each,-1)", "level -1 is negative"),
            ("noise(each)", "takes one modality and one level"),
            ("noise(each,0.1", "`,` or `)`"),
            ("fgsm(each,0.1)+fgsm(each,0.1)", "two attacks"),
            ("each", "there is no corruption `each`"),
            ("", "it is empty"),
        ] {
            let error = template.parse::<Template>().unwrap_err();
            assert!(error.starts_with(&format!("`{template}`: ")) && error.contains(needle), "{error}");
        }
    }
}
