use bench_tables::render;

use crate::sample;

fn all() -> String {
    render::latex(&sample::collection(vec![sample::stand_ins(), sample::own_data(), sample::hostile()]))
}

/// Columns of a line of a table: one more than its separators, and a spanning cell counts for all that it spans.
fn columns(line: &str) -> usize {
    let spans =
        line.match_indices("\\multicolumn{").map(|(at, found)| line[at + found.len()..].split('}').next().unwrap().parse::<usize>().unwrap() - 1);
    line.replace("\\&", "").matches('&').count() + 1 + spans.sum::<usize>()
}

#[test]
fn heads_span_and_lines_are_complete() {
    let text = all();
    let tabular = text.split("\\toprule\n").nth(1).unwrap().split("\\bottomrule").next().unwrap();
    let expected = " & \\multicolumn{2}{c}{Food-101} &  \\\\
\\cmidrule(lr){2-3}
Method & \\multicolumn{1}{c}{\\{I\\}} & \\multicolumn{1}{c}{\\{I,T\\}} & \\multicolumn{1}{c}{Average} \\\\
\\midrule
Concat Fusion & 0.4115\\textsuperscript{1} & \\underline{0.7060} & \\textendash{} \\\\
\\quad{\\scriptsize $\\hookrightarrow$ measured} & 0.3902 $\\pm$ 0.0121\\,$\\blacktriangledown$ {\\scriptsize openmoji} & 0.7000 $\\pm$ 0.0100 {\\scriptsize openmoji} &  \\\\
\\quad{\\scriptsize $\\hookrightarrow$ measured} & \\multicolumn{1}{r}{\\scriptsize n/a (no image)} & 0.9000\\,$\\vartriangle$ {\\scriptsize digits} &  \\\\
\\addlinespace[2pt]
MVAE\\textsuperscript{a} & 0.4759 & 0.7226 & 0.5589 \\\\
\\addlinespace
\\multicolumn{4}{@{}l@{}}{\\textit{Ours}} \\\\
RAML & \\textbf{0.5109} & \\textbf{0.7864}\\textsuperscript{1,2} & 0.6540 \\\\
\\quad{\\scriptsize $\\hookrightarrow$ measured} & 0.5000 $\\pm$ 0.0200 {\\scriptsize openmoji} & 0.7500 $\\pm$ 0.0200 {\\scriptsize openmoji} & 0.6250 $\\pm$ 0.0200 {\\scriptsize openmoji} \\\\
\\quad{\\scriptsize $\\hookrightarrow$ measured} & \\multicolumn{3}{c@{}}{\\scriptsize n/a\\textsuperscript{b}} \\\\
";
    assert_eq!(tabular, expected);
}

#[test]
fn three_levels_of_heads_have_their_rules() {
    let text = render::latex(&sample::collection(vec![sample::own_data()]));
    let heads = text.split("\\toprule\n").nth(1).unwrap().split("\\midrule").next().unwrap();
    let expected = " & \\multicolumn{3}{c}{IEMOCAP} \\\\
\\cmidrule(lr){2-4}
 & \\multicolumn{2}{c}{Clean} &  \\\\
\\cmidrule(lr){2-3}
Method & \\multicolumn{1}{c}{Acc} & \\multicolumn{1}{c}{F1} & \\multicolumn{1}{c}{Noise $\\sigma$=0.5} \\\\
";
    assert_eq!(heads, expected);
    assert!(text.contains("58.82 $\\pm$ 1.51\\,$\\blacktriangle$ ($-$28.09)"), "{text}");
}

#[test]
fn every_line_has_all_columns() {
    let text = all();
    let mut tables = 0;
    for tabular in text.split("\\begin{tabular}{@{}l").skip(1) {
        let expected = 1 + tabular.split("@{}}").next().unwrap().len();
        let body = tabular.split("\\bottomrule").next().unwrap();
        for line in body.lines().filter(|line| line.ends_with(" \\\\")) {
            assert_eq!(columns(line), expected, "{line}");
        }
        tables += 1;
    }
    assert_eq!(tables, 3);
}

#[test]
fn braces_are_balanced_and_nothing_but_ascii_is_left() {
    let text = all();
    assert!(text.is_ascii());
    let bare = text.replace("\\\\", "").replace("\\{", "").replace("\\}", "");
    let mut depth = 0;
    for character in bare.chars() {
        depth += i32::from(character == '{') - i32::from(character == '}');
        assert!(depth >= 0);
    }
    assert_eq!(depth, 0);
    for (begin, end) in [("\\begin{table}", "\\end{table}"), ("\\begin{tabular}", "\\end{tabular}"), ("\\begin{document}", "\\end{document}")] {
        assert_eq!(text.matches(begin).count(), text.matches(end).count());
    }
}

#[test]
fn labels_are_never_commands() {
    let text = all();
    let labels = [
        "\n\\textless{}/td\\textgreater{}\\textless{}script\\textgreater{} & 1 & 2\\textbar{}3 \\\\\n",
        "\n\\textbackslash{}input\\{x\\} & ",
        "\na\\textbar{}b & ",
        "\ntwo lines & ",
        "\n{[}x{]} 50\\% \\#1 \\$y\\$ \\_z\\_ \\textasciitilde{}\\textasciicircum{} & ",
    ];
    for label in labels {
        assert!(text.contains(label), "{label}");
    }
}

// Twelve columns of 0.5000 ± 0.0200 with the dataset's name are about twice as wide as a page.
#[test]
fn a_wide_table_is_cut_between_its_outer_heads() {
    use bench_audit::ledger::Mark;
    use bench_tables::table::Measured;
    let paths: Vec<Vec<String>> = ["A", "B", "C"].iter().flat_map(|outer| (0..4).map(move |at| vec![outer.to_string(), at.to_string()])).collect();
    let cell =
        || sample::cell(sample::printed("0.5109", 0.5109, Mark::None), vec![Some(Measured::Value(sample::value("openmoji", 0.5, Some(0.02))))]);
    let table = sample::bare("wide", paths, vec![sample::row("RAML", (0..12).map(|_| cell()).collect())]);
    let text = render::latex(&sample::collection(vec![table]));
    let outer: Vec<&str> = text.lines().filter(|line| line.contains("\\multicolumn{4}{c}")).collect();
    assert_eq!(outer, [" & \\multicolumn{4}{c}{A} \\\\", " & \\multicolumn{4}{c}{B} \\\\", " & \\multicolumn{4}{c}{C} \\\\"]);
    assert_eq!(text.matches("\\addtocounter{table}{-1}").count(), 2);
    assert!(text.contains("(part 3 of 3)"));
}

// What a flag or a label may say comes from these files.
#[test]
fn every_character_of_the_ledgers_has_a_command() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut found = String::new();
    for folder in ["ledgers/seeds", "ledgers/seeds/tables", "tables/data", "tables/data/papers"] {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                found.extend(std::fs::read_to_string(path).unwrap().chars().filter(|character| !character.is_ascii()));
            }
        }
    }
    assert!(found.contains('Δ') && found.contains('±'));
    let table = sample::bare("all", sample::columns(&[&["c"]]), vec![sample::row(&found, Vec::new())]);
    let text = render::latex(&sample::collection(vec![table]));
    assert!(text.is_ascii());
    let unknown: Vec<&str> = text.split("{[}U+").skip(1).map(|rest| rest.split('{').next().unwrap()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
