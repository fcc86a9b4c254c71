//! Every function and operator of the expression language on a table small enough to check by hand. Where a number is not plain arithmetic, its source is named.

use bench_audit::{
    Ledger,
    expression::{Compiled, ExpressionError, Stop, compile},
    ledger::{builtin, read_folder},
    number::{Interval, Rational, decimal, nearest},
};

const TABLE: &str = "paper,table,row_key,col_key,value_raw,std_raw,n_seeds,unit,higher_is_better
p,1,A,acc,85.0,0.5,5,%,1
p,1,A,err,0.20,,,,0
p,1,A,size,1000,,,samples,
p,1,B,acc,84.0,0.4,5,%,1
p,1,B,err,0.10,,,,0
p,1,B,size,2000,,,samples,
p,1,C,acc,84.00,0.3,5,%,1
p,1,C,err,0.30,,,,0
p,1,C,size,3000,,,samples,
p,1,D,acc,,,,%,1
p,1,Delta,acc,99.0,,,%,1
p,1,Gain over B,acc,98.0,,,%,1
";

const OTHER: &str = "paper,table,row_key,col_key,value_raw,unit,higher_is_better
q,IV,X,params,40M,params,
q,IV,X,flops,12.3G,GFLOP,
q,IV,X,zero,0.0,,1
q,IV,X,one,1.0,,1
q,IV,X,wide,2,,1
";

/// Deviations of three runs: 1, e, 1 at the means 1, 2, 3.
const SPREADS: &str = "paper,table,row_key,col_key,value_raw,std_raw,n_seeds,unit,higher_is_better
p,2,R,x,1,1.0,3,,1
p,2,R,y,2,2.718282,3,,1
p,2,R,z,3,1.0,3,,1
";

const FACTS: &str = "[pi]\nvalue = 3.14\nsource = \"a book\"\n";

fn ledger() -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    std::fs::write(folder.path().join("tables/p-table1.csv"), TABLE).unwrap();
    std::fs::write(folder.path().join("tables/p-table2.csv"), SPREADS).unwrap();
    std::fs::write(folder.path().join("tables/q-tableIV.csv"), OTHER).unwrap();
    std::fs::write(folder.path().join("facts.toml"), FACTS).unwrap();
    read_folder(folder.path()).unwrap()
}

fn compiled(text: &str) -> Compiled {
    compile(&ledger(), "p", text).unwrap_or_else(|stop| panic!("{text}: {stop:?}"))
}

fn number(text: &str) -> Rational {
    decimal(text).unwrap()
}

fn interval(lo: &str, hi: &str) -> Interval {
    Interval::between(number(lo), number(hi))
}

/// The value and the exact range.
fn gives(text: &str, value: &str, lo: &str, hi: &str) {
    let program = compiled(text).program;
    assert_eq!(program.value(), number(value), "{text}");
    assert_eq!(program.range().unwrap().interval, interval(lo, hi), "{text}");
}

fn near(text: &str, value: f64) {
    let found = nearest(&compiled(text).program.value());
    assert!((found - value).abs() <= 1e-6 * value.abs(), "{text}: {found}, not {value}");
}

fn mistake(text: &str) -> ExpressionError {
    match compile(&ledger(), "p", text) {
        Err(Stop::Mistake(error)) => error,
        other => panic!("{text}: {:?}", other.map(|compiled| compiled.written)),
    }
}

#[test]
fn decimals_are_exact() {
    // Rule 1.
    gives("0.1*0.1-0.01", "0", "0", "0");
    gives("1/3*3", "1", "1", "1");
    gives("1e-3+2.5E2", "250.001", "250.001", "250.001");
}

#[test]
fn operators_bind_as_in_arithmetic() {
    gives("2+3*4-6/2", "11", "11", "11");
    gives("2-3-4", "-5", "-5", "-5");
    gives("-2*-3", "6", "6", "6");
    gives("2*(3+4)", "14", "14", "14");
    gives("8/4/2", "1", "1", "1");
    gives("--2", "2", "2", "2");
}

