//! The welcome text: front ends send a subset of HTML, people get plain text.

/// Takes tags off, keeps line breaks and decodes the common entities once.
pub(super) fn reduce(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, special) = rest.split_at(at);
        text.push_str(before);
        rest = if special.starts_with('<') { tag(special, &mut text) } else { entity(special, &mut text) };
    }
    text.push_str(rest);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Skips the tag at the start; a line or paragraph becomes a new line.
fn tag<'a>(special: &'a str, text: &mut String) -> &'a str {
    let Some(end) = special.find('>') else {
        text.push_str(special);
        return "";
    };
    let (tag, rest) = special.split_at(end);
    let name = tag.trim_start_matches(['<', '/']).to_ascii_lowercase();
    if ["br", "p", "div", "li"].iter().any(|block| name.split([' ', '/']).next() == Some(block)) {
        text.push('\n');
    }
    rest.get(1..).unwrap_or_default()
}

fn entity<'a>(special: &'a str, text: &mut String) -> &'a str {
    const KNOWN: [(&str, char); 7] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&apos;", '\''),
        ("&nbsp;", ' '),
    ];
    for (name, character) in KNOWN {
        if let Some(rest) = special.strip_prefix(name) {
            text.push(character);
            return rest;
        }
    }
    text.push('&');
    special.get(1..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::reduce;
    use proptest::prelude::*;

    #[test]
    fn tags_go_and_lines_stay() {
        assert_eq!(
            reduce("Willkommen <b>in Mathe</b>!<br/>Um 9 &amp; 10 Uhr"),
            "Willkommen in Mathe!\nUm 9 & 10 Uhr"
        );
        assert_eq!(reduce("<p>a</p><p>b</p>"), "a\n\nb");
        assert_eq!(reduce("3 < 4"), "3 < 4");
        assert_eq!(reduce("<script>alert(1)</script>x"), "alert(1)x");
    }

    proptest! {
        #[test]
        fn any_text_is_reduced_without_panic(text in ".{0,100}") {
            let _ = reduce(&text);
        }
    }
}
