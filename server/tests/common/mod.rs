//! Starts the real program with a data folder of its own on free ports of loopback.
#![allow(dead_code, reason = "not every test file uses all of it")]

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longest wait for the program to be ready or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ports that were free a moment ago.
pub struct Ports {
    pub http: SocketAddr,
    pub admin: SocketAddr,
    pub udp: SocketAddr,
}

impl Ports {
    pub fn free() -> Self {
        let tcp = || TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let udp = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a free port");
        Self { http: tcp(), admin: tcp(), udp }
    }
}

/// The program with settings for the ports and the folder, and no others from outside.
pub fn lectern(arguments: &[&str], ports: &Ports, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lectern"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LECTERN_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env("LECTERN_HTTP", ports.http.to_string())
        .env("LECTERN_ADMIN", ports.admin.to_string())
        .env("LECTERN_UDP", ports.udp.to_string())
        .env("LECTERN_SHARDS", "1")
        .env("LECTERN_DATA", data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str], ports: &Ports, data: &Path) -> Output {
    lectern(arguments, ports, data).output().expect("the program runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running server; killed when dropped.
pub struct Running {
    child: Child,
    pub ports: Ports,
}

impl Running {
    /// Starts `command` and waits until it is ready.
    pub async fn start(mut command: Command, ports: Ports) -> Self {
        let mut running = Self { child: command.spawn().expect("the program starts"), ports };
        let url = format!("http://{}/readyz", running.ports.admin);
        let start = Instant::now();
        loop {
            if reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                return running;
            }
            let ended = running.child.try_wait().expect("a state");
            assert!(ended.is_none(), "the server ended: {}", running.output());
            assert!(start.elapsed() < PATIENCE, "the server is not ready in time");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Tells it to stop; its exit code and all it said.
    pub fn stop(mut self) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("a signal");
        let start = Instant::now();
        while self.child.try_wait().expect("a state").is_none() {
            assert!(start.elapsed() < PATIENCE, "the server does not stop in time");
            std::thread::sleep(Duration::from_millis(20));
        }
        let code = self.child.wait().expect("a state").code();
        (code, self.output())
    }

    fn output(&mut self) -> String {
        let mut said = String::new();
        if let Some(out) = self.child.stdout.as_mut() {
            out.read_to_string(&mut said).ok();
        }
        if let Some(err) = self.child.stderr.as_mut() {
            err.read_to_string(&mut said).ok();
        }
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
