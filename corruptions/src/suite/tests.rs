//! What suites hold, and what is refused of their files.

use bench_datasets::Kind;
use sha2::{Digest, Sha256};

use super::*;

fn modalities() -> Vec<Modality> {
    let kinds = [
        ("image", Kind::Image { channels: 3, height: 2, width: 2 }),
        ("text", Kind::Tokens { steps: 4, vocabulary: Vec::new() }),
        ("pen", Kind::Vector { dim: 2 }),
    ];
    kinds.into_iter().map(|(name, kind)| Modality { name: name.into(), kind }).collect()
}

fn texts(reference: &str) -> Vec<String> {
    let planned = Suite::named(reference).unwrap().conditions(&modalities()).unwrap();
    planned.iter().map(|planned| planned.condition.to_string()).collect()
}

/// A released suite never changes: a failure here asks for a new version, not for a new hash.
#[test]
fn released_conditions_stay() {
    for (id, count, hash) in [
        ("robustness@1", 27, "2c7fd8fc"),
        ("missing@1", 7, "d34a9d69"),
        ("noise@1", 10, "ff44bd15"),
        ("words@1", 6, "c6fe66c5"),
        ("adversarial@1", 7, "4d3634d0"),
        ("clean@1", 1, "3b066804"),
        ("raml-table1@1", 7, "d34a9d69"),
        ("raml-table2@1", 11, "5249988f"),
        ("raml-table3@1", 10, "ae0d3fc0"),
        ("raml-table4@1", 1, "3b066804"),
        ("raml-table5@1", 7, "d34a9d69"),
        ("raml-table6@1", 7, "d34a9d69"),
        ("def-aaf-table4@1", 1, "3b066804"),
        ("def-aaf-table6@1", 8, "0766110d"),
        ("def-aaf-table7@1", 7, "6fe28c0a"),
        ("def-aaf-figure2@1", 7, "d34a9d69"),
        ("mla-table5@1", 4, "f49fb877"),
        ("mla-table6@1", 7, "d34a9d69"),
        ("mla-table7@1", 4, "f49fb877"),
        ("cp-sl-table2@1", 1, "3b066804"),
        ("decalign-table3@1", 1, "3b066804"),
        ("decalign-table4@1", 1, "3b066804"),
    ] {
        let texts = texts(id);
        let digest: String = Sha256::digest(texts.join("\n")).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((texts.len(), digest.as_str()), (count, hash), "{id}: {texts:#?}");
    }
}

/// Written by hand from the papers' tables: what σ and p they sweep, and what is missing, noisy or attacked in them.
#[test]
fn suites_of_tables_hold_the_papers_conditions() {
    for (id, expected) in [
        (
            "raml-table2@1",
            "clean noise(image,0.08) noise(image,0.12) noise(image,0.18) noise(image,0.26) noise(image,0.38) \
             mask(text,0.05) mask(text,0.1) mask(text,0.15) mask(text,0.2) mask(text,0.25)",
        ),
        (
            "raml-table3@1",
            "clean noise(image,0.08)+mask(text,0.1) noise(image,0.12)+mask(text,0.1) noise(image,0.18)+mask(text,0.1) \
             noise(image,0.26)+mask(text,0.1) noise(image,0.38)+mask(text,0.1) noise(image,0.18)+mask(text,0.05) \
             noise(image,0.18)+mask(text,0.15) noise(image,0.18)+mask(text,0.2) noise(image,0.18)+mask(text,0.25)",
        ),
        ("def-aaf-table6@1", "clean missing(image) missing(text) missing(pen) noise(image,0.5) noise(pen,0.5) fgsm(image,0.1) fgsm(pen,0.1)"),
        ("def-aaf-table7@1", "clean noise(image,0.2) noise(pen,0.2) noise(image,0.5) noise(pen,0.5) noise(image,1) noise(pen,1)"),
        ("mla-table5@1", "clean missing(text,pen) missing(image,pen) missing(image,text)"),
    ] {
        assert_eq!(texts(id), expected.split(' ').collect::<Vec<_>>(), "{id}");
    }
}

