//! The tree of an expression.

use std::{fmt, ops::Range};

use crate::number::Rational;

/// A part of an expression with its place in the text.
#[derive(Debug, Clone)]
pub struct Node {
    /// Bytes of the text, enclosing parentheses included.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// Trees are equal where they say the same, wherever it stands in the text.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a part of an expression is. Chains keep trees flat: a sum of a thousand terms is one node.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A decimal, exact.
    Number {
        /// Its value, never negative.
        value: Rational,
        /// As written.
        text: String,
    },
    /// A string.
    Text(String),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `(a,)`.
    Tuple(Vec<Node>),
    /// `name(a, b)`.
    Call {
        /// The function.
        name: String,
        /// Place of the name.
        name_span: Place,
        /// What it is called with.
        arguments: Vec<Node>,
    },
    /// `-a`.
    Negate(Box<Node>),
    /// `a + b - c`: operators are all additive or all multiplicative, applied from the left.
    Chain {
        /// The first operand.
        first: Box<Node>,
        /// The others, each with the operator before it.
        rest: Vec<(Operator, Node)>,
    },
}

/// A place that counts for nothing when trees are compared.
#[derive(Debug, Clone)]
pub struct Place(pub Range<usize>);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

impl Operator {
    /// Whether it is `+` or `-`.
    pub fn is_additive(self) -> bool {
        matches!(self, Self::Plus | Self::Minus)
    }

    /// As written.
    pub fn symbol(self) -> char {
        match self {
            Self::Plus => '+',
            Self::Minus => '-',
            Self::Times => '*',
            Self::Over => '/',
        }
    }
}

/// How tightly a node binds: 0 sums, 1 products, 2 everything else.
fn binding(node: &Node) -> u8 {
    match &node.kind {
        Kind::Chain { rest, .. } if rest.first().is_some_and(|(operator, _)| operator.is_additive()) => 0,
        Kind::Chain { .. } => 1,
        _ => 2,
    }
}

/// Writes an operand, in parentheses where it binds less tightly than it has to.
fn operand(f: &mut fmt::Formatter<'_>, node: &Node, least: u8) -> fmt::Result {
    if binding(node) < least { write!(f, "({node})") } else { write!(f, "{node}") }
}

fn separated(f: &mut fmt::Formatter<'_>, nodes: &[Node]) -> fmt::Result {
    for (place, node) in nodes.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { "," })?;
        write!(f, "{node}")?;
    }
    Ok(())
}

/// An expression that parses back to an equal tree.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number { text, .. } => f.write_str(text),
            Kind::Text(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Kind::List(items) => {
                f.write_str("[")?;
                separated(f, items)?;
                f.write_str("]")
            }
            Kind::Tuple(items) => {
                f.write_str("(")?;
                separated(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Kind::Call { name, arguments, .. } => {
                write!(f, "{name}(")?;
                separated(f, arguments)?;
                f.write_str(")")
            }
            Kind::Negate(inner) => {
                f.write_str("-")?;
                operand(f, inner, 2)
            }
            Kind::Chain { first, rest } => {
                let least = binding(self) + 1;
                operand(f, first, least)?;
                for (operator, node) in rest {
                    write!(f, "{}", operator.symbol())?;
                    operand(f, node, least)?;
                }
                Ok(())
            }
        }
    }
}
