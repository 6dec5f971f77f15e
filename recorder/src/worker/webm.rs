//! Reads WebM as it is written: where clusters begin, when they are, and where the last whole block ends.
//!
//! The muxer streams (no sizes known beforehand), so the masters `Segment` and `Cluster` have the unknown size and
//! are entered (as are block groups); every other element is hopped over. Formats: RFC 8794 (EBML), RFC 9559 (Matroska).

/// Element ids with their length markers (RFC 9559 §27.1).
mod id {
    pub(super) const EBML: u32 = 0x1A45_DFA3;
    pub(super) const SEGMENT: u32 = 0x1853_8067;
    pub(super) const TRACKS: u32 = 0x1654_AE6B;
    pub(super) const CLUSTER: u32 = 0x1F43_B675;
    pub(super) const TIMESTAMP: u32 = 0xE7;
    pub(super) const SIMPLE_BLOCK: u32 = 0xA3;
    pub(super) const BLOCK_GROUP: u32 = 0xA0;
    pub(super) const BLOCK: u32 = 0xA1;
}

/// Bytes of an element that are kept while its head is incomplete.
const MAX_KEPT: usize = 32;
/// Track number, relative time and flags of a block, and the first byte of its frame.
const BLOCK_HEAD: u64 = 5;

/// One cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Time of its first block, ms.
    pub(crate) ms: u64,
    /// Offset of its first byte in the file.
    pub(crate) offset: u64,
    /// Whether decoding can start here: its first block is a keyframe (in audio every block is).
    pub(crate) entry: bool,
}

/// A file that is not what the muxer writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a streamed WebM file")]
pub(crate) struct NotWebm;

/// An incremental reader: takes the file's bytes in pieces of any size and keeps only a few of them.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// In audio, decoding can start at every cluster.
    audio: bool,
    /// Unread bytes of an incomplete element head.
    pending: Vec<u8>,
    /// Offset of the first byte of `pending`.
    at: u64,
    /// Bytes of the current element that are still to be hopped over.
    hop: u64,
    saw_tracks: bool,
    cluster: Option<OpenCluster>,
    clusters: Vec<Cluster>,
    last_ms: Option<u64>,
    /// End of the last element that was complete.
    whole: u64,
    /// End of the element that is being hopped over, and the block time it carries.
    current: Option<(u64, Option<u64>)>,
}

#[derive(Clone, Copy, Debug)]
struct OpenCluster {
    offset: u64,
    ms: u64,
    listed: bool,
}

enum Step {
    NeedMore,
    /// Enter a master of unknown size: go on after its head.
    Enter {
        head: usize,
    },
    /// Hop over an element.
    Hop {
        total: u64,
    },
}

impl Scanner {
    /// A reader that begins with the file.
    pub(crate) fn new(audio: bool) -> Self {
        Self { audio, ..Self::default() }
    }

    /// A reader that begins inside a file, at the start of the cluster after the given ones.
    pub(crate) fn resume(audio: bool, offset: u64, clusters: Vec<Cluster>) -> Self {
        Self { audio, at: offset, whole: offset, saw_tracks: true, clusters, ..Self::default() }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), NotWebm> {
        loop {
            let skip = usize::try_from(self.hop).unwrap_or(usize::MAX).min(bytes.len());
            bytes = bytes.get(skip..).ok_or(NotWebm)?;
            self.hop = self.hop.saturating_sub(skip as u64);
            self.at = self.at.saturating_add(skip as u64);
            if self.hop > 0 {
                return Ok(());
            }
            self.complete();
            let take = bytes.len().min(MAX_KEPT.saturating_sub(self.pending.len()));
            let (now, later) = bytes.split_at_checked(take).ok_or(NotWebm)?;
            self.pending.extend_from_slice(now);
            bytes = later;
            match self.step()? {
                Step::NeedMore if bytes.is_empty() => return Ok(()),
                Step::NeedMore if self.pending.len() >= MAX_KEPT => return Err(NotWebm),
                Step::NeedMore => {}
                Step::Enter { head } => self.consume(head),
                Step::Hop { total } => self.begin_hop(total),
            }
        }
    }

    /// Whether the file header with the track list has been seen.
    pub(crate) fn saw_tracks(&self) -> bool {
        self.saw_tracks
    }

    /// The clusters so far, in order.
    pub(crate) fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// Time of the last complete block, ms.
    pub(crate) fn last_ms(&self) -> Option<u64> {
        self.last_ms
    }

    /// Bytes up to the end of the last complete element: a file cut here plays.
    pub(crate) fn whole(&self) -> u64 {
        self.whole
    }

    fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.pending.len());
        self.pending.drain(..bytes);
        self.at = self.at.saturating_add(bytes as u64);
    }

    fn begin_hop(&mut self, total: u64) {
        let held = usize::try_from(total).unwrap_or(usize::MAX).min(self.pending.len());
        self.consume(held);
        self.hop = total.saturating_sub(held as u64);
    }

    /// Called between elements: what was being hopped over is whole now.
    fn complete(&mut self) {
        if let Some((end, block_ms)) = self.current.take() {
            self.whole = self.whole.max(end);
            self.last_ms = block_ms.max(self.last_ms);
        }
    }

    fn step(&mut self) -> Result<Step, NotWebm> {
        let Some((element, id_length)) = read_id(&self.pending)? else { return Ok(Step::NeedMore) };
        let rest = self.pending.get(id_length..).unwrap_or_default();
        let Some((size, size_length)) = read_size(rest)? else { return Ok(Step::NeedMore) };
        let head = id_length + size_length;
        if self.at == 0 && element != id::EBML {
            return Err(NotWebm);
        }
        if matches!(element, id::SEGMENT | id::CLUSTER | id::BLOCK_GROUP) {
            return Ok(self.enter(element, head));
        }
        let size = size.ok_or(NotWebm)?;
        let needed = match element {
            id::TIMESTAMP => size.min(8),
            id::SIMPLE_BLOCK | id::BLOCK => size.min(BLOCK_HEAD),
            _ => 0,
        };
        let body = rest.get(size_length..).unwrap_or_default();
        let Some(body) = usize::try_from(needed).ok().and_then(|needed| body.get(..needed)) else {
            return Ok(Step::NeedMore);
        };
        let body = body.to_vec();
        let total = size.saturating_add(head as u64);
        let block_ms = self.look(element, &body)?;
        self.current = Some((self.at.saturating_add(total), block_ms));
        Ok(Step::Hop { total })
    }

    fn enter(&mut self, element: u32, head: usize) -> Step {
        if element == id::CLUSTER {
            self.cluster = Some(OpenCluster { offset: self.at, ms: 0, listed: false });
        }
        Step::Enter { head }
    }

    /// Looks at the first bytes of an element's body; gives the time of a block.
    fn look(&mut self, element: u32, body: &[u8]) -> Result<Option<u64>, NotWebm> {
        match element {
            id::TRACKS => self.saw_tracks = true,
            id::TIMESTAMP => {
                if let Some(cluster) = &mut self.cluster {
                    cluster.ms = body.iter().fold(0, |ms, &byte| ms << 8 | u64::from(byte));
                }
            }
            id::SIMPLE_BLOCK | id::BLOCK => {
                let (relative, keyframe) = read_block(body, element == id::SIMPLE_BLOCK)?;
                return self.block(relative, self.audio || keyframe).map(Some);
            }
            _ => {}
        }
        Ok(None)
    }

    fn block(&mut self, relative: i16, entry: bool) -> Result<u64, NotWebm> {
        let cluster = self.cluster.as_mut().ok_or(NotWebm)?;
        let ms = cluster.ms.saturating_add_signed(i64::from(relative));
        if !cluster.listed {
            cluster.listed = true;
            self.clusters.push(Cluster { ms, offset: cluster.offset, entry });
        }
        Ok(ms)
    }
}

/// Relative time of a block and whether it is a keyframe (RFC 9559 §10.1): a simple block says so, the block of a group
/// does not, but a VP8 frame itself does (RFC 6386 §9.1).
fn read_block(body: &[u8], simple: bool) -> Result<(i16, bool), NotWebm> {
    let [_track, high, low, flags, rest @ ..] = body else { return Err(NotWebm) };
    let keyframe = if simple { flags & 0x80 != 0 } else { rest.first().is_some_and(|tag| tag & 1 == 0) };
    Ok((i16::from_be_bytes([*high, *low]), keyframe))
}

/// An element id of one to four bytes with its marker (RFC 8794 §5).
fn read_id(bytes: &[u8]) -> Result<Option<(u32, usize)>, NotWebm> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let length = first.leading_zeros() as usize + 1;
    if length > 4 {
        return Err(NotWebm);
    }
    let Some(bytes) = bytes.get(..length) else { return Ok(None) };
    Ok(Some((bytes.iter().fold(0, |id, &byte| id << 8 | u32::from(byte)), length)))
}

type Size = (Option<u64>, usize);

/// A size of one to eight bytes; all ones mean unknown (RFC 8794 §6.2).
fn read_size(bytes: &[u8]) -> Result<Option<Size>, NotWebm> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return Err(NotWebm);
    }
    let Some(bytes) = bytes.get(..length) else { return Ok(None) };
    let raw = bytes.iter().fold(0_u64, |size, &byte| size << 8 | u64::from(byte));
    let mask = (1_u64 << (7 * length)) - 1;
    let size = raw & mask;
    Ok(Some(((size != mask).then_some(size), length)))
}

#[cfg(test)]
#[path = "webm_tests.rs"]
mod tests;
