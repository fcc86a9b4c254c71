//! What targets do with a reader that makes a tree. Only the readers' own types are used here: their tests take this file in as a module.

use std::sync::Arc;

use bench_readers::{Data, Node, ReadError, Source, Tree};

/// Values looked at; what is shared would otherwise be walked once for each way that leads to it.
const MOST_VALUES: usize = 10_000;
/// Values looked at with everything below them at once.
const MOST_GATHERED: usize = 3;
/// Bytes of arrays read, for the same reason.
const MOST_BYTES: usize = 1 << 24;

/// Looks at every value: text is taken, arrays are read as numbers and as text, row by row and whole.
pub fn walk(tree: &Tree) {
    let mut stack = vec![tree.root()];
    let (mut values, mut bytes) = (0, 0);
    while let Some(view) = stack.pop() {
        values += 1;
        if values > MOST_VALUES || bytes > MOST_BYTES {
            return;
        }
        let _ = (view.describe(), view.text(), view.count());
        if values <= MOST_GATHERED {
            let _ = (view.array(), view.texts());
        }
        match view.node() {
            Node::List(items) if items.len() <= MOST_VALUES => stack.extend(view.items().into_iter().flatten()),
            Node::Table(entries) if entries.len() <= MOST_VALUES => stack.extend(view.entries().into_iter().flatten().map(|(_, value)| value)),
            Node::Array(array) => {
                let rows = array.rows();
                bytes += array.numel().unwrap_or(0).saturating_mul(array.dtype.size.max(1));
                if let Data::Objects(_) = array.data {
                    stack.extend(view.items().into_iter().flatten());
                }
                let place = view.path();
                let _ = (array.reals(place, 0..rows), array.wholes(place, 0..rows), array.texts(place, 0..rows));
                if rows > 0 {
                    let _ = (array.floats(place, rows - 1..rows), array.texts(place, 0..1), array.floats(place, rows..rows));
                }
            }
            _ => {}
        }
    }
}

/// Gives bytes to a reader as a file's, and looks at what it makes of them.
pub fn feed(read: impl Fn(Arc<Source>) -> Result<Tree, ReadError>, bytes: &[u8]) {
    if let Ok(tree) = read(Arc::new(Source::memory("fuzz", bytes.to_vec()))) {
        walk(&tree);
    }
}
