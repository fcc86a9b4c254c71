//! libtorch's generator, re-seeded so that a trial's draws do not depend on what ran before it in this process.

use bench_datasets::keyed::Key;

/// Seeds libtorch's generators from the trial's key, a purpose, an epoch and a step.
pub fn reseed(trial: &str, purpose: &str, epoch: usize, step: usize) {
    tch::manual_seed(seed(trial, purpose, epoch, step));
}

/// What [`reseed`] seeds with.
pub fn seed(trial: &str, purpose: &str, epoch: usize, step: usize) -> i64 {
    let key = Key::new("libtorch").with("trial", trial).with("for", purpose).with("epoch", epoch).with("step", step);
    let digest = key.digest();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(bytes)
}
