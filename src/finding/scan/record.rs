//! Following one record through its strings, brackets, commas and colons.

use super::piece::{Fault, Shape, is_container_key};
use super::{CONTAINER_LIMIT, Cutter, DEPTH_LIMIT};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Key,
    Colon,
    Value,
    Next,
}

/// The state of one record (or of what follows a page's list).
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) depth: usize,
    /// Bit i: level i is an object.
    pub(super) objects: u128,
    pub(super) expect: Expect,
    pub(super) in_string: bool,
    pub(super) escaped: bool,
    /// The bytes so far end inside a number or a word.
    pub(super) in_word: bool,
    pub(super) string_start: usize,
    /// The last key at the top names a list of records.
    pub(super) container: bool,
    /// The rest of a page: nothing to report.
    pub(super) page: bool,
    pub(super) fault: Option<Fault>,
    /// Reported as too large already: bytes are dropped.
    pub(super) dropped: bool,
    pub(super) shape: Shape,
}

impl Open {
    pub(super) fn new() -> Self {
        Self {
            depth: 0,
            objects: 0,
            expect: Expect::Value,
            in_string: false,
            escaped: false,
            in_word: false,
            string_start: 0,
            container: false,
            page: false,
            fault: None,
            dropped: false,
            shape: Shape::default(),
        }
    }

    fn in_object(&self) -> bool {
        self.depth > 0 && self.depth <= DEPTH_LIMIT && self.objects >> (self.depth - 1) & 1 == 1
    }

    fn push(&mut self, object: bool) {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            self.fault = Some(Fault::TooDeep);
            return;
        }
        let bit = 1_u128 << (self.depth - 1);
        if object {
            self.objects |= bit;
        } else {
            self.objects &= !bit;
        }
        self.expect = if object { Expect::Key } else { Expect::Value };
    }

    fn pop(&mut self, object: bool) {
        if self.depth <= DEPTH_LIMIT && self.in_object() != object {
            self.broken();
        }
        self.depth = self.depth.saturating_sub(1);
        self.expect = Expect::Next;
    }

    pub(super) fn broken(&mut self) {
        if self.fault.is_none() {
            self.fault = Some(Fault::Broken);
        }
    }
}

pub(super) enum Scan {
    More,
    Complete,
    /// The bytes at the position begin a record although the open one is not finished.
    NextRecord,
    /// The position stands inside a page's list.
    Container,
}

/// Bytes that end a run inside a string.
const STRING_STOP: [bool; 256] = table(b"\"\\\n");
/// Bytes that end a run of a number, a word or white space.
const PLAIN_STOP: [bool; 256] = table(b"\"{}[]:,");

const fn table(stops: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < stops.len() {
        table[stops[at] as usize] = true;
        at += 1;
    }
    table
}

fn run(bytes: &[u8], from: usize, stop: &[bool; 256]) -> usize {
    bytes[from..]
        .iter()
        .position(|b| stop[*b as usize])
        .map_or(bytes.len(), |at| from + at)
}

impl Cutter {
    /// Follows the open record from the position on.
    pub(super) fn scan(&mut self) -> Scan {
        let bytes = self.buffer.as_slice();
        let open = &mut self.open;
        let mut at = self.position;
        let result = loop {
            if open.in_string {
                if open.escaped {
                    if at >= bytes.len() {
                        break Scan::More;
                    }
                    open.escaped = false;
                    at += 1;
                }
                at = run(bytes, at, &STRING_STOP);
                let Some(&byte) = bytes.get(at) else {
                    break Scan::More;
                };
                at += 1;
                match byte {
                    b'\\' => open.escaped = true,
                    b'"' => {
                        open.in_string = false;
                        if open.expect == Expect::Key && open.in_object() {
                            open.expect = Expect::Colon;
                            if open.depth == 1 && !open.dropped {
                                let key = &bytes[open.string_start..at - 1];
                                open.shape.note(key);
                                open.container = is_container_key(key);
                            }
                        } else {
                            open.expect = Expect::Next;
                            if open.depth == 0 {
                                break Scan::Complete;
                            }
                        }
                    }
                    // A line ends inside a string: the string was never closed.
                    _ => {
                        open.in_string = false;
                        open.expect = Expect::Next;
                        open.broken();
                        if open.depth == 0 {
                            break Scan::Complete;
                        }
                    }
                }
                continue;
            }
            let start = at;
            at = run(bytes, at, &PLAIN_STOP);
            let plain = &bytes[start..at];
            let continued = if open.in_word {
                plain
                    .iter()
                    .take_while(|b| !b.is_ascii_whitespace())
                    .count()
            } else {
                0
            };
            if plain[continued..].iter().any(|b| !b.is_ascii_whitespace()) {
                if open.expect != Expect::Value {
                    open.broken();
                }
                open.expect = Expect::Next;
            }
            open.in_word = plain
                .last()
                .map_or(open.in_word, |b| !b.is_ascii_whitespace());
            let Some(&byte) = bytes.get(at) else {
                break Scan::More;
            };
            open.in_word = false;
            if open.depth == 0 && open.expect == Expect::Next {
                // A bare number or word at the top ends where something else begins.
                break Scan::Complete;
            }
            match byte {
                b'{' | b'[' => {
                    if byte == b'{' && open.depth > 0 && open.expect != Expect::Value {
                        break Scan::NextRecord;
                    }
                    if byte == b'['
                        && open.container
                        && open.depth == 1
                        && self.frames.len() + 2 <= CONTAINER_LIMIT
                    {
                        at += 1;
                        break Scan::Container;
                    }
                    if open.expect != Expect::Value {
                        open.broken();
                    }
                    open.push(byte == b'{');
                }
                b'}' | b']' => {
                    open.pop(byte == b'}');
                    if open.depth == 0 {
                        at += 1;
                        break Scan::Complete;
                    }
                }
                b',' => {
                    if open.expect != Expect::Next {
                        open.broken();
                    }
                    open.container = false;
                    open.expect = if open.in_object() {
                        Expect::Key
                    } else {
                        Expect::Value
                    };
                }
                b':' => {
                    if open.expect != Expect::Colon {
                        open.broken();
                    }
                    open.expect = Expect::Value;
                }
                _ => {
                    if !matches!(open.expect, Expect::Key | Expect::Value) {
                        open.broken();
                    }
                    open.in_string = true;
                    open.escaped = false;
                    open.string_start = at + 1;
                }
            }
            at += 1;
        };
        self.position = at;
        result
    }
}
