//! Heads of columns, with what they span.

/// A head.
#[derive(Debug, PartialEq)]
pub(super) struct Head<'a> {
    pub text: &'a str,
    /// First column, from 0.
    pub column: usize,
    /// Columns that it spans.
    pub columns: usize,
    /// Levels that it spans.
    pub rows: usize,
}

/// Heads that begin on each level, outermost first, from paths of one length. Equal neighbours under one head are one, but on the last level each column
/// keeps its own; a head goes down over empty ones.
pub(super) fn grid<'a>(columns: &[&'a [String]]) -> Vec<Vec<Head<'a>>> {
    let depth = columns.iter().map(|path| path.len()).max().unwrap_or(0);
    let at = |column: usize, level: usize| -> &'a str { columns.get(column).and_then(|path| path.get(level)).map_or("", |head| head.as_str()) };
    // The first level of each column that no head has reached yet.
    let mut free = vec![0; columns.len()];
    let mut levels = Vec::with_capacity(depth);
    for level in 0..depth {
        let mut heads = Vec::new();
        let mut column = 0;
        while column < columns.len() {
            let (text, first) = (at(column, level), column);
            let joined = |other: &usize| (0..=level).all(|above| at(*other, above) == at(first, above));
            let alone = level + 1 == depth && !text.is_empty();
            let span = if alone { 1 } else { (first..columns.len()).take_while(joined).count() };
            column += span;
            if free.get(first).is_some_and(|&free| free > level) {
                continue;
            }
            let empty_below = |below: &usize| !text.is_empty() && (first..column).all(|column| at(column, *below).is_empty());
            let rows = 1 + (level + 1..depth).take_while(empty_below).count();
            free.iter_mut().skip(first).take(span).for_each(|free| *free = level + rows);
            heads.push(Head { text, column: first, columns: span, rows });
        }
        levels.push(heads);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(columns: &[&[&str]]) -> Vec<Vec<(String, usize, usize, usize)>> {
        let columns: Vec<Vec<String>> = columns.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect();
        let paths: Vec<&[String]> = columns.iter().map(Vec::as_slice).collect();
        let heads = grid(&paths)
            .into_iter()
            .map(|heads| heads.into_iter().map(|head| (head.text.to_owned(), head.column, head.columns, head.rows)).collect());
        heads.collect()
    }

    fn head(text: &str, column: usize, columns: usize, rows: usize) -> (String, usize, usize, usize) {
        (text.into(), column, columns, rows)
    }

    #[test]
    fn equal_neighbours_are_one_head_and_go_over_empty_ones() {
        let found = shape(&[&["MOSI", "Acc"], &["MOSI", "F1"], &["Average", ""], &["MOSI", "Acc"]]);
        let outer = vec![head("MOSI", 0, 2, 1), head("Average", 2, 1, 2), head("MOSI", 3, 1, 1)];
        assert_eq!(found, [outer, vec![head("Acc", 0, 1, 1), head("F1", 1, 1, 1), head("Acc", 3, 1, 1)]]);
    }

    #[test]
    fn three_levels_span_within_their_parents_only() {
        let found = shape(&[&["A", "x", "1"], &["A", "x", "2"], &["B", "x", "1"], &["B", "y", ""]]);
        let middle = vec![head("x", 0, 2, 1), head("x", 2, 1, 1), head("y", 3, 1, 2)];
        let inner = vec![head("1", 0, 1, 1), head("2", 1, 1, 1), head("1", 2, 1, 1)];
        assert_eq!(found, [vec![head("A", 0, 2, 1), head("B", 2, 2, 1)], middle, inner]);
    }

    #[test]
    fn equal_leaves_stay_apart_and_outer_empty_heads_are_cells() {
        let found = shape(&[&["", "Acc"], &["", "Acc"]]);
        assert_eq!(found, [vec![head("", 0, 2, 1)], vec![head("Acc", 0, 1, 1), head("Acc", 1, 1, 1)]]);
    }
}
