//! What goes over one connection, both ways, until it ends.

use std::pin::pin;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::client::ClientMessage;
use protocol::server::{Close, Refusal, ServerMessage};
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};

use super::super::config::Limits;
use super::super::outbox::{Out, Outbox, text};
use super::super::registry::Registry;
use super::super::room::{Client, Hello, Input, RoomHandle};
use super::super::words;
use super::gate::Gate;
use super::greeting::{self, Greeting, Refused};

/// How long the other side may take to close after it was told to.
const FAREWELL: Duration = Duration::from_secs(2);

/// Carries one connection.
pub(super) async fn run(registry: Registry, client: Client, mut socket: WebSocket) {
    let Greeting { room, claims, video_slots, resume } = match greeting::receive(&registry, &mut socket).await
    {
        Some(Ok(greeting)) => greeting,
        Some(Err(refused)) => return turn_away(&registry, socket, refused).await,
        None => return,
    };
    let limits = registry.config().limits;
    let (outbox, out, cut) = Outbox::new(registry.next_connection(), limits.outbox);
    let hello = Hello { claims, video_slots, resume, client, outbox: outbox.clone() };
    if room.inputs.send(Input::Hello(Box::new(hello))).await.is_err() {
        return turn_away(&registry, socket, Close::MeetingEnded.into()).await;
    }
    let connection = outbox.id;
    let (sink, stream) = socket.split();
    {
        let mut listening = pin!(listen(stream, &room, &outbox, &limits));
        let speaking = speak(sink, out, &limits);
        tokio::select! {
            () = &mut listening => {}
            () = speaking => {
                // The close handshake is the other side's turn; what it still says counts no more.
                let _ = timeout(FAREWELL, listening).await;
            }
            () = cut.cancelled() => {}
        }
    }
    // A room that is gone needs no telling.
    let _ = room.inputs.send(Input::Gone(connection)).await;
}

async fn turn_away(registry: &Registry, mut socket: WebSocket, refused: Refused) {
    let Refused { reason, logout_url } = refused;
    registry.config().metrics.turned_away(reason);
    let goodbye = text(&words::closed(reason, logout_url));
    let said = async {
        socket.send(Message::Text(goodbye)).await?;
        socket.send(close_frame(reason)).await?;
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<_, axum::Error>(())
    };
    // A connection that broke meanwhile needs no goodbye.
    let _ = timeout(FAREWELL, said).await;
}

/// Takes what the browser says to the room until it stops talking, or talks too much.
async fn listen(mut stream: SplitStream<WebSocket>, room: &RoomHandle, outbox: &Outbox, limits: &Limits) {
    let mut gate = Gate::new(Instant::now());
    loop {
        let message = match timeout(limits.idle, stream.next()).await {
            Ok(Some(Ok(Message::Text(message)))) => message,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            // Something that is no message: binary, or too long to be read.
            Ok(Some(Ok(Message::Binary(_)))) => Utf8Bytes::default(),
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return,
            // Silent for too long: dropped like a broken connection, so that it may come back.
            Err(_) => return,
        };
        let answer = match read(&message, &mut gate, limits) {
            Ok(ClientMessage::Ping { id }) => ServerMessage::Pong { id },
            Ok(message) => {
                if room.inputs.send(Input::Said(outbox.id, message)).await.is_err() {
                    // The goodbye is on its way.
                    return std::future::pending().await;
                }
                continue;
            }
            Err(refusal) if gate.forgive() => words::refused(refusal),
            Err(_) => {
                outbox.close(Close::Protocol, None);
                return std::future::pending().await;
            }
        };
        outbox.send(&answer);
    }
}

fn read(message: &str, gate: &mut Gate, limits: &Limits) -> Result<ClientMessage, Refusal> {
    if !gate.take(Instant::now()) {
        return Err(Refusal::TooFast);
    }
    if message.len() > limits.message {
        return Err(Refusal::Malformed);
    }
    match serde_json::from_str(message) {
        Ok(ClientMessage::Hello { .. }) | Err(_) => Err(Refusal::Malformed),
        Ok(message) => Ok(message),
    }
}

/// Takes what the room says to the browser until it says goodbye, or the connection breaks.
async fn speak(mut sink: SplitSink<WebSocket, Message>, mut out: mpsc::Receiver<Out>, limits: &Limits) {
    let mut pings = interval(limits.ping);
    loop {
        let message = tokio::select! {
            said = out.recv() => match said {
                Some(Out::Text(message)) => Message::Text(message),
                Some(Out::Close(goodbye, reason)) => {
                    // A connection that broke meanwhile needs no goodbye.
                    let _ = sink.send(Message::Text(goodbye)).await;
                    let _ = sink.send(close_frame(reason)).await;
                    return;
                }
                None => return,
            },
            _ = pings.tick() => Message::Ping(Default::default()),
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

fn close_frame(reason: Close) -> Message {
    Message::Close(Some(CloseFrame { code: reason.code(), reason: Utf8Bytes::default() }))
}
