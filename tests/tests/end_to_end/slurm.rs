//! An array job on a real Slurm, of one node that is started for it. It needs root and Debian's slurm-wlm and munge, so it runs only where it is asked for:
//! `cargo test --workspace --test end_to_end slurm -- --ignored`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    place::{Place, count, errors, program},
    shards::{assert_same, words},
};

/// A Slurm that is stopped in any case.
struct Node {
    folder: PathBuf,
}

impl Node {
    #[track_caller]
    fn start(folder: PathBuf) -> Self {
        let node = Self { folder };
        let output = node.script("start").output().unwrap();
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
        node
    }

    fn script(&self, what: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg(repository().join("tests/slurm/node.sh")).arg(what).arg(&self.folder);
        command
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.script("stop").status();
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into()
}

#[test]
#[ignore = "needs root, slurm-wlm and munge"]
fn an_array_job_merged_has_the_bytes_of_one_run() {
    let place = Place::new();
    let settings = "--suite missing --dataset openmoji?train=100,digits?train=100 --method concat,late,unimodal --seeds 1 --epochs 1 --reference concat \
                    --device cpu";
    place.fine(&[words("run --quiet --jobs 1 --out single", &[]), words(settings, &[])].concat());

    let node = Node::start(place.path("slurm"));
    let programs = program("bench").parent().unwrap().to_path_buf();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
    let mut job = Command::new("sbatch");
    job.args(["--wait", "--array=1-4"]).arg(repository().join("docs/examples/slurm-array.sh")).args(words(settings, &[]));
    let output = job.current_dir(place.path("")).env("SLURM_CONF", node.folder.join("slurm.conf")).env("PATH", path).output().unwrap();
    let logs: String = (1..=4).map(|task| fs::read_to_string(place.path(&format!("bench-{task}.log"))).unwrap_or_default()).collect();
    assert!(output.status.success(), "{}{logs}", errors(&output));
    assert_eq!((1..=4).filter(|task| logs.contains(&format!("shard {task}/4: "))).count(), 4, "{logs}");
    drop(node);

    assert_eq!(count(&place.path("shards"), "/trial.json"), count(&place.path("single"), "/trial.json"));
    place.fine(&["merge", "shards/1", "shards/2", "shards/3", "shards/4", "--out", "merged"]);
    assert_same(&place, "single", "merged");
}
