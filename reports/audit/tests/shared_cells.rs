//! Claims in which a cell occurs more than once, against ends worked by hand (`ledgers/shared/expected.csv`, column `worked`).

use std::path::Path;

use bench_audit::{ledger::read_folder, number::nearest, verdict::judge_all};

#[test]
fn a_cell_used_twice_is_one_value() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ledgers/shared");
    let ledger = read_folder(&folder).unwrap();
    let judgements = judge_all(&ledger).unwrap();
    let mut reader = csv::Reader::from_path(folder.join("expected.csv")).unwrap();
    let expected: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(judgements.len(), expected.len());
    let mut narrower = 0;
    for (judgement, row) in judgements.iter().zip(&expected) {
        assert_eq!((judgement.claim.id.as_str(), judgement.verdict.name()), (&row[0], &row[1]));
        let found = judgement.recomputed.as_ref().unwrap();
        for (ours, worked) in [&found.value, &found.range.lo, &found.range.hi].into_iter().zip([&row[2], &row[3], &row[4]]) {
            let (ours, worked) = (nearest(ours), worked.parse::<f64>().unwrap());
            assert!((ours - worked).abs() < 1e-9, "{}: {ours}, by hand {worked}", &row[0]);
        }
        let naive = [&row[5], &row[6]].map(|end| end.parse::<f64>().unwrap());
        narrower += usize::from(nearest(&found.range.lo) > naive[0] + 1e-9 || nearest(&found.range.hi) < naive[1] - 1e-9);
    }
    assert!(narrower > expected.len() / 2, "only {narrower} of these tell shared cells from others");
}
