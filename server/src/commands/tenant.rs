//! `lectern tenant …`: the customers of this server.

#![expect(clippy::print_stdout, reason = "the answers of commands")]

use ::retention::Keeper;
use prometheus::Registry;
use protocol::ids::TenantId;
use store::tenants::{Secret, Tenant, Terms};
use store::{Error, Store};

use crate::cli::{NewTenant, Tenant as Command};
use crate::exit::Exit;
use crate::serve::opened;
use crate::settings::Settings;
use crate::{clock, secret};

/// Runs a command about tenants. A running server knows of it within two seconds.
pub async fn run(settings: Settings, command: Command) -> Result<(), Exit> {
    let store = opened::store(&settings).await?;
    let done = match command {
        Command::Add(new) => add(&store, new).await,
        Command::List => list(&store).await,
        Command::Show { id } => show(&store, &TenantId(id)).await,
        Command::Rotate { id } => rotate(&store, &TenantId(id)).await,
        Command::Erase { id, yes: true } => erase(&store, &TenantId(id)).await,
        Command::Erase { id, yes: false } => Err(Exit::Usage(format!(
            "this erases all meetings, recordings, people and secrets of {id} for good: repeat it with --yes"
        ))),
    };
    store.close().await;
    done
}

async fn add(store: &Store, new: NewTenant) -> Result<(), Exit> {
    let fits = (1..=64).contains(&new.id.len())
        && new.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        return Err(Exit::Usage(format!(
            "{:?} cannot be an id: use 1 to 64 lower-case letters, digits and dashes",
            new.id
        )));
    }
    let id = TenantId(new.id);
    let tenant = Tenant {
        id: id.clone(),
        name: new.name.unwrap_or_else(|| id.to_string()),
        retention: new.retention,
        recording_allowed: !new.no_recording,
        terms: Terms::default(),
        created_ms: clock::now_ms(),
        ended_ms: None,
    };
    let made = secret::make()?;
    store.tenants().create(&tenant).await.map_err(refused)?;
    store.tenants().set_secrets(&id, &[Secret::new(&made)]).await.map_err(refused)?;
    println!("tenant {id} added; its secret, shown this once:\n{made}");
    Ok(())
}

async fn list(store: &Store) -> Result<(), Exit> {
    for tenant in store.tenants().list().await.map_err(refused)? {
        let recording = if tenant.recording_allowed { "records" } else { "never records" };
        println!("{}\t{}\t{}\t{recording}", tenant.id, tenant.retention, tenant.name);
    }
    Ok(())
}

async fn show(store: &Store, id: &TenantId) -> Result<(), Exit> {
    let tenant = find(store, id).await?;
    let secrets = store.tenants().secrets(id).await.map_err(refused)?.len();
    let meetings = store.meetings().list(id).await.map_err(refused)?.len();
    let recordings = store.recordings().list(id, &Default::default()).await.map_err(refused)?;
    println!("id          {}", tenant.id);
    println!("name        {}", tenant.name);
    println!("retention   {}", tenant.retention);
    println!("recording   {}", if tenant.recording_allowed { "allowed" } else { "off" });
    println!("secrets     {secrets}");
    println!("meetings    {meetings}");
    println!("recordings  {}, {} bytes", recordings.len(), recordings.iter().map(|r| r.bytes()).sum::<u64>());
    Ok(())
}

async fn rotate(store: &Store, id: &TenantId) -> Result<(), Exit> {
    find(store, id).await?;
    let made = secret::make()?;
    let mut secrets = vec![Secret::new(&made)];
    secrets.extend(store.tenants().secrets(id).await.map_err(refused)?.into_iter().take(1));
    store.tenants().set_secrets(id, &secrets).await.map_err(refused)?;
    println!(
        "the new secret of {id}, shown this once; the one before stays valid until the next change:\n{made}"
    );
    Ok(())
}

async fn erase(store: &Store, id: &TenantId) -> Result<(), Exit> {
    find(store, id).await?;
    let now_ms = clock::now_ms();
    store.erasures().request_tenant(id, now_ms).await.map_err(refused)?;
    let broken =
        |error: ::retention::SweepError| Exit::Unavailable(format!("the erasure cannot run: {error}"));
    let keeper = Keeper::new(store.clone(), &Registry::new()).map_err(broken)?;
    let report = keeper.sweep(now_ms, false).await.map_err(broken)?;
    print!("{report}");
    if report.failed.is_empty() {
        Ok(())
    } else {
        Err(Exit::Failed("not everything could be erased".to_owned()))
    }
}

async fn find(store: &Store, id: &TenantId) -> Result<Tenant, Exit> {
    let tenant = store.tenants().find(id).await.map_err(refused)?;
    tenant.ok_or_else(|| Exit::Failed(format!("there is no tenant {id}")))
}

fn refused(error: Error) -> Exit {
    match error {
        Error::Exists(_) | Error::Unknown(_) => Exit::Failed(error.to_string()),
        other => Exit::Unavailable(format!("the database cannot be used: {other}")),
    }
}
