//! Golden vectors of pure functions: reads `<case>.json` and `<case>.safetensors`, compares, and knows what nobody compared.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

pub struct Case {
    pub name: String,
    pub json: Value,
    tensors: BTreeMap<String, Vec<f64>>,
    outputs: BTreeSet<String>,
    tolerance: (f64, f64),
    checked: RefCell<BTreeSet<String>>,
    failures: RefCell<Vec<String>>,
}

/// All cases of `tests/vectors/<method>`, by name.
pub fn cases(method: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(method);
    let list = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

impl Case {
    fn read(path: &Path) -> Self {
        let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let bytes = fs::read(path.with_extension("safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let decode = |name: &str| {
            let view = tensors.tensor(name).unwrap_or_else(|error| panic!("{}: {name}: {error}", path.display()));
            let eight = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).unwrap();
            match view.dtype() {
                Dtype::F64 => view.data().chunks_exact(8).map(|bytes| f64::from_le_bytes(eight(bytes))).collect(),
                Dtype::I64 => view.data().chunks_exact(8).map(|bytes| i64::from_le_bytes(eight(bytes)) as f64).collect(),
                kind => panic!("{}: {name} is {kind:?}", path.display()),
            }
        };
        let listed: Vec<(String, String)> = json["tensors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tensor| (tensor["name"].as_str().unwrap().to_owned(), tensor["role"].as_str().unwrap().to_owned()))
            .collect();
        Self {
            name: json["case"].as_str().unwrap().to_owned(),
            tolerance: tolerance(json["tolerance_hint"]["f64"].as_str().unwrap()),
            tensors: listed.iter().map(|(name, _)| (name.clone(), decode(name))).collect(),
            outputs: listed.iter().filter(|(_, role)| role == "output").map(|(name, _)| name.clone()).collect(),
            json,
            checked: RefCell::default(),
            failures: RefCell::default(),
        }
    }

    /// A tensor's values, row by row.
    pub fn get(&self, name: &str) -> &[f64] {
        self.tensors.get(name).unwrap_or_else(|| panic!("case {} has no tensor {name}", self.name))
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// What stands before `ending` in the tensors' names: the case's parts.
    pub fn parts(&self, ending: &str) -> Vec<String> {
        self.tensors.keys().filter_map(|name| name.strip_suffix(ending)).map(str::to_owned).collect()
    }

    /// Compares an output at the case's tolerance; `NaN` must meet `NaN` and an infinity itself.
    pub fn check(&self, name: &str, found: &[f64]) {
        self.checked.borrow_mut().insert(name.to_owned());
        if !self.outputs.contains(name) {
            return self.fail(format!("{name} is no output of the case"));
        }
        let expected = self.get(name);
        if found.len() != expected.len() {
            return self.fail(format!("{name}: {} values, expected {}", found.len(), expected.len()));
        }
        for (at, (&found, &expected)) in found.iter().zip(expected).enumerate() {
            let near = (found - expected).abs() <= self.tolerance.1 + self.tolerance.0 * expected.abs();
            if !(near || found == expected || found.is_nan() && expected.is_nan()) {
                self.fail(format!("{name}[{at}]: {found:e}, expected {expected:e}"));
            }
        }
    }

    pub fn fail(&self, what: String) {
        self.failures.borrow_mut().push(format!("{}: {what}", self.name));
    }

    /// What is off, and every output that was not compared.
    pub fn failures(self) -> Vec<String> {
        let mut failures = self.failures.into_inner();
        failures.extend(self.outputs.difference(&self.checked.into_inner()).map(|name| format!("{}: {name} was not computed", self.name)));
        failures
    }
}

/// Relative and absolute, of a text that begins like "rtol 1e-9, atol 1e-11".
fn tolerance(hint: &str) -> (f64, f64) {
    let after = |word: &str| hint.split(word).nth(1).unwrap().trim().split([',', ' ']).next().unwrap().parse().unwrap();
    (after("rtol"), after("atol"))
}
