//! Tenants, their policies and secrets, on every database.

mod common;

use common::{files_with, tenant, worlds};
use store::tenants::{Secret, Tenant, Terms};
use store::{Error, Retention};

#[tokio::test]
async fn r51_a_tenant_is_read_back_as_it_was_written_also_after_a_restart() {
    for mut world in worlds().await {
        let written = tenant("default", "14d");
        world.store.tenants().create(&written).await.unwrap();
        world.store.tenants().create(&tenant("another", "on-request")).await.unwrap();
        assert!(matches!(world.store.tenants().create(&written).await, Err(Error::Exists("tenant"))));
        world.restart().await;
        assert_eq!(world.store.tenants().find(&"default".into()).await.unwrap(), Some(written));
        assert_eq!(world.store.tenants().find(&"nobody".into()).await.unwrap(), None);
        let all = world.store.tenants().list().await.unwrap();
        assert_eq!(all.iter().map(|tenant| tenant.id.as_str()).collect::<Vec<_>>(), ["another", "default"]);
    }
}

#[tokio::test]
async fn r32_r51_r53_r54_r55_policies_change_one_by_one_within_what_was_promised() {
    for world in worlds().await {
        let id = world.tenant("default").await;
        let tenants = world.store.tenants();
        tenants.set_retention(&id, Retention::Days(3)).await.unwrap();
        tenants.set_recording_allowed(&id, false).await.unwrap();
        tenants.set_ended(&id, Some(5)).await.unwrap();
        let terms = Terms { address_days: 1, connection_days: 7, end_days: 30 };
        tenants.set_terms(&id, terms).await.unwrap();
        let expected = Tenant {
            retention: Retention::Days(3),
            recording_allowed: false,
            ended_ms: Some(5),
            terms,
            ..tenant("default", "7d")
        };
        assert_eq!(tenants.find(&id).await.unwrap(), Some(expected.clone()));
        for longer in [
            Terms { address_days: 8, ..terms },
            Terms { address_days: 0, ..terms },
            Terms { connection_days: 29, ..terms },
            Terms { end_days: 1827, ..terms },
        ] {
            assert!(tenants.set_terms(&id, longer).await.is_err(), "{longer:?}");
        }
        assert_eq!(tenants.find(&id).await.unwrap(), Some(expected));
        let nobody = "nobody".into();
        assert!(matches!(tenants.set_retention(&nobody, Retention::OnRequest).await, Err(Error::Unknown(_))));
    }
}

#[tokio::test]
async fn r6_secrets_belong_to_one_tenant_and_lie_sealed() {
    for mut world in worlds().await {
        let (a, b) = (world.tenant("a").await, world.tenant("b").await);
        let texts = |secrets: Vec<Secret>| {
            secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
        };
        world.store.tenants().set_secrets(&a, &[Secret::new("old")]).await.unwrap();
        let both = [Secret::new("MARKER-secret-new"), Secret::new("old")];
        world.store.tenants().set_secrets(&a, &both).await.unwrap();
        world.store.tenants().set_secrets(&b, &[Secret::new("MARKER-secret-b")]).await.unwrap();
        world.restart().await;
        assert_eq!(texts(world.store.tenants().secrets(&a).await.unwrap()), ["MARKER-secret-new", "old"]);
        assert_eq!(texts(world.store.tenants().secrets(&b).await.unwrap()), ["MARKER-secret-b"]);
        assert!(files_with(world.data.path(), b"MARKER").0.is_empty());
        let nobody = world.store.tenants().set_secrets(&"nobody".into(), &[]).await;
        assert!(matches!(nobody, Err(Error::Unknown("tenant"))));
    }
}

#[tokio::test]
async fn an_id_that_cannot_name_a_key_makes_no_tenant() {
    for world in worlds().await {
        assert!(world.store.tenants().create(&tenant("../x", "7d")).await.is_err());
        assert!(world.store.tenants().list().await.unwrap().is_empty());
    }
}
