//! Names of things. All are opaque outside the place that makes them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id! {
    /// One customer of the operator. The tenant made at first start is `default`.
    TenantId
}
text_id! {
    /// One meeting: `sha1hex(external id) + "-" + create time in ms` (BigBlueButton's internalMeetingID).
    /// It is also the id of the meeting's recording.
    MeetingId
}
text_id! {
    /// One person in one meeting: `w_` and 12 lower-case letters or digits, made at `join`; not the LMS's user id.
    PersonId
}
text_id! {
    /// One stay of a person (one browser tab): 32 hex digits.
    SessionId
}
