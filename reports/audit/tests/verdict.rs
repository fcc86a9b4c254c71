//! The rules of judgement one by one, at their exact boundaries. Expected verdicts follow from the ledger's README; the arithmetic is worked by hand.

use bench_audit::{
    Ledger,
    ledger::{builtin, read_folder},
    number::{decimal, nearest},
    verdict::{Verdict, cells_used, explain, judge, judge_all},
};

const TABLE: &str = "paper,table,row_key,col_key,value_raw,std_raw,n_seeds,unit,higher_is_better
p,1,A,acc,85.0,0.5,5,%,1
p,1,B,acc,84.0,0.4,5,%,1
p,1,C,acc,84.1,0.3,5,%,1
p,1,D,acc,,,,%,1
p,1,A,n,1593,,,samples,
p,1,Z,n,0,,,,
p,1,Delta,acc,1.0,,,pp,1
";

fn ledger_with(fields: &str, expression: &str) -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    std::fs::write(folder.path().join("tables/p-table1.csv"), TABLE).unwrap();
    let claim = format!(
        "[[claim]]\nid = \"it\"\npaper = \"p\"\nloc = \"Table 1\"\nquote = \"A is bold\"\nkind = \"x\"\nexpr = '''{expression}'''\n{fields}\n"
    );
    std::fs::write(folder.path().join("claims.toml"), claim).unwrap();
    read_folder(folder.path()).unwrap()
}

fn verdict(fields: &str, expression: &str) -> (Verdict, String) {
    let ledger = ledger_with(fields, expression);
    let judgement = judge(&ledger, &ledger.claims[0]).unwrap();
    (judgement.verdict, judgement.reason)
}

fn cell(row: &str) -> String {
    format!("cell(\"t1\",\"{row}\",\"acc\")")
}

#[test]
fn approx_fails_only_where_the_intervals_are_disjoint() {
    // 85.0 - 84.0 is 1.0 [0.9, 1.1].
    let expression = format!("{}-{}", cell("A"), cell("B"));
    for (lo, hi, expected) in
        [("1.1", "1.2", Verdict::Holds), ("1.1000001", "1.2", Verdict::Fails), ("0.8", "0.9", Verdict::Holds), ("0.7", "0.89", Verdict::Fails)]
    {
        let fields = format!("op = \"approx\"\nstated = \"s\"\nstated_value = {lo}\nstated_lo = {lo}\nstated_hi = {hi}");
        assert_eq!(verdict(&fields, &expression).0, expected, "{lo} {hi}");
    }
}

#[test]
fn boundary_marks_what_only_rounding_saves() {
    for (lo, hi, boundary) in [("1.05", "1.15", true), ("0.95", "1.05", false), ("1.0", "1.1", false)] {
        let fields = format!("op = \"approx\"\nstated_value = {lo}\nstated_lo = {lo}\nstated_hi = {hi}");
        let ledger = ledger_with(&fields, &format!("{}-{}", cell("A"), cell("B")));
        let judgement = judge(&ledger, &ledger.claims[0]).unwrap();
        assert_eq!((judgement.verdict, judgement.boundary), (Verdict::Holds, boundary), "{lo}");
        assert_eq!(judgement.distance, Some(decimal("0").unwrap()));
    }
}

#[test]
fn agree_needs_overlap_and_not_a_touch() {
    let agree = |expression: &str| verdict("op = \"agree\"", expression).0;
    // 84.0 and 84.1 touch at 84.05.
    assert_eq!(agree(&format!("{}-{}", cell("B"), cell("C"))), Verdict::Fails);
    assert_eq!(agree(&format!("{}-lit(\"84.1\")-lit(\"0.0\")", cell("B"))), Verdict::Holds);
    assert_eq!(agree(&format!("{}-84", cell("B"))), Verdict::Holds);
    assert_eq!(agree(&format!("{}-{}", cell("B"), cell("B"))), Verdict::Holds);
    assert_eq!(agree("lit(\"85.72\")-lit(\"85.73\")"), Verdict::Fails);
    assert_eq!(agree("lit(\"85.72\")-lit(\"85.72\")"), Verdict::Holds);
    assert_eq!(agree(&format!("{}-{}", cell("A"), cell("B"))), Verdict::Fails);
    // Distances cannot fall below 0, so there 0 at the end is enough.
    assert_eq!(agree(&format!("abs({}-{})", cell("B"), cell("C"))), Verdict::Holds);
    assert_eq!(agree(&format!("max(abs({}-{}),abs(lit(\"1.0\")-1))", cell("B"), cell("C"))), Verdict::Holds);
    // B cannot be at 84.05, where it meets C, and at 84: the maximum is at least 0.025.
    assert_eq!(agree(&format!("max(abs({0}-{1}),abs({0}-84))", cell("B"), cell("C"))), Verdict::Fails);
    assert_eq!(agree(&format!("abs({}-{})", cell("A"), cell("B"))), Verdict::Fails);
    assert_eq!(agree("lit(\"0.05\")-lit(\"0.04\")"), Verdict::Fails);
}

