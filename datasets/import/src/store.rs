//! The files that were given, and the arrays and columns in them by name.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use bench_readers::{Container, ReadError, Source, Tree};

use crate::{
    ImportError,
    field::Field,
    formats,
    spec::{FileEntry, Missing, Names},
    table::{Style, Table},
};

/// Deepest folder below a PATH that is looked into, and most files there.
const DEPTH: usize = 5;
const MOST_FILES: usize = 100_000;
/// Endings of the files that are looked for in folders.
const ENDINGS: [&str; 12] = ["npy", "npz", "mat", "h5", "hdf5", "safetensors", "csv", "tsv", "txt", "pkl", "pickle", "p"];

/// The files that were given; those in folders are opened when a name asks for them.
#[derive(Debug)]
pub(crate) struct Store {
    files: Vec<File>,
}

/// A file with all that it may be called.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    names: Vec<String>,
    style: Style,
    pub(crate) id: Option<Names>,
    pub(crate) missing: Missing,
    pub(crate) content: Option<Content>,
    /// Whether its arrays are found without the file's name.
    open: bool,
}

/// What a file holds.
#[derive(Debug)]
pub(crate) enum Content {
    Tree(Tree),
    Table(Table),
}

impl Store {
    /// The files at these paths; `entries` says how some are read, `beside` is where their paths may start from too (the spec's folder).
    ///
    /// # Errors
    /// Where a file cannot be read, or an entry's is not there.
    pub(crate) fn open(paths: &[PathBuf], entries: &[FileEntry], beside: Option<&Path>) -> Result<Self, ImportError> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let mut found = Vec::new();
                below(path, DEPTH, &mut found)?;
                found.sort();
                files.extend(found.iter().map(|file| File::new(file, file.strip_prefix(path).unwrap_or(file), false)));
            } else {
                files.push(File::new(path, path, true));
            }
        }
        let mut store = Self { files };
        for entry in entries {
            store.describe(entry, beside)?;
        }
        for file in &mut store.files {
            if file.open {
                file.read()?;
            }
        }
        Ok(store)
    }

    /// What an entry of the spec says about a file; one that was not given is looked for beside the spec.
    fn describe(&mut self, entry: &FileEntry, beside: Option<&Path>) -> Result<(), ImportError> {
        let wanted = entry.path.as_deref().unwrap_or(&entry.name);
        let at = match self.called(wanted)? {
            Some(at) => at,
            None => {
                let path = beside.map(|folder| folder.join(wanted)).filter(|path| path.is_file()).ok_or_else(|| {
                    ImportError::request(format!("file `{}`: found no `{wanted}` among the paths or beside the spec; give its path", entry.name))
                })?;
                self.files.push(File::new(&path, &path, false));
                self.files.len() - 1
            }
        };
        let Some(file) = self.files.get_mut(at) else { return Ok(()) };
        file.names.push(entry.name.clone());
        file.id.clone_from(&entry.id);
        file.missing = entry.missing;
        file.style.header = entry.header;
        file.style.columns.clone_from(&entry.columns);
        if let Some(delimiter) = entry.delimiter {
            file.style.delimiter = u8::try_from(delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
                ImportError::request(format!("file `{}`: found the delimiter `{delimiter}`, expected an ASCII character", entry.name))
            })?;
        }
        Ok(())
    }

    /// Opens the file that a name needs, if it is in a folder.
    pub(crate) fn prepare(&mut self, name: &str) -> Result<(), ImportError> {
        let name = cut(name).0;
        if self.holding(name).is_empty() {
            let part = name.split_once(':').map_or(name, |(file, _)| file);
            let at = match self.called(name)? {
                Some(at) => Some(at),
                None => self.called(part)?,
            };
            if let Some(file) = at.and_then(|at| self.files.get_mut(at)) {
                file.read()?;
            }
        }
        Ok(())
    }

    /// What a name stands for: `array`, `FILE:array`, `FILE` (one array, or all columns), each with `[a:b]` for some rows. Several names are columns of a table.
    ///
    /// # Errors
    /// Where there is no such thing, or several.
    pub(crate) fn field(&self, names: &Names) -> Result<Field<'_>, ImportError> {
        let mut found: Option<Field<'_>> = None;
        for name in names.list() {
            let field = self.single(name)?;
            found = Some(match found {
                None => field,
                Some(before) => before.with(field)?,
            });
        }
        found.ok_or_else(|| ImportError::request("found an empty list of names, expected the name of an array or column"))
    }

    fn single(&self, name: &str) -> Result<Field<'_>, ImportError> {
        let (bare, rows) = cut(name);
        // A key may itself hold a bracket.
        let (wanted, rows) =
            if rows.is_some() && self.holding(bare).is_empty() && !self.holding(name).is_empty() { (name, None) } else { (bare, rows) };
        let held = self.holding(wanted);
        let candidates: Vec<(&File, &str)> = if held.is_empty() {
            let whole = self.called(wanted)?.map(|at| (at, ""));
            let part = || wanted.split_once(':').and_then(|(file, array)| Some((self.called(file).ok()??, array)));
            whole.or_else(part).and_then(|(at, array)| Some((self.files.get(at)?, array))).into_iter().collect()
        } else {
            held.into_iter().map(|file| (file, wanted)).collect()
        };
        match *candidates {
            [(file, array)] => Field::of(file, array, rows.unwrap_or(0..usize::MAX)),
            [] => Err(ImportError::request(format!("`{name}`: found nothing of this name, expected one of {}", self.listing()))),
            _ => {
                let places: Vec<String> = candidates.iter().map(|(file, _)| file.path.display().to_string()).collect();
                Err(ImportError::request(format!("`{name}`: found it in {}, expected it in one file; write `FILE:{wanted}`", places.join(" and "))))
            }
        }
    }

    /// Opened files in which a name stands for something.
    fn holding(&self, name: &str) -> Vec<&File> {
        self.files.iter().filter(|file| file.open && file.has(name)).collect()
    }

    /// The file of this name, or path below a given folder, with or without its ending.
    fn called(&self, name: &str) -> Result<Option<usize>, ImportError> {
        // Names at the front of the list are more exact.
        for rank in 0..4 {
            let fits = |file: &File| {
                if rank == 3 { file.names.iter().skip(3).any(|own| own == name) } else { file.names.get(rank).is_some_and(|own| own == name) }
            };
            let found: Vec<usize> = (0..self.files.len()).filter(|&at| self.files.get(at).is_some_and(fits)).collect();
            match *found {
                [] => {}
                [at] => return Ok(Some(at)),
                _ => {
                    return Err(ImportError::request(format!(
                        "`{name}`: found {} files of this name, expected one; name it with its folder",
                        found.len()
                    )));
                }
            }
        }
        Ok(None)
    }

    /// Names that can be used, the first ones.
    fn listing(&self) -> String {
        let inside = self.files.iter().filter(|file| file.open).flat_map(File::keys);
        let folder = self.files.iter().filter(|file| !file.open).filter_map(|file| file.names.first().cloned());
        let names: Vec<String> = inside.chain(folder).take(25).collect();
        if names.is_empty() { "none: no file was given".into() } else { names.join(", ") }
    }

    /// All names in the opened files, each once.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for key in self.files.iter().filter(|file| file.open).flat_map(File::keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The files.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }
}

