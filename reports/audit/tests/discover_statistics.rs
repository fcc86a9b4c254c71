//! The statistical checks of discovery: each finds a true case of the built-in ledger without being told, and is silent on honest tables.

use std::fs;

use bench_audit::{
    Ledger,
    discover::{CHECKS, Finding, Settings, Strength},
    ledger::{builtin, read_folder},
    number::integer,
    recompute::denominators::{Grid, search},
    simulate::honest,
};
use proptest::prelude::*;

fn run(check: &str, ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let check = CHECKS.iter().find(|one| one.name == check).unwrap();
    (check.find)(ledger, settings)
}

fn built_in(check: &str) -> Vec<Finding> {
    run(check, &builtin().unwrap(), &Settings::default())
}

fn at<'a>(findings: &'a [Finding], paper: &str, place: &str) -> &'a Finding {
    let found = findings.iter().find(|finding| finding.paper == paper && finding.place.contains(place));
    found.unwrap_or_else(|| panic!("nothing at {paper}, {place} among {findings:#?}"))
}

fn holds(finding: &Finding, row: &str, column: &str) -> bool {
    finding.cells.iter().any(|cell| cell.row == row && cell.column == column)
}

/// A ledger of one paper "p" with one table "1"; each row is `row,column,dataset,metric,value,std,seeds,unit,better,mark`.
fn ledger(rows: &[&str], papers: &str) -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tables")).unwrap();
    let header = "row_key,col_key,dataset,metric,value_raw,std_raw,n_seeds,unit,higher_is_better,marked";
    fs::write(folder.path().join("tables/p-table1.csv"), [&[header], rows].concat().join("\n")).unwrap();
    fs::write(folder.path().join("papers.toml"), papers).unwrap();
    read_folder(folder.path()).unwrap()
}

const DIGITS_1593: &str = "[[p.test_size]]\ndataset = \"Digits\"\nn = [1593]\nsource = \"Table 2\"\n";

#[test]
fn grim_finds_accuracies_that_1593_samples_do_not_give() {
    let findings = built_in("grim");
    // 1,384/1,593 = 86.8801 % and 1,385/1,593 = 86.9429 %: 86.91 lies between.
    let ablation = at(&findings, "def", "Table 4, IEMOCAP Acc");
    assert!(holds(ablation, "Full", "IEMOCAP.Acc"));
    assert_eq!((ablation.cells.len(), ablation.strength), (10, Strength::Exact));
    assert!(ablation.sentence.starts_with("10 of 15 values of IEMOCAP Acc are not k/1,593"), "{}", ablation.sentence);
    // 1,317/1,593 = 82.67 %.
    assert!(!holds(ablation, "w/o L_homo", "IEMOCAP.Acc"));
    // Five runs: with rounding before averaging all of Table 6 is in reach, so it is no contradiction.
    assert_eq!(at(&findings, "def", "Table 6").strength, Strength::Open);
    // 3 × 519: 1,171/1,557 = 75.21 % and 1,172/1,557 = 75.27 %: 75.22 is neither; from rounded runs neither, as 3 × 75.22 = 225.66 needs runs of k/519.
    assert!(holds(at(&findings, "mla", "MVSA Text"), "Concat", "MVSA.Text"));
}

#[test]
fn grim_takes_rounded_runs_where_it_is_told() {
    let findings = run("grim", &builtin().unwrap(), &Settings { round_first: true, ..Settings::default() });
    assert!(!findings.iter().any(|finding| finding.place.starts_with("Table 6")));
    assert!(findings.iter().any(|finding| finding.paper == "mla" && finding.place.contains("MVSA")));
}

#[test]
fn grim_is_silent_on_shares_and_on_other_metrics() {
    // 1,354, 1,355, 0 and all of 1,593; 86.91 is out of reach, but of another metric or the wrong kind of row.
    let honest = [
        "a,x,Digits,Acc,85.00,,1,%,1,none",
        "b,x,Digits,Acc,85.06,,1,%,1,none",
        "c,x,Digits,Acc,0.00,,1,%,1,none",
        "d,x,Digits,Acc,100.00,,1,%,1,none",
        "a,y,Digits,F1,86.91,,1,%,1,none",
        "Average,x,Digits,Acc,86.91,,1,%,1,none",
        "a,z,Other,Acc,86.91,,1,%,1,none",
        "e,x,Digits,Acc,,,1,%,1,none",
    ];
    assert_eq!(run("grim", &ledger(&honest, DIGITS_1593), &Settings::default()), []);
    let wrong = [honest.as_slice(), &["f,x,Digits,Acc,86.91,,1,%,1,none"]].concat();
    let findings = run("grim", &ledger(&wrong, DIGITS_1593), &Settings::default());
    assert_eq!((findings.len(), findings[0].strength), (1, Strength::Exact));
    assert!(holds(&findings[0], "f", "x") && findings[0].cells.len() == 1);
}

