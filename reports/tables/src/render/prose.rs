//! Text with code between backticks, which each format marks in its own way.

/// The text in one line, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text as a format writes it: `plain` for words, `code` for what stands between two backticks. A backtick without a partner is a plain character.
pub(super) fn marked_up(text: &str, plain: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside, after)) =
        rest.split_once('`').and_then(|(before, tail)| tail.split_once('`').map(|(inside, after)| (before, inside, after)))
    {
        out.push_str(&plain(before));
        out.push_str(&code(inside));
        rest = after;
    }
    out.push_str(&plain(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_backticks_hold_code() {
        let show = |text: &str| marked_up(text, |words| format!("[{words}]"), |code| format!("<{code}>"));
        assert_eq!(show("by `bench run` or `x"), "[by ]<bench run>[ or `x]");
    }
}
