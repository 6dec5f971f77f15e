//! Objects on the local disk.

use protocol::ids::MeetingId;
use store::keys::DataKey;
use store::objects::{Holding, ObjectPath, Objects};
use store::sealed::SealedError;

fn path(segment: u32, file: &str) -> ObjectPath {
    ObjectPath::new(&"m-1".into(), segment, file).expect("a path")
}

#[test]
fn an_object_is_listed_counted_and_removed_with_its_recording() {
    let data = tempfile::tempdir().unwrap();
    let objects = Objects::open(data.path()).unwrap();
    let key = DataKey::random().unwrap();
    let meeting = MeetingId::from("m-1");
    assert_eq!(objects.holding(&meeting).unwrap(), Holding::default());
    let mut bytes = 0;
    for (segment, file) in [(1, "a.webm"), (1, "b.webm"), (10, "a.webm"), (2, "manifest.json")] {
        let mut writer = objects.create(&path(segment, file), &key).unwrap();
        writer.write(b"media").unwrap();
        bytes += writer.close().unwrap();
    }
    assert_eq!(objects.segments(&meeting).unwrap(), [1, 2, 10]);
    assert_eq!(objects.files(&meeting, 1).unwrap(), ["a.webm", "b.webm"]);
    assert_eq!(objects.recordings().unwrap(), std::slice::from_ref(&meeting));
    assert_eq!(objects.holding(&meeting).unwrap(), Holding { files: 4, bytes });
    assert!(data.path().join("objects/recordings/m-1/1/a.webm.sealed").exists());
    objects.remove_recording(&meeting).unwrap();
    objects.remove_recording(&meeting).unwrap();
    assert_eq!(objects.holding(&meeting).unwrap(), Holding::default());
    assert!(objects.recordings().unwrap().is_empty());
}

#[test]
fn an_object_that_was_moved_does_not_open() {
    let data = tempfile::tempdir().unwrap();
    let objects = Objects::open(data.path()).unwrap();
    let key = DataKey::random().unwrap();
    objects.put(&path(1, "a.webm"), &key, b"media").unwrap();
    let folder = data.path().join("objects/recordings/m-1/1");
    std::fs::rename(folder.join("a.webm.sealed"), folder.join("b.webm.sealed")).unwrap();
    assert!(matches!(objects.read(&path(1, "b.webm"), &key), Err(SealedError::Damaged)));
}

#[test]
fn a_small_object_is_replaced_whole_or_not_at_all() {
    let data = tempfile::tempdir().unwrap();
    let objects = Objects::open(data.path()).unwrap();
    let (key, manifest) = (DataKey::random().unwrap(), path(1, "manifest.json"));
    assert!(!objects.exists(&manifest));
    objects.put(&manifest, &key, b"one").unwrap();
    // A writer that was killed leaves its draft, which is no object and stands in nobody's way.
    std::fs::write(data.path().join("objects/recordings/m-1/1/.manifest.json.draft"), b"half").unwrap();
    assert_eq!(objects.files(&"m-1".into(), 1).unwrap(), ["manifest.json"]);
    objects.put(&manifest, &key, b"two").unwrap();
    assert_eq!(objects.read(&manifest, &key).unwrap().read_all().unwrap(), b"two");
    assert_eq!(objects.holding(&"m-1".into()).unwrap().files, 1);
}

#[test]
fn names_from_outside_lead_nowhere() {
    for (meeting, file) in
        [("..", "a"), ("a/b", "a"), ("m", "../a"), ("m", ".."), ("m", "a..b"), ("m", ".a"), ("m", "")]
    {
        assert!(ObjectPath::new(&meeting.into(), 1, file).is_err(), "{meeting} {file}");
    }
}

#[test]
fn free_space_is_told() {
    let data = tempfile::tempdir().unwrap();
    assert!(Objects::open(data.path()).unwrap().free_bytes().unwrap() > 0);
}
