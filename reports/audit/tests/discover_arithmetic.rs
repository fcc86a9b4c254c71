//! The arithmetic checks on the built-in ledger, whose findings were worked out by hand from the papers' tables, and on honest tables, where they have to be silent.

use bench_audit::{
    Ledger,
    discover::{CHECKS, Finding, Settings, Strength},
    ledger,
};

const ARITHMETIC: [&str; 7] = ["mean", "sum", "delta", "implied-base", "mark", "duplicate", "same-quantity"];

fn run(ledger: &Ledger, check: &str) -> Vec<Finding> {
    let check = CHECKS.iter().find(|one| one.name == check).unwrap();
    (check.find)(ledger, &Settings::default())
}

fn builtin(check: &str) -> Vec<Finding> {
    run(&ledger::builtin().unwrap(), check)
}

/// The finding whose paper and place are these.
fn at<'a>(findings: &'a [Finding], paper: &str, place: &str) -> &'a Finding {
    let all: Vec<&str> = findings.iter().map(|finding| finding.place.as_str()).collect();
    findings
        .iter()
        .find(|finding| finding.paper == paper && finding.place.starts_with(place))
        .unwrap_or_else(|| panic!("{place} is not among {all:?}"))
}

#[track_caller]
fn says(finding: &Finding, parts: &[&str]) {
    for part in parts {
        assert!(finding.sentence.contains(part), "{part} is not in: {}", finding.sentence);
    }
}

/// A ledger of one table from a grid: first line the columns, first word of each other line the row; `|` parts cells, `*` marks the best, `-` is empty.
fn table(unit: &str, text: &str) -> Ledger {
    tables(&[(unit, text)])
}

fn tables(all: &[(&str, &str)]) -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    for (number, (unit, text)) in all.iter().enumerate() {
        let mut csv = String::from("row_key,col_key,value_raw,unit,higher_is_better,marked,metric\n");
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let columns: Vec<&str> = lines.next().unwrap().split('|').skip(1).map(str::trim).collect();
        for line in lines {
            let mut cells = line.split('|').map(str::trim);
            let row = cells.next().unwrap();
            for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| *cell != "-") {
                let mark = if cell.ends_with('*') { "best" } else { "none" };
                let metric = column.split(' ').next().unwrap();
                csv += &format!("\"{row}\",\"{column}\",{},{unit},1,{mark},{metric}\n", cell.trim_end_matches('*'));
            }
        }
        std::fs::write(folder.path().join(format!("tables/own-table{}.csv", number + 1)), csv).unwrap();
    }
    ledger::read_folder(folder.path()).unwrap()
}

#[test]
fn averages_of_raml_that_are_not_the_mean_are_found() {
    let found = builtin("mean");
    // (0.4051 + 0.3710 + 0.5391) / 3 = 1.3152 / 3 = 0.4384.
    says(at(&found, "raml", "Table I, row \"MMVAE\", column \"N24News.Average\""), &["printed 0.4379", "is 0.4384"]);
    // (0.5564 + 0.6630 + 0.5149 + 0.7327 + 0.6471 + 0.7147 + 0.7570) / 7 = 4.5858 / 7 = 0.65511.
    says(at(&found, "raml", "Table I, row \"TATE\", column \"IEMOCAP.Average\""), &["printed 0.6508", "is 0.655114"]);
    assert_eq!(found.len(), 2);
}

#[test]
fn a_total_that_leaves_a_part_out_is_worth_a_look_only() {
    let found = builtin("sum");
    // 12.3 + 2.1 + 2.1 + 0.8 + 0.4 + 0.3 = 18.0, and 17.6 without the 0.4 of the critic.
    let total = at(&found, "def", "Table 20, row \"Total (inference)\", column \"DEF+AAF\"");
    says(total, &["printed 17.6", "is 18 ", "without \"Critic\" it fits"]);
    assert_eq!((total.strength, found.len()), (Strength::Open, 1));
}

