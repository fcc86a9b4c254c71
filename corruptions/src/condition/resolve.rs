//! From atoms to a condition of a dataset: names become indices, and what has no meaning or no effect is refused.

use std::ops::Range;

use bench_datasets::{Kind, Modality};

use super::{AttackTerm, Condition, ConditionError, DataAtom, level, syntax};
use crate::closest::closest;

/// Largest σ or ε: far beyond any use, and small enough that no corrupted value leaves the range of f32 unseen.
pub(crate) const LARGEST_LEVEL: f64 = 1000.0;

const KINDS: [&str; 6] = ["clean", "noise", "mask", "missing", "only", "fgsm"];

/// What is wrong, and what to do.
pub(crate) type Problem = (String, String);

/// Whether `value` is a severity: at least 0 and at most `largest`.
pub(crate) fn check_level(value: f64, largest: f64) -> Result<f64, Problem> {
    // `-0` is refused with the negative numbers: it would print as another text than `0`.
    if value.is_sign_negative() || value.is_nan() {
        Err((format!("level {value} is negative"), format!("a level lies between 0 and {largest}")))
    } else if value > largest {
        Err((format!("level {value} is too large"), format!("a level lies between 0 and {largest} here")))
    } else {
        Ok(value)
    }
}

/// The condition that `atoms` of `text` stand for.
pub(super) fn resolve(text: &str, atoms: &[syntax::Atom<'_>], modalities: &[Modality]) -> Result<Condition, ConditionError> {
    let mut resolver = Resolver { text, modalities, data: Vec::new(), attack: None, missing: Vec::new() };
    for atom in atoms {
        match atom.name.text {
            "clean" => resolver.clean(atom, atoms.len())?,
            "noise" => resolver.noise(atom)?,
            "mask" => resolver.mask(atom)?,
            "missing" => resolver.missing(atom)?,
            "only" => resolver.only(atom)?,
            "fgsm" => resolver.fgsm(atom)?,
            other => {
                let hint = suggestion(other, KINDS).unwrap_or_else(|| format!("known are {}", list(KINDS)));
                return resolver.fail(atom.name.span.clone(), format!("there is no corruption `{other}`"), hint);
            }
        }
    }
    resolver.finish()
}

/// Collects atoms with the spans that errors point at.
struct Resolver<'a> {
    text: &'a str,
    modalities: &'a [Modality],
    data: Vec<(DataAtom, Range<usize>)>,
    attack: Option<Vec<(AttackTerm, Range<usize>)>>,
    missing: Vec<usize>,
}

