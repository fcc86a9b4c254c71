//! Rows whose numbers are the papers' alone.

use std::collections::{BTreeMap, BTreeSet};

use bench_tables::{
    Spec,
    fill::{Answer, Flags, Sources, fill},
    render,
    reported::{self, ReportedOnly},
    request::Questions,
    spec::{builtin, paper_datasets},
    table::{Collection, FORMAT, Table},
};

fn table_of(rows: &str) -> Result<Spec, String> {
    let columns = "[{ key = 'c', dataset = 'Food-101', measure = 'accuracy' }]";
    let text = format!("format = 1\nid = 'x-1'\npaper = 'x'\ncaption = ''\ncorner = 'Method'\nrows = [{rows}]\ncolumns = {columns}\n");
    Spec::read("x.toml", &text).map_err(|error| error.to_string())
}

fn builtin_table(id: &str) -> Spec {
    builtin().unwrap().into_iter().find(|spec| spec.id == id).unwrap()
}

fn filled(spec: &Spec) -> Table {
    let (ledger, papers, flags) = (bench_audit::ledger::builtin().unwrap(), paper_datasets().unwrap(), Flags::default());
    let questions = Questions::of(spec, &papers, &[]).unwrap();
    let sources = Sources { ledger: &ledger, flags: &flags, papers: &papers, assigned: &[], questions: &questions, trials: &BTreeMap::new() };
    fill(spec, &sources, |_| Answer::Absent("not run yet".into()))
}

/// By hand from the papers' tables: the translators of DEF+AAF's Table 3, and six more.
#[test]
fn every_method_is_printed_somewhere_and_described() {
    let specs = builtin().unwrap();
    let all = reported::builtin().unwrap();
    let printed: BTreeMap<&str, Vec<String>> = all.iter().map(|method| (method.name.as_str(), method.tables(&specs))).collect();
    let in_one: Vec<&str> = printed.iter().filter(|(_, tables)| **tables == ["def-aaf-3"]).map(|(name, _)| *name).collect();
    assert_eq!(in_one, ["CLIPTrans", "CoBIT", "DATNMT", "EMMETT", "Imagination", "MMT-SAN", "Transformer", "VALHALLA"]);
    assert_eq!(printed["EmotionLLM"], ["def-aaf-1", "def-aaf-2"]);
    assert_eq!(printed["ImageBind-FT"], ["def-aaf-1", "def-aaf-2", "def-aaf-6"]);
    assert_eq!(printed["HCMSL"], ["def-aaf-17"]);
    assert_eq!(printed["AOBERT"], ["decalign-1", "decalign-2"]);
    assert_eq!(printed["CLIP"], ["mla-7"]);
    assert_eq!(printed["UniMSE"], ["cp-sl-1"]);
    assert_eq!(all.len(), 14);

    let mut names = BTreeSet::new();
    for ReportedOnly { name, also, paper, year, summary, why, note } in all {
        for name in also.iter().chain([name]) {
            assert!(names.insert(name.to_ascii_lowercase()), "{name} stands twice");
        }
        assert!(year.is_some_and(|year| (2015..2030).contains(&year)), "{name}");
        assert!(paper.as_ref().is_none_or(|paper| paper.ends_with(&format!("{})", year.unwrap_or_default()))), "{name}: {paper:?}");
        assert!(paper.is_some() || note.is_some(), "{name}: no paper, and nothing that says why");
        assert!(!summary.is_empty() && !summary.ends_with('.') && !why.is_empty() && !why.ends_with('.'), "{name}");
    }
}

#[test]
fn their_rows_say_so_and_keep_the_papers_numbers() {
    let table = filled(&builtin_table("cp-sl-1"));
    let row = |label: &str| table.rows.iter().find(|row| row.label == label).unwrap();
    let expected = "reported only: it fine-tunes a pretrained T5 on several corpora at once";
    assert_eq!(row("UniMSE").reported_only.as_deref(), Some(expected));
    assert_eq!(row("UniMSE").cells[0].reported.as_ref().map(|reported| reported.text.as_str()), Some("85.9"));
    // What could be trained, and is not here, is something else.
    assert_eq!(row("ITHP").reported_only.as_deref(), Some("not here yet"));

    let collection = Collection { format: FORMAT, on: Vec::new(), code: None, tables: vec![table.clone()], trials: BTreeMap::new() };
    assert!(render::markdown(&collection).contains(&format!("</sup> {expected}.\n")), "{}", render::markdown(&collection));
    assert!(render::csv(&collection).contains(expected));
    assert!(render::latex(&collection).contains(expected) && render::html(&collection).contains(expected));
}

/// DEF+AAF cites one PMR, DecAlign describes another than it cites.
#[test]
fn only_one_of_the_two_rows_called_pmr_is_taken_for_the_method() {
    let method = |id: &str| {
        let spec = builtin_table(id);
        let row = spec.rows.iter().find(|leaf| leaf.key == "PMR").unwrap();
        row.meaning.method.as_ref().map(ToString::to_string)
    };
    assert_eq!(method("def-aaf-1").as_deref(), Some("pmr"));
    assert_eq!((method("decalign-1"), method("decalign-2")), (None, None));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let refused = |rows: &str| table_of(rows).unwrap_err();
    assert!(refused("{ key = 'a', reported = 'UniMES' }").contains("there is no method `UniMES` that is reported only; known are EmotionLLM, "));
    assert!(refused("{ key = 'a', reported = 'UniMSE', method = 'raml' }").contains("`a` of the rows has `reported` beside"));
    assert!(refused("{ key = 'a', reported = 'UniMSE', reported_only = 'large' }").contains("`reported` beside"));
    assert!(table_of("{ key = 'a', reported = 'UniMSE' }").is_ok());
}
