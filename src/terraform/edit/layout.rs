//! The layout of HCL text as `terraform fmt` sees it: tokens, logical lines, indentation and columns.
//!
//! `terraform fmt` works on lines of tokens, not on the tree: a line has a lead, an optional `= value` cell and an
//! optional trailing comment. To leave text as it would, the same model is needed here. This is no parser:
//! hcl-edit decides what is HCL; text that is none only gives lines of no use.

use crate::terraform::source::Span;

/// What a token is, as far as layout cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Identifiers, numbers, operators, pieces of templates.
    Word,
    /// `{`, `[`, `(`, `${`, `%{`.
    Open,
    /// `}`, `]`, `)`.
    Close,
    /// `=` alone.
    Equal,
    /// `,`.
    Comma,
    /// A line end that counts.
    Newline,
    /// `# …` and `// …`, line end included.
    LineComment,
    /// `/* … */`.
    BlockComment,
    /// `<<EOF` up to and with its line end.
    HeredocOpen,
    /// The line that ends a heredoc, without its line end.
    HeredocClose,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

enum Mode {
    /// Code; counts open braces so that the `}` of an interpolation is known.
    Code(usize),
    /// Inside `"…"`.
    Quoted,
    /// Inside a heredoc with this marker.
    Heredoc(Span),
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    modes: Vec<Mode>,
    tokens: Vec<Token>,
}

/// The tokens of a text, in order. Never fails: what cannot be read is a [`Kind::Word`].
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        modes: vec![Mode::Code(0)],
        tokens: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() {
        match lexer.modes.last() {
            Some(Mode::Quoted) => lexer.quoted(),
            Some(Mode::Heredoc(marker)) => {
                let marker = marker.clone();
                lexer.heredoc(&marker);
            }
            Some(Mode::Code(_)) | None => lexer.code(),
        }
    }
    lexer.tokens
}

impl Lexer<'_> {
    fn push(&mut self, kind: Kind, end: usize) {
        let end = end.min(self.bytes.len());
        self.tokens.push(Token {
            kind,
            start: self.at,
            end,
        });
        self.at = end;
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The offset behind the line end at or after `from`, or the end of the text.
    fn after_line(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.bytes.len(), |i| from + i + 1)
    }

    fn code(&mut self) {
        let next = self.peek(1);
        match self.peek(0) {
            b' ' | b'\t' => self.at += 1,
            b'\r' if next == b'\n' => self.push(Kind::Newline, self.at + 2),
            b'\n' => self.push(Kind::Newline, self.at + 1),
            b'#' => self.push(Kind::LineComment, self.after_line(self.at)),
            b'/' if next == b'/' => self.push(Kind::LineComment, self.after_line(self.at)),
            b'/' if next == b'*' => {
                let end = self.text[self.at + 2..]
                    .find("*/")
                    .map_or(self.bytes.len(), |i| self.at + 2 + i + 2);
                self.push(Kind::BlockComment, end);
            }
            b'"' => {
                self.push(Kind::Word, self.at + 1);
                self.modes.push(Mode::Quoted);
            }
            b'<' if next == b'<' => self.heredoc_open(),
            b'=' if next == b'=' || next == b'>' => self.push(Kind::Word, self.at + 2),
            b'<' | b'>' | b'!' if next == b'=' => self.push(Kind::Word, self.at + 2),
            b'=' => self.push(Kind::Equal, self.at + 1),
            b',' => self.push(Kind::Comma, self.at + 1),
            b'[' | b'(' => self.push(Kind::Open, self.at + 1),
            b']' | b')' => self.push(Kind::Close, self.at + 1),
            b'{' => {
                self.push(Kind::Open, self.at + 1);
                if let Some(Mode::Code(depth)) = self.modes.last_mut() {
                    *depth += 1;
                }
            }
            b'}' => {
                self.push(Kind::Close, self.at + 1);
                match self.modes.last_mut() {
                    // When no mode is left it is code again.
                    Some(Mode::Code(0)) => {
                        self.modes.pop();
                    }
                    Some(Mode::Code(depth)) => *depth -= 1,
                    _ => {}
                }
            }
            _ => {
                let rest = &self.bytes[self.at..];
                let word = rest
                    .iter()
                    .position(|b| {
                        !(b.is_ascii_alphanumeric()
                            || matches!(b, b'_' | b'-' | b'.')
                            || *b >= 0x80)
                    })
                    .unwrap_or(rest.len());
                self.push(Kind::Word, self.at + word.max(1));
            }
        }
    }

    fn heredoc_open(&mut self) {
        let mut from = self.at + 2;
        if self.bytes.get(from) == Some(&b'-') {
            from += 1;
        }
        let end = self.after_line(from);
        let marker = self.text[from..end].trim_end_matches(['\n', '\r']);
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if marker.is_empty() || !marker.chars().all(is_name) {
            self.push(Kind::Word, self.at + 2);
            return;
        }
        let marker = from..from + marker.len();
        self.push(Kind::HeredocOpen, end);
        self.modes.push(Mode::Heredoc(marker));
    }

    /// One piece of a heredoc: its end, an interpolation's start, or literal text.
    fn heredoc(&mut self, marker: &Span) {
        let line_start = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        let end = self.after_line(self.at);
        if line_start && self.text[self.at..end].trim() == &self.text[marker.clone()] {
            let close = self.at + self.text[self.at..end].trim_end_matches(['\n', '\r']).len();
            self.push(Kind::HeredocClose, close);
            self.modes.pop();
            return;
        }
        match self.interpolation(end) {
            Some(at) if at == self.at => self.open_interpolation(),
            Some(at) => self.push(Kind::Word, at),
            None => self.push(Kind::Word, end),
        }
    }

    /// One piece of a quoted template.
    fn quoted(&mut self) {
        if self.starts_interpolation(self.at) {
            self.open_interpolation();
            return;
        }
        match self.bytes[self.at] {
            b'"' => {
                self.push(Kind::Word, self.at + 1);
                self.modes.pop();
            }
            // A raw line end: not HCL. Back to code, so that the rest still has lines.
            b'\n' => {
                self.modes.pop();
            }
            _ => {
                let mut end = self.at;
                loop {
                    end += if self.bytes[end] == b'\\' { 2 } else { 1 };
                    let stop = matches!(self.bytes.get(end), None | Some(b'"' | b'\n'));
                    if stop || self.starts_interpolation(end) {
                        break;
                    }
                }
                self.push(Kind::Word, end);
            }
        }
    }

    fn open_interpolation(&mut self) {
        self.push(Kind::Open, self.at + 2);
        self.modes.push(Mode::Code(0));
    }

    /// Whether an interpolation or directive starts exactly here (and is no escape).
    fn starts_interpolation(&self, at: usize) -> bool {
        let is = |i: usize, b: u8| self.bytes.get(i) == Some(&b);
        let escaped = |b: u8| at.checked_sub(1).is_some_and(|before| is(before, b));
        (is(at, b'$') && is(at + 1, b'{') && !escaped(b'$'))
            || (is(at, b'%') && is(at + 1, b'{') && !escaped(b'%'))
    }

    /// The first interpolation from here to `end`.
    fn interpolation(&self, end: usize) -> Option<usize> {
        (self.at..end).find(|at| self.starts_interpolation(*at))
    }
}

