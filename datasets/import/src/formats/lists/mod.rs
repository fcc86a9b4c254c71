//! Lists of media files: a line a sample with its file, its class and sometimes its text; pictures and sounds lie in folders.

mod features;
mod media;
mod mla;
mod ogm_ge;
mod qmf;

use std::path::{Path, PathBuf};

use bench_datasets::Split;
use bench_readers::{ReadError, Source, image::Colours};

use super::Request;
use crate::{
    Content, Draft, Groups, ImportError, Stream, Target, Targets, labels, listing, named,
    signal::{Images, Sounds},
    words::words,
};
use media::Media;

pub(super) use self::{mla::MLA, ogm_ge::OGM_GE, qmf::QMF};

/// Height and width of images where nothing is asked for.
pub(super) const PIXELS: (usize, usize) = (64, 64);

/// One line.
#[derive(Debug, Clone)]
struct Sample {
    split: Split,
    id: String,
    label: String,
    text: Option<String>,
    /// Picture as the list names it, where it names one.
    image: Option<String>,
}

/// All lines, and what else is known.
#[derive(Debug, Default)]
struct Listing {
    samples: Vec<Sample>,
    /// Classes in this order, where somebody says it.
    classes: Option<Vec<String>>,
    assumed: Vec<String>,
}

/// The lists among the paths, and the folders in which media lie: the other ones, or those with the lists.
fn divide(request: &Request, is_list: fn(&str) -> bool) -> Result<(Vec<PathBuf>, Vec<PathBuf>), ImportError> {
    let (mut lists, mut holding, mut folders) = (Vec::new(), Vec::new(), Vec::new());
    for path in &request.paths {
        if !path.is_dir() {
            lists.push(path.clone());
            holding.extend(path.parent().map(Path::to_owned));
            continue;
        }
        let is_wanted = |file: &PathBuf| !file.is_dir() && file.file_name().and_then(|name| name.to_str()).is_some_and(is_list);
        let inside: Vec<PathBuf> = listing::inside(path)?.into_iter().filter(is_wanted).collect();
        if inside.is_empty() {
            folders.push(path.clone());
        } else {
            lists.extend(inside);
            holding.push(path.clone());
        }
    }
    if lists.is_empty() {
        let shown: Vec<String> = request.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(ImportError::request(format!(
            "{}: found no list, expected the lists of each split first, then folders of media; give the lists",
            shown.join(", ")
        )));
    }
    Ok((lists, if folders.is_empty() { holding } else { folders }))
}

/// The split that a list's name tells: `my_train_cre.txt`, `test.csv`, `dev.jsonl`.
fn split_of(path: &Path) -> Result<Split, ImportError> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    stem.split(['_', '-', '.']).find_map(|part| labels::split(part).filter(|_| part.len() > 1)).ok_or_else(|| {
        let expected = "train, val, dev or test in the name of a list";
        ReadError::invalid(path, "the file's name", format!("`{stem}`"), expected, "rename it").into()
    })
}

/// The lines of a list that are not empty, with their numbers; a byte order mark is left out.
fn lines(path: &Path) -> Result<Vec<(usize, String)>, ImportError> {
    let source = Source::open(path)?;
    let text = String::from_utf8(source.bytes(0, source.len())?)
        .map_err(|error| source.invalid(error.utf8_error().valid_up_to() as u64, "bytes that are no text", "UTF-8", "save the file as UTF-8"))?;
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    Ok(lines.filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| (at + 1, line.to_owned())).collect())
}

