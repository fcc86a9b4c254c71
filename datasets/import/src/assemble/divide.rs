//! Splits and groups: those of the files, and draws where they have none.

use std::collections::{HashMap, HashSet};

use bench_datasets::Split;

use super::{Notes, clean, draw};
use crate::{Groups, ImportError, Options, Target, options::NO_GROUP};

/// The split of each sample, and the groups that no split cuts.
#[derive(Debug)]
pub struct Divided {
    pub splits: Vec<Split>,
    /// Name and division of every fold.
    pub folds: Vec<(String, Vec<Option<Split>>)>,
    pub groups: Option<Grouping>,
}

/// What a draft says of splits and groups.
pub struct Divisions {
    pub splits: Vec<Split>,
    pub folds: Vec<(String, Vec<Option<Split>>)>,
    pub groups: Vec<Groups>,
}

/// Samples that belong together.
#[derive(Debug)]
pub struct Grouping {
    pub name: String,
    /// In the order in which they occur first.
    pub names: Vec<String>,
    /// Place in `names`.
    pub of_sample: Vec<u32>,
}

impl Divided {
    /// Samples by split.
    pub fn counts(&self) -> [usize; 3] {
        Split::ALL.map(|split| self.splits.iter().filter(|&&own| own == split).count())
    }
}

impl Grouping {
    fn of(groups: &Groups, ids: &[String]) -> Result<Self, ImportError> {
        if groups.of_sample.len() != ids.len() {
            return Err(ImportError::request(format!(
                "groups by {}: found {} of them, expected {} as there are ids; check that the files belong together",
                groups.name,
                groups.of_sample.len(),
                ids.len()
            )));
        }
        let (mut names, mut known) = (Vec::new(), HashMap::new());
        let of_sample = groups.of_sample.iter().map(|group| {
            let mut group = clean::text(group);
            if group.is_empty() {
                group.push_str("unknown");
            }
            *known.entry(group).or_insert_with_key(|group| {
                names.push(group.clone());
                names.len() as u32 - 1
            })
        });
        let of_sample = of_sample.collect();
        Ok(Self { name: clean::plain(&groups.name), names, of_sample })
    }

    /// Why a division cannot keep the groups whole: one is in two of its splits already, or too few are there to draw from.
    fn unfit(&self, splits: &[Option<Split>], of: &str, ids: &[String], options: &Options) -> Option<String> {
        let mut first: Vec<Option<(usize, Split)>> = vec![None; self.names.len()];
        for (row, (&group, split)) in self.of_sample.iter().zip(splits).enumerate() {
            let (Some(place), Some(split)) = (first.get_mut(group as usize), *split) else { continue };
            let (before, own) = *place.get_or_insert((row, split));
            if own != split {
                let group = self.names.get(group as usize).map_or("", String::as_str);
                return Some(format!("`{group}` is in two splits{of}, with the samples `{}` and `{}`", ids[before], ids[row]));
            }
        }
        let missing = missing(splits, options).len();
        let training = first.iter().filter(|place| matches!(place, Some((_, Split::Train)))).count();
        (missing > 0 && training <= missing).then(|| format!("{training} in training{of} are too few to draw splits of whole groups"))
    }

    /// Rows of each group that has any among these.
    fn members(&self, rows: &[usize]) -> Vec<(&str, Vec<usize>)> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        for &row in rows {
            if let Some(own) = self.of_sample.get(row).and_then(|&group| members.get_mut(group as usize)) {
                own.push(row);
            }
        }
        self.names.iter().map(String::as_str).zip(members).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Groups by split.
    pub fn counts(&self, splits: &[Split]) -> [usize; 3] {
        Split::ALL.map(|split| {
            let mut seen = vec![false; self.names.len()];
            for (&group, _) in self.of_sample.iter().zip(splits).filter(|(_, own)| **own == split) {
                if let Some(seen) = seen.get_mut(group as usize) {
                    *seen = true;
                }
            }
            seen.into_iter().filter(|&seen| seen).count()
        })
    }
}

/// The splits of one division, `None` where it leaves a sample out.
type Division = Vec<Option<Split>>;

/// Chooses the grouping, and draws the splits that the files do not have out of training; likewise in every fold.
pub fn divide(draft: Divisions, ids: &[String], target: &Target, options: &Options, notes: &mut Notes) -> Result<Divided, ImportError> {
    let Divisions { splits, folds, groups } = draft;
    let splits = if splits.is_empty() { vec![Split::Train; ids.len()] } else { splits };
    let mut own: Division = splits.into_iter().map(Some).collect();
    check("splits", own.len(), ids)?;
    let folds = usable(folds, ids, options, notes)?;
    let missing = missing(&own, options);
    let training = own.iter().filter(|split| **split == Some(Split::Train)).count();
    if training <= missing.len() {
        return Err(ImportError::request(format!(
            "splits: found {training} training samples, expected more than {}, as training must be left when the other splits are drawn; give more samples",
            missing.len()
        )));
    }
    let grouping = choose(ids, &own, &folds, groups, options, notes)?;
    let draws = Draws { ids, target, grouping: grouping.as_ref(), options };
    for (split, count) in draws.fill(&mut own) {
        let name = split.name();
        notes.assumed.push(format!("the files have no {name} split: {count} of {training} training samples were drawn for it, {}", draws.how()));
    }
    let (mut filled, mut drawn) = (Vec::with_capacity(folds.len()), 0);
    for (name, mut fold) in folds {
        drawn += usize::from(!draws.fill(&mut fold).is_empty());
        filled.push((name, fold));
    }
    if drawn > 0 {
        notes.assumed.push(format!(
            "{drawn} of {} folds have no validation or no test split: it was drawn from their training samples, {}",
            filled.len(),
            draws.how()
        ));
    }
    Ok(Divided { splits: own.into_iter().flatten().collect(), folds: filled, groups: grouping })
}

