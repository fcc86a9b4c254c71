//! Published architectures with plain operations of tch, after the shared specification of baselines: nothing of the project's own blocks is in them.

use tch::{Device, Kind, Tensor};

/// Draws weights and counts them.
#[derive(Default)]
pub struct Weights {
    /// Numbers drawn so far.
    pub parameters: i64,
}

/// `x Wᵀ + b`.
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

/// A layer normalisation over the last axis.
struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Weights {
    fn draw(&mut self, shape: &[i64]) -> Tensor {
        self.parameters += shape.iter().product::<i64>();
        Tensor::randn(shape, (Kind::Float, Device::Cpu)) * 0.1
    }

    fn linear(&mut self, inputs: i64, outputs: i64) -> Linear {
        Linear { weight: self.draw(&[outputs, inputs]), bias: self.draw(&[outputs]) }
    }

    fn norm(&mut self, width: i64) -> Norm {
        Norm { weight: self.draw(&[width]), bias: self.draw(&[width]) }
    }
}

impl Linear {
    fn forward(&self, input: &Tensor) -> Tensor {
        input.linear(&self.weight, Some(&self.bias))
    }
}

impl Norm {
    fn forward(&self, input: &Tensor) -> Tensor {
        input.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), 1e-5, false)
    }
}

/// Sizes of MulT.
pub struct MultSizes<'a> {
    pub dims: &'a [i64],
    pub width: i64,
    pub heads: i64,
    pub layers: usize,
    pub outputs: i64,
}

/// MulT (Tsai et al., ACL 2019), official form: projections by convolutions of width 1, six crossmodal encoders, three memories, a residual network over their last steps. Positions
/// and masks are left out: they multiply nothing.
pub struct Mult {
    width: i64,
    projections: Vec<Option<Tensor>>,
    /// By target, then by source; `None` on the diagonal.
    crossmodal: Vec<Vec<Option<Encoder>>>,
    memories: Vec<Encoder>,
    residual: [Linear; 2],
    out: Linear,
}

struct Encoder {
    heads: i64,
    layers: Vec<Layer>,
    norm: Norm,
}

struct Layer {
    query: Linear,
    keys_and_values: Linear,
    attended: Linear,
    widen: Linear,
    narrow: Linear,
    norms: [Norm; 2],
}

impl Mult {
    pub fn new(weights: &mut Weights, sizes: &MultSizes<'_>) -> Self {
        let &MultSizes { dims, width, heads, layers, outputs } = sizes;
        let projections = dims.iter().map(|&dim| (dim != width).then(|| weights.draw(&[width, dim, 1]))).collect();
        let count = dims.len();
        let mut cross = |target, source| (target != source).then(|| Encoder::new(weights, width, heads, layers));
        let crossmodal = (0..count).map(|target| (0..count).map(|source| cross(target, source)).collect()).collect();
        let both = width * (count as i64 - 1);
        let memories = (0..count).map(|_| Encoder::new(weights, both, heads, layers.max(3))).collect();
        let all = both * count as i64;
        let residual = [weights.linear(all, all), weights.linear(all, all)];
        Self { width, projections, crossmodal, memories, residual, out: weights.linear(all, outputs) }
    }

    /// Sequences `[B, T, d]`, one a modality, → `[B, outputs]`.
    pub fn forward(&self, inputs: &[Tensor]) -> Tensor {
        let project = |(input, weight): (&Tensor, &Option<Tensor>)| {
            let projected = weight.as_ref().map(|weight| input.transpose(1, 2).conv1d(weight, None::<&Tensor>, 1, 0, 1, 1).transpose(1, 2));
            projected.unwrap_or_else(|| input.shallow_clone()) * (self.width as f64).sqrt()
        };
        let frames: Vec<Tensor> = inputs.iter().zip(&self.projections).map(project).collect();
        let last_steps = self.crossmodal.iter().zip(&self.memories).zip(&frames).map(|((encoders, memory), own)| {
            let read = encoders.iter().zip(&frames).filter_map(|(encoder, source)| Some(encoder.as_ref()?.forward(own, Some(source))));
            let both = Tensor::cat(&read.collect::<Vec<_>>(), -1);
            memory.forward(&both, None).select(1, -1)
        });
        let all = Tensor::cat(&last_steps.collect::<Vec<_>>(), -1);
        let [first, second] = &self.residual;
        self.out.forward(&(second.forward(&first.forward(&all).relu()) + all))
    }
}

impl Encoder {
    fn new(weights: &mut Weights, width: i64, heads: i64, layers: usize) -> Self {
        let layer = |_| Layer {
            query: weights.linear(width, width),
            keys_and_values: weights.linear(width, 2 * width),
            attended: weights.linear(width, width),
            widen: weights.linear(width, 4 * width),
            narrow: weights.linear(4 * width, width),
            norms: [weights.norm(width), weights.norm(width)],
        };
        let layers = (0..layers).map(layer).collect();
        Self { heads, layers, norm: weights.norm(width) }
    }

