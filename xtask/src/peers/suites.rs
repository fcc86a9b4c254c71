//! The robustness suite, and all patterns of missing modalities.

use super::{
    COSTLY,
    process::Peer,
    row, shown,
    statistics::{median, ratio},
};

/// Datasets, method, whether the peers have the suite too (they have no sequences). The last are the suite's default datasets.
pub(super) const SUITES: [(&[&str], &str, bool); 6] = [
    (&["cremad-votes"], "concat", true),
    (&["cremad-votes"], "raml", true),
    (&["openmoji"], "concat", true),
    (&["mfeat"], "concat", true),
    (&["digits"], "concat", false),
    (&["cremad-votes", "openmoji", "digits"], "concat", false),
];

/// Methods whose encodings of a modality do not depend on the others.
const ENCODED_ALONE: [&str; 8] = ["concat", "sum", "late", "augmentation", "raml", "mla", "def-aaf", "decalign"];

/// The dataset with the most modalities.
const MOST_PATTERNS: &str = "mfeat";

/// The suite of conditions, reused and from scratch.
pub(super) fn measure(peers: &mut [Peer], repetitions: usize) -> Result<(), String> {
    println!(
        "| robustness suite | conditions | ours, ms | ours from scratch, ms | PyTorch from scratch, ms | ours from scratch / ours | PyTorch / ours |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (datasets, method, both) in SUITES {
        let repetitions = if both { repetitions } else { repetitions.div_ceil(COSTLY) };
        let (mut times, mut conditions) = (vec![Vec::new(); 3], 0.0);
        for repetition in 0..=repetitions {
            for turn in 0..3 {
                let which = (repetition + turn) % 3;
                let (peer, request) = [(0, "suite"), (0, "scratch"), (1, "suite")][which];
                if peer == 1 && !both {
                    continue;
                }
                let mut sums = [0.0; 2];
                for dataset in datasets {
                    let answer = peers[peer].numbers(&format!("{request} {dataset} {method}"))?;
                    sums.iter_mut().zip(answer).for_each(|(sum, number)| *sum += number);
                }
                if repetition > 0 {
                    times[which].push(sums[0]);
                }
                conditions = sums[1];
            }
        }
        println!("| {method} on {} | {conditions} {}", datasets.join(", "), row("", &times));
    }
    println!();
    Ok(())
}

/// All missing patterns against one clean evaluation, method by method.
pub(super) fn patterns(peers: &mut [Peer], repetitions: usize) -> Result<(), String> {
    println!("| on {MOST_PATTERNS} | patterns | all patterns, ms | one clean evaluation, ms | all / one |\n| --- | --- | --- | --- | --- |");
    let Some(ours) = peers.first_mut() else { return Ok(()) };
    for method in ENCODED_ALONE {
        let (mut times, mut patterns) = ([Vec::new(), Vec::new()], 0.0);
        for repetition in 0..=repetitions {
            for turn in 0..2 {
                let which = (repetition + turn) % 2;
                let request = ["patterns", "clean"][which];
                let answer = ours.numbers(&format!("{request} {MOST_PATTERNS} {method}"))?;
                let &[milliseconds, conditions] = answer.as_slice() else { return Err(format!("`{request}` was answered by {answer:?}")) };
                patterns = conditions.max(patterns);
                if repetition > 0 {
                    times[which].push(milliseconds);
                }
            }
        }
        let [all, one] = &times;
        println!("| {method} | {patterns} | {:.2} | {:.3} | {} |", median(all), median(one), shown(ratio(all, one)));
    }
    println!();
    Ok(())
}
