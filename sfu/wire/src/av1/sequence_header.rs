//! The sequence header OBU (AV1 §5.5), as far as the size of the picture.

use crate::bits::Bits;
use crate::picture::Keyframe;

/// The largest frame of the sequence.
pub(super) fn size(header: &[u8]) -> Option<Keyframe> {
    let mut bits = Bits::new(header);
    // seq_profile, still_picture
    bits.skip(4);
    let reduced = bits.flag()?;
    if reduced {
        // seq_level_idx
        bits.skip(5);
    } else {
        skip_timing_and_points(&mut bits)?;
    }
    let width_bits = bits.read(4)?.checked_add(1)?;
    let height_bits = bits.read(4)?.checked_add(1)?;
    let mut side = |count| u16::try_from(bits.read(count)?.checked_add(1)?).ok();
    Some(Keyframe { width: side(width_bits)?, height: side(height_bits)? })
}

fn skip_timing_and_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        // num_units_in_display_tick, time_scale
        bits.skip(64);
        if bits.flag()? {
            skip_uvlc(bits)?;
        }
        if bits.flag()? {
            delay_bits = Some(bits.read(5)?.checked_add(1)?);
            // num_units_in_decoding_tick, and the lengths of removal and presentation times
            bits.skip(42);
        }
    }
    let initial_delays = bits.flag()?;
    for _ in 0..=bits.read(5)? {
        skip_operating_point(bits, delay_bits, initial_delays)?;
    }
    Some(())
}

fn skip_operating_point(bits: &mut Bits<'_>, delay_bits: Option<u32>, initial_delays: bool) -> Option<()> {
    // operating_point_idc
    bits.skip(12);
    // seq_tier is there above level 3.3
    if bits.read(5)? > 7 {
        bits.skip(1);
    }
    if let Some(delay_bits) = delay_bits
        && bits.flag()?
    {
        // Decoder and encoder buffer delays, low delay mode.
        bits.skip(usize::try_from(delay_bits).ok()?.checked_mul(2)?.checked_add(1)?);
    }
    if initial_delays && bits.flag()? {
        bits.skip(4);
    }
    Some(())
}

/// AV1 §4.10.3.
fn skip_uvlc(bits: &mut Bits<'_>) -> Option<()> {
    let mut zeros = 0usize;
    while !bits.flag()? {
        zeros = zeros.checked_add(1).filter(|zeros| *zeros < 32)?;
    }
    bits.skip(zeros);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_header() {
        // Profile 0, still, reduced; level 5; 4 + 4 bits of width 7 (8 - 1): 0b1000_1 | 00101 | 0010 0001 | 111 | 11
        let header = [0b0001_1001, 0b0100_1000, 0b0111_1110];
        assert_eq!(size(&header), Some(Keyframe { width: 8, height: 4 }));
    }
}
