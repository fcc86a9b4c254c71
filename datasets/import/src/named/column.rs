//! Values of all samples: split by split, all together, or joined by id.

use std::{collections::HashMap, ops::Range, sync::Arc};

use bench_datasets::Split;
use bench_readers::Array;

use crate::{
    Draft, ImportError, Rows,
    field::Field,
    rows::{Picked, Pieces},
    spec::{From, Missing, Names, Spec},
    store::Store,
};

/// How samples are divided: the splits with their numbers of rows, or all together.
pub(super) struct Divided<'a> {
    store: &'a Store,
    parts: Vec<(Option<Split>, usize)>,
    /// For messages: what told the numbers of rows.
    told_by: String,
}

impl<'a> Divided<'a> {
    /// As the first modality that is not joined by id.
    pub(super) fn new(spec: &Spec, store: &'a Store) -> Result<Self, ImportError> {
        for entry in &spec.modalities {
            let fields = fields(store, &entry.from)?;
            if fields.iter().all(|(_, field)| field.file.id.is_none()) {
                let parts = fields.iter().map(|(split, field)| (*split, field.len())).collect();
                return Ok(Self { store, parts, told_by: format!("modality `{}`", entry.name) });
            }
        }
        let ids = spec.ids.as_ref().map(|from| fields(store, from)).transpose()?.unwrap_or_default();
        if ids.is_empty() {
            return Err(ImportError::request(
                "found only modalities that are joined by id, expected `ids` to say which samples there are; add `ids`",
            ));
        }
        Ok(Self { store, parts: ids.iter().map(|(split, field)| (*split, field.len())).collect(), told_by: "`ids`".into() })
    }

    fn count(&self) -> usize {
        self.parts.iter().map(|(_, count)| count).sum()
    }

    pub(super) fn splits(&self) -> Vec<Split> {
        self.parts.iter().filter_map(|&(split, count)| Some(std::iter::repeat_n(split?, count))).flatten().collect()
    }

    pub(super) fn ids(&self, spec: &Spec) -> Result<Vec<String>, ImportError> {
        match &spec.ids {
            Some(from) => self.column("`ids`", from, &[])?.texts(),
            None => Ok(self
                .parts
                .iter()
                .flat_map(|&(split, count)| (0..count).map(move |at| split.map_or_else(|| at.to_string(), |split| format!("{}-{at}", split.name()))))
                .collect()),
        }
    }

    /// A value for each sample.
    pub(super) fn column(&self, what: &str, from: &From, ids: &[String]) -> Result<Column<'a>, ImportError> {
        let fields = fields(self.store, from).map_err(|error| ImportError::request(format!("{what}: {error}")))?;
        if let [(None, field)] = &*fields
            && let Some(key) = &field.file.id
        {
            let places = self.join(field, key, ids)?;
            return Ok(Column { fields: fields.into_iter().map(|(_, field)| field).collect(), places: Some(places), what: what.into() });
        }
        let found: Vec<(Option<Split>, usize)> = fields.iter().map(|(split, field)| (*split, field.len())).collect();
        if found != self.parts {
            let shown = |parts: &[(Option<Split>, usize)]| {
                let part = |&(split, count): &(Option<Split>, usize)| match split {
                    Some(split) => format!("{count} of {}", split.name()),
                    None => format!("{count} rows"),
                };
                parts.iter().map(part).collect::<Vec<_>>().join(", ")
            };
            let places: Vec<String> = fields.iter().map(|(_, field)| field.place()).collect();
            return Err(ImportError::request(format!(
                "{what} ({}): found {}, expected {} as {} has; give every part for the same samples",
                places.join("; "),
                shown(&found),
                shown(&self.parts),
                self.told_by
            )));
        }
        Ok(Column { fields: fields.into_iter().map(|(_, field)| field).collect(), places: None, what: what.into() })
    }

    /// Row of each sample in a file whose rows have ids; `None` where it has none.
    fn join(&self, field: &Field<'a>, key: &Names, ids: &[String]) -> Result<Vec<Option<usize>>, ImportError> {
        let name = key.list().first().map_or("", String::as_str);
        let keys = Field::of(field.file, name, 0..usize::MAX)?.texts()?;
        if keys.len() != field.len() {
            return Err(field.unexpected(&format!("{} rows, as there are ids in `{name}`", keys.len()), "give both for the same rows"));
        }
        let mut rows: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
        for (at, id) in keys.iter().enumerate() {
            if let Some(before) = rows.insert(id, at) {
                let found = format!("`{id}` in the rows {before} and {at} (from 0)");
                return Err(ImportError::request(format!(
                    "{}: `{name}`: found {found}, expected each id once; name a column of different ids",
                    field.file.path.display()
                )));
            }
        }
        let places: Vec<Option<usize>> = ids.iter().map(|id| rows.get(id.as_str()).copied()).collect();
        let absent: Vec<&str> = ids.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(id, _)| id.as_str()).collect();
        if !absent.is_empty() && (field.file.missing == Missing::Refuse || absent.len() == ids.len()) {
            let first: Vec<&str> = absent.iter().take(5).copied().collect();
            return Err(ImportError::request(format!(
                "{}: `{name}`: found no row for {} of {} samples ({}), expected one for each; mend the ids, or set `missing = \"drop\"`",
                field.file.path.display(),
                absent.len(),
                ids.len(),
                first.join(", ")
            )));
        }
        Ok(places)
    }

    /// Says which samples are dropped.
    pub(super) fn left_out(&self, kept: &[bool], draft: &mut Draft) {
        let dropped: Vec<&str> = draft.ids.iter().zip(kept).filter(|(_, kept)| !**kept).map(|(id, _)| id.as_str()).collect();
        if !dropped.is_empty() {
            let first: Vec<&str> = dropped.iter().take(5).copied().collect();
            let sentence =
                format!("{} of {} samples have no row in a joined file and are dropped ({})", dropped.len(), self.count(), first.join(", "));
            draft.repaired.push(sentence);
        }
    }
}

