//! Training steps and epochs, ours and theirs.

use super::{in_turns, process::Peer, row};

/// What is trained on both sides.
pub(super) struct Training {
    pub(super) dataset: &'static str,
    pub(super) method: &'static str,
    /// Epochs of one measurement.
    epochs: usize,
    /// First steps whose losses must agree.
    compared: usize,
}

const fn training(dataset: &'static str, method: &'static str, epochs: usize, compared: usize) -> Training {
    Training { dataset, method, epochs, compared }
}

/// Adam turns the rounding of gradients near zero into whole steps, DEF+AAF's critic and DecAlign's EM multiply it: initial weights that differ by a relative
/// 1e-7 part their losses by more than the tolerance soon after the steps that are compared here.
pub(super) const TRAININGS: [Training; 13] = [
    training("cremad-votes", "concat", 4, 20),
    training("cremad-votes", "raml", 2, 20),
    training("cremad-votes", "mla", 2, 20),
    training("cremad-votes", "def-aaf?pretraining=0", 1, 5),
    training("cremad-votes", "decalign?dropout=0", 1, 10),
    training("cremad-votes", "cp-sl", 2, 20),
    training("openmoji", "unimodal/image", 4, 20),
    training("openmoji", "concat", 4, 20),
    training("openmoji", "raml", 4, 20),
    training("openmoji", "mla", 2, 17),
    training("openmoji", "def-aaf?pretraining=0", 1, 5),
    training("openmoji", "decalign?dropout=0", 1, 2),
    training("openmoji", "cp-sl", 1, 9),
];

/// How closely losses must agree, relatively.
const TOLERANCE: f64 = 1e-4;

/// Whether all do the same work: from the same weights, in the same order and with the same draws, the losses must agree.
pub(super) fn parity(peers: &mut [Peer]) -> Result<(), String> {
    println!("| losses of the first steps | steps | largest relative difference |\n| --- | ---: | ---: |");
    for Training { dataset, method, compared, .. } in TRAININGS {
        let request = format!("losses {dataset} {method} {compared}");
        let losses: Vec<Vec<f64>> = peers.iter_mut().map(|peer| peer.numbers(&request)).collect::<Result<_, _>>()?;
        let Some((ours, theirs)) = losses.split_first() else { continue };
        let mut largest: f64 = 0.0;
        for other in theirs {
            let off = ours.iter().zip(other).map(|(own, other)| ((own - other) / other).abs()).fold(0.0, f64::max);
            if ours.is_empty() || ours.len() != other.len() || off.is_nan() || off > TOLERANCE {
                return Err(format!("{method} on {dataset} is not the same work: losses are {ours:?} here and {other:?} in PyTorch"));
            }
            largest = largest.max(off);
        }
        println!("| {method} on {dataset} | {} | {largest:.1e} |", ours.len());
    }
    println!();
    Ok(())
}

pub(super) fn measure(peers: &mut [Peer], repetitions: usize) -> Result<(), String> {
    println!("| training | ours, ms | eager, ms | fused, ms | eager / ours | fused / ours |\n| --- | --- | --- | --- | --- | --- |");
    for Training { dataset, method, epochs, .. } in TRAININGS {
        let requests = vec![format!("train {dataset} {method} {epochs}"); peers.len()];
        let answers = in_turns(peers, &requests, repetitions)?;
        for (at, what) in ["a step", "an epoch with validation"].into_iter().enumerate() {
            let times: Vec<Vec<f64>> =
                answers.iter().map(|answers| answers.iter().filter_map(|numbers| numbers.get(at).copied()).collect()).collect();
            println!("{}", row(&format!("{method} on {dataset}, {what}"), &times));
        }
    }
    println!();
    Ok(())
}
