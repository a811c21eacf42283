//! Comments that stay beside changed code and may no longer be true.
//!
//! A value changes and `# old SDK in the PDF renderer` stays behind it: the comment is the owner's, so it is not
//! edited, but the reviewer hears of it.

/// Most comments that are named.
const MOST: usize = 5;

/// A comment that survives a change on or directly below its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// The comment with its mark.
    pub(super) text: String,
    /// File.
    pub(super) file: String,
    /// 1-based line of the changed code in the new file.
    pub(super) line: usize,
}

/// The comments that stay, read from a unified diff.
pub(super) fn kept(diff: &str) -> Vec<Kept> {
    let mut found: Vec<Kept> = Vec::new();
    let mut file = String::new();
    let mut line = 0;
    let mut above: Vec<&str> = Vec::new();
    let mut run = Run::default();
    for row in diff.lines() {
        if let Some(path) = row.strip_prefix("+++ ") {
            run.end(&file, &mut found);
            file = path.strip_prefix("b/").unwrap_or(path).to_owned();
        } else if row.starts_with("--- ") {
            run.end(&file, &mut found);
        } else if let Some(hunk) = row.strip_prefix("@@ ") {
            run.end(&file, &mut found);
            above.clear();
            line = start(hunk);
        } else if let Some(old) = row.strip_prefix('-') {
            run.begin(line, &mut above);
            run.removed.push(old);
        } else if let Some(new) = row.strip_prefix('+') {
            run.begin(line, &mut above);
            run.added.push((line, new));
            line += 1;
        } else {
            run.end(&file, &mut found);
            let code = row.strip_prefix(' ').unwrap_or(row).trim();
            if is_comment(code) {
                above.push(code);
            } else {
                above.clear();
            }
            line += 1;
        }
    }
    run.end(&file, &mut found);
    found.truncate(MOST);
    found
}

/// Lines that were removed and added together.
#[derive(Default)]
struct Run<'d> {
    line: usize,
    above: String,
    removed: Vec<&'d str>,
    added: Vec<(usize, &'d str)>,
}

impl<'d> Run<'d> {
    fn begin(&mut self, line: usize, above: &mut Vec<&'d str>) {
        if self.removed.is_empty() && self.added.is_empty() {
            self.line = line;
            self.above = above.join(" ");
        }
        above.clear();
    }

    fn end(&mut self, file: &str, found: &mut Vec<Kept>) {
        let run = std::mem::take(self);
        if run.removed.is_empty() {
            return;
        }
        let mut keep = |text: &str, line: usize| {
            if text.chars().any(char::is_alphanumeric) {
                found.push(Kept {
                    text: text.to_owned(),
                    file: file.to_owned(),
                    line,
                });
            }
        };
        keep(&run.above, run.line);
        let before: Vec<&str> = run.removed.iter().filter_map(|l| trailing(l)).collect();
        for (line, new) in &run.added {
            if let Some(comment) = trailing(new).filter(|c| before.contains(c)) {
                keep(comment, *line);
            }
        }
    }
}

/// First line of the new file in a hunk header (`-16,9 +16,9 @@`).
fn start(hunk: &str) -> usize {
    hunk.split('+')
        .nth(1)
        .and_then(|rest| rest.split([',', ' ']).next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
}

fn is_comment(code: &str) -> bool {
    code.starts_with('#') || code.starts_with("//")
}

/// The comment at the end of a line of code.
fn trailing(line: &str) -> Option<&str> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '#' if !quoted => return Some(line[at..].trim_end()),
            '/' if !quoted && line[at..].starts_with("//") => return Some(line[at..].trim_end()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(diff: &str) -> Vec<(String, usize)> {
        kept(diff).into_iter().map(|k| (k.text, k.line)).collect()
    }

    #[test]
    fn a_comment_behind_a_changed_value_is_named() {
        let diff = "--- a/x.tf\n+++ b/x.tf\n@@ -10,3 +10,3 @@\n a = 1 # stays\n-b = true # why, \"once\"\n+b = false # why, \"once\"\n c = 2\n";
        assert_eq!(told(diff), [("# why, \"once\"".to_owned(), 11)]);
        assert_eq!(kept(diff)[0].file, "x.tf");
    }

    #[test]
    fn a_comment_above_is_named_and_a_banner_is_not() {
        let changed =
            "@@ -3 +3 @@\n # Office, VPN.\n # The last is for December.\n-x = [1, 2]\n+x = [1]\n";
        assert_eq!(
            told(changed),
            [("# Office, VPN. # The last is for December.".to_owned(), 5)]
        );
        assert!(told("@@ -1 +1 @@\n #####\n-x = 1\n+x = 2\n").is_empty());
        assert!(told("@@ -1 +1 @@\n # about y\n y = 1\n-x = 1\n+x = 2\n").is_empty());
    }

    #[test]
    fn what_goes_with_its_code_and_what_is_new_is_not_named() {
        assert!(told("@@ -1,2 +1 @@\n a = 1\n-b = 2 # gone\n").is_empty());
        assert!(told("@@ -1 +1,2 @@\n # about the next one\n+b = 2 # new\n").is_empty());
    }

    #[test]
    fn a_mark_inside_of_a_string_is_no_comment() {
        assert_eq!(trailing(r##"a = "#1 // \"x\"" # real"##), Some("# real"));
        assert_eq!(trailing(r#"a = "http://x""#), None);
        assert_eq!(trailing("a = 1 // real "), Some("// real"));
    }
}
