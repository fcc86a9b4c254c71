//! The order of rows and conditions.

use std::cmp::Ordering;

/// Whether a method is a control, which stands below the fusion methods: a single modality or the prior.
pub fn is_control(method: &str) -> bool {
    let id = method.split(['/', '?']).next().unwrap_or(method);
    matches!(id, "unimodal" | "prior")
}

/// Rank of a condition's group in tables.
pub(super) fn group_rank(group: &str) -> usize {
    let order = ["clean", "noise", "words", "missing", "attack", "mixed"];
    order.iter().position(|&known| known == group).unwrap_or(order.len())
}

/// Compares text with its numbers as numbers: `noise(image,0.5)` before `noise(image,2)` before `noise(image,10)`.
pub(super) fn natural(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    while !left_rest.is_empty() && !right_rest.is_empty() {
        let ((left_chunk, left_next), (right_chunk, right_next)) = (chunk(left_rest), chunk(right_rest));
        let by_chunk = match (left_chunk.parse::<f64>(), right_chunk.parse::<f64>()) {
            (Ok(left), Ok(right)) => left.total_cmp(&right),
            _ => left_chunk.cmp(right_chunk),
        };
        if by_chunk.is_ne() {
            return by_chunk;
        }
        (left_rest, right_rest) = (left_next, right_next);
    }
    // Equal numbers can be written differently: the text decides, so that the order is total.
    left_rest.len().cmp(&right_rest.len()).then_with(|| left.cmp(right))
}

/// The first run of number characters or of others, and the rest.
fn chunk(text: &str) -> (&str, &str) {
    let numeric = |c: char| c.is_ascii_digit() || c == '.';
    let first = text.chars().next().is_some_and(numeric);
    text.split_at(text.find(|c| numeric(c) != first).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_sort_as_numbers() {
        let mut conditions = ["fgsm(image,16/255)", "noise(a,10)", "noise(a,0.25)", "fgsm(image,4/255)", "noise(a,2)", "noise(a,1)", "noise(a,0.5)"];
        conditions.sort_by(|left, right| natural(left, right));
        assert_eq!(
            conditions,
            ["fgsm(image,4/255)", "fgsm(image,16/255)", "noise(a,0.25)", "noise(a,0.5)", "noise(a,1)", "noise(a,2)", "noise(a,10)"]
        );
    }

    #[test]
    fn the_order_is_total_on_text() {
        assert_eq!(natural("a", "a"), Ordering::Equal);
        assert_ne!(natural("a1", "a1.0"), Ordering::Equal);
        assert_eq!(natural("", "a"), Ordering::Less);
    }

    #[test]
    fn unimodal_methods_and_the_prior_are_controls() {
        assert!(is_control("unimodal/audio") && is_control("prior") && is_control("unimodal?width=3"));
        assert!(!is_control("priority") && !is_control("concat"));
    }
}
