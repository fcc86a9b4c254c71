//! Text and bytes as protocols 0 and 1 write them: on one line, with escapes.

/// The bytes of a Python 2 `str` in quotes (`repr`); `None` where the quotes or escapes are wrong.
pub(super) fn string(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii_end();
    let (&quote, rest) = line.split_first()?;
    let (&last, inner) = rest.split_last()?;
    if last != quote || !matches!(quote, b'\'' | b'"') {
        return None;
    }
    let mut decoded = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'\\' {
            decoded.push(byte);
            continue;
        }
        let (&escape, behind) = rest.split_first()?;
        rest = behind;
        match escape {
            b'\\' | b'\'' | b'"' => decoded.push(escape),
            b'n' => decoded.push(b'\n'),
            b'r' => decoded.push(b'\r'),
            b't' => decoded.push(b'\t'),
            b'a' => decoded.push(0x07),
            b'b' => decoded.push(0x08),
            b'f' => decoded.push(0x0c),
            b'v' => decoded.push(0x0b),
            b'x' => {
                decoded.push(hexadecimal(rest.get(..2)?)? as u8);
                rest = &rest[2..];
            }
            b'0'..=b'7' => {
                let more = rest.iter().take(2).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
                let digits = [escape].into_iter().chain(rest[..more].iter().copied());
                decoded.push(digits.fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0')) as u8);
                rest = &rest[more..];
            }
            _ => decoded.extend([b'\\', escape]),
        }
    }
    Some(decoded)
}

/// Text as `raw-unicode-escape` writes it: Latin-1, with `\uXXXX` and `\UXXXXXXXX` for the rest. Half a pair of surrogates becomes U+FFFD.
pub(super) fn unicode(line: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    let mut high: Option<u32> = None;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let length = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => 0,
        };
        let code = if length == 0 {
            u32::from(byte)
        } else {
            let code = hexadecimal(rest.get(1..=length)?)?;
            rest = &rest[length + 1..];
            code
        };
        if let Some(first) = high.take() {
            if (0xdc00..0xe000).contains(&code) {
                text.push(char::from_u32(0x1_0000_u32 + ((first & 0x3ff) << 10) + (code & 0x3ff))?);
                continue;
            }
            text.push(char::REPLACEMENT_CHARACTER);
        }
        match code {
            0xd800..0xdc00 => high = Some(code),
            0xdc00..0xe000 => text.push(char::REPLACEMENT_CHARACTER),
            _ => text.push(char::from_u32(code)?),
        }
        // A backslash before anything else takes that along, so that `\\u` stays as it is.
        if let (b'\\', 0, Some((&next, behind))) = (byte, length, rest.split_first()) {
            text.push(char::from(next));
            rest = behind;
        }
    }
    text.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
    Some(text)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, &digit| Some(value.checked_mul(16)? + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: `ast.literal_eval` of Python 2.7 and `bytes.decode('raw-unicode-escape')` of Python 3.11.
    #[test]
    fn strings_of_python_2() {
        let cases: [(&[u8], Option<&[u8]>); 9] = [
            (b"'it\\'s'", Some(b"it's")),
            (b"\"a\\x00\\xff\\n\\\\\"", Some(b"a\0\xff\n\\")),
            (b"'\\101\\0019\\8'", Some(b"A\x019\\8")),
            (b"''\r", Some(b"")),
            (b"'", None),
            (b"'a\"", None),
            (b"'\\x0'", None),
            (b"'\\'", None),
            (b"", None),
        ];
        for (line, expected) in cases {
            assert_eq!(string(line).as_deref(), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn raw_unicode() {
        let cases: [(&[u8], Option<&str>); 8] = [
            (b"h\xe9\\u20ac", Some("hé€")),
            (b"\\U0001f600\\u000a", Some("😀\n")),
            (b"\\\\u20ac\\n", Some("\\\\u20ac\\n")),
            (b"\\ud83d\\ude00", Some("😀")),
            (b"\\ud83dx\\ude00", Some("\u{fffd}x\u{fffd}")),
            (b"\\u12", None),
            (b"\\U00110000", None),
            (b"a\\", Some("a\\")),
        ];
        for (line, expected) in cases {
            assert_eq!(unicode(line).as_deref(), expected, "{}", String::from_utf8_lossy(line));
        }
    }
}
