//! A rendered table in which something was changed afterwards.

#[path = "render/sample.rs"]
mod sample;

use bench_tables::{
    check::{CheckError, Difference, Place, What, check, check_csv, tables},
    render,
    table::Collection,
};

fn results() -> Collection {
    sample::collection(vec![sample::stand_ins(), sample::own_data(), sample::hostile()])
}

fn place(label: &str, line: Option<usize>) -> Place {
    Place { label: label.into(), line }
}

fn shown(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

/// The file with two of its lines swapped, by what they begin with.
fn swapped(text: &str, first: &str, second: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap();
    let (first, second) = (at(first), at(second));
    lines.swap(first, second);
    lines.join("\n")
}

#[test]
fn what_was_rendered_has_no_differences() {
    let results = results();
    let text = render::markdown(&results);
    assert_eq!(check(&text, &results), Ok(Vec::new()));
    assert_eq!(tables(&text), Ok(vec!["raml-1".into(), "def-aaf-7".into(), "hostile".into()]));
    assert_eq!(check_csv(&render::csv(&results), &results), Ok(Vec::new()));
}

#[test]
fn a_changed_digit_is_the_only_difference() {
    let results = results();
    let text = render::markdown(&results).replace("0.7000 ± 0.0100", "0.7000 ± 0.0190");
    let found = check(&text, &results).unwrap();
    let cell = What::Cell {
        row: place("Concat Fusion", Some(1)),
        column: "Food-101 {I,T}".into(),
        file: "0.7000 ± 0.0190 <sub>openmoji</sub>".into(),
        results: "0.7000 ± 0.0100 <sub>openmoji</sub>".into(),
    };
    assert_eq!(found, [Difference { table: "raml-1".into(), what: cell }]);
    let sentence = "raml-1: measured line 1 of row `Concat Fusion`, column `Food-101 {I,T}`: the file says `0.7000 ± 0.0190 <sub>openmoji</sub>`, \
                    the results say `0.7000 ± 0.0100 <sub>openmoji</sub>`";
    assert_eq!(shown(&found), [sentence]);
}

#[test]
fn a_printed_number_is_compared_as_well() {
    let results = results();
    let found = check(&render::markdown(&results).replace("0.5589", "0.5598"), &results).unwrap();
    assert_eq!(shown(&found), ["raml-1: row `MVAE`, column `Average`: the file says `0.5598`, the results say `0.5589`"]);
}

#[test]
fn swapped_rows_stand_elsewhere() {
    let results = results();
    let without_measured = sample::bare(
        "t",
        sample::columns(&[&["c"]]),
        ["A", "B", "C"].map(|label| sample::row(label, vec![sample::cell(sample::printed(label, 1.0, Default::default()), Vec::new())])).into(),
    );
    let plain = sample::collection(vec![without_measured]);
    let found = check(&swapped(&render::markdown(&plain), "| A ", "| B "), &plain).unwrap();
    assert_eq!(found, [Difference { table: "t".into(), what: What::RowMoved(place("B", None)) }]);
    // Swapped without the lines below them: these belong to other rows now.
    let found = check(&swapped(&render::markdown(&results), "| Concat", "| MVAE"), &results).unwrap();
    assert!(found.iter().any(|difference| matches!(&difference.what, What::RowMoved(_))), "{found:?}");
    assert!(found.iter().any(|difference| matches!(&difference.what, What::RowExtra(place) if place.label == "MVAE")), "{found:?}");
}

#[test]
fn rows_and_columns_may_be_missing_or_too_many() {
    let results = results();
    let text = render::markdown(&results);
    let without: String = text.lines().filter(|line| !line.starts_with("| MVAE")).map(|line| format!("{line}\n")).collect();
    assert_eq!(shown(&check(&without, &results).unwrap()), ["raml-1: row `MVAE` is missing in the file"]);
    let more = text.replace("| MVAE", "| New |\n| MVAE");
    assert_eq!(shown(&check(&more, &results).unwrap()), ["raml-1: row `New` is in the file, but not in the results"]);
    // The head and the lines below lose their last column.
    let narrower: String = text
        .lines()
        .map(|line| match line.trim_end_matches(" |").rsplit_once('|') {
            Some((rest, _)) if line.starts_with('|') && text.find(line) < text.find("<!-- end raml-1") => format!("{rest}|\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(shown(&check(&narrower, &results).unwrap()), ["raml-1: column `Average` is missing in the file"]);
    let renamed = text.replace("| Average |", "| Mean |").replace(" Average |", " Mean |");
    let expected = ["raml-1: column `Average` is missing in the file", "raml-1: column `Mean` is in the file, but not in the results"];
    assert_eq!(shown(&check(&renamed, &results).unwrap()), expected);
}

#[test]
fn a_cell_behind_the_last_column_is_a_difference() {
    let results = results();
    let text: String = render::markdown(&results)
        .lines()
        .map(|line| if line.starts_with("| MVAE") { format!("{line} 7 |\n") } else { format!("{line}\n") })
        .collect();
    assert_eq!(shown(&check(&text, &results).unwrap()), ["raml-1: row `MVAE`, column `behind the last`: the file says `7`, the results say ``"]);
}

#[test]
fn white_space_and_what_stands_around_do_not_matter() {
    let results = results();
    let table = render::table_markdown(&sample::own_data());
    let marked = table.split("<!-- end").next().unwrap().split("<!-- table").nth(1).unwrap();
    let page = format!(
        "# A page\n\n| a | table |\n|---|---|\n| of | mine |\n\n  <!-- table{}<!-- end def-aaf-7 -->\r\nMore.\n",
        marked.replace("  ", " \t ").replace('\n', "\r\n")
    );
    assert_eq!(check(&page, &results), Ok(Vec::new()));
}

#[test]
fn a_file_that_cannot_be_checked_says_why() {
    let results = results();
    assert_eq!(check("# Nothing\n\n| a |\n|---|\n", &results), Err(CheckError::NoTables));
    assert_eq!(check("<!-- table raml-1 -->\n| a |\n", &results), Err(CheckError::Open("raml-1".into())));
    assert_eq!(check("<!-- table raml-1 -->\n<!-- end raml-1 -->\n", &results), Err(CheckError::Empty("raml-1".into())));
    let unknown = check("<!-- table mla-5 -->\n| a |\n|---|\n<!-- end mla-5 -->\n", &results).unwrap_err();
    assert_eq!(unknown.to_string(), "the file has table `mla-5`, the results do not");
}

#[test]
fn csv_is_compared_field_by_field() {
    let results = results();
    let text = render::csv(&results).replacen("0.39018", "0.39081", 1);
    let expected =
        "raml-1: measured line 1 of row `Concat Fusion, Food-101 / {I}`, column `mean`: the file says `0.39081`, the results say `0.39018`";
    assert_eq!(shown(&check_csv(&text, &results).unwrap()), [expected]);
    assert_eq!(check_csv("a,b\n1,2\n", &results), Err(CheckError::Csv("it has no field `table`".into())));
}
