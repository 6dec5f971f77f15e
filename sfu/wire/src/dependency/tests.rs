use super::*;
use proptest::prelude::*;

/// Appends numbers bit by bit, as the specification's tables list them.
#[derive(Default)]
struct BitWriter(Vec<bool>);

impl BitWriter {
    fn put(&mut self, count: u32, value: u32) -> &mut Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// The keyframe of L1T2 (§A.10 has the structure): three templates, two targets, one chain, 640 × 360.
fn l1t2_keyframe(template_offset: u32) -> Vec<u8> {
    let mut bits = BitWriter::default();
    // Start and end of the frame, template, frame number; structure present, nothing custom.
    bits.put(1, 1).put(1, 1).put(6, template_offset).put(16, 0x1234).put(5, 0b10000);
    bits.put(6, template_offset).put(5, 1);
    // Layers: T0, T0, T1.
    bits.put(2, 0).put(2, 1).put(2, 3);
    // Indications: SS, SS, -D.
    for indication in [2, 2, 2, 2, 0, 1] {
        bits.put(2, indication);
    }
    // References: none; 2; 1.
    bits.put(1, 0).put(1, 1).put(4, 1).put(1, 0).put(1, 1).put(4, 0).put(1, 0);
    // Chains: one of at most two (ns(3): 10); it protects both targets (ns(1): no bits); distances 0, 2, 1.
    bits.put(2, 0b10).put(4, 0).put(4, 2).put(4, 1);
    bits.put(1, 1).put(16, 639).put(16, 359);
    bits.bytes()
}

#[test]
fn a_keyframe_brings_its_structure() {
    let data = l1t2_keyframe(62);
    let dependency = Dependency::parse(&data).unwrap();
    assert_eq!((dependency.frame_number, dependency.template_id), (0x1234, 62));
    assert!(dependency.frame_start && dependency.frame_end && dependency.starts_structure());
    let structure = Structure::read(&data).unwrap().unwrap();
    assert_eq!((structure.targets(), structure.templates(), structure.chains()), (2, 3, 1));
    let frame = structure.resolve(&data).unwrap();
    assert_eq!((frame.spatial, frame.temporal, frame.independent), (0, 0, true));
    assert_eq!((frame.size, frame.active_targets), (Some((640, 360)), Some(0b11)));
    assert_eq!([0, 1].map(|target| frame.indication(target)), [Indication::Switch; 2]);
}

#[test]
fn later_frames_follow_templates_whose_ids_wrap() {
    let structure = Structure::read(&l1t2_keyframe(62)).unwrap().unwrap();
    // Template 62 + 2 wraps to 0: the upper temporal layer.
    let upper = structure.resolve(&[0x80, 0x12, 0x35]).unwrap();
    assert_eq!((upper.temporal, upper.independent, upper.active_targets), (1, false, None));
    assert_eq!([0, 1].map(|t| upper.indication(t)), [Indication::NotPresent, Indication::Discardable]);
    assert_eq!(structure.resolve(&[0x81, 0x12, 0x35]), Err(DependencyError), "no fourth template");
}

#[test]
fn custom_fields_take_the_template_s_place() {
    let structure = Structure::read(&l1t2_keyframe(0)).unwrap().unwrap();
    let mut bits = BitWriter::default();
    bits.put(1, 1).put(1, 0).put(6, 1).put(16, 9).put(5, 0b01111);
    // Only target 0; required, not present; one reference of eight bits; one chain.
    bits.put(2, 0b01).put(4, 0b1100).put(2, 2).put(8, 77).put(2, 0).put(8, 3);
    let frame = structure.resolve(&bits.bytes()).unwrap();
    assert_eq!((frame.active_targets, frame.independent), (Some(1), false));
    assert_eq!([0, 1].map(|t| frame.indication(t)), [Indication::Required, Indication::NotPresent]);
    for cut in 4..bits.bytes().len() {
        assert_eq!(structure.resolve(&bits.bytes()[..cut]), Err(DependencyError), "{cut}");
    }
}

#[test]
fn a_structure_cut_short_is_refused() {
    let whole = l1t2_keyframe(5);
    for cut in 0..whole.len() {
        assert!(!matches!(Structure::read(&whole[..cut]), Ok(Some(_))), "{cut}");
    }
}

proptest! {
    #[test]
    fn patched_frame_numbers_are_read_back(number: u16) {
        let mut data = l1t2_keyframe(3);
        let before = Dependency::parse(&data).unwrap();
        Dependency::patch(&mut data, number);
        let after = Dependency::parse(&data).unwrap();
        prop_assert_eq!(after, Dependency { frame_number: number, ..before });
        prop_assert_eq!(Structure::read(&data), Structure::read(&l1t2_keyframe(3)));
    }

    #[test]
    fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..255), number: u16) {
        let structure = Structure::read(&l1t2_keyframe(3)).unwrap().unwrap();
        let _ = structure.resolve(&bytes);
        if let Ok(Some(own)) = Structure::read(&bytes) {
            let _ = own.resolve(&bytes);
        }
        Dependency::patch(&mut bytes, number);
    }
}
