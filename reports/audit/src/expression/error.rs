//! What can be wrong with an expression, and where.

use std::ops::Range;

use thiserror::Error;

/// Characters of the expression that are shown around a mistake.
const WINDOW: usize = 100;

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub struct ExpressionError {
    /// Bytes of the expression that it concerns; empty at the end of the text. Always on character boundaries.
    pub span: Range<usize>,
    /// What was found and what was expected.
    pub sentence: String,
}

impl ExpressionError {
    pub(super) fn new(span: Range<usize>, sentence: impl Into<String>) -> Self {
        Self { span, sentence: sentence.into() }
    }

    /// The line of the expression where the mistake is, and a line of carets below it. Of a long line, about a hundred characters are shown.
    pub fn pointed(&self, expression: &str) -> String {
        let start = floor_boundary(expression, self.span.start);
        let end = floor_boundary(expression, self.span.end).max(start);
        let line_start = expression.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |place| place + 1);
        let line_end = expression.get(start..).and_then(|after| after.find('\n')).map_or(expression.len(), |place| start + place);
        let line: Vec<char> = expression.get(line_start..line_end).unwrap_or_default().chars().map(plain).collect();
        let first = expression.get(line_start..start).unwrap_or_default().chars().count();
        let marked = expression.get(start..end.min(line_end)).unwrap_or_default().chars().count().clamp(1, WINDOW);
        let from = if line.len() <= WINDOW { 0 } else { first.saturating_sub((WINDOW - marked) / 2).min(line.len() - WINDOW) };
        let to = line.len().min(from + WINDOW);
        let (left, right) = (if from > 0 { "..." } else { "" }, if to < line.len() { "..." } else { "" });
        let shown: String = line.iter().skip(from).take(to - from).collect();
        let marked = marked.min((to + 1).saturating_sub(first).max(1));
        format!("{left}{shown}{right}\n{}{}", " ".repeat(left.len() + first.saturating_sub(from)), "^".repeat(marked))
    }
}

fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn floor_boundary(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// The name nearest to a misspelt one, where one is near: at most a third of its letters differ.
pub(super) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 3).max(1);
    names.into_iter().map(|name| (edits(&lower, &name.to_lowercase()), name)).filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// `; did you mean "…"?` where a name is near, else the first few names.
pub(super) fn suggestion<'a>(wrong: &str, what: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    const LISTED: usize = 12;
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(near) = nearest(wrong, names.iter().copied()) {
        return format!("; did you mean \"{near}\"?");
    }
    if names.is_empty() {
        return String::new();
    }
    let more = if names.len() > LISTED { format!(" and {} more", names.len() - LISTED) } else { String::new() };
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("\"{name}\"")).collect();
    format!("; {what}: {}{more}", listed.join(", "))
}

/// Letters to insert, delete or replace (Levenshtein), of the first 64 of each.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut next = vec![i + 1];
        for (y, pair) in b.iter().zip(row.windows(2)) {
            let (Some(diagonal), Some(above)) = (pair.first(), pair.last()) else { break };
            let left = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(x != *y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_mistake() {
        let error = ExpressionError::new(5..8, "no");
        assert_eq!(error.pointed("1 + \u{e9}abc + 2"), "1 + \u{e9}abc + 2\n    ^^^");
    }

    #[test]
    fn a_mistake_at_the_end_is_pointed_at() {
        assert_eq!(ExpressionError::new(3..3, "no").pointed("1 +"), "1 +\n   ^");
    }

    #[test]
    fn of_a_long_line_the_surroundings_are_shown() {
        let text = format!("{}wrong{}", "1+".repeat(200), "+1".repeat(200));
        let pointed = ExpressionError::new(400..405, "no").pointed(&text);
        let (line, carets) = pointed.split_once('\n').unwrap();
        assert_eq!(line.len(), 106);
        let place = carets.find('^').unwrap();
        assert_eq!(&line[place..place + 5], "wrong");
        assert_eq!(carets.trim_start(), "^^^^^");
    }

    #[test]
    fn near_names_are_found() {
        assert_eq!(nearest("celll", ["cell", "xcell", "sd"]), Some("cell"));
        assert_eq!(nearest("zebra", ["cell", "xcell", "sd"]), None);
        // Kitten to sitting takes three edits (Wagner and Fischer's example).
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
