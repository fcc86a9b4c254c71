//! `bench profile`: what models cost, as libtorch executes them.

mod arguments;
mod extractors;
mod jobs;
mod keep;
mod measured;
mod print;
mod run;
mod scale;
mod synthetic;
mod trained;
mod work;

pub use arguments::Arguments;
pub use run::run;