#[test]
fn comparisons_hold_or_fail_only_where_the_whole_interval_does() {
    // 84.0 is [83.95, 84.05].
    for (op, stated, expected) in [
        ("lt", "84.06", Verdict::Holds),
        ("lt", "84.05", Verdict::Undecidable),
        ("lt", "83.95", Verdict::Fails),
        ("lt", "83.96", Verdict::Undecidable),
        ("le", "84.05", Verdict::Holds),
        ("le", "83.95", Verdict::Undecidable),
        ("le", "83.94", Verdict::Fails),
        ("gt", "83.94", Verdict::Holds),
        ("gt", "83.95", Verdict::Undecidable),
        ("gt", "84.05", Verdict::Fails),
        ("ge", "83.95", Verdict::Holds),
        ("ge", "84.05", Verdict::Undecidable),
        ("ge", "84.06", Verdict::Fails),
        ("eq", "84", Verdict::Undecidable),
        ("eq", "84.05", Verdict::Undecidable),
        ("eq", "84.06", Verdict::Fails),
    ] {
        assert_eq!(verdict(&format!("op = \"{op}\"\nstated_value = {stated}"), &cell("B")).0, expected, "{op} {stated}");
    }
}

#[test]
fn exact_numbers_are_compared_exactly() {
    // Rule 1, and counts.
    assert_eq!(verdict("op = \"eq\"\nstated_value = 0.01", "0.1*0.1").0, Verdict::Holds);
    assert_eq!(verdict("op = \"eq\"\nstated_value = 0.3", "0.1+0.2").0, Verdict::Holds);
    assert_eq!(verdict("op = \"eq\"\nstated_value = 1593", "cell(\"t1\",\"A\",\"n\")").0, Verdict::Holds);
    assert_eq!(verdict("op = \"lt\"\nstated_value = 0.3", "0.1+0.2").0, Verdict::Fails);
    assert_eq!(verdict("op = \"true\"", "1").0, Verdict::Holds);
    assert_eq!(verdict("op = \"true\"", "2").0, Verdict::Fails);
}

#[test]
fn loose_wording_changes_no_verdict() {
    for hedged in [true, false] {
        assert_eq!(verdict(&format!("op = \"lt\"\nstated_value = 84.05\nhedged = {hedged}"), &cell("B")).0, Verdict::Undecidable);
    }
}

#[test]
fn the_shared_value_rule_can_decide_what_plain_intervals_leave_open() {
    // (a-b)/a is 1 - b/a; with a = 85 +- 0.05 and b = 84 +- 0.05 at most 1 - 83.95/85.05 = 0.0129336. Plain intervals reach 1.1/84.95 = 0.0129488.
    let expression = format!("({0}-{1})/{0}", cell("A"), cell("B"));
    assert_eq!(verdict("op = \"lt\"\nstated_value = 0.01294", &expression).0, Verdict::Holds);
    assert_eq!(verdict("op = \"lt\"\nstated_value = 0.01293", &expression).0, Verdict::Undecidable);
}

#[test]
fn what_is_not_there_is_undecidable_with_its_reason() {
    let (found, reason) = verdict("op = \"manual\"", "");
    assert_eq!(found, Verdict::Undecidable);
    assert!(reason.contains("reading Table 1 decides"), "{reason}");
    let (found, reason) = verdict("op = \"manual\"\nnote = \"only Figure 2 shows it\"", "");
    assert_eq!(found, Verdict::Undecidable);
    assert!(reason.contains("only Figure 2 shows it"), "{reason}");
    let (found, reason) = verdict("op = \"gt\"\nstated_value = 0", &cell("D"));
    assert_eq!(found, Verdict::Undecidable);
    assert_eq!(reason, "it cannot be recomputed: Table 1, row \"D\", column \"acc\" is empty");
    let (found, reason) = verdict("op = \"gt\"\nstated_value = 0", "1/(cell(\"t1\",\"Z\",\"n\")+0.25)");
    assert_eq!(found, Verdict::Undecidable);
    assert!(reason.contains("may be 0"), "{reason}");
    let (found, reason) = verdict("op = \"eq\"\nstated_value = 1", "rank(\"t1\",\"A\",\"acc\")");
    assert_eq!(found, Verdict::Undecidable);
    assert_eq!(reason, "its rank in the column is 1 to 2; the mark says 1 (none of 2 others is better than 85.0; 1 empty cell may be)");
}

