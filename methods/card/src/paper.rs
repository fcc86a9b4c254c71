//! A reference in a few words.

/// `Perez et al., AAAI 2018` of `E. Perez, F. Strub: FiLM: … (AAAI 2018); …`: first author, and the first brackets that end in a year, else `year`. Of a
/// text that names no authors, what stands before the first semicolon; of an empty one, a dash.
pub fn short_reference(paper: &str, year: Option<u32>) -> String {
    let Some((authors, rest)) = paper.split_once(": ") else {
        let first = paper.split(';').next().unwrap_or_default().trim();
        return if first.is_empty() { "–".into() } else { first.into() };
    };
    let names: Vec<&str> = authors.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()).collect();
    let who = match names.as_slice() {
        [] => return "–".into(),
        [one] => surname(one),
        [one, other] => format!("{} and {}", surname(one), surname(other)),
        [one, ..] => format!("{} et al.", surname(one)),
    };
    let place = rest.split('(').skip(1).filter_map(|open| open.split(')').next()).find(|inside| ends_in_year(inside));
    match (place, year) {
        (Some(place), _) => format!("{who}, {place}"),
        (None, Some(year)) => format!("{who}, {year}"),
        (None, None) => who,
    }
}

/// What is left of a name without its initials; of a name written in full, its last word.
fn surname(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let without: Vec<&str> = words.iter().copied().skip_while(|word| word.ends_with('.')).collect();
    if without.len() < words.len() { without.join(" ") } else { words.last().copied().unwrap_or_default().to_owned() }
}

fn ends_in_year(text: &str) -> bool {
    let digits = text.chars().rev().take_while(char::is_ascii_digit).count();
    digits == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_as_cards_write_them() {
        let film = "E. Perez, F. Strub, H. de Vries: FiLM: Visual Reasoning (AAAI 2018); set up as the baseline of OGM-GE (CVPR 2022)";
        for (paper, year, short) in [
            (film, Some(2018), "Perez et al., AAAI 2018"),
            ("H. de Vries, Y.-H. H. Tsai: Title (under review)", Some(2025), "de Vries and Tsai, 2025"),
            ("Anonymous: Title (under review)", Some(2025), "Anonymous, 2025"),
            ("J. Dai, J. Liang, S. Mai: Title. As in ITHP (joshuaxiao98/ITHP, c5414d5)", None, "Dai et al."),
            ("Yake Wei, Di Hu, Henghui Du: Title (TPAMI 2024)", Some(2024), "Wei et al., TPAMI 2024"),
            ("common practice; set up as the baselines of RAML, section IV", None, "common practice"),
            ("none", None, "none"),
            ("", Some(2023), "–"),
            (": nobody", None, "–"),
        ] {
            assert_eq!(short_reference(paper, year), short, "{paper}");
        }
    }
}
