//! The template dependency structure (§A.8.3): what the frames of a sequence can be.

use super::Frame;
use crate::bits::Bits;

/// Most templates: their ids have six bits.
pub const MAX_TEMPLATES: usize = 64;
/// Most decode targets (§A.8.3, `dt_cnt_minus_one`).
pub const MAX_DECODE_TARGETS: u32 = 32;
/// Most spatial layers.
pub const MAX_SPATIAL_LAYERS: usize = 4;

/// What a frame is to a decode target (§A.8.4.2, table A.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// Not part of it.
    NotPresent,
    /// Part of it, and nothing else of it refers to the frame.
    Discardable,
    /// Whoever decodes this frame can go on with the target from here.
    Switch,
    /// Part of it, and others refer to the frame.
    Required,
}

impl Indication {
    pub(super) fn of(bits: u8) -> Indication {
        match bits {
            0 => Indication::NotPresent,
            1 => Indication::Discardable,
            2 => Indication::Switch,
            _ => Indication::Required,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Template {
    spatial: u8,
    temporal: u8,
    independent: bool,
    /// Two bits a target, target 0 lowest.
    indications: u64,
}

/// The templates of a sequence. About a kilobyte: the caller keeps one a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    offset: u8,
    targets: u32,
    chains: u32,
    count: usize,
    templates: [Template; MAX_TEMPLATES],
    sizes: Option<[(u16, u16); MAX_SPATIAL_LAYERS]>,
}

impl Structure {
    /// How many decode targets there are, 1 to 32.
    pub fn targets(&self) -> u32 {
        self.targets
    }

    /// How many templates there are, 1 to 64.
    pub fn templates(&self) -> usize {
        self.count
    }

    /// How many chains protect the decode targets.
    pub fn chains(&self) -> u32 {
        self.chains
    }

    /// All decode targets, target 0 lowest.
    pub(super) fn all_targets(&self) -> u32 {
        u32::MAX.checked_shr(MAX_DECODE_TARGETS.saturating_sub(self.targets)).unwrap_or(0)
    }

    /// A frame that follows a template to the letter.
    pub(super) fn template(&self, id: u8) -> Option<Frame> {
        let index = usize::from(id.wrapping_sub(self.offset) & 0x3f);
        let template = self.templates.get(..self.count)?.get(index)?;
        let size = self.sizes.and_then(|sizes| sizes.get(usize::from(template.spatial)).copied());
        Some(Frame {
            spatial: template.spatial,
            temporal: template.temporal,
            independent: template.independent,
            size,
            indications: template.indications,
            active_targets: None,
        })
    }

    pub(super) fn read_from(bits: &mut Bits<'_>) -> Option<Structure> {
        let mut structure = Structure {
            offset: bits.byte(6)?,
            targets: bits.read(5)?.checked_add(1)?,
            chains: 0,
            count: 0,
            templates: [Template::default(); MAX_TEMPLATES],
            sizes: None,
        };
        let layers = structure.read_layers(bits)?;
        let targets = structure.targets;
        for template in structure.templates.get_mut(..structure.count)? {
            template.indications = read_indications(bits, targets)?;
        }
        for template in structure.templates.get_mut(..structure.count)? {
            template.independent = !bits.flag()?;
            let mut more = !template.independent;
            while more {
                bits.read(4)?;
                more = bits.flag()?;
            }
        }
        structure.read_chains(bits)?;
        if bits.flag()? {
            let mut sizes = [(0, 0); MAX_SPATIAL_LAYERS];
            for size in sizes.get_mut(..layers)? {
                let mut side =
                    || u16::try_from(bits.read(16)?).ok().map(|less_one| less_one.saturating_add(1));
                *size = (side()?, side()?);
            }
            structure.sizes = Some(sizes);
        }
        Some(structure)
    }

    /// `template_layers`; gives the number of spatial layers.
    fn read_layers(&mut self, bits: &mut Bits<'_>) -> Option<usize> {
        let (mut spatial, mut temporal) = (0u8, 0u8);
        loop {
            let template = self.templates.get_mut(self.count)?;
            (template.spatial, template.temporal) = (spatial, temporal);
            self.count = self.count.checked_add(1)?;
            match bits.read(2)? {
                0 => {}
                1 => temporal = temporal.checked_add(1).filter(|temporal| *temporal < 8)?,
                2 => {
                    temporal = 0;
                    spatial = spatial.checked_add(1).filter(|s| usize::from(*s) < MAX_SPATIAL_LAYERS)?;
                }
                _ => return usize::from(spatial).checked_add(1),
            }
        }
    }

    /// `template_chains`: counted, and passed over.
    fn read_chains(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        self.chains = bits.below(self.targets.checked_add(1)?)?;
        if self.chains == 0 {
            return Some(());
        }
        for _ in 0..self.targets {
            bits.below(self.chains)?;
        }
        for _ in 0..self.count {
            for _ in 0..self.chains {
                bits.read(4)?;
            }
        }
        Some(())
    }
}

/// Indications of `targets` decode targets.
pub(super) fn read_indications(bits: &mut Bits<'_>, targets: u32) -> Option<u64> {
    let mut indications = 0u64;
    for target in 0..targets {
        let bits = u64::from(bits.read(2)?);
        indications |= bits.checked_shl(target.checked_mul(2)?)?;
    }
    Some(indications)
}