#[test]
fn differences_that_are_not_those_of_the_table_are_found() {
    let found = builtin("delta");
    // 100 (0.5525 - 0.5403) = 1.22; 100 (0.5525 - 0.5372) = 1.53.
    says(at(&found, "raml", "Table II, row \"Delta\", column \"N24News.sigma=0.08\""), &["printed +1.53", "give 1.22", "\"MMIN\" (0.5372)"]);
    // 100 (0.5393 - 0.5285) = 1.08.
    says(at(&found, "raml", "Table II, row \"Delta\", column \"N24News.sigma=0.12\""), &["printed +1.35", "give 1.08"]);
    // 100 (0.6646 - 0.5938) = 7.08; 100 (0.6646 - 0.5855) = 7.91.
    says(at(&found, "raml", "Table I, row \"Delta\", column \"Food-101.{T}\""), &["printed +7.91", "give 7.08", "\"MD\" (0.5855)"]);
    // 100 (0.5825 - 0.5722) = 1.03.
    says(at(&found, "raml", "Table III, row \"Delta\", column \"Food-101.p=0.25,sigma=0.18\""), &["printed +2.03", "give 1.03"]);
    // 19.7 / 5.7 = 3.456.
    says(at(&found, "def", "Table 8, row \"Core fusion FLOPs (trainable only)\""), &["printed 1.58", "give 3.456"]);
    assert!(found.iter().all(|finding| finding.strength == Strength::Exact));
    assert_eq!(found.len(), 6);
}