#[test]
fn printed_numbers_are_half_a_unit_wide_and_counts_are_exact() {
    // Rule 3 and the first rule of judgement.
    gives("cell(\"t1\",\"A\",\"acc\")", "85", "84.95", "85.05");
    gives("cell(\"t1\",\"C\",\"acc\")", "84", "83.995", "84.005");
    gives("cell(\"t1\",\"A\",\"size\")", "1000", "1000", "1000");
    gives("sd(\"t1\",\"A\",\"acc\")", "0.5", "0.45", "0.55");
    gives("xcell(\"q\",\"tIV\",\"X\",\"params\")", "40000000", "39500000", "40500000");
    gives("xcell(\"q\",\"tIV\",\"X\",\"flops\")", "12.3", "12.25", "12.35");
    gives("lit(\"375x\")", "375", "374.5", "375.5");
}

#[test]
fn sums_and_means() {
    gives("tot(\"t1\",\"A\",[\"acc\",\"size\"])", "1085", "1084.95", "1085.05");
    gives("avg(\"t1\",\"A\",[\"acc\",\"size\"])", "542.5", "542.475", "542.525");
    gives("colsum(\"t1\",[\"A\",\"B\",\"C\"],\"acc\")", "253", "252.895", "253.105");
    gives("colsum(\"t1\",(\"A\",),\"size\")", "1000", "1000", "1000");
}

#[test]
fn best_values_leave_out_differences_and_empty_cells() {
    gives("best(\"t1\",\"acc\")", "85", "84.95", "85.05");
    gives("best(\"t1\",\"err\")", "0.1", "0.095", "0.105");
    gives("best_other(\"t1\",\"A\",\"acc\")", "84", "83.95", "84.05");
    gives("best_other(\"t1\",\"B\",\"err\")", "0.2", "0.195", "0.205");
}

#[test]
fn ranks_tie_on_equal_printed_values_and_widen_by_empty_cells() {
    // Rule 4: D is empty, so one more may be better; 84.0 and 84.00 tie although their intervals differ.
    gives("rank(\"t1\",\"A\",\"acc\")", "1", "1", "2");
    gives("rank(\"t1\",\"B\",\"acc\")", "2", "2", "3");
    gives("rank(\"t1\",\"C\",\"acc\")", "2", "2", "3");
    gives("rank(\"t1\",\"C\",\"err\")", "3", "3", "3");
    gives("rank(\"t1\",\"B\",\"err\")", "1", "1", "1");
}

#[test]
fn ranks_along_a_row() {
    let ledger = ledger();
    let rank = |column: &str| compile(&ledger, "q", &format!("rank_row(\"tIV\",\"X\",\"{column}\")")).unwrap().program.value();
    // One row holds 40,000,000, 12.3, 0.0, 1.0 and 2.
    assert_eq!(rank("one"), number("4"));
    assert_eq!(rank("zero"), number("5"));
}

#[test]
fn plain_functions() {
    gives("min(3,1,2)", "1", "1", "1");
    gives("max(lit(\"3.0\"),lit(\"2.9\"))", "3", "2.95", "3.05");
    gives("abs(lit(\"-0.1\"))", "0.1", "0.05", "0.15");
    gives("abs(lit(\"0.0\"))", "0", "0", "0.05");
    gives("sqrt(6.25)", "2.5", "2.5", "2.5");
    // Digits of the OEIS: A001113, A002162, A073744.
    near("exp(1)", std::f64::consts::E);
    near("log(2)", std::f64::consts::LN_2);
    near("tanh(1)", 0.761_594_155_955_764_9);
    let spread = compiled("exp(lit(\"0\"))").program.range().unwrap().interval;
    assert!(spread.lo <= number("0.606530659712634") && spread.hi >= number("1.648721270700128"));
}

