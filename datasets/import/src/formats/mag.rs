/*!
`mag`: files of MAG-BERT, which CENet and ITHP share: MOSI and MOSEI aligned to words.

A dict `train`, `dev`, `test` of lists of `((words, visual [T, d], acoustic [T, d]), label, segment)`; words are texts, or numbers of a `word2id.pickle` beside the file. As read by
<https://github.com/WasifurRahman/BERT_multimodal_transformer> (`multimodal_driver.py`, README).
*/

use std::{collections::HashMap, path::Path};

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
    name: "mag",
    title: "MAG-BERT's files of MOSI and MOSEI, also of CENet and ITHP",
    paths: "one .pkl file, such as mosi.pkl, and its word2id.pickle if it is not beside it",
    takes: &[],
    read,
    recognise,
};

fn recognise(glance: &Glance) -> Option<String> {
    let train = glance.tree.as_ref()?.root().find("train").ok()??;
    examples::is_examples(&train).then(|| "a dict whose `train` is a list of ((words, visual, acoustic), label, segment) is MAG-BERT's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let (path, words) = match &*request.paths {
        [path] => (path, beside(path)),
        [path, words] => (path, Some(words.clone())),
        paths => return Err(ImportError::request(format!("mag: found {} paths, expected {}", paths.len(), FORMAT.paths))),
    };
    let tree = open(path)?;
    let vocabulary = match words {
        Some(words) => examples::vocabulary(&open(&words)?.root())?,
        None => HashMap::new(),
    };
    let root = tree.root();
    root.key("train")?;
    let mut draft = Draft {
        name: files::name(path),
        title: "Videos aligned to words, from a file in MAG-BERT's layout".into(),
        provenance: files::provenance(
            "a feature file in the layout of WasifurRahman/BERT_multimodal_transformer",
            "Rahman et al., Integrating Multimodal Information in Large Pretrained Transformers, ACL 2020 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    let mut all = Examples::default();
    for (name, split) in [("train", Split::Train), ("dev", Split::Validation), ("valid", Split::Validation), ("test", Split::Test)] {
        if let Some(list) = root.find(name)? {
            all.add(&mut draft, &list, split, &vocabulary)?;
        }
    }
    all.finish(&mut draft, Line::NonNegative, &vocabulary)?;
    Ok(draft)
}

/// `word2id.pickle` or `word2id.pkl` in the same folder.
fn beside(path: &Path) -> Option<std::path::PathBuf> {
    ["word2id.pickle", "word2id.pkl"].into_iter().map(|name| path.with_file_name(name)).find(|file| file.is_file())
}
