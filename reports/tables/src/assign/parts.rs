//! The letters by which papers' tables call modalities, and ours behind them.

use std::collections::BTreeMap;

use super::Here;

/// Names that modalities have, by part.
const NAMES: [(&str, &[&str]); 4] = [
    ("A", &["audio", "voice", "speech", "acoustic", "sound"]),
    ("V", &["vision", "video", "visual", "face", "frames", "image"]),
    ("T", &["text", "words", "language", "transcript"]),
    ("I", &["image", "picture", "vision", "visual", "face", "video"]),
];

/// Our modality for each part: by name, then by kind, then what is left in the dataset's order; and whether nothing was left to that.
pub(super) fn parts(parts: &[String], dataset: &Here) -> (BTreeMap<String, String>, bool) {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut left: Vec<&(String, String)> = dataset.modalities.iter().collect();
    for by_name in [true, false] {
        for part in parts {
            let names = NAMES.iter().find(|(known, _)| known == part).map_or(&[][..], |(_, names)| *names);
            let kind = match part.as_str() {
                "T" => "tokens",
                "I" | "V" => "image",
                _ => "",
            };
            let is = |(name, own): &&(String, String)| if by_name { names.contains(&name.to_ascii_lowercase().as_str()) } else { own == kind };
            if let Some(at) = left.iter().position(|modality| !found.contains_key(part) && is(modality)) {
                found.insert(part.clone(), left.remove(at).0.clone());
            }
        }
    }
    let alike = parts.iter().all(|part| found.contains_key(part));
    for part in parts {
        if let Some(modality) = (!found.contains_key(part) && !left.is_empty()).then(|| left.remove(0)) {
            found.insert(part.clone(), modality.0.clone());
        }
    }
    (found, alike)
}

/// The parts that a condition names: `noise(V,0.5)+missing(A)` names V and A.
pub(super) fn parts_named(condition: &str) -> Vec<String> {
    words(condition).filter(|(word, inside)| *inside && is_part(word)).map(|(word, _)| word.to_owned()).collect()
}

/// The condition in our modalities' names; the part that has none where one is missing.
pub(crate) fn with_parts(condition: &str, parts: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = condition;
    for (word, inside) in words(condition) {
        let Some((before, behind)) = rest.split_once(word) else { continue };
        text.push_str(before);
        match parts.get(word) {
            Some(modality) if inside => text.push_str(modality),
            None if inside && is_part(word) => return Err(word.to_owned()),
            _ => text.push_str(word),
        }
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

/// Parts in braces in the name of a diagnostic.
pub(super) fn parts_braced(name: &str) -> Vec<String> {
    name.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(part, _)| part.to_owned()).collect()
}

/// A part is one capital letter.
fn is_part(word: &str) -> bool {
    word.len() == 1 && word.chars().all(|c| c.is_ascii_uppercase())
}

/// Words of a condition, with whether they stand between parentheses.
fn words(condition: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_inside = move |at: usize| condition[..at].matches('(').count() > condition[..at].matches(')').count();
    let split = |c: char| "(),:+ ".contains(c);
    condition.split(split).filter(|word| !word.is_empty()).map(move |word| {
        let at = word.as_ptr() as usize - condition.as_ptr() as usize;
        (word, is_inside(at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_modalities_and_nothing_else_changes() {
        let parts = BTreeMap::from([("I".to_owned(), "image".to_owned()), ("T".to_owned(), "text".to_owned())]);
        assert_eq!(with_parts("noise(I,0.18)+mask(T, 0.1)", &parts).unwrap(), "noise(image,0.18)+mask(text, 0.1)");
        assert_eq!(with_parts("fgsm(I:1/255,T:0.1)", &parts).unwrap(), "fgsm(image:1/255,text:0.1)");
        assert_eq!(with_parts("patterns", &parts).unwrap(), "patterns");
        assert_eq!(with_parts("only(A)", &parts), Err("A".into()));
        assert_eq!(parts_named("noise(V,0.5)+missing(A)"), ["V", "A"]);
    }
}
