/*!
Features of all samples of a dataset, into a tensor file.

Batches are those of an evaluation, split by split in id order: a test sample that is corrupted at level 0 is extracted in the batch that it was in here,
and so to the same bits.
*/

use std::{
    fs::File,
    io::{BufWriter, Seek, SeekFrom, Write},
    path::Path,
};

use bench_datasets::{Block, Dataset, DatasetRef, Split, derive::Features as Names};
use bench_store::protocol::ExtractJob;
use serde_json::json;

use super::{Extractor, Features, block::to_block};
use crate::{data::ranges, device, failure::Failure};

/// Extracts, and answers the shape of a sample's features and whether they have lengths.
///
/// # Errors
/// What the dataset, the module or the file system refuses, or a feature that is not finite.
pub fn extract(job: &ExtractJob, mut progress: impl FnMut(usize, usize)) -> Result<(Vec<usize>, bool), Failure> {
    let reference: DatasetRef = job.dataset.parse().map_err(Failure::usage)?;
    let dataset = Dataset::open(&reference, &job.data).map_err(Failure::usage)?;
    if dataset.hash() != job.dataset_hash {
        return Err(Failure::usage(format!("dataset `{reference}` changed while its features were planned; run the command again")));
    }
    let at = dataset.modality(&job.modality).ok_or_else(|| Failure::usage(format!("dataset `{reference}` has no modality `{}`", job.modality)))?;
    let device = device::ready(&job.device)?;
    let kind = dataset.whole_kind(at);
    let extractor = Extractor::open(&job.modality, &kind, (&job.module, &job.trusted), job.tokenizer.as_deref(), device)?;
    let mut table: Option<Table> = None;
    let mut done = 0;
    for split in Split::ALL {
        for (start, length) in ranges(dataset.indices(split).len(), job.batch) {
            let rows = dataset.indices(split).get(start..start + length).unwrap_or_default();
            let features = extractor.features(&dataset.read_whole(at, rows))?;
            let table = match &mut table {
                Some(table) => table,
                empty => empty.insert(Table::create(&job.out, &job.modality, dataset.len(), &features, extractor.most_steps())?),
            };
            table.put(&dataset, rows, &features)?;
            done += length;
            progress(done, dataset.len());
        }
    }
    table.ok_or_else(|| Failure::usage(format!("dataset `{reference}` is empty")))?.finish()
}

/// The tensor file, whose rows are written in any order: lengths `[N]`, then features `[N, ..shape]`.
struct Table {
    file: BufWriter<File>,
    modality: String,
    shape: Vec<usize>,
    ragged: bool,
    lengths_at: u64,
    values_at: u64,
}

impl Table {
    fn create(path: &Path, modality: &str, samples: usize, first: &Features, most: Option<usize>) -> Result<Self, Failure> {
        let mut shape: Vec<usize> = first.values.size().iter().skip(1).map(|&size| size as usize).collect();
        let ragged = first.lengths.is_some();
        if let ([steps, _], Some(most)) = (&mut shape[..], most) {
            // Batches of words are as long as their longest text.
            *steps = most.max(*steps);
        }
        let failed = |error: std::io::Error| Failure::usage(format!("cannot write {}: {error}", path.display()));
        let lengths = if ragged { 8 * samples } else { 0 };
        let values = 4 * samples * shape.iter().product::<usize>();
        let whole: Vec<usize> = [samples].into_iter().chain(shape.iter().copied()).collect();
        let mut header = serde_json::Map::new();
        if ragged {
            header.insert(Names::lengths(modality), json!({ "dtype": "I64", "shape": [samples], "data_offsets": [0, lengths] }));
        }
        header.insert(Names::tensor(modality), json!({ "dtype": "F32", "shape": whole, "data_offsets": [lengths, lengths + values] }));
        let mut header = serde_json::Value::Object(header).to_string();
        // The format aligns data to 8 bytes.
        header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
        let file = File::create(path).map_err(failed)?;
        let start = 8 + header.len() as u64;
        file.set_len(start + (lengths + values) as u64).map_err(failed)?;
        let mut file = BufWriter::new(file);
        file.write_all(&(header.len() as u64).to_le_bytes()).and_then(|()| file.write_all(header.as_bytes())).map_err(failed)?;
        Ok(Self { file, modality: modality.into(), shape, ragged, lengths_at: start, values_at: start + lengths as u64 })
    }

    fn put(&mut self, dataset: &Dataset, rows: &[usize], features: &Features) -> Result<(), Failure> {
        let Block::Continuous { values, lengths } = to_block(features, &self.shape, &self.modality)? else { return Ok(()) };
        let each = self.shape.iter().product::<usize>();
        if let Some(bad) = values.iter().position(|value| !value.is_finite()) {
            let sample = rows.get(bad / each.max(1)).and_then(|&row| dataset.ids().get(row)).map_or("", String::as_str);
            return Err(Failure::usage(format!(
                "the extractor of `{}` answers {} for sample `{sample}`, expected finite numbers",
                self.modality, values[bad]
            )));
        }
        for (place, (&row, values)) in rows.iter().zip(values.chunks(each.max(1))).enumerate() {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.write(self.values_at + (4 * row * each) as u64, &bytes)?;
            if let Some(&length) = lengths.as_ref().and_then(|lengths| lengths.get(place)) {
                self.write(self.lengths_at + 8 * row as u64, &i64::from(length).to_le_bytes())?;
            }
        }
        Ok(())
    }

    fn write(&mut self, place: u64, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.seek(SeekFrom::Start(place)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|error| Failure::usage(format!("cannot write the features of `{}`: {error}", self.modality)))
    }

    fn finish(mut self) -> Result<(Vec<usize>, bool), Failure> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        written.map_err(|error| Failure::usage(format!("cannot write the features of `{}`: {error}", self.modality)))?;
        Ok((self.shape, self.ragged))
    }
}
