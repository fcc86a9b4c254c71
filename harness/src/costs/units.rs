//! The papers' units, and what must be measured for a cost.

use bench_tables::spec::Cost;

/// Every cost, in the order in which tables list them.
pub const ALL: [Cost; 10] = [
    Cost::TrainingFlops,
    Cost::InferenceFlops,
    Cost::ExtractorFlops,
    Cost::EndToEndTrainingFlops,
    Cost::EndToEndInferenceFlops,
    Cost::StepPeak,
    Cost::Activations,
    Cost::Gradients,
    Cost::Latency,
    Cost::TrainingHours,
];

/// The unit of [`super::Costs::value`]. Prefixes are decimal: 1 GB = 10⁹ bytes.
pub fn unit(cost: Cost) -> &'static str {
    match cost {
        Cost::TrainingFlops | Cost::InferenceFlops | Cost::ExtractorFlops | Cost::EndToEndTrainingFlops | Cost::EndToEndInferenceFlops => "GFLOPs",
        Cost::StepPeak => "GB",
        Cost::Activations | Cost::Gradients => "MB",
        Cost::Latency => "ms",
        Cost::TrainingHours => "h",
    }
}

/// Whether it is a time.
pub(super) fn is_timed(cost: Cost) -> bool {
    matches!(cost, Cost::Latency | Cost::TrainingHours)
}

/// Whether the extractors are in it.
pub(super) fn has_extractors(cost: Cost) -> bool {
    matches!(cost, Cost::ExtractorFlops | Cost::EndToEndTrainingFlops | Cost::EndToEndInferenceFlops)
}

/// Whether a trial's model is in it.
pub(super) fn has_model(cost: Cost) -> bool {
    cost != Cost::ExtractorFlops
}
