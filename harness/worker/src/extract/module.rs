//! One module: what it is given, and what is accepted of it.

use std::{fs, path::Path};

use bench_datasets::{Block, Kind as ModalityKind, keyed::hex};
use bench_methods::ModalityInput;
use sha2::{Digest, Sha256};
use tch::{CModule, Device, Kind, Tensor, jit};

use super::tokenizer::Tokenizer;
use crate::{data::to_input, failure::Failure};

/// A loaded module with what its raw input is.
pub struct Extractor {
    modality: String,
    kind: ModalityKind,
    module: CModule,
    tokenizer: Option<Tokenizer>,
    device: Device,
}

/// What a module made of a batch.
pub struct Features {
    /// `[B, d]` or `[B, T, d]`, float32, on the device.
    pub values: Tensor,
    /// Valid steps, `[B]` int64; `None` for vectors, and where all are valid.
    pub lengths: Option<Tensor>,
}

impl Extractor {
    /// Loads the module of `modality`, whose raw input is of `kind`; `tokenizer` is needed for words.
    ///
    /// # Errors
    /// A file that cannot be read, is not the trusted one, or holds no module.
    pub fn open(
        modality: &str,
        kind: &ModalityKind,
        (module, trusted): (&Path, &[String]),
        tokenizer: Option<&Path>,
        device: Device,
    ) -> Result<Self, Failure> {
        let read = |path: &Path| fs::read(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())));
        let bytes = read(module)?;
        if !trusted.contains(&hex(&Sha256::digest(&bytes))) {
            return Err(Failure::usage(format!(
                "{} is a TorchScript module, which is a program, and not one that this command trusts; name it with --extractor, or give --trust-extractors",
                module.display()
            )));
        }
        let tokenizer = match (kind, tokenizer) {
            (ModalityKind::Tokens { vocabulary, .. }, Some(path)) => Some(Tokenizer::read(path, &read(path)?, vocabulary)?),
            (ModalityKind::Tokens { .. }, None) => {
                return Err(Failure::usage(format!("modality `{modality}` is words, and its extractor {} has no tokenizer", module.display())));
            }
            _ => None,
        };
        let loaded = CModule::load_data_on_device(&mut bytes.as_slice(), device);
        let mut loaded = loaded.map_err(|error| {
            let found = first_line(&error);
            Failure::usage(format!("{}: found no TorchScript module ({found}), expected what torch.jit.save writes", module.display()))
        })?;
        loaded.set_eval();
        Ok(Self { modality: modality.into(), kind: kind.clone(), module: loaded, tokenizer, device })
    }

    /// The modality's name.
    pub(super) fn modality(&self) -> &str {
        &self.modality
    }

    /// The steps of a sequence of features of words, where the tokenizer says how many there can be.
    pub fn most_steps(&self) -> Option<usize> {
        self.tokenizer.as_ref().and_then(Tokenizer::most)
    }

    /// Features of a batch of raw values.
    ///
    /// # Errors
    /// What the module says, or an answer that is no features of this batch.
    pub fn features(&self, block: &Block) -> Result<Features, Failure> {
        tch::no_grad(|| match (block, &self.tokenizer) {
            (Block::Tokens { ids, lengths }, Some(tokenizer)) => {
                let encoded = tokenizer.batch(ids, self.kind.numel(), lengths);
                let shape = [lengths.len() as i64, encoded.length as i64];
                let tensor = |values: &[i64]| Tensor::from_slice(values).view(shape).to_device(self.device);
                let mask = tensor(&encoded.mask);
                let values = self.run(&[tensor(&encoded.ids), mask.shallow_clone()], lengths.len())?;
                let lengths = match values.size()[..] {
                    [_, steps, _] if steps != shape[1] => {
                        return Err(self.wrong(&values, &format!("[{}, {}, d]: a step a token", shape[0], shape[1])));
                    }
                    [_, _, _] => Some(mask.sum_dim_intlist(1, false, Kind::Int64)),
                    _ => None,
                };
                Ok(Features { values, lengths })
            }
            _ => self.through(&to_input(&self.kind, block, self.device)),
        })
    }

    /// Features of a batch of real raw values, with a gradient where these have one.
    ///
    /// # Errors
    /// As [`Extractor::features`].
    pub fn through(&self, raw: &ModalityInput) -> Result<Features, Failure> {
        let size = raw.values.size();
        let rows = size.first().copied().unwrap_or_default();
        let full = |steps: i64| Tensor::full([rows], steps, (Kind::Int64, self.device));
        let mut inputs = vec![raw.values.shallow_clone()];
        if let ModalityKind::Sequence { steps, .. } = self.kind {
            inputs.push(raw.lengths.as_ref().map_or_else(|| full(steps as i64), Tensor::shallow_clone));
        }
        let values = self.run(&inputs, rows as usize)?;
        // With another number of steps the raw lengths mean nothing.
        let same_steps = values.dim() == 3 && size.len() == 3 && values.size().get(1) == size.get(1);
        Ok(Features { lengths: raw.lengths.as_ref().filter(|_| same_steps).map(Tensor::shallow_clone), values })
    }

    fn run(&self, inputs: &[Tensor], rows: usize) -> Result<Tensor, Failure> {
        // The optimising executor rewrites a module after its first calls, and so its bits.
        jit::set_graph_executor_optimize(false);
        let values = self.module.forward_ts(inputs).map_err(|error| {
            let shapes: Vec<_> = inputs.iter().map(Tensor::size).collect();
            Failure::usage(format!("the extractor of `{}` fails on inputs of shapes {shapes:?}: {}", self.modality, first_line(&error)))
        })?;
        let shape = values.size();
        let sound = matches!(shape.len(), 2 | 3) && shape[0] == rows as i64 && shape.iter().all(|&size| size > 0) && values.kind() == Kind::Float;
        if !sound {
            return Err(self.wrong(&values, &format!("[{rows}, d] or [{rows}, T, d] of Float")));
        }
        Ok(values)
    }

    fn wrong(&self, values: &Tensor, expected: &str) -> Failure {
        let found = format!("{:?} of {:?}", values.size(), values.kind());
        Failure::usage(format!("the extractor of `{}` answers {found}, expected {expected}; see docs/extractors.md", self.modality))
    }
}

