//! From words to a tree. Parentheses and calls nest to a bounded depth, so that no text can exhaust the stack.

use std::ops::Range;

use super::{
    ExpressionError,
    lexer::{Token, words},
    tree::{Kind, Node, Operator, Place},
};

/// No expression nests deeper.
pub(super) const DEEPEST: usize = 48;

/// Reads an expression.
///
/// # Errors
/// The first place where the text is not an expression.
pub fn parse(text: &str) -> Result<Node, ExpressionError> {
    let words = words(text)?;
    let mut parser = Parser { text, words: &words, next: 0, depth: 0 };
    let node = parser.sum()?;
    match parser.peek() {
        (Token::End, _) => Ok(node),
        (_, span) => Err(parser.unexpected(span, "an operator (+ - * /) or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    words: &'a [(Token, Range<usize>)],
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> (Token, Range<usize>) {
        self.words.get(self.next).cloned().unwrap_or((Token::End, self.text.len()..self.text.len()))
    }

    /// Passes a symbol if it is next, and says where it ends.
    fn pass(&mut self, symbol: char) -> Option<usize> {
        match self.words.get(self.next) {
            Some((Token::Symbol(found), span)) if *found == symbol => {
                self.next += 1;
                Some(span.end)
            }
            _ => None,
        }
    }

    fn unexpected(&self, span: Range<usize>, expected: &str) -> ExpressionError {
        let found = match self.text.get(span.clone()) {
            Some("") | None => "the end of the expression".to_owned(),
            Some(found) if found.starts_with('"') => "a string".to_owned(),
            Some(found) => format!("\"{}\"", found.chars().take(40).collect::<String>()),
        };
        ExpressionError::new(span, format!("expected {expected}, found {found}"))
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ExpressionError>) -> Result<T, ExpressionError> {
        if self.depth >= DEEPEST {
            return Err(ExpressionError::new(self.peek().1, format!("the expression nests deeper than {DEEPEST} levels")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        self.chain(&[('+', Operator::Plus), ('-', Operator::Minus)], Self::product)
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        self.chain(&[('*', Operator::Times), ('/', Operator::Over)], Self::signed)
    }

    fn chain(&mut self, operators: &[(char, Operator)], operand: fn(&mut Self) -> Result<Node, ExpressionError>) -> Result<Node, ExpressionError> {
        let first = operand(self)?;
        let mut rest: Vec<(Operator, Node)> = Vec::new();
        while let Some((_, operator)) = operators.iter().find(|(symbol, _)| self.pass(*symbol).is_some()) {
            rest.push((*operator, operand(self)?));
        }
        match rest.last() {
            None => Ok(first),
            Some((_, last)) => Ok(Node { span: first.span.start..last.span.end, kind: Kind::Chain { first: Box::new(first), rest } }),
        }
    }

    fn signed(&mut self) -> Result<Node, ExpressionError> {
        let start = self.peek().1.start;
        if self.pass('-').is_some() {
            let inner = self.deeper(Self::signed)?;
            return Ok(Node { span: start..inner.span.end, kind: Kind::Negate(Box::new(inner)) });
        }
        self.single()
    }

    fn single(&mut self) -> Result<Node, ExpressionError> {
        let (token, span) = self.peek();
        let written = || self.text.get(span.clone()).unwrap_or_default().to_owned();
        match token {
            Token::Number(value) => {
                let text = written();
                self.next += 1;
                Ok(Node { span, kind: Kind::Number { value, text } })
            }
            Token::Text(text) => {
                self.next += 1;
                Ok(Node { span, kind: Kind::Text(text) })
            }
            Token::Name => {
                let name = written();
                self.next += 1;
                if self.pass('(').is_none() {
                    let sentence = format!("\"{name}\" is called with parentheses, as in {name}(...); strings are written in double quotes");
                    return Err(ExpressionError::new(span, sentence));
                }
                let (arguments, end, _) = self.deeper(|parser| parser.items(')'))?;
                Ok(Node { span: span.start..end, kind: Kind::Call { name, name_span: Place(span), arguments } })
            }
            Token::Symbol('[') => {
                self.next += 1;
                let (items, end, _) = self.deeper(|parser| parser.items(']'))?;
                Ok(Node { span: span.start..end, kind: Kind::List(items) })
            }
            Token::Symbol('(') => {
                self.next += 1;
                let (mut items, end, comma) = self.deeper(|parser| parser.items(')'))?;
                let place = span.start..end;
                match (items.pop(), comma) {
                    (Some(inner), false) if items.is_empty() => Ok(Node { span: place, kind: inner.kind }),
                    (last, _) => Ok(Node { span: place, kind: Kind::Tuple(items.into_iter().chain(last).collect()) }),
                }
            }
            _ => Err(self.unexpected(span, "a number, a string, a function, ( or [")),
        }
    }

    /// Expressions up to a closing bracket, the bracket's end, and whether a comma stood among them.
    fn items(&mut self, close: char) -> Result<(Vec<Node>, usize, bool), ExpressionError> {
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            if let Some(end) = self.pass(close) {
                return Ok((items, end, comma));
            }
            items.push(self.sum()?);
            if self.pass(',').is_some() {
                comma = true;
            } else if let Some(end) = self.pass(close) {
                return Ok((items, end, comma));
            } else {
                return Err(self.unexpected(self.peek().1, &format!("an operator, a comma or {close}")));
            }
        }
    }
}
