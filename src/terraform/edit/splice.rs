//! One file's edits: checked, put together, aligned, and taken apart again into plain splices.

use std::collections::BTreeSet;

use crate::terraform::source::{SourceFile, Span};

use super::EditError;
use super::align::{Cell, chains, misaligned};
use super::layout::{Line, lines};

/// A stretch of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Bytes of the original.
    Kept(Span),
    /// New text (possibly empty: something was deleted here).
    New(String),
}

/// A file after its edits.
pub(super) struct Spliced {
    /// All its bytes.
    pub(super) bytes: Vec<u8>,
    /// The plain splices that give exactly these bytes, in order, disjoint.
    pub(super) splices: Vec<(Span, String)>,
}

/// Puts splices (range of the original, text) into a file. `layout` says whether its chains are to be aligned.
pub(super) fn splice(
    file: &SourceFile,
    edits: Vec<(Span, String)>,
    layout: bool,
) -> Result<Spliced, EditError> {
    let edits = disjoint(file, edits)?;
    let window = match (edits.first(), edits.last()) {
        (Some((first, _)), Some((last, _))) => window(file, first.start..last.end),
        _ => 0..file.text().len(),
    };
    let text = &file.text()[window.clone()];
    let inside = |offset: usize| offset - window.start;
    let mut pieces = Vec::with_capacity(edits.len() * 2 + 1);
    let mut at = 0;
    for (range, new) in edits {
        pieces.push(Piece::Kept(at..inside(range.start)));
        at = inside(range.end);
        pieces.push(Piece::New(with_line_ends(file, range.start, &new)));
    }
    pieces.push(Piece::Kept(at..text.len()));
    if layout {
        let before = lines(text);
        let mut after = Laid::out(text, &pieces);
        let mut touched = touched(&after.lines, &pieces);
        for cell in [Cell::Assign, Cell::Comment] {
            if align((text, &before), &after, &mut pieces, &mut touched, cell) {
                after = Laid::out(text, &pieces);
            }
        }
    }
    for piece in &mut pieces {
        if let Piece::Kept(kept) = piece {
            *kept = kept.start + window.start..kept.end + window.start;
        }
    }
    pieces.insert(0, Piece::Kept(0..window.start));
    pieces.push(Piece::Kept(window.end..file.text().len()));
    Ok(finish(file, &pieces))
}

/// The part of a file that the layout of a changed range can depend on: whole top-level items with an empty line
/// before and behind. A chain of aligned lines ends there.
fn window(file: &SourceFile, range: Span) -> Span {
    let text = file.text();
    let whole = 0..text.len();
    let Some(items) = file.item_places() else {
        return whole;
    };
    // The neighbours as well: something may be added right behind an item.
    let mut first = items
        .partition_point(|item| item.end < range.start)
        .saturating_sub(1);
    let mut last = (items.partition_point(|item| item.start <= range.end) + 1).min(items.len());
    if first >= last {
        return whole;
    }
    let apart = |a: &Span, b: &Span| {
        text.get(a.end..b.start)
            .is_some_and(|gap| gap.contains("\n\n") || gap.contains("\n\r\n"))
    };
    while first > 0 && !apart(&items[first - 1], &items[first]) {
        first -= 1;
    }
    while last < items.len() && !apart(&items[last - 1], &items[last]) {
        last += 1;
    }
    let start = match first {
        0 => Some(0),
        _ => text[items[first - 1].end..]
            .find('\n')
            .map(|i| items[first - 1].end + i + 1),
    };
    let end = match items.get(last) {
        None => Some(text.len()),
        Some(next) => text[..next.start].rfind('\n').map(|i| i + 1),
    };
    match (start, end) {
        (Some(start), Some(end)) if start <= range.start && range.end <= end => start..end,
        _ => whole,
    }
}

