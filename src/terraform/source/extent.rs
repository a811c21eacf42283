//! What the parser cannot bear, found before it is asked.
//!
//! The parser compares each key of an object with all before it, so the time for one object grows with the square of
//! its keys: a generated file of a few megabytes would hold up the whole run for hours. Such a file is reported
//! instead. The reading here is shallow (brackets, strings, comments, heredocs) and only has to be right about files
//! that Terraform accepts.

/// More keys than this in one object are not parsed (about a second).
const KEYS: usize = 15_000;

/// What is open around a position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open<'t> {
    /// A block's body.
    Block,
    /// An object: its keys so far, and whether a key comes next.
    Object { keys: usize, next: bool },
    /// `[` or `(`.
    Other,
    /// A quoted template.
    Quoted,
    /// A heredoc with its delimiter.
    Heredoc(&'t str),
}

/// The offset of the first object with too many keys.
pub(super) fn overlong_object(text: &str) -> Option<usize> {
    // Each key needs a separator and a value.
    if text.len() < 4 * KEYS {
        return None;
    }
    let bytes = text.as_bytes();
    let mut open: Vec<(Open<'_>, usize)> = Vec::new();
    // What stands before a `{` tells a block from an object.
    let mut before = b'\n';
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match open.last().map(|(open, _)| *open) {
            Some(Open::Quoted) => {
                match byte {
                    b'\\' => at += 1,
                    b'"' => {
                        open.pop();
                        before = b'"';
                    }
                    b'$' | b'%' => at = interpolation(bytes, at, &mut open, &mut before),
                    _ => {}
                }
                at += 1;
                continue;
            }
            Some(Open::Heredoc(delimiter)) => {
                match byte {
                    b'\n' => {
                        let line = text[at + 1..].lines().next().unwrap_or_default();
                        if line.trim() == delimiter {
                            open.pop();
                            before = b'"';
                            at += line.len();
                        }
                    }
                    b'$' | b'%' => at = interpolation(bytes, at, &mut open, &mut before),
                    _ => {}
                }
                at += 1;
                continue;
            }
            _ => {}
        }
        match byte {
            b'#' => {
                at = line_end(bytes, at);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = line_end(bytes, at);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = text[at + 2..]
                    .find("*/")
                    .map_or(bytes.len(), |n| at + n + 4);
                at = end;
                continue;
            }
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                let line = &text[at..line_end(bytes, at)];
                let delimiter = line[2..].trim_start_matches('-').trim();
                if !delimiter.is_empty() {
                    open.push((Open::Heredoc(delimiter), at));
                    at += line.len();
                    // The line end is the heredoc's: its first line may be the last.
                    continue;
                }
            }
            b'"' => open.push((Open::Quoted, at)),
            b'{' => {
                let object = matches!(before, b'=' | b':' | b'(' | b'[' | b',' | b'?' | b'>');
                let kind = if object {
                    Open::Object {
                        keys: 0,
                        next: true,
                    }
                } else {
                    Open::Block
                };
                open.push((kind, at));
            }
            b'[' | b'(' => open.push((Open::Other, at)),
            b'}' | b']' | b')' => {
                open.pop();
            }
            _ => {
                if let Some((Open::Object { keys, next }, start)) = open.last_mut() {
                    match byte {
                        b'\n' | b',' => *next = true,
                        b'=' | b':' if *next => {
                            *next = false;
                            *keys += 1;
                            if *keys > KEYS {
                                return Some(*start);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        at += 1;
    }
    None
}

/// Enters `${` or `%{` (not `$${`); gives the offset of the last byte that was read.
fn interpolation(
    bytes: &[u8],
    at: usize,
    open: &mut Vec<(Open<'_>, usize)>,
    before: &mut u8,
) -> usize {
    let doubled = bytes.get(at + 1) == Some(&bytes[at]);
    if doubled {
        return at + 1;
    }
    if bytes.get(at + 1) == Some(&b'{') {
        open.push((Open::Block, at));
        *before = b'(';
        return at + 1;
    }
    at
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |n| from + n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(n: usize, separator: &str) -> String {
        (0..n).map(|i| format!("k{i} = {i}{separator}")).collect()
    }

    #[test]
    fn an_object_of_too_many_keys_is_found_wherever_it_stands() {
        for separator in ["\n", ", "] {
            let many = keys(KEYS + 1, separator);
            for (before, after) in [
                ("a = {", "}\n"),
                ("a \"b\" {\n  c = merge(x, {", "})\n}\n"),
                ("a = \"x ${join(\"}\", {", "})} y\"\n"),
                ("a = [ # {\n{", "}]\n"),
                ("a = <<-EOT\n  } \" $${ {\n  ${f({", "})}\n  EOT\n"),
                ("a = <<E\nE\nb = /* { */ {", "}\n"),
            ] {
                let text = format!("{before}{many}{after}");
                let object = before.rfind('{');
                assert_eq!(overlong_object(&text), object, "{before}");
                let few = format!("{before}{}{after}", keys(KEYS, separator));
                assert_eq!(overlong_object(&few), None, "{before}");
            }
        }
    }

    #[test]
    fn many_attributes_blocks_and_list_elements_are_no_object() {
        let attributes = keys(2 * KEYS, "\n");
        assert_eq!(
            overlong_object(&format!("locals {{\n{attributes}}}\n")),
            None
        );
        assert_eq!(overlong_object(&attributes), None);
        let entries = "{ a = 1, b = x == y ? 1 : 2 },\n".repeat(KEYS);
        assert_eq!(overlong_object(&format!("a = [\n{entries}]\n")), None);
        let text = format!(
            "a = \"{}\"\nb = {{ c = 1 }}\n",
            "{ k = 1, \\\" ".repeat(KEYS)
        );
        assert_eq!(overlong_object(&text), None);
    }
}
