//! Named parameters with keyed initial values.

use bench_datasets::keyed::{self, Key};
use rand_distr::{Distribution, StandardNormal};
use tch::{Device, Kind, Tensor, nn};

/// The parameters of one group and the seed that their initial values are drawn with.
#[derive(Debug)]
pub struct Parameters {
    variables: nn::VarStore,
    seed: u64,
}

/// A place in the parameters' tree of names.
#[derive(Debug)]
pub struct Scope<'a> {
    path: nn::Path<'a>,
    name: String,
    seed: u64,
}

impl Parameters {
    /// No parameters yet.
    pub fn new(device: Device, seed: u64) -> Self {
        Self { variables: nn::VarStore::new(device), seed }
    }

    /// The root of the tree.
    pub fn root(&self) -> Scope<'_> {
        Scope { path: self.variables.root(), name: String::new(), seed: self.seed }
    }

    /// The parameters below a branch, by the names that lead there from the root; sorted by name.
    pub fn below(&self, branch: &[&str]) -> Vec<Tensor> {
        let prefix: String = branch.iter().map(|name| name_in_store(name) + ".").collect();
        let mut found: Vec<(String, Tensor)> = self.variables.variables().into_iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
        found.sort_by(|(left, _), (right, _)| left.cmp(right));
        found.into_iter().map(|(_, tensor)| tensor).collect()
    }

    /// The store that an optimiser takes.
    pub fn variables(&self) -> &nn::VarStore {
        &self.variables
    }
}

impl<'a> Scope<'a> {
    /// A branch.
    pub fn at(&self, name: &str) -> Scope<'a> {
        let name = name_in_store(name);
        let full = if self.name.is_empty() { name.clone() } else { format!("{}.{name}", self.name) };
        Scope { path: &self.path / name, name: full, seed: self.seed }
    }

    /// Uniform on [−bound, bound], 24 bits a number.
    pub fn uniform(&self, name: &str, shape: &[i64], bound: f64) -> Tensor {
        let mut rng = self.key(name).rng();
        let draw = |_| ((keyed::uniform(&mut rng) * 2.0 - 1.0) * bound) as f32;
        self.add(name, shape, (0..count(shape)).map(draw).collect())
    }

    /// Standard normal.
    pub fn normal(&self, name: &str, shape: &[i64]) -> Tensor {
        let mut rng = self.key(name).rng();
        let draw = |_| -> f32 { StandardNormal.sample(&mut rng) };
        self.add(name, shape, (0..count(shape)).map(draw).collect())
    }

    /// Normal with mean 0 and the given standard deviation.
    pub fn scaled_normal(&self, name: &str, shape: &[i64], deviation: f64) -> Tensor {
        let mut rng = self.key(name).rng();
        let draw = |_| -> f32 {
            let drawn: f64 = StandardNormal.sample(&mut rng);
            (drawn * deviation) as f32
        };
        self.add(name, shape, (0..count(shape)).map(draw).collect())
    }

    /// Zeros.
    pub fn zeros(&self, name: &str, shape: &[i64]) -> Tensor {
        self.add(name, shape, vec![0.0; count(shape)])
    }

    /// Ones.
    pub fn ones(&self, name: &str, shape: &[i64]) -> Tensor {
        self.add(name, shape, vec![1.0; count(shape)])
    }

    fn key(&self, name: &str) -> Key {
        Key::new("initial weights").with("seed", self.seed).with("parameter", format!("{}.{name}", self.name))
    }

    fn add(&self, name: &str, shape: &[i64], values: Vec<f32>) -> Tensor {
        let values = Tensor::from_slice(&values).view(shape).to_kind(Kind::Float);
        self.path.var_copy(name, &values)
    }
}

/// tch panics on its own separator, which modality names may hold; a colon is in none of them.
fn name_in_store(name: &str) -> String {
    name.replace('.', ":")
}

fn count(shape: &[i64]) -> usize {
    shape.iter().product::<i64>().max(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64, name: &str) -> Vec<f32> {
        let parameters = Parameters::new(Device::Cpu, seed);
        Vec::try_from(parameters.root().at("head").uniform(name, &[8], 0.5).flatten(0, -1)).unwrap()
    }

    #[test]
    fn a_branch_holds_what_is_below_it() {
        let parameters = Parameters::new(Device::Cpu, 1);
        for (branch, size) in [("left.ear", 1), ("left", 2), ("leftover", 3)] {
            drop(parameters.root().at(branch).zeros("weight", &[size]));
        }
        let sizes = |branch: &str| parameters.below(&[branch]).iter().map(Tensor::numel).collect::<Vec<_>>();
        assert_eq!((sizes("left"), sizes("left.ear"), sizes("right")), (vec![2], vec![1], vec![]));
    }

    #[test]
    fn initial_values_depend_on_seed_and_name_only() {
        assert_eq!(draw(1, "weight"), draw(1, "weight"));
        assert_ne!(draw(1, "weight"), draw(2, "weight"));
        assert_ne!(draw(1, "weight"), draw(1, "bias"));
        assert!(draw(1, "weight").iter().all(|value| value.abs() <= 0.5));
    }
}