/// Checks ranges, drops repeats, joins deletions and refuses everything else that overlaps.
fn disjoint(
    file: &SourceFile,
    mut edits: Vec<(Span, String)>,
) -> Result<Vec<(Span, String)>, EditError> {
    let text = file.text();
    let bom = if file.bytes().starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    for (range, _) in &edits {
        let fits = range.start <= range.end
            && range.start >= bom
            && text.is_char_boundary(range.start)
            && text.is_char_boundary(range.end);
        if !fits {
            return Err(EditError::Range(
                file.path().clone(),
                range.start,
                range.end,
            ));
        }
    }
    // Stable: insertions at one offset keep their order and stand before a replacement that starts there.
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out: Vec<(Span, String)> = Vec::with_capacity(edits.len());
    for (range, new) in edits {
        let repeated = out
            .iter()
            .rev()
            .take_while(|(r, _)| r.start == range.start)
            .any(|(r, n)| *r == range && *n == new);
        if repeated || (range.is_empty() && new.is_empty()) {
            continue;
        }
        match out.last_mut() {
            Some((last, before)) if last.end > range.start => {
                // Two deletions want the union of both; anything else is a conflict.
                if before.is_empty() && new.is_empty() {
                    last.end = last.end.max(range.end);
                } else {
                    return Err(EditError::Overlap(file.path().clone(), range.start));
                }
            }
            _ => out.push((range, new)),
        }
    }
    Ok(out)
}

/// New text with the line ends of its neighbourhood.
fn with_line_ends(file: &SourceFile, at: usize, new: &str) -> String {
    let plain = new.replace("\r\n", "\n");
    let bytes = file.bytes();
    let before = bytes[..at].iter().rposition(|b| *b == b'\n');
    let nearest = before.or_else(|| bytes[at..].iter().position(|b| *b == b'\n').map(|i| at + i));
    let crlf = nearest.is_some_and(|i| i > 0 && bytes[i - 1] == b'\r');
    if crlf {
        plain.replace('\n', "\r\n")
    } else {
        plain
    }
}

fn text_of(original: &str, pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Kept(range) => &original[range.clone()],
            Piece::New(new) => new.as_str(),
        })
        .collect()
}

fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Kept(range) => range.len(),
        Piece::New(new) => new.len(),
    }
}

/// The lines (by number) that contain a byte of the range, both ends included.
fn lines_at(lines: &[Line], range: &Span) -> Span {
    let from = lines.partition_point(|l| l.span.end < range.start.max(1));
    let to = lines.partition_point(|l| l.span.start <= range.end);
    from..to.max(from)
}

/// The result so far.
struct Laid {
    text: String,
    lines: Vec<Line>,
}

impl Laid {
    fn out(original: &str, pieces: &[Piece]) -> Self {
        let text = text_of(original, pieces);
        let lines = lines(&text);
        Self { text, lines }
    }
}

/// Lines of the result that an edit stands in or next to.
fn touched(lines: &[Line], pieces: &[Piece]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let mut at = 0;
    for piece in pieces {
        let end = at + length(piece);
        if matches!(piece, Piece::New(_)) {
            let hit = lines_at(lines, &(at..end));
            out.extend(hit.start.saturating_sub(1)..(hit.end + 1).min(lines.len()));
        }
        at = end;
    }
    out
}

/// How a line of the original stood in its chain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stood {
    /// In no chain.
    Alone,
    /// In a chain that was aligned.
    Straight,
    /// In a chain that was not.
    Crooked,
}

/// Aligns the touched chains of one cell, if they were aligned in the original; whether anything moved.
fn align(
    (original, before): (&str, &[Line]),
    Laid {
        text: result,
        lines: after,
    }: &Laid,
    pieces: &mut Vec<Piece>,
    touched: &mut BTreeSet<usize>,
    cell: Cell,
) -> bool {
    let mut stood = vec![Stood::Alone; before.len()];
    for chain in chains(before, cell) {
        let straight = misaligned(original, before, chain.clone(), cell).is_empty();
        stood[chain].fill(if straight {
            Stood::Straight
        } else {
            Stood::Crooked
        });
    }
    let came_from = |span: &Span| -> Vec<Stood> {
        kept_within(pieces, span)
            .flat_map(|kept| stood[lines_within(before, &kept)].iter().copied())
            .collect()
    };
    let mut changes = Vec::new();
    for chain in chains(after, cell) {
        if touched.range(chain.clone()).next().is_none() {
            continue;
        }
        let span = after[chain.start].span.start..after[chain.end - 1].span.end;
        if came_from(&span).contains(&Stood::Crooked) {
            continue;
        }
        let gaps = misaligned(result, after, chain.clone(), cell);
        if !gaps.is_empty() {
            touched.extend(chain);
        }
        changes.extend(gaps);
    }
    // `name = value` that became `name = [` has left its chain: one space is all that is left of it.
    if cell == Cell::Assign {
        for line in touched.iter().filter_map(|n| after.get(*n)) {
            if let Some((from, to)) = line.loose
                && to - from > 1
                && came_from(&(line.span.start..to))
                    .iter()
                    .all(|s| *s == Stood::Straight)
            {
                changes.push((from..to, " ".to_owned()));
            }
        }
    }
    changes.sort_by_key(|(gap, _)| gap.start);
    let moved = !changes.is_empty();
    for (gap, spaces) in changes.into_iter().rev() {
        replace(pieces, &gap, spaces);
    }
    moved
}

