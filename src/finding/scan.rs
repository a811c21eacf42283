//! Cuts a stream of bytes into records without parsing them.
//!
//! The scanner follows strings, brackets, commas and colons (nothing else), so it can cut lists, pages
//! (`{"Findings": […]}`), lines and concatenated values of any length in bounded memory. It notes which telling
//! keys stand at a record's top, which is how the format is recognised without a second pass. When a record is
//! broken it finds where the next one starts: invariant 12 begins here.

mod piece;
mod record;
mod salvage;

use std::io::{self, Read};

pub(super) use piece::{Cut, Fault, Shape};
use record::{Expect, Open, Scan};

/// A record larger than this is reported, not read. Security Hub's own limit is 240 KB.
pub(super) const RECORD_LIMIT: usize = 8 << 20;
/// Lists and pages inside each other, e.g. a list of pages.
const CONTAINER_LIMIT: usize = 8;
/// Nesting that serde_json accepts too.
const DEPTH_LIMIT: usize = 120;
/// How often in a row a broken piece is searched for the next record before the rest is given up.
const SALVAGE_LIMIT: u32 = 64;
/// Bytes asked for at a time: few at first, so that a small text costs little.
const FIRST_CHUNK: usize = 4 << 10;
const LAST_CHUNK: usize = 256 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    List,
    Page,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Start,
    Between,
    Record,
    Garbage,
    Done,
}

/// The incremental cutter: [`Cutter::fill`] from a reader, then [`Cutter::cut`] until it asks for more.
#[derive(Debug)]
pub(super) struct Cutter {
    buffer: Vec<u8>,
    position: usize,
    record: usize,
    open: Open,
    frames: Vec<Frame>,
    mode: Mode,
    ended: bool,
    salvages: u32,
    after_broken: bool,
    /// Only white space was seen since the line began (while skipping what is not JSON).
    line_start: bool,
    chunk: usize,
}

