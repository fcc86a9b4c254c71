//! Sentences as words.

/// What is said where a file holds both a sentence's features and its words.
pub const TWICE: &str = "`text` and `words` are the same sentences, as features and as words: leave one out (`--map words=` or `--map text=`), or a missing text is still there as words";

/// Lower-cased words of a sentence: split at white space, punctuation marks and Chinese characters are words of their own.
pub fn words(sentence: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for c in sentence.chars().flat_map(char::to_lowercase) {
        let ideograph = matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
        if c.is_whitespace() {
            open = false;
        } else if ideograph || !(c.is_alphanumeric() || c == '\'') {
            words.push(c.to_string());
            open = false;
        } else if open && let Some(word) = words.last_mut() {
            word.push(c);
        } else {
            words.push(c.to_string());
            open = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn punctuation_and_ideographs_stand_alone() {
        assert_eq!(words("It's GOOD,  really!"), ["it's", "good", ",", "really", "!"]);
        assert_eq!(words("我很好 ok"), ["我", "很", "好", "ok"]);
        assert!(words(" \t").is_empty());
    }
}
