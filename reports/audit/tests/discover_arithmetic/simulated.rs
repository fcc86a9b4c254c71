//! Random honest tables, in which exact checks never have a finding, and the same with one wrong cell.

use bench_audit::discover::Strength;
use rand::{RngExt, SeedableRng};

use crate::{ARITHMETIC, run, table};

/// Random tables whose numbers are measured, averaged and subtracted before rounding.
#[test]
fn simulated_honest_tables_have_no_finding() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut findings = 0;
    for trial in 0..400 {
        let digits = trial % 4;
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

/// Random tables of fractions with a Delta row in points against the best other row, and costs with a speedup, before or after rounding.
#[test]
fn simulated_honest_differences_have_no_finding() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let rounded = |value: f64, digits: usize| format!("{value:.digits$}").parse::<f64>().unwrap();
    for trial in 0..200 {
        let after = trial % 2 == 0;
        let columns = 4 + trial % 7;
        let rows: Vec<Vec<f64>> = (0..5 + trial % 6)
            .map(|row| {
                let draw = |_| 0.5 + 0.02 * row as f64 + random.random_range(-0.05..0.05);
                let values: Vec<f64> = (0..columns).map(draw).collect();
                values.into_iter().map(|value| if after { rounded(value, 4) } else { value }).collect()
            })
            .collect();
        let mut text = String::from("method");
        (0..columns).for_each(|column| text += &format!(" | c{column}"));
        for (number, row) in rows.iter().enumerate() {
            text += &format!("\nm{number}");
            row.iter().for_each(|value| text += &format!(" | {value:.4}"));
        }
        text += "\nDelta";
        let (own, others) = rows.split_last().unwrap();
        for column in 0..columns {
            let best = others.iter().map(|row| row[column]).fold(f64::MIN, f64::max);
            text += &format!(" | {:.2}", 100.0 * (own[column] - best));
        }
        let mut costs = String::from("cost | Ours | Theirs | Speedup");
        for number in 0..4 + trial % 4 {
            let (ours, theirs) = (random.random_range(2.0..9.0), random.random_range(3.0..40.0));
            costs += &format!("\nk{number} | {ours:.1} | {theirs:.1} | {:.2}", theirs / ours);
        }
        for (unit, text) in [("fraction", &text), ("ms", &costs)] {
            let ledger = table(unit, text);
            for check in ARITHMETIC {
                let found = run(&ledger, check);
                assert!(found.iter().all(|finding| matches!(finding.strength, Strength::Chance(_))), "{check}: {found:?}\n{text}");
            }
        }
    }
}

/// One digit of one average or difference is changed in a random honest table: the cell is found.
#[test]
fn an_error_in_one_cell_is_found_where_it_is() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(13);
    for trial in 0..60 {
        let rows: Vec<[f64; 3]> = (0..8).map(|_| [(); 3].map(|()| random.random_range(60.0..90.0))).collect();
        let wrong = 1 + trial % 7;
        let mut text = String::from("method | a | b | c | Average | Delta vs m0");
        for (number, row) in rows.iter().enumerate() {
            let mean = |row: &[f64; 3]| row.iter().sum::<f64>() / 3.0;
            let (shift, other) = if number == wrong { (0.1, -0.2) } else { (0.0, 0.0) };
            let difference = if number == 0 { "-".to_owned() } else { format!("{:.2}", mean(row) - mean(&rows[0]) + other) };
            text += &format!("\nm{number} | {:.2} | {:.2} | {:.2} | {:.2} | {difference}", row[0], row[1], row[2], mean(row) + shift);
        }
        let ledger = table("%", &text);
        for (check, column) in [("mean", "Average"), ("delta", "Delta vs m0")] {
            let found = run(&ledger, check);
            assert_eq!(found.len(), 1, "{check}: {found:?}\n{text}");
            assert_eq!(found[0].place, format!("Table 1, row \"m{wrong}\", column \"{column}\""));
            assert_eq!(found[0].strength, Strength::Exact);
        }
    }
}
