//! The shared-value rule: a number that is used twice is one number. Expected ranges are worked by hand.

use bench_audit::{
    Ledger,
    expression::{Range, compile},
    ledger::read_folder,
    number::{Interval, Rational, decimal, integer, nearest},
};

/// a = 10.0, b = 8.0 and c = 9.0 are half a tenth wide on either side.
const FIRST: &str = "paper,table,row_key,col_key,value_raw,std_raw,unit,higher_is_better
p,1,a,v,10.0,1.0,,1
p,1,b,v,8.0,2.0,,1
p,1,c,v,9.0,,,1
p,1,a,w,3.0,,,1
";

/// u lies in [0.5, 1.5], z in [-0.5, 0.5].
const SECOND: &str = "paper,table,row_key,col_key,value_raw,unit,higher_is_better
p,2,u,w,1,,1
p,2,z,w,0,,1
";

fn ledger() -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    std::fs::write(folder.path().join("tables/p-table1.csv"), FIRST).unwrap();
    std::fs::write(folder.path().join("tables/p-table2.csv"), SECOND).unwrap();
    read_folder(folder.path()).unwrap()
}

/// The range of a formula in which a, b, c, u, z stand for cells.
fn range(formula: &str) -> Range {
    compile(&ledger(), "p", &spelt(formula)).unwrap().program.range().unwrap()
}

fn spelt(formula: &str) -> String {
    let cell = |c: char| match c {
        'a' | 'b' | 'c' => format!("cell(\"t1\",\"{c}\",\"v\")"),
        'u' | 'z' => format!("cell(\"t2\",\"{c}\",\"w\")"),
        'A' => "abs".into(),
        'M' => "max".into(),
        'L' => "min".into(),
        'E' => "exp".into(),
        'S' => "sd(\"t1\",\"a\",\"v\")".into(),
        'B' => "best(\"t1\",\"v\")".into(),
        'G' => "avg(\"t1\",\"a\",[\"v\",\"w\"])".into(),
        'X' => "xcell(\"p\",\"t1\",\"a\",\"v\")".into(),
        other => other.to_string(),
    };
    formula.chars().map(cell).collect()
}

fn ratio(numerator: &str, denominator: &str) -> Rational {
    decimal(numerator).unwrap() / decimal(denominator).unwrap()
}

fn exactly(formula: &str, lo: Rational, hi: Rational) {
    let found = range(formula);
    assert_eq!(found.interval, Interval { lo, hi }, "{formula}");
    assert!(found.exact, "{formula}");
}

#[test]
fn a_relative_difference_takes_its_base_once() {
    // (a-b)/a = 1 - b/a rises in a and falls in b.
    exactly("(a-b)/a", integer(1) - ratio("8.05", "9.95"), integer(1) - ratio("7.95", "10.05"));
    exactly("100*(a-b)/a", integer(100) - ratio("805", "9.95"), integer(100) - ratio("795", "10.05"));
}

#[test]
fn what_cancels_is_exact() {
    exactly("a-a", integer(0), integer(0));
    exactly("a/a", integer(1), integer(1));
    exactly("a*b/(b*a)", integer(1), integer(1));
    exactly("(a+b)-(b+a)", integer(0), integer(0));
    exactly("(a*a-b*b)/(a-b)-a-b", integer(0), integer(0));
}

#[test]
fn squares_and_shares() {
    exactly("a*a", decimal("99.0025").unwrap(), decimal("101.0025").unwrap());
    // 1 + 3/u falls from u = 0.5 to 1.5; the slopes of the steps leave that open, the slope of the quotient does not.
    exactly("(u+3)/u", integer(3), integer(7));
    exactly("a/(a+b)", ratio("9.95", "18"), ratio("10.05", "18"));
    // z*z over [-0.5, 0.5]: the corners give 0.25 alone; the least value is inside.
    exactly("z*z", integer(0), decimal("0.25").unwrap());
}

#[test]
fn an_extreme_inside_the_box_is_found() {
    // x(1-x) with x = u/2 in [0.25, 0.75]: the greatest value 1/4 at 1/2, the corners give 3/16.
    exactly("u/2*(1-u/2)", ratio("3", "16"), ratio("1", "4"));
    // z^3 - z/4 over [-0.5, 0.5] vanishes at both corners; its extremes are +-1/(12 sqrt 3) = +-0.0481125224324688 at z = 1/sqrt 12, which no bisection meets.
    let found = range("z*z*z-z/4");
    assert!(!found.exact);
    assert!((nearest(&found.interval.hi) - 0.048_112_522_432_468_8).abs() < 1e-8);
    assert!(nearest(&found.interval.hi) >= 0.048_112_522_432_468_8);
    assert!((nearest(&found.interval.lo) + 0.048_112_522_432_468_8).abs() < 1e-8);
    assert!(nearest(&found.excess) < 2e-9);
}

