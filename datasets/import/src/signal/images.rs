//! Image files as rows.

use std::{ops::Range, path::PathBuf};

use bench_readers::{
    Source,
    image::{self, Colours},
};

use crate::{ImportError, Numbers, Rows};

/// An image file for each sample, brought to one size when it is read.
#[derive(Debug, Clone)]
pub struct Images {
    files: Vec<PathBuf>,
    colours: Colours,
    /// Height and width.
    pixels: (usize, usize),
}

impl Images {
    /// PNG or JPEG files, one a sample, to be brought to this height and width.
    pub fn new(files: Vec<PathBuf>, colours: Colours, pixels: (usize, usize)) -> Self {
        Self { files, colours, pixels }
    }

    /// Numbers `[c, h, w]` of every sample: bytes that stand for 0 to 1.
    pub fn numbers(self) -> Numbers {
        let shape = vec![self.colours.channels(), self.pixels.0, self.pixels.1];
        Numbers { shape, lengths: None, rows: Box::new(self), bytes: Some((1.0 / 255.0, 0.0)) }
    }
}

impl Rows for Images {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let mut values = Vec::new();
        for file in &self.files[rows] {
            values.extend(image::read(&Source::open(file)?, self.colours, self.pixels)?.into_iter().map(f32::from));
        }
        Ok(values)
    }
}
