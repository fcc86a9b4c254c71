//! Words of an expression.

use std::ops::Range;

use super::ExpressionError;
use crate::number::{Rational, decimal};

/// No expression is longer, in bytes.
pub(super) const LONGEST: usize = 32 << 10;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(Rational),
    Text(String),
    Name,
    Symbol(char),
    End,
}

/// Splits an expression into words with their places; the last one is always [`Token::End`].
pub(super) fn words(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExpressionError> {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0);
        let sentence = format!("the expression is {} bytes long; {LONGEST} is the most", text.len());
        return Err(ExpressionError::new(end..end, sentence));
    }
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let start = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            words.push((Token::End, start..start));
            return Ok(words);
        };
        let (token, length) = match first {
            '"' => string(rest, start)?,
            '0'..='9' | '.' => number(rest, start)?,
            'a'..='z' | 'A'..='Z' | '_' => (Token::Name, prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_')),
            '+' | '-' | '*' | '/' | '(' | ')' | '[' | ']' | ',' => (Token::Symbol(first), 1),
            _ => {
                let hint = match first {
                    '\'' | '\u{201c}' | '\u{201d}' => "; names are written in straight double quotes",
                    '\u{2212}' | '\u{2013}' => "; minus is written -",
                    '\u{d7}' | '\u{b7}' => "; times is written *",
                    '^' => "; there are no powers, write a*a",
                    _ => "",
                };
                let sentence = format!("\"{}\" has no meaning here{hint}", first.escape_debug());
                return Err(ExpressionError::new(start..start + first.len_utf8(), sentence));
            }
        };
        words.push((token, start..start + length));
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn prefix(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

fn number(text: &str, start: usize) -> Result<(Token, usize), ExpressionError> {
    let mut length = prefix(text, |c| c.is_ascii_digit() || c == '.');
    if let Some(exponent) = text.get(length..).and_then(|rest| rest.strip_prefix(['e', 'E'])) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let digits = exponent.get(sign..).map_or(0, |rest| prefix(rest, |c| c.is_ascii_digit()));
        if digits > 0 {
            length += 1 + sign + digits;
        }
    }
    let written = text.get(..length).unwrap_or_default();
    decimal(written).map(|value| (Token::Number(value), length)).ok_or_else(|| {
        let sentence = "this is not a number: digits with at most one point, 64 digits at most, a power of ten within 64".to_owned();
        ExpressionError::new(start..start + length, sentence)
    })
}

fn string(text: &str, start: usize) -> Result<(Token, usize), ExpressionError> {
    let mut read = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, c)) = characters.next() {
        match c {
            '"' => return Ok((Token::Text(read), place + 1)),
            '\n' => break,
            '\\' => match characters.peek().copied() {
                Some((_, escaped @ ('"' | '\\'))) => {
                    read.push(escaped);
                    characters.next();
                }
                _ => read.push(c),
            },
            _ => read.push(c),
        }
    }
    Err(ExpressionError::new(start..start + 1, "this quotation mark has no partner on its line"))
}
