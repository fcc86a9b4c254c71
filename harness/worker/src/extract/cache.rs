/*!
Features of corrupted inputs, kept so that all methods share them: extraction costs more than most methods.

A file is named by a hash of everything that decides its numbers. One that cannot be read, or does not fit, is made again.
*/

use std::path::PathBuf;

use bench_datasets::{Block, Kind as ModalityKind, keyed::Key};
use bench_store::files;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

const VALUES: &str = "features";
const LENGTHS: &str = "lengths";

/// Where features of corrupted inputs are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    /// The folder.
    pub folder: PathBuf,
    /// Version of libtorch.
    pub libtorch: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
}

impl Cache {
    /// The block that `key` stands for, of `samples` samples of `kind`: read, or made and kept.
    ///
    /// # Errors
    /// What `make` refuses, or the file system where it is to be kept.
    pub(crate) fn block(
        &self,
        key: Key,
        kind: &ModalityKind,
        samples: usize,
        make: impl FnOnce() -> Result<Block, Failure>,
    ) -> Result<Block, Failure> {
        let key = key.with("libtorch", &self.libtorch).with("device", self.device.split(':').next().unwrap_or_default());
        let path = self.folder.join(format!("{}.safetensors", key.hex()));
        let known = files::read_if_there(&path).ok().flatten().and_then(|bytes| read(&bytes, kind, samples));
        if let Some(block) = known {
            return Ok(block);
        }
        let block = make()?;
        files::create_folder(&self.folder).map_err(Failure::trial)?;
        files::write_whole(&path, &write(&block)?).map_err(Failure::trial)?;
        Ok(block)
    }
}

fn read(bytes: &[u8], kind: &ModalityKind, samples: usize) -> Option<Block> {
    let (sum, bytes) = bytes.split_first_chunk::<32>()?;
    if Sha256::digest(bytes)[..] != sum[..] {
        return None;
    }
    let file = SafeTensors::deserialize(bytes).ok()?;
    let values = file.tensor(VALUES).ok().filter(|view| view.dtype() == Dtype::F32)?;
    let values: Vec<f32> = values.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let lengths = file.tensor(LENGTHS).ok().filter(|view| view.dtype() == Dtype::U32);
    let lengths = lengths.map(|view| view.data().as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect::<Vec<_>>());
    let fits = values.len() == samples.checked_mul(kind.numel())? && lengths.as_ref().is_none_or(|lengths| lengths.len() == samples);
    fits.then_some(Block::Continuous { values, lengths })
}

/// SHA-256 of what follows, then a tensor file.
fn write(block: &Block) -> Result<Vec<u8>, Failure> {
    let Block::Continuous { values, lengths } = block else { return Err(Failure::trial("features are real numbers")) };
    let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let lengths: Option<Vec<u8>> = lengths.as_ref().map(|lengths| lengths.iter().flat_map(|length| length.to_le_bytes()).collect());
    let view = |dtype, bytes| TensorView::new(dtype, vec![<[u8]>::len(bytes) / 4], bytes).map_err(Failure::trial);
    let mut views = vec![(VALUES, view(Dtype::F32, &values)?)];
    if let Some(lengths) = &lengths {
        views.push((LENGTHS, view(Dtype::U32, lengths)?));
    }
    let file = safetensors::serialize(views, None).map_err(Failure::trial)?;
    Ok([&Sha256::digest(&file)[..], &file].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_and_what_is_damaged_is_made_again() {
        let folder = std::env::temp_dir().join(format!("bench-cache-{}", std::process::id()));
        let cache = Cache { folder: folder.clone(), libtorch: "2".into(), device: "cpu".into() };
        let kind = ModalityKind::Sequence { steps: 2, dim: 1 };
        let block = Block::Continuous { values: vec![1.0, -0.0, f32::MIN_POSITIVE, 4.0], lengths: Some(vec![1, 2]) };
        let ask = |made: Option<&Block>| cache.block(Key::new("test"), &kind, 2, || made.cloned().ok_or_else(|| Failure::trial("made again")));
        assert_eq!(ask(Some(&block)).unwrap(), block);
        assert_eq!(ask(None).unwrap(), block);
        let path = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(ask(None).unwrap_err().message, "made again");
        assert!(cache.block(Key::new("test"), &kind, 3, || Err(Failure::trial("of another size"))).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