impl Cutter {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            position: 0,
            record: 0,
            open: Open::new(),
            frames: Vec::new(),
            mode: Mode::Start,
            ended: false,
            salvages: 0,
            after_broken: false,
            line_start: false,
            chunk: FIRST_CHUNK,
        }
    }

    /// Reads one more chunk; bytes that were cut are forgotten. At the end of the input this only notes the end.
    pub(super) fn fill(&mut self, input: &mut dyn Read) -> io::Result<()> {
        let keep = match self.mode {
            Mode::Record if !self.open.dropped => self.record,
            _ => self.position,
        };
        if keep > 0 {
            self.buffer.drain(..keep);
            self.position -= keep;
            self.record = self.record.saturating_sub(keep);
            self.open.string_start = self.open.string_start.saturating_sub(keep);
        }
        let old = self.buffer.len();
        self.buffer.resize(old + self.chunk, 0);
        let read = loop {
            match input.read(&mut self.buffer[old..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old + *read.as_ref().unwrap_or(&0));
        let read = read?;
        self.ended = read == 0;
        if read == self.chunk {
            self.chunk = LAST_CHUNK.min(self.chunk * 4);
        }
        Ok(())
    }

    /// Is the input at its end and everything cut?
    pub(super) fn done(&self) -> bool {
        self.mode == Mode::Done
    }

    /// Cuts what the buffer holds; returns when it needs another [`Cutter::fill`] or is done.
    pub(super) fn cut(&mut self, emit: &mut dyn FnMut(Cut<'_>)) {
        loop {
            let more = match self.mode {
                Mode::Start => self.start(emit),
                Mode::Between => self.between(emit),
                Mode::Record => self.record(emit),
                Mode::Garbage => self.garbage(),
                Mode::Done => false,
            };
            if !more {
                return;
            }
        }
    }

    fn start(&mut self, emit: &mut dyn FnMut(Cut<'_>)) -> bool {
        if self.buffer.len() < 4 && !self.ended {
            return false;
        }
        let head = &self.buffer[..self.buffer.len().min(4)];
        let fault = match head {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(Fault::Utf16),
            [b'[' | b'{', 0, ..] | [0, b'[' | b'{', ..] => Some(Fault::Utf16),
            [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4] | [0x28, 0xb5, 0x2f, 0xfd] => {
                Some(Fault::Compressed)
            }
            _ => None,
        };
        if let Some(fault) = fault {
            emit(Cut {
                bytes: &[],
                shape: Shape::default(),
                fault: Some(fault),
            });
            self.mode = Mode::Done;
            return false;
        }
        self.mode = Mode::Between;
        true
    }

    fn between(&mut self, emit: &mut dyn FnMut(Cut<'_>)) -> bool {
        let stray = |emit: &mut dyn FnMut(Cut<'_>), after_broken: bool| {
            // What a broken record left behind was reported with it.
            if !after_broken {
                let fault = Some(Fault::StrayBracket);
                emit(Cut {
                    bytes: &[],
                    shape: Shape::default(),
                    fault,
                });
            }
        };
        while let Some(&byte) = self.buffer.get(self.position) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.position += 1,
                // A byte order mark, also of a file that was appended.
                0xef if self.buffer[self.position..].starts_with(&[0xef, 0xbb, 0xbf]) => {
                    self.position += 3;
                }
                0xef if self.buffer.len() - self.position < 3 && !self.ended => return false,
                b'[' if self.frames.len() < CONTAINER_LIMIT => {
                    self.frames.push(Frame::List);
                    self.position += 1;
                }
                b']' => {
                    self.position += 1;
                    match self.frames.pop() {
                        Some(Frame::List) => {
                            if self.frames.last() == Some(&Frame::Page) {
                                self.frames.pop();
                                self.open = Open {
                                    page: true,
                                    depth: 1,
                                    objects: 1,
                                    ..Open::new()
                                };
                                self.open.expect = Expect::Next;
                                self.record = self.position;
                                self.mode = Mode::Record;
                                return true;
                            }
                        }
                        _ => stray(emit, self.after_broken),
                    }
                }
                b'}' => {
                    self.position += 1;
                    stray(emit, self.after_broken);
                }
                b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' => {
                    self.open = Open::new();
                    self.record = self.position;
                    self.mode = Mode::Record;
                    return true;
                }
                _ => {
                    let end = self.buffer.len().min(self.position + 80);
                    emit(Cut {
                        bytes: &self.buffer[self.position..end],
                        shape: Shape::default(),
                        fault: Some(Fault::Garbage),
                    });
                    self.line_start = false;
                    self.mode = Mode::Garbage;
                    return true;
                }
            }
        }
        if self.ended {
            if !self.frames.is_empty() && !self.after_broken {
                let fault = Some(Fault::ListNotClosed);
                emit(Cut {
                    bytes: &[],
                    shape: Shape::default(),
                    fault,
                });
            }
            self.mode = Mode::Done;
        }
        false
    }

    /// Skips (what was reported already) to the next place where a record may begin: a bracket at the start of a
    /// line, or a list's comma.
    fn garbage(&mut self) -> bool {
        while let Some(&byte) = self.buffer.get(self.position) {
            let listed = !self.frames.is_empty();
            let found = match byte {
                b'{' | b'[' => self.line_start || listed,
                b',' | b']' => listed,
                _ => false,
            };
            if found {
                self.mode = Mode::Between;
                return true;
            }
            self.line_start = byte == b'\n' || (self.line_start && byte.is_ascii_whitespace());
            self.position += 1;
        }
        if self.ended {
            self.mode = Mode::Between;
        }
        self.ended
    }

    fn record(&mut self, emit: &mut dyn FnMut(Cut<'_>)) -> bool {
        match self.scan() {
            Scan::More if self.ended => {
                // A number or a word at the top has no end of its own.
                let scalar = self.open.depth == 0
                    && !self.open.in_string
                    && self.open.expect == Expect::Next;
                if !scalar && self.open.fault.is_none() {
                    self.open.fault = Some(Fault::Truncated);
                }
                self.finish(emit);
                true
            }
            Scan::More => {
                if !self.open.dropped && self.position - self.record > RECORD_LIMIT {
                    if self.salvage(emit) {
                        return true;
                    }
                    if !self.open.page {
                        let fault = Some(self.open.fault.unwrap_or(Fault::TooLarge));
                        emit(Cut {
                            bytes: &[],
                            shape: Shape::default(),
                            fault,
                        });
                    }
                    self.open.dropped = true;
                }
                false
            }
            Scan::Complete => {
                self.finish(emit);
                true
            }
            Scan::NextRecord => {
                self.open.broken();
                // Where the next one begins is known already.
                let before = std::mem::replace(&mut self.salvages, SALVAGE_LIMIT);
                self.finish(emit);
                self.salvages = before;
                true
            }
            Scan::Container => {
                self.frames.push(Frame::Page);
                self.frames.push(Frame::List);
                self.mode = Mode::Between;
                true
            }
        }
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Cut<'_>)) {
        self.mode = Mode::Between;
        if self.open.dropped {
            self.after_broken = true;
            return;
        }
        if self.open.fault.is_some() && self.salvage(emit) {
            return;
        }
        let mut fault = self.open.fault;
        self.after_broken = fault.is_some();
        if fault.is_none() {
            self.salvages = 0;
            if self.open.page {
                return;
            }
        } else if self.open.page && fault == Some(Fault::Truncated) {
            fault = Some(Fault::ListNotClosed);
        }
        let bytes = &self.buffer[self.record..self.position];
        emit(Cut {
            bytes,
            shape: self.open.shape,
            fault,
        });
    }
}