#[test]
fn granularity() {
    // 2 of 3 is 66.67 %; 85.0 % of 20 is 17; 84.0 and 84.00 % of 20 are none; 84 % of 25 is 21.
    gives("grim(\"t1\",\"A\",\"acc\",20,1)", "1", "1", "1");
    gives("grim(\"t1\",\"B\",\"acc\",20,1)", "0", "0", "0");
    gives("grim(\"t1\",\"B\",\"acc\",5,5)", "1", "1", "1");
    gives("grim(\"t1\",\"A\",\"err\",5,1,1)", "1", "1", "1");
    // Rule 12: D is skipped, Delta (99.0) and Gain (98.0) are not: of 100 samples all five are counts.
    gives("grim_count(\"t1\",\"acc\",100,1)", "5", "5", "5");
    gives("grim_count(\"t1\",\"acc\",100,1,100,(\"Delta\",\"Gain over B\"))", "3", "3", "3");
    // Of 85.0, 0.20 and 1000, twentieths in percent are 17 and 200; k is not held to the scale.
    gives("grim_count_row(\"t1\",\"A\",20,1)", "2", "2", "2");
}

#[test]
fn tests_from_summaries_take_one_number_from_printed_values() {
    // Rule 8 by hand: t = 1/sqrt(0.41/5) = 3.4922, df = 0.082^2/((0.05^2+0.032^2)/4) = 7.63; p from R: 2*pt(-3.492151, 7.630878) = 0.008860.
    let welch = "welch_p(\"t1\",\"A\",\"B\",\"acc\",5)";
    let found = nearest(&compiled(welch).program.value());
    assert!((0.0085..0.0093).contains(&found), "{found}");
    assert!(compiled(welch).program.range().unwrap().interval.is_point());
    // n = 2 leaves one degree of freedom, where p = 1 - 2 atan(t)/pi: t = (85-84)/(0.5/sqrt 2) = 2.8284, p = 0.216347.
    near("onesample_p(cell(\"t1\",\"A\",\"acc\"),sd(\"t1\",\"A\",\"acc\"),2,84)", 0.216_346_895_939_375_2);
    // s^2 = 0.25+0.16+2*0.2 = 0.81, t = 1/(0.9/sqrt 2) = 1.5713, p = 0.360848.
    near("paired_p(\"t1\",\"A\",\"B\",\"acc\",2,-1)", 1.0 - 2.0 * (2.0_f64.sqrt() / 0.9).atan() / std::f64::consts::PI);
    // z = 0.1/sqrt(2*0.55*0.45/100) = 1.42134; the normal tail by Abramowitz and Stegun's table 26.1, about 0.1552.
    let tails = nearest(&compiled("two_prop_p(60,50,100)").program.value());
    assert!((tails - 0.1552).abs() < 2e-4, "{tails}");
}

#[test]
fn spreads_of_deviations() {
    // Rule 10: ln s is 0, 1, 0; the best line is level at 1/3, so RSS = 1/9 + 4/9 + 1/9 over 3 - 2.
    near("sd_resid(\"t2\")", (2.0_f64 / 3.0).sqrt());
    // Rule 9: with three runs 2 s^2/sigma^2 is chi-squared of 2 degrees, so P(s <= x) = 1 - exp(-x^2/sigma^2), largest at sigma^2 = (hi^2-lo^2)/ln(hi^2/lo^2).
    let (lo, hi) = (0.95_f64 * 0.95, 2.718_282_5_f64 * 2.718_282_5);
    let variance = (hi - lo) / (hi / lo).ln();
    near("sd_band_log10p(\"t2\")", 3.0 * ((-lo / variance).exp() - (-hi / variance).exp()).log10());
    // No row has three means with a deviation.
    assert!(matches!(compile(&ledger(), "p", "sd_resid(\"t1\")"), Err(Stop::Missing { .. })));
}

#[test]
fn costs_of_networks() {
    // Rule 11 by hand: 12*(12*768^2*128 + 2*768*128^2)/1e9 = 11.17375...
    near("mac_bert_base(128)", 12.0 * (12.0 * 589_824.0 * 128.0 + 2.0 * 768.0 * 16_384.0) / 1e9);
    near("mac_resnet50(2)", 8.2);
    near("mac_wav2vec2(0)", 0.0);
}

#[test]
fn existence_facts_and_probes() {
    gives("has(\"t1\",\"A\",\"acc\")", "1", "1", "1");
    gives("has(\"t1\",\"A\")", "1", "1", "1");
    gives("has(\"t1\",\"\",\"err\")", "1", "1", "1");
    gives("has(\"t1\",\"Z\",\"acc\")", "0", "0", "0");
    gives("fact(\"pi\")*2", "6.28", "6.28", "6.28");
    gives("probe(\"pairwise_variance_identity\")", "1", "1", "1");
    near("val(\"lh_over_var\",3)", 3.0);
}

