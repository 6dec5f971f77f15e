//! TURN over UDP: one socket for all clients.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::AbortHandle;

use super::{Client, Now, Relay};
use crate::firewall::link::{Pipe, Waiting};

/// Longest message that is read.
const MESSAGE: usize = 4096;
/// How often clients without an allocation are forgotten.
const SWEEP: Duration = Duration::from_secs(5);

/// A client with an allocation, and the task that sends to it.
struct Served {
    client: Arc<Mutex<Client>>,
    sender: AbortHandle,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

/// Closes the pipe when nobody takes from it any more.
struct Closing(Arc<Pipe>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Serves the socket for as long as the task runs. Who has no allocation is not remembered.
pub async fn serve(socket: UdpSocket, relay: Arc<Relay>) {
    let socket = Arc::new(socket);
    let mut clients = HashMap::<SocketAddr, Served>::new();
    let mut buffer = vec![0; MESSAGE];
    let mut answers = Vec::new();
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            // Errors of an unconnected socket concern a peer that is gone (ICMP), never the socket.
            received = socket.recv_from(&mut buffer) => {
                let Ok((length, from)) = received else { continue };
                let bytes = buffer.get(..length).unwrap_or_default();
                answers.clear();
                match clients.get(&from) {
                    Some(served) => take(&mut lock(&served.client), bytes, &mut answers),
                    None => {
                        let pipe = Arc::new(Pipe::default());
                        let mut client = Client::new(relay.clone(), from, pipe.clone());
                        take(&mut client, bytes, &mut answers);
                        if client.is_granted(Now::of_system().monotonic) {
                            clients.insert(from, start(socket.clone(), from, client, pipe));
                        }
                    }
                }
                if !answers.is_empty() {
                    let _ = socket.send_to(&answers, from).await;
                }
            }
            _ = sweep.tick() => {
                let now = Now::of_system().monotonic;
                clients.retain(|_, served| lock(&served.client).is_granted(now));
            }
        }
    }
}

fn take(client: &mut Client, bytes: &[u8], answers: &mut Vec<u8>) {
    client.take(Now::of_system(), bytes, |answer| answers.extend_from_slice(answer));
    client.deliver();
}

/// Starts what sends to a client.
fn start(socket: Arc<UdpSocket>, to: SocketAddr, client: Client, pipe: Arc<Pipe>) -> Served {
    let client = Arc::new(Mutex::new(client));
    let shared = client.clone();
    let sender = tokio::spawn(async move {
        let closing = Closing(pipe);
        let (mut waiting, mut messages, mut message) = (Waiting::default(), Waiting::default(), Vec::new());
        loop {
            closing.0.filled().await;
            closing.0.take(&mut waiting);
            let now = Now::of_system().monotonic;
            {
                let client = lock(&shared);
                waiting.drain(|tag, datagram| {
                    client.wrap(now, tag, datagram, &mut message);
                    if !message.is_empty() {
                        messages.add(tag, &message);
                    }
                });
            }
            messages.drain(|_, message| drop(socket.try_send_to(message, to)));
        }
    });
    Served { client, sender: sender.abort_handle() }
}

fn lock(client: &Mutex<Client>) -> MutexGuard<'_, Client> {
    client.lock().unwrap_or_else(PoisonError::into_inner)
}
