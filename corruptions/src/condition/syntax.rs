//! From text to atoms with spans; what the words mean is not looked at.

use std::ops::Range;

use super::ConditionError;

/// Longest expression that is read, in bytes.
const LONGEST: usize = 4096;

const SHAPE: &str = "an atom is written like `noise(image,0.18)` or `missing(audio)`, atoms are joined with `+`, and nothing at all is `clean`";

/// A word of the expression.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub span: Range<usize>,
}

/// `word` or `word:value` between the parentheses.
#[derive(Debug, Clone)]
pub(super) struct Argument<'a> {
    pub word: Word<'a>,
    pub value: Option<Word<'a>>,
}

/// `name` or `name(arguments)`.
#[derive(Debug, Clone)]
pub(super) struct Atom<'a> {
    pub name: Word<'a>,
    /// `None` without parentheses; never empty.
    pub arguments: Option<Vec<Argument<'a>>>,
    pub span: Range<usize>,
}

/// All atoms of an expression; at least one.
pub(super) fn parse(text: &str) -> Result<Vec<Atom<'_>>, ConditionError> {
    if text.len() > LONGEST {
        let end = (LONGEST..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let reason = format!("{} bytes are more than the {LONGEST} that are read", text.len());
        return Err(ConditionError::new(text, end..text.len(), reason, "write a shorter expression"));
    }
    let mut cursor = Cursor { text, at: 0 };
    let mut atoms = vec![cursor.atom()?];
    while cursor.takes('+') {
        atoms.push(cursor.atom()?);
    }
    if cursor.peek().is_some() { Err(cursor.unexpected("`+` or the end")) } else { Ok(atoms) }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next character behind white space, which is skipped.
    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    fn takes(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn atom(&mut self) -> Result<Atom<'a>, ConditionError> {
        let name = self.word("the name of a corruption")?;
        let start = name.span.start;
        if !self.takes('(') {
            let span = name.span.clone();
            return Ok(Atom { name, arguments: None, span });
        }
        let mut arguments = vec![self.argument()?];
        while self.takes(',') {
            arguments.push(self.argument()?);
        }
        if !self.takes(')') {
            return Err(self.unexpected("`,` or `)`"));
        }
        Ok(Atom { name, arguments: Some(arguments), span: start..self.at })
    }

    fn argument(&mut self) -> Result<Argument<'a>, ConditionError> {
        let word = self.word("a modality or a level")?;
        let value = if self.takes(':') { Some(self.word("a level")?) } else { None };
        Ok(Argument { word, value })
    }

    fn word(&mut self, wanted: &str) -> Result<Word<'a>, ConditionError> {
        self.peek();
        let rest = self.rest();
        let mut length = 0;
        for (at, c) in rest.char_indices() {
            let ends = c.is_whitespace() || "(),:".contains(c) || (c == '+' && !opens_exponent(rest.get(..at).unwrap_or("")));
            if ends {
                break;
            }
            length = at + c.len_utf8();
        }
        if length == 0 {
            return Err(self.unexpected(wanted));
        }
        let span = self.at..self.at + length;
        self.at = span.end;
        Ok(Word { text: rest.get(..length).unwrap_or(""), span })
    }

    fn unexpected(&mut self, wanted: &str) -> ConditionError {
        let found = self.peek();
        let reason = match found {
            None if self.text.trim().is_empty() => "it is empty".into(),
            None => format!("{wanted} should stand at the end"),
            Some(c) => format!("{wanted} should stand where `{}` stands", c.escape_debug()),
        };
        ConditionError::new(self.text, self.at..self.at + found.map_or(0, char::len_utf8), reason, SHAPE)
    }
}

/// Whether a `+` behind `word` is the sign of an exponent, as in `1e+2`, and joins no atoms.
fn opens_exponent(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || c == '.') && word.ends_with(['e', 'E'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_point_at_words_and_atoms() {
        let text = " noise( image , 0.18 ) + missing(audio)";
        let atoms = parse(text).unwrap();
        assert_eq!(&text[atoms[0].span.clone()], "noise( image , 0.18 )");
        assert_eq!(&text[atoms[1].name.span.clone()], "missing");
        let arguments = atoms[0].arguments.as_ref().unwrap();
        assert_eq!(&text[arguments[1].word.span.clone()], "0.18");
    }

    #[test]
    fn the_plus_of_an_exponent_joins_no_atoms() {
        let atoms = parse("noise(a,1e+2)+clean").unwrap();
        assert_eq!(atoms.len(), 2);
        assert_eq!(atoms[0].arguments.as_ref().unwrap()[1].word.text, "1e+2");
    }

    #[test]
    fn holes_are_pointed_at() {
        for (text, span) in [
            ("", 0..0),
            ("noise(", 6..6),
            ("noise(a,", 8..8),
            ("noise(a,0.1", 11..11),
            ("a++b", 2..3),
            ("noise()", 6..7),
            ("a)b", 1..2),
            ("f(a:)", 4..5),
        ] {
            assert_eq!(parse(text).unwrap_err().span, span, "{text}");
        }
    }

    #[test]
    fn nothing_is_called_so() {
        for text in ["", "  "] {
            assert_eq!(parse(text).unwrap_err().reason, "it is empty");
        }
    }

    #[test]
    fn an_endless_expression_is_refused_before_it_is_read() {
        let text = "é".repeat(LONGEST);
        let error = parse(&text).unwrap_err();
        assert!(error.to_string().contains("8192 bytes"), "{error}");
        assert!(error.render().len() < 1000);
    }
}
