//! The dependency descriptor (RTP payload format for AV1, appendix A): a header extension that tells a frame's layer and
//! dependencies even if the frame itself is encrypted. Its template structure comes with keyframes and is kept by the
//! caller.

mod structure;

use crate::bits::Bits;
use crate::bytes::put_at;
pub use structure::{Indication, MAX_DECODE_TARGETS, MAX_SPATIAL_LAYERS, MAX_TEMPLATES, Structure};

/// `a=extmap` name of the extension.
pub const URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// What every descriptor says in its first three bytes (§A.8.2, `mandatory_descriptor_fields`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// First packet of the frame.
    pub frame_start: bool,
    /// Last packet of the frame.
    pub frame_end: bool,
    /// Counts frames of all layers.
    pub frame_number: u16,
    /// Which template of the structure the frame follows, 0 to 63; may be [resolved](Structure::resolve).
    pub template_id: u8,
    /// What the extended fields say; `None` in a descriptor of three bytes.
    pub extended: Option<Extended>,
}

/// Where the optional fields are (§A.8.2, `extended_descriptor_fields`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    /// A new template structure follows: read it with [`Structure::read`]. Only on the first packet of a keyframe.
    pub structure: bool,
    /// The set of active decode targets follows.
    pub active_targets: bool,
    /// Own decode target indications instead of the template's.
    pub custom_indications: bool,
    /// Own references instead of the template's.
    pub custom_references: bool,
    /// Own chains instead of the template's.
    pub custom_chains: bool,
}

/// The descriptor ends within a field, or speaks of templates that its structure does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dependency descriptor is malformed")]
pub struct DependencyError;

/// What a descriptor means in the light of its structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Spatial layer, 0 to 3.
    pub spatial: u8,
    /// Temporal layer, 0 to 7.
    pub temporal: u8,
    /// It refers to no other frame.
    pub independent: bool,
    /// Its size, if the structure tells: width and height in pixels.
    pub size: Option<(u16, u16)>,
    /// Indications of all decode targets, two bits each, target 0 lowest.
    indications: u64,
    /// Decode targets that are sent, target 0 lowest; `None` if the descriptor does not change them.
    pub active_targets: Option<u32>,
}

impl Frame {
    /// What the frame is to a decode target (0 to 31).
    pub fn indication(&self, target: u8) -> Indication {
        let bits = self.indications.checked_shr(u32::from(target).saturating_mul(2)).unwrap_or(0);
        Indication::of((bits & 3) as u8)
    }
}

impl Dependency {
    /// Reads the data of the header extension.
    pub fn parse(data: &[u8]) -> Result<Dependency, DependencyError> {
        Self::read(data).ok_or(DependencyError)
    }

    /// Overwrites the frame number in the data of the extension, or a copy of it.
    pub fn patch(data: &mut [u8], frame_number: u16) {
        put_at(data, 1, frame_number.to_be_bytes());
    }

    /// Whether a new structure comes with it: the start of a keyframe.
    pub fn starts_structure(&self) -> bool {
        self.extended.is_some_and(|extended| extended.structure)
    }

    fn read(data: &[u8]) -> Option<Dependency> {
        let &[first, high, low] = data.first_chunk::<3>()?;
        let extended = data.get(3).map(|flags| Extended {
            structure: flags & 0x80 != 0,
            active_targets: flags & 0x40 != 0,
            custom_indications: flags & 0x20 != 0,
            custom_references: flags & 0x10 != 0,
            custom_chains: flags & 0x08 != 0,
        });
        Some(Dependency {
            frame_start: first & 0x80 != 0,
            frame_end: first & 0x40 != 0,
            frame_number: u16::from_be_bytes([high, low]),
            template_id: first & 0x3f,
            extended,
        })
    }
}

impl Structure {
    /// The structure that a descriptor brings; `None` if it brings none.
    pub fn read(data: &[u8]) -> Result<Option<Structure>, DependencyError> {
        if !Dependency::parse(data)?.starts_structure() {
            return Ok(None);
        }
        Self::read_from(&mut extended_fields(data)).map(Some).ok_or(DependencyError)
    }

    /// What a descriptor means, if this structure, or the one that it brings itself, is in force.
    pub fn resolve(&self, data: &[u8]) -> Result<Frame, DependencyError> {
        self.frame(data).ok_or(DependencyError)
    }

    fn frame(&self, data: &[u8]) -> Option<Frame> {
        let dependency = Dependency::read(data)?;
        let mut bits = extended_fields(data);
        if dependency.starts_structure() {
            let own = Self::read_from(&mut bits)?;
            return own.frame_after(&dependency, bits);
        }
        self.frame_after(&dependency, bits)
    }

    /// `bits` stands behind the structure, or where it would be.
    fn frame_after(&self, dependency: &Dependency, mut bits: Bits<'_>) -> Option<Frame> {
        let mut frame = self.template(dependency.template_id)?;
        let Some(extended) = dependency.extended else { return Some(frame) };
        if extended.structure {
            frame.active_targets = Some(self.all_targets());
        }
        if extended.active_targets {
            frame.active_targets = Some(bits.read(self.targets())?);
        }
        if extended.custom_indications {
            frame.indications = structure::read_indications(&mut bits, self.targets())?;
        }
        if extended.custom_references {
            frame.independent = read_references(&mut bits)? == 0;
        }
        if extended.custom_chains {
            for _ in 0..self.chains() {
                bits.read(8)?;
            }
        }
        Some(frame)
    }
}

/// Stands behind the flags of the extended fields.
fn extended_fields(data: &[u8]) -> Bits<'_> {
    let mut bits = Bits::new(data);
    bits.skip(29);
    bits
}

/// Passes over `frame_fdiffs` and gives their count.
fn read_references(bits: &mut Bits<'_>) -> Option<u32> {
    let mut count = 0u32;
    loop {
        match bits.read(2)? {
            0 => return Some(count),
            nibbles => bits.read(nibbles.checked_mul(4)?)?,
        };
        count = count.checked_add(1)?;
    }
}

#[cfg(test)]
mod tests;
