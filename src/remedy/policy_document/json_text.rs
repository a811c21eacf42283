//! JSON as it stands in a heredoc or a file: where a statement can be added without touching the rest.
//!
//! The text may hold `${…}` anywhere inside strings, so it is scanned, not parsed.

/// Where and how a statement is inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind the last element of the list: offset, and whether the list is empty.
    List { at: usize, empty: bool },
    /// The one statement that is no list: its range.
    Single { start: usize, end: usize },
}

/// Finds the `Statement` of a policy.
pub(super) fn place(text: &str) -> Option<Place> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = string_end(bytes, at)?;
                let after = skip_space(bytes, end);
                if depth == 1
                    && &text[at..end] == "\"Statement\""
                    && bytes.get(after) == Some(&b':')
                {
                    return value(bytes, skip_space(bytes, after + 1));
                }
                at = end;
            }
            b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => at = interpolation_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            _ => at += 1,
        }
    }
    None
}

fn value(bytes: &[u8], start: usize) -> Option<Place> {
    let end = matching(bytes, start)?;
    match bytes.get(start)? {
        b'{' => Some(Place::Single { start, end }),
        b'[' => {
            let inside = &bytes[start + 1..end - 1];
            let last = inside.iter().rposition(|b| !b.is_ascii_whitespace());
            Some(match last {
                Some(i) => Place::List {
                    at: start + 1 + i + 1,
                    empty: false,
                },
                None => Place::List {
                    at: start + 1,
                    empty: true,
                },
            })
        }
        _ => None,
    }
}

/// The end of the bracketed value that starts here.
fn matching(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => {
                at = interpolation_end(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|b| !b.is_ascii_whitespace())
        .map_or(bytes.len(), |i| from + i)
}

/// The offset behind a string, whose interpolations may hold quotes themselves.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => {
                // `$${` is text.
                if bytes[at - 1] == bytes[at] {
                    at += 2;
                } else {
                    at = interpolation_end(bytes, at)?;
                }
            }
            _ => at += 1,
        }
    }
    None
}

fn interpolation_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The text to insert and the range it replaces, for a statement written on lines with two spaces of indentation.
pub(super) fn insertion(text: &str, statement: &str) -> Option<(std::ops::Range<usize>, String)> {
    match place(text)? {
        Place::List { at, empty: true } => {
            let outer = indent_of(text, at);
            let inner = format!("{outer}  ");
            let body = indented(statement, &inner);
            let close = skip_space(text.as_bytes(), at);
            Some((at..close, format!("\n{inner}{body}\n{outer}")))
        }
        Place::List { at, empty: false } => {
            let indent = indent_of(text, at);
            // `}]` on one line: the new statement follows in the same way.
            let body = indented(statement, indent);
            let starts_line = text[..at]
                .trim_end_matches(['}', ']', ')', ' '])
                .ends_with('\n');
            let separator = if starts_line {
                format!(",\n{indent}")
            } else {
                ", ".to_owned()
            };
            Some((at..at, format!("{separator}{body}")))
        }
        Place::Single { start, end } => {
            let indent = indent_of(text, end);
            let inner = format!("{indent}  ");
            let old: Vec<&str> = text[start..end].split('\n').collect();
            let old = old.join("\n  ");
            let body = indented(statement, &inner);
            Some((
                start..end,
                format!("[\n{inner}{old},\n{inner}{body}\n{indent}]"),
            ))
        }
    }
}

/// The white space at the start of the line that holds an offset.
fn indent_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn indented(statement: &str, indent: &str) -> String {
    statement.replace('\n', &format!("\n{indent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(text: &str) -> String {
        let (range, new) = insertion(text, "{\n  \"N\": 1\n}").unwrap();
        let mut out = text.to_owned();
        out.replace_range(range, &new);
        out
    }

    #[test]
    fn a_statement_goes_behind_the_last_one() {
        assert_eq!(
            inserted(
                "{\n  \"Version\": \"x\",\n  \"Statement\": [\n    {\n      \"A\": \"${var.x[\"k\"]}]\"\n    }\n  ]\n}\n"
            ),
            "{\n  \"Version\": \"x\",\n  \"Statement\": [\n    {\n      \"A\": \"${var.x[\"k\"]}]\"\n    },\n    {\n      \"N\": 1\n    }\n  ]\n}\n"
        );
        assert_eq!(
            inserted("{\"Statement\":[{\"A\":1}]}"),
            "{\"Statement\":[{\"A\":1}, {\n  \"N\": 1\n}]}"
        );
        assert_eq!(
            inserted("{\n  \"Statement\": []\n}"),
            "{\n  \"Statement\": [\n    {\n      \"N\": 1\n    }\n  ]\n}"
        );
        assert_eq!(
            inserted("{\n  \"Statement\": {\n    \"A\": 1\n  }\n}"),
            "{\n  \"Statement\": [\n    {\n      \"A\": 1\n    },\n    {\n      \"N\": 1\n    }\n  ]\n}"
        );
    }

    #[test]
    fn only_the_policys_own_statement_counts() {
        assert_eq!(
            place("{\"Id\": \"Statement\", \"x\": {\"Statement\": []}}"),
            None
        );
        assert_eq!(place("{\"Statement\": \"x\"}"), None);
        assert_eq!(place("{\"Statement\": [{]"), None);
        assert_eq!(
            place("{\"a\": \"$${\", \"Statement\": []}"),
            Some(Place::List {
                at: 27,
                empty: true
            })
        );
    }
}
