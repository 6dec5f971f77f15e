//! Reading an answer of the API, as a front end does: elements, their texts and their children.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its own text, decoded.
    pub text: String,
    /// Its children, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a document; `None` if it is not well-formed or too deep.
    pub fn parse(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) if open.len() < MAX_DEPTH => open.push(Self::named(tag.name().as_ref())),
                Event::Start(_) => return None,
                Event::Empty(tag) => open.last_mut()?.children.push(Self::named(tag.name().as_ref())),
                Event::Text(text) => open.last_mut()?.text.push_str(&text),
                Event::CData(text) => open.last_mut()?.text.push_str(&text),
                Event::GeneralRef(name) => {
                    let entity = format!("&{};", &*name);
                    open.last_mut()?.text.push_str(&quick_xml::escape::unescape(&entity).ok()?);
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    open.last_mut()?.children.push(element);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let root = open.pop().filter(|_| open.is_empty())?;
        root.children.into_iter().next()
    }

    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text at a path of names separated by slashes; empty if there is none.
    pub fn at(&self, path: &str) -> &str {
        let found = path.split('/').try_fold(self, |element, name| element.child(name));
        found.map(|element| element.text.as_str()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn answers_are_read_with_entities_and_children() {
        let xml = "<response><returncode>SUCCESS</returncode><a><b>x &amp; y&#33;</b><b><![CDATA[<z>]]></b></a></response>";
        let root = Element::parse(xml).expect("well-formed");
        assert_eq!(root.at("returncode"), "SUCCESS");
        assert_eq!(root.at("a/b"), "x & y!");
        assert_eq!(root.child("a").map(|a| a.children[1].text.as_str()), Some("<z>"));
        assert_eq!(root.at("a/none/x"), "");
        assert!(Element::parse("<a><b></a>").is_none());
        assert!(Element::parse(&"<a>".repeat(50)).is_none());
    }
}
