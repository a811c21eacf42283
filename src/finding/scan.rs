//! Cuts a stream of bytes into records without parsing them.
//!
//! The scanner follows strings, brackets, commas and colons (nothing else), so it can cut lists, pages
//! (`{"Findings": […]}`), lines and concatenated values of any length in bounded memory. It notes which telling
//! keys stand at a record's top, which is how the format is recognised without a second pass. When a record is
//! broken it finds where the next one starts: invariant 12 begins here.

use std::io::{self, Read};

/// A record larger than this is reported, not read. Security Hub's own limit is 240 KB.
pub(super) const RECORD_LIMIT: usize = 32 << 20;
/// Lists and pages inside each other, e.g. a list of pages.
const CONTAINER_LIMIT: usize = 8;
/// Nesting that serde_json accepts too.
const DEPTH_LIMIT: usize = 120;
/// How often in a row a broken piece is searched for the next record before the rest is given up.
const SALVAGE_LIMIT: u32 = 64;
/// Bytes asked for at a time: few at first, so that a small text costs little.
const FIRST_CHUNK: usize = 4 << 10;
const LAST_CHUNK: usize = 256 << 10;

/// Which telling keys a record has at its top, as a set of bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape(pub(super) u32);

impl Shape {
    pub(super) const ASFF: u32 = 1;
    pub(super) const OCSF: u32 = 1 << 1;
    pub(super) const SCC_PAIR: u32 = 1 << 2;
    pub(super) const SCC_BARE: u32 = 1 << 3;
    pub(super) const EVENT: u32 = 1 << 4;
    pub(super) const SNS: u32 = 1 << 5;
    pub(super) const LAMBDA_SNS: u32 = 1 << 6;
    pub(super) const BODY: u32 = 1 << 7;
    pub(super) const MESSAGE: u32 = 1 << 8;
    pub(super) const DATA: u32 = 1 << 9;
    pub(super) const PUBSUB_META: u32 = 1 << 10;

    pub(super) fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    fn note(&mut self, key: &[u8]) {
        self.0 |= match key {
            b"ProductArn" | b"GeneratorId" | b"AwsAccountId" | b"SchemaVersion" => Self::ASFF,
            b"class_uid" | b"finding_info" | b"category_uid" | b"class_name" => Self::OCSF,
            b"finding" => Self::SCC_PAIR,
            b"resourceName" | b"resource_name" => Self::SCC_BARE,
            b"detail" => Self::EVENT,
            b"Message" => Self::SNS,
            b"Sns" => Self::LAMBDA_SNS,
            b"Body" | b"body" => Self::BODY,
            b"message" => Self::MESSAGE,
            b"data" => Self::DATA,
            b"messageId" | b"message_id" | b"publishTime" | b"attributes" => Self::PUBSUB_META,
            _ => 0,
        };
    }
}

/// Keys whose list holds records of its own.
fn is_container_key(key: &[u8]) -> bool {
    matches!(
        key,
        b"Findings"
            | b"findings"
            | b"listFindingsResults"
            | b"Messages"
            | b"Records"
            | b"receivedMessages"
    )
}

/// Why a piece cannot be a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Brackets, commas or quotes do not fit; serde says where.
    Broken,
    /// The input ends inside it.
    Truncated,
    /// The input ends inside the list around the records.
    ListNotClosed,
    /// More than [`RECORD_LIMIT`] bytes.
    TooLarge,
    /// More than [`DEPTH_LIMIT`] levels.
    TooDeep,
    /// Not JSON at all.
    Garbage,
    /// A closing bracket without its opening one.
    StrayBracket,
    /// UTF-16 text.
    Utf16,
    /// A compressed file.
    Compressed,
}

/// One cut piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) shape: Shape,
    pub(super) fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Key,
    Colon,
    Value,
    Next,
}

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

/// The state of one record (or of what follows a page's list).
#[derive(Debug, Clone, Copy)]
struct Open {
    depth: usize,
    /// Bit i: level i is an object.
    objects: u128,
    expect: Expect,
    in_string: bool,
    escaped: bool,
    /// The bytes so far end inside a number or a word.
    in_word: bool,
    string_start: usize,
    /// The last key at the top names a list of records.
    container: bool,
    /// The rest of a page: nothing to report.
    page: bool,
    fault: Option<Fault>,
    /// Reported as too large already: bytes are dropped.
    dropped: bool,
    shape: Shape,
}

impl Open {
    fn new() -> Self {
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

    fn broken(&mut self) {
        if self.fault.is_none() {
            self.fault = Some(Fault::Broken);
        }
    }
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
                self.salvages = SALVAGE_LIMIT;
                self.finish(emit);
                self.salvages = 0;
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

    /// A broken record may have swallowed its successors: they begin like it does (`{"SchemaVersion"`).
    fn salvage(&mut self, emit: &mut dyn FnMut(Cut<'_>)) -> bool {
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

/// Where `wanted` stands again in `text`, after its beginning; at most [`SALVAGE_LIMIT`] places.
fn occurrences(text: &[u8], wanted: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 1;
    while let Some(at) = text[from..].iter().position(|b| *b == b'{') {
        if text[from + at..].starts_with(wanted) {
            places.push(from + at);
            if places.len() >= SALVAGE_LIMIT as usize {
                break;
            }
        }
        from += at + 1;
    }
    places
}

enum Scan {
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
    fn scan(&mut self) -> Scan {
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
