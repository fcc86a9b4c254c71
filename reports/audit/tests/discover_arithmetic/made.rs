//! Tables made by hand: honest ones of the kinds that mislead, and small ones with one relation broken.

use bench_audit::{discover::Strength, ledger};

use crate::{ARITHMETIC, run, says, table, tables};

#[test]
fn an_honest_table_has_no_finding() {
    // Means and differences of unrounded values: 70.014, 80.024 and 75.019, printed 75.02; 80.024 - 70.014 = 10.01.
    let honest = table(
        "%",
        "method | A | B | Average | Delta vs Base
         Base | 70.01 | 80.02 | 75.02 | -
         Plus | 71.26 | 81.49 | 76.38 | 1.36
         More | 72.84 | 83.33* | 78.08 | 3.07
         Full | 75.55* | 83.33* | 79.44* | 4.43",
    );
    for check in ARITHMETIC {
        assert_eq!(run(&honest, check), [], "{check}");
    }
}

#[test]
fn hard_honest_tables_have_no_finding() {
    let cases = [
        // Weighted average (weights 3:1) of unnamed classes, two rows only: not a plain mean, and not claimed to be one.
        ("%", "method | A | B | Average\n a | 70.0 | 80.0 | 72.5\n b | 72.0 | 84.0 | 75.0"),
        // "Sum" is a method here.
        (
            "%",
            "method | Audio | Video | Multi\n Sum | 48.77 | 24.53 | 64.72\n Concat | 49.18 | 24.67 | 64.84\n Late | 47.87 | 46.76 | 65.53*\n FiLM | 48.67 | 23.15 | 63.33",
        ),
        // Acc and F1 nearly alike; whole numbers; ties that share the mark.
        ("%", "method | Acc | F1\n a | 84* | 84*\n b | 84* | 83\n c | 83 | 83\n d | 82 | 82\n e | 81 | 81"),
        // Differences of rounded whole numbers agree with many readings.
        ("%", "method | Acc | Gain\n a | 80 | -\n b | 82 | 2\n c | 83 | 3\n d | 85 | 5"),
        // Gains over a baseline that is not printed, all from 79.3.
        ("%", "method | Acc | Gain over SOTA\n a | 80.0 | 0.7\n b | 82.1 | 2.8\n c | 83.4 | 4.1\n d | 85.2 | 5.9"),
        // Relative gains in percent over the first row: 100 (82.0 / 80.0 - 1) = 2.5, 5.0, 6.25.
        ("%", "method | Acc | Gain\n a | 80.0 | -\n b | 82.0 | 2.5\n c | 84.0 | 5.0\n d | 85.0 | 6.25"),
        // Classes, one called Other, with scores that are no shares.
        ("%", "class | Recall\n A | 81.2\n B | 77.3\n Other | 64.9"),
        // Rounded shares: 33.3 + 33.3 + 33.3 = 99.9.
        ("%", "class | Share\n A | 33.3\n B | 33.3\n Other | 33.3"),
        // Nothing but empty cells beside one number.
        ("%", "method | A | B | Average | Delta | Total\n a | - | - | - | - | -\n b | - | 1.0 | - | - | -\n Delta | - | - | - | - | -"),
        // Two rows that are identical because nothing varies.
        ("%", "method | A | B | C | D\n a | 1 | 0 | 1 | 0\n b | 1 | 0 | 1 | 0\n c | 1 | 1 | 1 | 0\n d | 0 | 0 | 1 | 1\n e | 1 | 0 | 0 | 0"),
    ];
    for (unit, text) in cases {
        for check in ARITHMETIC {
            assert_eq!(run(&table(unit, text), check), [], "{check}: {text}");
        }
    }
}

#[test]
fn relations_are_found_by_number_alone() {
    // C is the mean of A and B, to the digit, in all rows but the fifth: (74.21 + 83.18) / 2 = 78.695, printed 79.69.
    let text = "method | A | B | C
        a | 70.02 | 81.34 | 75.68
        b | 71.96 | 79.42 | 75.69
        c | 73.14 | 85.36 | 79.25
        d | 75.58 | 80.12 | 77.85
        e | 74.21 | 83.18 | 79.69
        f | 72.40 | 86.02 | 79.21";
    let found = run(&table("%", text), "mean");
    assert_eq!(found.len(), 1, "{found:?}");
    says(&found[0], &["printed 79.69", "is 78.695"]);
    assert!(found[0].assumes.contains("5 of 6"), "{}", found[0].assumes);
    // The same turned round, and as a sum in one more digit.
    let turned = "part | a | b | c | d | e | f
        A | 70.02 | 71.96 | 73.14 | 75.58 | 74.21 | 72.40
        B | 81.34 | 79.42 | 85.36 | 80.12 | 83.18 | 86.02
        C | 151.36 | 151.38 | 158.50 | 155.70 | 157.93 | 158.42";
    let found = run(&table("MB", turned), "sum");
    // 74.21 + 83.18 = 157.39.
    assert_eq!(found.len(), 1, "{found:?}");
    says(&found[0], &["printed 157.93", "is 157.39"]);
    assert_eq!(found[0].place, "Table 1, row \"C\", column \"e\"");
}

