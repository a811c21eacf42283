//! A lenient text field, borrowed from the record where it can be.
//!
//! Scanners and exporters write ids as numbers, leave out texts or set them to `null`; none of that is a reason
//! to refuse a record. A list or an object where a text belongs is.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Text of a record: empty when it is absent or `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// The text, unless it is empty.
    pub(super) fn some(&self) -> Option<&str> {
        let text = self.0.trim();
        (!text.is_empty()).then_some(text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(truth.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// The first text that is not empty.
pub(super) fn first<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> Option<&'t str> {
    texts
        .into_iter()
        .flatten()
        .find(|text| !text.trim().is_empty())
}

/// Owned text of at most `limit` bytes; a longer one ends with `…`.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut short = String::with_capacity(end + 3);
    short.push_str(&text[..end]);
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_null_are_texts_lists_are_not() {
        let read = |json: &str| serde_json::from_str::<Text<'_>>(json).map(|t| t.0.into_owned());
        assert_eq!(read("111122223333").unwrap(), "111122223333");
        assert_eq!(read("null").unwrap(), "");
        assert_eq!(read("true").unwrap(), "true");
        assert_eq!(read("\"a\\nb\"").unwrap(), "a\nb");
        assert!(
            read("[]")
                .unwrap_err()
                .to_string()
                .contains("expected a text")
        );
    }

    #[test]
    fn shortening_keeps_characters_whole() {
        assert_eq!(shortened("äää", 3), "ä…");
        assert_eq!(shortened("abc", 3), "abc");
    }
}
