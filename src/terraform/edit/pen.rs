//! The pen: makes edits of one file from the spans of its parse.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use crate::terraform::source::{RepoPath, SourceFile, Span};

use super::Edit;
use super::layout::{Kind, Token, settle_new, tokens};

/// Makes edits of one file. Every method gives edits against the file as it is: several results may be put
/// into one [`super::apply`], as long as they do not want different things of the same bytes.
pub struct Pen<'f> {
    pub(super) file: &'f SourceFile,
    base: String,
    pub(super) tokens: Vec<Token>,
}

impl<'f> Pen<'f> {
    /// A pen for this file. The spans given to its methods must come from this file's parse.
    #[must_use]
    pub fn new(file: &'f SourceFile) -> Self {
        Self {
            file,
            base: file.hash(),
            tokens: tokens(file.text()),
        }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &'f SourceFile {
        self.file
    }

    /// Replaces (or, with an empty range, inserts) exactly this text: for text inside heredocs, templates and files
    /// that are no HCL. Line ends follow the file's.
    #[must_use]
    pub fn splice(&self, range: Span, text: impl Into<String>) -> Edit {
        Edit::Splice {
            file: self.file.path().clone(),
            base: self.base.clone(),
            range,
            text: text.into(),
        }
    }

    /// Replaces an expression by HCL text, whose further lines are indented to fit. Empty when it is there already.
    #[must_use]
    pub fn replace(&self, expression: &hcl_edit::expr::Expression, value: &str) -> Vec<Edit> {
        let Some(span) = expression.span() else {
            return Vec::new();
        };
        self.replace_span(span, value)
    }

    /// As [`Pen::replace`], for the span of an expression (an [`Origin`](crate::terraform::value::Origin)'s).
    #[must_use]
    pub fn replace_span(&self, span: Span, value: &str) -> Vec<Edit> {
        if self.file.slice(span.clone()) == value {
            return Vec::new();
        }
        let text = settle_new(value, self.indent(span.start));
        vec![self.splice(span, text)]
    }

    /// A file that does not exist yet, holding these blocks.
    #[must_use]
    pub fn new_file(path: RepoPath, blocks: &[super::NewBlock]) -> Edit {
        let texts: Vec<String> = blocks.iter().map(|b| b.text("") + "\n").collect();
        Edit::NewFile {
            file: path,
            text: texts.join("\n"),
        }
    }

