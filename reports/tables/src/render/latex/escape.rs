//! Any text as LaTeX in ASCII.

use std::fmt::Write as _;

/// Text of which nothing is a command, in ASCII: known symbols by their commands (of amssymb where LaTeX has none), an unknown character as its code point in
/// brackets, so that it is seen to be missing.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for character in text.chars() {
        // Two of these become one: a dash, a quotation mark.
        if matches!(character, '-' | '\'' | ',') && before == Some(character) {
            out.push_str("{}");
        }
        match (special(character), symbol(character)) {
            (Some(known), _) | (None, Some(known)) => out.push_str(known),
            (None, None) if character.is_control() || character == '\u{a0}' => out.push(if character == '\u{a0}' { '~' } else { ' ' }),
            (None, None) if character.is_ascii() => out.push(character),
            (None, None) => {
                // A String takes everything.
                let _ = write!(out, "{{[}}U+{:04X}{{]}}", u32::from(character));
            }
        }
        before = Some(character);
    }
    out
}

/// ASCII that means something to LaTeX. Brackets and the asterisk could be taken for an option of the `\\` before them.
fn special(character: char) -> Option<&'static str> {
    Some(match character {
        '\\' => "\\textbackslash{}",
        '{' => "\\{",
        '}' => "\\}",
        '$' => "\\$",
        '&' => "\\&",
        '#' => "\\#",
        '%' => "\\%",
        '_' => "\\_",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        '"' => "''",
        '`' => "\\textquoteleft{}",
        '[' => "{[}",
        ']' => "{]}",
        '*' => "{*}",
        _ => return None,
    })
}

