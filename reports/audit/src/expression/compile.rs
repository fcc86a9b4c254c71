//! From a tree to a program: names are looked up, arguments checked, printed numbers become unknowns.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    ExpressionError,
    elementary::Elementary,
    error::suggestion,
    functions::{FUNCTIONS, Signature, function},
    program::{Instruction, Operation, Program, Unknown, nominal},
    tree::{Kind, Node, Operator},
};
use crate::{
    Ledger,
    ledger::{Cell, Printed, Table},
    number::{Interval, Rational, integer},
};

/// Why an expression has no value at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It is wrong.
    Mistake(ExpressionError),
    /// The paper leaves empty what it needs.
    Missing {
        /// Place in the text of what asks for it.
        span: Range<usize>,
        /// What is not printed.
        reason: String,
    },
}

impl From<ExpressionError> for Stop {
    fn from(error: ExpressionError) -> Self {
        Self::Mistake(error)
    }
}

/// Which number of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Its value.
    Value,
    /// Its standard deviation.
    Deviation,
    /// Its rank.
    Rank,
}

/// A printed number that an expression reads.
#[derive(Debug, Clone, PartialEq)]
pub struct CellUse {
    /// The paper's short name.
    pub paper: String,
    /// The table's number.
    pub table: String,
    /// Row key.
    pub row: String,
    /// Column key.
    pub column: String,
    /// Which of its numbers.
    pub quantity: Quantity,
    /// As printed.
    pub printed: String,
    /// Its index among the program's unknowns; `None` where only the printed value counts, as in a rank or a p-value.
    pub unknown: Option<usize>,
    /// Whether the expression uses it more than once.
    pub shared: bool,
}

/// An expression ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The instructions.
    pub program: Program,
    /// Every printed number that is read, each once, in the order of the text.
    pub cells: Vec<CellUse>,
    /// The expression with printed numbers in place of the cells.
    pub written: String,
    /// Whether its form alone makes it 0 or more: sums and maxima of absolute values.
    pub is_distance: bool,
}

/// Parses an expression and looks up what it names, for a claim of `paper`.
///
/// # Errors
/// A mistake in the text, or a number that the paper does not print.
pub fn compile(ledger: &Ledger, paper: &str, text: &str) -> Result<Compiled, Stop> {
    let tree = super::parse(text)?;
    let mut compiler =
        Compiler { ledger, paper, program: Program::default(), known: HashMap::new(), seen: HashSet::new(), cells: Vec::new(), depth: 0 };
    let term = compiler.number(&tree)?;
    let program = compiler.program.part(term.index);
    let uses = program.uses(term.index);
    let mut cells = compiler.cells;
    for cell in &mut cells {
        cell.shared = cell.unknown.and_then(|unknown| uses.get(unknown)).is_some_and(|uses| *uses > 1);
    }
    Ok(Compiled { program, cells, written: term.text, is_distance: super::distance::is_distance(&tree) })
}

/// What is known of a part that has been compiled.
pub(super) struct Term {
    /// Its instruction.
    pub index: usize,
    /// It with printed numbers in place of the cells.
    pub text: String,
    /// How tightly that binds: 0 sums, 1 products, 2 everything else.
    pub binding: u8,
}

impl Term {
    fn wrapped(self, least: u8) -> String {
        if self.binding < least { format!("({})", self.text) } else { self.text }
    }
}

pub(super) struct Compiler<'a> {
    pub ledger: &'a Ledger,
    pub paper: &'a str,
    pub program: Program,
    /// Unknowns by the address of their cell, which stays where it is while the ledger is borrowed.
    known: HashMap<(*const Cell, Quantity), usize>,
    seen: HashSet<(*const Cell, Quantity, bool)>,
    cells: Vec<CellUse>,
    depth: usize,
}

