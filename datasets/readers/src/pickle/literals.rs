//! Numbers, text and bytes.

use super::{
    escape,
    machine::{Machine, SHORT_LINE},
    opcode,
    value::{Blob, DAMAGED, Value},
};
use crate::ReadError;

/// Bytes and text of at most this length are taken into memory at once; longer ones stay in the file.
const SHORT: u64 = 4096;

impl Machine {
    /// An instruction that makes one value from what stands behind it.
    pub(super) fn literal(&mut self, opcode: u8) -> Result<(), ReadError> {
        let value = match opcode {
            opcode::NONE => Value::None,
            opcode::NEWTRUE => Value::Bool(true),
            opcode::NEWFALSE => Value::Bool(false),
            opcode::BININT => Value::Whole(i32::from_le_bytes(self.input.array()?).into()),
            opcode::BININT1 => Value::Whole(self.input.byte()?.into()),
            opcode::BININT2 => Value::Whole(u16::from_le_bytes(self.input.array()?).into()),
            opcode::LONG1 => {
                let length = self.input.byte()?.into();
                self.long(length)?
            }
            opcode::LONG4 => {
                let length = self.signed_length()?;
                self.long(length)?
            }
            opcode::INT | opcode::LONG => self.decimal(opcode)?,
            opcode::FLOAT => self.float()?,
            opcode::BINFLOAT => Value::Real(f64::from_be_bytes(self.input.array()?)),
            opcode::STRING => {
                let line = self.input.line(usize::MAX)?;
                let decoded = escape::string(&line).ok_or_else(|| self.damaged(String::from_utf8_lossy(&line), "a string in quotes"))?;
                Value::String(Blob::of(decoded))
            }
            opcode::UNICODE => {
                let line = self.input.line(usize::MAX)?;
                let decoded = escape::unicode(&line).ok_or_else(|| self.damaged(String::from_utf8_lossy(&line), "text with whole escapes"))?;
                Value::Text(decoded.into())
            }
            _ => return self.counted(opcode),
        };
        self.push(value)
    }

    /// Text and bytes with their length before them.
    fn counted(&mut self, opcode: u8) -> Result<(), ReadError> {
        let length = match opcode {
            opcode::SHORT_BINSTRING | opcode::SHORT_BINBYTES | opcode::SHORT_BINUNICODE => self.input.byte()?.into(),
            opcode::BINSTRING => self.signed_length()?,
            opcode::BINBYTES | opcode::BINUNICODE => u32::from_le_bytes(self.input.array()?).into(),
            opcode::BINBYTES8 | opcode::BINUNICODE8 | opcode::BYTEARRAY8 => u64::from_le_bytes(self.input.array()?),
            _ => return Err(self.damaged(format!("byte {opcode:#04x}"), "an instruction of a pickle")),
        };
        let value = match opcode {
            opcode::SHORT_BINUNICODE | opcode::BINUNICODE | opcode::BINUNICODE8 => self.text(length)?,
            opcode::SHORT_BINSTRING | opcode::BINSTRING => Value::String(self.blob(length)?),
            _ => Value::Bytes(self.blob(length)?),
        };
        self.push(value)
    }

    fn text(&mut self, length: u64) -> Result<Value, ReadError> {
        if length <= SHORT {
            let bytes = self.input.bytes(length)?;
            return Ok(Value::Text(String::from_utf8_lossy(&bytes).into()));
        }
        let start = self.input.position();
        self.input.skip(length)?;
        Ok(Value::Unread { start, length })
    }

    fn blob(&mut self, length: u64) -> Result<Blob, ReadError> {
        if length <= SHORT {
            return self.input.bytes(length).map(Blob::of);
        }
        let start = self.input.position();
        self.input.skip(length)?;
        Ok(Blob::Span { start, length })
    }

    fn signed_length(&mut self) -> Result<u64, ReadError> {
        let length = i32::from_le_bytes(self.input.array()?);
        u64::try_from(length).map_err(|_| self.damaged(format!("a length of {length}"), "a length of 0 or more"))
    }

    /// A whole number of `length` bytes, the least significant first.
    fn long(&mut self, length: u64) -> Result<Value, ReadError> {
        if length > 16 {
            return Err(self.invalid(format!("a whole number of {length} bytes"), "at most 16", "export such numbers as text"));
        }
        let bytes = self.input.bytes(length)?;
        let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let mut all = [if negative { 0xff } else { 0 }; 16];
        for (place, byte) in all.iter_mut().zip(bytes) {
            *place = byte;
        }
        Ok(whole(i128::from_le_bytes(all)))
    }

    fn decimal(&mut self, opcode: u8) -> Result<Value, ReadError> {
        let line = self.input.line(SHORT_LINE)?;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        // Protocol 0 has no instruction for truth values.
        match (opcode, text) {
            (opcode::INT, "00") => return Ok(Value::Bool(false)),
            (opcode::INT, "01") => return Ok(Value::Bool(true)),
            _ => {}
        }
        let number = text.strip_suffix('L').unwrap_or(text).parse().map(whole);
        number.map_err(|_| self.damaged(format!("`{text}`"), "a whole number of at most 128 bits"))
    }

    fn float(&mut self) -> Result<Value, ReadError> {
        let line = self.input.line(SHORT_LINE)?;
        let text = String::from_utf8_lossy(&line);
        text.trim().parse().map(Value::Real).map_err(|_| self.damaged(format!("`{text}`"), "a real number"))
    }

    /// Text of a few characters: a module's name, a type's code.
    pub(super) fn short_text(&self, id: crate::Id) -> Result<String, ReadError> {
        match self.value(id) {
            Value::Text(text) if text.len() <= SHORT_LINE => Ok(text.to_string()),
            Value::Bytes(Blob::Owned(bytes)) | Value::String(Blob::Owned(bytes)) if bytes.len() <= SHORT_LINE => {
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
            other => Err(self.invalid(other.describe(), "a short text", DAMAGED)),
        }
    }
}

/// A number beyond 64 bits (a hash, an identifier) is the text of its digits.
fn whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::Text(number.to_string().into()), Value::Whole)
}
