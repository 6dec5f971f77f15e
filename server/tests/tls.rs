//! HTTPS and WSS with a certificate of the operator (R8).

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use common::{Ports, Running, lectern};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

#[tokio::test(flavor = "multi_thread")]
async fn r8_the_web_port_speaks_tls() {
    let data = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["class.example".to_owned()]).expect("a certificate");
    let (cert, key) = (data.path().join("cert.pem"), data.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let ports = Ports::free();
    let mut command = lectern(&["serve"], &ports, data.path());
    command.env("LECTERN_TLS_CERT", &cert).env("LECTERN_TLS_KEY", &key);
    let server = Running::start(command, ports).await;
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("class.example").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut stream = StreamOwned::new(connection, TcpStream::connect(server.ports.http).expect("connected"));
    stream.write_all(b"GET /bigbluebutton/api HTTP/1.0\r\nhost: class.example\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    assert!(answer.contains("<returncode>SUCCESS</returncode>"), "{answer}");
    assert!(answer.to_lowercase().contains("strict-transport-security"), "{answer}");
}