#[test]
fn a_wrong_expression_is_an_error_that_points() {
    let ledger = ledger_with("op = \"true\"", "1+cell(\"t1\",\"AA\",\"acc\")");
    let error = judge(&ledger, &ledger.claims[0]).unwrap_err();
    assert_eq!(error.to_string(), "claim \"it\": Table 1 has no row \"AA\"; did you mean \"A\"?");
    assert_eq!(error.pointed(), "1+cell(\"t1\",\"AA\",\"acc\")\n            ^^^^");
    assert!(judge_all(&ledger).is_err());
    let undefined = ledger_with("op = \"true\"", "1/cell(\"t1\",\"Z\",\"n\")");
    assert!(judge(&undefined, &undefined.claims[0]).is_err());
}

#[test]
fn reasons_are_sentences_with_the_numbers() {
    let ledger = builtin().unwrap();
    let reason = |id: &str| {
        let claim = ledger.claims.iter().find(|claim| claim.id == id).unwrap();
        let judgement = judge(&ledger, claim).unwrap();
        (judgement.verdict, judgement.reason)
    };
    // By hand from Table 1 of DEF+AAF: 86.91 - 85.04, and 0.87 is [0.865, 0.875]; 1.86 - 0.875 = 0.985.
    let sentence = "86.91 - 85.04 = 1.87 [1.86, 1.88]; stated +0.87 [0.865, 0.875]; the intervals are 0.985 apart";
    assert_eq!(reason("def-t1-selfmm"), (Verdict::Fails, sentence.into()));
    let (found, sentence) = reason("cpsl-t1-mark-ours-mosei-f1");
    assert_eq!((found, sentence.as_str()), (Verdict::Fails, "its rank in the column is 2; the mark says 1 (better than 87.22: \"ITHP\" 87.40)"));
}

#[test]
fn every_built_in_claim_has_a_verdict_and_a_reason() {
    let ledger = builtin().unwrap();
    let judgements = judge_all(&ledger).unwrap();
    assert_eq!(judgements.len(), ledger.claims.len());
    for judgement in &judgements {
        assert!(judgement.reason.len() > 5, "{}", judgement.claim.id);
        if let Some(found) = &judgement.recomputed {
            assert!(found.range.contains(&found.value), "{}", judgement.claim.id);
        }
    }
}

#[test]
fn an_explanation_ends_with_the_value_and_names_shared_cells_with_their_ends() {
    let expression = format!("({0}-{1})/{0}", cell("A"), cell("B"));
    let ledger = ledger_with("op = \"lt\"\nstated_value = 1", &expression);
    let steps = explain(&ledger, &ledger.claims[0]).unwrap();
    let parts: Vec<&str> = steps.iter().map(|step| step.expression.as_str()).collect();
    assert_eq!(parts, [&cell("A"), &cell("B"), &format!("{}-{}", cell("A"), cell("B")), &cell("A"), &expression]);
    let last = steps.last().unwrap();
    assert_eq!(last.depth, 0);
    let (lo, hi) = last.interval.as_ref().unwrap();
    assert!((nearest(lo) - (1.0 - 84.05 / 84.95)).abs() < 1e-12 && (nearest(hi) - (1.0 - 83.95 / 85.05)).abs() < 1e-12);
    assert!(last.note.contains("the least value is at its lower end 84.95, the greatest at its upper end 85.05"), "{}", last.note);
    assert!(steps[0].note.contains("Table 1, row \"A\", column \"acc\"; printed 85.0; shared"), "{}", steps[0].note);
    let cells = cells_used(&ledger, &ledger.claims[0]).unwrap();
    assert_eq!(cells.iter().map(|cell| (cell.row.as_str(), cell.shared)).collect::<Vec<_>>(), [("A", true), ("B", false)]);
}

#[test]
fn every_built_in_claim_can_be_explained() {
    let ledger = builtin().unwrap();
    for claim in &ledger.claims {
        let steps = explain(&ledger, claim).unwrap();
        assert_eq!(steps.last().map(|step| step.depth), Some(0), "{}", claim.id);
        assert!(!cells_used(&ledger, claim).unwrap().is_empty() || !claim.expr.contains("cell("), "{}", claim.id);
    }
}
