//! Bytes.

use super::{
    super::{Group, Table, units::bytes},
    work::title,
};

/// Memory of a batch by what it holds.
pub fn memory(group: &Group) -> Table {
    let heads = ["method", "parameters", "gradients", "optimiser", "activations", "peak of a step", "peak of inference", "process"];
    let mut table = Table::new(title(group, "memory"), &heads).noting([
        "As libtorch's allocators report it, without the batch itself. Activations: live when the first backward pass begins, less what was live before the step. \
         Peaks: most held at once beyond what was live before. Process: most so far of the one worker process, code, data and all models before this one included.",
    ]);
    table.rows.extend(group.rows.iter().map(|row| {
        let memory = row.memory;
        let training = |value: u64| if row.training.is_some() { bytes(value) } else { super::ABSENT.into() };
        vec![
            row.label.clone(),
            bytes(memory.parameters),
            training(memory.gradients),
            training(memory.optimiser),
            training(memory.activations),
            training(memory.step_peak),
            bytes(memory.inference_peak),
            bytes(memory.process_peak),
        ]
    }));
    table
}
