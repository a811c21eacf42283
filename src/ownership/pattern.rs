//! Patterns of `CODEOWNERS`: those of `.gitignore`, without what GitHub leaves out of them.
//!
//! No negation (`!`), no character ranges (`[a-z]`), and `dir/*` is about the files directly in `dir`, not about what
//! lies deeper.

use regex::Regex;

/// A pattern, compiled.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern; `None` for one that GitHub does not accept.
    pub(super) fn parse(written: &str) -> Option<Self> {
        if written.starts_with('!') || written.contains(['[', ']']) {
            return None;
        }
        let only_inside = written.ends_with('/');
        let body = written.trim_end_matches('/');
        // A slash at the start or in the middle ties the pattern to the top.
        let anchored = body.contains('/');
        let body = body.trim_start_matches('/');
        if body.is_empty() {
            // `/` alone names nothing.
            return None;
        }
        let direct = !only_inside && (body.ends_with("/*") || (anchored && body == "*"));
        let mut regex = String::from(if anchored { "^" } else { "^(?:.*/)?" });
        let parts: Vec<&str> = body.split('/').collect();
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            match (*part, last) {
                ("**", false) => regex.push_str("(?:[^/]+/)*"),
                ("**", true) => regex.push_str(".+"),
                (part, last) => {
                    regex.push_str(&segment(part));
                    if !last {
                        regex.push('/');
                    }
                }
            }
        }
        regex.push_str(if only_inside {
            "/.+$"
        } else if direct {
            "$"
        } else {
            "(?:/.*)?$"
        });
        Regex::new(&regex).ok().map(Self)
    }

    /// Whether a path from the top of the repository is meant. Letters count as they are written.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// One name of a path.
fn segment(part: &str) -> String {
    let mut out = String::new();
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '\\' => {
                if let Some(next) = chars.next() {
                    out.push_str(&regex::escape(&next.to_string()));
                }
            }
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out
}
