//! CRC-32 of ITU V.42, as FINGERPRINT uses it (RFC 8489 §14.7).

const POLYNOMIAL: u32 = 0xedb8_8320;

// Computed at build time: an index out of bounds would not compile.
#[allow(clippy::indexing_slicing)]
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0u32;
    while n < 256 {
        let mut crc = n;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[n as usize] = crc;
        n += 1;
    }
    table
};

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        let index = usize::from(crc as u8 ^ byte);
        crc >> 8 ^ TABLE.get(index).copied().unwrap_or_default()
    });
    !crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_the_check_value_of_the_catalogue() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
