//! Which blocks of a file say by a name what they are about, told by the text alone.
//!
//! `bucket = aws_s3_bucket.logs.id` ties two blocks of one root together; `bucket = "acme-logs"` may tie blocks of
//! different roots. Whoever looks for the latter need not look at files that have only the former, and for them a note
//! says so: they need not even be read.

use super::{Contents, SourceFile};

impl SourceFile {
    /// Whether it may hold a block of a type whose attribute is something else than a reference to a resource or a
    /// module of its own root.
    pub(crate) fn names_by_text(&self, kind: &str, attribute: &str) -> bool {
        if self.is_json() {
            return true;
        }
        match self.contents().noted() {
            Some(about) if about.refers(kind, attribute) => false,
            _ => names_by_text(self.text(), kind, attribute),
        }
    }
}

/// The types and attributes (`type.attribute`) that are such a reference in every block of the type, in order.
pub(super) fn references(contents: &Contents) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = Vec::new();
    let (false, Ok(outline)) = (contents.is_json(), contents.outline()) else {
        return found;
    };
    let text = contents.text();
    for item in outline.items() {
        if outline.name(|| text, item) != "resource" {
            continue;
        }
        let (start, end) = item.place();
        let kind = outline.label(|| text, item, 0).unwrap_or_default();
        let Some(block) = text.get(start as usize..end as usize) else {
            continue;
        };
        for line in block.lines() {
            let Some((attribute, value)) = line.split_once('=') else {
                continue;
            };
            let (attribute, value) = (attribute.trim(), value.trim());
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            // Most values are no references to a resource: they cost no second look.
            let refers = value.starts_with("module.")
                || value.split('.').nth(2).is_some() && !value.starts_with(['"', '[', '{']);
            if attribute.is_empty() || !refers || !attribute.chars().all(plain) {
                continue;
            }
            let name: Box<str> = joined(kind, attribute).into();
            if !found.contains(&name) && !names_by_text(text, kind, attribute) {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// A type and an attribute of it as one text.
pub(super) fn joined(kind: &str, attribute: &str) -> String {
    [kind, ".", attribute].concat()
}

/// As [`SourceFile::names_by_text`], of a file's text.
fn names_by_text(text: &str, kind: &str, attribute: &str) -> bool {
    let head = format!("\"{kind}\"");
    text.match_indices(&head).any(|(at, _)| {
        // Up to the next block at the start of a line.
        let block = &text[at..];
        let end = block.find("\n}").unwrap_or(block.len());
        let argument = |name: &str| {
            block[..end].lines().find_map(|line| {
                let value = line.trim_start().strip_prefix(name)?.trim_start();
                Some(value.strip_prefix('=')?.trim())
            })
        };
        // `for_each = aws_s3_bucket.zone` and `bucket = each.value.id`: that is a reference as well.
        let each_is_own = || {
            argument("for_each").is_some_and(|each| {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                each.split_once('.').is_some_and(|(kind, name)| {
                    kind.contains('_') && (kind.chars().chain(name.chars())).all(plain)
                })
            })
        };
        let written = argument(attribute);
        // Written where this does not see it (an override, one line): looked at.
        written.is_none_or(|value| {
            let plain = !value.contains(['"', '?', '(', '[', '{']);
            let refers = value.starts_with("module.") || value.split('.').nth(2).is_some();
            !plain
                || !refers
                || value.starts_with("data.")
                || (value.starts_with("each.")
                    && !(value.starts_with("each.value.") && each_is_own()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;

    #[test]
    fn what_is_noted_of_a_file_is_what_its_text_says() {
        let text = "resource \"aws_x\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n  other  = \"a.b\"\n  name = var.name\n}\n\
            resource \"aws_x\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  key = aws_kms_key.a.arn\n}\n\
            resource \"aws_y\" \"b\" {\n  bucket = \"b\"\n}\nlocals {\n  bucket = aws_s3_bucket.b.id\n}\n";
        let path = RepoPath::new("main.tf").unwrap();
        let file = SourceFile::new(path, text.as_bytes().to_vec());
        let said = references(file.contents());
        assert_eq!(said, [Box::from("aws_x.bucket")]);
        for (kind, attribute, by_text) in [
            ("aws_x", "bucket", false),
            ("aws_y", "bucket", true),
            ("aws_x", "key", true),
            ("aws_x", "name", true),
        ] {
            assert_eq!(
                file.names_by_text(kind, attribute),
                by_text,
                "{kind} {attribute}"
            );
        }
    }

    #[test]
    fn references_to_the_own_root_need_no_further_look() {
        let file = |value: &str| {
            format!("resource \"aws_x\" \"a\" {{\n  bucket = {value}\n  other  = \"text\"\n}}\n")
        };
        for own in [
            "aws_s3_bucket.a.id",
            "module.a.bucket",
            "aws_s3_bucket.a.bucket",
        ] {
            assert!(!names_by_text(&file(own), "aws_x", "bucket"), "{own}");
        }
        for by_text in [
            "\"acme-logs\"",
            "var.bucket",
            "local.bucket",
            "data.aws_s3_bucket.a.id",
            "each.value.bucket",
            "aws_s3_bucket.a[\"x\"].id",
            "var.on ? aws_s3_bucket.a.id : local.b.c",
        ] {
            assert!(
                names_by_text(&file(by_text), "aws_x", "bucket"),
                "{by_text}"
            );
        }
        let each = |of: &str| {
            format!(
                "resource \"aws_x\" \"a\" {{\n  for_each = {of}\n\n  bucket = each.value.id\n}}\n"
            )
        };
        assert!(!names_by_text(
            &each("aws_s3_bucket.zone"),
            "aws_x",
            "bucket"
        ));
        for other in [
            "local.zones",
            "var.zones",
            "data.aws_s3_bucket.zone",
            "aws_s3_bucket.a[0]",
            "toset(x_y.z)",
        ] {
            assert!(names_by_text(&each(other), "aws_x", "bucket"), "{other}");
        }
        assert!(!names_by_text(&file("\"x\""), "aws_y", "bucket"));
        assert!(names_by_text(
            "resource \"aws_x\" \"a\" { bucket = \"b\" }",
            "aws_x",
            "bucket"
        ));
    }
}
