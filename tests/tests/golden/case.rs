//! One golden case: its tensors, its tolerance, and the comparison.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tch::{Kind, Tensor};

/// What a runner computed, by the case's names.
pub type Outputs = BTreeMap<String, Tensor>;

/// Outputs from names and tensors.
pub fn named<const N: usize>(outputs: [(&str, Tensor); N]) -> Outputs {
    outputs.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect()
}

pub struct Case {
    pub name: String,
    pub json: Value,
    tensors: BTreeMap<String, Tensor>,
    kind: Kind,
}

/// Cases under `folder` as (method, path of the JSON), sorted.
pub fn find(folder: &Path) -> Vec<(String, PathBuf)> {
    let list = |folder: &Path| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    list(folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .flat_map(|method| {
            let name = method.file_name().unwrap().to_string_lossy().into_owned();
            list(&method).into_iter().filter(json).map(move |path| (name.clone(), path)).collect::<Vec<_>>()
        })
        .collect()
}

impl Case {
    pub fn read(path: &Path, kind: Kind) -> Self {
        let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tensors = Tensor::read_safetensors(path.with_extension("safetensors")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tensors = tensors
            .into_iter()
            .map(|(name, tensor)| if tensor.is_floating_point() { (name, tensor.to_kind(kind)) } else { (name, tensor) })
            .collect();
        Self { name: json["case"].as_str().unwrap().into(), json, tensors, kind }
    }

    /// A tensor of the case.
    pub fn get(&self, name: &str) -> Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("case {} has no tensor {name}", self.name)).shallow_clone()
    }

    /// A tensor of the case that gradients are wanted of.
    pub fn leaf(&self, name: &str) -> Tensor {
        self.get(name).copy().set_requires_grad(true)
    }

    /// δ as bool.
    pub fn mask(&self, name: &str) -> Tensor {
        self.get(name).to_kind(Kind::Bool)
    }

    pub fn number(&self, name: &str) -> f64 {
        self.json["hyper_parameters"][name].as_f64().unwrap_or_else(|| panic!("case {} has no hyper-parameter {name}", self.name))
    }

    /// Every output and gradient that the case lists against what was computed; a sentence for each that is missing or off.
    pub fn compare(&self, outputs: &Outputs) -> Vec<String> {
        let (relative, absolute) = if self.kind == Kind::Double { (1e-9, 1e-9) } else { (2e-4, 2e-5) };
        let precision = if self.kind == Kind::Double { "float64" } else { "float32" };
        let checked = |tensor: &&Value| ["output", "gradient", "grad"].contains(&tensor["role"].as_str().unwrap_or_default());
        let problem = |tensor: &Value| {
            let name = tensor["name"].as_str().unwrap_or_default();
            let place = format!("{} {name} ({precision})", self.name);
            let Some(found) = outputs.get(name) else { return Some(format!("{place}: not computed")) };
            let expected = self.get(name);
            if found.size() != expected.size() {
                return Some(format!("{place}: shape {:?}, expected {:?}", found.size(), expected.size()));
            }
            let (found, expected) = (found.to_kind(Kind::Double), expected.to_kind(Kind::Double));
            let excess = (&found - &expected).abs() - (expected.abs() * relative + absolute);
            // Some cases are there to show where released code yields NaN.
            let excess = excess.masked_fill(&expected.isnan().logical_and(&found.isnan()), 0);
            // NaN compares false, so ask for what must hold.
            let holds = excess.le(0.0).all().int64_value(&[]) == 1;
            (!holds).then(|| format!("{place}: off by {:.3e}", (&found - &expected).abs().max().double_value(&[])))
        };
        self.json["tensors"].as_array().into_iter().flatten().filter(checked).filter_map(problem).collect()
    }
}
