/*!
Golden vectors: the methods' equations against numbers from independent implementations.

The folder is `tests/vectors`, or `$BENCH_VECTORS_DIR`. Every case runs in float64 and, with the tolerance the case gives for it, in float32.
*/

#[path = "golden/case.rs"]
mod case;
#[path = "golden/cpsl.rs"]
mod cpsl;
#[path = "golden/decalign.rs"]
mod decalign;
#[path = "golden/decalign_model.rs"]
mod decalign_model;
#[path = "golden/defaaf.rs"]
mod defaaf;
#[path = "golden/dynamics.rs"]
mod dynamics;
#[path = "golden/evidential.rs"]
mod evidential;
#[path = "golden/mla.rs"]
mod mla;
#[path = "golden/qmf.rs"]
mod qmf;
#[path = "golden/raml.rs"]
mod raml;
#[path = "golden/rebalance.rs"]
mod rebalance;
#[path = "golden/simple.rs"]
mod simple;
#[path = "golden/tensor_fusion.rs"]
mod tensor_fusion;

use std::{collections::BTreeMap, env, path::PathBuf};

use case::{Case, Outputs};
use tch::Kind;

type Runner = fn(&Case) -> Option<Outputs>;

/// Folders of the vectors and what runs their cases; a runner answers `None` for a case that it does not know.
const RUNNERS: [(&str, Runner); 15] = [
    ("cggm", rebalance::run_cggm),
    ("cpsl", cpsl::run),
    ("decalign", decalign::run),
    ("defaaf", defaaf::run),
    ("etmc", evidential::run_etmc),
    ("lmf", tensor_fusion::run_lmf),
    ("md", dynamics::run),
    ("mla", mla::run),
    ("ogm", rebalance::run_ogm),
    ("pmr", rebalance::run_pmr),
    ("qmf", qmf::run),
    ("raml", raml::run),
    ("simple", simple::run),
    ("tfn", tensor_fusion::run_tfn),
    ("tmc", evidential::run_tmc),
];

/// Folders that hold no method: the tests of `bench-reports` and of cost run them.
const ELSEWHERE: [&str; 3] = ["counts", "metrics", "stats"];

#[test]
fn every_golden_case_matches() {
    let folder = env::var_os("BENCH_VECTORS_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors"), PathBuf::from);
    let mut run = 0;
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (method, path) in case::find(&folder) {
        if ELSEWHERE.contains(&method.as_str()) {
            continue;
        }
        let Some((_, runner)) = RUNNERS.iter().find(|(name, _)| *name == method) else {
            *skipped.entry(method).or_default() += 1;
            continue;
        };
        for kind in [Kind::Double, Kind::Float] {
            let case = Case::read(&path, kind);
            match runner(&case) {
                None => failures.push(format!("{method}/{}: the method is here, but nothing runs this case", case.name)),
                Some(outputs) => failures.extend(case.compare(&outputs)),
            }
        }
        run += 1;
    }
    let skipped: Vec<String> = skipped.iter().map(|(method, cases)| format!("{method} ({cases})")).collect();
    println!(
        "golden: {run} cases run, skipped methods that are not here yet: {}",
        if skipped.is_empty() { "none".into() } else { skipped.join(", ") }
    );
    assert!(failures.is_empty(), "{} mismatches\n{}", failures.len(), failures.join("\n"));
    assert!(run > 0 || !skipped.is_empty(), "no case found under {}", folder.display());
}
