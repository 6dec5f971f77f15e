//! The recorder process: taps in, sealed files out.
//!
//! In the order in which a frame goes: [`attach`] connects to the node, [`segments`] keeps what is being recorded,
//! [`track`] reads a track's stream, [`frames`] puts whole frames together, [`timing`] places them in time, [`muxer`]
//! makes WebM of them (GStreamer), [`file`] seals that while [`webm`] lists its clusters, [`journal`] remembers it all,
//! and [`segment`] ends with its manifest ([`closing`]). [`recover`] closes what an earlier process could not.

mod attach;
mod closing;
mod file;
mod frames;
mod input;
mod journal;
mod muxer;
mod recover;
mod segment;
mod segments;
mod tally;
mod timing;
mod track;
mod webm;

use std::io::{BufReader, Read, Stdin};
use std::process::ExitCode;
use std::sync::Arc;

use protocol::tap::{Order, Report};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use rustix::process::{DumpableBehavior, nice, set_dumpable_behavior};
use store::objects::Objects;
use store::sealed::SealedError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::elements::check_elements;
use crate::handover::{Handover, OpenSegment};
use attach::AttachError;
use segments::Segments;

/// Politeness towards the media threads on the same machine.
const NICE: i32 = 5;
/// `EX_UNAVAILABLE` (sysexits.h): GStreamer lacks something.
const UNAVAILABLE: u8 = 69;

/// The process role `recorder`: reads a [`Handover`] from standard input, records until that input or the connection
/// ends. Builds its own runtime: call it from a plain `main`.
pub fn run() -> ExitCode {
    let _ = nice(NICE);
    // A memory dump would put plaintext and keys on a disk.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let mut stdin = BufReader::new(std::io::stdin());
    let handover = match Handover::read(&mut stdin) {
        Ok(handover) => handover,
        Err(error) => return failure(&error, ExitCode::FAILURE),
    };
    if let Err(error) = check_elements() {
        return failure(&error, ExitCode::from(UNAVAILABLE));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(record(handover, parent_gone(stdin))),
        Err(error) => return failure(&error, ExitCode::FAILURE),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error, ExitCode::FAILURE),
    }
}

fn failure(error: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    tracing::error!(%error, "the recorder process ends");
    code
}

/// Cancelled when standard input ends: the server is gone, or wants this process to go.
fn parent_gone(mut stdin: BufReader<Stdin>) -> CancellationToken {
    let gone = CancellationToken::new();
    let signal = gone.clone();
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while stdin.read(&mut ignored).is_ok_and(|length| length > 0) {}
        signal.cancel();
    });
    gone
}

async fn record(handover: Handover, parent_gone: CancellationToken) -> Result<(), AttachError> {
    let objects = Objects::open(&handover.data).map_err(|error| AttachError::Connect(error.to_string()))?;
    let recovered = recover_all(&objects, handover.unfinished).await;
    let (_endpoint, connection) = attach::connect(&handover.access).await?;
    let (send, receive) = connection.open_bi().await.map_err(|_| AttachError::Closed)?;
    let (reports, outbox) = mpsc::unbounded_channel();
    greet(recovered, &reports);
    let segments = Segments::new(objects, reports);
    let ended = tokio::select! {
        ended = send_reports(send, outbox) => ended,
        ended = serve(&connection, read_orders(receive), segments.clone()) => ended,
        () = parent_gone.cancelled() => Ok(()),
    };
    connection.close(VarInt::from_u32(0), b"");
    segments.abandon().await;
    ended
}

async fn recover_all(objects: &Objects, unfinished: Vec<OpenSegment>) -> Vec<Report> {
    let objects = objects.clone();
    let recovering = tokio::task::spawn_blocking(move || {
        unfinished
            .iter()
            .map(|open| recover::segment(&objects, open).unwrap_or_else(|error| lost(open, &error)))
            .collect()
    });
    recovering.await.unwrap_or_default()
}

fn lost(open: &OpenSegment, error: &SealedError) -> Report {
    tracing::error!(%error, "an unfinished segment cannot be closed");
    let (meeting, segment) = (open.meeting.clone(), open.segment);
    Report::Failed {
        meeting,
        segment,
        disk_full: matches!(error, SealedError::DiskFull),
        message: error.to_string(),
    }
}

/// Says that we are here, and what was recovered.
fn greet(recovered: Vec<Report>, reports: &segment::Reports) {
    let ids = recovered.iter().filter_map(|report| match report {
        Report::Finished { meeting, segment, .. } => Some((meeting.clone(), *segment)),
        _ => None,
    });
    let _ = reports.send(Report::Ready { recovered: ids.collect() });
    for report in recovered {
        let _ = reports.send(report);
    }
}

async fn send_reports(
    mut stream: SendStream,
    mut outbox: mpsc::UnboundedReceiver<Report>,
) -> Result<(), AttachError> {
    while let Some(report) = outbox.recv().await {
        attach::write(&mut stream, &report).await?;
    }
    Ok(())
}

/// Orders as they come; ends with the stream. (Reading one is not safe to cancel, hence the task.)
fn read_orders(mut stream: RecvStream) -> mpsc::Receiver<Order> {
    let (orders, inbox) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok(order) = attach::read_order(&mut stream).await {
            if orders.send(order).await.is_err() {
                return;
            }
        }
    });
    inbox
}

/// Takes tracks and orders. Tracks first: the order to finish a segment comes after its tracks' streams have arrived,
/// and must find them counted.
async fn serve(
    connection: &Connection,
    mut orders: mpsc::Receiver<Order>,
    segments: Arc<Segments>,
) -> Result<(), AttachError> {
    loop {
        tokio::select! {
            biased;
            stream = connection.accept_uni() => {
                let stream = stream.map_err(|_| AttachError::Closed)?;
                tokio::spawn(track::record(stream, segments.arrival(), segments.clone()));
            }
            order = orders.recv() => segments.obey(order.ok_or(AttachError::Closed)?),
        }
    }
}
