//! `--scale`: the same methods on growing data.

use bench_datasets::Dataset;
use bench_reports::cost::{Group, Growth, GrowthPoint, GrowthUnit, Row, Timed, latency};
use bench_store::protocol::Description;

use super::{
    arguments::Scale,
    jobs::{self, Measurement, Protocol},
    synthetic::{self, Shape, Temporary},
};
use crate::settings::Settings;

/// Features of a vector, or of a step.
const FEATURES: usize = 32;
/// Fewest samples of a split.
const SAMPLES: usize = 64;
/// `--scale batch`.
const BATCHES: [usize; 7] = [16, 32, 64, 128, 256, 512, 1024];

/// What grows, point by point.
pub struct Series {
    scale: Scale,
    /// How much there is at each point, with the name of its measurement.
    points: Vec<(f64, String)>,
    /// What to measure.
    pub measurements: Vec<Measurement>,
}

/// Growth of all methods in all quantities.
pub struct Scaled {
    /// By quantity and method.
    pub growths: Vec<Growth>,
    /// What grew, in words.
    pub variable: &'static str,
    /// Points that a method does not take, with the reason.
    pub refused: Vec<String>,
}

impl Series {
    /// The series on made-up data in `folder`, or for batches on the first of `datasets`.
    ///
    /// # Errors
    /// An unknown method, or the file system's refusal.
    pub fn of(
        scale: Scale,
        settings: &Settings,
        datasets: Vec<Dataset>,
        worker: &Description,
        protocol: &Protocol,
        folder: &Temporary,
    ) -> anyhow::Result<Self> {
        if scale == Scale::Batch {
            let first = datasets.into_iter().take(1).collect();
            let measurements = jobs::untrained(settings, first, worker, &protocol.timing_only(&BATCHES))?;
            return Ok(Self { scale, points: Vec::new(), measurements });
        }
        let mut own = Self { scale, points: Vec::new(), measurements: Vec::new() };
        let samples = protocol.batch().max(SAMPLES);
        for (size, modalities, shape) in made_up(scale) {
            let name = format!("{size} {}", scale.variable());
            let made = synthetic::dataset(&folder.path().join(size.to_string()), modalities, shape, samples)?;
            for mut measurement in jobs::untrained(settings, vec![made], worker, &protocol.timing_only(&[protocol.batch()]))? {
                measurement.name.clone_from(&name);
                own.measurements.push(measurement);
            }
            own.points.push((size as f64, name));
        }
        Ok(own)
    }

    /// What the measured groups say of growth.
    pub fn scaled(scale: Scale, points: &[(f64, String)], groups: &[Group]) -> Scaled {
        let at: Vec<(f64, &Group)> = match scale {
            Scale::Batch => groups.iter().map(|group| (f64::NAN, group)).collect(),
            _ => points.iter().filter_map(|(x, name)| Some((*x, groups.iter().find(|group| group.name == *name)?))).collect(),
        };
        let refused = at
            .iter()
            .flat_map(|(_, group)| group.refused.iter().map(|(label, reason)| format!("{label} at {}: n/a ({reason})", group.name)))
            .collect();
        let growths = if scale == Scale::Batch { by_batch(groups) } else { by_point(&at) };
        Scaled { growths, variable: scale.variable(), refused }
    }

    /// Its kind and points, for [`Series::scaled`] when the measurements are gone to be measured.
    pub fn split(self) -> (Scale, Vec<(f64, String)>, Vec<Measurement>) {
        (self.scale, self.points, self.measurements)
    }
}

/// Size, modalities and their shape at each point.
fn made_up(scale: Scale) -> Vec<(usize, usize, Shape)> {
    match scale {
        Scale::Modalities => [2, 3, 4, 6, 8].map(|modalities| (modalities, modalities, Shape::Vector(FEATURES))).into(),
        Scale::Width => [16, 32, 64, 128, 256, 512, 1024].map(|features| (features, 3, Shape::Vector(features))).into(),
        Scale::Length => [8, 16, 32, 64, 128].map(|steps| (steps, 2, Shape::Sequence(steps, FEATURES))).into(),
        Scale::Batch => Vec::new(),
    }
}

