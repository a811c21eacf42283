//! Aligning `=` signs and trailing comments again, only where an edit touched a chain that was aligned before.
//!
//! A chain is a run of neighbouring lines that all have the cell (`= value`, or a trailing comment). Real
//! files are often not formatted: a chain that was not aligned before is left alone (invariant 2).

use crate::terraform::source::Span;

use super::layout::{Line, lines};

/// Which cell a chain is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Assign,
    Comment,
}

impl Cell {
    /// Where the gap before the cell is.
    fn gap(self, line: &Line) -> Option<Span> {
        match self {
            Self::Assign => line.assign,
            Self::Comment => line.comment,
        }
        .map(|(from, to)| from..to)
    }
}

/// Runs of neighbouring line numbers that have the cell.
pub(super) fn chains(lines: &[Line], cell: Cell) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = None;
    for (i, line) in lines.iter().enumerate() {
        match (cell.gap(line), start) {
            (Some(_), None) => start = Some(i),
            (None, Some(from)) => {
                out.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        out.push(from..lines.len());
    }
    out
}

/// What has to be replaced so that the chain is aligned: empty when it is.
pub(super) fn misaligned(
    text: &str,
    lines: &[Line],
    chain: Span,
    cell: Cell,
) -> Vec<(Span, String)> {
    let gaps: Vec<(usize, Span)> = lines[chain]
        .iter()
        .filter_map(|line| {
            let gap = cell.gap(line)?;
            Some((text[line.span.start..gap.start].chars().count(), gap))
        })
        .collect();
    let widest = gaps.iter().map(|(columns, _)| *columns).max().unwrap_or(0);
    gaps.into_iter()
        .filter_map(|(columns, gap)| {
            let spaces = " ".repeat(widest - columns + 1);
            (text[gap.clone()] != spaces).then_some((gap, spaces))
        })
        .collect()
}

/// A text with every chain aligned: for text that is all new.
pub(super) fn everything(text: &str) -> String {
    let mut text = text.to_owned();
    for cell in [Cell::Assign, Cell::Comment] {
        let lines = lines(&text);
        let mut gaps: Vec<(Span, String)> = chains(&lines, cell)
            .into_iter()
            .flat_map(|chain| misaligned(&text, &lines, chain, cell))
            .collect();
        gaps.sort_by_key(|(gap, _)| std::cmp::Reverse(gap.start));
        for (gap, spaces) in gaps {
            text.replace_range(gap, &spaces);
        }
    }
    text
}
