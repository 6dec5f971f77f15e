//! Reading numbers of any width, highest bit first.

/// A cursor over bits; every method gives `None` when there are not enough left.
#[derive(Clone, Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// One bit.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let &byte = self.bytes.get(self.at >> 3)?;
        let bit = (byte << (self.at & 7)) & 0x80 != 0;
        self.at = self.at.checked_add(1)?;
        Some(bit)
    }

    /// A number of `count` bits, at most 32.
    pub(crate) fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            value = (value << 1) | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// A number of at most 8 bits.
    pub(crate) fn byte(&mut self, count: u32) -> Option<u8> {
        u8::try_from(self.read(count)?).ok()
    }

    /// Passes over `count` bits, which need not be there.
    pub(crate) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    /// An unsigned Exp-Golomb number (H.264 §9.1).
    pub(crate) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0u32;
        while !self.flag()? {
            zeros = zeros.checked_add(1).filter(|zeros| *zeros < 32)?;
        }
        let rest = self.read(zeros)?;
        1u32.checked_shl(zeros)?.checked_sub(1)?.checked_add(rest)
    }

    /// A signed Exp-Golomb number (H.264 §9.1.1).
    pub(crate) fn signed_exp_golomb(&mut self) -> Option<i32> {
        let code = self.exp_golomb()?;
        let half = i32::try_from(code.checked_add(1)? >> 1).ok()?;
        Some(if code & 1 == 1 { half } else { half.saturating_neg() })
    }

    /// A number below `n` in the fewest bits (AV1 §4.10.7, `ns(n)`).
    pub(crate) fn below(&mut self, n: u32) -> Option<u32> {
        let width = u32::BITS.checked_sub(n.leading_zeros())?;
        let short = 1u32.checked_shl(width)?.checked_sub(n)?;
        let value = self.read(width.checked_sub(1)?)?;
        if value < short {
            return Some(value);
        }
        ((value << 1) | u32::from(self.flag()?)).checked_sub(short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exp_golomb_codes_of_the_standard() {
        // Table 9-2: 1, 010, 011, 00100, 00101 are 0 to 4.
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        assert_eq!([(); 5].map(|()| bits.exp_golomb().unwrap()), [0, 1, 2, 3, 4]);
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        assert_eq!([(); 5].map(|()| bits.signed_exp_golomb().unwrap()), [0, 1, -1, 2, -2]);
    }

    #[test]
    fn numbers_below_five_take_two_or_three_bits() {
        // 00, 01, 10, 110, 111.
        let mut bits = Bits::new(&[0b0001_1011, 0b0111_0000]);
        assert_eq!([(); 5].map(|()| bits.below(5).unwrap()), [0, 1, 2, 3, 4]);
        assert_eq!(Bits::new(&[]).below(1), Some(0));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..12), n: u32, count in 0u32..=32) {
            let mut bits = Bits::new(&bytes);
            let _ = (bits.below(n), bits.read(count), bits.exp_golomb(), bits.signed_exp_golomb());
        }
    }
}
