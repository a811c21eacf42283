//! A reading of HCL that builds nothing: does the parser accept this text, and where do its top-level pieces stand?
//!
//! The parser's tree takes about a hundred times as long to build, and twenty times the memory of the text. So a file
//! is read here first, in one pass without looking back. The reading is strict: it follows the parser's grammar, and
//! where that is odd or rare (directives, escapes by code point, names outside of ASCII) it *doubts*, and the parser is
//! asked instead. What must never happen is that it accepts what the parser refuses; the tests hold both against each
//! other.

use super::outline::{Item, Outline, Piece};
use mend::Mends;

mod expression;
mod mend;

pub(crate) use mend::mended;

/// The reading cannot tell; the parser has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt;

type Scan<T = ()> = Result<T, Doubt>;

/// Nested deeper than this is left to the parser, which has a limit of its own above it.
const DEPTH: u32 = 48;
/// More operators in one attribute are left to the parser, which has a limit of its own above it.
const OPERATORS: u32 = 100;
/// More names in one body or object are left to the parser's own checks.
const NAMES: usize = 15_000;

/// The outline of a text, if there is no doubt that the parser accepts it.
pub(super) fn outline(text: &str) -> Scan<Outline> {
    // Offsets are kept in 32 bits.
    if u32::try_from(text.len()).is_err() {
        return Err(Doubt);
    }
    let bytes = text.as_bytes();
    if bytes.contains(&b'\r') {
        let alone = |(i, byte): (usize, &u8)| *byte == b'\r' && bytes.get(i + 1) != Some(&b'\n');
        if bytes.iter().enumerate().any(alone) {
            return Err(Doubt);
        }
    }
    let mut scanner = Scanner::of(bytes);
    let mut items = Vec::new();
    scanner.body(true, Watch::Nothing, &mut Some(&mut items))?;
    items.shrink_to_fit();
    Ok(Outline::sound(items))
}

/// What of a block's body is noted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    Nothing,
    /// `source` of a module call.
    Source,
    /// Whether there is a `backend` or `cloud` block.
    Backend,
}

/// What was noted of a block's body.
#[derive(Clone, Copy, Default)]
struct Noted {
    source: Option<Piece>,
    backend: bool,
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    depth: u32,
    operators: u32,
    /// Attribute names and object keys of everything that is open, for finding repetitions.
    names: Vec<(usize, usize)>,
    /// Present where Terraform's grammar is followed instead of the parser's.
    mends: Option<Mends>,
}

/// Whether a byte may start a name; bytes outside of ASCII are doubted elsewhere.
fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a byte may go on in a name.
fn continues_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

