//! What Terraform reads and the parser does not.
//!
//! An object in which a key stands twice (the last one counts); line ends inside of `for` expressions; a line of a heredoc
//! that only begins with its delimiter. Such a text is read once more by Terraform's grammar, and the parser is given a copy of
//! the same length in which the places that trouble it are blank: spans stay what they are, and what is blank has no
//! say in Terraform either.

use super::{Scan, Scanner, Watch};

/// What has to change for the parser.
#[derive(Default)]
pub(super) struct Mends {
    places: Vec<Place>,
    /// How many `for` expressions are open whose line ends are white space.
    fors: u32,
}

enum Place {
    /// White space and comments that become blanks, line ends included.
    Space(usize, usize),
    /// An entry of an object that a later one replaces; its line ends stay.
    Entry(usize, usize),
    /// The first byte of what looks like the end of a heredoc.
    Delimiter(usize),
}

/// A copy of the same length that the parser may read, and in how many places it differs; `None` when there is nothing to
/// mend, or more than that is wrong.
pub(crate) fn mended(text: &str) -> Option<(String, usize)> {
    let mut scanner = Scanner {
        mends: Some(Mends::default()),
        ..Scanner::of(text.as_bytes())
    };
    scanner.body(true, Watch::Nothing, &mut None).ok()?;
    let places = scanner.mends?.places;
    if places.is_empty() {
        return None;
    }
    let count = places.len();
    let mut copy = text.as_bytes().to_vec();
    for place in places {
        match place {
            Place::Space(start, end) => copy[start..end].fill(b' '),
            Place::Entry(start, end) => {
                for byte in &mut copy[start..end] {
                    if !matches!(byte, b'\n' | b'\r') {
                        *byte = b' ';
                    }
                }
            }
            Place::Delimiter(at) => copy[at] = b'.',
        }
    }
    Some((String::from_utf8(copy).ok()?, count))
}

impl Scanner<'_> {
    fn mend(&mut self, place: Place) {
        if let Some(mends) = &mut self.mends {
            mends.places.push(place);
        }
    }

    /// An expression of a `for`: to the parser it ends with its line, to Terraform with the bracket around it.
    pub(super) fn expression_of_for(&mut self) -> Scan {
        let Some(mends) = &mut self.mends else {
            return self.expression(false);
        };
        mends.fors += 1;
        self.expression(true)?;
        if let Some(mends) = &mut self.mends {
            mends.fors -= 1;
        }
        Ok(())
    }

    /// Notes white space from a place to the position, where it goes over a line end inside of a `for` expression.
    pub(super) fn crossed(&mut self, start: usize) {
        let in_for = self.mends.as_ref().is_some_and(|m| m.fors > 0);
        if in_for && self.text[start..self.at].contains(&b'\n') {
            self.mend(Place::Space(start, self.at));
        }
    }

    /// As [`Scanner::closes`]; to Terraform the delimiter has to stand alone on its line.
    pub(super) fn ends_heredoc(&mut self, delimiter: &[u8]) -> Scan<Option<usize>> {
        let closes = self.closes(delimiter)?;
        let (Some(end), true) = (closes, self.mends.is_some()) else {
            return Ok(closes);
        };
        let rest = self.text.get(end..).unwrap_or_default();
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(closes);
        }
        self.mend(Place::Delimiter(end - delimiter.len()));
        Ok(None)
    }

    /// Notes the entries of an object that later ones replace, and forgets their keys: those from a number on, each with
    /// the end of its entry.
    pub(super) fn shadowed(&mut self, from: usize, ends: &[usize]) {
        if self.mends.is_none() {
            return;
        }
        let text = self.text;
        let keys = self.names.split_off(from);
        let mut last = std::collections::HashSet::new();
        for (key, end) in keys.iter().zip(ends).rev() {
            if last.insert(&text[key.0..key.1]) {
                self.names.push(*key);
            } else {
                self.mend(Place::Entry(key.0, *end));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hcl_edit::parser::parse_body;

    use super::mended;

    fn read(text: &str) -> hcl_edit::structure::Body {
        assert!(parse_body(text).is_err(), "nothing to mend: {text}");
        let (copy, _) = mended(text).unwrap_or_else(|| panic!("not mended: {text}"));
        assert_eq!(copy.len(), text.len());
        parse_body(&copy).unwrap_or_else(|e| panic!("{e}\n{copy}"))
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        for text in [
            "a = {\n  k = 1\n  l = 2\n  k = 3\n}\n",
            "a = { k = 1, l = 2, k = 3 }\n",
            "a = {\n  k = <<-EOT\n    x\n  EOT\n  l = 2\n  k = 3\n}\n",
            "a = {\n  k = 0 # why\n  k : 1, // so\n  l = 2\n  k = 3\n}\n",
            "a = {\r\n  k = \"\u{e9}\"\r\n  l = 2\r\n  k = 3\r\n}\r\n",
            "a = {\n  k = { m = 1, m = 2 }\n  l = 2\n  k = 3\n}\n",
        ] {
            let body = read(text);
            let value = &body.get_attribute("a").unwrap().value;
            let object = value.as_object().unwrap();
            let said: Vec<String> = object
                .iter()
                .map(|(key, value)| {
                    let key = key.as_ident().unwrap().as_str().to_owned();
                    key + value.expr().to_string().trim()
                })
                .collect();
            assert_eq!(said, ["l2", "k3"], "{text}");
        }
        let deep = "b \"c\" {\n  d = f([{ k = 1, k = 2 }])\n}\n";
        assert!(read(deep).get_blocks("b").next().is_some());
    }

    #[test]
    fn lines_of_a_for_go_on_to_its_bracket() {
        for text in [
            "a = {\n  for k, v in m : k =>\n  c\n  ? { x = 1 }\n  : { x = 2 }\n}\n",
            "a = {\n  for k, v in m : k => { x = 1\n y = 2 } # why\n  == v # {\n}\nb = 1\n",
            "a = { for k in x\n  ? y : z : k => k }\n",
        ] {
            let body = read(text);
            assert!(
                body.get_attribute("a").unwrap().value.is_for_expr(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_heredoc_ends_where_its_delimiter_stands_alone() {
        let text = "a = <<EOF\nx \"<<EOF\ny\nEOF\"\nz\nEOF\nb = 1\n";
        let body = read(text);
        assert!(body.get_attribute("b").is_some());
        let value = body.get_attribute("a").unwrap().value.to_string();
        assert!(value.contains("\nz\n"), "{value}");
    }

    #[test]
    fn what_terraform_refuses_is_not_mended() {
        for text in [
            "a = 1\na = 2\n",
            "b {\n  a = 1\n  a = 2\n}\n",
            "a = {\n  k = 1\n  k = 2\n",
            "a = { k = 1 k = 2 }\n",
            "b {\n  \"k\" = 1\n}\n",
            "a = x\n  ? 1 : 2\n",
            "a = { k = x\n ? 1 : 2 }\n",
        ] {
            assert!(parse_body(text).is_err(), "{text}");
            let copy = mended(text);
            assert!(copy.is_none_or(|(c, _)| parse_body(&c).is_err()), "{text}");
        }
    }
}
