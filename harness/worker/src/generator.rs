//! libtorch's generator, re-seeded so that a trial's draws do not depend on what ran before it in this process.

use bench_datasets::keyed::Key;

/// Seeds libtorch's generators from the trial's key, a purpose, an epoch and a step.
pub fn reseed(trial: &str, purpose: &str, epoch: usize, step: usize) {
    let key = Key::new("libtorch").with("trial", trial).with("for", purpose).with("epoch", epoch).with("step", step);
    let digest = key.digest();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    tch::manual_seed(i64::from_le_bytes(bytes));
}