#[test]
fn a_number_that_is_not_printed_is_missing_and_no_mistake() {
    for text in
        ["cell(\"t1\",\"D\",\"acc\")", "sd(\"t1\",\"A\",\"err\")", "grim(\"t1\",\"D\",\"acc\",10,1)", "1+welch_p(\"t1\",\"A\",\"D\",\"acc\",5)"]
    {
        assert!(matches!(compile(&ledger(), "p", text), Err(Stop::Missing { .. })), "{text}");
    }
}

#[test]
fn mistakes_point_at_their_place_and_name_what_is_near() {
    for (text, place, said) in [
        ("1+celll(\"t1\",\"A\",\"acc\")", "celll", "did you mean \"cell\"?"),
        ("cell(\"t3\",\"A\",\"acc\")", "\"t3\"", "did you mean \"t1\"?"),
        ("cell(\"t1\",\"Q\",\"acc\")", "\"Q\"", "no row \"Q\""),
        ("cell(\"t1\",\"A\",\"acd\")", "\"acd\"", "did you mean \"acc\"?"),
        ("cell(\"t1\",\"Delta\",\"err\")", "\"err\"", "no cell"),
        ("cell(\"t1\",\"A\")", "cell(\"t1\",\"A\")", "takes 3 arguments, not 2"),
        ("abs(1,2)", "2", "takes 1 argument, not 2"),
        ("cell(\"t1\",1,\"acc\")", "1", "expected a row"),
        ("avg(\"t1\",\"A\",\"acc\")", "\"acc\"", "expected a list"),
        ("avg(\"t1\",\"A\",[])", "[]", "empty"),
        ("1+\"a\"", "\"a\"", "expected a number, found a string"),
        ("fact(\"pu\")", "\"pu\"", "did you mean \"pi\"?"),
        ("probe(\"sup_orderin\")", "\"sup_orderin\"", "did you mean \"sup_ordering\"?"),
        ("xcell(\"z\",\"t1\",\"A\",\"acc\")", "\"z\"", "no paper \"z\""),
        ("grim(\"t1\",\"A\",\"acc\",0.5,1)", "0.5", "whole number from 1"),
        ("lit(\"many\")", "\"many\"", "not a number"),
        ("1/(2-2)", "1/(2-2)", "division by 0"),
        ("sqrt(0-1)", "sqrt(0-1)", "negative"),
        ("log(0)", "log(0)", "not positive"),
        ("best(\"t1\",\"size\")", "\"size\"", "more or less is better"),
        ("1+", "", "the end of the expression"),
        ("(1", "", "an operator, a comma or )"),
        ("1 2", "2", "found \"2\""),
        ("1.2.3", "1.2.3", "not a number"),
        ("\"open", "\"", "no partner"),
        ("2^3", "^", "no powers"),
        ("cell", "cell", "parentheses"),
    ] {
        let error = mistake(text);
        assert_eq!(&text[error.span.clone()], place, "{text}: {error}");
        assert!(error.sentence.contains(said), "{text}: {error}");
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    for text in ["(".repeat(100_000), "-".repeat(30_000), "abs(".repeat(8_000), "[".repeat(20_000), format!("{}1", "1+".repeat(20_000))] {
        let error = mistake(&text);
        assert!(error.sentence.contains("nests deeper") || error.sentence.contains("bytes long"), "{error}");
    }
    assert_eq!(compiled(&format!("{}1", "1+".repeat(10_000))).program.value(), number("10001"));
}

#[test]
fn every_built_in_expression_displays_as_itself() {
    let ledger = builtin().unwrap();
    let mut count = 0;
    for claim in ledger.claims.iter().filter(|claim| !claim.expr.is_empty()) {
        let tree = bench_audit::expression::parse(&claim.expr).unwrap();
        assert_eq!(bench_audit::expression::parse(&tree.to_string()).unwrap(), tree, "{}", claim.expr);
        count += 1;
    }
    assert!(count > 400);
}
