//! `CODEOWNERS` as GitHub reads it.
//!
//! One file counts: that in `.github/`, else at the top, else in `docs/`. The last pattern that matches a path decides,
//! also when it names nobody.

use super::pattern::Pattern;
use crate::terraform::{Estate, RepoPath};

/// Larger files are not read by GitHub.
const LIMIT: usize = 3 << 20;

/// Where GitHub looks, in this order.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Codeowners {
    /// Where it is, from the top of the repository.
    pub path: String,
    /// The directory of the code inside of the repository, `""` at its top: paths are looked up with it in front.
    inside: String,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    number: usize,
    pattern: Pattern,
    owners: Vec<String>,
}

/// What a file says of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners<'c> {
    /// `@user`, `@organisation/team` or a mail address; nobody where the line names nobody.
    pub names: &'c [String],
    /// The line that decides, from 1.
    pub line: usize,
}

impl Codeowners {
    /// The file that counts among those of an estate that begins at the top of the repository.
    #[must_use]
    pub fn find(estate: &Estate) -> Option<Self> {
        PLACES.iter().find_map(|place| {
            let file = estate.file(&RepoPath::new(place)?)?;
            Some(Self::parse(place, file.text(), ""))
        })
    }

    /// Reads a file. Lines that GitHub does not understand are left out, as GitHub does.
    #[must_use]
    pub fn parse(path: &str, text: &str, inside: &str) -> Self {
        let lines = if text.len() > LIMIT {
            Vec::new()
        } else {
            text.lines()
                .enumerate()
                .filter_map(|(i, line)| read(i + 1, line))
                .collect()
        };
        Self {
            path: path.to_owned(),
            inside: inside.trim_matches('/').to_owned(),
            lines,
        }
    }

    /// The owners of a file of the code; `None` when no line is about it.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Owners<'_>> {
        let whole = if self.inside.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.inside)
        };
        let line = self
            .lines
            .iter()
            .rev()
            .find(|l| l.pattern.matches(&whole))?;
        Some(Owners {
            names: &line.owners,
            line: line.number,
        })
    }
}

/// One line: a pattern, then owners, then perhaps a comment.
fn read(number: usize, line: &str) -> Option<Line> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') || is_section(line) {
        return None;
    }
    let (pattern, rest) = split(line);
    let pattern = Pattern::parse(&pattern)?;
    let mut owners: Vec<String> = Vec::new();
    for word in rest.split_whitespace() {
        if word.starts_with('#') {
            break;
        }
        // GitHub takes none of a line with an owner that cannot be one.
        if !is_owner(word) {
            return None;
        }
        if !owners.iter().any(|o| o == word) {
            owners.push(word.to_owned());
        }
    }
    Some(Line {
        number,
        pattern,
        owners,
    })
}

/// GitLab's `[Section]`, `^[Optional][2] @default`.
fn is_section(line: &str) -> bool {
    line.starts_with('[') || line.starts_with("^[")
}

/// The pattern, where a space may be escaped, and the rest.
fn split(line: &str) -> (String, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            return (line[..at].to_owned(), &line[at..]);
        }
        escaped = c == '\\' && !escaped;
    }
    (line.to_owned(), "")
}