/// One logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From its first byte to behind its line end.
    pub(super) span: Span,
    /// Start of its first token that is no line end; `None` for a blank line.
    pub(super) first: Option<usize>,
    /// The `=` of a whole `name = value`, with the end of the token before it.
    pub(super) assign: Option<(usize, usize)>,
    /// The first `=` of a line that has no such cell (`name = [`), with the end of the token before it.
    pub(super) loose: Option<(usize, usize)>,
    /// A trailing comment, with the end of the token before it.
    pub(super) comment: Option<(usize, usize)>,
    /// Opened minus closed brackets.
    net: i64,
}

/// The logical lines of a text. A heredoc with what stands before it is one line.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let tokens = tokens(text);
    let mut out = Vec::new();
    let mut start = 0;
    let mut from = 0;
    for (i, token) in tokens.iter().enumerate() {
        let ends = match token.kind {
            Kind::Newline => true,
            Kind::LineComment => text[token.start..token.end].ends_with('\n'),
            _ => false,
        };
        if ends {
            out.push(line(&tokens[from..=i], start..token.end));
            start = token.end;
            from = i + 1;
        }
    }
    if start < text.len() {
        out.push(line(&tokens[from..], start..text.len()));
    }
    out
}

fn change(token: &Token) -> i64 {
    match token.kind {
        Kind::Open => 1,
        Kind::Close => -1,
        _ => 0,
    }
}

fn line(tokens: &[Token], span: Span) -> Line {
    let content = match tokens.split_last() {
        Some((last, rest)) if last.kind == Kind::Newline => rest,
        _ => tokens,
    };
    let (content, comment) = match content.split_last() {
        Some((last, rest)) if last.kind == Kind::LineComment && !rest.is_empty() => {
            (rest, Some((rest[rest.len() - 1].end, last.start)))
        }
        _ => (content, None),
    };
    let equal = content
        .iter()
        .position(|t| t.kind == Kind::Equal)
        .filter(|i| *i > 0);
    let whole = equal.is_some_and(|i| content[i..].iter().map(change).sum::<i64>() == 0);
    let gap = equal.map(|i| (content[i - 1].end, content[i].start));
    let stop = content
        .iter()
        .position(|t| t.kind == Kind::HeredocOpen)
        .unwrap_or(content.len());
    Line {
        span,
        first: content.first().map(|t| t.start),
        assign: gap.filter(|_| whole),
        loose: gap.filter(|_| !whole),
        comment,
        net: content[..stop].iter().map(change).sum(),
    }
}

/// Writes a new text's indentation as `terraform fmt` does, with `base` before every line, and aligns its cells.
/// Heredoc bodies stay as they are. The first line gets no base: it is written where the caller puts it.
pub(super) fn settle_new(text: &str, base: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut open: Vec<i64> = Vec::new();
    for (number, line) in lines(text).iter().enumerate() {
        let Some(first) = line.first else {
            out.push('\n');
            continue;
        };
        close(&mut open, -line.net);
        if number > 0 {
            out.push_str(base);
        }
        out.push_str(&"  ".repeat(open.len()));
        out.push_str(&text[first..line.span.end]);
        if line.net > 0 {
            open.push(line.net);
        }
    }
    let aligned = super::align::everything(&format!("{base}{out}"));
    aligned[base.len()..].to_owned()
}

fn close(open: &mut Vec<i64>, mut count: i64) {
    while count > 0 {
        let Some(last) = open.last_mut() else { return };
        if count < *last {
            *last -= count;
            return;
        }
        count -= *last;
        open.pop();
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
