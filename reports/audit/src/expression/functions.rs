//! The functions of the language and how each is called.

/// A function's name, its arguments as a reader would write them, and how many it takes.
pub(super) struct Signature {
    pub name: &'static str,
    pub arguments: &'static str,
    pub least: usize,
    pub most: usize,
}

const ANY: usize = usize::MAX;

const fn takes(name: &'static str, arguments: &'static str, least: usize, most: usize) -> Signature {
    Signature { name, arguments, least, most }
}

/// All functions.
pub(super) const FUNCTIONS: &[Signature] = &[
    takes("cell", "table, row, column", 3, 3),
    takes("sd", "table, row, column", 3, 3),
    takes("xcell", "paper, table, row, column", 4, 4),
    takes("avg", "table, row, [columns]", 3, 3),
    takes("tot", "table, row, [columns]", 3, 3),
    takes("colsum", "table, [rows], column", 3, 3),
    takes("best", "table, column", 2, 2),
    takes("best_other", "table, row, column", 3, 3),
    takes("rank", "table, row, column", 3, 3),
    takes("rank_row", "table, row, column", 3, 3),
    takes("min", "a, b, ...", 1, ANY),
    takes("max", "a, b, ...", 1, ANY),
    takes("abs", "a", 1, 1),
    takes("sqrt", "a", 1, 1),
    takes("exp", "a", 1, 1),
    takes("log", "a", 1, 1),
    takes("tanh", "a", 1, 1),
    takes("grim", "table, row, column, N, S, scale", 5, 6),
    takes("grim_count", "table, column, N, S, scale, [excluded rows]", 4, 6),
    takes("grim_count_row", "table, row, N, S", 4, 4),
    takes("welch_p", "table, row a, row b, column, n", 5, 5),
    takes("paired_p", "table, row a, row b, column, n, rho", 6, 6),
    takes("onesample_p", "mean, sd, n, reference", 4, 4),
    takes("two_prop_p", "p1, p2, N", 3, 3),
    takes("sd_band_log10p", "table", 1, 1),
    takes("sd_resid", "table", 1, 1),
    takes("mac_bert_base", "tokens", 1, 1),
    takes("mac_resnet50", "frames", 1, 1),
    takes("mac_wav2vec2", "seconds", 1, 1),
    takes("has", "table, row, column", 2, 3),
    takes("lit", "\"0.341\"", 1, 1),
    takes("fact", "name", 1, 1),
    takes("probe", "name, ...", 1, ANY),
    takes("val", "name, ...", 1, ANY),
];

/// The function of this name.
pub(super) fn function(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|function| function.name == name)
}
