//! Markdown tables.

/// A table whose source is as readable as its rendering: first column left, the others right.
pub(crate) fn table(heads: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let escaped = |cells: Vec<String>| -> Vec<String> { cells.iter().map(|cell| cell.replace('|', "\\|")).collect() };
    let (heads, rows) = (escaped(heads), rows.into_iter().map(escaped).collect::<Vec<_>>());
    let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count().max(4)).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(
            |(at, (cell, &width))| {
                if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            },
        );
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(at, &width)| if at == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) });
    let rule = format!("| {} |", rule.collect::<Vec<_>>().join(" | "));
    let mut lines = vec![line(&heads), rule];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_padded_and_pipes_escaped() {
        let text = table(vec!["method".into(), "clean".into()], vec![vec!["a|b".into(), "62.1 ± 1.0".into()]]);
        assert_eq!(text, "| method |      clean |\n| ------ | ---------: |\n| a\\|b   | 62.1 ± 1.0 |");
    }
}
