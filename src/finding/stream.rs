//! Reading a stream of findings: cut, parse in parallel, number, hand over in document order.
//!
//! Memory is bounded by a few batches, whatever the input's length. Every record of the input reaches the sink
//! exactly once, as a finding or as an [`InvalidRecord`] (invariants 1 and 12).

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use jiff::Timestamp;

use super::envelope::{self, Context, Piece};
use super::scan::{Cut, Cutter, Fault, Shape};
use super::{InvalidRecord, Record, RecordPlace};

/// A batch is parsed by one thread: large enough to make hand-over cheap.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_RECORDS: usize = 2_000;

/// A format that `--input-format` can force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// AWS Security Finding Format.
    Asff,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// Google Security Command Center.
    Scc,
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asff => "asff",
            Self::Ocsf => "ocsf",
            Self::Scc => "scc",
        })
    }
}

/// A text that names no input format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no input format; known are asff, ocsf, scc")]
pub struct InputFormatError(pub String);

impl FromStr for InputFormat {
    type Err = InputFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "asff" => Ok(Self::Asff),
            "ocsf" => Ok(Self::Ocsf),
            "scc" => Ok(Self::Scc),
            _ => Err(InputFormatError(text.to_owned())),
        }
    }
}

/// The input could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed; what came before it was handed over.
    #[error("cannot read findings from `{input}`: {source}")]
    Io {
        /// The input's name.
        input: String,
        /// Why.
        source: io::Error,
    },
}

/// What a stream held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records handed over: findings and invalid ones.
    pub records: u64,
    /// Of these, records that could not be read.
    pub invalid: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// Cut records on their way to a parser.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    cuts: Vec<(Range<usize>, Shape, Option<Fault>)>,
}

impl Batch {
    fn push(&mut self, cut: &Cut<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(cut.bytes);
        self.cuts
            .push((start..self.bytes.len(), cut.shape, cut.fault));
    }

    fn full(&self) -> bool {
        self.bytes.len() >= BATCH_BYTES || self.cuts.len() >= BATCH_RECORDS
    }

    fn parse(&self, context: &Context) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.cuts.len());
        for (range, shape, fault) in &self.cuts {
            let cut = Cut {
                bytes: &self.bytes[range.clone()],
                shape: *shape,
                fault: *fault,
            };
            envelope::open(&cut, context, &mut pieces);
        }
        pieces
    }
}

/// Reads every record of `input` (called `name` in messages) and hands it to `sink`, in document order and numbered
/// from 1 on. The format of each record is detected unless `format` forces one; `now` dates evidence such as
/// "unused for N days".
///
/// # Errors
/// When the reader itself fails. Broken records are no error: they reach the sink.
pub fn read(
    input: impl Read,
    name: &str,
    format: Option<InputFormat>,
    now: Timestamp,
    sink: &mut dyn FnMut(Record),
) -> Result<Tally, ReadError> {
    let mut input = Counted {
        inner: input,
        bytes: 0,
    };
    let place = RecordPlace {
        input: Arc::from(name),
        number: 0,
    };
    let context = Context {
        format,
        now,
        place: place.clone(),
    };
    let mut delivery = Delivery {
        place,
        sink,
        tally: Tally::default(),
    };
    let mut cutter = Cutter::new();
    let mut batch = Batch::default();
    // Most inputs are small: no thread is started before the first batch is full.
    let mut error = advance(&mut cutter, &mut input, &mut batch);
    if error.is_some() || cutter.done() {
        delivery.hand_over(batch.parse(&context));
    } else {
        error = in_parallel(&mut cutter, &mut input, batch, &context, &mut delivery);
    }
    let mut tally = delivery.tally;
    tally.bytes = input.bytes;
    match error {
        Some(source) => Err(ReadError::Io {
            input: name.to_owned(),
            source,
        }),
        None => Ok(tally),
    }
}