#[test]
fn grim_takes_sizes_and_runs_from_the_settings() {
    // 85.04 is not k/1,593 and not k/7,965; 85.06 is 1,355/1,593 and 6,775/7,965.
    let rows = ["a,x,,Acc,85.04,,,%,1,none", "b,x,,Acc,85.06,,,%,1,none"];
    for seeds in [1, 5] {
        let settings = Settings { n_test: vec![1593], seeds: Some(seeds), ..Settings::default() };
        let findings = run("grim", &ledger(&rows, ""), &settings);
        assert!(findings.len() == 1 && holds(&findings[0], "a", "x") && findings[0].cells.len() == 1, "{findings:#?}");
    }
    assert_eq!(run("grim", &ledger(&rows, ""), &Settings::default()), []);
}

#[test]
fn grim_leaves_numbers_open_that_were_cut_off() {
    // 1,354/1,593 = 84.9969 and 1,380/1,593 = 86.6290: cut off 84.99 and 86.62, rounded 85.00 and 86.63.
    let findings = run("grim", &ledger(&["a,x,Digits,Acc,84.99,,1,%,1,none", "b,x,Digits,Acc,86.62,,1,%,1,none"], DIGITS_1593), &Settings::default());
    assert_eq!((findings[0].cells.len(), findings[0].strength), (2, Strength::Open));
}

#[test]
fn denominator_finds_655_behind_an_ablation() {
    let finding = built_in("denominator");
    let finding = at(&finding, "cpsl", "Table 2, MOSI Acc-2");
    assert_eq!(finding.strength, Strength::Open);
    assert!(finding.sentence.starts_with("All 12 different accuracies are attainable on 655 samples (also on 1,310"), "{}", finding.sentence);
}

#[test]
fn denominator_says_how_little_a_stated_size_explains() {
    let findings = built_in("denominator");
    let finding = at(&findings, "def", "IEMOCAP Acc");
    // 22 of 57 and 19.2 by a count of its own in Python (fractions), over the 57 different numbers of nine tables.
    assert!(
        finding.sentence.starts_with("22 of 57 different accuracies are k/1,593; of random numbers with these digits 19.2 would be."),
        "{}",
        finding.sentence
    );
    assert_eq!(finding.strength, Strength::Exact);
}