    /// Frames that read another sequence, the same in every layer, or themselves.
    fn forward(&self, frames: &Tensor, source: Option<&Tensor>) -> Tensor {
        let last = self.layers.iter().fold(frames.shallow_clone(), |frames, layer| {
            let query = layer.norms[0].forward(&frames);
            let read = source.map_or_else(|| query.shallow_clone(), |source| layer.norms[0].forward(source));
            let frames = frames + layer.attend(&query, &read, self.heads);
            let wide = layer.widen.forward(&layer.norms[1].forward(&frames)).relu();
            frames + layer.narrow.forward(&wide)
        });
        self.norm.forward(&last)
    }
}

impl Layer {
    fn attend(&self, query: &Tensor, read: &Tensor, heads: i64) -> Tensor {
        let size = query.size();
        let by_head = |rows: &Tensor| rows.view([size[0], -1, heads, size[2] / heads]).transpose(1, 2);
        let both = self.keys_and_values.forward(read).chunk(2, -1);
        let query = by_head(&(self.query.forward(query) * (heads as f64 / size[2] as f64).sqrt()));
        let (key, value) = (by_head(&both[0].contiguous()), by_head(&both[1].contiguous()));
        let shares = query.matmul(&key.transpose(-1, -2)).softmax(-1, None::<Kind>);
        self.attended.forward(&shares.matmul(&value).transpose(1, 2).flatten(2, 3))
    }
}

/// The cascaded residual autoencoder (Tran et al., CVPR 2017) of MMIN's `ResidualAE`.
pub struct Cascade {
    blocks: Vec<(Vec<Linear>, Vec<Linear>)>,
    transition: [Linear; 2],
}

impl Cascade {
    pub fn new(weights: &mut Weights, input: i64, layers: &[i64], blocks: usize) -> Self {
        let widths: Vec<i64> = [input].iter().chain(layers).copied().collect();
        let block = |_| {
            let encoder = widths.windows(2).map(|pair| weights.linear(pair[0], pair[1])).collect();
            let decoder = widths.windows(2).rev().map(|pair| weights.linear(pair[1], pair[0])).collect();
            (encoder, decoder)
        };
        let blocks = (0..blocks).map(block).collect();
        Self { blocks, transition: [weights.linear(input, input), weights.linear(input, input)] }
    }

    /// `[B, in]` → `[B, in]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        let sum = self.blocks.iter().fold(input.shallow_clone(), |sum, (encoder, decoder)| {
            let code = encoder.iter().fold(sum.shallow_clone(), |code, layer| layer.forward(&code).leaky_relu());
            let (last, inner) = decoder.split_last().unwrap();
            sum + last.forward(&inner.iter().fold(code, |code, layer| layer.forward(&code).relu()))
        });
        let [first, second] = &self.transition;
        second.forward(&first.forward(&sum).relu())
    }
}

/// Multimodal Dynamics (Han et al., CVPR 2022).
pub struct Dynamics {
    /// Gate, encoder, confidence, classifier, a modality each.
    parts: Vec<[Linear; 4]>,
    fused: Linear,
}

impl Dynamics {
    pub fn new(weights: &mut Weights, dims: &[i64], hidden: i64, classes: i64) -> Self {
        let mut part =
            |&dim: &i64| [weights.linear(dim, dim), weights.linear(dim, hidden), weights.linear(hidden, 1), weights.linear(hidden, classes)];
        let parts = dims.iter().map(&mut part).collect();
        Self { parts, fused: weights.linear(dims.len() as i64 * hidden, classes) }
    }

    /// Vectors `[B, d]`, one a modality, → fused and own logits `[B, (M + 1) C]`.
    pub fn forward(&self, inputs: &[Tensor]) -> Tensor {
        let mut answers = Vec::new();
        let mut weighted = Vec::new();
        for (input, [gate, encoder, confidence, classifier]) in inputs.iter().zip(&self.parts) {
            let code = encoder.forward(&(gate.forward(input).sigmoid() * input)).relu();
            answers.push(classifier.forward(&code));
            weighted.push(confidence.forward(&code) * code);
        }
        answers.push(self.fused.forward(&Tensor::cat(&weighted, -1)));
        Tensor::cat(&answers, -1)
    }
}

/// The multimodal adaptation gate (Rahman et al., ACL 2020).
pub struct Gate {
    gates: [Linear; 2],
    values: [Linear; 2],
    norm: Norm,
}

impl Gate {
    pub fn new(weights: &mut Weights, text: i64, others: [i64; 2]) -> Self {
        let gates = others.map(|other| weights.linear(other + text, text));
        let values = others.map(|other| weights.linear(other, text));
        Self { gates, values, norm: weights.norm(text) }
    }

    /// Text `[B, t]` and two other modalities → `[B, t]`.
    pub fn forward(&self, text: &Tensor, others: [&Tensor; 2]) -> Tensor {
        let moved = self.gates.iter().zip(&self.values).zip(others).map(|((gate, value), other)| {
            let gate = gate.forward(&Tensor::cat(&[other, text], -1)).relu();
            gate * value.forward(other)
        });
        let moved: Tensor = moved.sum();
        let length = |vector: &Tensor| vector.square().sum_dim_intlist(-1, true, None::<Kind>).sqrt();
        let share = (length(text) / (length(&moved) + 1e-6)).clamp_max(1.0);
        self.norm.forward(&(text + share * moved))
    }
}
