//! Texts as words.

use unicode_segmentation::UnicodeSegmentation;

/// The words of a text, lower-cased: every language's word boundaries as Unicode's UAX #29 defines them. White space is no word; punctuation marks and emoji
/// are words of their own; an apostrophe or full stop inside a word or number stays in it (`don't`, `3.14`); Chinese characters are a word each.
///
/// What only turns other text around (direction marks, other control characters) is left out.
pub fn words(text: &str) -> Vec<String> {
    let visible = |word: &&str| !word.chars().all(|c| c.is_whitespace() || c.is_control() || is_mark_of_direction(c));
    text.split_word_bounds().filter(visible).map(str::to_lowercase).collect()
}

fn is_mark_of_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected by hand from the rules of UAX #29.
    #[test]
    fn words_are_lower_case_and_punctuation_is_apart() {
        assert_eq!(words("BUT I didn't -- really?!"), ["but", "i", "didn't", "-", "-", "really", "?", "!"]);
        assert_eq!(words("It costs 3.14 €, ok."), ["it", "costs", "3.14", "€", ",", "ok", "."]);
        assert_eq!(words("  \t\n\u{200b} "), Vec::<String>::new());
    }

    #[test]
    fn other_scripts_have_words_too() {
        assert_eq!(words("ÉTÉ STRASSE Ωmega"), ["été", "strasse", "ωmega"]);
        assert_eq!(words("我喜欢。"), ["我", "喜", "欢", "。"]);
        assert_eq!(words("ok 👩‍🚀!"), ["ok", "👩‍🚀", "!"]);
    }
}