    pub(super) fn text(&self) -> &'f str {
        self.file.text()
    }

    /// The white space at the start of the line that holds the offset.
    pub(super) fn indent(&self, offset: usize) -> &'f str {
        let start = self.line_start(offset);
        let line = &self.text()[start..];
        let width = line.len() - line.trim_start_matches([' ', '\t']).len();
        &line[..width]
    }

    /// The start of the physical line that holds the offset.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.text()[..offset].rfind('\n').map_or(0, |i| i + 1)
    }

    /// Where the next physical line starts; the text's end if there is none.
    pub(super) fn next_line(&self, offset: usize) -> usize {
        self.text()[offset..]
            .find('\n')
            .map_or(self.text().len(), |i| offset + i + 1)
    }

    /// Number of the first token that starts at or after the offset.
    pub(super) fn token_at(&self, offset: usize) -> usize {
        self.tokens.partition_point(|t| t.start < offset)
    }

    /// Where a line's content ends behind something that ends at `offset`: a comma and a trailing comment belong to it.
    /// Before the line end; `offset` itself when other code follows on the line.
    pub(super) fn content_end(&self, offset: usize) -> usize {
        let mut end = offset;
        for token in &self.tokens[self.token_at(offset)..] {
            match token.kind {
                Kind::Newline => return end,
                Kind::LineComment => {
                    return token.start
                        + self.text()[token.start..token.end]
                            .trim_end_matches(['\n', '\r'])
                            .len();
                }
                Kind::BlockComment | Kind::Comma => end = token.end,
                _ => return offset,
            }
        }
        end
    }

    /// Whether only white space stands before the offset on its line.
    pub(super) fn starts_line(&self, offset: usize) -> bool {
        self.text()[self.line_start(offset)..offset]
            .trim()
            .is_empty()
    }

    /// Whether nothing but a comma and comments follows on the line.
    pub(super) fn ends_line(&self, offset: usize) -> bool {
        self.tokens[self.token_at(offset)..]
            .iter()
            .find(|t| !matches!(t.kind, Kind::BlockComment | Kind::Comma))
            .is_none_or(|t| matches!(t.kind, Kind::Newline | Kind::LineComment))
    }

    /// The brackets around a span's content: (behind the opening one, at the closing one). The span must end with the
    /// closing bracket; the opening one is the matching token.
    pub(super) fn brackets(&self, span: &Span) -> Option<(usize, usize)> {
        let last = self.tokens[..self.token_at(span.end)]
            .iter()
            .rposition(|t| t.end <= span.end)?;
        if self.tokens[last].kind != Kind::Close {
            return None;
        }
        let mut depth = 0_i64;
        for token in self.tokens[..=last].iter().rev() {
            match token.kind {
                Kind::Close => depth += 1,
                Kind::Open => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return (token.start >= span.start).then_some((token.end, self.tokens[last].start));
            }
        }
        None
    }

    /// The braces of a block.
    pub(super) fn braces(&self, block: &Block) -> Option<(usize, usize)> {
        self.brackets(&block.span()?)
    }

    /// The tokens between two offsets.
    pub(super) fn between(&self, from: usize, to: usize) -> &[Token] {
        let start = self.token_at(from);
        let end = self.token_at(to).max(start);
        &self.tokens[start..end]
    }

    /// Whether a line end stands between two offsets.
    pub(super) fn breaks(&self, from: usize, to: usize) -> bool {
        self.text()[from..to].contains('\n')
    }

    fn blank_line(&self, start: usize) -> bool {
        start < self.text().len() && self.text()[start..self.next_line(start)].trim().is_empty()
    }

    /// Deletes structures or elements that have their lines for themselves, with their trailing comments, with leading
    /// comments that clearly belong to them, and with the blank lines that would be left over.
    pub(super) fn remove_lines(&self, spans: &[Span]) -> Vec<Edit> {
        let mut spans: Vec<Span> = spans.to_vec();
        spans.sort_by_key(|s| s.start);
        let mut runs: Vec<Span> = Vec::new();
        for span in spans {
            let mut start = self.line_start(span.start);
            let end = self.next_line(self.content_end(span.end));
            start = self.leading_comments(start, end);
            match runs.last_mut() {
                Some(run) if self.text()[run.end.min(start)..start].trim().is_empty() => {
                    run.end = run.end.max(end);
                }
                _ => runs.push(start..end),
            }
        }
        runs.into_iter()
            .map(|run| self.splice(self.with_blank_lines(run), ""))
            .collect()
    }

    /// Takes along the blank lines that removing these lines would leave doubled or at a body's edge.
    fn with_blank_lines(&self, run: Span) -> Span {
        let text = self.text();
        let mut run = run;
        let head = text[..run.start].trim_end();
        let tail = text[run.end..].trim_start();
        let at_start = head.is_empty() || head.ends_with(['{', '[', '(']);
        let at_end = tail.is_empty() || tail.starts_with(['}', ']', ')']);
        // The first line of all is what is removed, and not blank.
        let blank_before = || self.blank_line(self.line_start(run.start.saturating_sub(1)));
        if at_end && (blank_before() || at_start) {
            while run.start > 0 && self.blank_line(self.line_start(run.start - 1)) {
                run.start = self.line_start(run.start - 1);
            }
            while self.blank_line(run.end) {
                run.end = self.next_line(run.end);
            }
        } else if blank_before() || at_start {
            while self.blank_line(run.end) {
                run.end = self.next_line(run.end);
            }
        }
        // The last line has no line end: the one before it goes instead.
        if run.end == text.len() && !text.ends_with('\n') {
            run.start = text[..run.start].trim_end_matches(['\n', '\r']).len();
        }
        run
    }

    /// The start of the comment lines right above that clearly belong to what is removed, or `start`.
    fn leading_comments(&self, start: usize, end: usize) -> usize {
        let text = self.text();
        let next = &text[end..self.next_line(end).max(end)];
        let next = next.trim();
        let alone =
            next.is_empty() || next.starts_with(['}', ']', ')', '#']) || next.starts_with("//");
        if !alone {
            return start;
        }
        let mut from = start;
        while from > 0 {
            let above = self.line_start(from - 1);
            let line = text[above..from].trim();
            let Some(comment) = line.strip_prefix('#').or_else(|| line.strip_prefix("//")) else {
                break;
            };
            if is_rule(line) || comment.trim().is_empty() {
                return start;
            }
            from = above;
        }
        // What opens a file is about the file.
        if from == 0 { start } else { from }
    }
}

/// A line drawn in comments: the mark of a section's header.
fn is_rule(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes
        .windows(4)
        .any(|w| !w[0].is_ascii_alphanumeric() && w[0] != b' ' && w.iter().all(|b| *b == w[0]))
        || line.trim_start_matches(['#', '/', ' ']).is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_rule;

    #[test]
    fn a_rule_is_drawn_and_not_written() {
        for rule in [
            "# ----",
            "## ====",
            "// ****",
            "####",
            "#",
            "//",
            "# ---- Rules ----",
        ] {
            assert!(is_rule(rule), "{rule}");
        }
        for comment in [
            "# aaaa",
            "#     indented",
            "# 0000",
            "# a ---",
            "# Rules",
            "// x == y",
        ] {
            assert!(!is_rule(comment), "{comment}");
        }
    }
}
