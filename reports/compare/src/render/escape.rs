//! Text of strangers inside markup: a branch may name a method or a dataset as it likes.

/// For markdown as GitHub renders it: nothing in it is markup, a link, a mention or a reference to an issue, and it is one line.
pub(super) fn markdown(text: &str) -> String {
    // A zero-width space: mentions, references and links are found in the rendered text, where an entity would be the character again.
    const BREAK: char = '\u{200b}';
    let mut escaped = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            '&' | '<' | '>' => escaped.push_str(entity(character)),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '!' | '$' => escaped.extend(['\\', character]),
            '@' | '#' => escaped.extend([character, BREAK]),
            _ => escaped.push(character),
        }
    }
    // `http://`, `www.` and `GH-1` become links by themselves.
    escaped.replace("://", ":\u{200b}//").replace("www.", "www\u{200b}.").replace("WWW.", "WWW\u{200b}.").replace("GH-", "GH\u{200b}-")
}

/// For text and attributes of XML 1.0, on one line.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => escaped.push_str(entity(character)),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Of a character that is markup.
fn entity(character: char) -> &'static str {
    match character {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        _ => "&apos;",
    }
}

/// One line without control characters, which no format may hold, and without those that turn the direction of the text after them.
pub(super) fn plain(text: &str) -> String {
    let kept = text.chars().map(|character| if character.is_whitespace() || character.is_control() { ' ' } else { character });
    kept.filter(
        |character| !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}'),
    )
    .collect()
}

/// The first characters of a text, with an ellipsis where some are cut off.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_strangers_is_text() {
        assert_eq!(markdown("a|b\n<img>&`x`"), "a\\|b &lt;img&gt;&amp;\\`x\\`");
        assert_eq!(markdown("@team #12 GH-1"), "@\u{200b}team #\u{200b}12 GH\u{200b}-1");
        assert_eq!(markdown("[x](https://e.org) www.e.org"), "\\[x\\](https:\u{200b}//e.org) www\u{200b}.e.org");
        assert_eq!(markdown("a\u{202e}b\u{7}"), "ab ");
        assert_eq!(xml("<\"a\" & 'b'>\u{0}\u{ffff}"), "&lt;&quot;a&quot; &amp; &apos;b&apos;&gt; ");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!([shortened("äöü", 3), shortened("äöüß", 3)], ["äöü", "äö…"]);
    }
}