/// From a list to a draft: media are looked for, and samples without theirs are dropped, as the loaders of the field do.
fn draft(request: &Request, listing: Listing, lists: &[PathBuf], folders: &[PathBuf]) -> Result<Draft, ImportError> {
    let first = lists.first().map(PathBuf::as_path);
    let folder = first.and_then(Path::parent).and_then(Path::file_name).map(Path::new);
    let mut draft = Draft {
        name: named::stem(folder),
        provenance: named::provenance(first.unwrap_or(Path::new(""))),
        assumed: listing.assumed,
        ..Draft::default()
    };
    let media = Media::below(folders)?;
    let images: Vec<Option<PathBuf>> = listing.samples.iter().map(|sample| media.image(&sample.id, sample.image.as_deref())).collect();
    let sounds: Vec<Option<PathBuf>> = listing.samples.iter().map(|sample| media.sound(&sample.id)).collect();
    let ids: Vec<&str> = listing.samples.iter().map(|sample| sample.id.as_str()).collect();
    let features = media.features(&ids);
    let (seen, heard) = (images.iter().flatten().count(), sounds.iter().flatten().count());
    let named_images = listing.samples.iter().any(|sample| sample.image.is_some());
    let read = listing.samples.iter().any(|sample| sample.text.is_some());
    let searched = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ");
    if seen + heard + features.len() == 0 && !read {
        let examples: Vec<&str> = ids.iter().take(5).copied().collect();
        return Err(ImportError::request(format!(
            "found no picture or sound of {} samples ({}, …) below {searched}, expected NAME.wav, NAME.jpg, NAME.npy or folders NAME/ of frames; give the folders of media behind the lists",
            listing.samples.len(),
            examples.join(", ")
        )));
    }
    if seen == 0 && named_images {
        draft.assumed.push(format!("there are no pictures below {searched}: the dataset has none"));
    }
    if media.frames() && seen > 0 {
        draft.assumed.push("of a folder of frames the middle one is taken".into());
    }
    let mut files = Vec::new();
    files.extend((seen > 0).then_some(&images));
    files.extend((heard > 0).then_some(&sounds));
    files.extend(features.iter().map(|(_, files)| files));
    let whole = |at: usize| files.iter().all(|files| files.get(at).is_some_and(Option::is_some));
    let kept: Vec<usize> = (0..listing.samples.len()).filter(|&at| whole(at)).collect();
    let absent: Vec<&str> = (0..listing.samples.len()).filter(|&at| !whole(at)).filter_map(|at| Some(listing.samples.get(at)?.id.as_str())).collect();
    let missing: Vec<&str> =
        [(seen, "picture"), (heard, "sound"), (features.len(), "features")].iter().filter(|(count, _)| *count > 0).map(|(_, what)| *what).collect();
    if !absent.is_empty() {
        draft.repaired.push(format!(
            "{} of {} samples have no {} below {searched} and are dropped ({}{})",
            absent.len(),
            listing.samples.len(),
            missing.join(" or no "),
            absent.iter().take(5).copied().collect::<Vec<_>>().join(", "),
            if absent.len() > 5 { ", …" } else { "" }
        ));
    }
    if kept.is_empty() {
        return Err(ImportError::request(format!(
            "found {seen} pictures, {heard} sounds and {} folders of features below {searched}, but no sample with all of them; check the folders ({})",
            features.len(),
            draft.repaired.join("; ")
        )));
    }
    let samples: Vec<&Sample> = kept.iter().filter_map(|&at| listing.samples.get(at)).collect();
    let of = |files: &[Option<PathBuf>]| -> Vec<PathBuf> { kept.iter().filter_map(|&at| files.get(at)?.clone()).collect() };
    if seen > 0 {
        let pixels = if request.pixels.0 == 0 || request.pixels.1 == 0 { PIXELS } else { request.pixels };
        let content = Content::Numbers(Images::new(of(&images), Colours::Rgb, pixels).numbers());
        draft.streams.push(Stream { name: "image".into(), content });
    }
    if heard > 0 {
        draft.streams.push(Stream { name: "audio".into(), content: Content::Numbers(Sounds::new(of(&sounds), request.sound)?.numbers()) });
    }
    for (folder, files) in &features {
        draft.streams.push(Stream { name: (*folder).to_owned(), content: features::content(of(files))? });
    }
    if read {
        let texts = samples.iter().map(|sample| words(sample.text.as_deref().unwrap_or_default())).collect();
        draft.streams.push(Stream { name: "text".into(), content: Content::Words(texts) });
    }
    draft.ids = samples.iter().map(|sample| sample.id.clone()).collect();
    draft.splits = samples.iter().map(|sample| sample.split).collect();
    let found: Vec<String> = samples.iter().map(|sample| sample.label.clone()).collect();
    draft.targets.push(Targets { name: "label".into(), target: target(&found, listing.classes.as_deref())? });
    Ok(draft)
}

/// Classes in the order that is given; else by their numbers, or in alphabetical order.
fn target(found: &[String], names: Option<&[String]>) -> Result<Target, ImportError> {
    if let Some(names) = names {
        return labels::among("target `label`", found, names);
    }
    let numbers: Result<Vec<i64>, _> = found.iter().map(|label| label.parse::<i64>()).collect();
    Ok(numbers.map_or_else(|_| labels::named(found), |numbers| labels::coded(&numbers)))
}

/// Samples by a part of their ids.
fn grouped(name: &str, ids: &[String], group: impl Fn(&str) -> Option<&str>) -> Option<Groups> {
    let of_sample: Option<Vec<String>> = ids.iter().map(|id| group(id).map(str::to_owned)).collect();
    of_sample.map(|of_sample| Groups { name: name.into(), of_sample })
}
