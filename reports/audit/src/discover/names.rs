//! What a row's or column's name says of how its numbers come about.

/// The words of a key in small letters: `DeltaVsFull` is delta, vs, full.
pub(super) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    let mut open = false;
    for c in key.chars() {
        if matches!(c, 'Δ' | '∆' | 'δ') {
            words.push("delta".into());
            (open, small) = (false, false);
        } else if c.is_alphanumeric() {
            if !open || (small && c.is_uppercase()) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
            (open, small) = (true, c.is_lowercase());
        } else {
            open = false;
        }
    }
    words
}

fn has(key: &str, any: &[&str]) -> bool {
    words(key).iter().any(|word| any.contains(&word.as_str()))
}

/// Whether the name says that the numbers are means.
pub(super) fn is_mean(key: &str) -> bool {
    has(key, &["average", "averaged", "avg", "mean", "macro"]) && !is_difference(key)
}

/// Whether the name says that the numbers are sums.
pub(super) fn is_sum(key: &str) -> bool {
    has(key, &["total", "sum"]) && !is_difference(key)
}

/// Whether the name says that the numbers are differences of others.
pub(super) fn is_difference(key: &str) -> bool {
    const NAMES: [&str; 14] = [
        "delta",
        "gain",
        "gains",
        "drop",
        "improvement",
        "improvements",
        "improv",
        "diff",
        "difference",
        "gap",
        "change",
        "degradation",
        "vs",
        "increase",
    ];
    has(key, &NAMES)
}

/// Whether the name says that the numbers are quotients of others.
pub(super) fn is_ratio(key: &str) -> bool {
    has(key, &["speedup", "ratio"])
}

/// Whether the name says that the numbers are worked out from others of the table.
pub(super) fn is_derived(key: &str) -> bool {
    is_mean(key) || is_sum(key) || is_difference(key) || is_ratio(key)
}

/// Whether the name is that of an average and of nothing else: "Mean Teacher" is a method.
pub(super) fn ends_in_mean(key: &str) -> bool {
    is_mean(key) && words(key).last().is_some_and(|word| is_mean(word) && word != "macro")
}

/// Whether a rank leaves the row or column out: Delta and Gain as everywhere in a ledger, and averages.
pub(super) fn is_unranked(key: &str) -> bool {
    has(key, &["delta", "gain", "gains", "improvement", "improvements"]) || ends_in_mean(key)
}

/// What a difference's name says that it is taken from: the words behind `vs`, `over`, `from`, `to`, `than` or `against`.
pub(super) fn base_of(key: &str) -> Vec<String> {
    let words = words(key);
    let place = words.iter().position(|word| matches!(word.as_str(), "vs" | "over" | "from" | "to" | "than" | "against"));
    place.map_or_else(Vec::new, |place| words[place + 1..].to_vec())
}

/// Whether a name, or a remark on it, holds all these words in their order.
pub(super) fn holds(name: &str, wanted: &[String]) -> bool {
    let words = words(name);
    !wanted.is_empty() && words.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words_and_kinds() {
        assert_eq!(words("IEMOCAP.DeltaVsFull"), ["iemocap", "delta", "vs", "full"]);
        assert_eq!(words("ΔAcc"), ["delta", "acc"]);
        assert_eq!(words("F1-Score (%)"), ["f1", "score"]);
        assert!(is_mean("Food-101.Average") && !is_mean("Avg drop from peak"));
        assert!(is_difference("Avg drop from peak") && is_difference("GainPP") && !is_difference("DropoutNet"));
        assert!(is_sum("Total (training)") && !is_sum("Summary"));
        assert!(is_ratio("Speedup"));
        assert!(is_unranked("Average") && is_unranked("Gain over MulT") && !is_unranked("Mean Teacher") && !is_unranked("w/ modality drop"));
        assert_eq!(base_of("Gain over MulT"), ["mul", "t"]);
        assert!(holds("MulT", &base_of("Gain over MulT")) && !holds("MISA", &base_of("Gain over MulT")));
        assert!(words("").is_empty() && base_of("Delta vs").is_empty() && !holds("x", &[]));
    }
}
