/*!
Properties that every registered method has, whatever its paper.

Each test loops over [`cases::all`]: every method of the registry, with its default options, every named variant and every other choice of every
option, on problems of two, three, four and six modalities of all kinds, for both tasks. A new method is covered by being registered.
*/

#[path = "methods/cases.rs"]
mod cases;
#[path = "methods/checkpoints.rs"]
mod checkpoints;
#[path = "methods/cpsl_equations.rs"]
mod cpsl_equations;
#[path = "methods/cpsl_options.rs"]
mod cpsl_options;
#[path = "methods/cpsl_step.rs"]
mod cpsl_step;
#[path = "methods/decalign_equations.rs"]
mod decalign_equations;
#[path = "methods/decalign_options.rs"]
mod decalign_options;
#[path = "methods/defaaf_equations.rs"]
mod defaaf_equations;
#[path = "methods/defaaf_method.rs"]
mod defaaf_method;
#[path = "methods/encoders.rs"]
mod encoders;
#[path = "methods/fingerprints.rs"]
mod fingerprints;
#[path = "methods/gradients.rs"]
mod gradients;
#[path = "methods/missing.rs"]
mod missing;
#[path = "methods/mla_equations.rs"]
mod mla_equations;
#[path = "methods/mla_training.rs"]
mod mla_training;
#[path = "methods/prediction.rs"]
mod prediction;
#[path = "methods/raml_equations.rs"]
mod raml_equations;
#[path = "methods/raml_options.rs"]
mod raml_options;
#[path = "methods/rebalance.rs"]
mod rebalance;
#[path = "methods/refusals.rs"]
mod refusals;
#[path = "methods/step.rs"]
mod step;
#[path = "methods/toy.rs"]
mod toy;
#[path = "methods/training.rs"]
mod training;
