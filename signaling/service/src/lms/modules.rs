//! The body of `create`: slides the front end hands over.

use quick_xml::Reader;
use quick_xml::events::Event;

/// How many documents a `<modules>` body names; `None` if it is not well-formed XML.
pub(super) fn documents(body: &[u8]) -> Option<usize> {
    let mut reader = Reader::from_reader(body);
    let (mut depth, mut documents) = (0usize, 0usize);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                depth = depth.checked_add(1)?;
                documents += usize::from(tag.local_name().as_ref() == "document");
            }
            Event::Empty(tag) => documents += usize::from(tag.local_name().as_ref() == "document"),
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::Eof => return (depth == 0).then_some(documents),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn documents_are_counted_and_broken_xml_is_told() {
        let body = b"<?xml version='1.0' encoding='UTF-8'?><modules><module name='presentation'>\
            <document url='https://lms/a.pdf' /><document name=\"b.pdf\">QUJD</document></module></modules>";
        assert_eq!(documents(body), Some(2));
        assert_eq!(documents(b"<modules/>"), Some(0));
        assert_eq!(documents(b"<modules><module></modules>"), None);
    }
}
