/*!
The language of claims: expressions over cells of tables, evaluated with exact intervals.

A printed number stands for every number that prints like it. [`parse`] gives the tree of a text, [`compile`] looks up what it names and gives a [`Program`], whose
[`Program::range`] holds every value that the expression may have, where a number that is used twice is one number.
*/

mod bounded;
mod cells;
mod compile;
mod distance;
mod elementary;
mod error;
mod extremes;
mod functions;
mod lexer;
mod lookup;
mod parser;
mod program;
mod quotient;
mod slopes;
mod statistics;
mod tree;

pub use compile::{CellUse, Compiled, Quantity, Stop, compile};
pub use error::ExpressionError;
pub use extremes::Range;
pub use parser::parse;
pub use program::{Program, Undefined, Unknown};
pub use tree::{Kind, Node, Operator, Place};
