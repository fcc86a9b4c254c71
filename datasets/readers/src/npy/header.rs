/*!
The header of an `.npy` file: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.

NumPy reads it as a Python literal. Nothing nests in the headers of plain elements, so a few functions without recursion do.
*/

use crate::{Dtype, Element, Order, ReadError, Source};

/// NumPy 2 has at most as many axes.
const AXES: usize = 64;
const REMEDY: &str = "save the array with numpy.save";

/// What a header says.
pub(super) struct Header {
    pub dtype: Dtype,
    pub order: Order,
    pub shape: Vec<usize>,
}

impl Header {
    /// Reads a header's text, which begins at `start`.
    pub fn parse(source: &Source, start: u64, text: &str) -> Result<Self, ReadError> {
        let mut literal = Literal { source, start, text, at: 0 };
        let (mut dtype, mut order, mut shape) = (None, None, None);
        literal.expect('{')?;
        while !literal.take('}') {
            let key = literal.string("a key in quotes")?;
            literal.expect(':')?;
            match key {
                "descr" => dtype = Some(literal.descr()?),
                "fortran_order" => order = Some(if literal.truth()? { Order::ColumnMajor } else { Order::RowMajor }),
                "shape" => shape = Some(literal.shape()?),
                _ => return Err(literal.invalid(format!("the key '{key}'"), "'descr', 'fortran_order' or 'shape'")),
            }
            if !literal.take(',') {
                literal.expect('}')?;
                break;
            }
        }
        let missing = |key: &str| source.invalid(start, format!("a header without '{key}'"), "'descr', 'fortran_order' and 'shape'", REMEDY);
        Ok(Self {
            dtype: dtype.ok_or_else(|| missing("descr"))?,
            order: order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// A Python literal that is being read from the left.
struct Literal<'a> {
    source: &'a Source,
    start: u64,
    text: &'a str,
    at: usize,
}

impl<'a> Literal<'a> {
    fn rest(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn take(&mut self, letter: char) -> bool {
        let found = self.rest().starts_with(letter);
        if found {
            self.at += letter.len_utf8();
        }
        found
    }

    fn expect(&mut self, letter: char) -> Result<(), ReadError> {
        if self.take(letter) { Ok(()) } else { Err(self.unexpected(&format!("`{letter}`"))) }
    }

    /// Text in quotes. NumPy's names of plain types and keys have no escapes.
    fn string(&mut self, expected: &str) -> Result<&'a str, ReadError> {
        let rest = self.rest();
        let quoted = rest.strip_prefix(['\'', '"']).and_then(|inner| inner.split_once(rest.chars().next()?));
        let (inner, _) = quoted.ok_or_else(|| self.unexpected(expected))?;
        self.at += inner.len() + 2;
        Ok(inner)
    }

    fn truth(&mut self) -> Result<bool, ReadError> {
        for (name, value) in [("True", true), ("False", false)] {
            if self.rest().starts_with(name) {
                self.at += name.len();
                return Ok(value);
            }
        }
        Err(self.unexpected("True or False"))
    }

    /// `()`, `(3,)`, `(3, 4)`; Python 2 wrote `(3L,)`.
    fn shape(&mut self) -> Result<Vec<usize>, ReadError> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            let rest = self.rest();
            let digits = rest.find(|letter: char| !letter.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
            shape.push(digits.parse().map_err(|_| self.unexpected("the size of an axis"))?);
            self.at += digits.len();
            self.take('L');
            if shape.len() > AXES {
                return Err(self.invalid("more axes", format!("at most {AXES}")));
            }
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }

    /// `'<f4'`: order, kind, size.
    fn descr(&mut self) -> Result<Dtype, ReadError> {
        if self.rest().starts_with(['[', '(', '{']) {
            let end = self.rest().find(", 'fortran_order'").unwrap_or(self.rest().len());
            let kind = &self.rest()[..end];
            return Err(self.refused(format!("the structured type {kind}"), "save each field as an array of its own"));
        }
        let name = self.string("a type's name in quotes")?;
        let (order, rest) = match name.strip_prefix(['<', '>', '|', '=']) {
            Some(rest) => (name.chars().next(), rest),
            None => (None, name),
        };
        let mut letters = rest.chars();
        let kind = letters.next();
        let count = match letters.as_str() {
            "" if kind == Some('O') => Some(0),
            digits if digits.chars().all(|letter| letter.is_ascii_digit()) => digits.parse::<usize>().ok(),
            _ => None,
        };
        let (element, size) = match (kind, count) {
            (Some('f'), Some(size @ (2 | 4 | 8))) => (Element::Float, size),
            (Some('i'), Some(size @ (1 | 2 | 4 | 8))) => (Element::Signed, size),
            (Some('u'), Some(size @ (1 | 2 | 4 | 8))) => (Element::Unsigned, size),
            (Some('b'), Some(1)) => (Element::Bool, 1),
            (Some('U'), Some(letters)) if letters <= usize::MAX / 4 => (Element::Text, 4 * letters),
            (Some('S' | 'a'), Some(size)) => (Element::Bytes, size),
            (Some('O'), Some(_)) => (Element::Object, 0),
            (Some('c'), _) => return Err(self.refused(format!("complex numbers '{name}'"), "save real and imaginary part as arrays of their own")),
            (Some('M' | 'm'), _) => return Err(self.refused(format!("dates or durations '{name}'"), "save them as numbers: array.astype(\"int64\")")),
            (Some('V'), _) => {
                return Err(self.refused(format!("bytes without a meaning '{name}'"), "save the array with its type: array.astype(\"float32\")"));
            }
            _ => return Err(self.refused(format!("elements '{name}'"), "save the array as float64: array.astype(\"float64\")")),
        };
        Ok(Dtype { element, size, big_endian: order == Some('>') })
    }

    fn unexpected(&mut self, expected: &str) -> ReadError {
        let found: String = self.rest().chars().take(20).collect();
        let found = if found.is_empty() { "the end of the header".to_owned() } else { format!("`{found}`") };
        self.invalid(found, expected)
    }

    fn refused(&self, found: String, remedy: &str) -> ReadError {
        self.source.invalid(self.start + self.at as u64, found, "real numbers, truth values, text or bytes", remedy)
    }

    fn invalid(&self, found: impl std::fmt::Display, expected: impl std::fmt::Display) -> ReadError {
        self.source.invalid(self.start + self.at as u64, found, expected, REMEDY)
    }
}
