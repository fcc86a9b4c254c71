/*!
BERT-base, uncased (Devlin et al., BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding, NAACL 2019).

Token, position and segment embeddings, a layer normalisation, twelve layers, and the pooler over the first token.
*/

use std::collections::HashMap;

use bench_card::BERT_BASE;
use bench_datasets::keyed;
use tch::{Device, Kind, Tensor};

use super::{
    Extractor, ExtractorError, SEED, frozen, input_key, numbers, samples,
    transformer::{Encoder, Norm, WIDTH},
    whole,
};
use crate::nn::{Linear, Parameters};

/// The extractor's name.
pub const NAME: &str = BERT_BASE.name;

const VOCABULARY: i64 = 30_522;
const POSITIONS: i64 = BERT_BASE.most as i64;
const SEGMENTS: i64 = 2;

/// Of all normalisations, as in the released code.
const EPSILON: f64 = 1e-12;

/// Deviation of the released code's initial embeddings.
const EMBEDDING_DEVIATION: f64 = 0.02;

/// The network.
#[derive(Debug)]
pub struct Bert {
    parameters: HashMap<String, Tensor>,
    tokens: Tensor,
    positions: Tensor,
    segments: Tensor,
    norm: Norm,
    encoder: Encoder,
    pooler: Linear,
}

/// A size as a number of tokens.
pub fn tokens(size: f64) -> Result<i64, ExtractorError> {
    whole(&BERT_BASE, size)
}

impl Bert {
    /// Random weights.
    pub fn new(device: Device) -> Self {
        let parameters = Parameters::new(device, SEED);
        let root = parameters.root();
        // Uniform draws of the same deviation cost half of normal ones.
        let embedding = |name: &str, rows| root.uniform(name, &[rows, WIDTH], EMBEDDING_DEVIATION * 3f64.sqrt());
        let tokens = embedding("tokens", VOCABULARY);
        let positions = embedding("positions", POSITIONS);
        let segments = embedding("segments", SEGMENTS);
        let norm = Norm::new(&root.at("norm"), WIDTH, EPSILON);
        let encoder = Encoder::new(&root, EPSILON);
        let pooler = Linear::new(&root.at("pooler"), WIDTH, WIDTH);
        Self { tokens, positions, segments, norm, encoder, pooler, parameters: frozen(parameters) }
    }
}

impl Extractor for Bert {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> u64 {
        numbers(&self.parameters)
    }

    /// Token ids, `[B, T]` int64.
    fn input(&self, batch: usize, size: f64) -> Result<Tensor, ExtractorError> {
        let length = tokens(size)?;
        let batch = samples(NAME, batch, length)?;
        let mut rng = input_key(NAME).rng();
        let ids: Vec<i64> = (0..batch * length).map(|_| keyed::below(&mut rng, VOCABULARY as u64) as i64).collect();
        Ok(Tensor::from_slice(&ids).view([batch, length]).to_device(self.tokens.device()))
    }

    /// Token ids `[B, T]` → pooled first token `[B, 768]`.
    fn extract(&self, input: &Tensor) -> Tensor {
        let segments = Tensor::zeros(input.size(), (Kind::Int64, input.device()));
        let length = input.size().last().copied().unwrap_or(0);
        let look_up = |table: &Tensor, rows: &Tensor| Tensor::embedding(table, rows, -1, false, false);
        let frames = look_up(&self.tokens, input) + look_up(&self.segments, &segments) + self.positions.narrow(0, 0, length);
        let frames = self.encoder.forward(&self.norm.forward(&frames));
        self.pooler.forward(&frames.select(1, 0)).tanh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: embeddings (30,522 + 512 + 2) · 768, normalisation 2 · 768, twelve layers of 7,087,872, pooler 768² + 768. It is the number of
    /// `bert-base-uncased` in Hugging Face's `BertModel`.
    #[test]
    fn parameters_are_those_of_the_checkpoint() {
        let bert = Bert::new(Device::Cpu);
        assert_eq!(bert.parameters(), 109_482_240);
        assert!(bert.parameters.values().all(|tensor| !tensor.requires_grad()));
    }
}
