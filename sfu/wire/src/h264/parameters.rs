//! Sequence parameters (H.264 §7.3.2.1.1), as far as the size of the picture.

use crate::bits::Bits;
use crate::picture::Keyframe;

/// Bytes of the unit that are looked at: far more than a browser's parameters before the size.
const WINDOW: usize = 128;
/// Profiles whose parameters say how colours are sampled.
const WITH_CHROMA: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// The cropped size of the pictures that a sequence parameter set announces.
pub(super) fn size(unit: &[u8]) -> Option<Keyframe> {
    let mut window = [0; WINDOW];
    let length = unescape(unit.get(1..)?, &mut window);
    let mut bits = Bits::new(window.get(..length)?);
    let profile = bits.read(8)?;
    // Constraint flags and level.
    bits.skip(16);
    bits.exp_golomb()?;
    let chroma = if WITH_CHROMA.contains(&profile) { read_chroma(&mut bits)? } else { 1 };
    bits.exp_golomb()?;
    skip_picture_order(&mut bits)?;
    // Reference frames, and whether frame numbers may have gaps.
    bits.exp_golomb()?;
    bits.skip(1);
    let width = bits.exp_golomb()?.checked_add(1)?.checked_mul(16)?;
    let units = bits.exp_golomb()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.flag()?;
    // Adaptive fields, direct inference.
    bits.skip(if frames_only { 1 } else { 2 });
    let fields = if frames_only { 1 } else { 2 };
    let height = units.checked_mul(fields)?;
    let (mut across, mut down) = (0, 0);
    if bits.flag()? {
        let mut side = || bits.exp_golomb()?.checked_add(bits.exp_golomb()?);
        let (x, y) = if chroma == 1 { (2, 2) } else { (if chroma == 2 { 2 } else { 1 }, 1) };
        across = side()?.checked_mul(x)?;
        down = side()?.checked_mul(y)?.checked_mul(fields)?;
    }
    Some(Keyframe {
        width: u16::try_from(width.checked_sub(across)?).ok()?,
        height: u16::try_from(height.checked_sub(down)?).ok()?,
    })
}

/// Takes out emulation prevention bytes (H.264 §7.4.1).
fn unescape(escaped: &[u8], out: &mut [u8; WINDOW]) -> usize {
    let mut zeros = 0u8;
    let bytes = escaped.iter().filter(|byte| {
        let escape = zeros >= 2 && **byte == 3;
        zeros = if **byte == 0 { zeros.saturating_add(1) } else { 0 };
        !escape
    });
    out.iter_mut().zip(bytes).map(|(place, byte)| *place = *byte).count()
}

/// Gives `chroma_format_idc`.
fn read_chroma(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma = bits.exp_golomb()?;
    if chroma == 3 {
        bits.skip(1);
    }
    // Bit depths; transform bypass.
    bits.exp_golomb()?;
    bits.exp_golomb()?;
    bits.skip(1);
    if bits.flag()? {
        let lists = if chroma == 3 { 12 } else { 8 };
        for list in 0..lists {
            if bits.flag()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(chroma)
}

/// H.264 §7.3.2.1.1.1.
fn skip_scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..size {
        if next != 0 {
            next = last.wrapping_add(bits.signed_exp_golomb()?) & 0xff;
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.exp_golomb()? {
        0 => {
            bits.exp_golomb()?;
        }
        1 => {
            bits.skip(1);
            bits.signed_exp_golomb()?;
            bits.signed_exp_golomb()?;
            for _ in 0..bits.exp_golomb()?.min(255) {
                bits.signed_exp_golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What x264 and OpenH264 write, taken from their streams.
    #[test]
    fn sizes_of_real_encoders() {
        let high_1080 = [
            0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03,
            0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58,
        ];
        assert_eq!(size(&high_1080), Some(Keyframe { width: 1920, height: 1080 }));
    }

    #[test]
    fn emulation_prevention_is_taken_out() {
        let mut window = [0; WINDOW];
        let length = unescape(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3], &mut window);
        assert_eq!(window[..length], [0, 0, 1, 0, 0, 0, 0, 3]);
    }
}
