//! Small images: two strided convolutions.

use tch::Tensor;

use super::{Linear, Scope, WIDTH};

const CHANNELS: [i64; 2] = [16, 32];

/// Two 3×3 convolutions of stride 2 (16 and 32 channels, ReLU), then linear to 128 and ReLU.
#[derive(Debug)]
pub struct ImageEncoder {
    convolutions: Convolutions,
    out: Linear,
}

/// The convolutions of [`ImageEncoder`].
#[derive(Debug)]
pub(super) struct Convolutions(Vec<(Tensor, Tensor)>);

impl ImageEncoder {
    /// An encoder of `[B, channels, height, width]`.
    pub fn new(scope: &Scope<'_>, channels: i64, height: i64, width: i64) -> Self {
        let convolutions = Convolutions::new(scope, channels);
        let halved = |size: i64| (size + 3) / 4;
        Self { convolutions, out: Linear::new(&scope.at("out"), Convolutions::CHANNELS * halved(height) * halved(width), WIDTH) }
    }

    /// `[B, c, h, w]` → `[B, 128]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        self.out.forward_relu(&self.convolutions.forward(input).flatten(1, -1))
    }
}

impl Convolutions {
    /// Channels of the features.
    pub(super) const CHANNELS: i64 = CHANNELS[1];

    /// Of images with so many channels.
    pub(super) fn new(scope: &Scope<'_>, channels: i64) -> Self {
        let mut inputs = channels;
        let convolution = |(at, &outputs): (usize, &i64)| {
            let scope = scope.at(&format!("convolution{at}"));
            let bound = 1.0 / ((inputs * 9) as f64).sqrt();
            let weight = scope.uniform("weight", &[outputs, inputs, 3, 3], bound);
            inputs = outputs;
            (weight, scope.uniform("bias", &[outputs], bound))
        };
        Self(CHANNELS.iter().enumerate().map(convolution).collect())
    }

    /// `[B, c, h, w]` → `[B, 32, ⌈h/4⌉, ⌈w/4⌉]`.
    pub(super) fn forward(&self, input: &Tensor) -> Tensor {
        self.0.iter().fold(input.shallow_clone(), |features, (weight, bias)| features.conv2d(weight, Some(bias), [2, 2], [1, 1], [1, 1], 1).relu_())
    }
}
