/*!
Metrics, statistics, records and reports: pure functions on slices, no tensors, no files.

```text
scores ─┬─► metrics ────► Record ─┐
        └─► robustness ─► Measure ├─► summary ─► report (terminal, markdown, charts)
                                  │      ▲
             values per sample ───┘  statistics
```

Nothing here reads a clock, a path or a hash map's order: the same records in any order give the same text.
*/

pub mod budget;
pub mod condition;
pub mod cost;
pub mod folds;
pub mod metrics;
mod record;
pub mod report;
pub mod robustness;
pub mod sensitivity;
pub mod statistics;
pub mod summary;

pub use record::Record;
