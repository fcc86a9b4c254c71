/*!
`misa`: files of MISA and MMIM: MOSI, MOSEI and UR-FUNNY aligned to words.

`train.pkl`, `dev.pkl`, `test.pkl`, each a list of `((word_ids, visual [T, d], acoustic [T, d], words, …), label, segment)`; labels `[1, 1]`, or `[1, 7]` in MOSEI. As written by
<https://github.com/declare-lab/MISA> and <https://github.com/declare-lab/Multimodal-Infomax> (`create_dataset.py`).
*/

use std::{collections::HashMap, path::PathBuf};

use bench_datasets::Split;

use super::{
    Format, Glance, Request, open,
    shared::{
        examples::{self, Examples},
        files,
        labels::Line,
    },
};
use crate::{Draft, ImportError};

/// The format.
pub const FORMAT: Format = Format {
    name: "misa",
    title: "MISA's and MMIM's files of MOSI, MOSEI and UR-FUNNY, one a split",
    paths: "the folder with train.pkl, dev.pkl and test.pkl, or these files",
    takes: &[],
    read,
    recognise,
};

fn recognise(glance: &Glance) -> Option<String> {
    let one = matches!(&*glance.paths, [folder] if folder.is_dir() && folder.join("train.pkl").is_file() && folder.join("test.pkl").is_file());
    let listed = glance.tree.as_ref().is_some_and(|tree| examples::is_examples(&tree.root()));
    match (one, listed) {
        (true, _) => Some("a folder with train.pkl and test.pkl is MISA's or MMIM's".into()),
        (_, true) => Some("a list of ((words, visual, acoustic), label, segment) is a split of MISA or MMIM".into()),
        _ => None,
    }
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let mut found: [Option<PathBuf>; 3] = Default::default();
    for file in files::pickles(request)? {
        let stem = files::stem(&file).to_lowercase();
        let Some(at) = ["train", "dev", "test"].iter().position(|name| stem.ends_with(name) || (*name == "dev" && stem.ends_with("valid"))) else {
            continue;
        };
        if let Some(other) = &found[at] {
            let sentence = format!("{} and {}: found two files of one split, expected {}", other.display(), file.display(), FORMAT.paths);
            return Err(ImportError::request(sentence));
        }
        found[at] = Some(file);
    }
    let Some(train) = found[0].clone() else {
        let given: Vec<String> = request.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(ImportError::request(format!("{}: found no file train.pkl, expected {}", given.join(", "), FORMAT.paths)));
    };
    let folder = train.parent().and_then(|folder| folder.file_name()).map(PathBuf::from);
    let mut draft = Draft {
        name: folder.map_or_else(|| "misa".into(), |folder| files::name(&folder)).to_lowercase(),
        title: "Videos aligned to words, from files in MISA's layout".into(),
        provenance: files::provenance(
            "feature files in the layout of declare-lab/MISA and declare-lab/Multimodal-Infomax",
            "Hazarika et al., MISA: Modality-Invariant and -Specific Representations for Multimodal Sentiment Analysis, ACM MM 2020 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    let (mut all, vocabulary) = (Examples::default(), HashMap::new());
    for (file, split) in found.iter().zip(Split::ALL) {
        match file {
            Some(file) => all.add(&mut draft, &open(file)?.root(), split, &vocabulary)?,
            None => draft.assumed.push(format!("there is no file of the {} split", split.name())),
        }
    }
    all.finish(&mut draft, Line::NonNegative, &vocabulary)?;
    Ok(draft)
}
