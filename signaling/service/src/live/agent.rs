//! Browser and operating system, as far as support needs them (R40), from the `User-Agent` header.

/// What a browser says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// Name and major version.
    pub browser: String,
    /// Operating system.
    pub os: &'static str,
}

/// Names in the order in which they decide: most browsers also claim to be others.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
];

impl Agent {
    /// Reads the header; what is not known is `other`.
    pub fn read(header: &str) -> Self {
        let browser = BROWSERS.iter().find_map(|(mark, name)| {
            let (_, rest) = header.split_once(mark)?;
            let version: String = rest.chars().take_while(char::is_ascii_digit).take(6).collect();
            Some(format!("{name} {version}").trim_end().to_owned())
        });
        let os = SYSTEMS.iter().find(|(mark, _)| header.contains(mark)).map_or("other", |(_, name)| name);
        Self { browser: browser.unwrap_or_else(|| "other".to_owned()), os }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r40_known_browsers_are_recognised() {
        let read = |header: &str| {
            let agent = Agent::read(header);
            (agent.browser, agent.os)
        };
        for (header, browser, os) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox 140",
                "Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
                "Edge 156",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
                "Chrome 156",
                "Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari 18",
                "iOS",
            ),
            ("curl/8.0", "other", "other"),
            ("", "other", "other"),
        ] {
            assert_eq!(read(header), (browser.to_owned(), os));
        }
    }
}
