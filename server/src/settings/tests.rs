use super::*;
use std::ffi::OsString;
use std::io::Write as _;

fn from_environment(pairs: &[(&str, &str)]) -> Result<Settings, SettingError> {
    read(None, pairs)
}

fn read(file: Option<&Path>, pairs: &[(&str, &str)]) -> Result<Settings, SettingError> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value)));
    Settings::read(&Source::open(file, pairs)?)
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[test]
fn defaults_need_neither_file_nor_environment() {
    let settings = from_environment(&[]).expect("valid");
    assert_eq!(settings.http, "127.0.0.1:8080".parse::<SocketAddr>().expect("address"));
    assert_eq!(settings.public_url, "http://127.0.0.1:8080");
    assert_eq!(settings.udp, "0.0.0.0:3478".parse::<SocketAddr>().expect("address"));
    assert_eq!((settings.tcp, settings.relay_udp), (Some(settings.udp), None));
    assert_eq!(settings.admin, "127.0.0.1:9464".parse::<SocketAddr>().expect("address"));
    assert_eq!(settings.data, Path::new("./data"));
    assert!(
        settings.database.is_none()
            && settings.retention.is_none()
            && !settings.demo
            && settings.tls.is_none()
    );
    assert!(settings.shards >= 1);
}

#[test]
fn a_wrong_value_is_named_with_its_key_and_what_it_may_be() {
    let wrong = [
        ("LECTERN_HTTP", "8080", "an IP address and a port"),
        ("LECTERN_UDP", "0.0.0.0:70000", "an IP address and a port"),
        ("LECTERN_TCP", "3478", "an IP address and a port"),
        ("LECTERN_TCP", "0.0.0.0", "or off"),
        ("LECTERN_RELAY_UDP", "on", "or off"),
        ("LECTERN_ADMIN", "localhost", "an IP address and a port"),
        ("LECTERN_PUBLIC_URL", "ftp://x", "an http or https address"),
        ("LECTERN_PUBLIC_URL", "https://x.example/path", "without a path"),
        ("LECTERN_MEDIA_IP", "here", "IP addresses"),
        ("LECTERN_MEDIA_IP", "0.0.0.0", "IP addresses"),
        ("LECTERN_DATABASE", "mysql://x", "postgres://"),
        ("LECTERN_RETENTION", "2 weeks", "on-request"),
        ("LECTERN_RETENTION", "0d", "on-request"),
        ("LECTERN_DEMO", "maybe", "on or off"),
        ("LECTERN_SHARDS", "0", "from 1 to 256"),
        ("LECTERN_SHARDS", "257", "from 1 to 256"),
        ("LECTERN_FRAME_ANCESTORS", "lms", "origins"),
    ];
    for (key, value, allowed) in wrong {
        let text = from_environment(&[(key, value)]).expect_err(key).to_string();
        assert!(text.contains(key) && text.contains(value) && text.contains(allowed), "{text}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    let text = from_environment(&[("LECTERN_LMS_SECRET", "hunter2")]).expect_err("too short").to_string();
    assert!(text.contains("LECTERN_LMS_SECRET") && !text.contains("hunter2"), "{text}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let file =
        file("http = \"127.0.0.1:1\"\ndemo = true\nshards = 2\nframe_ancestors = [\"https://a.example\"]\n");
    let settings = read(Some(file.path()), &[("LECTERN_HTTP", "127.0.0.1:2")]).expect("valid");
    assert_eq!(settings.http.port(), 2);
    assert!(settings.demo);
    assert_eq!((settings.shards, settings.frame_ancestors), (2, vec!["https://a.example".to_owned()]));
}

#[test]
fn a_file_with_an_unknown_key_or_of_no_sense_is_refused() {
    let unknown = file("htp = \"127.0.0.1:1\"\n");
    let text = read(Some(unknown.path()), &[]).expect_err("unknown key").to_string();
    assert!(text.contains("htp in") && text.contains("retention"), "{text}");
    assert!(read(Some(file("http = ").path()), &[]).is_err());
    assert!(read(Some(Path::new("/nowhere/lectern.toml")), &[]).is_err());
}

#[test]
fn certificate_and_key_belong_together() {
    assert!(from_environment(&[("LECTERN_TLS_CERT", "a.pem")]).is_err());
    let settings =
        from_environment(&[("LECTERN_TLS_CERT", "a.pem"), ("LECTERN_TLS_KEY", "b.pem")]).expect("valid");
    assert_eq!(settings.public_url, "https://127.0.0.1:8080");
}

#[test]
fn an_unspecified_address_is_shown_as_loopback() {
    let settings = from_environment(&[("LECTERN_HTTP", "0.0.0.0:9000")]).expect("valid");
    assert_eq!(settings.public_url, "http://127.0.0.1:9000");
}

#[test]
fn media_by_tcp_can_be_elsewhere_or_off_and_leaves_the_web_its_port() {
    let tcp = |pairs: &[(&str, &str)]| from_environment(pairs).expect("valid").tcp;
    assert_eq!(tcp(&[("LECTERN_UDP", "10.0.0.1:5000")]), "10.0.0.1:5000".parse().ok());
    assert_eq!(tcp(&[("LECTERN_TCP", "0.0.0.0:443")]), "0.0.0.0:443".parse().ok());
    assert_eq!(tcp(&[("LECTERN_TCP", "off")]), None);
    assert_eq!(tcp(&[("LECTERN_UDP", "0.0.0.0:443"), ("LECTERN_HTTP", "0.0.0.0:443")]), None);
}