#[test]
fn minima_maxima_and_absolute_values() {
    exactly("M(a,b)-a", integer(0), integer(0));
    exactly("A(a-b)-(a-b)", integer(0), integer(0));
    // |z| - z is 0 for z >= 0 and -2z below.
    exactly("A(z)-z", integer(0), integer(1));
    exactly("c-L(c,a)", integer(0), integer(0));
}

#[test]
fn where_no_slope_decides_the_search_narrows_the_interval_and_says_so() {
    // max(a,a) - min(a,a) is 0, but each of the four uses may be the one that counts; plain intervals give +-0.1.
    let found = range("M(a,a)-L(a,a)");
    assert!(!found.exact && found.interval.contains(&integer(0)));
    assert!(nearest(&found.interval.hi) < 1e-3 && nearest(&found.excess) < 1e-3);
}

#[test]
fn a_cell_is_one_number_by_whatever_function_it_is_read() {
    exactly("B-a", integer(0), integer(0));
    exactly("X-a", integer(0), integer(0));
    // (a+3)/2 - a/2 with 3 in [2.95, 3.05].
    exactly("G-a/2", decimal("1.475").unwrap(), decimal("1.525").unwrap());
    exactly("S-S", integer(0), integer(0));
    // A standard deviation is not its mean: 1.0 - 10.0.
    exactly("S-a", decimal("-9.1").unwrap(), decimal("-8.9").unwrap());
}

#[test]
fn literals_are_independent_even_with_the_same_text() {
    let found = compile(&ledger(), "p", "lit(\"1.0\")-lit(\"1.0\")").unwrap().program.range().unwrap();
    assert_eq!(found.interval, Interval { lo: decimal("-0.1").unwrap(), hi: decimal("0.1").unwrap() });
}

#[test]
fn elementary_functions_of_shared_values() {
    // exp(z) - z is least at 0, where it is 1, and greatest at 0.5: e^0.5 - 0.5 = 1.1487212707 > e^-0.5 + 0.5 = 1.1065306597.
    let found = range("E(z)-z").interval;
    assert!((nearest(&found.lo) - 1.0).abs() < 1e-8 && nearest(&found.lo) <= 1.0);
    assert!((nearest(&found.hi) - 1.148_721_270_700_128_2).abs() < 1e-12);
}

#[test]
fn a_division_that_may_be_by_zero_has_no_range() {
    for formula in ["a/(z+0.2)", "a/(z+0.2)+z"] {
        assert!(compile(&ledger(), "p", &spelt(formula)).unwrap().program.range().is_err(), "{formula}");
    }
    // The plain interval of the divisor reaches 0, the true one does not: z - z*z + 1 with z in [-0.5, 0.5] is 0.25 to 1.25.
    let divisor = range("z-z*z+1").interval;
    assert_eq!(divisor, Interval { lo: decimal("0.25").unwrap(), hi: decimal("1.25").unwrap() });
}

#[test]
fn many_shared_values_end_soon_with_an_interval_that_holds_every_value() {
    // 40 literal-free unknowns, each used twice and none monotone on its own: the sum of x(1-x) over 40 cells around 0.5.
    let mut table = "paper,table,row_key,col_key,value_raw,unit\n".to_owned();
    for row in 0..40 {
        table.push_str(&format!("p,9,r{row},v,0.5,\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    std::fs::write(folder.path().join("tables/p-table9.csv"), table).unwrap();
    let ledger = read_folder(folder.path()).unwrap();
    let terms: Vec<String> = (0..40).map(|row| format!("cell(\"t9\",\"r{row}\",\"v\")*(1-cell(\"t9\",\"r{row}\",\"v\"))")).collect();
    let found = compile(&ledger, "p", &terms.join("+")).unwrap().program.range().unwrap();
    // Each term is between 0.45*0.55 and 0.25.
    assert!(found.interval.lo <= decimal("9.9").unwrap() && found.interval.hi >= integer(10));
    assert!(found.interval.lo >= decimal("8.1").unwrap() && found.interval.hi <= decimal("12.1").unwrap());
    assert!(!found.exact);
}
