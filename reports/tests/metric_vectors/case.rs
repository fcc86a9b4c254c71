//! One case of the metrics' vectors: its tensors, its tolerances, and the comparison.

use std::{collections::BTreeMap, fs, path::Path};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// What was computed, by the case's names, and how exactly it must agree.
#[derive(Default)]
pub struct Outputs(BTreeMap<String, (Vec<f64>, Precision)>);

/// Which of the case's tolerances holds.
#[derive(Clone, Copy)]
pub enum Precision {
    Double,
    /// For an expected value that its reference summed in single precision.
    Single,
}

impl Outputs {
    pub fn put(&mut self, name: &str, value: f64) {
        self.put_all(name, vec![value]);
    }

    pub fn put_all(&mut self, name: &str, values: Vec<f64>) {
        self.insert(name, values, Precision::Double);
    }

    pub fn put_single(&mut self, name: &str, value: f64) {
        self.insert(name, vec![value], Precision::Single);
    }

    fn insert(&mut self, name: &str, values: Vec<f64>, precision: Precision) {
        assert!(self.0.insert(name.into(), (values, precision)).is_none(), "{name} is computed twice");
    }
}

pub struct Case {
    pub name: String,
    json: Value,
    tensors: BTreeMap<String, Tensor>,
}

struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Case {
    pub fn read(path: &Path) -> Self {
        let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let path = path.with_extension("safetensors");
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = SafeTensors::deserialize(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tensors = file.iter().map(|(name, view)| {
            let values = match view.dtype() {
                Dtype::F64 => view.data().as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect(),
                Dtype::F32 => view.data().as_chunks().0.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes))).collect(),
                Dtype::I64 => view.data().as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes) as f64).collect(),
                other => panic!("{}: {name} is {other:?}", path.display()),
            };
            (name.to_string(), Tensor { shape: view.shape().to_vec(), values })
        });
        Self { name: json["case"].as_str().unwrap().into(), tensors: tensors.collect(), json }
    }

    fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("case {} has no tensor {name}", self.name))
    }

    pub fn values(&self, name: &str) -> &[f64] {
        &self.tensor(name).values
    }

    /// The last size of a tensor's shape.
    pub fn width(&self, name: &str) -> usize {
        *self.tensor(name).shape.last().unwrap()
    }

    pub fn classes(&self, name: &str) -> Vec<u32> {
        let class = |&value: &f64| {
            assert!(value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0, "{} {name}: {value} is no class", self.name);
            value as u32
        };
        self.values(name).iter().map(class).collect()
    }

    pub fn number(&self, name: &str) -> usize {
        let number = self.json["hyper_parameters"][name].as_u64().unwrap_or_else(|| panic!("case {} has no number {name}", self.name));
        usize::try_from(number).unwrap()
    }

    /// Number of outputs that the case lists.
    pub fn outputs(&self) -> usize {
        self.listed().count()
    }

    fn listed(&self) -> impl Iterator<Item = &str> {
        let tensors = self.json["tensors"].as_array().unwrap_or_else(|| panic!("case {} lists no tensors", self.name));
        tensors.iter().filter(|tensor| tensor["role"] == "output").map(|tensor| tensor["name"].as_str().unwrap())
    }

    /// A sentence for each output that is missing, not asked for, or off.
    pub fn compare(&self, outputs: &Outputs) -> Vec<String> {
        let mut problems: Vec<String> = self.listed().filter_map(|name| self.problem(name, outputs)).collect();
        let unlisted = outputs.0.keys().filter(|name| !self.listed().any(|listed| listed == *name));
        problems.extend(unlisted.map(|name| format!("{} {name}: computed, but the case does not list it", self.name)));
        problems
    }

    fn problem(&self, name: &str, outputs: &Outputs) -> Option<String> {
        let Some((found, precision)) = outputs.0.get(name) else { return Some(format!("{} {name}: not computed", self.name)) };
        let expected = self.values(name);
        if found.len() != expected.len() {
            return Some(format!("{} {name}: {} values, expected {}", self.name, found.len(), expected.len()));
        }
        let (relative, absolute) = self.tolerance(*precision);
        let agrees = |(found, expected): (&f64, &f64)| {
            // Infinities agree by equality: their difference is NaN.
            found == expected || (found.is_nan() && expected.is_nan()) || (found - expected).abs() <= relative * expected.abs() + absolute
        };
        (!found.iter().zip(expected).all(agrees)).then(|| format!("{} {name}: {found:?}, expected {expected:?}", self.name))
    }

    /// (relative, absolute) from a text like `rtol 1e-9, atol 1e-11`.
    fn tolerance(&self, precision: Precision) -> (f64, f64) {
        let key = match precision {
            Precision::Double => "f64",
            Precision::Single => "f32",
        };
        let text = self.json["tolerance_hint"][key].as_str().unwrap_or_else(|| panic!("case {} has no tolerance", self.name));
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let after = |name: &str| {
            let value = words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1)).and_then(|word| word.parse().ok());
            value.unwrap_or_else(|| panic!("case {}: `{text}` has no {name}", self.name))
        };
        (after("rtol"), after("atol"))
    }
}