/// The lines that own at least one byte of a range that is not empty.
fn lines_within(lines: &[Line], range: &Span) -> Span {
    let from = lines.partition_point(|l| l.span.end <= range.start);
    let to = lines.partition_point(|l| l.span.start < range.end);
    from..to.max(from)
}

/// The original ranges that are kept inside a range of the result.
fn kept_within<'p>(pieces: &'p [Piece], range: &'p Span) -> impl Iterator<Item = Span> + 'p {
    let mut at = 0;
    pieces.iter().filter_map(move |piece| {
        let start = at;
        at += length(piece);
        let Piece::Kept(kept) = piece else {
            return None;
        };
        let from = range.start.max(start);
        let to = range.end.min(at);
        (from < to).then(|| kept.start + (from - start)..kept.start + (to - start))
    })
}

/// Replaces a range of the result by new text, keeping what is left of the pieces.
fn replace(pieces: &mut Vec<Piece>, range: &Span, new: String) {
    let mut out = Vec::with_capacity(pieces.len() + 2);
    let mut at = 0;
    let mut new = Some(new);
    for piece in pieces.drain(..) {
        let start = at;
        let end = at + length(&piece);
        at = end;
        let head = range.start.clamp(start, end) - start;
        let tail = range.end.clamp(start, end) - start;
        let reaches = end > range.start || (end == range.start && range.is_empty());
        let (left, right) = match piece {
            Piece::Kept(kept) => (
                Piece::Kept(kept.start..kept.start + head),
                Piece::Kept(kept.start + tail..kept.end),
            ),
            Piece::New(text) => (
                Piece::New(text[..head].to_owned()),
                Piece::New(text[tail..].to_owned()),
            ),
        };
        out.push(left);
        if reaches && let Some(new) = new.take() {
            out.push(Piece::New(new));
        }
        out.push(right);
    }
    *pieces = out;
}

fn finish(file: &SourceFile, pieces: &[Piece]) -> Spliced {
    let mut bytes = Vec::with_capacity(file.bytes().len() + 256);
    let mut splices = Vec::new();
    let mut pending: Option<String> = None;
    let mut at = 0;
    for piece in pieces {
        match piece {
            Piece::New(new) => {
                bytes.extend_from_slice(new.as_bytes());
                pending.get_or_insert_default().push_str(new);
            }
            Piece::Kept(kept) if kept.is_empty() => {}
            Piece::Kept(kept) => {
                bytes.extend_from_slice(&file.bytes()[kept.clone()]);
                close(&mut splices, at..kept.start, pending.take());
                at = kept.end;
            }
        }
    }
    close(&mut splices, at..file.bytes().len(), pending.take());
    Spliced { bytes, splices }
}

fn close(splices: &mut Vec<(Span, String)>, range: Span, text: Option<String>) {
    let text = text.unwrap_or_default();
    if !range.is_empty() || !text.is_empty() {
        splices.push((range, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_touches_the_lines_at_both_of_its_ends() {
        let lines = lines("a\nb\nc\n");
        for (range, touched) in [
            (0..0, 0..1),
            (1..1, 0..1),
            (2..2, 0..2),
            (3..3, 1..2),
            (1..5, 0..3),
            (6..6, 2..3),
        ] {
            assert_eq!(lines_at(&lines, &range), touched, "{range:?}");
        }
    }
}