impl<'t> Scanner<'t> {
    fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            operators: 0,
            names: Vec::new(),
            mends: None,
        }
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn next(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    fn expect(&mut self, byte: u8) -> Scan {
        if self.peek() == byte && !self.ended() {
            self.at += 1;
            Ok(())
        } else {
            Err(Doubt)
        }
    }

    fn descend(&mut self) -> Scan {
        self.depth += 1;
        if self.depth > DEPTH {
            Err(Doubt)
        } else {
            Ok(())
        }
    }

    /// `/* … */` at the position.
    fn block_comment(&mut self) -> Scan {
        let rest = &self.text[self.at + 2..];
        let length = rest.windows(2).position(|w| w == b"*/").ok_or(Doubt)?;
        self.at += length + 4;
        Ok(())
    }

    /// To the end of the line (not over it).
    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.at += length;
    }

    /// White space of one line.
    fn skip_sp(&mut self) -> Scan {
        loop {
            match self.peek() {
                b' ' | b'\t' => self.at += 1,
                b'/' if self.next(1) == b'*' => self.block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// White space and comments, over line ends.
    fn skip_ws(&mut self) -> Scan {
        loop {
            match self.peek() {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => self.line_comment(),
                b'/' if self.next(1) == b'/' => self.line_comment(),
                b'/' if self.next(1) == b'*' => self.block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip(&mut self, newlines: bool) -> Scan {
        if newlines {
            let start = self.at;
            self.skip_ws()?;
            self.crossed(start);
            Ok(())
        } else {
            self.skip_sp()
        }
    }

    /// Whether the line ends here, perhaps behind a comment; goes to its end.
    fn ends_line(&mut self) -> bool {
        match self.peek() {
            b'#' => self.line_comment(),
            b'/' if self.next(1) == b'/' => self.line_comment(),
            _ => {}
        }
        self.peek() == b'\n' || (self.peek() == b'\r' && self.next(1) == b'\n')
    }

    /// A name; its start.
    fn name(&mut self) -> Scan<usize> {
        let start = self.at;
        if !starts_name(self.peek()) {
            return Err(Doubt);
        }
        while continues_name(self.peek()) {
            self.at += 1;
        }
        if self.peek().is_ascii() {
            Ok(start)
        } else {
            Err(Doubt)
        }
    }

    /// Whether a word stands here, as a whole.
    fn is_word(&self, word: &[u8]) -> bool {
        let after = self.next(word.len());
        self.text[self.at..].starts_with(word) && !continues_name(after) && after.is_ascii()
    }

    /// A body: to the end of the text, or before the `}`.
    fn body(&mut self, top: bool, watch: Watch, items: &mut Option<&mut Vec<Item>>) -> Scan<Noted> {
        let names = self.names.len();
        let mut noted = Noted::default();
        loop {
            self.skip_ws()?;
            if self.ended() {
                if !top {
                    return Err(Doubt);
                }
                break;
            }
            if !top && self.peek() == b'}' {
                break;
            }
            let item = self.structure(top, watch, &mut noted)?;
            if let Some(items) = items {
                items.push(item);
            }
            self.skip_sp()?;
            if !self.ends_line() && !self.ended() {
                return Err(Doubt);
            }
        }
        self.unique(names)?;
        Ok(noted)
    }

    /// An attribute or a block.
    fn structure(&mut self, top: bool, watch: Watch, noted: &mut Noted) -> Scan<Item> {
        let start = self.name()?;
        let name = (start, self.at);
        self.skip_sp()?;
        if self.peek() == b'=' {
            let value = self.attribute(name)?;
            if watch == Watch::Source && &self.text[name.0..name.1] == b"source" {
                noted.source = self.plain(value.0, value.1)?;
            }
            return Ok(Item::attribute(piece(name), piece((start, self.at))));
        }
        let mut labels = [Piece::default(); 2];
        let mut count = 0_usize;
        while self.peek() != b'{' {
            let label = self.label()?;
            if let Some(slot) = labels.get_mut(count) {
                *slot = piece(label);
            }
            count += 1;
            self.skip_sp()?;
        }
        let word = &self.text[name.0..name.1];
        if watch == Watch::Backend && (word == b"backend" || word == b"cloud") {
            noted.backend = true;
        }
        let inner = match word {
            b"module" if top => Watch::Source,
            b"terraform" if top => Watch::Backend,
            _ => Watch::Nothing,
        };
        let found = self.block_body(inner)?;
        let whole = piece((start, self.at));
        let mut item = Item::block(piece(name), &labels[..count.min(2)], whole);
        item.source = found.source;
        item.backend = found.backend;
        Ok(item)
    }

    /// `= expression`; where the expression stands.
    fn attribute(&mut self, name: (usize, usize)) -> Scan<(usize, usize)> {
        self.expect(b'=')?;
        self.names.push(name);
        self.skip_sp()?;
        let start = self.at;
        self.operators = 0;
        self.expression(false)?;
        Ok((start, self.at))
    }

    /// A label: a name or plain quoted text, without the quotes.
    fn label(&mut self) -> Scan<(usize, usize)> {
        if self.peek() != b'"' {
            let start = self.name()?;
            return Ok((start, self.at));
        }
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' | b'$' | b'%' | b'\n' | 0 => return Err(Doubt),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok((start, self.at - 1))
    }

    fn block_body(&mut self, watch: Watch) -> Scan<Noted> {
        self.descend()?;
        self.expect(b'{')?;
        self.skip_sp()?;
        let noted = if self.ends_line() {
            self.body(false, watch, &mut None)?
        } else {
            let mut noted = Noted::default();
            // A comment that the text ends with.
            if self.ended() {
                return Err(Doubt);
            }
            if self.peek() != b'}' {
                let start = self.name()?;
                let name = (start, self.at);
                self.skip_sp()?;
                let names = self.names.len();
                let value = self.attribute(name)?;
                self.names.truncate(names);
                if watch == Watch::Source && &self.text[name.0..name.1] == b"source" {
                    noted.source = self.plain(value.0, value.1)?;
                }
                self.skip_sp()?;
            }
            noted
        };
        self.expect(b'}')?;
        self.depth -= 1;
        Ok(noted)
    }

    /// The text of a value that is nothing but plain quoted text.
    fn plain(&self, start: usize, end: usize) -> Scan<Option<Piece>> {
        let text = &self.text[start..end];
        let Some(inner) = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")) else {
            return Ok(None);
        };
        if inner.contains(&b'\\') || inner.windows(3).any(|w| w == b"$${" || w == b"%%{") {
            // It would have to be unescaped.
            return Err(Doubt);
        }
        if inner.contains(&b'"') || inner.windows(2).any(|w| w == b"${" || w == b"%{") {
            return Ok(None);
        }
        Ok(Some(piece((start + 1, end - 1))))
    }

    /// That none of the names from a number on stands twice; forgets them.
    fn unique(&mut self, from: usize) -> Scan {
        let text = self.text;
        let names = &mut self.names[from..];
        if names.len() > NAMES {
            return Err(Doubt);
        }
        let of = |name: &(usize, usize)| &text[name.0..name.1];
        let twice = if names.len() <= 8 {
            names
                .iter()
                .enumerate()
                .any(|(i, a)| names[..i].iter().any(|b| of(a) == of(b)))
        } else {
            names.sort_unstable_by(|a, b| of(a).cmp(of(b)));
            names.windows(2).any(|w| of(&w[0]) == of(&w[1]))
        };
        self.names.truncate(from);
        if twice { Err(Doubt) } else { Ok(()) }
    }
}

/// The length of the text fits into 32 bits, so every offset does.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked for the whole text"
)]
fn piece((start, end): (usize, usize)) -> Piece {
    Piece {
        start: start as u32,
        end: end as u32,
    }
}
