//! Parsing around what the parser reads in another way than Terraform.
//!
//! The parser takes the closing delimiter of an empty heredoc for text and reads on to the next one of that name,
//! or to the end of the file. Such heredocs are parsed as `""` of the same length: spans stay what they are. What
//! else Terraform reads and the parser does not, [`mended`] knows.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_body, visit_expr};

use crate::terraform::index::mended;

/// Parses a file's text.
pub(super) fn parse(text: &str) -> Result<Body, Error> {
    let parsed = parse_body(text);
    let heredocs = text.contains("<<");
    let swallows = |body: &Body| heredocs && swallowed(body, text);
    if parsed.as_ref().is_ok_and(|body| !swallows(body)) {
        return parsed;
    }
    let closed = heredocs.then(|| without_empty(text)).flatten();
    if let Some(body) = closed.as_deref().and_then(|copy| parse_body(copy).ok()) {
        return Ok(body);
    }
    // Where the other reading does not parse either, the first problem is the one to report.
    parsed.or_else(|problem| {
        let copy = mended(closed.as_deref().unwrap_or(text));
        let (copy, _) = copy.ok_or_else(|| problem.clone())?;
        parse_body(&copy).map_err(|_| problem)
    })
}

/// In how many places a text that [`parse`] reads is mended for the parser.
pub(super) fn mends(text: &str) -> usize {
    if parse_body(text).is_ok() {
        return 0;
    }
    let closed = without_empty(text);
    mended(closed.as_deref().unwrap_or(text)).map_or(0, |(_, places)| places)
}

/// Whether a heredoc begins with the line that should have closed it.
fn swallowed(body: &Body, text: &str) -> bool {
    struct Finder<'t>(&'t str, bool);
    impl Visit for Finder<'_> {
        fn visit_expr(&mut self, node: &Expression) {
            if let Expression::HeredocTemplate(heredoc) = node {
                let source = node.span().and_then(|s| self.0.get(s)).unwrap_or_default();
                let first = source.lines().nth(1).unwrap_or_default();
                // The closing line of one with text is not the line behind the first.
                let lines = source.lines().count();
                self.1 |= lines > 2 && first.trim() == heredoc.delimiter.as_str();
            }
            visit_expr(self, node);
        }
    }
    let mut finder = Finder(text, false);
    visit_body(&mut finder, body);
    finder.1
}

/// The text with `""` and blanks in place of each empty heredoc; `None` when there is none.
fn without_empty(text: &str) -> Option<String> {
    let mut copy = String::new();
    let mut copied = 0;
    for (start, _) in text.match_indices("<<") {
        let Some(length) = empty_at(&text[start..]).filter(|_| start >= copied) else {
            continue;
        };
        copy.push_str(&text[copied..start]);
        copy.push_str("\"\"");
        copy.extend(std::iter::repeat_n(' ', length - 2));
        copied = start + length;
    }
    copy.push_str(&text[copied..]);
    (copied > 0).then_some(copy)
}

/// The length of an empty heredoc at the start of the text.
fn empty_at(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("<<")?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let name = &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())];
    if name.is_empty() {
        return None;
    }
    let rest = &rest[name.len()..];
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let closing = rest.trim_start_matches([' ', '\t']).strip_prefix(name)?;
    (!closing.starts_with(word)).then(|| text.len() - closing.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        parse(text)
            .unwrap()
            .attributes()
            .map(|a| format!("{}@{:?}", a.key.value().as_str(), a.value.span().unwrap()))
            .collect()
    }

    #[test]
    fn an_empty_heredoc_swallows_nothing() {
        assert_eq!(names("a = <<EOT\nEOT\nb = 1\n"), ["a@4..13", "b@18..19"]);
        assert_eq!(
            names("a = <<-EOT\r\n  EOT\r\nb = <<EOT\nx\nEOT\n"),
            ["a@4..6", "b@23..34"]
        );
    }

    #[test]
    fn other_heredocs_are_left_alone() {
        let text = "a = <<EOT\n\nEOT\nb = <<X\ncat <<EOF\nEOF\nX\n";
        assert_eq!(names(text), ["a@4..14", "b@19..38"]);
        assert!(parse("a = <<EOT\nx\n").is_err());
    }
}
