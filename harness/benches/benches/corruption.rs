//! Corruptions of a whole test split in bytes a second, beside a plain copy of the same block.

use std::hint::black_box;

use bench_benches::Case;
use bench_corruptions::{Condition, Fields};
use bench_datasets::{Block, Split};
use bench_worker::evaluate::test_ids;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn corruption(criterion: &mut Criterion) {
    for (dataset, modality, condition) in [
        ("openmoji", "image", "noise(image,0.18)"),
        ("openmoji", "text", "mask(text,0.15)"),
        ("digits", "audio", "noise(audio,0.5)"),
        ("mfeat", "pix", "noise(pix,0.5)"),
    ] {
        let case = Case::open(dataset, "concat", 1).unwrap();
        let data = &case.loaded.dataset;
        let at = data.modality(modality).unwrap();
        let block = data.read(at, data.indices(Split::Test));
        let ids = test_ids(&case.loaded);
        let condition = Condition::parse(condition, data.modalities()).unwrap();
        let atoms: Vec<_> = condition.data().to_vec();
        let draw = || Fields::new(data.base_hash(), 42, &data.modalities()[at], &ids);
        let apply = |fields: &Fields<'_>, mut block: Block| {
            fields.apply(at, &atoms, case.loaded.normaliser.of(at), &mut block).unwrap();
            block
        };
        let drawn = draw();
        apply(&drawn, block.clone());
        let mut group = criterion.benchmark_group(format!("{condition} on {dataset}"));
        group.throughput(Throughput::Bytes(bytes(&block))).sample_size(20);
        group.bench_function("plain copy", |bencher| bencher.iter(|| black_box(block.clone())));
        group.bench_function("with draws made before", |bencher| {
            bencher.iter_batched(|| block.clone(), |block| apply(&drawn, block), BatchSize::LargeInput)
        });
        group
            .bench_function("with its draws", |bencher| bencher.iter_batched(|| block.clone(), |block| apply(&draw(), block), BatchSize::LargeInput));
    }
}

fn bytes(block: &Block) -> u64 {
    match block {
        Block::Continuous { values, .. } => 4 * values.len() as u64,
        Block::Tokens { ids, .. } => 4 * ids.len() as u64,
    }
}

criterion_group!(benches, corruption);
criterion_main!(benches);
