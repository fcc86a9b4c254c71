/*!
The class-conditional autoencoder: encoder f (Eq. 2) and decoder g (Eq. 3).

"A single encoder-decoder" cannot take features of different widths, so each modality has a linear projection in and one out; the three layers between
them are shared by all classes and modalities. The first of the three is linear in `[x; e]`, so its two parts are computed apart: the part of x once for
all passes, the part of e once a sample.
*/

use tch::Tensor;

use crate::nn::{Linear, Scope};

/// Three layers on `[x; e]`, ReLU after the first two.
#[derive(Debug)]
pub struct Conditional {
    /// The first layer's part for x, with its bias.
    pub first: Linear,
    /// The first layer's part for e, `[hidden, d_e]`.
    pub condition: Tensor,
    /// The second layer.
    pub second: Linear,
    /// The third layer.
    pub third: Linear,
}

/// f: a projection a modality, then the shared layers.
#[derive(Debug)]
pub struct Encoder {
    /// `d_s → hidden` of each modality.
    pub projections: Vec<Linear>,
    /// On `[projection; e]`.
    pub shared: Conditional,
}

/// g: the shared layers, then a projection a modality.
#[derive(Debug)]
pub struct Decoder {
    /// On `[c; e]`.
    pub shared: Conditional,
    /// `hidden → d_s` of each modality.
    pub outputs: Vec<Linear>,
}

impl Conditional {
    fn new(scope: &Scope<'_>, inputs: i64, embedding: i64, hidden: i64, outputs: i64) -> Self {
        // The bound of one layer over both parts.
        let bound = 1.0 / ((inputs + embedding) as f64).sqrt();
        let first = scope.at("first");
        Self {
            first: Linear { weight: first.uniform("weight", &[hidden, inputs], bound), bias: first.uniform("bias", &[hidden], bound) },
            condition: first.uniform("condition", &[hidden, embedding], bound),
            second: Linear::new(&scope.at("second"), hidden, hidden),
            third: Linear::new(&scope.at("third"), hidden, outputs),
        }
    }

    /// What x adds to the first layer, bias included: `[…, in]` → `[…, hidden]`.
    pub fn begin(&self, input: &Tensor) -> Tensor {
        self.first.forward(input)
    }

    /// The rest: `begun` `[B, M, hidden]`, embeddings `[…, B, d_e]` → `[…, B, M, out]`.
    pub fn finish(&self, begun: &Tensor, embeddings: &Tensor) -> Tensor {
        let condition = embeddings.matmul(&self.condition.transpose(0, 1)).unsqueeze(-2);
        self.third.forward(&self.second.forward_relu(&(begun + condition).relu_()))
    }
}

impl Encoder {
    /// Of modalities of the given widths; hidden layers of `hidden`, codes and embeddings of `width`.
    pub fn new(scope: &Scope<'_>, widths: &[(String, i64)], hidden: i64, width: i64) -> Self {
        let projection = |(name, features): &(String, i64)| Linear::new(&scope.at("project").at(name), *features, hidden);
        Self { projections: widths.iter().map(projection).collect(), shared: Conditional::new(&scope.at("shared"), hidden, width, hidden, width) }
    }

    /// All of f that does not depend on the class: features `[B, d_s]` of modality `at` → `[B, hidden]`.
    pub fn begin(&self, at: usize, features: &Tensor) -> Tensor {
        self.shared.begin(&self.projections[at].forward(features))
    }

    /// Codes under the given embeddings `[…, B, d_e]`: `begun` `[B, M, hidden]` → `[…, B, M, width]`.
    pub fn codes(&self, begun: &Tensor, embeddings: &Tensor) -> Tensor {
        self.shared.finish(begun, embeddings)
    }
}

impl Decoder {
    /// As [`Encoder::new`].
    pub fn new(scope: &Scope<'_>, widths: &[(String, i64)], hidden: i64, width: i64) -> Self {
        let output = |(name, features): &(String, i64)| Linear::new(&scope.at("output").at(name), hidden, *features);
        Self { shared: Conditional::new(&scope.at("shared"), width, width, hidden, hidden), outputs: widths.iter().map(output).collect() }
    }

    /// The decoder before its last projection: codes `[B, T, width]`, embeddings `[B, d_e]` → `[B, T, hidden]`.
    pub fn hidden(&self, codes: &Tensor, embeddings: &Tensor) -> Tensor {
        self.shared.finish(&self.shared.begin(codes), embeddings)
    }

    /// Every modality from every code (Eqs. 3, 5, 6): for each modality `[B, T, d_s]`.
    pub fn reconstruct_all(&self, hidden: &Tensor) -> Vec<Tensor> {
        self.outputs.iter().map(|output| output.forward(hidden)).collect()
    }

    /// Every modality from its own code: for each modality `[B, d_s]`.
    pub fn reconstruct_own(&self, hidden: &Tensor) -> Vec<Tensor> {
        self.outputs.iter().enumerate().map(|(at, output)| output.forward(&hidden.select(1, at as i64))).collect()
    }
}
