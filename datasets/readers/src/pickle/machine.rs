//! The stack machine: stack, marks, memo and containers.

use std::{collections::HashMap, sync::Arc};

use super::{
    globals::Global,
    input::Input,
    memo::Memo,
    opcode,
    value::{DAMAGED, EXPORT, Value},
};
use crate::{Id, ReadError, Source, Tree};

/// Values of one file; what it nests takes some 70 bytes a value.
const MOST_VALUES: usize = 1 << 27;
/// Bytes of a line that holds a number or a name.
pub(super) const SHORT_LINE: usize = 1024;
const HIGHEST_PROTOCOL: u8 = 5;
const ALLOWED: &str = "one of the names that NumPy arrays and Python's containers need";

/// The machine in the middle of a file.
pub(super) struct Machine {
    pub(super) input: Input,
    values: Vec<Value>,
    stack: Vec<Id>,
    /// Heights of the stack; what lies below the last is out of reach.
    marks: Vec<usize>,
    memo: Memo,
    /// Bytes of text that was encoded, so that this is done once.
    pub(super) encoded: HashMap<Id, Id>,
    /// How many items and bytes may still be copied.
    copies: u64,
    /// The instruction, and its place.
    opcode: u8,
    at: u64,
}

impl Machine {
    pub(super) fn new(source: Arc<Source>) -> Self {
        // These three are shared: lists of truth values are long.
        let values = vec![Value::None, Value::Bool(false), Value::Bool(true)];
        let copies = source.len().saturating_mul(2);
        Self {
            input: Input::new(source),
            values,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Memo::default(),
            encoded: HashMap::new(),
            copies,
            opcode: opcode::STOP,
            at: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Tree, ReadError> {
        loop {
            self.at = self.input.position();
            let opcode = self.input.byte()?;
            self.opcode = opcode;
            match opcode {
                opcode::STOP => {
                    let root = self.pop()?;
                    return super::finish::tree(self.values, root, self.input.source());
                }
                opcode::PROTO => {
                    let version = self.input.byte()?;
                    if version > HIGHEST_PROTOCOL {
                        return Err(self.invalid(format!("protocol {version}"), "protocol 0 to 5", "write the file with protocol 4"));
                    }
                }
                // Frames only help a writer; their length says whether the file is whole.
                opcode::FRAME => {
                    let length = u64::from_le_bytes(self.input.array()?);
                    self.input.source().check(self.input.position(), length)?;
                }
                _ => self.step(opcode)?,
            }
        }
    }

    fn step(&mut self, opcode: u8) -> Result<(), ReadError> {
        match opcode {
            opcode::MARK => self.marks.push(self.stack.len()),
            opcode::POP => {
                if self.stack.len() > self.floor() {
                    self.stack.pop();
                } else {
                    self.pop_mark()?;
                }
            }
            opcode::POP_MARK => drop(self.pop_mark()?),
            opcode::DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            opcode::PUT | opcode::BINPUT | opcode::LONG_BINPUT => {
                let number = self.memo_number(opcode)?;
                let top = self.top()?;
                self.memo.put(number, top);
            }
            opcode::MEMOIZE => {
                let top = self.top()?;
                self.memo.push(top);
            }
            opcode::GET | opcode::BINGET | opcode::LONG_BINGET => {
                let number = self.memo_number(opcode)?;
                let id = self.memo.get(number).ok_or_else(|| self.damaged(format!("memo number {number}"), "one that was given before"))?;
                self.stack.push(id);
            }
            opcode::EMPTY_TUPLE => self.push(Value::Tuple(Vec::new()))?,
            opcode::TUPLE1 => self.tuple(1)?,
            opcode::TUPLE2 => self.tuple(2)?,
            opcode::TUPLE3 => self.tuple(3)?,
            opcode::TUPLE => {
                let items = self.pop_mark()?;
                self.push(Value::Tuple(items))?;
            }
            opcode::EMPTY_LIST => self.push(Value::List(Vec::new()))?,
            opcode::LIST => {
                let items = self.pop_mark()?;
                self.push(Value::List(items))?;
            }
            opcode::APPEND => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            opcode::APPENDS | opcode::ADDITEMS => {
                let items = self.pop_mark()?;
                self.append(&items)?;
            }
            opcode::EMPTY_SET => self.push(Value::Set(Vec::new()))?,
            opcode::FROZENSET => {
                let items = self.pop_mark()?;
                self.push(Value::Set(items))?;
            }
            opcode::EMPTY_DICT => self.push(Value::Dict(Vec::new()))?,
            opcode::DICT => {
                let items = self.pop_mark()?;
                self.push(Value::Dict(Vec::new()))?;
                self.set_items(&items)?;
            }
            opcode::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set_items(&[key, value])?;
            }
            opcode::SETITEMS => {
                let items = self.pop_mark()?;
                self.set_items(&items)?;
            }
            opcode::GLOBAL => {
                let (module, name) = (self.name()?, self.name()?);
                self.global(&module, &name)?;
            }
            opcode::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (module, name) = (self.short_text(module)?, self.short_text(name)?);
                self.global(&module, &name)?;
            }
            opcode::INST => {
                let (module, name) = (self.name()?, self.name()?);
                let arguments = self.pop_mark()?;
                self.global(&module, &name)?;
                let class = self.pop()?;
                self.call(class, &arguments)?;
            }
            opcode::OBJ => {
                let arguments = self.pop_mark()?;
                let (&class, arguments) = arguments.split_first().ok_or_else(|| self.damaged("nothing", "a class and its arguments"))?;
                self.call(class, arguments)?;
            }
            opcode::REDUCE | opcode::NEWOBJ => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                let arguments = self.arguments(arguments)?;
                self.call(callee, &arguments)?;
            }
            opcode::BUILD => {
                let state = self.pop()?;
                let object = self.top()?;
                self.build(object, state)?;
            }
            opcode::PERSID | opcode::BINPERSID => {
                return Err(self.refused("a reference to storage outside the pickle (PyTorch writes such)"));
            }
            opcode::EXT1 | opcode::EXT2 | opcode::EXT4 => return Err(self.refused("a class by its number in a registry")),
            opcode::NEXT_BUFFER | opcode::READONLY_BUFFER => return Err(self.refused("a buffer outside the file")),
            opcode::NEWOBJ_EX => return Err(self.refused("an object made from keywords")),
            _ => return self.literal(opcode),
        }
        Ok(())
    }

    fn memo_number(&mut self, opcode: u8) -> Result<u64, ReadError> {
        match opcode {
            opcode::BINPUT | opcode::BINGET => self.input.byte().map(u64::from),
            opcode::LONG_BINPUT | opcode::LONG_BINGET => self.input.array().map(u32::from_le_bytes).map(u64::from),
            _ => {
                let line = self.input.line(SHORT_LINE)?;
                let number = std::str::from_utf8(&line).ok().and_then(|text| text.trim().parse().ok());
                number.ok_or_else(|| self.damaged(String::from_utf8_lossy(&line), "a memo number"))
            }
        }
    }

    fn name(&mut self) -> Result<String, ReadError> {
        let line = self.input.line(SHORT_LINE)?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), ReadError> {
        let global = Global::of(module, name).ok_or_else(|| self.invalid(format!("the global `{module}.{name}`"), ALLOWED, EXPORT))?;
        self.push(Value::Global(global))
    }

    fn tuple(&mut self, length: usize) -> Result<(), ReadError> {
        let start = self.stack.len().checked_sub(length).filter(|&start| start >= self.floor());
        let start = start.ok_or_else(|| self.damaged("too few values", format!("{length} for a tuple")))?;
        let items = self.stack.drain(start..).collect();
        self.push(Value::Tuple(items))
    }

    fn append(&mut self, items: &[Id]) -> Result<(), ReadError> {
        let list = self.top()?;
        match self.value_mut(list) {
            Value::List(own) | Value::Set(own) => own.extend_from_slice(items),
            other => {
                let found = other.describe();
                return Err(self.damaged(found, "a list or set to append to"));
            }
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), ReadError> {
        let table = self.top()?;
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.damaged("a key without a value", "keys and values"));
        }
        match self.value_mut(table) {
            Value::Dict(entries) => entries.extend(pairs.iter().map(|&[key, value]| (key, value))),
            other => {
                let found = other.describe();
                return Err(self.damaged(found, "a dictionary to put keys and values into"));
            }
        }
        Ok(())
    }

    /// Puts a new value on the stack.
    pub(super) fn push(&mut self, value: Value) -> Result<(), ReadError> {
        let id = self.add(value)?;
        self.stack.push(id);
        Ok(())
    }

    /// Puts a value on the stack that is already there.
    pub(super) fn push_id(&mut self, id: Id) {
        self.stack.push(id);
    }

    /// A new value, not on the stack.
    pub(super) fn add(&mut self, value: Value) -> Result<Id, ReadError> {
        Ok(match value {
            Value::None => Id(0),
            Value::Bool(value) => Id(1 + u32::from(value)),
            _ if self.values.len() >= MOST_VALUES => {
                let expected = format!("at most {MOST_VALUES} values");
                return Err(self.invalid("more", expected, "export long lists of numbers as NumPy arrays"));
            }
            value => {
                self.values.push(value);
                Id((self.values.len() - 1) as u32)
            }
        })
    }

    pub(super) fn value(&self, id: Id) -> &Value {
        &self.values[id.0 as usize]
    }

    pub(super) fn value_mut(&mut self, id: Id) -> &mut Value {
        &mut self.values[id.0 as usize]
    }

    /// The lowest place of the stack that is within reach.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id, ReadError> {
        let within = self.stack.get(self.floor()..).unwrap_or_default();
        within.last().copied().ok_or_else(|| self.damaged("no value", "one on the stack"))
    }

    pub(super) fn pop(&mut self) -> Result<Id, ReadError> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, ReadError> {
        let start = self.marks.pop().ok_or_else(|| self.damaged("no mark", "one on the stack"))?;
        Ok(self.stack.drain(start..).collect())
    }

    /// Counts items or bytes that are about to be copied: writers copy what they wrote once.
    pub(super) fn spend(&mut self, count: u64) -> Result<(), ReadError> {
        let left = self.copies.checked_sub(count);
        self.copies = left.ok_or_else(|| self.damaged("one value copied again and again", "copies no larger than the file"))?;
        Ok(())
    }

    /// An error at the instruction.
    pub(super) fn invalid(&self, found: impl std::fmt::Display, expected: impl std::fmt::Display, remedy: &str) -> ReadError {
        ReadError::invalid(self.input.source().file(), self.place(), found, expected, remedy)
    }

    /// An error at the instruction: no writer writes this.
    pub(super) fn damaged(&self, found: impl std::fmt::Display, expected: impl std::fmt::Display) -> ReadError {
        self.invalid(found, expected, DAMAGED)
    }

    /// An error at the instruction: this is not done here.
    pub(super) fn refused(&self, found: impl std::fmt::Display) -> ReadError {
        self.invalid(found, "plain values and NumPy arrays", EXPORT)
    }

    /// Place and name of the instruction, for messages.
    pub(super) fn place(&self) -> String {
        format!("byte {} ({})", self.at, opcode::name(self.opcode))
    }

    /// Place of the instruction in the file.
    pub(super) fn at(&self) -> u64 {
        self.at
    }
}
