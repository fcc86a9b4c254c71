//! NumPy's `.npz`, written an array at a time and a piece of an array at a time.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{Dtype, Element, ReadError};

/// Above this many bytes a member gets the 64-bit header; deflate makes no more than a few bytes in ten thousand of them.
const LARGE: u64 = 4_000_000_000;
/// NumPy 2 has at most as many axes.
const AXES: usize = 64;

/// A file until the first failure, which is told to the caller. The archive that is dropped then tries to go on and would print to standard error that it
/// cannot: behind a failure only the place is counted.
#[derive(Debug)]
struct Until {
    file: BufWriter<File>,
    place: u64,
    failed: bool,
}

impl Until {
    fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), place: 0, failed: false }
    }

    fn told<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.failed = done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl Write for Until {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = if self.failed {
            bytes.len()
        } else {
            let done = self.file.write(bytes);
            self.told(done)?
        };
        self.place += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let done = self.file.flush();
        self.told(done)
    }
}

impl Seek for Until {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.place = if self.failed {
            match to {
                SeekFrom::Start(place) => place,
                SeekFrom::Current(by) => self.place.saturating_add_signed(by),
                SeekFrom::End(_) => self.place,
            }
        } else {
            let done = self.file.seek(to);
            self.told(done)?
        };
        Ok(self.place)
    }
}

/// An archive that is being written. Its bytes depend on what is written alone: every member carries the date 1980-01-01.
#[derive(Debug)]
pub struct NpzWriter {
    archive: ZipWriter<Until>,
    file: PathBuf,
    method: CompressionMethod,
}

impl NpzWriter {
    /// A new archive; members are deflated (as by `numpy.savez_compressed`) where `deflate` says so, else stored.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn create(file: &Path, deflate: bool) -> Result<Self, ReadError> {
        let made = File::create(file).map_err(|source| ReadError::Io { action: "create", file: file.to_owned(), source })?;
        let method = if deflate { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        Ok(Self { archive: ZipWriter::new(Until::new(made)), file: file.to_owned(), method })
    }

    /// Adds an array: `next` gives its bytes in row-major order, a piece at a time, then `None`.
    ///
    /// # Errors
    /// Where NumPy has no such type, the name is there already, the pieces are not as long as the shape says, `next` fails, or the file cannot be written.
    pub fn array<E: From<ReadError>>(
        &mut self,
        name: &str,
        dtype: Dtype,
        shape: &[usize],
        mut next: impl FnMut() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let expected = shape.iter().try_fold(dtype.size as u64, |product, &size| product.checked_mul(size as u64)).filter(|_| shape.len() <= AXES);
        let (Some(descr), Some(expected)) = (descr(dtype), expected) else {
            return Err(self.refused(name, format!("{dtype} {shape:?}"), "numbers, truth values or text that fit into a file").into());
        };
        let options = SimpleFileOptions::DEFAULT.compression_method(self.method).large_file(expected > LARGE);
        self.archive.start_file(format!("{name}.npy"), options).map_err(|error| self.failed(name, error))?;
        self.archive.write_all(&header(&descr, shape)).map_err(|error| self.unwritten(error))?;
        let mut written = 0;
        while let Some(piece) = next()? {
            self.archive.write_all(&piece).map_err(|error| self.unwritten(error))?;
            written += piece.len() as u64;
        }
        if written != expected {
            return Err(self.refused(name, format!("{written} bytes"), &format!("{expected} for {dtype} {shape:?}")).into());
        }
        Ok(())
    }

    /// Adds texts `[N]`, each as wide as the longest (`<U`).
    ///
    /// # Errors
    /// As [`NpzWriter::array`].
    pub fn texts<T: AsRef<str>>(&mut self, name: &str, texts: &[T]) -> Result<(), ReadError> {
        let width = texts.iter().map(|text| text.as_ref().chars().count()).max().unwrap_or(0).max(1);
        let mut rest = texts.iter();
        self.array(name, Dtype { element: Element::Text, size: 4 * width, big_endian: false }, &[texts.len()], || {
            Ok(rest.next().map(|text| {
                let mut bytes: Vec<u8> = text.as_ref().chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
                bytes.resize(4 * width, 0);
                bytes
            }))
        })
    }

    /// Writes the archive's directory. Without it the file is no archive.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn finish(self) -> Result<(), ReadError> {
        let file = self.file;
        let written = self.archive.finish().map_err(io::Error::other).and_then(|mut buffer| buffer.flush());
        written.map_err(|source| ReadError::Io { action: "write", file, source })
    }

    fn refused(&self, name: &str, found: impl std::fmt::Display, expected: &str) -> ReadError {
        ReadError::invalid(&self.file, name, found, expected, "this array cannot be written")
    }

    fn unwritten(&self, source: io::Error) -> ReadError {
        ReadError::Io { action: "write", file: self.file.clone(), source }
    }

    fn failed(&self, name: &str, error: ZipError) -> ReadError {
        match error {
            ZipError::Io(source) => self.unwritten(source),
            error => self.refused(name, error, "a name that is not there yet"),
        }
    }
}

/// NumPy's name of a type.
fn descr(dtype: Dtype) -> Option<String> {
    let order = if dtype.big_endian { '>' } else { '<' };
    let number = |letter: char| if dtype.size == 1 { format!("|{letter}1") } else { format!("{order}{letter}{}", dtype.size) };
    Some(match (dtype.element, dtype.size) {
        (Element::Float, 2 | 4 | 8) => number('f'),
        (Element::Signed, 1 | 2 | 4 | 8) => number('i'),
        (Element::Unsigned, 1 | 2 | 4 | 8) => number('u'),
        (Element::Bool, 1) => "|b1".into(),
        (Element::Text, size) if size % 4 == 0 => format!("{order}U{}", size / 4),
        (Element::Bytes, size) => format!("|S{size}"),
        _ => return None,
    })
}

/// Header of version 1, padded so that the data begin at a multiple of 64. The 16 bits of its length do for [`AXES`].
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", sizes.join(", "));
    let padding = 64 - (10 + text.len() + 1) % 64;
    text.extend(std::iter::repeat_n(' ', padding % 64));
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text.bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_numpys() {
        // numpy 1.26.4: numpy.lib.format.write_array_header_1_0 of zeros((3, 4), "<f4") and of zeros(3, "|b1").
        let expected = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        let found = header("<f4", &[3, 4]);
        assert!(found.starts_with(expected), "{}", String::from_utf8_lossy(&found));
        assert_eq!((found.len(), found.last()), (128, Some(&b'\n')));
        assert!(String::from_utf8_lossy(&header("|b1", &[3])).contains("'shape': (3,), }"));
        assert!(String::from_utf8_lossy(&header("|b1", &[])).contains("'shape': (), }"));
    }

    #[test]
    fn pieces_of_another_length_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = NpzWriter::create(&folder.path().join("a.npz"), false).unwrap();
        let mut pieces = vec![vec![0; 8]].into_iter();
        let error = writer.array("x", Dtype::F32, &[3], || Ok::<_, ReadError>(pieces.next())).unwrap_err().to_string();
        assert!(error.contains("a.npz: x: found 8 bytes, expected 12 for float32 [3]"), "{error}");
        assert!(writer.array("y", Dtype::F32, &[usize::MAX, 2], || Ok::<_, ReadError>(None)).is_err());
    }
}
