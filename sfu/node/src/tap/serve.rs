//! The QUIC side: accepts a recorder, exchanges orders and reports, writes tracks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use protocol::tap::{Order, Report, TrackHeader};
use quinn::{Connection, Endpoint, IdleTimeout, RecvStream, SendStream, TransportConfig, VarInt};
use tokio::sync::mpsc;

use super::{Taps, TrackQueue, framing};
use crate::events::SfuEvent;

/// A recorder that has said nothing for this long is lost, ms.
const IDLE_MS: u32 = 5_000;
/// How often a silent connection is kept alive.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// Bytes in flight on the whole connection; what does not fit waits in the bounded queues.
const SEND_WINDOW: u64 = 4 << 20;
/// How long a connection may take to open its control stream.
const GREETING: Duration = Duration::from_secs(5);

/// Opens the endpoint.
pub fn listen(mut server: quinn::ServerConfig, address: SocketAddr) -> io::Result<Endpoint> {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS))))
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .send_window(SEND_WINDOW);
    server.transport_config(Arc::new(transport));
    Endpoint::server(server, address)
}

/// Accepts recorders until the endpoint is closed.
pub async fn accept(taps: Taps, endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        let taps = taps.clone();
        tokio::spawn(async move {
            let greeting = async {
                let connection = incoming.await.ok()?;
                let control = connection.accept_bi().await.ok()?;
                Some((connection, control))
            };
            // Whoever has no certificate of ours, or does not open a control stream, never becomes the recorder.
            if let Ok(Some((connection, control))) = tokio::time::timeout(GREETING, greeting).await {
                serve(&taps, connection, control).await;
            }
        });
    }
}

async fn serve(taps: &Taps, connection: Connection, (orders_out, reports_in): (SendStream, RecvStream)) {
    let (orders, attachment) = taps.attach(connection.clone()).await;
    let _ = orders_out.set_priority(1);
    tokio::select! {
        () = write_orders(orders, orders_out) => {}
        () = read_reports(taps, reports_in) => {}
        _ = connection.closed() => {}
    }
    connection.close(0u32.into(), b"control stream ended");
    taps.detach(attachment).await;
}

async fn write_orders(mut orders: mpsc::Receiver<Order>, mut stream: SendStream) {
    while let Some(order) = orders.recv().await {
        if let Err(error) = framing::write(&mut stream, &order).await {
            tracing::warn!(%error, "an order did not reach the recorder");
            return;
        }
    }
}

async fn read_reports(taps: &Taps, mut stream: RecvStream) {
    loop {
        match framing::read::<Report>(&mut stream).await {
            Ok(Report::WantKeyframe { track }) => taps.want_keyframe(track),
            Ok(report) => {
                let _ = taps.0.events.send(SfuEvent::Tap(report)).await;
            }
            Err(framing::FramingError::Ended) => return,
            Err(error) => {
                tracing::warn!(%error, "the recorder's report cannot be read");
                return;
            }
        }
    }
}

/// Writes one track's stream until its queue is closed and all has arrived.
pub async fn write_track(connection: Connection, header: TrackHeader, queue: Arc<TrackQueue>) {
    if try_write_track(&connection, &header, &queue).await.is_none() {
        queue.abandon();
    }
}

async fn try_write_track(connection: &Connection, header: &TrackHeader, queue: &TrackQueue) -> Option<()> {
    let mut stream = connection.open_uni().await.ok()?;
    framing::write(&mut stream, header).await.ok()?;
    let mut buffer = Vec::new();
    while let Some(bytes) = queue.next(buffer).await {
        stream.write_all(&bytes).await.ok()?;
        buffer = bytes;
    }
    stream.finish().ok()?;
    stream.stopped().await.ok()?;
    Some(())
}