/// What libtorch says, on one line.
fn first_line(error: &tch::TchError) -> String {
    let text = error.to_string();
    // A module's own error stands last in the traceback of TorchScript.
    let line = text.lines().map(str::trim).rfind(|line| line.starts_with("RuntimeError:")).or_else(|| text.lines().next());
    line.unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use bench_datasets::RESERVED_WORDS;

    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tests/extractors").join(name)
    }

    fn trusted(name: &str) -> Vec<String> {
        vec![hex(&Sha256::digest(fs::read(fixture(name)).unwrap()))]
    }

    fn open(name: &str, kind: &ModalityKind) -> Result<Extractor, Failure> {
        let tokenizer = (!kind.is_continuous()).then(|| fixture("tokenizer.json"));
        Extractor::open("m", kind, (&fixture(name), &trusted(name)), tokenizer.as_deref(), Device::Cpu)
    }

    fn words() -> ModalityKind {
        ModalityKind::Tokens { steps: 2, vocabulary: RESERVED_WORDS.into_iter().chain(["face", "flags"]).map(String::from).collect() }
    }

    fn numbers(tensor: &Tensor) -> Vec<f32> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    /// `face flags` is [CLS] face flag ##s [SEP], ids 2 5 6 11 3; row i of the table is (i, i², 1, −i) / 8: means 5.4, 39 and so on, by hand. A masked
    /// word is [MASK], id 4.
    #[test]
    fn a_text_module_sees_tokens_and_a_mask() {
        let extractor = open("text.pt", &words()).unwrap();
        let of = |ids: [u32; 2]| numbers(&extractor.features(&Block::Tokens { ids: ids.into(), lengths: vec![2] }).unwrap().values);
        let close = |found: Vec<f32>, sum: f32, squares: f32, count: f32| {
            let expected = [sum / count / 8.0, squares / count / 8.0, 0.125, -sum / count / 8.0];
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?} {expected:?}");
        };
        close(of([2, 3]), 27.0, 195.0, 5.0);
        close(of([1, 3]), 26.0, 4.0 + 16.0 + 36.0 + 121.0 + 9.0, 5.0);
    }

    #[test]
    fn steps_of_words_have_the_tokens_lengths() {
        let extractor = open("steps.pt", &words()).unwrap();
        let features = extractor.features(&Block::Tokens { ids: vec![2, 3, 2, 0], lengths: vec![2, 1] }).unwrap();
        assert_eq!(features.values.size(), [2, 5, 4]);
        assert_eq!(Vec::<i64>::try_from(features.lengths.unwrap()).unwrap(), [5, 3]);
        assert_eq!(extractor.most_steps(), Some(12));
    }

    #[test]
    fn a_gradient_goes_through_a_module_of_pixels() {
        let kind = ModalityKind::Image { channels: 1, height: 1, width: 2 };
        let extractor = open("picture.pt", &kind).unwrap();
        let pixels = Tensor::from_slice(&[0.25f32, 0.75]).view([1, 1, 1, 2]).set_requires_grad(true);
        let features = extractor.through(&ModalityInput { values: pixels.shallow_clone(), lengths: None }).unwrap();
        assert_eq!(numbers(&features.values.detach()), [0.5, 0.3125]);
        features.values.sum(Kind::Float).backward();
        // Of mean + mean of squares: (1 + 2 x) / 2.
        assert_eq!(numbers(&pixels.grad()), [0.75, 1.25]);
    }

    #[test]
    fn what_is_no_module_no_features_or_not_trusted_is_refused() {
        let kind = ModalityKind::Image { channels: 1, height: 1, width: 2 };
        let message = |failure: Result<Extractor, Failure>| failure.err().unwrap().message;
        let untrusted = Extractor::open("m", &kind, (&fixture("picture.pt"), &trusted("text.pt")), None, Device::Cpu);
        assert!(message(untrusted).contains("--trust-extractors"));
        let found = message(open("make.py", &kind));
        assert!(found.contains("make.py: found no TorchScript module") && found.lines().count() == 1, "{found}");
        assert!(message(Extractor::open("m", &words(), (&fixture("text.pt"), &trusted("text.pt")), None, Device::Cpu)).contains("no tokenizer"));
        let block = Block::Continuous { values: vec![0.5; 2], lengths: None };
        let wrong = open("wrong.pt", &kind).unwrap().features(&block).err().unwrap().message;
        assert!(wrong.contains("answers [1] of Float, expected [1, d] or [1, T, d] of Float"), "{wrong}");
        let text = Extractor::open("m", &kind, (&fixture("text.pt"), &trusted("text.pt")), None, Device::Cpu).unwrap();
        let fails = text.features(&block).err().unwrap().message;
        assert!(fails.contains("fails on inputs of shapes [[1, 1, 1, 2]]") && fails.lines().count() == 1, "{fails}");
    }
}
