//! JSON with the bytes of every piece.

use std::ops::Range;

use super::{Content, DEPTH, DataProblem, Entry, Node, line};
use crate::terraform::value::{Unknown, decimal};

/// Reads a document as `jsondecode` does.
///
/// # Errors
/// It is no JSON, or nested more deeply than is read.
pub fn read(text: &str) -> Result<Node, DataProblem> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.malformed("something follows the document"));
    }
    Ok(node)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn malformed(&self, message: &str) -> DataProblem {
        DataProblem::Malformed {
            format: "JSON",
            line: line(self.text, self.at),
            message: message.to_owned(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, DataProblem> {
        if depth > DEPTH {
            return Err(DataProblem::Unsupported {
                format: "JSON",
                line: line(self.text, self.at),
                message: "nesting of this depth".to_owned(),
            });
        }
        let start = self.at;
        let content = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Content::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node {
            span: start..self.at,
            content,
        })
    }

    fn word(&mut self) -> Result<Content, DataProblem> {
        for (word, content) in [
            ("null", Content::Null),
            ("true", Content::Bool(true)),
            ("false", Content::Bool(false)),
        ] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(content);
            }
        }
        Err(self.malformed("a value is expected here"))
    }

    fn object(&mut self, depth: usize) -> Result<Content, DataProblem> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Content::Map(entries));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.malformed("a key in quotes is expected here"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_span: Range<usize> = start..self.at;
            self.space();
            if !self.take(b':') {
                return Err(self.malformed("`:` is expected here"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            entries.push(Entry {
                key,
                key_span,
                value,
            });
            self.space();
            if self.take(b'}') {
                return Ok(Content::Map(entries));
            }
            if !self.take(b',') {
                return Err(self.malformed("`,` or `}` is expected here"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Content, DataProblem> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Content::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Content::List(items));
            }
            if !self.take(b',') {
                return Err(self.malformed("`,` or `]` is expected here"));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Content, DataProblem> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(self.malformed("this is no number"));
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.malformed("this is no number"));
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            if self.digits() == 0 {
                return Err(self.malformed("this is no number"));
            }
        }
        Ok(match decimal(&self.text[start..self.at]) {
            Some(n) => Content::Number(n),
            None => Content::Unread(Unknown::Unsupported("a number of this size".to_owned())),
        })
    }

    fn string(&mut self) -> Result<String, DataProblem> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .ok_or_else(|| self.malformed("the text is not closed"))?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                _ => return Err(self.malformed("a control character in a text")),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), DataProblem> {
        let kind = self.peek();
        self.at += 1;
        out.push(match kind {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                let pair =
                    (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u");
                if pair {
                    let before = self.at;
                    self.at += 2;
                    let second = self.unit()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    } else {
                        self.at = before;
                        char::REPLACEMENT_CHARACTER
                    }
                } else {
                    // Half of a pair alone: Go puts the replacement character.
                    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => {
                self.at -= 1;
                return Err(self.malformed("an escape sequence that JSON does not have"));
            }
        });
        Ok(())
    }

    fn unit(&mut self) -> Result<u32, DataProblem> {
        let unit = self
            .text
            .get(self.at..self.at + 4)
            .filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|t| u32::from_str_radix(t, 16).ok())
            .ok_or_else(|| self.malformed("four hexadecimal digits are expected here"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_knows_its_bytes() {
        let text = "{ \"é\" : [1.50, \"a\\u00e9\\n\", null],\n \"b\": {\"c\": true} }";
        let node = read(text).unwrap();
        assert_eq!(&text[node.span.clone()], text);
        let list = node.entry("é").unwrap();
        assert_eq!(&text[list.key_span.clone()], "\"é\"");
        assert_eq!(
            &text[list.value.span.clone()],
            "[1.50, \"a\\u00e9\\n\", null]"
        );
        let Content::List(items) = &list.value.content else {
            panic!("{list:?}");
        };
        assert_eq!(items[0].content, Content::Number(1.5));
        assert_eq!(items[1].content, Content::String("aé\n".to_owned()));
        assert_eq!(&text[items[2].span.clone()], "null");
        let inner = node.entry("b").unwrap().value.entry("c").unwrap();
        assert_eq!(&text[inner.value.span.clone()], "true");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "1.",
            "-",
            "+1",
            "nul",
            "\"a",
            "\"\\x\"",
            "[1] 2",
            "'a'",
            "\"a\nb\"",
            "\u{feff}1",
        ] {
            assert!(
                matches!(read(text), Err(DataProblem::Malformed { .. })),
                "{text:?}: {:?}",
                read(text)
            );
        }
        let deep = "[".repeat(5_000);
        assert!(matches!(read(&deep), Err(DataProblem::Unsupported { .. })));
    }

    #[test]
    fn pairs_and_long_numbers() {
        let node = read("[\"\\ud83d\\ude00\", \"\\ud83d!\", 123456789012345678901, 1e2]").unwrap();
        let Content::List(items) = node.content else {
            panic!("no list");
        };
        assert_eq!(items[0].content, Content::String("😀".to_owned()));
        assert_eq!(items[1].content, Content::String("\u{fffd}!".to_owned()));
        assert!(matches!(items[2].content, Content::Unread(_)));
        assert_eq!(items[3].content, Content::Number(100.0));
    }
}
