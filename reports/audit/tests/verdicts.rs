/*!
Every claim of the built-in ledger against a second engine, `reports/ledgers/check/independent.py`, written in Python from the rules alone.

Its verdicts are committed, so this is the snapshot of all verdicts as well: a change of either engine or of the ledger shows here.
*/

use std::{collections::BTreeMap, path::Path};

use bench_audit::{ledger::builtin, number::nearest, verdict::judge_all};

#[test]
fn both_engines_agree_on_every_claim() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledgers/check/verdicts.csv");
    let mut reader = csv::Reader::from_path(file).unwrap();
    let second: BTreeMap<String, csv::StringRecord> = reader.records().map(|row| row.unwrap()).map(|row| (row[0].to_owned(), row)).collect();
    let ledger = builtin().unwrap();
    let judgements = judge_all(&ledger).unwrap();
    assert!(judgements.len() >= 426);
    assert_eq!(judgements.len(), second.len(), "run reports/ledgers/check/independent.py again");
    let mut apart = Vec::new();
    for judgement in &judgements {
        let other = &second[&judgement.claim.id];
        let mut agree = judgement.verdict.name() == &other[1];
        if let Some(found) = &judgement.recomputed {
            for (ours, theirs) in [&found.value, &found.range.lo, &found.range.hi].into_iter().zip([&other[2], &other[3], &other[4]]) {
                let (ours, theirs) = (nearest(ours), theirs.parse::<f64>().unwrap());
                // The tolerance of the ledger's rules (14).
                agree &= (ours - theirs).abs() <= f64::max(1e-9, 1e-3 * theirs.abs());
            }
        } else {
            agree &= other[2].is_empty();
        }
        if !agree {
            apart.push(format!(
                "{}: {} {:?}, other engine {other:?}",
                judgement.claim.id,
                judgement.verdict.name(),
                judgement.recomputed.as_ref().map(|found| nearest(&found.value))
            ));
        }
    }
    assert!(apart.is_empty(), "{} claims:\n{}", apart.len(), apart.join("\n"));
}

#[test]
fn a_failure_that_can_be_doubted_is_justified() {
    let ledger = builtin().unwrap();
    let judgements = judge_all(&ledger).unwrap();
    let bare: Vec<&str> = judgements
        .iter()
        .filter(|judgement| judgement.verdict.name() == "fails" && judgement.claim.justification.trim().is_empty())
        .map(|judgement| judgement.claim.id.as_str())
        .collect();
    assert!(bare.is_empty(), "{bare:?}");
}
