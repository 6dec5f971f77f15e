//! The answer of a client that takes the offer as it is.

use std::fmt::Write as _;

/// How an answer differs from one that accepts everything.
#[derive(Clone, Debug, Default)]
pub struct AnswerOptions {
    /// Sections that are refused (port 0).
    pub refused: Vec<usize>,
    /// Another certificate's fingerprint.
    pub fingerprint: Option<String>,
    /// Payload types that are not accepted.
    pub payload_types_left_out: Vec<u8>,
    /// Another setup role than `active`.
    pub setup: Option<String>,
}

impl AnswerOptions {
    fn leaves_out(&self, number: &str) -> bool {
        number.parse().is_ok_and(|number: u8| self.payload_types_left_out.contains(&number))
    }

    fn leaves_out_line(&self, line: &str) -> bool {
        let value = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|name| line.strip_prefix(name));
        value.and_then(|value| value.split(' ').next()).is_some_and(|number| self.leaves_out(number))
    }
}

pub(super) fn write(offer: &str, ufrag: &str, fingerprint: &str, options: &AnswerOptions) -> String {
    let fingerprint = options.fingerprint.as_deref().unwrap_or(fingerprint);
    let setup = options.setup.as_deref().unwrap_or("active");
    let mut answer = String::new();
    let mut section = None;
    for line in offer.lines() {
        if line.starts_with("m=") {
            let number = section.map_or(0, |section: usize| section + 1);
            section = Some(number);
            let port = if options.refused.contains(&number) { " 0 " } else { " 9 " };
            let words = line.split(' ').enumerate().filter(|(n, word)| *n < 3 || !options.leaves_out(word));
            let line = words.map(|(_, word)| word).collect::<Vec<_>>().join(" ");
            let _ = write!(answer, "{}\r\n", line.replacen(" 9 ", port, 1));
            let _ = write!(
                answer,
                "c=IN IP4 0.0.0.0\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:clientpasswordof32lettersaaaaaaa\r\n"
            );
            let _ = write!(answer, "a=fingerprint:sha-256 {fingerprint}\r\na=setup:{setup}\r\n");
        } else if options.leaves_out_line(line) {
            continue;
        } else if let Some(line) = mirrored(line, section.is_some()) {
            let _ = write!(answer, "{line}\r\n");
        }
    }
    answer
}

/// What the answer says to a line of the offer.
fn mirrored(line: &str, in_section: bool) -> Option<String> {
    let dropped = ["c=", "a=ice", "a=fingerprint", "a=setup", "a=candidate", "a=end-of", "a=ssrc", "a=msid"];
    if dropped.iter().any(|prefix| line.starts_with(prefix)) {
        return None;
    }
    Some(match line {
        "a=recvonly" => "a=sendonly".to_owned(),
        "a=sendonly" => "a=recvonly".to_owned(),
        _ if in_section && line.starts_with("a=rid:") => line.replace(" recv", " send"),
        _ if in_section && line.starts_with("a=simulcast:") => line.replace("recv", "send"),
        _ => line.to_owned(),
    })
}
