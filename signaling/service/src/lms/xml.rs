//! Writing answers: `<response>` with its elements in the order in which the reference server gives them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::failure::Failure;

/// An answer being written.
pub struct Answer(Writer<Vec<u8>>);

impl Answer {
    /// Begins `<response><returncode>SUCCESS</returncode>`.
    pub fn success() -> Self {
        Self::begin("SUCCESS")
    }

    /// A whole refusal.
    pub fn failed(failure: &Failure) -> Self {
        let mut answer = Self::begin("FAILED");
        answer.text("messageKey", failure.key).text("message", &failure.message);
        answer
    }

    fn begin(code: &str) -> Self {
        let mut answer = Self(Writer::new(Vec::with_capacity(1024)));
        answer.event(Event::Start(BytesStart::new("response")));
        answer.text("returncode", code);
        answer
    }

    /// `<name>value</name>`; characters that XML cannot carry are left out.
    pub fn text(&mut self, name: &str, value: impl AsRef<str>) -> &mut Self {
        let value: String = value.as_ref().chars().filter(|&c| is_xml_char(c)).collect();
        self.nest(name, |answer| answer.event(Event::Text(BytesText::new(&value))))
    }

    /// `<name>value</name>` for numbers and truth values.
    pub fn value(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.text(name, value.to_string())
    }

    /// `<name>…</name>` around what `inner` writes.
    pub fn nest(&mut self, name: &str, inner: impl FnOnce(&mut Self)) -> &mut Self {
        self.event(Event::Start(BytesStart::new(name)));
        inner(self);
        self.event(Event::End(BytesEnd::new(name)));
        self
    }

    /// `<name/>`.
    pub fn empty(&mut self, name: &str) -> &mut Self {
        self.event(Event::Empty(BytesStart::new(name)));
        self
    }

    /// `messageKey` and `message` of a success.
    pub fn message(&mut self, key: &str, message: &str) -> &mut Self {
        self.text("messageKey", key).text("message", message)
    }

    /// The bytes of the whole answer.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.event(Event::End(BytesEnd::new("response")));
        self.0.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing into a Vec cannot fail.
        self.0.write_event(event).ok();
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        (StatusCode::OK, headers, self.into_bytes()).into_response()
    }
}

/// XML 1.0 §2.2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_once_and_control_characters_are_left_out() {
        let mut answer = Answer::success();
        answer
            .text("meetingName", "Maths &amp; <b>“Fun”\u{1}\u{b}")
            .empty("recordings")
            .value("running", true);
        let xml = String::from_utf8(answer.into_bytes()).expect("utf-8");
        assert_eq!(
            xml,
            "<response><returncode>SUCCESS</returncode><meetingName>Maths &amp;amp; &lt;b&gt;“Fun”</meetingName>\
             <recordings/><running>true</running></response>"
        );
    }
}