#[test]
fn denominator_is_silent_where_the_stated_size_fits() {
    // Whole numbers of 1,593 without a common step: 11/1,593 is nearly 3/435, so even steps would fit other sizes as well.
    let counts = [1301, 1318, 1324, 1347, 1359, 1362, 1388, 1409, 1421, 1436];
    let rows: Vec<String> = counts.iter().map(|k| format!("r{k},x,Digits,Acc,{:.2},,1,%,1,none", 100.0 * f64::from(*k) / 1593.0)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(run("denominator", &ledger(&rows, DIGITS_1593), &Settings::default()), []);
    // Unknown, the size is found; a wrong one is contradicted.
    let unknown = run("denominator", &ledger(&rows, ""), &Settings::default());
    assert!(unknown[0].strength == Strength::Open && unknown[0].sentence.contains("attainable on 1,593 samples"), "{unknown:#?}");
    let wrong = run("denominator", &ledger(&rows, ""), &Settings { n_test: vec![1600], ..Settings::default() });
    assert!(wrong[0].strength == Strength::Exact && wrong[0].sentence.contains("attainable on 1,593 samples"), "{wrong:#?}");
}

#[test]
fn std_attainable_finds_a_deviation_that_three_runs_do_not_have() {
    let findings = built_in("std-attainable");
    // 3 × 744: only a sum of 873 correct gives 39.11 %. With counts d around 291 that sum to 0, 1.03 % needs Σd² = 2 (1.03 · 7.44)² = 117.4 (116.3 to 118.6), or 3/2 of it,
    // 176.2 (174.5 to 177.9). Σd² of three numbers with sum 0 is 2 (a² + ab + b²): a² + ab + b² = 59 or 88, neither of which has that form (59 = 2 mod 3; 88 = 8 · 11).
    let finding = at(&findings, "mla", "CREMA-D Video");
    assert!(holds(finding, "QMF", "CREMA-D.Video"));
    assert_eq!(finding.strength, Strength::Exact);
}

#[test]
fn std_attainable_is_silent_on_runs_that_exist() {
    // 1,350, 1,354 and 1,361 of 1,593 (NumPy): 85.06 ± 0.35 with n − 1, 0.29 with n.
    let honest = ["a,x,Digits,Acc,85.06,0.35,3,%,1,none", "b,x,Digits,Acc,85.06,0.29,3,%,1,none", "c,x,Digits,F1,50.00,70.71,2,%,1,none"];
    assert_eq!(run("std-attainable", &ledger(&honest, DIGITS_1593), &Settings::default()), []);
    // Two numbers between 0 and 100 with a mean of 50 deviate by 70.71 at most.
    let findings = run("std-attainable", &ledger(&["c,x,Digits,F1,50.00,70.80,2,%,1,none"], ""), &Settings::default());
    assert_eq!(findings.len(), 1);
}

#[test]
fn std_alike_finds_tables_whose_deviations_hardly_vary() {
    let findings = built_in("std-alike");
    assert_eq!(findings.len(), 2, "{findings:#?}");
    // 12 methods, 3 runs, [0.765, 1.295]: g = e^(−x a²) − e^(−x b²) with x = ln(b²/a²)/(b² − a²), by hand 0.3703; 12 g¹¹ · 3 tables = 6.4e-4.
    let Strength::Chance(p) = at(&findings, "mla", "Table 6").strength else { panic!() };
    assert!((p / 6.46e-4 - 1.0).abs() < 0.01, "{p}");
    let Strength::Chance(p) = at(&findings, "mla", "Table 5").strength else { panic!() };
    assert!(p < 1e-10, "{p}");
}

#[test]
fn std_alike_is_silent_on_a_usual_spread_and_on_shared_runs() {
    // Twelve deviations of five runs from 0.20 to 0.55, an ordinary range.
    let stds = [0.31, 0.42, 0.20, 0.55, 0.36, 0.28, 0.47, 0.33, 0.25, 0.39, 0.51, 0.44];
    let rows: Vec<String> = stds.iter().enumerate().map(|(i, std)| format!("m{i},x,Digits,Acc,8{i}.1,{std},5,%,1,none")).collect();
    assert_eq!(run("std-alike", &ledger(&rows.iter().map(String::as_str).collect::<Vec<_>>(), ""), &Settings::default()), []);
    // One method's runs under twenty conditions may all be the same runs.
    let rows: Vec<String> = (0..20).map(|i| format!("m,c{i},Digits,Acc,80.1,0.31,5,%,1,none")).collect();
    assert_eq!(run("std-alike", &ledger(&rows.iter().map(String::as_str).collect::<Vec<_>>(), ""), &Settings::default()), []);
}

#[test]
fn std_mean_finds_deviations_on_a_line_in_the_mean() {
    let findings = built_in("std-mean");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = at(&findings, "def", "Table 6");
    // 0.0703 by NumPy's polyfit, 0.4015 by SciPy's polygamma; three tables looked at, none of 1,999 drawn ones as close: 3/2,000.
    assert!(finding.sentence.contains("within 0.070") && finding.sentence.contains("scatter by 0.40"), "{}", finding.sentence);
    assert_eq!(finding.strength, Strength::Chance(0.0015));
}

#[test]
fn std_mean_is_silent_on_honest_scatter() {
    // Two rows of eight cells; ln(std) falls with the mean by 0.05 a point and scatters by 0.4 (NumPy, default_rng(7)).
    let stds = [[0.39, 0.71, 0.55, 0.33, 0.46, 0.49, 1.02, 1.39], [0.25, 0.41, 0.60, 0.37, 0.80, 0.42, 0.95, 0.66]];
    let rows: Vec<String> =
        (0..2).flat_map(|row| (0..8).map(move |i| format!("m{row},c{i},Digits,Acc,{}.11,{},5,%,1,none", 85 - 2 * i, stds[row][i]))).collect();
    assert_eq!(run("std-mean", &ledger(&rows.iter().map(String::as_str).collect::<Vec<_>>(), ""), &Settings::default()), []);
}

#[test]
fn p_value_finds_marks_that_independent_runs_do_not_support() {
    let findings = built_in("p-value");
    let finding = at(&findings, "mla", "Table 6");
    assert_eq!(finding.strength, Strength::Open);
    // SciPy, ttest_ind_from_stats(55.89, 1.03, 3, 55.44, 1.06, 3, equal_var=False): 0.6259; the paired test needs 0.985 at the printed numbers (NumPy), less at the best rounding.
    assert!(finding.sentence.contains(
        "missing=70 (MLA 55.89 ± 1.03 against MMIN 55.44 ± 1.06, 3 runs: Welch p in [0.62, 0.63]; paired runs would have to correlate above 0.98)"
    ));
}

#[test]
fn p_value_is_silent_where_the_best_stands_apart() {
    let apart = ["a,x,Digits,Acc,86.91,0.22,5,%,1,best", "b,x,Digits,Acc,85.04,0.31,5,%,1,none", "c,x,Digits,Acc,85.10,,5,%,1,none"];
    assert_eq!(run("p-value", &ledger(&apart, ""), &Settings::default()), []);
    let near = ["a,x,Digits,Acc,86.91,0.92,5,%,1,best", "b,x,Digits,Acc,86.50,0.81,5,%,1,none"];
    assert_eq!(run("p-value", &ledger(&near, ""), &Settings::default()).len(), 1);
}

#[test]
fn flops_finds_a_pipeline_cheaper_than_its_networks() {
    let findings = built_in("flops");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = at(&findings, "def", "Table 20");
    // By the README's formulas in Python: 11.17 + 4.1 + 32.14 = 47.41 GMAC for one sample, 3,034 for 64; 12.3 G printed.
    assert!(finding.sentence.contains("at least 47.4 GMAC, 94.8 GFLOP, for one sample") && finding.sentence.contains("3,034 for the batch of 64"));
    assert!(holds(finding, "Feature extraction", "DEF+AAF") && !holds(finding, "Encoder", "DEF+AAF"));
    assert_eq!(finding.cells.len(), 6);
}

#[test]
fn flops_is_silent_on_a_cost_that_can_be() {
    let papers = "[[p.extractor]]\nmodel = \"bert-base\"\namount = 128\nsource = \"Section 4\"\n";
    // 11.17 GMAC; a fusion module alone may cost less.
    let honest =
        ["Total,ours,,FLOPs,11.2G,,,GFLOP,0,none", "End-to-end,ours,,FLOPs,0.0120T,,,TFLOP,0,none", "Fusion,ours,,FLOPs,0.3G,,,GFLOP,0,none"];
    assert_eq!(run("flops", &ledger(&honest, papers), &Settings::default()), []);
    assert_eq!(run("flops", &ledger(&["Total,ours,,FLOPs,11.0G,,,GFLOP,0,none"], papers), &Settings::default()).len(), 1);
}

#[test]
fn empty_cells_and_missing_runs_are_no_trouble() {
    let rows =
        ["a,x,Digits,Acc,,,,%,1,none", "a,y,Digits,Acc,,0.3,5,%,1,best", "b,x,,,1,0,1,,,none", "c,x,Digits,Acc,250.00,0.00,4000000000,%,1,none"];
    for settings in [Settings::default(), Settings { n_test: vec![0, 1, u64::MAX], seeds: Some(u32::MAX), round_first: true, alpha: 0.01 }] {
        for check in CHECKS {
            (check.find)(&ledger(&rows, ""), &settings);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any table that reads: no check panics or hangs, probabilities are probabilities, and the cells of a finding are there.
    #[test]
    fn any_table_is_judged(picks in proptest::collection::vec(proptest::collection::vec(0_usize..1000, 5), 1..40), round_first in any::<bool>(), given in 0_usize..4) {
        let values = ["", "0.00", "100.00", "-5", "99999999999999", "0.000000000001", "85.04", "86.91", "50%", "3", "100.01", "84.7", "1.00"];
        let stds = ["", "", "0", "0.00", "0.31", "0.32", "50.00", "99999999999", "0.000000001", "1"];
        let seeds = ["", "1", "2", "3", "5", "6", "100", "101", "4000000000"];
        let kinds = ["Acc,%", "Acc,fraction", "F1,%", "MAE,", "Total,GFLOP", "Test,samples", "Acc-7,%"];
        let pick = |from: &[&'static str], by: usize| from[by % from.len()];
        let rows: Vec<String> = picks.iter().enumerate().map(|(place, pick_of)| {
            let (metric, unit) = pick(&kinds, pick_of[3]).split_once(',').unwrap();
            let (value, std) = (pick(&values, pick_of[0]), pick(&stds, pick_of[1]));
            let mark = pick(&["none", "best", "second"], pick_of[4]);
            format!("m{},c{},Digits,{metric},{value},{std},{},{unit},{},{mark}", place / 8, place % 8, pick(&seeds, pick_of[2]), pick(&["1", "0", ""], pick_of[4] / 3))
        }).collect();
        let papers = format!("{DIGITS_1593}[[p.extractor]]\nmodel = \"bert-base\"\namount = 1e300\nsource = \"\"\n");
        let ledger = ledger(&rows.iter().map(String::as_str).collect::<Vec<_>>(), if given % 2 == 0 { "" } else { &papers });
        let settings = Settings { n_test: [vec![], vec![1, 0], vec![1593], vec![u64::MAX, 7]][given].clone(), seeds: [None, Some(0), Some(3), Some(u32::MAX)][given], round_first, ..Settings::default() };
        for check in CHECKS {
            for finding in (check.find)(&ledger, &settings) {
                prop_assert!(!finding.sentence.is_empty() && !finding.cells.is_empty());
                if let Strength::Chance(p) = finding.strength {
                    prop_assert!((0.0..=settings.alpha).contains(&p), "{finding:?}");
                }
                for place in &finding.cells {
                    prop_assert!(ledger.table("p", &place.table).and_then(|table| table.cell(&place.row, &place.column)).is_some(), "{finding:?}");
                }
            }
        }
    }
}

#[test]
fn honest_papers_have_no_exact_finding_and_hardly_one_of_chance() {
    const PAPERS: u64 = 60;
    for check in CHECKS {
        let mut chance = 0;
        for key in 10_000..10_000 + PAPERS {
            let (ledger, habits) = honest(key);
            // Settings that grant more than is needed must not bring findings.
            let settings = Settings { round_first: key % 3 == 0, seeds: Some(1).filter(|_| key % 2 == 0), ..Settings::default() };
            let findings = (check.find)(&ledger, &settings);
            let exact: Vec<&Finding> = findings.iter().filter(|finding| finding.strength == Strength::Exact).collect();
            assert!(exact.is_empty(), "{} on honest paper {key}: {exact:#?}\n{habits:#?}", check.name);
            chance += u32::from(findings.iter().any(|finding| matches!(finding.strength, Strength::Chance(_))));
        }
        // At the stated rate of 0.01 four or more of 60 have probability 0.003 (SciPy, binom.sf(3, 60, 0.01)).
        assert!(chance < 4, "{}: {chance} of {PAPERS} honest papers", check.name);
    }
}

#[test]
fn the_true_test_set_is_never_ruled_out() {
    let mut found = 0;
    for key in 0..200 {
        let (ledger, habits) = honest(key);
        for (dataset, n) in habits.datasets.iter().filter(|_| habits.seeds == 1) {
            let of = |cell: &&bench_audit::ledger::Cell| cell.dataset == *dataset && cell.metric == "Acc" && cell.condition != "Average";
            let scale = integer(if habits.fraction { 1 } else { 100 });
            let cells = ledger.tables.iter().flat_map(|table| &table.cells).filter(of);
            let mut grids: Vec<Grid> = cells.filter_map(|cell| Grid::new(cell.value.as_ref()?, &scale)).collect();
            grids.sort_unstable();
            grids.dedup();
            let searched = search(&grids, 1, 0.01);
            if *n <= searched.up_to {
                assert!(searched.telling.contains(n), "paper {key}, {dataset}: {n} is not among {searched:?}");
                found += 1;
            }
        }
    }
    assert!(found > 20, "only {found} test sets were small enough to be found");
}