/// What else occurs in papers, in their labels and in our marks.
fn symbol(character: char) -> Option<&'static str> {
    Some(match character {
        '▲' => "$\\blacktriangle$",
        '▼' => "$\\blacktriangledown$",
        '△' => "$\\vartriangle$",
        '▽' => "$\\triangledown$",
        '↳' => "$\\hookrightarrow$",
        '→' => "$\\rightarrow$",
        '←' => "$\\leftarrow$",
        '↔' => "$\\leftrightarrow$",
        '⇒' => "$\\Rightarrow$",
        '↑' => "$\\uparrow$",
        '↓' => "$\\downarrow$",
        '±' => "$\\pm$",
        '−' => "$-$",
        '×' => "$\\times$",
        '·' => "$\\cdot$",
        '÷' => "$\\div$",
        '≥' => "$\\geq$",
        '≤' => "$\\leq$",
        '≠' => "$\\neq$",
        '≈' => "$\\approx$",
        '∈' => "$\\in$",
        '∑' => "$\\sum$",
        '√' => "$\\surd$",
        '∞' => "$\\infty$",
        '∥' | '‖' => "$\\Vert$",
        '∅' => "$\\emptyset$",
        '∪' => "$\\cup$",
        '∩' => "$\\cap$",
        '✓' | '✔' => "$\\checkmark$",
        '✗' | '✘' => "$\\times$",
        'α' => "$\\alpha$",
        'β' => "$\\beta$",
        'γ' => "$\\gamma$",
        'δ' => "$\\delta$",
        'ε' | 'ϵ' => "$\\epsilon$",
        'ζ' => "$\\zeta$",
        'η' => "$\\eta$",
        'θ' => "$\\theta$",
        'κ' => "$\\kappa$",
        'λ' => "$\\lambda$",
        'μ' | 'µ' => "$\\mu$",
        'ν' => "$\\nu$",
        'ξ' => "$\\xi$",
        'π' => "$\\pi$",
        'ρ' => "$\\rho$",
        'σ' => "$\\sigma$",
        'τ' => "$\\tau$",
        'φ' | 'ϕ' => "$\\phi$",
        'χ' => "$\\chi$",
        'ψ' => "$\\psi$",
        'ω' => "$\\omega$",
        'Γ' => "$\\Gamma$",
        'Δ' | '∆' => "$\\Delta$",
        'Θ' => "$\\Theta$",
        'Λ' => "$\\Lambda$",
        'Ξ' => "$\\Xi$",
        'Π' | '∏' => "$\\Pi$",
        'Σ' => "$\\Sigma$",
        'Φ' => "$\\Phi$",
        'Ψ' => "$\\Psi$",
        'Ω' => "$\\Omega$",
        'ℒ' | '𝓛' => "$\\mathcal{L}$",
        'ℝ' => "$\\mathbb{R}$",
        '⁰' => "$^{0}$",
        '¹' => "$^{1}$",
        '²' => "$^{2}$",
        '³' => "$^{3}$",
        '⁴' => "$^{4}$",
        '⁵' => "$^{5}$",
        '⁶' => "$^{6}$",
        '⁷' => "$^{7}$",
        '⁸' => "$^{8}$",
        '⁹' => "$^{9}$",
        '⁻' => "$^{-}$",
        '′' => "$^{\\prime}$",
        '½' => "$\\tfrac{1}{2}$",
        'ᴹ' => "$^{M}$",
        'ᵁ' => "$^{U}$",
        'ᴰ' => "$^{D}$",
        '₀' => "$_{0}$",
        '₁' => "$_{1}$",
        '₂' => "$_{2}$",
        '₃' => "$_{3}$",
        '₄' => "$_{4}$",
        'ᵢ' => "$_{i}$",
        'ⱼ' => "$_{j}$",
        'ₖ' => "$_{k}$",
        'ₙ' => "$_{n}$",
        'ₜ' => "$_{t}$",
        'ₐ' => "$_{a}$",
        'ₘ' => "$_{m}$",
        '†' => "$\\dagger$",
        '‡' => "$\\ddagger$",
        '§' => "\\S{}",
        '∂' => "$\\partial$",
        '∇' => "$\\nabla$",
        'ℓ' => "$\\ell$",
        '⊙' => "$\\odot$",
        '⊕' => "$\\oplus$",
        '∘' => "$\\circ$",
        '•' => "$\\bullet$",
        '★' => "$\\star$",
        '°' => "$^{\\circ}$",
        '…' => "\\ldots{}",
        '–' => "\\textendash{}",
        '—' => "\\textemdash{}",
        '‑' | '‐' => "-",
        '‘' => "\\textquoteleft{}",
        '’' => "\\textquoteright{}",
        '“' => "\\textquotedblleft{}",
        '”' => "\\textquotedblright{}",
        'á' => "\\'{a}",
        'à' => "\\`{a}",
        'â' => "\\^{a}",
        'ä' => "\\\"{a}",
        'ã' => "\\~{a}",
        'å' => "\\aa{}",
        'ç' => "\\c{c}",
        'é' => "\\'{e}",
        'è' => "\\`{e}",
        'ê' => "\\^{e}",
        'ë' => "\\\"{e}",
        'í' => "\\'{\\i}",
        'î' => "\\^{\\i}",
        'ï' => "\\\"{\\i}",
        'ł' => "\\l{}",
        'ñ' => "\\~{n}",
        'ó' => "\\'{o}",
        'ô' => "\\^{o}",
        'ö' => "\\\"{o}",
        'õ' => "\\~{o}",
        'ø' => "\\o{}",
        'ú' => "\\'{u}",
        'ü' => "\\\"{u}",
        'ß' => "\\ss{}",
        'ž' => "\\v{z}",
        'Ż' => "\\.{Z}",
        'Á' => "\\'{A}",
        'É' => "\\'{E}",
        'Ł' => "\\L{}",
        'Ö' => "\\\"{O}",
        'Ü' => "\\\"{U}",
        '\u{200b}' => "",
        '\u{2009}' | '\u{202f}' => "\\,",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // By hand, after the LaTeX Companion's list of special characters.
    #[test]
    fn nothing_of_a_text_is_a_command() {
        assert_eq!(escaped("a_b & 5% #1 $x$ ~ ^"), "a\\_b \\& 5\\% \\#1 \\$x\\$ \\textasciitilde{} \\textasciicircum{}");
        assert_eq!(escaped("\\input{x}"), "\\textbackslash{}input\\{x\\}");
        assert_eq!(escaped("[1] --on x''"), "{[}1{]} -{}-on x'{}'");
    }

    #[test]
    fn symbols_get_their_commands_and_unknown_ones_stay_visible() {
        assert_eq!(escaped("58.82 ± 1.51 ▲ (−0.3)"), "58.82 $\\pm$ 1.51 $\\blacktriangle$ ($-$0.3)");
        assert_eq!(escaped("σ=0.5 → Δ"), "$\\sigma$=0.5 $\\rightarrow$ $\\Delta$");
        assert_eq!(escaped("鳥"), "{[}U+9CE5{]}");
    }
}
