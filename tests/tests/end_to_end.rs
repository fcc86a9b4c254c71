/*!
End to end through the real `bench` and `bench-worker`: what a run promises, whatever the order, the number of workers, kills, and bad input.

The binaries lie beside the folder of this test's executable; `cargo build --workspace` makes them.
*/
#![cfg(unix)]

#[path = "end_to_end/audit.rs"]
mod audit;
#[path = "end_to_end/bad_input/mod.rs"]
mod bad_input;
#[path = "end_to_end/compare.rs"]
mod compare;
#[path = "end_to_end/conditions.rs"]
mod conditions;
#[path = "end_to_end/costs.rs"]
mod costs;
#[path = "end_to_end/extension.rs"]
mod extension;
#[path = "end_to_end/extractors.rs"]
mod extractors;
#[path = "end_to_end/folds.rs"]
mod folds;
#[path = "end_to_end/import.rs"]
mod import;
#[path = "end_to_end/made_up.rs"]
mod made_up;
#[path = "end_to_end/merge.rs"]
mod merge;
#[path = "end_to_end/methods.rs"]
mod methods;
#[path = "end_to_end/place.rs"]
mod place;
#[path = "end_to_end/profile.rs"]
mod profile;
#[path = "end_to_end/programs.rs"]
mod programs;
#[path = "end_to_end/registry.rs"]
mod registry;
#[path = "end_to_end/repeatable.rs"]
mod repeatable;
#[path = "end_to_end/reports.rs"]
mod reports;
#[path = "end_to_end/run.rs"]
mod run;
#[path = "end_to_end/run_table.rs"]
mod run_table;
#[path = "end_to_end/selection.rs"]
mod selection;
#[path = "end_to_end/shards.rs"]
mod shards;
#[path = "end_to_end/slurm.rs"]
mod slurm;
#[path = "end_to_end/tables.rs"]
mod tables;
#[path = "end_to_end/transcript.rs"]
mod transcript;
#[path = "end_to_end/transfer.rs"]
mod transfer;
#[path = "end_to_end/tuning.rs"]
mod tuning;
