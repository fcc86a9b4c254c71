//! MATLAB files of multi-view learning: TMC's split views, and views in a cell array.

use std::{path::Path, sync::Arc};

use bench_datasets::Split;
use bench_readers::{Array, Node, Tree, View};

use super::{Format, Glance, Request};
use crate::{
    Content, Draft, ImportError, Numbers, Stream, Targets,
    draft::Stacked,
    labels, named,
    rows::transposed,
    spec::{BySplit, From, KindEntry, ModalityEntry, Spec, TargetEntry, TargetKind},
    store::Store,
};

/// Names under which views stand.
const VIEWS: [&str; 6] = ["X", "x", "data", "fea", "feature", "views"];
/// Names under which labels stand.
const LABELS: [&str; 9] = ["Y", "y", "gt", "gnd", "truth", "truelabel", "label", "labels", "Label"];

/// TMC, ETMC, QMF.
pub(super) const TMC: Format = Format {
    name: "tmc-mat",
    title: "MATLAB file of TMC, ETMC and QMF: x1_train, x1_test, …, gt_train, gt_test",
    paths: "one .mat file",
    takes: &[],
    read: read_tmc,
    recognise: |glance| {
        let views = views_of(glance.tree.as_ref()?).len();
        (views > 0 && has(glance, "gt_train")).then(|| format!("it holds gt_train and {views} views x1_train, …"))
    },
};

/// COMPLETER and others.
pub(super) const CELL: Format = Format {
    name: "cell-mat",
    title: "MATLAB file with the views in a cell array (COMPLETER and others): X, Y",
    paths: "one .mat file",
    takes: &[],
    read: read_cell,
    recognise: |glance| {
        let root = glance.tree.as_ref()?.root();
        let (name, _) = first(&root, &VIEWS).filter(|(_, view)| matches!(view.node(), Node::List(_)))?;
        let (labels, _) = first(&root, &LABELS)?;
        Some(format!("it holds a cell array `{name}` and labels `{labels}`"))
    },
};

fn has(glance: &Glance, key: &str) -> bool {
    glance.tree.as_ref().is_some_and(|tree| tree.root().find(key).is_ok_and(|found| found.is_some()))
}

/// The names of the views that `x{v}_train` has, in the order of their numbers.
fn views_of(tree: &Tree) -> Vec<String> {
    let number = |key: &str| key.strip_prefix('x')?.strip_suffix("_train")?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = tree.root().entries().unwrap_or_default().iter().filter_map(|(key, _)| number(key)).collect();
    numbers.sort_unstable();
    numbers.into_iter().map(|number| format!("x{number}")).collect()
}

fn only<'a>(request: &'a Request, format: &str) -> Result<&'a Path, ImportError> {
    match &*request.paths {
        [path] => Ok(path),
        paths => Err(ImportError::request(format!("{format}: found {} paths, expected one .mat file; give its path", paths.len()))),
    }
}

fn read_tmc(request: &Request) -> Result<Draft, ImportError> {
    let tree = super::open(only(request, "tmc-mat")?)?;
    let views = views_of(&tree);
    if views.is_empty() {
        return Err(tree.root().unexpected("views x1_train, x1_test, … and labels gt_train, gt_test").into());
    }
    let both = |name: &str| {
        let mut splits = BySplit::default();
        splits.set(Split::Train, format!("{name}_train"));
        splits.set(Split::Test, format!("{name}_test"));
        From::BySplit(splits)
    };
    let modality = |name: String| ModalityEntry { from: both(&name), kind: Some(KindEntry::Vector), name, ..ModalityEntry::default() };
    let target = TargetEntry { name: "label".into(), from: both("gt"), kind: Some(TargetKind::Classes), ..TargetEntry::default() };
    let spec = Spec {
        modalities: views.into_iter().map(modality).collect(),
        targets: vec![target],
        assumed: vec![
            "numbers stay as they are in the file: the scaling of TMC's loader, which is fitted on the test split by itself, is not done".into(),
            "classes are called by their codes in the file".into(),
        ],
        ..Spec::default()
    };
    named::draft(&spec, &mut Store::open(&request.paths, &[], None)?)
}

fn read_cell(request: &Request) -> Result<Draft, ImportError> {
    let path = only(request, "cell-mat")?;
    let tree = super::open(path)?;
    let root = tree.root();
    let (_, views) = first(&root, &VIEWS).ok_or_else(|| root.unexpected(format!("a cell array of views under one of {}", VIEWS.join(", "))))?;
    let (_, labels) = first(&root, &LABELS).ok_or_else(|| root.unexpected(format!("labels under one of {}", LABELS.join(", "))))?;
    let mut draft = Draft { name: named::stem(Some(path)), provenance: named::provenance(path), ..Draft::default() };
    // Some files hold the labels in a cell for each view: they are the same.
    let codes = match labels.node() {
        Node::List(_) => labels.items()?.into_iter().next().ok_or_else(|| labels.unexpected("labels"))?,
        _ => labels.clone(),
    };
    let array = codes.array()?;
    let column = if array.rows() == 1 { transposed(&array) } else { Arc::clone(&array) };
    if column.row_len() != 1 {
        return Err(codes.unexpected("one label a sample, [N, 1]").into());
    }
    let codes = column.wholes(codes.path(), 0..column.rows())?;
    let count = codes.len();
    for (at, view) in views.items().map_err(|_| views.unexpected("a cell array, a view in each cell"))?.iter().enumerate() {
        let name = format!("view{}", at + 1);
        let array = view.array()?;
        let array = match *array.shape {
            [rows, _] if rows == count => array,
            [_, columns] if columns == count => {
                draft.repaired.push(format!("{name} has a column for each sample, {}: it is transposed", array.describe()));
                transposed(&array)
            }
            _ => return Err(unfit(view, &array, count)),
        };
        if array.shape == [count, count] {
            draft.assumed.push(format!("{name} is square: its rows are taken as the samples"));
        }
        // Read once: what the file claims must be there before a name is made for each sample.
        array.reals(view.path(), count.saturating_sub(1)..count)?;
        let shape = vec![array.row_len()];
        let mut rows = Stacked::default();
        rows.push(view.path(), array);
        draft.streams.push(Stream { name, content: Content::Numbers(Numbers { shape, lengths: None, rows: Box::new(rows), bytes: None }) });
    }
    if draft.streams.is_empty() {
        return Err(views.unexpected("at least one view").into());
    }
    draft.ids = (0..count).map(|at| at.to_string()).collect();
    draft.targets.push(Targets { name: "label".into(), target: labels::coded(&codes) });
    draft.assumed.push("classes are called by their codes in the file".into());
    Ok(draft)
}

fn unfit(view: &View<'_>, array: &Array, count: usize) -> ImportError {
    let expected = format!("[{count}, d] or [d, {count}], as there are {count} labels");
    view.invalid(array.describe(), expected, "check that views and labels are of the same samples").into()
}

/// The first of these keys that is there.
fn first<'a>(root: &View<'a>, keys: &[&'static str]) -> Option<(&'static str, View<'a>)> {
    keys.iter().find_map(|&key| Some((key, root.find(key).ok()??)))
}
