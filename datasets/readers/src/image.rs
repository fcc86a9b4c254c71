/*!
Pixels of PNG and JPEG files, brought to one size.

Decoded by the crate `image`. The size is changed as Pillow's `resize` with `BILINEAR` does it: a triangle as wide as the scale asks for, so that pixels are
averaged when an image becomes smaller; the image's own shape is not kept. Grey is Pillow's `convert("L")` (ITU-R 601). Transparency is dropped, and a camera's
rotation in EXIF is not applied: Pillow does neither.
*/

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage, imageops};

use crate::{ReadError, Source};

/// Most bytes of pixels that a byte of a file may become: deflate's 1032 of PNG, and as much again for colours that a palette names.
const BYTES: u64 = 4 * 1032;

/// What the channels of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// One channel.
    Grey,
    /// Red, green, blue.
    Rgb,
}

impl Colours {
    /// 1 or 3.
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// Pixels `[channels, height, width]`, 0 to 255.
///
/// # Errors
/// Where the file is no PNG or JPEG, is damaged, or has more pixels than its size warrants; where height or width is 0 or more than 65535.
pub fn read(source: &Source, colours: Colours, (height, width): (usize, usize)) -> Result<Vec<u8>, ReadError> {
    let (Ok(wanted_height @ 1..), Ok(wanted_width @ 1..)) = (u16::try_from(height), u16::try_from(width)) else {
        return Err(ReadError::invalid(source.file(), "size", format!("{height} × {width}"), "1 to 65535 pixels", "ask for another size"));
    };
    let mut pixels = decode(source)?.into_rgb8();
    if colours == Colours::Grey {
        pixels.pixels_mut().for_each(|pixel| *pixel = grey(*pixel));
    }
    let (wide, high) = (u32::from(wanted_width), u32::from(wanted_height));
    let resized: RgbImage =
        if pixels.dimensions() == (wide, high) { pixels } else { imageops::resize(&pixels, wide, high, imageops::FilterType::Triangle) };
    Ok((0..colours.channels()).flat_map(|channel| resized.pixels().map(move |pixel| pixel.0[channel])).collect())
}

fn decode(source: &Source) -> Result<DynamicImage, ReadError> {
    let refused = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => too_large(source, "more pixels than are decoded"),
        error => ReadError::invalid(source.file(), "the whole file", error, "an undamaged PNG or JPEG", "get the file again, or convert it"),
    };
    let limit = source.len().saturating_mul(BYTES).clamp(1 << 20, 1 << 30);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limit);
    let bytes = source.bytes(0, source.len())?;
    check_palette(source, &bytes)?;
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.limits(limits);
    let reader = reader.with_guessed_format().map_err(|error| refused(error.into()))?;
    let decoder = reader.into_decoder().map_err(refused)?;
    // Not every decoder keeps to the limit.
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > limit || u64::from(width).saturating_mul(u64::from(height)) > limit / 3 {
        return Err(too_large(source, &format!("{height} × {width} pixels")));
    }
    if width == 0 || height == 0 {
        return Err(source.invalid(0, "an image without pixels", "pixels", "get the file again"));
    }
    DynamicImage::from_decoder(decoder).map_err(refused)
}

/// Refuses palettes that the specification of PNG (11.2.3, 11.3.2.1) forbids, on which `png` 0.18.1 panics (image-rs/image-png, issues 671 and 694).
fn check_palette(source: &Source, bytes: &[u8]) -> Result<(), ReadError> {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    // Of each colour three bytes, of a chunk length and name before it and a checksum behind.
    const COLOUR: usize = 3;
    let mut rest = bytes.strip_prefix(SIGNATURE).unwrap_or_default();
    let mut colours = None;
    while let Some((&[a, b, c, d, ref name @ ..], _)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let expected = match (name, colours) {
            (b"PLTE", _) if length == 0 || length > 256 * COLOUR || !length.is_multiple_of(COLOUR) => Some("1 to 256 colours of 3 bytes".to_owned()),
            (b"tRNS", Some(colours)) if length > colours => Some(format!("at most the palette's {colours}")),
            _ => None,
        };
        if let Some(expected) = expected {
            let (found, at) = (format!("{} of {length} bytes", String::from_utf8_lossy(name)), bytes.len() - rest.len());
            return Err(source.invalid(at as u64, found, expected, "the file is damaged: get it again"));
        }
        // Images that are not indexed may have a palette too, and another kind of transparency.
        if name == b"PLTE" && bytes.get(25) == Some(&3) {
            colours = Some(length / COLOUR);
        }
        rest = rest.get(length.saturating_add(12)..).unwrap_or_default();
    }
    Ok(())
}

fn too_large(source: &Source, found: &str) -> ReadError {
    let expected = format!("no more than a file of {} bytes can hold", source.len());
    ReadError::invalid(source.file(), "header", found, expected, "the file is damaged or hostile: get it again")
}

/// Pillow's grey: ITU-R 601 in 16-bit fixed point, rounded.
fn grey(Rgb([red, green, blue]): Rgb<u8>) -> Rgb<u8> {
    let value = (u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471 + 0x8000) >> 16;
    Rgb([value as u8; 3])
}
