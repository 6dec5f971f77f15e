//! A browser's side of the WebSocket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::client::{ClientMessage, Resume};
use protocol::server::{Close, Event, ServerMessage, Welcome};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::Server;

/// Nothing here takes longer, unless it is broken.
pub const LIMIT: Duration = Duration::from_secs(10);
pub const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Number of the last event.
    pub seq: u64,
    pub secret: String,
}

impl Client {
    /// A connection that has said nothing yet.
    pub async fn connect(server: &Server) -> Self {
        let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
        request.headers_mut().insert("user-agent", AGENT.parse().unwrap());
        request.headers_mut().insert("origin", format!("http://{}", server.address).parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        Self { socket, seq: 0, secret: String::new() }
    }

    /// A connection whose receive buffer takes next to nothing.
    pub async fn connect_narrow(server: &Server) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(server.address).await.unwrap());
        let request = format!("ws://{}/ws", server.address);
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        Self { socket, seq: 0, secret: String::new() }
    }

    /// Comes in, and is welcomed.
    pub async fn join(server: &Server, token: &str) -> (Self, Welcome) {
        let mut client = Self::connect(server).await;
        client.hello(token, None).await;
        let welcome = client.welcome().await;
        (client, welcome)
    }

    pub async fn hello(&mut self, token: &str, resume: Option<Resume>) {
        let hello =
            ClientMessage::Hello { version: protocol::VERSION, token: token.into(), video_slots: 4, resume };
        self.say(&hello).await;
    }

    pub fn resume(&self) -> Option<Resume> {
        Some(Resume { secret: self.secret.clone(), seq: self.seq })
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.raw(Message::text(serde_json::to_string(message).unwrap())).await;
    }

    /// Sends what may not be a message. An error means that the server has closed already.
    pub async fn raw(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    /// The next message; `None` if the connection ended without a goodbye.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        loop {
            let message = timeout(LIMIT, self.socket.next()).await.expect("a message in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    let message: ServerMessage = serde_json::from_str(&text).unwrap();
                    if let ServerMessage::Event { seq, .. } = message {
                        assert_eq!(seq, self.seq + 1, "numbers are gapless");
                        self.seq = seq;
                    }
                    return Some(message);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The first message that fits; those before it are skipped.
    pub async fn until<T>(&mut self, fits: impl Fn(ServerMessage) -> Option<T>) -> T {
        loop {
            let message = self.next().await.expect("the connection goes on");
            if let Some(found) = fits(message) {
                return found;
            }
        }
    }

    pub async fn event<T>(&mut self, fits: impl Fn(Event) -> Option<T>) -> T {
        let fits = |message| match message {
            ServerMessage::Event { event, .. } => fits(event),
            _ => None,
        };
        self.until(fits).await
    }

    pub async fn welcome(&mut self) -> Welcome {
        let welcome = self
            .until(|message| match message {
                ServerMessage::Welcome(welcome) => Some(*welcome),
                ServerMessage::Closed { reason, .. } => panic!("turned away: {reason:?}"),
                _ => None,
            })
            .await;
        (self.secret, self.seq) = (welcome.resume.clone(), 0);
        welcome
    }

    /// Everything that was said before is dealt with.
    pub async fn settled(&mut self) {
        self.say(&ClientMessage::Hand { up: true }).await;
        self.say(&ClientMessage::Hand { up: false }).await;
        self.event(|event| matches!(event, Event::Changed { person } if person.hand.is_none()).then_some(()))
            .await;
    }

    pub async fn chat(&mut self, text: &str) {
        self.say(&ClientMessage::Chat { text: text.into(), to: None }).await;
    }

    pub async fn next_chat(&mut self) -> String {
        self.event(|event| match event {
            Event::Chat { message } => Some(message.text),
            _ => None,
        })
        .await
    }

    /// The goodbye, its logout URL, and the close code after it.
    pub async fn closed(&mut self) -> (Close, Option<String>) {
        let closed = self
            .until(|message| match message {
                ServerMessage::Closed { reason, logout_url, message } => Some((reason, logout_url, message)),
                _ => None,
            })
            .await;
        let (reason, logout_url, words) = closed;
        assert!(words.ends_with('.') && words.len() > 10, "a sentence: {words}");
        let frame = timeout(LIMIT, self.socket.next()).await.unwrap().unwrap().unwrap();
        let Message::Close(Some(frame)) = frame else { panic!("a close frame, not {frame:?}") };
        assert_eq!(u16::from(frame.code), reason.code());
        (reason, logout_url)
    }
}
