//! The offer says what was decided; the answer is read strictly.

use super::client::AnswerOptions;
use super::sdp::Direction;
use super::*;

fn answer(options: &AnswerOptions) -> (Session, String) {
    let mut session = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
    let client = Client::new(&session.offer(&layout()), Micros::ZERO);
    let answer = client.answer_with(options);
    (session, answer)
}

fn accept(change: impl FnOnce(String) -> String) -> Result<Negotiated, AnswerError> {
    let (mut session, answer) = answer(&AnswerOptions::default());
    session.accept_answer(Micros::ZERO, &change(answer))
}

#[test]
fn n4_the_offer_carries_all_sections_of_the_class() {
    let mut session = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
    let offer = session.offer(&layout());
    assert_eq!(offer.matches("\r\nm=").count(), 4 + 8);
    assert!(offer.lines().all(|line| !line.is_empty()) && offer.ends_with("\r\n"));
    for line in [
        "a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11",
        "a=ice-lite",
        "a=ice-ufrag:000100000000002a",
        "a=setup:actpass",
        "a=simulcast:recv q;h;f",
        "a=candidate:1 1 udp 2130706431 192.0.2.5 3478 typ host",
        "a=candidate:2 1 tcp 1520435199 192.0.2.5 3478 typ host tcptype passive",
        "a=ssrc-group:FID 100 200",
        "a=msid:slot-7 slot-7",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    ] {
        assert!(offer.lines().any(|given| given == line), "{line}\n{offer}");
    }
    let parsed = rtc_sdp::SessionDescription::unmarshal(&mut std::io::Cursor::new(offer.as_bytes())).unwrap();
    assert_eq!(parsed.media_descriptions.len(), 12);
}

#[test]
fn an_answer_that_accepts_everything_is_read() {
    let negotiated = accept(|answer| answer).unwrap();
    assert_eq!(negotiated.sections.len(), 12);
    let camera = &negotiated.sections[1];
    assert_eq!((camera.mid.as_str(), camera.accepted, camera.rtx), ("1", true, true));
    assert_eq!(camera.direction, Direction::SendOnly);
    assert_eq!(camera.rids, ["q", "h", "f"]);
    assert_eq!(camera.extensions, sfu_wire::rtp::ExtensionIds { audio_level: 0, ..EXTENSION_IDS });
    let slot = &negotiated.sections[4];
    assert_eq!((slot.direction, slot.rtx), (Direction::RecvOnly, false));
}

#[test]
fn refused_sections_are_told_apart() {
    let (mut session, answer) = answer(&AnswerOptions { refused: vec![2, 3], ..AnswerOptions::default() });
    let negotiated = session.accept_answer(Micros::ZERO, &answer).unwrap();
    let accepted: Vec<bool> = negotiated.sections.iter().map(|section| section.accepted).collect();
    assert_eq!(accepted[..5], [true, true, false, false, true]);
    assert_eq!(negotiated.sections[2].direction, Direction::Inactive);
}

#[test]
fn an_answer_is_taken_once() {
    let (mut session, answer) = answer(&AnswerOptions::default());
    session.accept_answer(Micros::ZERO, &answer).unwrap();
    assert_eq!(session.accept_answer(Micros::ZERO, &answer), Err(AnswerError::Again));
}

#[test]
fn what_does_not_fit_the_offer_is_refused() {
    let section = |mid: &str| AnswerError::Numbering(mid.to_owned());
    let cut = |answer: String, at: &str| answer[..answer.find(at).unwrap()].to_owned();
    assert_eq!(accept(|answer| answer.replace("a=setup:active", "a=setup:passive")), Err(AnswerError::Setup));
    assert_eq!(
        accept(|answer| answer.replace("a=fingerprint:sha-256", "a=fingerprint:sha-1")),
        Err(AnswerError::Fingerprint)
    );
    assert_eq!(accept(|answer| answer.replace("a=ice-pwd", "a=x-ice-pwd")), Err(AnswerError::Credentials));
    assert_eq!(accept(|answer| answer.replace("VP8/90000", "H264/90000")), Err(section("1")));
    assert_eq!(accept(|answer| answer.replace("a=extmap:5 ", "a=extmap:7 ")), Err(section("0")));
    assert_eq!(accept(|answer| answer.replace("a=mid:3", "a=mid:4")), Err(AnswerError::Sections));
    assert_eq!(accept(|answer| cut(answer, "m=video")), Err(AnswerError::Sections));
    assert_eq!(accept(|answer| answer.clone() + &answer), Err(AnswerError::Sections));
    assert_eq!(accept(|answer| answer + &"a=x\r\n".repeat(60_000)), Err(AnswerError::TooLong));
    assert_eq!(accept(|answer| answer + "a=" + &"x".repeat(5_000)), Err(AnswerError::TooLong));
    assert!(matches!(accept(|answer| answer + "nonsense"), Err(AnswerError::Malformed(line)) if line > 100));
    assert_eq!(accept(|_| String::new()), Err(AnswerError::Sections));
}
