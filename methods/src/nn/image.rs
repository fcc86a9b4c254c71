//! Small images: two strided convolutions.

use tch::Tensor;

use super::{Linear, Scope, WIDTH};

const CHANNELS: [i64; 2] = [16, 32];

/// Two 3×3 convolutions of stride 2 (16 and 32 channels, ReLU), then linear to 128 and ReLU.
#[derive(Debug)]
pub struct ImageEncoder {
    convolutions: Vec<(Tensor, Tensor)>,
    out: Linear,
}

impl ImageEncoder {
    /// An encoder of `[B, channels, height, width]`.
    pub fn new(scope: &Scope<'_>, channels: i64, height: i64, width: i64) -> Self {
        let mut inputs = channels;
        let convolutions = CHANNELS
            .iter()
            .enumerate()
            .map(|(at, &outputs)| {
                let scope = scope.at(&format!("convolution{at}"));
                let bound = 1.0 / ((inputs * 9) as f64).sqrt();
                let weight = scope.uniform("weight", &[outputs, inputs, 3, 3], bound);
                inputs = outputs;
                (weight, scope.uniform("bias", &[outputs], bound))
            })
            .collect();
        let halved = |size: i64| (size + 3) / 4;
        Self { convolutions, out: Linear::new(&scope.at("out"), inputs * halved(height) * halved(width), WIDTH) }
    }

    /// `[B, c, h, w]` → `[B, 128]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        let features = self
            .convolutions
            .iter()
            .fold(input.shallow_clone(), |features, (weight, bias)| features.conv2d(weight, Some(bias), [2, 2], [1, 1], [1, 1], 1).relu_());
        self.out.forward_relu(&features.flatten(1, -1))
    }
}
