/*!
Transformers that read another sequence (Tsai et al. 2019, as DecAlign's released code has them), G of them side by side.

Each layer: multi-head attention of the queries over a context that no layer changes, residual, layer normalisation; a feed-forward network of four times
the width with ReLU, residual, layer normalisation. Inputs are multiplied by √d. There is no positional encoding: the order of the context does not
matter.
*/

use tch::{Kind, Tensor};

use super::{Scope, StackedLinear, StackedNorm};

/// G transformers of one shape.
#[derive(Debug)]
pub struct Transformers {
    /// Heads of each attention; they divide the width.
    pub heads: i64,
    /// Share of numbers dropped in training, at every place that has dropout.
    pub dropout: f64,
    /// The layers, first to last.
    pub layers: Vec<TransformerLayer>,
}

/// One layer of G transformers.
#[derive(Debug)]
pub struct TransformerLayer {
    /// Query, key and value, `[G, 3d, d]`.
    pub projection: StackedLinear,
    /// Behind the heads, `[G, d, d]`.
    pub attended: StackedLinear,
    /// Behind the attention's residual.
    pub attention_norm: StackedNorm,
    /// `[G, 4d, d]`.
    pub widen: StackedLinear,
    /// `[G, d, 4d]`.
    pub narrow: StackedLinear,
    /// Behind the feed-forward network's residual.
    pub output_norm: StackedNorm,
}

/// What the queries attend to.
#[derive(Debug, Clone, Copy)]
pub enum Context<'a> {
    /// Other frames, `[B, S, d]`, the same for all G transformers.
    Frames(&'a Tensor),
    /// The queries themselves, each seeing no later ones.
    Own,
}

/// What the queries do not see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hidden<'a> {
    /// True for keys that must not be seen, broadcasts to `[G, B, 1, S]`. At least one must be free for every query, else the answer is NaN.
    pub keys: Option<&'a Tensor>,
    /// True for samples that see no key at all, broadcasts to `[G, B, 1, 1, 1]`: the sum over no key is zero, whatever keys were left free for them.
    pub nothing: Option<&'a Tensor>,
}

impl TransformerLayer {
    fn new(scope: &Scope<'_>, count: i64, width: i64) -> Self {
        Self {
            projection: StackedLinear::glorot(&scope.at("projection"), count, width, 3 * width),
            attended: StackedLinear::glorot(&scope.at("attended"), count, width, width),
            attention_norm: StackedNorm::new(&scope.at("attention_norm"), count, width),
            widen: StackedLinear::glorot(&scope.at("widen"), count, width, 4 * width),
            narrow: StackedLinear::glorot(&scope.at("narrow"), count, 4 * width, width),
            output_norm: StackedNorm::new(&scope.at("output_norm"), count, width),
        }
    }

    fn select(&self, networks: &Tensor) -> Self {
        Self {
            projection: self.projection.select(networks),
            attended: self.attended.select(networks),
            attention_norm: self.attention_norm.select(networks),
            widen: self.widen.select(networks),
            narrow: self.narrow.select(networks),
            output_norm: self.output_norm.select(networks),
        }
    }
}

impl Transformers {
    /// `count` transformers of `layers` layers for frames of `width` numbers.
    pub fn new(scope: &Scope<'_>, count: i64, width: i64, heads: i64, layers: usize, dropout: f64) -> Self {
        let layers = (0..layers).map(|layer| TransformerLayer::new(&scope.at(&format!("layer{layer}")), count, width)).collect();
        Self { heads, dropout, layers }
    }

    /// Some of the transformers, by number (`[H]` int64).
    pub fn select(&self, networks: &Tensor) -> Self {
        Self { heads: self.heads, dropout: self.dropout, layers: self.layers.iter().map(|layer| layer.select(networks)).collect() }
    }

    /// Queries `[G, B, T, d]` → `[G, B, T, d]`.
    ///
    /// `train` switches dropout on.
    pub fn forward(&self, queries: &Tensor, context: Context<'_>, hidden: Hidden<'_>, train: bool) -> Tensor {
        let size = queries.size();
        let (batch, steps, width) = (size[1], size[2], size[3]);
        let scale = (width as f64).sqrt();
        let drop = |tensor: Tensor| if train && self.dropout > 0.0 { tensor.dropout(self.dropout, true) } else { tensor };
        let frames = match context {
            Context::Frames(frames) => Some(drop(frames * scale)),
            Context::Own => None,
        };
        let read = frames.as_ref().map(|frames| self.keys_and_values(frames, size[0]));
        let mut state = drop(queries * scale).flatten(1, 2);
        let unseen = self.unseen(queries, read.is_none(), hidden.keys);
        let per_head = (width as f64 / self.heads as f64).sqrt().recip();
        for (at, layer) in self.layers.iter().enumerate() {
            let query = self.by_head(&layer.projection.rows(0, width).scaled(per_head).forward(&state), batch, steps);
            let (key, value) = match &read {
                Some(read) => (read.select(0, 2 * at as i64), read.select(0, 2 * at as i64 + 1)),
                None => {
                    let own = layer.projection.rows(width, 2 * width).forward(&state);
                    (self.by_head(&own.narrow(-1, 0, width), batch, steps), self.by_head(&own.narrow(-1, width, width), batch, steps))
                }
            };
            let mut scores = query.matmul(&key.transpose(-1, -2));
            if let Some(unseen) = &unseen {
                let _ = scores.g_add_(unseen);
            }
            let attended = drop(scores.softmax(-1, None::<Kind>)).matmul(&value);
            let attended = hidden.nothing.map_or(attended.shallow_clone(), |nothing| attended.masked_fill(nothing, 0.0));
            let attended = attended.transpose(2, 3).reshape([size[0], batch * steps, width]);
            state = layer.attention_norm.forward(&(drop(layer.attended.forward(&attended)) + &state));
            let wide = drop(layer.widen.forward_relu(&state));
            state = layer.output_norm.forward(&(drop(layer.narrow.forward(&wide)) + &state));
        }
        state.view(size.as_slice())
    }

