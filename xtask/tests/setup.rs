//! `cargo xtask setup` in made-up repositories: which libtorch is taken, what is said, what is left on disk. A made-up `python3` stands
//! on the path; the loader check passes made-up libraries, since `ldd` finds nothing missing in an empty file.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn libtorch_of_the_environment_comes_first() {
    let machine = Machine::new("environment");
    let own = machine.libtorch("own", "2.11.0+cpu");
    machine.libtorch("repository/.libtorch", "2.11.0+cpu");
    let said = machine.setup(&[], &[("LIBTORCH", &own)], 0);
    assert!(said.contains("2.11.0+cpu from $LIBTORCH"), "{said}");
}

#[test]
fn libtorch_of_the_environment_must_be_right() {
    let machine = Machine::new("wrong-environment");
    let old = machine.libtorch("old", "2.9.1");
    machine.libtorch("repository/.libtorch", "2.11.0");
    let said = machine.setup(&[], &[("LIBTORCH", &old)], 2);
    assert!(said.contains("is libtorch 2.9.1 (needed: 2.11.0)"), "{said}");
    let said = machine.setup(&[], &[("LIBTORCH", Path::new("old"))], 2);
    assert!(said.contains("absolute path"), "{said}");
}

#[test]
fn what_cargo_sets_itself_is_not_the_users_wish() {
    let machine = Machine::new("default");
    machine.libtorch("repository/.libtorch", "2.11.0");
    let said = machine.setup(&[], &[("LIBTORCH", &machine.repository().join(".libtorch"))], 0);
    assert!(said.contains("from .libtorch"), "{said}");
}

#[test]
fn the_repositorys_libtorch_comes_before_that_of_python() {
    let machine = Machine::new("repository");
    machine.libtorch("repository/.libtorch", "2.11.0");
    machine.python(Some(&machine.libtorch("python/torch", "2.11.0")));
    let said = machine.setup(&[], &[], 0);
    assert!(said.contains("from .libtorch"), "{said}");
}

#[test]
fn a_dangling_link_is_replaced_by_pythons_torch() {
    let machine = Machine::new("python");
    symlink("gone", machine.repository().join(".libtorch")).unwrap();
    let torch = machine.libtorch("python/torch", "2.11.0+cu130");
    machine.python(Some(&torch));
    let said = machine.setup(&[], &[], 0);
    assert!(said.contains(".libtorch is passed over: it does not exist") && said.contains("from python3"), "{said}");
    assert_eq!(std::fs::read_link(machine.repository().join(".libtorch")).unwrap(), torch);
}

#[test]
fn a_folder_of_the_user_is_never_replaced() {
    let machine = Machine::new("folder");
    machine.libtorch("repository/.libtorch", "2.9.1");
    machine.python(Some(&machine.libtorch("python/torch", "2.11.0")));
    let said = machine.setup(&[], &[], 2);
    assert!(said.contains("move it away"), "{said}");
    assert!(machine.repository().join(".libtorch/build-version").is_file());
}

#[test]
fn pythons_old_torch_is_passed_over_and_pip_installs() {
    let machine = Machine::new("pip");
    machine.python(Some(&machine.libtorch("python/torch", "2.9.1")));
    // A broken-off installation is in the way.
    let leftover = machine.repository().join(".libtorch-venv/packages/torch/half");
    std::fs::create_dir_all(&leftover).unwrap();
    let said = machine.setup(&[], &[], 0);
    assert!(said.contains("python3's torch is passed over"), "{said}");
    assert!(said.contains("installation was not finished"), "{said}");
    assert!(said.contains("--no-deps torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85"), "{said}");
    assert!(said.contains("2.11.0+pip from pip"), "{said}");
    assert!(!leftover.exists());
    assert_eq!(std::fs::read_link(machine.repository().join(".libtorch")).unwrap(), Path::new(".libtorch-venv/packages/torch"));
    // What is there now is found without pip.
    assert!(machine.setup(&[], &[], 0).contains("from .libtorch"));
}

#[test]
fn cuda_is_installed_over_the_cpus_part() {
    let machine = Machine::new("cuda");
    machine.python(None);
    machine.setup(&[], &[], 0);
    let said = machine.setup(&["--cuda"], &[], 0);
    assert!(said.contains(".libtorch is passed over: it has no lib/libtorch_cuda.so"), "{said}");
    assert!(said.contains("pip installs torch==2.11.0 into .libtorch-venv"), "{said}");
    assert!(machine.setup(&["--cuda"], &[], 0).contains("from .libtorch"));
}

#[test]
fn without_python_the_sentence_says_what_to_do() {
    let machine = Machine::new("no-python");
    let said = machine.setup(&[], &[], 2);
    assert!(said.contains("no `python3` runs here") && said.contains("LIBTORCH"), "{said}");
}

