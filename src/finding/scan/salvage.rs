//! Where the next record begins when a broken one has swallowed it.

use super::piece::{Cut, Fault, Shape};
use super::record::{Open, Scan};
use super::{Cutter, Mode, SALVAGE_LIMIT};

/// How many places are tried for one broken record.
const CANDIDATES: usize = 8;

impl Cutter {
    /// A broken record may have swallowed its successors: they begin like it does (`{"SchemaVersion"`).
    pub(super) fn salvage(&mut self, emit: &mut dyn FnMut(Cut<'_>)) -> bool {
        // What is nested too deeply repeats its own beginning.
        if self.salvages >= SALVAGE_LIMIT
            || self.open.page
            || self.open.fault == Some(Fault::TooDeep)
        {
            return false;
        }
        let piece = &self.buffer[self.record..self.position];
        let Some(beginning) = beginning(piece) else {
            return false;
        };
        let candidates = occurrences(piece, beginning);
        let (end, open) = (self.position, self.open);
        for at in candidates {
            self.position = self.record + at;
            self.open = Open::new();
            let whole = matches!(self.scan(), Scan::Complete | Scan::Container | Scan::More);
            // An object inside the broken record may begin alike; a finding has telling keys.
            if !whole || self.open.fault.is_some() || self.open.shape == Shape::default() {
                continue;
            }
            self.salvages += 1;
            let fault = Some(match open.fault {
                None | Some(Fault::Truncated | Fault::TooLarge) => Fault::Broken,
                Some(other) => other,
            });
            let bytes = &self.buffer[self.record..self.record + at];
            emit(Cut {
                bytes,
                shape: open.shape,
                fault,
            });
            self.after_broken = true;
            self.record += at;
            self.position = self.record;
            self.open = Open::new();
            self.mode = Mode::Record;
            return true;
        }
        (self.position, self.open) = (end, open);
        false
    }
}

/// The first bytes of an object up to the end of its first key; `None` when it does not begin with one.
fn beginning(piece: &[u8]) -> Option<&[u8]> {
    let quote = piece.iter().position(|b| *b == b'"')?;
    if piece.first() != Some(&b'{') || !piece[1..quote].iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let key = piece[quote + 1..].iter().position(|b| *b == b'"')?;
    Some(&piece[..quote + key + 2])
}

/// Where `wanted` stands again in `text`, after its beginning; at most [`CANDIDATES`] places.
fn occurrences(text: &[u8], wanted: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 1;
    while let Some(at) = text[from..].iter().position(|b| *b == b'{') {
        if text[from + at..].starts_with(wanted) {
            places.push(from + at);
            if places.len() >= CANDIDATES {
                break;
            }
        }
        from += at + 1;
    }
    places
}