impl File {
    fn new(path: &Path, relative: &Path, open: bool) -> Self {
        let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
        let base = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bare = relative.with_extension("");
        let names = vec![text(relative), text(&bare), base(relative), base(&bare)];
        Self { path: path.to_owned(), names, style: Style::of(path), id: None, missing: Missing::Refuse, content: None, open }
    }

    fn read(&mut self) -> Result<(), ImportError> {
        if self.content.is_none() {
            let source = Source::open(&self.path)?;
            let called = |ending: &str| self.path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
            let text = called("csv") || called("tsv") || Container::of(&source)? == Container::Text;
            self.content = Some(if text { Content::Table(Table::open(&self.path, &self.style)?) } else { Content::Tree(formats::open(&self.path)?) });
        }
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        match &self.content {
            Some(Content::Tree(tree)) => crate::field::walk(tree, name).is_some(),
            Some(Content::Table(table)) => !table.find(name).is_empty(),
            None => false,
        }
    }

    fn keys(&self) -> Vec<String> {
        match &self.content {
            Some(Content::Tree(tree)) => match tree.root().entries() {
                Ok(entries) => entries.into_iter().map(|(key, _)| key).collect(),
                Err(_) => self.names.last().cloned().into_iter().collect(),
            },
            Some(Content::Table(table)) => table.columns.clone(),
            None => Vec::new(),
        }
    }

    /// What it is called in messages.
    pub(crate) fn label(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Files below a folder that a reader may take.
fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), ImportError> {
    let failed = |source| ReadError::Io { action: "read", file: folder.to_owned(), source };
    for entry in folder.read_dir().map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            // Links may lead in circles.
            if depth > 0 && !path.is_symlink() {
                below(&path, depth - 1, found)?;
            }
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))) {
            if found.len() >= MOST_FILES {
                return Err(ImportError::request(format!(
                    "{}: found more than {MOST_FILES} files, expected the folder of one dataset; name the files themselves",
                    folder.display()
                )));
            }
            found.push(path);
        }
    }
    Ok(())
}

/// A name without its `[a:b]`, and these rows.
fn cut(name: &str) -> (&str, Option<Range<usize>>) {
    let parts = || {
        let (bare, rest) = name.strip_suffix(']')?.rsplit_once('[')?;
        let (from, to) = rest.split_once(':')?;
        let bound = |text: &str, absent: usize| if text.trim().is_empty() { Some(absent) } else { text.trim().parse().ok() };
        Some((bare, bound(from, 0)?..bound(to, usize::MAX)?))
    };
    parts().map_or((name, None), |(bare, rows)| (bare, Some(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_as_in_python() {
        assert_eq!(cut("x[2:5]"), ("x", Some(2..5)));
        assert_eq!(cut("a:x[:5]"), ("a:x", Some(0..5)));
        assert_eq!(cut("x[5:]"), ("x", Some(5..usize::MAX)));
        assert_eq!(cut("x[5]"), ("x[5]", None));
        assert_eq!(cut("x"), ("x", None));
    }
}
