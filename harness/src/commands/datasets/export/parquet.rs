//! Parquet: a row a sample, a list a modality.

use std::{fs::File, path::Path};

use anyhow::Context;
use bench_datasets::{Block, Dataset, Kind, Labels, Split, Task};
use polars::prelude::{
    Column, DataFrame, DataType, Float32Type, IntoSeries, ListBuilderTrait, ListPrimitiveChunkedBuilder, ListStringChunkedBuilder, ParquetWriter,
};

use super::{chunk, short};

/// Writes all samples of a dataset, split by split in the order of their ids.
///
/// # Errors
/// The file system's refusal.
pub fn write(dataset: &Dataset, path: &Path) -> anyhow::Result<()> {
    let file = File::create(path)?;
    // One row group a chunk; all modalities of a chunk are in memory.
    let step = chunk(dataset.modalities().iter().map(|modality| modality.kind.numel()).sum());
    let empty = frame(dataset, Split::Train, &[])?;
    let mut writer = ParquetWriter::new(file).batched(empty.schema())?;
    for split in Split::ALL {
        for rows in dataset.indices(split).chunks(step) {
            writer.write_batch(&frame(dataset, split, rows)?)?;
        }
    }
    writer.finish()?;
    Ok(())
}

fn frame(dataset: &Dataset, split: Split, rows: &[usize]) -> anyhow::Result<DataFrame> {
    let ids: Vec<&str> = rows.iter().filter_map(|&row| dataset.ids().get(row)).map(String::as_str).collect();
    let mut columns = vec![Column::new("split".into(), vec![short(split); rows.len()]), Column::new("id".into(), ids)];
    columns.push(match (dataset.labels(), dataset.task()) {
        (Labels::Classes(labels), Task::Classification { classes }) => {
            let names = rows.iter().filter_map(|&row| classes.get(*labels.get(row)? as usize)).map(String::as_str).collect::<Vec<_>>();
            Column::new("label".into(), names)
        }
        (Labels::Values(values), _) => Column::new("label".into(), rows.iter().filter_map(|&row| values.get(row).copied()).collect::<Vec<f32>>()),
        _ => Column::new("label".into(), vec![""; rows.len()]),
    });
    if let Some(groups) = dataset.groups() {
        let names = rows.iter().filter_map(|&row| groups.names.get(*groups.of_sample.get(row)? as usize)).map(String::as_str);
        columns.push(Column::new("group".into(), names.collect::<Vec<_>>()));
    }
    for (at, modality) in dataset.modalities().iter().enumerate() {
        columns.extend(lists(&modality.name, &modality.kind, dataset.read(at, rows)));
    }
    DataFrame::new(rows.len(), columns).context("cannot make a table of the samples")
}

/// A list of numbers, row-major, or of words; with the number of valid steps where samples differ in it.
fn lists(name: &str, kind: &Kind, block: Block) -> Vec<Column> {
    let numel = kind.numel().max(1);
    match (block, kind) {
        (Block::Continuous { values, lengths }, _) => {
            let mut builder = ListPrimitiveChunkedBuilder::<Float32Type>::new(name.into(), values.len() / numel, values.len(), DataType::Float32);
            values.chunks_exact(numel).for_each(|values| builder.append_slice(values));
            let lists = Column::from(builder.finish().into_series());
            let lengths = lengths.map(|lengths| Column::new(format!("{name}_length").into(), lengths));
            [lists].into_iter().chain(lengths).collect()
        }
        (Block::Tokens { ids, lengths }, Kind::Tokens { vocabulary, .. }) => {
            let mut builder = ListStringChunkedBuilder::new(name.into(), lengths.len(), ids.len());
            for (ids, &length) in ids.chunks_exact(numel).zip(&lengths) {
                builder.append_values_iter(ids.iter().take(length as usize).filter_map(|&id| vocabulary.get(id as usize)).map(String::as_str));
            }
            vec![Column::from(builder.finish().into_series())]
        }
        (Block::Tokens { .. }, _) => Vec::new(),
    }
}
