//! New text, written as `terraform fmt` leaves it.

use super::layout::settle_new;

/// A string as an HCL literal: quoted, with escapes, so that no interpolation starts in it.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What stands in a new block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// `name = value`; the value is HCL text.
    Attribute(String, String),
    /// A nested block.
    Block(NewBlock),
    /// `# text`, one line each.
    Comment(String),
    /// An empty line between attributes.
    Gap,
}

/// A block to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// `resource`, `metadata_options`, …
    pub kind: String,
    /// Labels, unquoted.
    pub labels: Vec<String>,
    /// Content in order.
    pub items: Vec<Item>,
}

impl NewBlock {
    /// An empty nested block.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            labels: Vec::new(),
            items: Vec::new(),
        }
    }

    /// `resource "kind" "name" {}`.
    #[must_use]
    pub fn resource(kind: &str, name: &str) -> Self {
        Self::new("resource").label(kind).label(name)
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.labels.push(label.to_owned());
        self
    }

    /// Adds an attribute; `value` is HCL text (quote strings with [`quote`]).
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.items
            .push(Item::Attribute(name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn block(mut self, block: Self) -> Self {
        self.items.push(Item::Block(block));
        self
    }

    /// Adds a comment.
    #[must_use]
    pub fn comment(mut self, text: &str) -> Self {
        self.items.push(Item::Comment(text.to_owned()));
        self
    }

    /// Adds an empty line, unless nothing stands before it yet.
    #[must_use]
    pub fn gap(mut self) -> Self {
        if !matches!(self.items.last(), None | Some(Item::Gap)) {
            self.items.push(Item::Gap);
        }
        self
    }

    /// The block's text, every line but the first indented by `base`, without a final line end.
    #[must_use]
    pub fn text(&self, base: &str) -> String {
        let mut raw = String::new();
        self.write(&mut raw);
        settle_new(&raw, base)
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.kind);
        for label in &self.labels {
            out.push(' ');
            out.push_str(&quote(label));
        }
        if self.items.is_empty() {
            out.push_str(" {}");
            return;
        }
        out.push_str(" {\n");
        let mut previous: Option<&Item> = None;
        for item in &self.items {
            let gap = match (previous, item) {
                (None, _) | (Some(Item::Comment(_) | Item::Gap), _) | (_, Item::Gap) => false,
                (Some(Item::Block(_)), _) | (Some(_), Item::Block(_)) => true,
                (Some(Item::Attribute(_, value)), Item::Attribute(..)) => {
                    value.contains('\n') && !value.starts_with("<<")
                }
                (Some(_), Item::Comment(_)) => false,
            };
            if gap {
                out.push('\n');
            }
            match item {
                Item::Attribute(name, value) => {
                    out.push_str(name);
                    out.push_str(" = ");
                    out.push_str(value);
                }
                Item::Block(block) => block.write(out),
                Item::Gap => {}
                Item::Comment(text) => {
                    let lines: Vec<String> = text
                        .lines()
                        .map(|line| format!("# {line}").trim_end().to_owned())
                        .collect();
                    out.push_str(&lines.join("\n"));
                }
            }
            out.push('\n');
            previous = Some(item);
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_reads_as_itself() {
        assert_eq!(quote("a\"b\\c\n\r\t"), r#""a\"b\\c\n\r\t""#);
        assert_eq!(quote("${a} %{b}"), r#""$${a} %%{b}""#);
        assert_eq!(quote("$5, 100%, $ {a}"), r#""$5, 100%, $ {a}""#);
        assert_eq!(quote("a\u{1}\u{7f}"), r#""a\u0001\u007f""#);
        assert_eq!(quote("grün"), "\"grün\"");
    }

    #[test]
    fn long_values_stand_apart_and_heredocs_do_not() {
        let block = NewBlock::new("a")
            .attribute("list", "[\n1,\n]")
            .attribute("b", "2")
            .attribute("policy", "<<EOF\nx\nEOF")
            .attribute("c", "3");
        assert_eq!(
            block.text(""),
            "a {\n  list = [\n    1,\n  ]\n\n  b      = 2\n  policy = <<EOF\nx\nEOF\n  c      = 3\n}"
        );
    }
}
