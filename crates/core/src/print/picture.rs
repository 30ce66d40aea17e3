//! Pictures that people bring: a PNG in, plain pixels out.
//!
//! Nothing of the file is kept but what is seen: no text, no place, no colour profile, no transparency.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use png::{ColorType, Decoder, Limits, Transformations};

use crate::keys::sha256_hex;

/// Bytes of a file at most.
pub const FILE_BYTES: usize = 1_000_000;
/// Pixels of an edge in a file at most.
pub const FILE_EDGE: u32 = 2_000;
/// Bytes that reading a file may take at most beside its pixels.
const WORKING_BYTES: usize = 4_000_000;
/// Width and height that a picture is brought down to, in pixels: sharp in print at 96 by 60 points.
const LARGEST: (u32, u32) = (384, 240);
/// Red, green, blue.
const CHANNELS: usize = 3;

/// A picture in plain pixels, ready to be printed. It is cheap to clone.
#[derive(Clone)]
pub struct Picture {
    pixels: Arc<Pixels>,
    image: Image,
}

/// The pixels, row after row, three bytes each.
#[derive(Debug)]
struct Pixels {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    sha256: String,
}

/// The engine's view of them.
#[derive(Clone)]
struct Handed(Arc<Pixels>);

/// A file that is no PNG, is damaged, or is larger than may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl Picture {
    /// Reads a PNG file, puts it on white, and brings it down to what is printed.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(file: &[u8]) -> Result<Self, Unreadable> {
        if file.len() > FILE_BYTES {
            return Err(Unreadable);
        }
        let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: WORKING_BYTES });
        decoder.set_transformations(Transformations::normalize_to_color8());
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let mut reader = decoder.read_info().map_err(|_| Unreadable)?;
        let (width, height) = reader.info().size();
        if !(1..=FILE_EDGE).contains(&width) || !(1..=FILE_EDGE).contains(&height) {
            return Err(Unreadable);
        }
        let mut bytes = vec![0; reader.output_buffer_size().ok_or(Unreadable)?];
        let frame = reader.next_frame(&mut bytes).map_err(|_| Unreadable)?;
        if (frame.width, frame.height) != (width, height) {
            return Err(Unreadable);
        }
        let seen = match frame.color_type {
            ColorType::Grayscale => |pixel: &[u8]| flat([pixel[0]; CHANNELS], u8::MAX),
            ColorType::GrayscaleAlpha => |pixel: &[u8]| flat([pixel[0]; CHANNELS], pixel[1]),
            ColorType::Rgb => |pixel: &[u8]| flat([pixel[0], pixel[1], pixel[2]], u8::MAX),
            ColorType::Rgba => |pixel: &[u8]| flat([pixel[0], pixel[1], pixel[2]], pixel[3]),
            ColorType::Indexed => return Err(Unreadable),
        };
        let rgb: Vec<[u8; CHANNELS]> = bytes.chunks_exact(frame.color_type.samples()).map(seen).collect();
        let (small, rgb) = reduced((width, height), &rgb);
        Self::of(small, rgb.as_flattened().to_vec())
    }

    /// Pixels as [`Self::packed`] gave them.
    ///
    /// # Errors
    /// [`Unreadable`] if they are not the ones of this size.
    pub fn unpack(size: (u32, u32), packed: &[u8]) -> Result<Self, Unreadable> {
        let length = count(size).ok_or(Unreadable)?;
        let mut rgb = Vec::with_capacity(length);
        let most = u64::try_from(length).map_err(|_| Unreadable)? + 1;
        ZlibDecoder::new(packed).take(most).read_to_end(&mut rgb).map_err(|_| Unreadable)?;
        Self::of(size, rgb)
    }

    fn of(size: (u32, u32), rgb: Vec<u8>) -> Result<Self, Unreadable> {
        let (width, height) = size;
        if count(size) != Some(rgb.len()) {
            return Err(Unreadable);
        }
        let mut named = format!("{width}x{height}\n").into_bytes();
        named.extend_from_slice(&rgb);
        let pixels = Arc::new(Pixels { width, height, rgb, sha256: sha256_hex(&named) });
        let image = Image::from_custom(Handed(Arc::clone(&pixels)), false).map_err(|_| Unreadable)?;
        Ok(Self { pixels, image })
    }

    /// The pixels, compressed.
    ///
    /// # Errors
    /// [`Unreadable`] if they cannot be compressed.
    pub fn packed(&self) -> Result<Vec<u8>, Unreadable> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.pixels.rgb).map_err(|_| Unreadable)?;
        encoder.finish().map_err(|_| Unreadable)
    }

    /// SHA-256 of its size and pixels: the name of what is seen, whatever file it came in.
    pub fn sha256(&self) -> &str {
        &self.pixels.sha256
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.pixels.width, self.pixels.height)
    }

    pub(crate) fn image(&self) -> Image {
        self.image.clone()
    }

    /// The largest width and height in these bounds, in points, that keep its shape.
    pub(crate) fn within(&self, bounds: (f32, f32)) -> (f32, f32) {
        let (width, height) = (length(self.pixels.width), length(self.pixels.height));
        let scale = (bounds.0 / width).min(bounds.1 / height);
        (width * scale, height * scale)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}x{})", self.pixels.width, self.pixels.height)
    }
}

