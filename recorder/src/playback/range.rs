//! The `Range` header (RFC 9110 §14.2), one byte range.

use std::ops::Range;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: no `Range`, or one that may be ignored (other unit, several ranges, malformed).
    Whole,
    /// These bytes, not empty, inside the file.
    Part(Range<u64>),
    /// Bytes that the file does not have (416).
    Unsatisfiable,
}

/// Reads the header's value for a file of `length` bytes.
pub(super) fn parse(header: Option<&str>, length: u64) -> Wanted {
    let Some((first, last)) = header.and_then(|value| value.trim().strip_prefix("bytes=")?.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return Wanted::Whole;
    }
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => Wanted::Whole,
        (Ok(first), _) if first >= length => Wanted::Unsatisfiable,
        (Ok(first), Ok(last)) => Wanted::Part(first..last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) => Wanted::Part(first..length),
        (Err(_), Ok(suffix)) if suffix == 0 || length == 0 => Wanted::Unsatisfiable,
        (Err(_), Ok(suffix)) => Wanted::Part(length.saturating_sub(suffix)..length),
        (Err(_), Err(_)) => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let part = |range| Wanted::Part(range);
        for (header, wanted) in [
            (None, Wanted::Whole),
            (Some("bytes=0-0"), part(0..1)),
            (Some("bytes=10-19"), part(10..20)),
            (Some("bytes=90-"), part(90..100)),
            (Some("bytes=-5"), part(95..100)),
            (Some("bytes=-500"), part(0..100)),
            (Some("bytes=99-500"), part(99..100)),
            (Some("bytes=100-"), Wanted::Unsatisfiable),
            (Some("bytes=-0"), Wanted::Unsatisfiable),
            (Some("bytes=5-4"), Wanted::Whole),
            (Some("bytes=0-1,5-6"), Wanted::Whole),
            (Some("bytes=-"), Wanted::Whole),
            (Some("items=0-1"), Wanted::Whole),
            (Some("bytes=+1-2"), Wanted::Whole),
        ] {
            assert_eq!(parse(header, 100), wanted, "{header:?}");
        }
    }
}
