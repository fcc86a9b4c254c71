//! Tokens: embedding with mean, or TextCNN. Text of length zero encodes to exactly zero.

use tch::{Kind, Tensor};

use super::{Linear, Scope, WIDTH, lengths::valid};

/// Mean of the words' embeddings (width 128), then linear and ReLU.
#[derive(Debug)]
pub struct MeanText {
    embedding: Tensor,
    out: Linear,
}

impl MeanText {
    /// An encoder of token ids below `vocabulary`; embeddings standard normal as in PyTorch.
    pub fn new(scope: &Scope<'_>, vocabulary: i64) -> Self {
        Self { embedding: scope.normal("embedding", &[vocabulary, WIDTH]), out: Linear::new(&scope.at("out"), WIDTH, WIDTH) }
    }

    /// `[B, T]` int64, lengths `[B]` → `[B, 128]`.
    pub fn forward(&self, tokens: &Tensor, lengths: &Tensor) -> Tensor {
        let words = embed(&self.embedding, tokens, lengths);
        let count = lengths.clamp_min(1).to_kind(words.kind()).unsqueeze(-1);
        let mean = words.sum_dim_intlist(1, false, None::<Kind>) / count;
        silence_empty(&self.out.forward_relu(&mean), lengths)
    }
}

/// TextCNN (Kim, 2014) as RAML uses it: kernels of 3, 4 and 5 words with 128 channels, ReLU, maximum over time, dropout 0.5, linear 384 → 128, ReLU.
#[derive(Debug)]
pub struct TextCnn {
    embedding: Tensor,
    convolutions: Vec<(i64, Tensor, Tensor)>,
    out: Linear,
}

impl TextCnn {
    /// An encoder of token ids below `vocabulary`.
    pub fn new(scope: &Scope<'_>, vocabulary: i64) -> Self {
        let convolutions = [3, 4, 5]
            .into_iter()
            .map(|words| {
                let scope = scope.at(&format!("convolution{words}"));
                let bound = 1.0 / ((words * WIDTH) as f64).sqrt();
                (words, scope.uniform("weight", &[WIDTH, WIDTH, words], bound), scope.uniform("bias", &[WIDTH], bound))
            })
            .collect();
        Self { embedding: scope.normal("embedding", &[vocabulary, WIDTH]), convolutions, out: Linear::new(&scope.at("out"), 3 * WIDTH, WIDTH) }
    }

    /// `[B, T]` int64, lengths `[B]` → `[B, 128]`; `train` switches the dropout on. Texts of fewer than five steps are padded.
    pub fn forward(&self, tokens: &Tensor, lengths: &Tensor, train: bool) -> Tensor {
        let words = embed(&self.embedding, tokens, lengths).transpose(1, 2);
        let short = (5 - words.size()[2]).max(0);
        let words = if short > 0 { words.constant_pad_nd([0, short]) } else { words };
        let pooled: Vec<Tensor> = self
            .convolutions
            .iter()
            .map(|(_, weight, bias)| words.conv1d(weight, Some(bias), 1, 0, 1, 1).relu_().amax([2i64].as_slice(), false))
            .collect();
        silence_empty(&self.out.forward_relu(&Tensor::cat(&pooled, -1).dropout(0.5, train)), lengths)
    }
}

/// `[B, T]` → `[B, T, 128]`, exactly zero behind each text's end.
pub(super) fn embed(embedding: &Tensor, tokens: &Tensor, lengths: &Tensor) -> Tensor {
    let words = Tensor::embedding(embedding, tokens, 0, false, false);
    words.masked_fill(&valid(lengths, tokens.size()[1]).logical_not().unsqueeze(-1), 0)
}

fn silence_empty(encoding: &Tensor, lengths: &Tensor) -> Tensor {
    encoding.masked_fill(&lengths.eq(0).unsqueeze(-1), 0)
}
