//! `tests/vectors/counts/default_counts.json`: parameters and MACs of published architectures, those with verified MACs built and counted as they run.
//!
//! The file counts matrix products per sample, the two of attention and the 1 × 1 convolutions among them; so do these tests.

use std::fs;

use bench_datasets::{Kind, Modality, Task};
use bench_methods::{BuildContext, registry};
use serde_json::Value;
use tch::{Device, Tensor};

use crate::{
    counted::{count, draw},
    networks::{Cascade, Dynamics, Gate, Mult, MultSizes, Weights},
};

/// What a network's forward pass on a batch of so many samples does.
type Forward = Box<dyn Fn(i64) -> Tensor>;

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/counts/default_counts.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

/// The network of an entry, and its parameters; `None` where none is built here.
fn network(name: &str, sizes: &Value) -> Option<(Forward, i64)> {
    let mut weights = Weights::default();
    let number = |name: &str| sizes[name].as_i64().unwrap();
    let forward: Forward = match name {
        _ if name.starts_with("mult_") => {
            // The heads are not said where they change no count.
            let (dims, steps, heads) = (numbers(&sizes["dims"]), numbers(&sizes["T"]), sizes["heads"].as_i64().unwrap_or(1));
            let (width, layers, outputs) = (number("d"), number("layers") as usize, number("out"));
            let network = Mult::new(&mut weights, &MultSizes { dims: &dims, width, heads, layers, outputs });
            Box::new(move |batch| network.forward(&dims.iter().zip(&steps).map(|(&dim, &steps)| draw(&[batch, steps, dim])).collect::<Vec<_>>()))
        }
        "cra_mmin_paper_384" => {
            let input = number("input");
            let network = Cascade::new(&mut weights, input, &numbers(&sizes["layers"]), number("n_blocks") as usize);
            Box::new(move |batch| network.forward(&draw(&[batch, input])))
        }
        "md_food101_H128" => {
            let dims = numbers(&sizes["dims"]);
            let network = Dynamics::new(&mut weights, &dims, number("H"), number("C"));
            Box::new(move |batch| network.forward(&dims.iter().map(|&dim| draw(&[batch, dim])).collect::<Vec<_>>()))
        }
        "mag_768_35_74" => {
            let (text, vision, audio) = (number("t"), number("v"), number("a"));
            let network = Gate::new(&mut weights, text, [vision, audio]);
            Box::new(move |batch| network.forward(&draw(&[batch, text]), [&draw(&[batch, vision]), &draw(&[batch, audio])]))
        }
        _ => return None,
    };
    Some((forward, weights.parameters))
}

#[test]
fn every_published_count_that_was_verified_is_what_runs() {
    let file = file();
    let mut verified = 0;
    for (name, entry) in file.as_object().unwrap() {
        let must = entry["macs_verified"] == Value::Bool(true);
        let Some((forward, parameters)) = network(name, &entry["hyper_parameters"]) else {
            assert!(!must, "{name} is verified, but not built here");
            continue;
        };
        verified += u32::from(must);
        assert_eq!(Some(parameters), entry["params"].as_i64(), "{name}: parameters");
        for batch in [1, 2] {
            let work = count(|| drop(forward(batch)));
            assert!(work.0.forward.unknown.is_empty(), "{name}: {:?}", work.0.forward.unknown);
            let macs = entry["macs_per_sample"].as_u64().unwrap();
            assert_eq!(work.0.forward.total(), 2 * macs * batch as u64, "{name}, batch of {batch}");
        }
    }
    assert_eq!(verified, 5);
}

/// Weights of the simple heads, `heads_D128_…`; those of `film` and `gated` are of two modalities.
#[test]
fn heads_have_the_published_parameters() {
    let file = file();
    for (name, entry) in file.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("heads_D128")) {
        let number = |name: &str| entry["hyper_parameters"][name].as_u64().unwrap() as usize;
        let task = Task::Classification { classes: (0..number("C")).map(|class| class.to_string()).collect() };
        let head = |method: &str, arity: usize| -> u64 {
            let vector = |at: usize| Modality { name: format!("m{at}"), kind: Kind::Vector { dim: 3 } };
            let modalities: Vec<Modality> = (0..arity).map(vector).collect();
            let entry = registry::find(method).unwrap();
            let options = (entry.card)().resolve(&method.parse().unwrap()).unwrap();
            let context =
                BuildContext { modalities: &modalities, task: &task, options: &options, seed: 1, modality: None, pivot: None, device: Device::Cpu };
            let built = (entry.build)(&context).unwrap();
            let variables = built.groups().iter().flat_map(|group| group.variables.variables()).collect::<Vec<_>>();
            variables.iter().filter(|(name, _)| name.starts_with("head")).map(|(_, tensor)| tensor.numel() as u64).sum()
        };
        let expected = |key: &str| entry[key].as_u64().unwrap_or_else(|| panic!("{name}: {key}"));
        let arity = number("M");
        assert_eq!(head("concat", arity), expected("concat"), "{name}");
        assert_eq!(head("sum", arity), expected("sum_late"), "{name}");
        assert_eq!(head("late", arity), expected("sum_late"), "{name}");
        assert_eq!(head("tmc", arity), expected("sum_late"), "{name}: evidence is a linear layer a view");
        assert_eq!(head("film", 2), expected("film"), "{name}");
        assert_eq!(head("bi-gated", 2), expected("gated"), "{name}");
    }
}