#[test]
fn a_named_total_that_is_wrong_in_its_only_row_is_found() {
    // 10.2 + 20.4 + 1.0 = 31.6.
    let found = run(&table("GFLOP", "part | cost\n encoder | 10.2\n decoder | 20.4\n head | 1.0\n Total | 33.6"), "sum");
    assert_eq!(found.len(), 1, "{found:?}");
    says(&found[0], &["printed 33.6", "is 31.6"]);
    // 50 + 30 + 15 = 95.
    let found = run(&table("%", "cause | share\n noise | 50\n labels | 30\n Other | 15"), "sum");
    says(&found[0], &["add up to 95 %"]);
}

#[test]
fn rows_that_differ_by_one_constant_are_found() {
    // b is a plus 1.37 in six columns.
    let text = "method | A | B | C | D | E | F
        a | 70.02 | 81.34 | 75.68 | 66.31 | 59.77 | 90.12
        b | 71.39 | 82.71 | 77.05 | 67.68 | 61.14 | 91.49
        c | 69.55 | 84.90 | 73.12 | 70.02 | 55.41 | 88.95
        d | 72.81 | 80.05 | 78.34 | 64.17 | 62.38 | 92.60
        e | 68.30 | 83.77 | 74.26 | 69.58 | 57.03 | 87.44";
    let found = run(&table("%", text), "duplicate");
    assert_eq!(found.len(), 1, "{found:?}");
    says(&found[0], &["differ by exactly -1.37 in 6 neighbouring numbers"]);
}

#[test]
fn rows_of_two_tables_with_different_names_and_the_same_numbers_are_worth_a_look() {
    let first = "method | Acc | F1 | MAE | Corr
        MulT | 81.62 | 80.14 | 55.31 | 70.28
        MISA | 83.67 | 82.98 | 53.02 | 72.05
        MMIM | 84.19 | 83.51 | 51.77 | 74.49";
    let second = "method | Acc | F1 | MAE | Corr
        MulT | 81.62 | 80.14 | 55.31 | 70.28
        CubeMLP | 83.67 | 82.98 | 53.02 | 72.05
        Self-MM | 85.03 | 84.12 | 50.64 | 75.93";
    let found = run(&tables(&[("%", first), ("%", second)]), "duplicate");
    // MulT under its own name is a copied baseline.
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].place.as_str(), found[0].strength), ("Table 1, row \"MISA\" and Table 2, row \"CubeMLP\"", Strength::Open));
}

#[test]
fn hostile_tables_do_not_stop_a_check() {
    let long = "9".repeat(50);
    let cases = [
        format!(
            "method | A | B | Average | Delta | Speedup\n a | 0 | 0 | 0 | 0 | 0\n b | {long} | -{long} | 1{long} | -1 | 0\n c | 0.{long} | 0 | 0 | 0 | 1\n d | 0 | 0 | 0 | 0 | 0"
        ),
        "Delta | Delta 2 | Total | Average\n Delta | 1 | 2 | 3\n Gain | 1 | 2 | 3\n Average | 1 | 2 | 3\n Total | 3 | 6 | 9".to_owned(),
        "m | A\n a | 1*".to_owned(),
        "m | vs | over | Δ\n vs | 1 | 2 | 3\n over | 4 | 5 | 6".to_owned(),
    ];
    for text in &cases {
        for unit in ["%", "fraction", "params", "samples", ""] {
            let ledger = table(unit, text);
            ARITHMETIC.iter().for_each(|check| drop(run(&ledger, check)));
        }
    }
    let mut empty = ledger::builtin().unwrap();
    empty.tables.iter_mut().flat_map(|table| &mut table.cells).for_each(|cell| cell.value = None);
    ARITHMETIC.iter().for_each(|check| assert_eq!(run(&empty, check), [], "{check}"));
}