/// Name, unit and value of a quantity that grows.
type Quantity = (&'static str, GrowthUnit, fn(&Row) -> Option<f64>);

const QUANTITIES: [Quantity; 6] = [
    ("FLOPs of inference", GrowthUnit::Flops, |row| Some(row.inference.flops() as f64)),
    ("FLOPs of a training step", GrowthUnit::Flops, |row| Some(row.training.as_ref()?.flops() as f64)),
    ("time of inference", GrowthUnit::Time, |row| time(row, Timed::Inference, row.batch)),
    ("time of a training step", GrowthUnit::Time, |row| time(row, Timed::TrainingStep, row.batch)),
    ("peak memory of inference", GrowthUnit::Bytes, |row| Some(row.memory.inference_peak as f64)),
    ("peak memory of a training step", GrowthUnit::Bytes, |row| row.training.as_ref().map(|_| row.memory.step_peak as f64)),
];

fn time(row: &Row, what: Timed, batch: usize) -> Option<f64> {
    Some(latency(&row.clean(what, batch)?.nanoseconds)?.median.median)
}

fn by_point(at: &[(f64, &Group)]) -> Vec<Growth> {
    let mut labels: Vec<&str> = Vec::new();
    for row in at.iter().flat_map(|(_, group)| &group.rows) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    let growth = |&(quantity, unit, value): &Quantity, label: &str| {
        let cost = |group: &Group| value(group.rows.iter().find(|row| row.label == label)?);
        let points: Vec<GrowthPoint> = at.iter().filter_map(|(x, group)| Some(GrowthPoint { x: *x, cost: cost(group)? })).collect();
        Growth { method: label.into(), quantity, unit, points }
    };
    let all = QUANTITIES.iter().flat_map(|quantity| labels.iter().map(move |label| growth(quantity, label)));
    all.filter(|growth| !growth.points.is_empty()).collect()
}

fn by_batch(groups: &[Group]) -> Vec<Growth> {
    let kinds = [("time of inference", Timed::Inference), ("time of a training step", Timed::TrainingStep)];
    let growth = |(quantity, what): (&'static str, Timed), row: &Row| {
        let mut points: Vec<GrowthPoint> = row
            .timings
            .iter()
            .filter(|timing| timing.what == what && timing.pattern == "clean")
            .filter_map(|timing| Some(GrowthPoint { x: timing.batch as f64, cost: latency(&timing.nanoseconds)?.median.median }))
            .collect();
        points.sort_by(|left, right| left.x.total_cmp(&right.x));
        Growth { method: row.label.clone(), quantity, unit: GrowthUnit::Time, points }
    };
    let all = kinds.into_iter().flat_map(|kind| groups.iter().flat_map(|group| &group.rows).map(move |row| growth(kind, row)));
    all.filter(|growth| !growth.points.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use bench_reports::cost::{FamilyWork, Timing, Work, power_law};

    use super::*;

    fn group(name: &str, flops: u64, batches: &[usize]) -> Group {
        let families = vec![FamilyWork { name: "matrix products", flops, calls: 1 }];
        let timing = |&batch: &usize| Timing { what: Timed::Inference, batch, pattern: "clean".into(), nanoseconds: vec![batch as u64 * 10; 6] };
        let row = Row {
            label: "a".into(),
            inference: Work { families, ..Work::default() },
            timings: batches.iter().map(timing).collect(),
            ..Row::default()
        };
        Group { name: name.into(), rows: vec![row], refused: vec![("b".into(), "too many".into())], ..Group::default() }
    }

    /// By hand: 2 → 20, 4 → 40 FLOP is linear; a point that failed is left out, and a refusal is told with its point.
    #[test]
    fn points_are_matched_by_name_and_refusals_kept() {
        let points = [(2.0, "2 modalities".to_string()), (3.0, "3 modalities".into()), (4.0, "4 modalities".into())];
        let groups = [group("2 modalities", 20, &[]), group("4 modalities", 40, &[])];
        let scaled = Series::scaled(Scale::Modalities, &points, &groups);
        let growth = &scaled.growths[0];
        assert_eq!((growth.method.as_str(), growth.quantity, growth.points.len()), ("a", "FLOPs of inference", 2));
        assert!((power_law(&growth.points).unwrap().slope - 1.0).abs() < 1e-12);
        assert_eq!(scaled.refused[1], "b at 4 modalities: n/a (too many)");
    }

    #[test]
    fn batches_grow_within_one_measurement() {
        let scaled = Series::scaled(Scale::Batch, &[], &[group("openmoji", 1, &[64, 16])]);
        let points: Vec<(f64, f64)> = scaled.growths[0].points.iter().map(|point| (point.x, point.cost)).collect();
        assert_eq!(points, [(16.0, 160.0), (64.0, 640.0)]);
    }
}