#[test]
fn a_failing_pip_leaves_no_link() {
    let machine = Machine::new("offline");
    machine.python(None);
    let said = machine.setup(&[], &[("FAKE_PIP_FAILS", Path::new("1"))], 2);
    assert!(said.contains("check the network"), "{said}");
    assert!(!machine.repository().join(".libtorch").is_symlink());
    assert!(machine.setup(&[], &[], 0).contains("installation was not finished"));
}

#[test]
fn too_little_disk_is_said_before_anything_is_installed() {
    let machine = Machine::new("disk");
    machine.python(None);
    machine.program("df", "echo Filesystem; echo '/dev/made-up 2000000 1000000 1000000 50% /'");
    let said = machine.setup(&[], &[], 2);
    assert!(said.contains("needs 2.5 GB of disk") && said.contains("1.0 GB free"), "{said}");
    assert!(!machine.repository().join(".libtorch-venv").exists());
}

#[test]
fn a_named_libtorch_is_linked() {
    let machine = Machine::new("named");
    let named = machine.libtorch("named", "2.11.0");
    let said = machine.setup(&["--libtorch", named.to_str().unwrap()], &[], 0);
    assert!(said.contains("from --libtorch"), "{said}");
    assert_eq!(std::fs::read_link(machine.repository().join(".libtorch")).unwrap(), named);
}

/// A folder with a made-up repository and a path that holds the few programs that set-up calls.
struct Machine {
    root: PathBuf,
}

impl Machine {
    fn new(case: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("setup-{case}"));
        if root.exists() {
            std::fs::remove_dir_all(&root).unwrap();
        }
        let machine = Self { root };
        std::fs::create_dir_all(machine.repository().join("xtask")).unwrap();
        std::fs::write(machine.repository().join("xtask/Cargo.toml"), "").unwrap();
        std::fs::create_dir_all(machine.root.join("bin")).unwrap();
        machine.program("c++", "exit 0");
        // Tells plenty of space, so that the cases do not depend on this disk.
        machine.program("df", "echo Filesystem; echo '/dev/made-up 99999999 0 99999999 0% /'");
        let folders = std::env::var_os("PATH").unwrap();
        for name in ["sh", "ldd", "mkdir", "touch"] {
            let real = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file());
            symlink(real.expect("a usual program"), machine.root.join("bin").join(name)).unwrap();
        }
        machine
    }

    fn repository(&self) -> PathBuf {
        self.root.join("repository")
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.root.join("bin").join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A Python 3.11 without venv, whose pip "installs" a libtorch into its target folder; CUDA's library only without `--no-deps`.
    fn python(&self, torch: Option<&Path>) {
        let torch = torch.map(|torch| format!("echo 'torch {}'", torch.display())).unwrap_or_default();
        self.program("python3", &PYTHON.replace("TELL_TORCH", &torch));
    }

    /// A folder that looks like the libtorch of a version.
    fn libtorch(&self, name: &str, version: &str) -> PathBuf {
        let folder = self.root.join(name);
        for file in ["lib/libtorch_cpu.so", "lib/libc10.so", "include/ATen/Context.h", "include/torch/csrc/api/include/torch/torch.h"] {
            let file = folder.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        std::fs::write(folder.join("build-version"), version).unwrap();
        folder
    }

    /// Runs `setup`, checks the exit code, and gives what it said.
    fn setup(&self, arguments: &[&str], variables: &[(&str, &Path)], code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("setup").args(arguments).env_clear().env("PATH", self.root.join("bin"));
        command.env("CARGO_MANIFEST_DIR", self.repository().join("xtask")).envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(output.stdout.is_empty(), "standard output belongs to the command that is run in the end");
        said
    }
}

const PYTHON: &str = r#"case "$*" in
    -c*) echo 'python 3.11'; TELL_TORCH ;;
    '-m venv'*) exit 1 ;;
    '-m pip --version') exit 0 ;;
    '-m pip install'*)
        [ -z "$FAKE_PIP_FAILS" ] || exit 1
        torch="$PIP_TARGET/torch"
        mkdir -p "$torch/lib" "$torch/include/ATen" "$torch/include/torch/csrc/api/include/torch"
        touch "$torch/lib/libtorch_cpu.so" "$torch/lib/libc10.so" "$torch/include/ATen/Context.h"
        touch "$torch/include/torch/csrc/api/include/torch/torch.h"
        echo "__version__ = '2.11.0+pip'" > "$torch/version.py"
        case "$*" in *--no-deps*) ;; *) touch "$torch/lib/libtorch_cuda.so" ;; esac ;;
    *) exit 1 ;;
esac"#;
