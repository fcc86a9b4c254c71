//! Files that were damaged in any way end in an error or in a draft whose rows can be read: no panic.

use proptest::prelude::*;

use super::*;

/// What is done to a file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), 1..=u8::MAX).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..6)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for one in all {
        let length = bytes.len().max(1);
        match one {
            Damage::Flip(at, bits) => bytes.iter_mut().skip(at % length).take(1).for_each(|byte| *byte ^= bits),
            Damage::Cut(at) => bytes.truncate(at % length),
            Damage::Insert(at, new) => drop(bytes.splice(at % length..at % length, new.iter().copied())),
        }
    }
    bytes
}

/// Reads everything that the format makes of the files.
fn read_all(name: &str, paths: Vec<PathBuf>) {
    let glance = Glance { tree: open(&paths[0]).ok(), paths: paths.clone() };
    let _ = (format(name).recognise)(&glance);
    let Ok(draft) = (format(name).read)(&Request { paths, context: 1, ..Request::default() }) else { return };
    check(&draft);
    for stream in &draft.streams {
        if let Content::Numbers(numbers) = &stream.content
            && let Ok(values) = numbers.rows.read(0..draft.ids.len())
        {
            assert_eq!(values.len(), draft.ids.len() * numbers.shape.iter().product::<usize>());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_do_not_panic(at in 0..WHOLE.len(), file in any::<usize>(), all in prop::collection::vec(damage(), 1..4)) {
        let (name, files) = WHOLE[at];
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for path in files.iter().map(|file| fixture(file)).flat_map(|path| if path.is_dir() { inside(&path) } else { vec![path] }) {
            let copy = folder.path().join(path.file_name().unwrap());
            std::fs::copy(&path, &copy).unwrap();
            paths.push(copy);
        }
        let victim = &paths[file % paths.len()];
        std::fs::write(victim, damaged(std::fs::read(victim).unwrap(), &all)).unwrap();
        read_all(name, paths);
    }
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn files_of_other_formats_do_not_panic() {
    for (name, _) in WHOLE {
        for (_, files) in WHOLE {
            read_all(name, files.iter().map(|file| fixture(file)).collect());
        }
    }
}
