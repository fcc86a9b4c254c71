/*!
What a pickle, a `.mat` file or an archive nests, as a tree in one vector: no recursion to build or drop it, and shared parts stay shared.
*/

use std::sync::Arc;

use crate::{Array, ReadError, Source};

/// Place of a node in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(pub u32);

/// One value.
#[derive(Debug, Clone)]
pub enum Node {
    /// Python's `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A real number.
    Real(f64),
    /// Text; bytes of Python 2 are text where they are UTF-8, else Latin-1.
    Text(Arc<str>),
    /// Bytes that are in memory: short ones.
    Bytes(Arc<[u8]>),
    /// A list, tuple, set or MATLAB cell array, in order.
    List(Vec<Id>),
    /// Keys and values in order: a dict, a struct, an archive's members, a group of HDF5.
    Table(Vec<(Id, Id)>),
    /// An array.
    Array(Arc<Array>),
}

/// All values of one file, and the one that is outermost.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    root: Id,
    source: Arc<Source>,
}

impl Tree {
    /// A tree of these nodes.
    ///
    /// # Errors
    /// Where an id is no node's, or a value contains itself.
    pub fn new(nodes: Vec<Node>, root: Id, source: Arc<Source>) -> Result<Self, ReadError> {
        let tree = Self { nodes, root, source };
        let damaged = |found: String| {
            ReadError::invalid(tree.source.file(), "values", found, "values that end", "the file is damaged or hostile: get it again")
        };
        // 0: not seen, 1: its parts are being looked at, 2: done.
        let mut state = vec![0_u8; tree.nodes.len()];
        let mut stack = vec![(tree.root, false)];
        while let Some((Id(id), leaving)) = stack.pop() {
            let at = id as usize;
            let seen = state.get(at).copied().ok_or_else(|| damaged(format!("a reference to value {id}")))?;
            match (leaving, seen) {
                (true, _) => state[at] = 2,
                (false, 1) => return Err(damaged("a value that contains itself".into())),
                (false, 2) => {}
                (false, _) => {
                    state[at] = 1;
                    stack.push((Id(id), true));
                    match &tree.nodes[at] {
                        Node::List(items) => stack.extend(items.iter().filter(|id| tree.is_open(**id, &state)).map(|&id| (id, false))),
                        Node::Table(entries) => {
                            stack.extend(
                                entries.iter().flat_map(|&(key, value)| [key, value]).filter(|id| tree.is_open(*id, &state)).map(|id| (id, false)),
                            );
                        }
                        Node::Array(array) => {
                            if let crate::Data::Objects(items) = &array.data {
                                stack.extend(items.iter().filter(|id| tree.is_open(**id, &state)).map(|&id| (id, false)));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(tree)
    }

    /// Adds all values to those of a file that holds this one, an archive; gives the place of the outermost. `None` where there would be too many.
    pub(crate) fn graft(self, nodes: &mut Vec<Node>) -> Option<Id> {
        let by = u32::try_from(nodes.len()).ok()?;
        u32::try_from(nodes.len() + self.nodes.len()).ok()?;
        let moved = |id: Id| Id(id.0 + by);
        nodes.extend(self.nodes.into_iter().map(|node| match node {
            Node::List(items) => Node::List(items.into_iter().map(moved).collect()),
            Node::Table(entries) => Node::Table(entries.into_iter().map(|(key, value)| (moved(key), moved(value))).collect()),
            Node::Array(array) => match &array.data {
                crate::Data::Objects(items) => {
                    let data = crate::Data::Objects(Arc::new(items.iter().copied().map(moved).collect()));
                    Node::Array(Arc::new(Array { data, ..(*array).clone() }))
                }
                _ => Node::Array(array),
            },
            node => node,
        }));
        Some(moved(self.root))
    }

    fn is_open(&self, id: Id, state: &[u8]) -> bool {
        state.get(id.0 as usize).is_none_or(|&seen| seen != 2)
    }

    /// The outermost value.
    pub fn root(&self) -> View<'_> {
        View { tree: self, id: self.root, path: String::new() }
    }

    /// The file it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }
}

/// A value with the path that led to it: `train.audio`, `[3][0][1]`.
#[derive(Debug, Clone)]
pub struct View<'a> {
    tree: &'a Tree,
    id: Id,
    path: String,
}

impl<'a> View<'a> {
    /// The value itself.
    pub fn node(&self) -> &'a Node {
        &self.tree.nodes[self.id.0 as usize]
    }

    /// The path that led here; `the whole file` for the outermost value.
    pub fn path(&self) -> &str {
        if self.path.is_empty() { "the whole file" } else { &self.path }
    }

    /// The file.
    pub fn source(&self) -> &'a Arc<Source> {
        &self.tree.source
    }

    /// An error at this place: what is here against `expected`.
    pub fn unexpected(&self, expected: impl std::fmt::Display) -> ReadError {
        self.invalid(self.describe(), expected, "check that this is the right file and format")
    }

    /// An error at this place.
    pub fn invalid(&self, found: impl std::fmt::Display, expected: impl std::fmt::Display, remedy: impl std::fmt::Display) -> ReadError {
        ReadError::invalid(self.tree.source.file(), self.path(), found, expected, remedy)
    }

    /// What is here, in a few words: `a list of 3`, `float32 [1284, 50]`, `keys train, valid, test`.
    pub fn describe(&self) -> String {
        match self.node() {
            Node::None => "None".into(),
            Node::Bool(value) => value.to_string(),
            Node::Whole(value) => format!("the number {value}"),
            Node::Real(value) => format!("the number {value}"),
            Node::Text(text) => format!("the text `{text}`"),
            Node::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Node::List(items) => format!("a list of {}", items.len()),
            Node::Table(entries) => {
                let keys: Vec<String> = entries.iter().take(12).map(|&(key, _)| self.at(key, String::new()).label()).collect();
                let more = if entries.len() > keys.len() { format!(" and {} more", entries.len() - keys.len()) } else { String::new() };
                if keys.is_empty() { "no keys".into() } else { format!("keys {}{more}", keys.join(", ")) }
            }
            Node::Array(array) => array.describe(),
        }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// Where this has no keys, or not this one.
    pub fn key(&self, key: &str) -> Result<Self, ReadError> {
        self.find(key)?.ok_or_else(|| self.unexpected(format!("a key `{key}`")))
    }

    /// The value of a key, if it is there. The first of the keys that are the same.
    ///
    /// # Errors
    /// Where this has no keys.
    pub fn find(&self, key: &str) -> Result<Option<Self>, ReadError> {
        let Node::Table(entries) = self.node() else { return Err(self.unexpected(format!("keys, of which one is `{key}`"))) };
        let found = entries.iter().find(|&&(name, _)| self.at(name, String::new()).is_text(key));
        Ok(found.map(|&(_, value)| self.at(value, self.below(key))))
    }

    /// Keys (as text) and values, in order.
    ///
    /// # Errors
    /// Where this has no keys.
    pub fn entries(&self) -> Result<Vec<(String, Self)>, ReadError> {
        let Node::Table(entries) = self.node() else { return Err(self.unexpected("keys and values")) };
        let entry = |&(key, value): &(Id, Id)| {
            let key = self.at(key, String::new()).label();
            let value = self.at(value, self.below(&key));
            (key, value)
        };
        Ok(entries.iter().map(entry).collect())
    }

    /// Number of items of a list, array of objects, or rows of an array.
    ///
    /// # Errors
    /// Where this is neither.
    pub fn count(&self) -> Result<usize, ReadError> {
        match self.node() {
            Node::List(items) => Ok(items.len()),
            Node::Array(array) if !array.shape.is_empty() => Ok(array.rows()),
            _ => Err(self.unexpected("a list")),
        }
    }

    /// The items of a list, or of an array of objects.
    ///
    /// # Errors
    /// Where this is neither.
    pub fn items(&self) -> Result<Vec<Self>, ReadError> {
        let items = match self.node() {
            Node::List(items) => items,
            Node::Array(array) => match &array.data {
                crate::Data::Objects(items) => &**items,
                _ => return Err(self.unexpected("a list")),
            },
            _ => return Err(self.unexpected("a list")),
        };
        Ok(items.iter().enumerate().map(|(at, &id)| self.at(id, format!("{}[{at}]", self.path))).collect())
    }

    /// The array here. Lists of numbers, and lists of such lists of one length, are arrays in memory; a number is an array without axes.
    ///
    /// # Errors
    /// Where there is something else.
    pub fn array(&self) -> Result<Arc<Array>, ReadError> {
        if let Node::Array(array) = self.node()
            && !matches!(array.data, crate::Data::Objects(_))
        {
            return Ok(Arc::clone(array));
        }
        let mut numbers = Vec::new();
        // What is gathered is copied, and shared parts of a hostile file would multiply.
        let mut budget = self.source().len().saturating_mul(8).max(1 << 20);
        let shape = self.gather(&mut numbers, 0, &mut budget)?;
        Ok(Arc::new(Array::of_numbers(shape, &numbers, Arc::clone(self.source()))))
    }

    /// All rows of the array here as whole numbers.
    ///
    /// # Errors
    /// Where there is no array, or a number is not whole.
    pub fn wholes(&self) -> Result<Vec<i64>, ReadError> {
        let array = self.array()?;
        array.wholes(self.path(), 0..array.rows())
    }

    /// All rows of the array here as real numbers, row-major.
    ///
    /// # Errors
    /// Where there is no array of numbers.
    pub fn reals(&self) -> Result<Vec<f64>, ReadError> {
        let array = self.array()?;
        array.reals(self.path(), 0..array.rows())
    }

    /// Text; bytes are taken as UTF-8, else as Latin-1; whole numbers as their digits; an array without axes as its element.
    ///
    /// # Errors
    /// Where there is something else.
    pub fn text(&self) -> Result<String, ReadError> {
        match self.node() {
            Node::Text(text) => Ok(text.to_string()),
            Node::Bytes(bytes) => Ok(crate::array::narrow(bytes)),
            Node::Whole(value) => Ok(value.to_string()),
            Node::Array(array) if array.numel() == Some(1) => match &array.data {
                crate::Data::Objects(items) => {
                    items.first().map_or_else(|| Err(self.unexpected("text")), |&id| self.at(id, self.path.clone()).text())
                }
                _ => array.texts(self.path(), 0..array.rows())?.pop().ok_or_else(|| self.unexpected("text")),
            },
            _ => Err(self.unexpected("text")),
        }
    }

    /// A text for each item of a list or row of an array of text.
    ///
    /// # Errors
    /// Where there is something else.
    pub fn texts(&self) -> Result<Vec<String>, ReadError> {
        match self.node() {
            Node::Array(array) if !matches!(array.data, crate::Data::Objects(_)) => array.texts(self.path(), 0..array.rows()),
            _ => self.items()?.iter().map(Self::text).collect(),
        }
    }

    /// Whether this is that text.
    fn is_text(&self, text: &str) -> bool {
        match self.node() {
            Node::Text(own) => **own == *text,
            Node::Bytes(own) => **own == *text.as_bytes(),
            Node::Whole(own) => own.to_string() == text,
            _ => false,
        }
    }

    fn label(&self) -> String {
        self.text().unwrap_or_else(|_| "(no text)".into())
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn at(&self, id: Id, path: String) -> Self {
        Self { tree: self.tree, id, path }
    }

    /// Appends all numbers here, and gives the shape. NumPy has at most 32 axes.
    fn gather(&self, numbers: &mut Vec<f64>, depth: usize, budget: &mut u64) -> Result<Vec<usize>, ReadError> {
        let cost = if let Node::Array(array) = self.node() { array.numel().map_or(u64::MAX, |count| count as u64) } else { 1 };
        *budget = budget.checked_sub(cost.max(1)).ok_or_else(|| self.unexpected("fewer numbers than the file has room for"))?;
        match self.node() {
            Node::Whole(value) => numbers.push(*value as f64),
            Node::Real(value) => numbers.push(*value),
            Node::Bool(value) => numbers.push(f64::from(u8::from(*value))),
            Node::Array(array) if !matches!(array.data, crate::Data::Objects(_)) => {
                numbers.extend(array.reals(self.path(), 0..array.rows())?);
                return Ok(array.shape.clone());
            }
            _ => {
                let items = self.items().map_err(|_| self.unexpected("an array, or a list of numbers"))?;
                if depth > 32 {
                    return Err(self.unexpected("at most 32 axes"));
                }
                let mut inner: Option<Vec<usize>> = None;
                for item in &items {
                    let shape = item.gather(numbers, depth + 1, budget)?;
                    if let Some(before) = inner.as_ref().filter(|before| **before != shape) {
                        return Err(item.invalid(
                            format!("shape {shape:?}"),
                            format!("the shape of those before, {before:?}"),
                            "give lists of one length",
                        ));
                    }
                    inner = Some(shape);
                }
                return Ok([vec![items.len()], inner.unwrap_or_default()].concat());
            }
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(nodes: Vec<Node>, root: u32) -> Result<Tree, ReadError> {
        Tree::new(nodes, Id(root), Arc::new(Source::memory("test.pkl", vec![0; 64])))
    }

    #[test]
    fn a_path_leads_to_every_error() {
        let text = |text: &str| Node::Text(text.into());
        let nodes = vec![text("train"), text("audio"), Node::Whole(3), Node::Table(vec![(Id(1), Id(2))]), Node::Table(vec![(Id(0), Id(3))])];
        let tree = tree(nodes, 4).unwrap();
        let error = tree.root().key("train").unwrap().key("audio").unwrap().items().unwrap_err().to_string();
        assert!(error.starts_with("test.pkl: train.audio: found the number 3, expected a list"), "{error}");
        let error = tree.root().key("valid").unwrap_err().to_string();
        assert!(error.contains("the whole file: found keys train, expected a key `valid`"), "{error}");
    }

    #[test]
    fn lists_of_numbers_are_arrays() {
        let nodes = vec![
            Node::Whole(1),
            Node::Real(2.5),
            Node::List(vec![Id(0), Id(1)]),
            Node::List(vec![Id(2), Id(2), Id(2)]),
            Node::List(vec![Id(2), Id(0)]),
        ];
        let even = tree(nodes.clone(), 3).unwrap();
        let array = even.root().array().unwrap();
        assert_eq!((array.shape.clone(), array.reals("a", 0..3).unwrap()), (vec![3, 2], vec![1.0, 2.5, 1.0, 2.5, 1.0, 2.5]));
        let error = tree(nodes, 4).unwrap().root().array().unwrap_err().to_string();
        assert!(error.contains("[1]: found shape [], expected the shape of those before, [2]"), "{error}");
    }

    #[test]
    fn values_that_contain_themselves_and_dangling_references_are_refused() {
        assert!(tree(vec![Node::List(vec![Id(1)]), Node::List(vec![Id(0)])], 0).is_err());
        assert!(tree(vec![Node::List(vec![Id(7)])], 0).is_err());
        assert!(tree(vec![Node::List(vec![Id(1), Id(1)]), Node::List(vec![])], 0).is_ok());
    }

    #[test]
    fn shared_lists_do_not_multiply() {
        let mut nodes = vec![Node::List(vec![])];
        for below in 0..30 {
            nodes.push(Node::List(vec![Id(below); 100]));
        }
        assert!(tree(nodes, 30).unwrap().root().array().is_err());
    }
}
