//! The lists of MLA (Zhang et al., CVPR 2024): `my_train_cre.txt`, `1085_IWL_SAD_XX.flv Sad`; Food-101 and MVSA, `image.jpg class`; IEMOCAP,
//! `Ses01F_impro01_F000.mp4 [split|sign] text [split|sign] Angry`; and `stat_cre.txt`, a class a line.

use std::path::{Path, PathBuf};

use bench_readers::ReadError;

use super::{Listing, Sample, divide, draft, grouped, lines, split_of};
use crate::{
    Draft, ImportError,
    formats::{Format, Glance, Request, Takes, iemocap},
};

/// What stands between file, text and class.
const MARK: &str = "[split|sign]";
/// Endings of the media that lists name.
const ENDINGS: [&str; 7] = [".flv", ".mp4", ".avi", ".wav", ".jpg", ".jpeg", ".png"];

/// MLA.
pub(in crate::formats) const MLA: Format = Format {
    name: "mla",
    title: "lists of MLA: my_train_SET.txt, my_test_SET.txt (FILE CLASS, or FILE [split|sign] TEXT [split|sign] CLASS), with stat_SET.txt",
    paths: "the lists of one data set or their folder, then folders with NAME.wav, NAME.npy and NAME.jpg or NAME/ of frames",
    takes: &[Takes::Media],
    read,
    recognise,
};

fn is_list(name: &str) -> bool {
    name.starts_with("my_") && name.ends_with(".txt") && name.matches('_').count() > 1
}

fn recognise(glance: &Glance) -> Option<String> {
    let request = Request { paths: glance.paths.clone(), ..Request::default() };
    let (lists, _) = divide(&request, is_list).ok()?;
    let file = lists.iter().find(|file| file.file_name().and_then(|name| name.to_str()).is_some_and(is_list))?;
    let first = lines(file).ok()?.into_iter().next()?.1;
    parse(&first).map(|_| format!("{} begins with `{}`", file.display(), first.chars().take(60).collect::<String>()))
}

/// File, text and class of a line.
fn parse(line: &str) -> Option<(String, Option<String>, String)> {
    let parts: Vec<&str> = line.split(MARK).map(str::trim).collect();
    let (file, text, label) = match *parts {
        [file, text, label] => (file, Some(text.to_owned()), label),
        [_] => {
            // Names of classes may hold spaces, and those of files too: what ends a file's name is its ending.
            let end = |ending: &str| line.find(&format!("{ending} ")).map(|at| at + ending.len());
            let at = ENDINGS.iter().filter_map(|ending| end(ending)).min()?;
            (line[..at].trim(), None, line[at..].trim())
        }
        _ => return None,
    };
    (!file.is_empty() && !label.is_empty()).then(|| (file.to_owned(), text, label.to_owned()))
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let (lists, folders) = divide(request, is_list)?;
    let mut listing = Listing { classes: classes(&lists)?, ..Listing::default() };
    let (statistics, lists): (Vec<PathBuf>, Vec<PathBuf>) = lists.into_iter().partition(|list| set(list, "stat_").is_some());
    let mut sets: Vec<String> = lists.iter().filter_map(|list| Some(set(list, "my_")?.rsplit_once('_')?.1.to_owned())).collect();
    sets.sort();
    sets.dedup();
    if sets.len() > 1 || statistics.len() > 1 {
        let expected = "the lists of one";
        return Err(ImportError::request(format!("mla: found lists of {}, expected {expected}; give the files of one data set", sets.join(", "))));
    }
    for list in &lists {
        let split = split_of(list)?;
        for (line, text) in lines(list)? {
            let (file, caption, label) = parse(&text).ok_or_else(|| {
                let expected = "FILE CLASS or FILE [split|sign] TEXT [split|sign] CLASS";
                ReadError::invalid(list, format!("line {line}"), format!("`{text}`"), expected, "check that this is a list of MLA")
            })?;
            let name = Path::new(&file);
            let picture = name.extension().is_some_and(|ending| ["jpg", "jpeg", "png"].iter().any(|own| ending.eq_ignore_ascii_case(own)));
            let id = name.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            listing.samples.push(Sample { split, id, label, text: caption, image: picture.then_some(file) });
        }
    }
    let mut draft = draft(request, listing, &lists, &folders)?;
    draft.groups = iemocap::groups(&draft.ids);
    if sets.first().is_some_and(|set| set == "cre") {
        draft.groups.extend(grouped("actor", &draft.ids, |id| id.split_once('_').map(|(actor, _)| actor)));
    }
    Ok(draft)
}

/// What stands behind a beginning in a list's name: `train_cre` of `my_train_cre.txt`.
fn set<'a>(list: &'a Path, beginning: &str) -> Option<&'a str> {
    list.file_stem()?.to_str()?.strip_prefix(beginning)
}

/// Classes in the order of `stat_SET.txt`: among the lists, or beside the first.
fn classes(lists: &[PathBuf]) -> Result<Option<Vec<String>>, ImportError> {
    let beside = |list: &PathBuf| {
        let (_, name) = set(list, "my_")?.rsplit_once('_')?;
        Some(list.with_file_name(format!("stat_{name}.txt"))).filter(|path| path.is_file())
    };
    let Some(path) = lists.iter().find(|list| set(list, "stat_").is_some()).cloned().or_else(|| lists.first().and_then(beside)) else {
        return Ok(None);
    };
    let mut names: Vec<String> = Vec::new();
    for (_, line) in lines(&path)? {
        // Kinetics-Sounds: `name >train >test`.
        let name = line.split(" >").next().unwrap_or_default().trim().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_data_sets_are_taken_apart() {
        let found = |line: &str| parse(line).map(|(file, text, label)| (file, text.unwrap_or_default(), label));
        let expected = |file: &str, text: &str, label: &str| Some((file.to_owned(), text.to_owned(), label.to_owned()));
        assert_eq!(found("1085_IWL_SAD_XX.flv Sad"), expected("1085_IWL_SAD_XX.flv", "", "Sad"));
        assert_eq!(found("apple pie 12.jpg apple_pie"), expected("apple pie 12.jpg", "", "apple_pie"));
        assert_eq!(found("x_y.mp4 Church bell"), expected("x_y.mp4", "", "Church bell"));
        assert_eq!(
            found("Ses03F_script01_2_F018.mp4 [split|sign] No, you've got to believe. [split|sign] Sad"),
            expected("Ses03F_script01_2_F018.mp4", "No, you've got to believe.", "Sad")
        );
        assert_eq!(found("no file here"), None);
        assert_eq!(found("a.mp4 [split|sign] Sad"), None);
    }
}
