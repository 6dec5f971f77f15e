//! How long a tenant's recordings are kept (R51), and the terms of everything else.

/// One day in ms.
pub const DAY_MS: i64 = 86_400_000;
/// Longest period in days that a recording may be kept by a number: ten years.
pub const MAX_DAYS: u32 = 3650;
/// Longest time in days after a contract's end until all of a tenant's data is gone: five years (R53).
pub const MAX_END_DAYS: u32 = 1826;
/// Longest time in days after a meeting's end until connection data is gone (R54).
pub const MAX_CONNECTION_DAYS: u32 = 28;
/// Longest time in days until the address of a signed-in person is cut (R55).
pub const MAX_ADDRESS_DAYS: u32 = 7;

/// How long recordings are kept, counted from the meeting's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// This many days, 1 to [`MAX_DAYS`].
    Days(u32),
    /// Until somebody asks for the deletion.
    OnRequest,
}

/// A policy that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a retention period: write 7d, 14d, any other number of days up to {MAX_DAYS}d, or on-request"
)]
pub struct RetentionError(String);

impl Retention {
    /// When a recording of a meeting that ended at `ended_ms` is due; `None` if never by itself.
    pub fn due_ms(self, ended_ms: i64) -> Option<i64> {
        match self {
            Self::Days(days) => Some(ended_ms.saturating_add(i64::from(days) * DAY_MS)),
            Self::OnRequest => None,
        }
    }

    /// The period in days; `None` if kept until somebody asks.
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Days(days) => Some(days),
            Self::OnRequest => None,
        }
    }
}

impl std::str::FromStr for Retention {
    type Err = RetentionError;

    /// Strict: no sign, space, leading zero or other unit, so that nothing is kept longer than somebody thought.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || RetentionError(text.chars().take(40).collect());
        if text == "on-request" {
            return Ok(Self::OnRequest);
        }
        let digits = text.strip_suffix('d').ok_or_else(wrong)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        let days =
            digits.parse().ok().filter(|days| plain && (1..=MAX_DAYS).contains(days)).ok_or_else(wrong)?;
        Ok(Self::Days(days))
    }
}

impl std::fmt::Display for Retention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::OnRequest => f.write_str("on-request"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r51_a_period_is_read_strictly_and_written_as_it_was_read() {
        for (text, policy) in [
            ("7d", Retention::Days(7)),
            ("14d", Retention::Days(14)),
            ("1d", Retention::Days(1)),
            ("3650d", Retention::Days(3650)),
            ("on-request", Retention::OnRequest),
        ] {
            assert_eq!(text.parse(), Ok(policy));
            assert_eq!(policy.to_string(), text);
        }
        for wrong in
            ["", "d", "7", "0d", "07d", "+7d", "-7d", "7 d", " 7d", "7d ", "7D", "7w", "3651d", "1e3d", "٧d"]
        {
            assert!(wrong.parse::<Retention>().is_err(), "{wrong:?}");
        }
        assert!("on request".parse::<Retention>().is_err());
        assert!("never".parse::<Retention>().unwrap_err().to_string().contains("on-request"));
    }

    #[test]
    fn r51_a_recording_is_due_when_its_period_is_over() {
        assert_eq!(Retention::Days(7).due_ms(1000), Some(1000 + 7 * DAY_MS));
        assert_eq!(Retention::OnRequest.due_ms(1000), None);
        assert_eq!(Retention::Days(7).due_ms(i64::MAX), Some(i64::MAX));
    }
}