#[test]
fn every_file_of_suites_is_built_in() {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/suites")).unwrap();
    assert_eq!(files.count(), FILES.len());
}

#[test]
fn robustness_starts_clean_and_counts_missing_patterns_up() {
    let texts = texts("robustness");
    assert_eq!(texts[..2], ["clean", "noise(image,0.08)"]);
    let missing: Vec<&str> = texts.iter().map(String::as_str).filter(|text| text.starts_with("missing")).collect();
    let expected = ["missing(image,text)", "missing(image,pen)", "missing(image)", "missing(text,pen)", "missing(text)", "missing(pen)"];
    assert_eq!(missing, expected);
    assert_eq!(texts.last().map(String::as_str), Some("fgsm(pen,0.1)"));
}

#[test]
fn every_planned_condition_reads_back_and_has_one_group() {
    for suite in Suite::all().unwrap() {
        for Planned { condition, group } in suite.conditions(&modalities()).unwrap() {
            let again = Condition::parse(&condition.to_string(), &modalities()).unwrap();
            assert_eq!((again.data(), again.attack(), again.group()), (condition.data(), condition.attack(), group));
            assert_eq!(group == Group::Mixed, condition.to_string().contains('+'));
        }
    }
}

#[test]
fn a_suite_is_named_with_or_without_its_version() {
    assert_eq!(Suite::named("robustness").unwrap().id(), "robustness@1");
    assert_eq!(Suite::named("words@1").unwrap().id(), "words@1");
    let hint = "did you mean `robustness`? (known are `robustness@1`, `missing@1`, `noise@1`, `words@1`, `adversarial@1`, `clean@1`, and those of papers' tables, see `bench suites`)";
    assert_eq!(Suite::named("robustnes").unwrap_err().to_string(), format!("there is no suite `robustnes`; {hint}"));
    assert!(matches!(Suite::named("robustness@9"), Err(SuiteError::Unknown { .. })));
}

#[test]
fn all_patterns_of_too_many_modalities_are_refused() {
    let view = |number: usize| Modality { name: format!("view-{number}"), kind: Kind::Vector { dim: 1 } };
    let many = |count: usize| (0..count).map(view).collect::<Vec<_>>();
    let suite = Suite::named("missing").unwrap();
    assert_eq!(suite.conditions(&many(6)).unwrap().len(), 63);
    assert!(matches!(suite.conditions(&many(13)), Err(SuiteError::TooManyModalities { modalities: 13, .. })));
    assert!(Suite::named("noise").unwrap().conditions(&many(13)).is_ok());
}

#[test]
fn mistakes_in_a_suite_file_are_named() {
    let start = "format = 1\nname = \"x\"\nversion = 1\nsummary = \"\"\n";
    assert!(Suite::read("x@1", start).is_ok());
    for (id, text, needle) in [
        ("x@1", format!("{start}wrods = [0.1]\n"), "wrods"),
        ("x@1", format!("{start}words = [1.5]\n"), "level 1.5 is too large"),
        ("x@1", format!("{start}words = [\"1/x\"]\n"), "level `1/x` is no number"),
        ("x@1", format!("{start}noise = {{ pixels = [-0.5] }}\n"), "level -0.5 is negative"),
        ("x@2", start.to_string(), "`x@1`"),
        (
            "x@1",
            format!("{start}conditions = [\"noise(each,0.1)\", \"noise(image,0.1)\"]\n"),
            "field `conditions`: `noise(image,0.1)`: `image` is no modality",
        ),
        ("x@1", start.replace("format = 1", "format = 2"), "`format` is 2"),
    ] {
        let message = Suite::read(id, &text).unwrap_err().to_string();
        assert!(message.contains(needle), "{message}");
    }
}