impl Resolver<'_> {
    fn clean(&self, atom: &syntax::Atom<'_>, atoms: usize) -> Result<(), ConditionError> {
        if atom.arguments.is_some() {
            return self.fail(atom.span.clone(), "`clean` takes no arguments", "write `clean`");
        }
        if atoms > 1 {
            return self.fail(atom.span.clone(), "`clean` is joined with other atoms", "write `clean` alone, or leave it out");
        }
        Ok(())
    }

    fn noise(&mut self, atom: &syntax::Atom<'_>) -> Result<(), ConditionError> {
        let (modality, word, sigma) = self.modality_and_level(atom, LARGEST_LEVEL)?;
        if !self.modalities.get(modality).is_some_and(|modality| modality.kind.is_continuous()) {
            return self.fail(word, "noise is for continuous modalities and this one is words", "use `mask(…)` for words");
        }
        self.data(DataAtom::Noise { modality, sigma }, word, "noise")
    }

    fn mask(&mut self, atom: &syntax::Atom<'_>) -> Result<(), ConditionError> {
        let (modality, word, rate) = self.modality_and_level(atom, 1.0)?;
        let kind = self.modalities.get(modality).map(|modality| &modality.kind);
        if let Some(Kind::Vector { .. } | Kind::Image { .. }) = kind {
            let reason = format!("mask is for words and sequences and this modality is of kind {}", kind.map_or("", Kind::name));
            return self.fail(word, reason, "use `noise(…)`, or `missing(…)` for the whole modality");
        }
        self.data(DataAtom::Mask { modality, rate }, word, "mask")
    }

    fn data(&mut self, atom: DataAtom, span: Range<usize>, kind: &str) -> Result<(), ConditionError> {
        if self.data.iter().any(|(other, _)| other.order() == atom.order()) {
            return self.fail(span, format!("`{kind}` stands twice on this modality"), "leave one of them out");
        }
        self.data.push((atom, span));
        Ok(())
    }

    fn missing(&mut self, atom: &syntax::Atom<'_>) -> Result<(), ConditionError> {
        for (modality, span) in self.names(atom)? {
            self.lose(modality, span)?;
        }
        Ok(())
    }

    fn only(&mut self, atom: &syntax::Atom<'_>) -> Result<(), ConditionError> {
        let kept = self.names(atom)?;
        for (at, (modality, span)) in kept.iter().enumerate() {
            if kept.iter().take(at).any(|(other, _)| other == modality) {
                return self.fail(span.clone(), "this modality is named twice", "name it once");
            }
        }
        for modality in (0..self.modalities.len()).filter(|modality| !kept.iter().any(|(other, _)| other == modality)) {
            self.lose(modality, atom.span.clone())?;
        }
        Ok(())
    }

    fn lose(&mut self, modality: usize, span: Range<usize>) -> Result<(), ConditionError> {
        if self.missing.contains(&modality) {
            return self.fail(span, format!("`{}` is missing twice", self.name(modality)), "name each missing modality once");
        }
        self.missing.push(modality);
        if self.missing.len() == self.modalities.len() {
            return self.fail(span, "no modality is left", "keep at least one");
        }
        Ok(())
    }

    fn fgsm(&mut self, atom: &syntax::Atom<'_>) -> Result<(), ConditionError> {
        if self.attack.is_some() {
            let hint = "write one joint attack, `fgsm(audio:0.1,image:0.05)`";
            return self.fail(atom.span.clone(), "there are two attacks", hint);
        }
        let mut terms: Vec<(AttackTerm, Range<usize>)> = Vec::new();
        for (modality, span, epsilon) in self.attack_terms(atom)? {
            if !self.modalities.get(modality).is_some_and(|modality| modality.kind.is_continuous()) {
                return self.fail(span, format!("`{}` is words and has no input gradient", self.name(modality)), "attack continuous modalities only");
            }
            if terms.iter().any(|(other, _)| other.modality == modality) {
                return self.fail(span, "`fgsm` stands twice on this modality", "leave one of them out");
            }
            terms.push((AttackTerm { modality, epsilon }, span));
        }
        self.attack = Some(terms);
        Ok(())
    }

    fn attack_terms(&self, atom: &syntax::Atom<'_>) -> Result<Vec<(usize, Range<usize>, f64)>, ConditionError> {
        let arguments = atom.arguments.as_deref().unwrap_or_default();
        if arguments.iter().all(|argument| argument.value.is_none()) {
            return Ok(vec![self.modality_and_level(atom, LARGEST_LEVEL)?]);
        }
        let mut terms = Vec::new();
        for argument in arguments {
            let Some(value) = &argument.value else {
                return self.fail(argument.word.span.clone(), "this term has no level", "write every term of a joint attack as `modality:level`");
            };
            terms.push((self.modality(&argument.word)?, argument.word.span.clone(), self.level(value, LARGEST_LEVEL)?));
        }
        Ok(terms)
    }

    /// The arguments of `name(modality,level)`.
    fn modality_and_level(&self, atom: &syntax::Atom<'_>, largest: f64) -> Result<(usize, Range<usize>, f64), ConditionError> {
        let name = atom.name.text;
        match atom.arguments.as_deref().unwrap_or_default() {
            [modality, level] if modality.value.is_none() && level.value.is_none() => {
                Ok((self.modality(&modality.word)?, modality.word.span.clone(), self.level(&level.word, largest)?))
            }
            _ => self.fail(atom.span.clone(), format!("`{name}` takes one modality and one level"), format!("write `{name}(modality,level)`")),
        }
    }

    /// The arguments of `name(modality,…)`.
    fn names(&self, atom: &syntax::Atom<'_>) -> Result<Vec<(usize, Range<usize>)>, ConditionError> {
        let name = atom.name.text;
        let Some(arguments) = &atom.arguments else {
            return self.fail(atom.span.clone(), format!("`{name}` names no modality"), format!("write `{name}(modality)`"));
        };
        let mut names = Vec::new();
        for argument in arguments {
            if let Some(value) = &argument.value {
                return self.fail(value.span.clone(), format!("`{name}` takes no level"), format!("write `{name}(modality,modality)`"));
            }
            names.push((self.modality(&argument.word)?, argument.word.span.clone()));
        }
        Ok(names)
    }

    fn modality(&self, word: &syntax::Word<'_>) -> Result<usize, ConditionError> {
        let names = || self.modalities.iter().map(|modality| modality.name.as_str());
        match names().position(|name| name == word.text) {
            Some(modality) => Ok(modality),
            None => {
                let known = format!("the dataset has {}", list(names()));
                let hint = suggestion(word.text, names()).map_or(known.clone(), |meant| format!("{meant} ({known})"));
                self.fail(word.span.clone(), format!("there is no modality `{}`", word.text.escape_debug()), hint)
            }
        }
    }

    fn level(&self, word: &syntax::Word<'_>, largest: f64) -> Result<f64, ConditionError> {
        let value = match level::parse(word.text) {
            Ok(value) => value,
            Err(problem) => {
                let reason = format!("level `{}` {problem}", word.text.escape_debug());
                return self.fail(word.span.clone(), reason, "write a decimal like `0.18` or a fraction like `1/255`");
            }
        };
        check_level(value, largest).or_else(|(reason, hint)| self.fail(word.span.clone(), reason, hint))
    }

    fn finish(self) -> Result<Condition, ConditionError> {
        let targets = self.data.iter().map(|(atom, span)| (atom.modality(), span));
        let attacked = self.attack.iter().flatten().map(|(term, span)| (term.modality, span));
        for (modality, span) in targets.chain(attacked) {
            if self.missing.contains(&modality) {
                let reason = format!("`{}` is missing in the same condition, so this has no effect", self.name(modality));
                return self.fail(span.clone(), reason, "leave one of them out");
            }
        }
        let data = self.data.iter().map(|(atom, _)| *atom).collect();
        let attack = self.attack.as_ref().map(|terms| terms.iter().map(|(term, _)| *term).collect());
        Ok(Condition::assemble(data, attack, self.missing, self.modalities))
    }

    fn name(&self, modality: usize) -> &str {
        self.modalities.get(modality).map_or("", |modality| modality.name.as_str())
    }

    fn fail<T>(&self, span: Range<usize>, reason: impl std::fmt::Display, hint: impl std::fmt::Display) -> Result<T, ConditionError> {
        Err(ConditionError::new(self.text, span, reason, hint))
    }
}

fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(name, known).map(|meant| format!("did you mean `{meant}`?"))
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
