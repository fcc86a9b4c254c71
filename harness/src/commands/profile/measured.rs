//! From the wire to the tables.

use bench_reports::cost::{self, FamilyWork, Memory, Parameters, Row, Score, TrainingWork, Work};
use bench_store::profile::{self, Profile};

/// A profile with its label and score.
pub fn row(label: String, score: Option<Score>, profile: &Profile) -> Row {
    Row {
        label,
        batch: profile.batch,
        parameters: Parameters {
            trainable: profile.parameters.trainable,
            frozen: profile.parameters.frozen,
            training_only: profile.parameters.training_only,
            state: profile.parameters.state,
        },
        inference: work(&profile.inference),
        training: profile.training.as_ref().map(|training| TrainingWork {
            forward: work(&training.forward),
            backward: work(&training.backward),
            optimiser: work(&training.optimiser),
        }),
        memory: Memory {
            parameters: profile.memory.parameters,
            gradients: profile.memory.gradients,
            optimiser: profile.memory.optimiser,
            activations: profile.memory.activations,
            step_peak: profile.memory.step_peak,
            inference_peak: profile.memory.inference_peak,
            process_peak: profile.memory.process_peak,
        },
        unavailable: profile.unavailable.clone(),
        timings: profile.timings.iter().map(timing).collect(),
        score,
    }
}

fn work(work: &profile::Work) -> Work {
    Work {
        families: work.flops.iter().map(|family| FamilyWork { name: family.family.name(), flops: family.flops, calls: family.calls }).collect(),
        elementwise: work.elementwise,
        moves: work.moves,
        unknown: work.unknown.clone(),
    }
}

fn timing(timing: &profile::Timing) -> cost::Timing {
    cost::Timing {
        what: match timing.what {
            profile::Timed::Inference => cost::Timed::Inference,
            profile::Timed::TrainingStep => cost::Timed::TrainingStep,
        },
        batch: timing.batch,
        pattern: timing.pattern.clone(),
        nanoseconds: timing.nanoseconds.clone(),
    }
}
