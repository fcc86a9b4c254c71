/*!
Metrics, statistics, records and reports: pure functions on slices, no tensors, no files.

```text
scores ─► metrics ─► Record ─► summary ─► report (terminal, markdown)
                                  ▲
                              statistics
```

Nothing here reads a clock, a path or a hash map's order: the same records in any order give the same text.
*/

pub mod metrics;
mod record;
pub mod report;
pub mod statistics;
pub mod summary;

pub use record::Record;