/// The fields of an entry, in the order of the splits.
fn fields<'a>(store: &'a Store, from: &From) -> Result<Vec<(Option<Split>, Field<'a>)>, ImportError> {
    from.parts().into_iter().map(|(split, names)| Ok((split, store.field(names)?))).collect()
}

/// Values of all samples.
pub(super) struct Column<'a> {
    pub(super) fields: Vec<Field<'a>>,
    /// Joined by id: row of each sample.
    places: Option<Vec<Option<usize>>>,
    pub(super) what: String,
}

impl Column<'_> {
    /// In the order of the samples; what is not there is as in the first row, and dropped later.
    fn arrange<T: Clone>(&self, values: Vec<T>) -> Vec<T> {
        match &self.places {
            Some(places) => places.iter().filter_map(|place| values.get(place.unwrap_or(0)).cloned()).collect(),
            None => values,
        }
    }

    fn gather<T: Clone>(&self, read: impl Fn(&Field<'_>) -> Result<Vec<T>, ImportError>) -> Result<Vec<T>, ImportError> {
        let parts = self.fields.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(self.arrange(parts.concat()))
    }

    pub(super) fn texts(&self) -> Result<Vec<String>, ImportError> {
        self.gather(|field| field.texts())
    }

    pub(super) fn wholes(&self) -> Result<Vec<i64>, ImportError> {
        self.gather(|field| field.wholes())
    }

    pub(super) fn reals(&self) -> Result<Vec<f64>, ImportError> {
        self.gather(|field| field.reals())
    }

    /// Whole numbers of every row, and how many a row has.
    pub(super) fn matrix(&self) -> Result<(Vec<i64>, usize), ImportError> {
        self.table(|array, place, rows| Ok(array.wholes(place, rows)?))
    }

    /// Real numbers of every row, and how many a row has.
    pub(super) fn real_matrix(&self) -> Result<(Vec<f64>, usize), ImportError> {
        self.table(|array, place, rows| Ok(array.reals(place, rows)?))
    }

    fn table<T: Clone>(&self, read: impl Fn(&Array, &str, Range<usize>) -> Result<Vec<T>, ImportError>) -> Result<(Vec<T>, usize), ImportError> {
        let (mut rows, mut width) = (Vec::new(), None);
        for field in &self.fields {
            let (array, own, _) = field.array()?;
            let len = array.row_len();
            if *width.get_or_insert(len) != len {
                return Err(field.unexpected("rows as long as in the other splits", "give the same in every split"));
            }
            rows.extend(read(&array, &field.place(), own)?.chunks(len.max(1)).map(<[T]>::to_vec));
        }
        Ok((self.arrange(rows).concat(), width.unwrap_or(0)))
    }

    /// Numbers of a row, in the first part.
    pub(super) fn width(&self) -> Result<usize, ImportError> {
        self.fields.first().map_or(Ok(1), |field| Ok(field.array()?.0.row_len()))
    }

    /// The series, where every part is a list of arrays.
    pub(super) fn series(&self) -> Result<Option<Vec<(String, Arc<Array>)>>, ImportError> {
        let parts = self.fields.iter().map(Field::series).collect::<Result<Option<Vec<_>>, _>>()?;
        Ok(parts.map(|parts| self.arrange(parts.concat())))
    }

    pub(super) fn is_real(&self) -> bool {
        self.fields.iter().any(Field::is_real)
    }

    /// An error at the first part.
    pub(super) fn unexpected(&self, expected: &str, remedy: &str) -> ImportError {
        self.fields.first().map_or_else(
            || ImportError::request(format!("{}: found nothing, expected {expected}; {remedy}", self.what)),
            |field| field.unexpected(expected, remedy),
        )
    }

    pub(super) fn is_text(&self) -> bool {
        self.fields.iter().any(Field::is_text)
    }

    pub(super) fn mark(&self, kept: &mut [bool]) {
        for (kept, place) in kept.iter_mut().zip(self.places.iter().flatten()) {
            *kept &= place.is_some();
        }
    }

    /// Rows, and the shape that they have in all parts.
    pub(super) fn rows(&self, repaired: &mut Vec<String>) -> Result<(Box<dyn Rows>, Vec<usize>, bool), ImportError> {
        let (mut pieces, mut shape, mut bytes) = (Pieces::default(), None, true);
        for field in &self.fields {
            let (array, rows, missing) = field.array()?;
            if missing > 0 {
                repaired.push(format!("{}: {missing} empty cells are read as NaN", field.place()));
            }
            let own = array.row_shape().to_vec();
            if *shape.get_or_insert_with(|| own.clone()) != own {
                let expected = format!("rows of shape {:?} as in the other splits", shape.unwrap_or_default());
                return Err(field.unexpected(&expected, "give the same modality in every split"));
            }
            bytes &= array.dtype.element == bench_readers::Element::Unsigned && array.dtype.size == 1;
            pieces.push(field.place(), array, rows);
        }
        let rows: Box<dyn Rows> = match &self.places {
            Some(places) => Box::new(Picked { from: Box::new(pieces), places: places.iter().map(|place| place.unwrap_or(0)).collect() }),
            None => Box::new(pieces),
        };
        Ok((rows, shape.unwrap_or_default(), bytes))
    }
}
