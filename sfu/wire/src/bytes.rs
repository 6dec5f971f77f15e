//! Reading and writing big-endian numbers without indexing.

/// The `u16` at `at`.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_be_bytes(*chunk))
}

/// The three-byte number at `at`.
pub(crate) fn u24_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&[a, b, c]| u32::from_be_bytes([0, a, b, c]))
}

/// The `u32` at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// The `u64` at `at`.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_be_bytes(*chunk))
}

/// Overwrites `N` bytes at `at`; `None` if they are not there.
pub(crate) fn put_at<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) -> Option<()> {
    *bytes.get_mut(at..)?.first_chunk_mut()? = value;
    Some(())
}

/// Appends to a caller's buffer; every method gives `None` when it is full, and then nothing was written.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len.checked_add(bytes.len())?;
        self.buffer.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    pub(crate) fn u8(&mut self, value: u8) -> Option<()> {
        self.put(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    pub(crate) fn u24(&mut self, value: u32) -> Option<()> {
        let [_, low @ ..] = value.to_be_bytes();
        self.put(&low)
    }

    pub(crate) fn u32(&mut self, value: u32) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    /// Appends zeros until `len - start` is a multiple of four.
    pub(crate) fn align(&mut self, start: usize) -> Option<()> {
        while self.len.checked_sub(start)? & 3 != 0 {
            self.u8(0)?;
        }
        Some(())
    }

    /// Overwrites bytes that were written before.
    pub(crate) fn patch<const N: usize>(&mut self, at: usize, value: [u8; N]) -> Option<()> {
        put_at(self.buffer.get_mut(..self.len)?, at, value)
    }

    /// Takes back everything after `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What was written so far.
    pub(crate) fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}
