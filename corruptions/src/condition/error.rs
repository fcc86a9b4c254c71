//! Why an expression is no condition, and where in it.

use std::{fmt, ops::Range};

use thiserror::Error;

/// Longest stretch of an expression that a message shows, in characters.
const SHOWN: usize = 72;

/// Why an expression is no condition of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("condition `{}`: {reason}; {hint}", Excerpt::of(text, span).shown)]
pub struct ConditionError {
    /// The expression as given.
    pub text: String,
    /// The offending bytes of `text`; empty where something is missing at that place. Always on character boundaries.
    pub span: Range<usize>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub hint: String,
}

impl ConditionError {
    pub(crate) fn new(text: &str, span: Range<usize>, reason: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self { text: text.into(), span, reason: reason.to_string(), hint: hint.to_string() }
    }

    /// The sentence, then the expression with carets under the offending part: three lines.
    pub fn render(&self) -> String {
        let Excerpt { shown, before, width } = Excerpt::of(&self.text, &self.span);
        format!("{self}\n  {shown}\n  {}{}", " ".repeat(before), "^".repeat(width))
    }
}

/// The part of an expression around a span that fits a line, control characters shown as spaces.
struct Excerpt {
    shown: String,
    /// Characters in `shown` before the span.
    before: usize,
    /// Characters of the span in `shown`, at least 1.
    width: usize,
}

impl Excerpt {
    fn of(text: &str, span: &Range<usize>) -> Self {
        let characters = |part: Option<&str>| part.map_or(0, |part| part.chars().count());
        let (total, start, span_width) = (text.chars().count(), characters(text.get(..span.start)), characters(text.get(span.clone())));
        let first = if total <= SHOWN { 0 } else { start.saturating_sub(SHOWN / 3) };
        let body = text.chars().skip(first).take(SHOWN).map(|c| if c.is_control() { ' ' } else { c });
        let (ellipsis, rest) = (if first > 0 { "…" } else { "" }, if first + SHOWN < total { "…" } else { "" });
        let shown: String = ellipsis.chars().chain(body).chain(rest.chars()).collect();
        let before = start - first + ellipsis.chars().count();
        Self { width: span_width.min(shown.chars().count().saturating_sub(before)).max(1), before, shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_span_also_behind_wide_bytes() {
        let text = "noise(naïve,0.1)";
        let error = ConditionError::new(text, 6..12, "unknown modality `naïve`", "known are `image`");
        let rendered = error.render();
        let lines: Vec<&str> = rendered.lines().collect();
        assert_eq!(lines, ["condition `noise(naïve,0.1)`: unknown modality `naïve`; known are `image`", "  noise(naïve,0.1)", "        ^^^^^"]);
    }

    #[test]
    fn a_long_expression_is_shown_around_the_span() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let rendered = ConditionError::new(&text, 500..501, "no", "fix it").render();
        let lines: Vec<&str> = rendered.lines().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().nth(caret), Some('X'));
        assert!(lines[1].chars().count() < 80 && lines[1].contains('…'));
    }
}
