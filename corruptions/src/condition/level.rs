/*!
Levels as text: decimals (`0.18`, `1e-7`) and fractions (`1/255`).

A fraction is the exact f64 quotient. The canonical text is a function of the value alone: `k/255` (a step of an 8-bit pixel) where that is shorter
than the shortest decimal that reads back as the same f64, else that decimal. So `1/255` stays `1/255` and `51/255` is `0.2`.
*/

/// The value of a level, or what is wrong with the text.
pub(crate) fn parse(text: &str) -> Result<f64, &'static str> {
    let value = match text.split_once('/') {
        None => decimal(text)?,
        Some((numerator, denominator)) => {
            let denominator = decimal(denominator)?;
            if denominator == 0.0 {
                return Err("divides by zero");
            }
            decimal(numerator)? / denominator
        }
    };
    if value.is_finite() { Ok(value) } else { Err("is too large for a number") }
}

fn decimal(text: &str) -> Result<f64, &'static str> {
    // `inf`, `nan` and the like are numbers to the standard parser and mistakes here.
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) || text.contains(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)) {
        return Err("is no number");
    }
    text.parse().map_err(|_| "is no number")
}

/// The canonical text of a finite level of at least 0; [`parse`] reads it back to the same bits.
pub(crate) fn text(level: f64) -> String {
    let decimal = if level == 0.0 || (1e-5..1e15).contains(&level) { format!("{level}") } else { format!("{level:e}") };
    let steps = (level * 255.0).round();
    if (1.0..255.0).contains(&steps) && steps / 255.0 == level {
        let fraction = format!("{steps}/255");
        if fraction.len() < decimal.len() {
            return fraction;
        }
    }
    decimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_fractions_are_read_exactly() {
        assert_eq!(parse("0.18"), Ok(0.18));
        assert_eq!(parse("1/255"), Ok(1.0 / 255.0));
        assert_eq!(parse("2.5e-1"), Ok(0.25));
        assert_eq!(parse(".5"), Ok(0.5));
    }

    #[test]
    fn words_holes_and_overflow_are_no_levels() {
        for text in ["", "inf", "nan", "NaN", "infinity", "1/", "/2", "1/2/3", "0x1", "--1", "1e", "e5"] {
            assert_eq!(parse(text), Err("is no number"), "{text}");
        }
        assert_eq!(parse("1/0"), Err("divides by zero"));
        assert_eq!(parse("1e999"), Err("is too large for a number"));
        assert_eq!(parse("1e308/1e-308"), Err("is too large for a number"));
    }

    #[test]
    fn canonical_text_is_short_and_exact() {
        for (level, expected) in
            [(0.18, "0.18"), (1.0 / 255.0, "1/255"), (16.0 / 255.0, "16/255"), (51.0 / 255.0, "0.2"), (1.0, "1"), (0.0, "0"), (1e-7, "1e-7")]
        {
            assert_eq!(text(level), expected);
            assert_eq!(parse(expected), Ok(level));
        }
    }

    #[test]
    fn every_pixel_step_reads_back() {
        for steps in 0..=255_u32 {
            let level = f64::from(steps) / 255.0;
            assert_eq!(parse(&text(level)), Ok(level));
        }
    }
}