impl Compiler<'_> {
    /// Compiles a part that is a number.
    pub(super) fn number(&mut self, node: &Node) -> Result<Term, Stop> {
        self.depth += 1;
        let term = match &node.kind {
            Kind::Number { value, text } => self.constant(node, value.clone(), text.clone(), String::new()),
            Kind::Text(_) => {
                Err(ExpressionError::new(node.span.clone(), "expected a number, found a string; a printed number is lit(\"...\")").into())
            }
            Kind::List(_) | Kind::Tuple(_) => Err(ExpressionError::new(node.span.clone(), "expected a number, found a list").into()),
            Kind::Negate(inner) => {
                let inner = self.number(inner)?;
                let index = inner.index;
                self.emit(node, Operation::Negate(index), format!("-{}", inner.wrapped(2)), 2)
            }
            Kind::Chain { first, rest } => self.chain(first, rest),
            Kind::Call { name, name_span, arguments } => {
                let span = name_span.0.clone();
                let signature = function(name).ok_or_else(|| {
                    let hint = suggestion(name, "functions", FUNCTIONS.iter().map(|function| function.name));
                    ExpressionError::new(span, format!("there is no function \"{name}\"{hint}"))
                })?;
                arity(signature, node, arguments)?;
                self.call(name, node, arguments)
            }
        };
        self.depth -= 1;
        term
    }

    fn chain(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Result<Term, Stop> {
        let binding = if rest.first().is_some_and(|(operator, _)| operator.is_additive()) { 0 } else { 1 };
        let term = self.number(first)?;
        let mut index = term.index;
        let mut text = term.wrapped(binding);
        for (operator, operand) in rest {
            let term = self.number(operand)?;
            let operation = match operator {
                Operator::Plus => Operation::Add(index, term.index),
                Operator::Minus => Operation::Subtract(index, term.index),
                Operator::Times => Operation::Multiply(index, term.index),
                Operator::Over => Operation::Divide(index, term.index),
            };
            index = self.push(operation, first.span.start..operand.span.end, String::new(), &integer(0))?;
            let spaced = if binding == 0 { format!(" {} ", operator.symbol()) } else { operator.symbol().to_string() };
            text.push_str(&spaced);
            text.push_str(&term.wrapped(binding + 1));
        }
        Ok(Term { index, text, binding })
    }

    fn call(&mut self, name: &str, node: &Node, arguments: &[Node]) -> Result<Term, Stop> {
        match name {
            "min" | "max" => self.extreme(name, node, arguments),
            "abs" | "sqrt" | "exp" | "log" | "tanh" => {
                let [argument] = arguments else { return Err(unreachable_arity(node)) };
                let argument = self.number(argument)?;
                let operation = match name {
                    "abs" => Operation::Absolute(argument.index),
                    "sqrt" => Operation::Elementary(Elementary::Sqrt, argument.index),
                    "exp" => Operation::Elementary(Elementary::Exp, argument.index),
                    "log" => Operation::Elementary(Elementary::Log, argument.index),
                    _ => Operation::Elementary(Elementary::Tanh, argument.index),
                };
                self.emit(node, operation, format!("{name}({})", argument.text), 2)
            }
            "cell" | "sd" | "xcell" | "avg" | "tot" | "colsum" | "best" | "best_other" | "rank" | "rank_row" | "has" | "lit" => {
                self.read_cells(name, node, arguments)
            }
            _ => self.compute(name, node, arguments),
        }
    }

    fn extreme(&mut self, name: &str, node: &Node, arguments: &[Node]) -> Result<Term, Stop> {
        let mut places = Vec::new();
        let mut texts = Vec::new();
        for argument in arguments {
            let term = self.number(argument)?;
            places.push(term.index);
            texts.push(term.text);
        }
        let operation = if name == "min" { Operation::Least(places) } else { Operation::Greatest(places) };
        self.emit(node, operation, format!("{name}({})", texts.join(", ")), 2)
    }

    /// The value of an argument from the printed numbers as they stand.
    pub(super) fn printed_value(&mut self, node: &Node) -> Result<(Rational, String), Stop> {
        let term = self.number(node)?;
        let value = self.program.instructions.get(term.index).map(|instruction| instruction.nominal.clone());
        value.map(|value| (value, term.text)).ok_or_else(|| unreachable_arity(node))
    }

    /// One exact number.
    pub(super) fn constant(&mut self, node: &Node, value: Rational, text: String, note: String) -> Result<Term, Stop> {
        let index = self.push(Operation::Constant, node.span.clone(), note, &value)?;
        Ok(Term { index, text, binding: 2 })
    }

    pub(super) fn emit(&mut self, node: &Node, operation: Operation, text: String, binding: u8) -> Result<Term, Stop> {
        let index = self.push(operation, node.span.clone(), String::new(), &integer(0))?;
        Ok(Term { index, text, binding })
    }

    /// Adds an instruction and computes its value from the printed numbers; `own` is that of a constant or an unknown.
    fn push(&mut self, operation: Operation, span: Range<usize>, note: String, own: &Rational) -> Result<usize, Stop> {
        let nominal = nominal(&operation, &self.program.instructions, own)
            .map_err(|why| ExpressionError::new(span.clone(), format!("with the numbers as printed this is {why}")))?;
        self.program.instructions.push(Instruction { operation, nominal, span, depth: self.depth.saturating_sub(1), note });
        Ok(self.program.instructions.len() - 1)
    }

    /// An unknown of its own.
    pub(super) fn unknown(&mut self, node: &Node, unknown: Unknown) -> Result<usize, Stop> {
        self.program.unknowns.push(unknown);
        self.use_unknown(node, self.program.unknowns.len() - 1, String::new())
    }

    pub(super) fn use_unknown(&mut self, node: &Node, unknown: usize, note: String) -> Result<usize, Stop> {
        let value = self.program.unknowns.get(unknown).map_or_else(|| integer(0), |unknown| unknown.nominal.clone());
        self.push(Operation::Unknown(unknown), node.span.clone(), note, &value)
    }

    /// A number of a cell: the same unknown wherever it is used.
    pub(super) fn cell_number(&mut self, node: &Node, table: &Table, cell: &Cell, quantity: Quantity, printed: &Printed) -> Result<usize, Stop> {
        self.shared_unknown(node, table, cell, quantity, &printed.text, printed.value.clone(), printed.interval(), String::new())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one unknown, made in two places")]
    pub(super) fn shared_unknown(
        &mut self,
        node: &Node,
        table: &Table,
        cell: &Cell,
        quantity: Quantity,
        printed: &str,
        nominal: Rational,
        interval: Interval,
        note: String,
    ) -> Result<usize, Stop> {
        let key = (std::ptr::from_ref(cell), quantity);
        let unknown = match self.known.get(&key) {
            Some(unknown) => *unknown,
            None => {
                let place = format!("{}, row \"{}\", column \"{}\"", table.name(), cell.row, cell.column);
                self.program.unknowns.push(Unknown { printed: printed.to_owned(), nominal, interval, place });
                let unknown = self.program.unknowns.len() - 1;
                self.known.insert(key, unknown);
                unknown
            }
        };
        self.read(table, cell, quantity, printed, Some(unknown));
        self.use_unknown(node, unknown, note)
    }

    /// Remembers that a number of a cell was read.
    pub(super) fn read(&mut self, table: &Table, cell: &Cell, quantity: Quantity, printed: &str, unknown: Option<usize>) {
        if self.seen.insert((std::ptr::from_ref(cell), quantity, unknown.is_some())) {
            self.cells.push(CellUse {
                paper: table.paper.clone(),
                table: table.id.clone(),
                row: cell.row.clone(),
                column: cell.column.clone(),
                quantity,
                printed: printed.to_owned(),
                unknown,
                shared: false,
            });
        }
    }

    /// The value that a cell prints.
    pub(super) fn value<'c>(&self, node: &Node, table: &Table, cell: &'c Cell) -> Result<&'c Printed, Stop> {
        cell.value.as_ref().ok_or_else(|| Stop::Missing {
            span: node.span.clone(),
            reason: format!("{}, row \"{}\", column \"{}\" is empty", table.name(), cell.row, cell.column),
        })
    }

    /// The standard deviation that a cell prints.
    pub(super) fn deviation<'c>(&self, node: &Node, table: &Table, cell: &'c Cell) -> Result<&'c Printed, Stop> {
        cell.std.as_ref().ok_or_else(|| Stop::Missing {
            span: node.span.clone(),
            reason: format!("{}, row \"{}\", column \"{}\" prints no standard deviation", table.name(), cell.row, cell.column),
        })
    }
}

/// A call whose number of arguments was checked before.
pub(super) fn unreachable_arity(node: &Node) -> Stop {
    ExpressionError::new(node.span.clone(), "this call has too few or too many arguments").into()
}

fn arity(signature: &Signature, node: &Node, arguments: &[Node]) -> Result<(), ExpressionError> {
    if (signature.least..=signature.most).contains(&arguments.len()) {
        return Ok(());
    }
    let Signature { name, arguments: expected, least, most } = signature;
    let many = match (least, most) {
        (least, most) if least == most => least.to_string(),
        (least, &usize::MAX) => format!("at least {least}"),
        (least, most) => format!("{least} to {most}"),
    };
    let span = arguments.get(*most).map_or_else(|| node.span.clone(), |extra| extra.span.start..node.span.end.saturating_sub(1));
    Err(ExpressionError::new(
        span,
        format!("{name}({expected}) takes {many} argument{}, not {}", if many == "1" { "" } else { "s" }, arguments.len()),
    ))
}