impl Hash for Handed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.sha256.hash(state);
    }
}

impl CustomImage for Handed {
    fn color_channel(&self) -> &[u8] {
        &self.0.rgb
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

/// Bytes of a picture of this size; none for a size that is never kept.
fn count((width, height): (u32, u32)) -> Option<usize> {
    let kept = (1..=LARGEST.0).contains(&width) && (1..=LARGEST.1).contains(&height);
    kept.then_some(usize::try_from(width).ok()? * usize::try_from(height).ok()? * CHANNELS)
}

/// A colour that is seen through to white paper.
fn flat(color: [u8; CHANNELS], alpha: u8) -> [u8; CHANNELS] {
    let (alpha, white) = (u32::from(alpha), u32::from(u8::MAX));
    color.map(|part| byte((u32::from(part) * alpha + white * (white - alpha) + white / 2) / white))
}

/// Brings pixels down to the largest size that is kept; each one is the mean of those it stands for.
fn reduced((width, height): (u32, u32), pixels: &[[u8; CHANNELS]]) -> ((u32, u32), Vec<[u8; CHANNELS]>) {
    let (widest, highest) = LARGEST;
    let small = if width <= widest && height <= highest {
        (width, height)
    } else if width * highest >= height * widest {
        (widest, (height * widest / width).max(1))
    } else {
        ((width * highest / height).max(1), highest)
    };
    if small == (width, height) {
        return (small, pixels.to_vec());
    }
    let mut reduced = Vec::with_capacity(count(small).unwrap_or_default() / CHANNELS);
    for row in 0..small.1 {
        for column in 0..small.0 {
            let rows = stretch(row, height, small.1);
            let mut sums = [0_u32; CHANNELS];
            let mut seen = 0;
            for at in rows {
                let columns = stretch(column, width, small.0);
                let line = index(at, width, columns.start)..index(at, width, columns.end);
                for pixel in pixels.get(line).unwrap_or_default() {
                    for (sum, part) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(*part);
                    }
                    seen += 1;
                }
            }
            reduced.push(sums.map(|sum| byte((sum + seen / 2) / seen.max(1))));
        }
    }
    (small, reduced)
}

/// Which rows or columns of a length one of so many stands for; at least one.
fn stretch(at: u32, length: u32, of: u32) -> std::ops::Range<u32> {
    let start = at * length / of;
    start..((at + 1) * length / of).max(start + 1)
}

fn index(row: u32, width: u32, column: u32) -> usize {
    usize::try_from(row * width + column).unwrap_or(usize::MAX)
}

fn byte(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// A count of pixels as a length.
fn length(count: u32) -> f32 {
    super::figure::small(usize::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of this size and kind with these bytes.
    fn file(size: (u32, u32), kind: ColorType, bytes: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
        encoder.set_color(kind);
        encoder.add_text_chunk("Author".to_owned(), "Siti Aminah".to_owned()).unwrap();
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
        file
    }

    #[test]
    fn every_kind_of_pixel_is_seen_on_white() {
        let red = [255, 0, 0];
        for (kind, bytes, seen) in [
            (ColorType::Rgb, vec![255, 0, 0], red),
            (ColorType::Rgba, vec![255, 0, 0, 255], red),
            (ColorType::Rgba, vec![255, 0, 0, 0], [255, 255, 255]),
            (ColorType::Rgba, vec![0, 0, 0, 128], [127, 127, 127]),
            (ColorType::Grayscale, vec![7], [7, 7, 7]),
            (ColorType::GrayscaleAlpha, vec![7, 0], [255, 255, 255]),
        ] {
            let picture = Picture::read(&file((1, 1), kind, &bytes)).unwrap();
            assert_eq!((picture.size(), picture.pixels.rgb.as_slice()), ((1, 1), seen.as_slice()), "{kind:?}");
        }
    }

    #[test]
    fn a_large_picture_is_brought_down_in_its_shape() {
        for ((width, height), small) in [
            ((384, 240), (384, 240)),
            ((768, 480), (384, 240)),
            ((1_000, 1_000), (240, 240)),
            ((2_000, 1), (384, 1)),
            ((1, 2_000), (1, 240)),
        ] {
            let grey = vec![100; usize::try_from(width * height).unwrap()];
            let picture = Picture::read(&file((width, height), ColorType::Grayscale, &grey)).unwrap();
            assert_eq!(picture.size(), small);
            assert!(picture.pixels.rgb.iter().all(|part| *part == 100));
        }
        // Black and white in turns come out grey.
        let turns: Vec<u8> = (0..800 * 480).map(|at| if at % 2 == 0 { 0 } else { 255 }).collect();
        let picture = Picture::read(&file((800, 480), ColorType::Grayscale, &turns)).unwrap();
        assert!(picture.pixels.rgb.iter().all(|part| (80..=175).contains(part)));
        assert_eq!(picture.within((96.0, 60.0)), (96.0, 57.5));
    }

    #[test]
    fn what_is_kept_comes_back_the_same() {
        let bytes: Vec<u8> = (0..=254).cycle().take(90 * 60 * 4).collect();
        let picture = Picture::read(&file((90, 60), ColorType::Rgba, &bytes)).unwrap();
        let packed = picture.packed().unwrap();
        let again = Picture::unpack((90, 60), &packed).unwrap();
        assert_eq!((again.sha256(), &again.pixels.rgb), (picture.sha256(), &picture.pixels.rgb));
        for (size, packed) in [((91, 60), &packed[..]), ((90, 60), &packed[..40]), ((0, 0), b""), ((9_999, 9_999), b"")]
        {
            assert_eq!(Picture::unpack(size, packed).err(), Some(Unreadable), "{size:?}");
        }
        // More than its size says is not read on.
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![0; 50_000_000]).unwrap();
        assert_eq!(Picture::unpack((90, 60), &bomb.finish().unwrap()).err(), Some(Unreadable));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let whole = file((40, 40), ColorType::Rgb, &[9; 40 * 40 * 3]);
        assert!(Picture::read(&whole).is_ok());
        for cut in [0, 1, 8, 30, whole.len() / 2] {
            assert_eq!(Picture::read(&whole[..cut]).err(), Some(Unreadable), "{cut}");
        }
        let wide = file((2_001, 1), ColorType::Grayscale, &[0; 2_001]);
        for bytes in [b"%PDF-1.7".as_slice(), b"\xff\xd8\xff\xe0", &vec![0; FILE_BYTES + 1], &wide] {
            assert_eq!(Picture::read(bytes).err(), Some(Unreadable));
        }
        // A header that promises more than the file holds costs nothing.
        let mut liar = whole.clone();
        liar[16..24].copy_from_slice(&[0xff; 8]);
        assert_eq!(Picture::read(&liar).err(), Some(Unreadable));
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let _ = Picture::read(&damaged);
        }
    }
}
