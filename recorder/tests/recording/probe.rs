//! Asks ffmpeg what is in a file, over a pipe.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Times of all packets in ms, in file order.
pub fn times(file: &[u8]) -> Vec<u64> {
    let answer = ffprobe(file, &["-show_packets"]);
    let packets = answer["packets"].as_array().unwrap();
    packets
        .iter()
        .map(|packet| (packet["pts_time"].as_str().unwrap().parse::<f64>().unwrap() * 1000.0).round() as u64)
        .collect()
}

/// Codec names of the streams.
pub fn codecs(file: &[u8]) -> Vec<String> {
    let answer = ffprobe(file, &["-show_streams"]);
    answer["streams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stream| stream["codec_name"].as_str().unwrap().to_owned())
        .collect()
}

/// Decodes everything; gives the number of decoded pictures (or sound frames) and what the decoder complained about.
pub fn decode(file: &[u8]) -> (usize, String) {
    let output = pipe(
        "ffmpeg",
        &["-v", "warning", "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "framecrc", "-"],
        file,
    );
    let frames = String::from_utf8(output.0).unwrap().lines().filter(|line| !line.starts_with('#')).count();
    (frames, output.1)
}

fn ffprobe(file: &[u8], what: &[&str]) -> Value {
    let output = pipe("ffprobe", &[what, &["-v", "error", "-of", "json", "-i", "pipe:0"]].concat(), file);
    serde_json::from_slice(&output.0).unwrap()
}

fn pipe(program: &str, arguments: &[&str], input: &[u8]) -> (Vec<u8>, String) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}
