/*!
Counted operations against hand counts, published counts, and the facts that the audit uses.

Each expected number is derived by hand beside it, in multiply-accumulates (MACs); a FLOP count is twice that.
*/

#[path = "cost/attention.rs"]
mod attention;
#[path = "cost/convolutions.rs"]
mod convolutions;
#[path = "cost/counted.rs"]
mod counted;
#[path = "cost/elements.rs"]
mod elements;
#[path = "cost/extractors.rs"]
mod extractors;
#[path = "cost/methods.rs"]
mod methods;
#[path = "cost/networks.rs"]
mod networks;
#[path = "cost/products.rs"]
mod products;
#[path = "cost/published.rs"]
mod published;
#[path = "cost/recurrent.rs"]
mod recurrent;
#[path = "cost/second_order.rs"]
mod second_order;
#[path = "cost/solves.rs"]
mod solves;

// The problems and cases of the tests of methods.
#[path = "methods/cases.rs"]
#[expect(dead_code, reason = "a count needs few of these helpers")]
mod cases;
#[path = "methods/toy.rs"]
#[expect(dead_code, reason = "a count needs few of these helpers")]
mod toy;
