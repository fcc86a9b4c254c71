//! Hand-made tables in every format. What is expected was written by hand from the cells in `sample.rs`.

mod csv;
mod html;
mod json;
mod latex;
mod markdown;
mod sample;
