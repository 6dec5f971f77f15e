use super::*;
use proptest::prelude::*;

const SECRET: &str = "639259d4-9dd8-4b25-bf01-95f9567eaf4b";
const QUERY: &str = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";
const SUMS: [&str; 4] = [
    "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17",
    "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e",
    "891ac633df39d0a1b4f8d597f3e190833216c4b29c4fb51ea3ca72757eeb958d6e7b49a845cf29f5c6019c7d29d029d1",
    "de73ad61d11a5c801b68d4bd6ec5248546085cefb0b25c85f3c46249ea93a3a4b120f92c0a8a58d7512cb77821884951a3b01245f3435dbbef49fff3cc3988b4",
];

fn accepted(call: &str, raw: &str) -> bool {
    SignedQuery::cut(raw).is_signed_with(call, SECRET)
}

#[test]
fn the_published_vectors_verify_with_all_four_hashes_in_any_case() {
    for sum in SUMS {
        assert!(accepted("create", &format!("{QUERY}&checksum={sum}")), "{sum}");
        assert!(accepted("create", &format!("{QUERY}&checksum={}", sum.to_uppercase())));
        assert!(!accepted("join", &format!("{QUERY}&checksum={sum}")), "another call");
        assert!(!accepted("create", &format!("{QUERY}&record=true&checksum={sum}")), "another query");
    }
    assert!(accepted("getMeetings", "checksum=2027baa7771026e9e93392f55031535d1444c41f"));
}

#[test]
fn the_checksum_may_stand_anywhere() {
    let sum = SUMS[0];
    assert!(accepted("create", &format!("checksum={sum}&{QUERY}")));
    assert!(accepted("create", &QUERY.replace("&attendeePW", &format!("&checksum={sum}&attendeePW"))));
    assert!(accepted("getMeetings", "&checksum=2027baa7771026e9e93392f55031535d1444c41f"));
}

#[test]
fn an_apostrophe_escaped_on_the_way_is_forgiven() {
    let sum = sign("join", "fullName=O'Neil", SECRET);
    assert!(accepted("join", &format!("fullName=O%27Neil&checksum={sum}")));
    assert!(!accepted("join", &format!("fullName=O%28Neil&checksum={sum}")));
}

#[test]
fn nothing_is_signed_without_checksum_or_secret() {
    assert!(!accepted("create", QUERY));
    assert!(!accepted("create", &format!("{QUERY}&checksum=")));
    assert!(!accepted("create", &format!("{QUERY}&checksum=zz")));
    let unsecured = SignedQuery::cut(&format!("{QUERY}&checksum={}", sign("create", QUERY, "")));
    assert!(!unsecured.is_signed_with("create", ""), "an empty secret never means security off");
}

#[test]
fn a_second_checksum_is_part_of_what_is_signed() {
    let cut = SignedQuery::cut("a=1&checksum=aa&checksum=bb");
    assert_eq!(cut.signed, "a=1&checksum=bb");
    assert_eq!(cut.checksum.as_deref(), Some("aa"));
}

proptest! {
    #[test]
    fn any_query_is_cut_without_panic(raw in ".{0,200}") {
        let _ = SignedQuery::cut(&raw).is_signed_with("create", SECRET);
    }

    #[test]
    fn what_a_front_end_signs_is_accepted(name in "[a-zA-Z0-9+%._-]{0,40}") {
        let query = format!("name={name}&meetingID=x");
        let sum = sign("create", &query, SECRET);
        let raw = format!("{query}&checksum={sum}");
        prop_assert!(accepted("create", &raw));
    }
}
