/*!
Python pickles of protocols 0 to 5, read without executing anything.

A pickle is a program for a small stack machine. This machine runs the part of its instructions that makes plain values and knows the few functions and
classes that NumPy arrays and Python's containers need; it recognises them by their full name and does by itself what they would do. A name is never looked up
anywhere, and every other name is refused with the byte where it stands. No crate does this: `serde-pickle` knows no arrays and keeps all bytes in memory.

Large byte strings are not read: an [`Array`](crate::Array) remembers where they lie. Those that protocols 0 and 1 write as a line with escapes are decoded into memory.
As with `pickle.load`, what stands behind the first pickle of a file is not looked at.

# Instructions

| instructions | what writes them |
| --- | --- |
| `PROTO`, `FRAME`, `STOP` | every file; frames since protocol 4 |
| `MARK`, `POP`, `POP_MARK`, `DUP` | every file; tuples that hold themselves pop |
| `PUT`, `BINPUT`, `LONG_BINPUT`, `MEMOIZE`, `GET`, `BINGET`, `LONG_BINGET` | shared values |
| `NONE`, `NEWTRUE`, `NEWFALSE`, `INT`, `BININT`, `BININT1`, `BININT2`, `LONG`, `LONG1`, `LONG4`, `FLOAT`, `BINFLOAT` | constants and numbers |
| `STRING`, `BINSTRING`, `SHORT_BINSTRING` | Python 2's `str`: text, or an array's bytes |
| `UNICODE`, `BINUNICODE`, `SHORT_BINUNICODE`, `BINUNICODE8` | text |
| `BINBYTES`, `SHORT_BINBYTES`, `BINBYTES8`, `BYTEARRAY8` | bytes since protocol 3, buffers of protocol 5 inside the file |
| `EMPTY_TUPLE`, `TUPLE`, `TUPLE1`, `TUPLE2`, `TUPLE3`, `EMPTY_LIST`, `LIST`, `APPEND`, `APPENDS`, `EMPTY_DICT`, `DICT`, `SETITEM`, `SETITEMS`, `EMPTY_SET`, `ADDITEMS`, `FROZENSET` | containers |
| `GLOBAL`, `STACK_GLOBAL`, `REDUCE`, `BUILD`, `INST`, `OBJ`, `NEWOBJ` | arrays, and containers that have no instruction of their own; only with the names below |

Refused: `PERSID` and `BINPERSID` (PyTorch's storages), `EXT1`, `EXT2` and `EXT4` (a registry of the writing program), `NEXT_BUFFER` and `READONLY_BUFFER` (buffers outside the file), `NEWOBJ_EX`.

# Names

| names | why |
| --- | --- |
| `numpy.ndarray`, `_reconstruct` of `numpy.core.multiarray` or `numpy._core.multiarray` | arrays in protocols 0 to 4, and arrays of objects |
| `_frombuffer` of `numpy.core.numeric` or `numpy._core.numeric` | arrays in protocol 5 |
| `scalar` of `numpy.core.multiarray` or `numpy._core.multiarray` | one number: a label that was taken from an array |
| `numpy.dtype`, `numpy.float64` and its like | types of elements |
| `_codecs.encode` with `latin1` | Python 3 writes bytes so in protocols 0 to 2 |
| `list`, `tuple`, `dict`, `set`, `frozenset`, `bytes`, `bytearray` of `builtins` or `__builtin__` | containers in old protocols; what a `defaultdict` makes |
| `int`, `float`, `bool`, `str`, `unicode`, `long`, `object` of the same | what a `defaultdict` makes; never called |
| `collections.OrderedDict`, `collections.defaultdict` | dictionaries of the field's scripts |
| `copyreg._reconstructor`, `copy_reg._reconstructor` | containers in protocols 0 and 1 of Python 2 |

# Bounds

There is no recursion. Every value, mark and place in the memo costs the file at least a byte, memo numbers allocate nothing by themselves, lengths are checked against the
file before anything is read, and what is copied (a set from a list) is counted against the file's size, so that sharing cannot multiply it.
*/

mod call;
mod escape;
mod finish;
mod globals;
mod input;
mod literals;
mod machine;
mod memo;
mod numpy;
mod opcode;
mod value;

use std::sync::Arc;

use crate::{ReadError, Source, Tree};

/// Reads the first pickle of a file.
///
/// Tuples and sets are lists, dictionaries of all kinds are tables, Python 2's `str` is text, a NumPy scalar is a number, a type's name is text. Byte strings of
/// more than 4 KiB are an array of one element that stays in the file. Whole numbers beyond 64 bits (up to 128) are the text of their digits.
///
/// # Errors
/// Where the file is damaged, needs a name or instruction that is refused, or holds a value that contains itself.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    machine::Machine::new(source).run()
}
