//! What the few allowed names do when they are called.

use std::sync::Arc;

use super::{
    globals::{Container, Global},
    machine::Machine,
    value::{Blob, Value},
};
use crate::{Id, Latin1, ReadError};

/// Arguments of one call; none of the names takes more than five.
const MOST_ARGUMENTS: usize = 8;

impl Machine {
    /// The few arguments of a call.
    pub(super) fn arguments(&self, id: Id) -> Result<Vec<Id>, ReadError> {
        match self.value(id) {
            Value::Tuple(arguments) if arguments.len() <= MOST_ARGUMENTS => Ok(arguments.clone()),
            other => Err(self.damaged(other.describe(), format!("a tuple of at most {MOST_ARGUMENTS} arguments"))),
        }
    }

    /// Puts on the stack what the call would give.
    pub(super) fn call(&mut self, callee: Id, arguments: &[Id]) -> Result<(), ReadError> {
        let &Value::Global(global) = self.value(callee) else {
            return Err(self.refused(format!("a call of {}", self.value(callee).describe())));
        };
        match (global, arguments) {
            (Global::Reconstruct, &[class, _, _]) => match self.value(class) {
                Value::Global(Global::Ndarray) => self.push(Value::Blank(self.at())),
                other => Err(self.refused(format!("an array of {}", other.describe()))),
            },
            (Global::Dtype, &[code] | &[code, _, _]) => self.dtype(code),
            (Global::Scalar, &[dtype, data]) => self.scalar(dtype, data),
            (Global::FromBuffer, &[data, dtype, shape, order]) => self.array_of_buffer([data, dtype, shape, order], None),
            (Global::FromBuffer, &[data, dtype, shape, order, axes]) => self.array_of_buffer([data, dtype, shape, order], Some(axes)),
            (Global::Encode, &[text, encoding]) => self.encode(text, encoding).map(|id| self.push_id(id)),
            (Global::Container(container), arguments) => self.container(container, arguments),
            (Global::Reconstructor, &[class, base, state]) => self.reconstructor(class, base, state),
            _ => Err(self.refused(format!("a call of {} with {} arguments", self.value(callee).describe(), arguments.len()))),
        }
    }

    /// `list(state)` and its like, as Python 2 writes subclasses that it treats as the class itself.
    fn reconstructor(&mut self, class: Id, base: Id, state: Id) -> Result<(), ReadError> {
        match (self.value(class), self.value(base), self.value(state)) {
            (&Value::Global(Global::Container(class)), Value::Global(Global::Named("object")), Value::None) => self.container(class, &[]),
            (&Value::Global(Global::Container(class)), &Value::Global(Global::Container(base)), _) if class == base => {
                self.container(class, &[state])
            }
            (class, base, _) => Err(self.refused(format!("an object of {} made as {}", class.describe(), base.describe()))),
        }
    }

    fn container(&mut self, container: Container, arguments: &[Id]) -> Result<(), ReadError> {
        let value = match (container, arguments) {
            (Container::List, []) => Value::List(Vec::new()),
            (Container::List, &[items]) => Value::List(self.items(items)?),
            (Container::Tuple, []) => Value::Tuple(Vec::new()),
            (Container::Tuple, &[items]) => Value::Tuple(self.items(items)?),
            (Container::Set | Container::FrozenSet, []) => Value::Set(Vec::new()),
            (Container::Set | Container::FrozenSet, &[items]) => Value::Set(self.items(items)?),
            (Container::Dict | Container::OrderedDict | Container::DefaultDict, []) => Value::Dict(Vec::new()),
            (Container::Dict | Container::OrderedDict, &[pairs]) => Value::Dict(self.pairs(pairs)?),
            // What makes missing values is dropped: nothing is missing in what was written.
            (Container::DefaultDict, &[factory]) if self.is_factory(factory) => Value::Dict(Vec::new()),
            (Container::DefaultDict, &[factory, pairs]) if self.is_factory(factory) => Value::Dict(self.pairs(pairs)?),
            (Container::Bytes | Container::ByteArray, []) => Value::Bytes(Blob::of(Vec::new())),
            (Container::Bytes | Container::ByteArray, &[bytes]) => Value::Bytes(self.copied_blob(bytes)?),
            (Container::Bytes | Container::ByteArray, &[text, encoding]) => {
                let bytes = self.encode(text, encoding)?;
                Value::Bytes(self.copied_blob(bytes)?)
            }
            _ => return Err(self.refused(format!("a call of `{}` with {} arguments of other kinds", Global::Container(container), arguments.len()))),
        };
        self.push(value)
    }

