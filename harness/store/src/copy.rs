//! Copies of files, and whether two hold the same.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::{StoreError, WholeFile, trial::hex};

/// Bytes read at a time.
const BLOCK: usize = 1 << 16;

/// A copy that is checked before it stands at its place: dropped before that, it leaves nothing.
#[derive(Debug)]
pub struct FileCopy {
    file: WholeFile,
    hash: String,
}

impl FileCopy {
    /// Copies `from` beside `to`.
    ///
    /// # Errors
    /// The file system's refusal, naming the file that it is about.
    pub fn begin(from: &Path, to: &Path) -> Result<Self, StoreError> {
        let mut source = File::open(from).map_err(StoreError::io("read", from))?;
        let mut file = WholeFile::create(to)?;
        let (mut block, mut digest) = (vec![0; BLOCK], Sha256::new());
        loop {
            let bytes = next(&mut source, &mut block).map_err(StoreError::io("read", from))?;
            if bytes.is_empty() {
                return Ok(Self { file, hash: hex(&digest.finalize()) });
            }
            digest.update(bytes);
            file.write_all(bytes).map_err(StoreError::io("write", to))?;
        }
    }

    /// SHA-256 of the bytes, in hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Forces it to disk and puts it in its place.
    ///
    /// # Errors
    /// The file system's refusal, naming the file.
    pub fn finish(self) -> Result<(), StoreError> {
        self.file.finish()
    }
}

/// Whether two files hold the same bytes.
///
/// # Errors
/// The file system's refusal, naming the file.
pub fn same(one: &Path, other: &Path) -> Result<bool, StoreError> {
    let open = |path: &Path| File::open(path).map_err(StoreError::io("read", path));
    let (mut first, mut second) = (open(one)?, open(other)?);
    let (mut own, mut others) = (vec![0; BLOCK], vec![0; BLOCK]);
    loop {
        let left = next(&mut first, &mut own).map_err(StoreError::io("read", one))?;
        let right = next(&mut second, &mut others).map_err(StoreError::io("read", other))?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// The next block, full unless the file ends in it.
fn next<'a>(file: &mut File, block: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut filled = 0;
    while filled < block.len() {
        match file.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&block[..filled])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// SHA-256 of `abc` is in FIPS 180-4's examples.
    #[test]
    fn a_copy_holds_the_same_and_knows_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "abc").unwrap();
        let copy = FileCopy::begin(&path("a"), &path("b")).unwrap();
        assert_eq!(copy.hash(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(!path("b").exists());
        copy.finish().unwrap();
        assert!(same(&path("a"), &path("b")).unwrap());
        drop(FileCopy::begin(&path("a"), &path("c")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn files_differ_in_a_byte_or_in_length() {
        let folder = tempfile::tempdir().unwrap();
        let long = vec![7u8; 2 * BLOCK];
        let mut other = long.clone();
        other[BLOCK + 1] = 8;
        for (name, bytes) in [("long", &long[..]), ("other", &other), ("shorter", &long[1..]), ("half", &long[..BLOCK]), ("none", &[])] {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let same = |other: &str| same(&folder.path().join("long"), &folder.path().join(other)).unwrap();
        assert!(same("long"));
        assert!(!same("other") && !same("shorter") && !same("half") && !same("none"));
    }

    #[test]
    fn a_refusal_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = FileCopy::begin(&folder.path().join("nowhere"), &folder.path().join("b")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read ") && error.contains("nowhere"), "{error}");
    }
}