#[test]
fn the_bases_that_def_aaf_subtracted_are_found() {
    let found = builtin("implied-base");
    // 39.18 + 2.28 = 41.46, and so for 10 more rows; 38.91 + 1.83 = 40.74 and two others.
    let bleu = at(&found, "def", "Table 4, \"Multi30k.DeltaVsFull\"");
    says(bleu, &["41.45 to 41.47", "11 of 14, 3 the printed base", "printed one is 40.74"]);
    // 82.37 + 3.54 = 85.91 (Table 10), 83.92 + 1.99 (12), 86.23 - 0.32 (13), 86.74 - 0.83 (18); 85.43 + 0.49 = 85.92 (11).
    let accuracy = found.iter().find(|finding| finding.place.contains("Table 10")).unwrap();
    says(accuracy, &["85.91 to 85.92", "Table 10 (\"Max drop from peak\"): 8 of 8", "5 of 6", "6 of 6", "5 of 5", "2 of 2", "printed one is 86.91"]);
    for finding in &found {
        assert!(matches!(finding.strength, Strength::Chance(chance) if chance < 1e-12));
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn marks_that_do_not_match_are_found() {
    let found = builtin("mark");
    // Better than 84.62 are 86.91, 86.20, 85.10, 85.04 and 84.80: sixth.
    says(at(&found, "def", "Table 1, row \"TTA-MM\""), &["its rank is 6", "6 of the 7 marks"]);
    says(at(&found, "def", "Table 3, row \"CLIPTrans\", column \"Multi30k.BLEU\""), &["its rank is 3", "40.74 and 40.51"]);
    // Uniform has 86.91, the weighted variant in bold 86.23.
    says(at(&found, "def", "Table 6, row \"Weighted AAF+DEF\""), &["86.23", "the best 86.91"]);
    // 0.088 is neither the highest of 0.412, 0.368, 0.082, 0.088 nor the lowest.
    says(at(&found, "def", "Table 9, row \"DEF+AAF\", column \"IEMOCAP.SumVar\""), &["the lowest 0.082"]);
    // Marks of Table 13 compare along rows: 86.91 at beta=1 is better than the marked 86.23.
    says(at(&found, "def", "Table 13, row \"IEMOCAP Acc\""), &["the best 86.91"]);
    says(at(&found, "mla", "Table 5, row \"QMF\", column \"CREMA-D.Video\""), &["the best 64.91", "suspicious"]);
    says(at(&found, "cpsl", "Table 1, row \"Ours\", column \"MOSEI.F1\""), &["the best 87.40"]);
    assert_eq!(found.len(), 19);
}

#[test]
fn equal_rows_and_columns_are_found() {
    let found = builtin("duplicate");
    says(at(&found, "raml", "Table III, columns"), &["print the same 11 numbers", "0.5876"]);
    let twice = at(&found, "cpsl", "Table 2, rows \"A5\" and \"C4\"");
    says(twice, &["79.24, 79.32, 1.1268 and 72.92"]);
    assert!(matches!(twice.strength, Strength::Chance(chance) if chance < 1e-4));
    // Both list AME, and AME and GM: one configuration printed twice is no contradiction.
    assert_eq!(at(&found, "cpsl", "Table 2, rows \"A1\" and \"B1\"").strength, Strength::Open);
    assert_eq!(at(&found, "cpsl", "Table 2, rows \"A2\" and \"C3\"").strength, Strength::Open);
    assert_eq!(found.len(), 4);
}

#[test]
fn one_quantity_with_two_numbers_is_found() {
    let found = builtin("same-quantity");
    let raml = at(&found, "raml", "Table III, column \"Food-101.sigma=0.18,p=0.1\" and Table III, column \"Food-101.p=0.1,sigma=0.18\"");
    says(raml, &["11 quantities", "Concat Fusion 0.5352 and 0.5876"]);
    assert_eq!(raml.strength, Strength::Exact);
    says(at(&found, "def", "Table 3, column \"How2.BLEU\""), &["21.46 and 48.37"]);
    // (59.86 - 59.21) / 0.38 = 1.71; (5 - 1) / sqrt 5 = 1.79.
    let meteor = at(&found, "def", "Table 3, column \"Multi30k.METEOR\"");
    says(meteor, &["59.21 and 59.86", "1.71", "1.79"]);
    assert_eq!((meteor.strength, found.len()), (Strength::Open, 3));
}

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

/// Random tables whose numbers are measured, averaged and subtracted before rounding.
#[test]
fn simulated_honest_tables_have_no_finding() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut findings = 0;
    for trial in 0..400 {
        let digits = 1 + trial % 3;
        let columns = 2 + trial % 5;
        let rows: Vec<Vec<f64>> = (0..4 + trial % 8)
            .map(|row| {
                let level = 70.0 + row as f64 + random.random_range(-2.0..2.0);
                (0..columns).map(|_| level + random.random_range(-4.0..4.0)).collect()
            })
            .collect();
        let mean = |row: &[f64]| row.iter().sum::<f64>() / row.len() as f64;
        let best = |column: usize| rows.iter().map(|row| row[column]).fold(f64::MIN, f64::max);
        let mut text = String::from("method");
        for column in 0..columns {
            text += &format!(" | c{column}");
        }
        text += " | Average | Delta vs m0\n";
        for (number, row) in rows.iter().enumerate() {
            text += &format!("m{number}");
            for (column, value) in row.iter().enumerate() {
                text += &format!(" | {value:.digits$}{}", if *value == best(column) { "*" } else { "" });
            }
            let difference = if number == 0 { "-".to_owned() } else { format!("{:.digits$}", mean(row) - mean(&rows[0])) };
            text += &format!(" | {:.digits$} | {difference}\n", mean(row));
        }
        let ledger = table("%", &text);
        for check in ARITHMETIC {
            let found = run(&ledger, check);
            assert!(found.iter().all(|finding| matches!(finding.strength, Strength::Chance(_))), "{check}: {found:?}\n{text}");
            findings += found.len();
        }
    }
    // A finding by chance is reported with probability below 0.01 a table and check: 400 tables, 2 such checks, at most 8 expected; none seen.
    assert!(findings <= 8, "{findings}");
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