    /// What is added to the scores: −∞ for keys that must not be seen, else 0. Broadcasts to `[G, B, heads, T, S]`.
    fn unseen(&self, queries: &Tensor, causal: bool, blocked: Option<&Tensor>) -> Option<Tensor> {
        let blocked = blocked.map(|blocked| blocked.unsqueeze(2));
        let blocked = match (causal.then(|| later(queries.size()[2], queries)), blocked) {
            (Some(later), Some(blocked)) => Some(later.logical_or(&blocked)),
            (later, blocked) => later.or(blocked),
        }?;
        let zeros = Tensor::zeros(blocked.size(), (queries.kind(), queries.device()));
        Some(zeros.masked_fill(&blocked, f64::NEG_INFINITY))
    }

    /// Keys and values of every layer in one product: frames `[B, S, d]` → `[2 L, G, B, heads, S, d / heads]`, key and value of layer after layer.
    fn keys_and_values(&self, frames: &Tensor, count: i64) -> Tensor {
        let size = frames.size();
        let (batch, steps, width) = (size[0], size[1], size[2]);
        let layers = self.layers.iter().map(|layer| layer.projection.rows(width, 2 * width));
        let (weights, biases): (Vec<Tensor>, Vec<Tensor>) = layers.map(|both| (both.weight, both.bias)).unzip();
        // [L, G, 2, d, d]
        let shape = [weights.len() as i64 * count * 2 * width, width];
        let weight = Tensor::stack(&weights, 0).view(shape);
        let read = frames.flatten(0, 1).linear(&weight, Some(&Tensor::stack(&biases, 0).view(-1)));
        let split = [batch, steps, self.layers.len() as i64, count, 2, self.heads, width / self.heads];
        read.view(split.as_slice()).permute([2, 4, 3, 0, 5, 1, 6]).flatten(0, 1)
    }

    /// `[G, B T, d]` → `[G, B, heads, T, d / heads]`.
    fn by_head(&self, rows: &Tensor, batch: i64, steps: i64) -> Tensor {
        let size = rows.size();
        rows.view([size[0], batch, steps, self.heads, size[2] / self.heads]).transpose(2, 3)
    }
}

/// True where a key is later than the query, `[T, T]`.
fn later(steps: i64, like: &Tensor) -> Tensor {
    Tensor::ones([steps, steps], (Kind::Bool, like.device())).triu(1)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::nn::Parameters;

    fn draw(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Float, Device::Cpu))
    }

    fn largest(difference: Tensor) -> f64 {
        difference.abs().max().double_value(&[])
    }

    fn transformers() -> Transformers {
        Transformers::new(&Parameters::new(Device::Cpu, 1).root(), 2, 8, 2, 2, 0.0)
    }

    #[test]
    fn the_order_of_the_context_does_not_matter() {
        let (queries, frames) = (draw(&[2, 3, 4, 8]), draw(&[3, 5, 8]));
        let shuffled = frames.index_select(1, &Tensor::from_slice(&[3i64, 0, 4, 1, 2]));
        let model = transformers();
        let answer = |frames: &Tensor| model.forward(&queries, Context::Frames(frames), Hidden::default(), false);
        assert!(largest(answer(&frames) - answer(&shuffled)) < 1e-5);
    }

    #[test]
    fn blocked_frames_are_as_if_not_there() {
        let (queries, frames) = (draw(&[2, 3, 4, 8]), draw(&[3, 5, 8]));
        let blocked = Tensor::from_slice(&[false, false, true, false, true]).view([1, 1, 1, 5]);
        let model = transformers();
        let masked = model.forward(&queries, Context::Frames(&frames), Hidden { keys: Some(&blocked), nothing: None }, false);
        let kept = frames.index_select(1, &Tensor::from_slice(&[0i64, 1, 3]));
        assert!(largest(masked - model.forward(&queries, Context::Frames(&kept), Hidden::default(), false)) < 1e-5);
    }

    #[test]
    fn a_query_that_reads_itself_sees_nothing_later() {
        let queries = draw(&[2, 3, 4, 8]);
        let changed = Tensor::cat(&[queries.narrow(2, 0, 2), draw(&[2, 3, 2, 8])], 2);
        let model = transformers();
        let answer = |queries: &Tensor| model.forward(queries, Context::Own, Hidden::default(), false).narrow(2, 0, 2);
        assert!(largest(answer(&queries) - answer(&changed)) < 1e-6);
    }

    #[test]
    fn some_transformers_answer_as_among_all() {
        let (queries, frames) = (draw(&[2, 3, 4, 8]), draw(&[3, 5, 8]));
        let model = transformers();
        let all = model.forward(&queries, Context::Frames(&frames), Hidden::default(), false).narrow(0, 1, 1);
        let second = model.select(&Tensor::from_slice(&[1i64]));
        assert!(largest(all - second.forward(&queries.narrow(0, 1, 1), Context::Frames(&frames), Hidden::default(), false)) < 1e-5);
    }
}
