//! Whether GStreamer can do what the recorder needs.

use gstreamer as gst;

/// Element and the Debian package that has it.
const NEEDED: [(&str, &str); 5] = [
    ("appsrc", "gstreamer1.0-plugins-base"),
    ("appsink", "gstreamer1.0-plugins-base"),
    ("rtpvp8depay", "gstreamer1.0-plugins-good"),
    ("rtpopusdepay", "gstreamer1.0-plugins-good"),
    ("webmmux", "gstreamer1.0-plugins-good"),
];

/// What GStreamer lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingElements {
    /// GStreamer itself does not start.
    #[error("GStreamer cannot be initialised: {0}")]
    Library(String),
    /// These elements are not installed.
    #[error("GStreamer elements are missing: {}; install {}", elements.join(", "), packages.join(", "))]
    Elements {
        /// Names of the elements.
        elements: Vec<&'static str>,
        /// Debian packages that have them.
        packages: Vec<&'static str>,
    },
}

/// Initialises GStreamer and looks for every element the recorder uses. Loads C libraries into the calling process:
/// meant for the recorder itself and for short-lived commands.
///
/// # Errors
/// Names what is missing and what to install.
pub fn check_elements() -> Result<(), MissingElements> {
    gst::init().map_err(|error| MissingElements::Library(error.to_string()))?;
    check(&NEEDED)
}

fn check(needed: &[(&'static str, &'static str)]) -> Result<(), MissingElements> {
    let missing = needed.iter().filter(|(element, _)| gst::ElementFactory::find(element).is_none());
    let (elements, mut packages): (Vec<_>, Vec<_>) = missing.copied().unzip();
    packages.dedup();
    if elements.is_empty() { Ok(()) } else { Err(MissingElements::Elements { elements, packages }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_here_and_a_missing_one_is_named() {
        check_elements().unwrap();
        let error = check(&[("webmmux", "good"), ("nosuchelement", "some-package")]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("nosuchelement") && text.contains("some-package") && !text.contains("webmmux"),
            "{text}"
        );
    }
}