/// Fills the batch until it is full, the input ends or fails.
fn advance(cutter: &mut Cutter, input: &mut dyn Read, batch: &mut Batch) -> Option<io::Error> {
    while !cutter.done() && !batch.full() {
        if let Err(error) = cutter.fill(input) {
            return Some(error);
        }
        cutter.cut(&mut |cut| batch.push(&cut));
    }
    None
}

fn in_parallel(
    cutter: &mut Cutter,
    input: &mut dyn Read,
    first: Batch,
    context: &Context,
    delivery: &mut Delivery<'_>,
) -> Option<io::Error> {
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(1, 8);
    let in_flight = threads + 2;
    let (to_parse, work) = mpsc::sync_channel::<(u64, Batch)>(in_flight);
    let work = Mutex::new(work);
    let (parsed, results) = mpsc::channel::<(u64, Vec<Piece>)>();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (work, parsed) = (&work, parsed.clone());
            scope.spawn(move || {
                loop {
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, batch)) = next else { return };
                    if parsed.send((number, batch.parse(context))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(parsed);
        let mut early: BTreeMap<u64, Vec<Piece>> = BTreeMap::new();
        let (mut sent, mut delivered) = (0_u64, 0_u64);
        let mut batch = first;
        let mut error = None;
        let mut finished = false;
        while !finished || delivered < sent {
            if !finished {
                let send = std::mem::take(&mut batch);
                if to_parse.send((sent, send)).is_err() {
                    break;
                }
                sent += 1;
                if error.is_some() || cutter.done() {
                    finished = true;
                } else {
                    error = advance(cutter, input, &mut batch);
                }
            }
            // Wait only when enough is under way; otherwise go on cutting.
            while delivered < sent && (finished || sent - delivered >= in_flight as u64) {
                let Ok((number, pieces)) = results.recv() else {
                    return error;
                };
                early.insert(number, pieces);
                while let Some(pieces) = early.remove(&delivered) {
                    delivery.hand_over(pieces);
                    delivered += 1;
                }
            }
        }
        drop(to_parse);
        error
    })
}

/// Numbers records and hands them to the sink.
struct Delivery<'s> {
    place: RecordPlace,
    sink: &'s mut dyn FnMut(Record),
    tally: Tally,
}

impl Delivery<'_> {
    fn hand_over(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            self.tally.records += 1;
            let number = self.tally.records;
            let record = match piece {
                Ok(mut finding) => {
                    finding.record.number = number;
                    Ok(finding)
                }
                Err((problem, expected)) => {
                    self.tally.invalid += 1;
                    let place = RecordPlace {
                        number,
                        ..self.place.clone()
                    };
                    Err(InvalidRecord {
                        place,
                        problem,
                        expected,
                    })
                }
            };
            (self.sink)(record);
        }
    }
}

struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

/// Reads a time as scanners write it: RFC 3339, the same without an offset (UTC then), or an epoch in seconds,
/// milliseconds, microseconds or nanoseconds.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<jiff::civil::DateTime>() {
        return time
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|z| z.timestamp());
    }
    let number = text.split('.').next()?.parse::<i64>().ok()?;
    match number {
        n if n <= 0 => None,
        n if n < 100_000_000_000 => Timestamp::from_second(n).ok(),
        n if n < 100_000_000_000_000 => Timestamp::from_millisecond(n).ok(),
        n if n < 100_000_000_000_000_000 => Timestamp::from_microsecond(n).ok(),
        n => Timestamp::from_nanosecond(i128::from(n)).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn times_as_scanners_write_them() {
        let same = "2025-02-14T13:27:03Z".parse().ok();
        for text in [
            "2025-02-14T13:27:03Z",
            "2025-02-14T14:27:03+01:00",
            "2025-02-14T14:27:03+0100",
            "2025-02-14T13:27:03",
            "2025-02-14 13:27:03",
            "1739539623",
            "1739539623000",
        ] {
            assert_eq!(timestamp(text), same, "{text}");
        }
        for text in ["", "N/A", "no_information", "0", "-5", "yesterday"] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
