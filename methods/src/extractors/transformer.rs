//! The transformer layer that BERT and wav2vec 2.0 base share: normalisation behind each residual, 12 heads of 64, GELU.

use tch::Tensor;

use crate::nn::{Linear, Scope};

/// Width of the frames.
pub const WIDTH: i64 = 768;

const LAYERS: usize = 12;
const HEADS: i64 = 12;
const HIDDEN: i64 = 3072;

/// A layer normalisation over the last axis.
#[derive(Debug)]
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    /// Weights of one, biases of zero.
    pub fn new(scope: &Scope<'_>, width: i64, epsilon: f64) -> Self {
        Self { weight: scope.ones("weight", &[width]), bias: scope.zeros("bias", &[width]), epsilon }
    }

    /// `[…, d]` → `[…, d]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        input.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), self.epsilon, true)
    }
}

/// Twelve layers.
#[derive(Debug)]
pub struct Encoder(Vec<Layer>);

impl Encoder {
    /// Layers with normalisations of one epsilon.
    pub fn new(scope: &Scope<'_>, epsilon: f64) -> Self {
        Self((0..LAYERS).map(|layer| Layer::new(&scope.at(&format!("layer{layer}")), epsilon)).collect())
    }

    /// `[B, T, 768]` → `[B, T, 768]`.
    pub fn forward(&self, frames: &Tensor) -> Tensor {
        self.0.iter().fold(frames.shallow_clone(), |frames, layer| layer.forward(&frames))
    }
}

#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attention_norm: Norm,
    widen: Linear,
    narrow: Linear,
    output_norm: Norm,
}

impl Layer {
    fn new(scope: &Scope<'_>, epsilon: f64) -> Self {
        let square = |name: &str| Linear::new(&scope.at(name), WIDTH, WIDTH);
        Self {
            query: square("query"),
            key: square("key"),
            value: square("value"),
            attended: square("attended"),
            attention_norm: Norm::new(&scope.at("attention_norm"), WIDTH, epsilon),
            widen: Linear::new(&scope.at("widen"), WIDTH, HIDDEN),
            narrow: Linear::new(&scope.at("narrow"), HIDDEN, WIDTH),
            output_norm: Norm::new(&scope.at("output_norm"), WIDTH, epsilon),
        }
    }

    fn forward(&self, frames: &Tensor) -> Tensor {
        let frames = self.attention_norm.forward(&(frames + self.attention(frames)));
        let wide = self.widen.forward(&frames).gelu("none");
        self.output_norm.forward(&(frames + self.narrow.forward(&wide)))
    }

    /// Every frame sees every frame: samples of a batch are of one length here.
    fn attention(&self, frames: &Tensor) -> Tensor {
        let by_head = |linear: &Linear| {
            let rows = linear.forward(frames);
            let size = rows.size();
            rows.view([size[0], size[1], HEADS, WIDTH / HEADS]).transpose(1, 2)
        };
        let (query, key, value) = (by_head(&self.query), by_head(&self.key), by_head(&self.value));
        let attended = Tensor::scaled_dot_product_attention(&query, &key, &value, None::<Tensor>, 0.0, false, None, false);
        self.attended.forward(&attended.transpose(1, 2).flatten(2, 3))
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::nn::Parameters;

    /// Vaswani et al. (2017), Eq. 1 and section 3.2.2, head by head with plain products.
    #[test]
    fn attention_is_the_softmax_of_scaled_products() {
        let parameters = Parameters::new(Device::Cpu, 3);
        let layer = Layer::new(&parameters.root(), 1e-5);
        let frames = Tensor::randn([2, 5, WIDTH], (Kind::Float, Device::Cpu));
        let plain = |linear: &Linear| frames.matmul(&linear.weight.tr()) + &linear.bias;
        let (query, key, value) = (plain(&layer.query), plain(&layer.key), plain(&layer.value));
        let heads: Vec<Tensor> = (0..12)
            .map(|head| {
                let of = |rows: &Tensor| rows.narrow(-1, head * 64, 64);
                let shares = (of(&query).matmul(&of(&key).transpose(1, 2)) / 8.0).softmax(-1, None::<Kind>);
                shares.matmul(&of(&value))
            })
            .collect();
        let expected = Tensor::cat(&heads, -1).matmul(&layer.attended.weight.tr()) + &layer.attended.bias;
        let difference = (layer.attention(&frames) - expected).abs().max().double_value(&[]);
        assert!(difference < 1e-5, "{difference}");
    }

    /// By hand: four projections 4 (768² + 768), feed-forward 2 · 768 · 3072 + 3072 + 768, two normalisations 2 · 2 · 768.
    #[test]
    fn a_layer_has_7_087_872_parameters() {
        let parameters = Parameters::new(Device::Cpu, 3);
        let _layer = Layer::new(&parameters.root(), 1e-5);
        assert_eq!(super::super::numbers(&parameters.variables().variables()), 7_087_872);
    }
}
