//! Weights on disk and in memory: every parameter of every group and every state tensor, by sorted name.

use std::{collections::BTreeMap, path::Path};

use bench_datasets::keyed;
use bench_methods::Method;
use bench_store::{StoreError, files, protocol::Part};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};

use crate::failure::Failure;

const STATE: &str = "state/";

/// A copy of all that a trained method is.
pub struct Snapshot(BTreeMap<String, Tensor>);

impl Snapshot {
    /// Copies the method's parameters and state.
    pub fn of(method: &dyn Method) -> Self {
        let parameters = parameters(method).into_iter().map(|(name, tensor)| (name, tensor.detach().copy()));
        let state = method.state().into_iter().map(|(name, tensor)| (format!("{STATE}{name}"), tensor.detach().copy()));
        Self(parameters.chain(state).collect())
    }

    /// Puts the copy back.
    ///
    /// # Errors
    /// A tensor that is missing or does not fit.
    pub fn restore(&self, method: &mut dyn Method) -> Result<(), Failure> {
        for (name, mut parameter) in parameters(method) {
            let saved = self.0.get(&name).filter(|saved| saved.size() == parameter.size());
            let saved = saved.ok_or_else(|| Failure::trial(format!("the checkpoint has no tensor `{name}` of shape {:?}", parameter.size())))?;
            tch::no_grad(|| parameter.copy_(saved));
        }
        let state: Vec<(String, Tensor)> =
            self.0.iter().filter_map(|(name, tensor)| name.strip_prefix(STATE).map(|name| (name.to_string(), tensor.copy()))).collect();
        method.load_state(&state).map_err(Failure::trial)
    }

    /// Writes `weights.safetensors` and returns its SHA-256.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, path: &Path) -> Result<String, Failure> {
        let bytes: Vec<(&String, Vec<usize>, Vec<u8>)> = self.0.iter().map(|(name, tensor)| (name, shape(tensor), little_endian(tensor))).collect();
        let views = bytes.iter().map(|(name, shape, bytes)| TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view)));
        let views = views.collect::<Result<Vec<_>, _>>().map_err(Failure::trial)?;
        let file = safetensors::serialize(views, None).map_err(Failure::trial)?;
        files::write_whole(path, &file).map_err(Failure::trial)?;
        Ok(keyed::hex(&Sha256::digest(&file)))
    }

    /// Reads `weights.safetensors`, whose SHA-256 must be `hash`.
    ///
    /// # Errors
    /// A missing, damaged or foreign file.
    pub fn read(path: &Path, hash: &str) -> Result<Self, Failure> {
        let damaged = |reason: String| Failure::trial(StoreError::Damaged { path: path.into(), reason });
        let file = std::fs::read(path).map_err(|error| Failure::trial(StoreError::io("read", path)(error)))?;
        if keyed::hex(&Sha256::digest(&file)) != hash {
            return Err(damaged("its SHA-256 is not the one in trial.json".into()));
        }
        let tensors = SafeTensors::deserialize(&file).map_err(|error| damaged(error.to_string()))?;
        let tensors = tensors.iter().map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(damaged(format!("tensor `{name}` is not float32")));
            }
            let values: Vec<f32> = view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
            let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
            Ok((name.to_string(), Tensor::from_slice(&values).view(shape.as_slice())))
        });
        Ok(Self(tensors.collect::<Result<_, _>>()?))
    }
}

impl Snapshot {
    /// A parameter's values by its name, `group/name`.
    pub fn parameter(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name)
    }
}

/// Every parameter as `group/name`. `VarStore::variables` is a hash map: sorted here.
pub fn parameters(method: &dyn Method) -> BTreeMap<String, Tensor> {
    let named = |group: bench_methods::Group<'_>| {
        group.variables.variables().into_iter().map(move |(name, tensor)| (format!("{}/{name}", group.name), tensor))
    };
    method.groups().into_iter().flat_map(named).collect()
}

/// Number of trainable parameters.
pub fn parameter_count(method: &dyn Method) -> u64 {
    parameters(method).values().filter(|tensor| tensor.requires_grad()).map(|tensor| tensor.numel() as u64).sum()
}

/// Parameters by group and first part of the name.
pub fn parts(method: &dyn Method) -> Vec<Part> {
    let of = |group: bench_methods::Group<'_>| {
        let mut parts: BTreeMap<String, u64> = BTreeMap::new();
        for (name, tensor) in group.variables.variables() {
            *parts.entry(name.split('.').next().unwrap_or_default().to_string()).or_default() += tensor.numel() as u64;
        }
        parts.into_iter().map(move |(name, parameters)| Part { group: group.name.into(), name, parameters })
    };
    method.groups().into_iter().flat_map(of).collect()
}

fn shape(tensor: &Tensor) -> Vec<usize> {
    tensor.size().into_iter().map(|size| usize::try_from(size).unwrap_or(0)).collect()
}

fn little_endian(tensor: &Tensor) -> Vec<u8> {
    let flat = tensor.to_device(tch::Device::Cpu).to_kind(Kind::Float).contiguous().view(-1);
    let mut values = vec![0.0f32; flat.numel()];
    flat.copy_data(&mut values, flat.numel());
    values.into_iter().flat_map(f32::to_le_bytes).collect()
}
