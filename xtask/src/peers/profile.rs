//! Where the time goes.

use super::process::Peer;

/// Methods whose training steps are taken apart.
const METHODS: [&str; 6] = ["concat", "raml", "mla", "def-aaf?pretraining=0", "decalign", "cp-sl"];

/// Datasets, and the epochs with and without the observer.
const DATASETS: [(&str, usize); 2] = [("cremad-votes", 3), ("openmoji", 6)];

/// What limits each method's training step.
pub(super) fn steps(peers: &mut [Peer]) -> Result<(), String> {
    println!(
        "Our training steps, percent of their time; the last column is what all calls would take at the price of the cheapest, and lies across the others.\n"
    );
    println!(
        "| a training step | ms | products | convolutions | element-wise | optimiser | copies | draws | views | outside operations | calls | calling |"
    );
    println!("| --- |{}", " ---: |".repeat(11));
    let Some(ours) = peers.first_mut() else { return Ok(()) };
    for (dataset, turns) in DATASETS {
        for method in METHODS {
            let numbers = ours.numbers(&format!("where {dataset} {method} {turns}"))?;
            let [step, shares @ .., calls, calling] = numbers.as_slice() else { return Err(format!("`where` was answered by {numbers:?}")) };
            let shares: String = shares.iter().map(|share| format!(" {share:.0} |")).collect();
            println!("| {method} on {dataset} | {step:.2} |{shares} {calls:.0} | {calling:.0} |");
        }
    }
    println!();
    Ok(())
}

/// Where the time of the convolutional model goes, operation by operation.
pub(super) fn convolutional(peers: &mut [Peer]) -> Result<(), String> {
    println!("Self time by operation, unimodal/image on openmoji, percent:\n");
    for (peer, name, request) in [(0, "ours", "profile openmoji unimodal/image 6"), (1, "eager", "profile openmoji unimodal/image 54")] {
        println!("- {name}: {}", peers[peer].ask(request)?.replace(' ', ", ").replace('=', " "));
    }
    println!();
    Ok(())
}