fn is_owner(word: &str) -> bool {
    match word.strip_prefix('@') {
        Some(name) => {
            let part = |p: &str| {
                !p.is_empty()
                    && p.chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            };
            let mut parts = name.split('/');
            parts.next().is_some_and(part)
                && parts.next().is_none_or(part)
                && parts.next().is_none()
        }
        None => word
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::SourceFile;

    fn owners(text: &str, path: &str) -> Option<Vec<String>> {
        let file = Codeowners::parse("CODEOWNERS", text, "");
        file.of(path).map(|o| o.names.to_vec())
    }

    fn owned(text: &str, path: &str) -> bool {
        owners(text, path).is_some_and(|names| !names.is_empty())
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        let text = "*       @acme/all\n*.tf    @acme/terraform # they know\n/live/  @ann bob@example.com\n";
        assert_eq!(owners(text, "README.md").unwrap(), ["@acme/all"]);
        assert_eq!(owners(text, "a/b/main.tf").unwrap(), ["@acme/terraform"]);
        assert_eq!(
            owners(text, "live/main.tf").unwrap(),
            ["@ann", "bob@example.com"]
        );
        assert_eq!(owners("/x/ @ann", "y/main.tf"), None);
        let file = Codeowners::parse("CODEOWNERS", text, "");
        assert_eq!(file.of("live/main.tf").unwrap().line, 3);
    }

    #[test]
    fn patterns_as_github_documents_them() {
        for (pattern, path) in [
            ("*", "a/b/c.tf"),
            ("*.js", "a/b.js"),
            ("/build/logs/", "build/logs/x/y"),
            ("docs/*", "docs/getting-started.md"),
            ("apps/", "x/apps/y/z"),
            ("apps/", "apps/y"),
            ("/docs/", "docs/a/b"),
            ("/scripts/", "scripts/x"),
            ("**/logs", "build/logs/x"),
            ("**/logs", "logs"),
            ("**/logs", "deeply/nested/logs/file"),
            ("/apps/github", "apps/github/x"),
            ("/apps/github", "apps/github"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("/live/**", "live/x/y.tf"),
            ("modules/*/main.tf", "modules/db/main.tf"),
            ("main.tf", "x/main.tf"),
            ("m?in.tf", "main.tf"),
            ("/with\\ space/", "with space/x"),
            ("/*.tf", "main.tf"),
        ] {
            assert!(owned(&format!("{pattern} @a"), path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("docs/*", "docs/build-app/troubleshooting.md"),
            ("/build/logs/", "x/build/logs/y"),
            ("/build/logs/", "build/logs"),
            ("docs/*", "x/docs/a.md"),
            ("apps/", "apps"),
            ("/live/**", "live"),
            ("modules/*/main.tf", "modules/a/b/main.tf"),
            ("/*.tf", "x/main.tf"),
            ("*.tf", "main.tfvars"),
            ("MAIN.tf", "main.tf"),
            ("!live/", "live/x"),
            ("live/[a-z].tf", "live/a.tf"),
            ("/", "main.tf"),
        ] {
            assert!(!owned(&format!("{pattern} @a"), path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_line_without_owners_takes_them_away() {
        let text = "/apps/ @octocat\n/apps/github\n";
        assert!(owned(text, "apps/x"));
        assert_eq!(owners(text, "apps/github/x").unwrap(), [""; 0]);
    }

    #[test]
    fn lines_that_are_not_understood_are_left_out() {
        let text =
            "* @first\n* nobody\n* @a/b/c\n[Section] @x\n^[Optional]\n# * @comment\n\n* @ann#not\n";
        assert_eq!(owners(text, "x").unwrap(), ["@first"]);
        assert_eq!(owners(&"* @a\n".repeat(1 << 20), "x"), None, "too large");
    }

    #[test]
    fn one_file_counts() {
        let file = |path: &str| {
            SourceFile::new(
                RepoPath::new(path).unwrap(),
                format!("* @{}", path.len()).into_bytes(),
            )
        };
        let path = |places: &[&str]| {
            let estate = Estate::new(places.iter().map(|p| file(p)));
            Codeowners::find(&estate).map(|c| c.path)
        };
        assert_eq!(
            path(&["docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS"]).as_deref(),
            Some(".github/CODEOWNERS")
        );
        assert_eq!(
            path(&["docs/CODEOWNERS", "CODEOWNERS"]).as_deref(),
            Some("CODEOWNERS")
        );
        assert_eq!(
            path(&["docs/CODEOWNERS"]).as_deref(),
            Some("docs/CODEOWNERS")
        );
        assert_eq!(path(&["live/CODEOWNERS"]), None);
    }

    #[test]
    fn code_below_the_top_of_the_repository() {
        let file = Codeowners::parse("CODEOWNERS", "/infra/live/ @ann", "infra");
        assert!(file.of("live/main.tf").is_some());
        assert!(file.of("infra/live/main.tf").is_none());
    }
}
