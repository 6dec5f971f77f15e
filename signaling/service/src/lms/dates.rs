//! Dates as Java writes them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `EEE MMM dd HH:mm:ss zzz yyyy` in UTC of a time in Unix ms.
pub(super) fn java(unix_ms: i64) -> String {
    let time = Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::UTC).strftime("%a %b %d %H:%M:%S UTC %Y").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_look_like_java() {
        assert_eq!(super::java(1_453_206_317_376), "Tue Jan 19 12:25:17 UTC 2016");
        assert_eq!(super::java(i64::MAX), "Thu Jan 01 00:00:00 UTC 1970");
    }
}