fn check(what: &str, found: usize, ids: &[String]) -> Result<(), ImportError> {
    if found == ids.len() {
        return Ok(());
    }
    let expected = ids.len();
    Err(ImportError::request(format!("{what}: found {found} of them, expected {expected} as there are ids; check that the files belong together")))
}

/// Splits that nobody is in, with their shares.
fn missing(splits: &[Option<Split>], options: &Options) -> Vec<(Split, f64)> {
    [(Split::Test, options.test), (Split::Validation, options.validation)].into_iter().filter(|(split, _)| !splits.contains(&Some(*split))).collect()
}

/// The folds with plain names, without those that nothing can be trained on.
fn usable(folds: Vec<(String, Division)>, ids: &[String], options: &Options, notes: &mut Notes) -> Result<Vec<(String, Division)>, ImportError> {
    let (mut kept, mut names) = (Vec::with_capacity(folds.len()), HashSet::new());
    for (name, fold) in folds {
        check(&format!("fold `{name}`"), fold.len(), ids)?;
        let plain = clean::plain(&name);
        if !names.insert(plain.clone()) {
            return Err(ImportError::request(format!("two folds would be called `{plain}`; rename one in the files")));
        }
        if fold.iter().filter(|split| **split == Some(Split::Train)).count() <= missing(&fold, options).len() {
            notes.left_out.push(format!("fold `{name}`: too few training samples"));
        } else {
            kept.push((plain, fold));
        }
    }
    Ok(kept)
}

/// What draws of missing splits depend on.
struct Draws<'a> {
    ids: &'a [String],
    target: &'a Target,
    grouping: Option<&'a Grouping>,
    options: &'a Options,
}

impl Draws<'_> {
    /// Draws what is missing; the splits that were, with the samples of each.
    fn fill(&self, splits: &mut Division) -> Vec<(Split, usize)> {
        let missing = missing(splits, self.options);
        let training = |splits: &Division| (0..splits.len()).filter(|&row| splits[row] == Some(Split::Train)).collect::<Vec<_>>();
        let pool = training(splits).len();
        let mut filled = Vec::new();
        for (at, &(split, share)) in missing.iter().enumerate() {
            let left = training(splits);
            let spare = missing.len() - at;
            let count = ((pool as f64 * share).round() as usize).min(left.len().saturating_sub(spare)).max(1);
            let drawn = self.draw(&left, count, spare, split);
            drawn.iter().for_each(|&row| splits[row] = Some(split));
            filled.push((split, drawn.len()));
        }
        filled
    }

    fn draw(&self, left: &[usize], count: usize, spare: usize, split: Split) -> Vec<usize> {
        if let Some(grouping) = self.grouping {
            let members = grouping.members(left);
            let sizes: Vec<(&str, usize)> = members.iter().map(|(name, rows)| (*name, rows.len())).collect();
            return draw::groups(&sizes, count, spare, split.name()).into_iter().flat_map(|at| members[at].1.iter().copied()).collect();
        }
        let class = |row: usize| match self.target {
            Target::Classes { labels, .. } => labels.get(row).copied().unwrap_or_default(),
            Target::Values { .. } => 0,
        };
        draw::samples(left, count, split.name(), |row| self.ids[row].clone(), class)
    }

    fn how(&self) -> String {
        match (self.grouping, self.target) {
            (Some(grouping), _) => format!("in whole groups ({})", grouping.name),
            (None, Target::Classes { .. }) => "each class in proportion".into(),
            (None, Target::Values { .. }) => "sample by sample".into(),
        }
    }
}

/// The grouping that was asked for, or the first that crosses no split of any division and leaves enough groups for the splits that are drawn.
fn choose(
    ids: &[String],
    splits: &Division,
    folds: &[(String, Division)],
    groups: Vec<Groups>,
    options: &Options,
    notes: &mut Notes,
) -> Result<Option<Grouping>, ImportError> {
    let names: Vec<String> = groups.iter().map(|groups| format!("`{}`", groups.name)).collect();
    if let Some(asked) = options.group.as_deref().filter(|asked| *asked != NO_GROUP && !groups.iter().any(|groups| groups.name == *asked)) {
        let there_are = if names.is_empty() { "there is none".to_owned() } else { format!("there are: {}", names.join(", ")) };
        return Err(ImportError::request(format!("there is no grouping `{asked}` in these files; {there_are}")));
    }
    let mut chosen = None;
    for own in groups {
        let grouping = Grouping::of(&own, ids)?;
        let asked = options.group.as_ref().is_some_and(|asked| *asked == own.name);
        let divisions = [(String::new(), splits)].into_iter().chain(folds.iter().map(|(name, fold)| (format!(" of fold `{name}`"), fold)));
        let unfit = divisions.filter_map(|(of, splits)| grouping.unfit(splits, &of, ids, options)).next();
        match (unfit, asked) {
            (Some(reason), true) => {
                return Err(ImportError::request(format!("groups by {}: {reason}; choose another grouping, or --group none", own.name)));
            }
            (Some(reason), false) => notes.left_out.push(format!("groups by {}: {reason}", own.name)),
            (None, true) => chosen = Some(grouping),
            (None, false) if options.group.is_none() && chosen.is_none() => chosen = Some(grouping),
            (None, false) => notes.left_out.push(format!("groups by {0}; --group {0} has them", own.name)),
        }
    }
    Ok(chosen)
}
