//! Parameters of a call, decoded once: without control characters, trimmed, and empty means absent.

use std::collections::BTreeMap;

use super::failure::Failure;

/// The decoded parameters in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Decodes `application/x-www-form-urlencoded` text. The checksum is not a parameter.
    pub fn decode(encoded: &str) -> Self {
        let pairs = form_urlencoded::parse(encoded.as_bytes())
            .filter(|(name, _)| !name.is_empty() && name != "checksum")
            .map(|(name, value)| (clean(&name), clean(&value)));
        Self(pairs.collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the parameters of a body. None may stand in both places: what was signed must not be overridden.
    pub fn merge(&mut self, body: Params) -> Result<(), Failure> {
        if body.0.iter().any(|(name, _)| name == "checksum" || self.0.iter().any(|(other, _)| other == name))
        {
            return Err(Failure::checksum());
        }
        self.0.extend(body.0);
        Ok(())
    }

    /// The first value of that name that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, value)| other == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A truth value, in any case.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => {
                Err(Failure::invalid(format!("You must provide a boolean value (true or false) for {name}")))
            }
        }
    }

    /// A whole number that is not negative.
    pub fn number<N: TryFrom<u64>>(&self, name: &str) -> Result<Option<N>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse::<u64>().ok().and_then(|number| N::try_from(number).ok());
        number
            .map(Some)
            .ok_or_else(|| Failure::invalid(format!("You must provide an integer value for {name}")))
    }

    /// A text of a length in characters.
    pub fn sized(&self, name: &str, least: usize, most: usize) -> Result<Option<&str>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if (least..=most).contains(&text.chars().count()) {
            return Ok(Some(text));
        }
        Err(Failure::new("sizeError", format!("{name} must be between {least} and {most} characters")))
    }

    /// The meeting's external id: 2 to 256 characters, no comma (commas separate ids elsewhere).
    pub fn meeting_id(&self) -> Result<&str, Failure> {
        let id = self.sized("meetingID", 2, 256)?;
        let id = id.ok_or_else(|| Failure::new("missingParamMeetingID", "You must provide a meeting ID"))?;
        if id.contains(',') {
            return Err(Failure::invalid("Meeting ID cannot contain ','"));
        }
        Ok(id)
    }

    /// Whether a parameter was sent at all, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// `meta_*`: `meta_[a-zA-Z][a-zA-Z0-9-]*`, names in lower case; others are left out, empty values stay.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        self.prefixed("meta_", |name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect()
    }

    /// `userdata-*`: settings of the client, given back as `customdata`. Names that are no XML names are left out.
    pub fn user_data(&self) -> BTreeMap<String, String> {
        self.prefixed("userdata-", |name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    /// A comma list without its empty members: a trailing comma names nothing more.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn prefixed<'a>(
        &'a self,
        prefix: &'a str,
        allowed: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let name = name.strip_prefix(prefix)?;
            allowed(name).then_some((name, value.as_str()))
        })
    }
}

fn clean(text: &str) -> String {
    let text: String =
        text.chars().filter(|&c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_once_and_cleaned() {
        let params =
            Params::decode("name=Maths+%26amp%3B+%E2%80%9CFun%E2%80%9D%00%07&pw=view%25262&empty=&x=%20+a+");
        assert_eq!(params.text("name"), Some("Maths &amp; “Fun”"));
        assert_eq!(params.text("pw"), Some("view%262"));
        assert_eq!(params.text("empty"), None);
        assert_eq!(params.text("x"), Some("a"));
    }

    #[test]
    fn flags_and_numbers_are_strict_but_in_any_case() {
        let params = Params::decode("a=TRUE&b=False&c=yes&d=5&e=-1&f=");
        assert_eq!(params.flag("a").ok(), Some(Some(true)));
        assert_eq!(params.flag("b").ok(), Some(Some(false)));
        assert_eq!(params.flag("c").err().map(|f| f.key), Some("validationError"));
        assert_eq!(params.number::<u32>("d").ok(), Some(Some(5)));
        assert!(params.number::<u32>("e").is_err());
        assert_eq!(params.number::<u32>("f").ok(), Some(None));
    }

    #[test]
    fn metadata_names_are_lower_case_xml_names() {
        let params = Params::decode("meta_endCallbackUrl=u&meta_1bad=x&meta_a%20b=y&meta_bbb-context=");
        let metadata = params.metadata();
        assert_eq!(metadata.keys().collect::<Vec<_>>(), ["bbb-context", "endcallbackurl"]);
        assert_eq!(metadata["bbb-context"], "");
    }

    #[test]
    fn a_trailing_comma_names_nothing_more() {
        assert_eq!(Params::decode("meetingID=a%2C").list("meetingID"), ["a"]);
        assert!(Params::decode("meetingID=%2C+%2C").list("meetingID").is_empty());
    }

    #[test]
    fn a_body_cannot_override_what_was_signed() {
        let mut params = Params::decode("meetingID=a");
        assert!(params.merge(Params::decode("welcome=hi")).is_ok());
        assert!(params.merge(Params::decode("meetingID=b")).is_err());
        assert_eq!(params.text("welcome"), Some("hi"));
    }
}
