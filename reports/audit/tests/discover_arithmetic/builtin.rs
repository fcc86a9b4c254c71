//! Findings on the built-in ledger; the numbers in comments are worked out by hand from the tables of the papers.

use bench_audit::discover::Strength;

use crate::{at, builtin, says};

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
