/*!
What models cost: statistics of times, fits of growth, accuracy against cost, tables and figures. Pure functions: what was counted and timed comes in as
[`Group`]s.

FLOPs are 2 × multiply-accumulates, sizes bytes, times nanoseconds. Counts are exact and the same on every machine; times are of the machine that ran.
*/

mod figures;
mod growth;
mod measured;
mod records;
mod table;
mod tables;
mod timing;
mod units;
mod value;

pub use figures::{Figure, accuracy_figure, growth_figure};
pub use growth::{Growth, GrowthPoint, GrowthUnit, Law, exponential_law, growth_records, growth_tables, local_exponents, power_law};
pub use measured::{FamilyWork, Group, Memory, Parameters, Row, Score, Timed, Timing, Training, TrainingWork, Work};
pub use records::{Record, Value, records};
pub use table::Table;
pub use tables::{end_to_end, tables};
pub use timing::{Latency, MedianInterval, latency, median_interval, paired_ratio, throughput};
pub use value::{Place, cost_normalised_accuracy, discounted_gain, dominated_by};
