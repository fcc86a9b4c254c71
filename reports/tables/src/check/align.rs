//! Which row of a file is which row of the results.

/// What belongs together, by position in the file and in the results.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Alignment {
    /// In the order of both: a longest common subsequence.
    pub kept: Vec<(usize, usize)>,
    /// Equal, but not in that order.
    pub moved: Vec<(usize, usize)>,
    /// Only in the file.
    pub extra: Vec<usize>,
    /// Only in the results.
    pub missing: Vec<usize>,
}

impl Alignment {
    /// Everything that has a partner.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.kept.iter().chain(&self.moved).copied()
    }
}

/// Aligns two lists by equal items, so that one item more or less does not shift all others.
pub(super) fn align<T: PartialEq>(file: &[T], results: &[T]) -> Alignment {
    let mut found = Alignment::default();
    let (mut rows, mut columns) = (0, 0);
    let longest = longest(file, results);
    let at = |row: usize, column: usize| longest.get(row).and_then(|line| line.get(column)).copied().unwrap_or(0);
    while let (Some(old), Some(new)) = (file.get(rows), results.get(columns)) {
        if old == new {
            found.kept.push((rows, columns));
            rows += 1;
            columns += 1;
        } else if at(rows + 1, columns) >= at(rows, columns + 1) {
            found.extra.push(rows);
            rows += 1;
        } else {
            found.missing.push(columns);
            columns += 1;
        }
    }
    found.extra.extend(rows..file.len());
    found.missing.extend(columns..results.len());
    let mut extra = std::mem::take(&mut found.extra);
    extra.retain(|&old| {
        let partner = found.missing.iter().position(|&new| results.get(new) == file.get(old));
        if let Some(partner) = partner {
            found.moved.push((old, found.missing.remove(partner)));
        }
        partner.is_none()
    });
    found.extra = extra;
    found
}

/// Lengths of the longest common subsequences of all pairs of ends.
fn longest<T: PartialEq>(file: &[T], results: &[T]) -> Vec<Vec<usize>> {
    let mut lines = vec![vec![0; results.len() + 1]];
    for old in file.iter().rev() {
        let mut line = vec![0];
        let below = lines.last().cloned().unwrap_or_default();
        // From the last to the first: `below` and `line` are in the order of the results, `line` is built backwards.
        for (column, new) in results.iter().enumerate().rev() {
            let get = |at: usize| below.get(at).copied().unwrap_or(0);
            let behind = line.last().copied().unwrap_or(0);
            line.push(if old == new { get(column + 1) + 1 } else { behind.max(get(column)) });
        }
        line.reverse();
        lines.push(line);
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(file: &str, results: &str) -> Alignment {
        align(&file.chars().collect::<Vec<_>>(), &results.chars().collect::<Vec<_>>())
    }

    #[test]
    fn one_item_less_does_not_shift_the_others() {
        let found = aligned("abd", "abcd");
        assert_eq!(found, Alignment { kept: vec![(0, 0), (1, 1), (2, 3)], missing: vec![2], ..Alignment::default() });
        let found = aligned("abcd", "abd");
        assert_eq!(found, Alignment { kept: vec![(0, 0), (1, 1), (3, 2)], extra: vec![2], ..Alignment::default() });
    }

    #[test]
    fn what_is_in_both_but_out_of_order_has_moved() {
        let found = aligned("bac", "abc");
        assert_eq!(found, Alignment { kept: vec![(1, 0), (2, 2)], moved: vec![(0, 1)], ..Alignment::default() });
    }

    #[test]
    fn equal_items_pair_in_order() {
        let found = aligned("xax", "xaxx");
        assert_eq!(found.kept, [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(found.missing, [3]);
    }
}