    fn is_factory(&self, id: Id) -> bool {
        matches!(self.value(id), Value::None | Value::Global(_))
    }

    fn items(&mut self, id: Id) -> Result<Vec<Id>, ReadError> {
        let (Value::List(items) | Value::Tuple(items) | Value::Set(items)) = self.value(id) else {
            return Err(self.refused(format!("a container made from {}", self.value(id).describe())));
        };
        let count = items.len() as u64;
        self.spend(count)?;
        match self.value(id) {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => Ok(items.clone()),
            _ => Ok(Vec::new()),
        }
    }

    fn pairs(&mut self, id: Id) -> Result<Vec<(Id, Id)>, ReadError> {
        if let Value::Dict(entries) = self.value(id) {
            let count = entries.len() as u64;
            self.spend(count)?;
        }
        if let Value::Dict(entries) = self.value(id) {
            return Ok(entries.clone());
        }
        let pair = |item: Id| match self.value(item) {
            Value::List(pair) | Value::Tuple(pair) => match **pair {
                [key, value] => Ok((key, value)),
                _ => Err(self.damaged(self.value(item).describe(), "a key and a value")),
            },
            other => Err(self.damaged(other.describe(), "a key and a value")),
        };
        let (Value::List(items) | Value::Tuple(items)) = self.value(id) else {
            return Err(self.refused(format!("a dictionary made from {}", self.value(id).describe())));
        };
        let count = items.len() as u64;
        let pairs = items.iter().map(|&item| pair(item)).collect::<Result<Vec<_>, _>>()?;
        self.spend(count)?;
        Ok(pairs)
    }

    /// The bytes of a value; those that are in memory count as copied, since each value that is kept takes them into its own node.
    pub(super) fn copied_blob(&mut self, id: Id) -> Result<Blob, ReadError> {
        let blob = self.blob_of(id)?.clone();
        if matches!(blob, Blob::Owned(_)) {
            self.spend(blob.len())?;
        }
        Ok(blob)
    }

    pub(super) fn blob_of(&self, id: Id) -> Result<&Blob, ReadError> {
        match self.value(id) {
            Value::Bytes(blob) | Value::String(blob) => Ok(blob),
            other => Err(self.damaged(other.describe(), "bytes")),
        }
    }

    /// Text of characters below 256 as bytes: Python 3 writes bytes so in protocols 0 to 2.
    fn encode(&mut self, text: Id, encoding: Id) -> Result<Id, ReadError> {
        let name = self.short_text(encoding)?;
        if !matches!(&*name, "latin1" | "latin-1") {
            return Err(self.refused(format!("text to be encoded as `{name}`")));
        }
        if let Some(&known) = self.encoded.get(&text) {
            return Ok(known);
        }
        let blob = match self.value(text) {
            Value::Text(text) => {
                let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
                Blob::of(bytes.ok_or_else(|| self.damaged("a character above 255", "text that stands for bytes"))?)
            }
            &Value::Unread { start, length } => Blob::Latin1(Arc::new(Latin1::scan(self.input.source(), start, length)?)),
            other => return Err(self.damaged(other.describe(), "text that stands for bytes")),
        };
        let id = self.add(Value::Bytes(blob))?;
        self.encoded.insert(text, id);
        Ok(id)
    }
}
