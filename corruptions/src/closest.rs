//! "Did you mean": the known name nearest to a mistyped one.

/// The known name within two edits of `name`, if there is one; the first of several equally near.
pub(crate) fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let longest = name.chars().count();
    known
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance < longest.max(candidate.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, have) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        for ((pair, want), above_left) in row.iter().skip(1).zip(&to).zip(&row) {
            left = (left + 1).min(pair + 1).min(above_left + usize::from(have != *want));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("audio", "audio"), 0);
    }

    #[test]
    fn only_near_names_are_suggested() {
        assert_eq!(closest("adio", ["audio", "text"]), Some("audio"));
        assert_eq!(closest("vision", ["audio", "text"]), None);
        assert_eq!(closest("x", ["y"]), None);
    }
}
