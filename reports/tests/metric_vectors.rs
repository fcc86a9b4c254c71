/*!
Metrics against numbers from independent implementations (scikit-learn, MMSA's evaluator, NumPy), `tests/vectors/metrics`.

Every output of every case is computed by our functions and compared in float64 at the tolerance that the case gives. `BENCH_VECTORS_DIR` names another
folder of the same layout.
*/

#[path = "metric_vectors/case.rs"]
mod case;
#[path = "metric_vectors/numpy.rs"]
mod numpy;
#[path = "metric_vectors/runners.rs"]
mod runners;

use std::{env, fs, path::PathBuf};

use case::Case;

#[test]
fn every_output_of_every_case_matches() {
    let other = env::var_os("BENCH_VECTORS_DIR").map(PathBuf::from);
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let folder = other.as_ref().unwrap_or(&own).join("metrics");
    if other.is_some() && !folder.exists() {
        println!("metrics: {} is not there, nothing to compare", folder.display());
        return;
    }
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let (mut outputs, mut failures) = (0, Vec::new());
    for path in &paths {
        let case = Case::read(path);
        match runners::run(&case) {
            None => failures.push(format!("{}: nothing runs this case", case.name)),
            Some(computed) => failures.extend(case.compare(&computed)),
        }
        outputs += case.outputs();
    }
    println!("metrics: {} cases, {outputs} outputs compared", paths.len());
    assert!(failures.is_empty(), "{} mismatches\n{}", failures.len(), failures.join("\n"));
    if other.is_none() {
        assert_eq!(paths.len(), 16, "cases are missing from {}", folder.display());
    }
}
