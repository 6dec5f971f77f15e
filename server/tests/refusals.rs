//! Starts that must be refused, with one clear line and the promised exit code.

mod common;

use std::net::{TcpListener, UdpSocket};

use common::{Ports, Running, lectern, run, text};

/// Runs `serve` with one more setting; its exit code and its last line.
fn refused(ports: &Ports, key: &str, value: &str) -> (Option<i32>, String) {
    let data = tempfile::tempdir().expect("a folder");
    let output = lectern(&["serve"], ports, data.path()).env(key, value).output().expect("the program runs");
    let said = text(&output.stderr);
    (output.status.code(), said.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn a_wrong_setting_ends_with_64_and_names_key_value_and_choice() {
    let ports = Ports::free();
    // Busy, to show that settings are read before a port is bound.
    let _busy = TcpListener::bind(ports.http).expect("bound");
    let wrong = [
        ("LECTERN_UDP", "everywhere", "an IP address and a port"),
        ("LECTERN_RETENTION", "forever", "on-request"),
        ("LECTERN_SHARDS", "many", "1 to 256"),
        ("LECTERN_DEMO", "perhaps", "on or off"),
        ("LECTERN_DATABASE", "mysql://x", "postgres://"),
        ("LECTERN_PUBLIC_URL", "class.example", "https"),
        ("LECTERN_TLS_CERT", "cert.pem", "tls_cert"),
    ];
    for (key, value, choice) in wrong {
        let (code, line) = refused(&ports, key, value);
        assert_eq!(code, Some(64), "{line}");
        assert!(line.contains(choice) && (line.contains(key) || line.contains("LECTERN_TLS_KEY")), "{line}");
        assert!(line.contains(value) || key == "LECTERN_TLS_CERT", "{line}");
    }
}

#[test]
fn a_wrong_certificate_ends_with_64() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    let mut command = lectern(&["serve"], &ports, data.path());
    let output =
        command.env("LECTERN_TLS_CERT", "/nowhere.pem").env("LECTERN_TLS_KEY", "/nowhere.key").output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(64));
    assert!(text(&output.stderr).contains("LECTERN_TLS_CERT"));
}

#[test]
fn an_unknown_argument_ends_with_64() {
    let data = tempfile::tempdir().expect("a folder");
    assert_eq!(run(&["serve", "--port", "1"], &Ports::free(), data.path()).status.code(), Some(64));
    assert_eq!(run(&["no-such-command"], &Ports::free(), data.path()).status.code(), Some(64));
    assert_eq!(run(&["--help"], &Ports::free(), data.path()).status.code(), Some(0));
}

#[test]
fn a_wrong_file_ends_with_64() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("lectern.toml");
    std::fs::write(&file, "retentoin = \"7d\"\n").expect("written");
    let output = run(&["serve", "--config", file.to_str().expect("a path")], &Ports::free(), data.path());
    assert_eq!(output.status.code(), Some(64));
    let said = text(&output.stderr);
    assert!(said.contains("retentoin") && said.contains("retention"), "{said}");
}

#[test]
fn a_port_in_use_ends_with_69_and_one_line() {
    for (which, key) in [(0, "LECTERN_HTTP"), (1, "LECTERN_ADMIN"), (2, "LECTERN_UDP")] {
        let ports = Ports::free();
        let _tcp = [ports.http, ports.admin].get(which).map(|port| TcpListener::bind(port).expect("bound"));
        let _udp = (which == 2).then(|| UdpSocket::bind(ports.udp).expect("bound"));
        let data = tempfile::tempdir().expect("a folder");
        let output = run(&["serve"], &ports, data.path());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(69), "{key}: {said}");
        let line = said.lines().last().unwrap_or_default();
        assert!(line.contains("in use") && line.contains(key), "{line}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_written_ends_with_73() {
    let data = tempfile::NamedTempFile::new().expect("a file, not a folder");
    let output = run(&["serve"], &Ports::free(), &data.path().join("below"));
    assert_eq!(output.status.code(), Some(73), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("LECTERN_DATA"));
}

#[tokio::test]
async fn a_data_folder_has_one_server() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    let _first = Running::start(lectern(&["serve"], &ports, data.path()), ports).await;
    let second = run(&["serve"], &Ports::free(), data.path());
    let said = text(&second.stderr);
    assert_eq!(second.status.code(), Some(69), "{said}");
    assert!(said.contains("in use by another server"), "{said}");
}

#[test]
fn a_missing_gstreamer_element_ends_with_72_and_names_the_package() {
    let data = tempfile::tempdir().expect("a folder");
    let registry = data.path().join("registry.bin");
    let mut command = lectern(&["serve"], &Ports::free(), data.path());
    command.env("GST_PLUGIN_SYSTEM_PATH_1_0", "/nowhere").env("GST_PLUGIN_SYSTEM_PATH", "/nowhere");
    let output = command.env("GST_REGISTRY", registry).output().expect("the program runs");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(72), "{said}");
    assert!(said.contains("webmmux") && said.contains("gstreamer1.0-plugins-good"), "{said}");
}

#[test]
fn a_database_that_does_not_answer_ends_with_69() {
    let ports = Ports::free();
    let address = format!("postgres://nobody@127.0.0.1:{}/none", ports.udp.port());
    let (code, line) = refused(&ports, "LECTERN_DATABASE", &address);
    assert_eq!(code, Some(69), "{line}");
    assert!(line.contains("LECTERN_DATABASE"), "{line}");
}
