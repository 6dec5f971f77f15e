//! The key ring: keys are wrapped, tied to their names, and destroyed for good.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::files_with;
use store::keys::{DataKey, KeyError, KeyName, KeyRing, KeyUse, MasterKey};

fn name(tenant: &str, usage: KeyUse, meeting: &str) -> KeyName {
    KeyName::new(&tenant.into(), usage, &meeting.into())
}

#[test]
fn n1_a_destroyed_key_is_gone_and_its_bytes_are_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(folder.path(), &MasterKey::File(folder.path().join("master.key"))).unwrap();
    let (first, other) = (name("t", KeyUse::Recording, "m-1"), name("t", KeyUse::Recording, "m-2"));
    let key = ring.create(&first).unwrap();
    let kept = ring.create(&other).unwrap();
    assert!(files_with(folder.path(), key.as_bytes()).0.is_empty(), "a key lies unwrapped");
    let wrapped = std::fs::read(folder.path().join("tenants/t/recording/m-1.key")).unwrap();
    assert!(ring.destroy(&first).unwrap());
    assert!(!ring.exists(&first).unwrap());
    assert!(matches!(ring.open_key(&first), Err(KeyError::Missing)));
    assert!(!ring.destroy(&first).unwrap(), "twice");
    assert!(files_with(folder.path(), &wrapped).0.is_empty(), "a copy of the wrapped key is left");
    assert_eq!(ring.open_key(&other).unwrap().as_bytes(), kept.as_bytes());
}

#[test]
fn a_key_file_cannot_stand_in_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(folder.path(), &MasterKey::Given(DataKey::random().unwrap())).unwrap();
    for (tenant, usage, meeting) in [
        ("t", KeyUse::Recording, "m-1"),
        ("t", KeyUse::Recording, "m-2"),
        ("t", KeyUse::People, "m-1"),
        ("u", KeyUse::Recording, "m-1"),
    ] {
        ring.create(&name(tenant, usage, meeting)).unwrap();
    }
    let original = std::fs::read(folder.path().join("tenants/t/recording/m-1.key")).unwrap();
    for other in ["t/recording/m-2", "t/people/m-1", "u/recording/m-1"] {
        let path = folder.path().join(format!("tenants/{other}.key"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, &original).unwrap();
    }
    for (tenant, usage, meeting) in
        [("t", KeyUse::Recording, "m-2"), ("t", KeyUse::People, "m-1"), ("u", KeyUse::Recording, "m-1")]
    {
        let opened = ring.open_key(&name(tenant, usage, meeting));
        assert!(matches!(opened, Err(KeyError::Damaged)), "{tenant} {meeting}");
    }
}

#[test]
fn the_master_key_is_made_once_for_its_owner_alone_and_another_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let master = folder.path().join("keys").join("master.key");
    let key = {
        let ring = KeyRing::open(&folder.path().join("keys"), &MasterKey::File(master.clone())).unwrap();
        ring.create(&name("t", KeyUse::Recording, "m-1")).unwrap()
    };
    assert_eq!(std::fs::metadata(&master).unwrap().permissions().mode() & 0o777, 0o400);
    let ring = KeyRing::open(&folder.path().join("keys"), &MasterKey::File(master)).unwrap();
    assert_eq!(ring.open_key(&name("t", KeyUse::Recording, "m-1")).unwrap().as_bytes(), key.as_bytes());
    let stranger =
        KeyRing::open(&folder.path().join("keys"), &MasterKey::Given(DataKey::random().unwrap())).unwrap();
    assert!(matches!(stranger.open_key(&name("t", KeyUse::Recording, "m-1")), Err(KeyError::Damaged)));
}

#[test]
fn n1_with_a_tenants_key_all_its_keys_go() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(folder.path(), &MasterKey::Given(DataKey::random().unwrap())).unwrap();
    let usages = [KeyUse::Recording, KeyUse::People, KeyUse::Connection, KeyUse::Address(7)];
    for usage in usages {
        ring.create(&name("t", usage, "m-1")).unwrap();
        ring.create(&name("u", usage, "m-1")).unwrap();
    }
    let tenant = protocol::ids::TenantId::from("t");
    assert_eq!(ring.count_tenant(&tenant).unwrap(), 5);
    assert_eq!(ring.destroy_tenant(&tenant).unwrap(), 5);
    assert_eq!(ring.count_tenant(&tenant).unwrap(), 0);
    assert_eq!(ring.destroy_tenant(&tenant).unwrap(), 0, "twice");
    for usage in usages {
        assert!(ring.open_key(&name("t", usage, "m-1")).is_err());
        assert!(ring.open_key(&name("u", usage, "m-1")).is_ok());
    }
}

#[test]
fn ids_from_outside_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let ring =
        KeyRing::open(&folder.path().join("ring"), &MasterKey::Given(DataKey::random().unwrap())).unwrap();
    for (tenant, meeting) in [("..", "m"), ("t", "../../../x"), ("t/..", "m"), ("", "m"), ("t", "")] {
        assert!(matches!(ring.create(&name(tenant, KeyUse::Recording, meeting)), Err(KeyError::Name)));
    }
    assert!(ring.server_key("../x").is_err());
}

#[test]
fn many_who_ask_at_once_get_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(folder.path(), &MasterKey::File(folder.path().join("master.key"))).unwrap();
    let ask = || *ring.open_or_create(&name("t", KeyUse::People, "m-1")).unwrap().as_bytes();
    let keys: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(keys.len(), 1);
    let server = ring.server_key("links").unwrap();
    assert_eq!(ring.server_key("links").unwrap().as_bytes(), server.as_bytes());
    assert_ne!(ring.server_key("room-tokens").unwrap().as_bytes(), server.as_bytes());
}
