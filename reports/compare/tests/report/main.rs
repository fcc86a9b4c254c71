//! A judged comparison: its verdicts, evidence of strangers, every format.

mod formats;
mod sample;
mod strangers;
mod verdicts;
