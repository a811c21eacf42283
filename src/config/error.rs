//! What is wrong with a configuration, and where.

use std::path::PathBuf;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Both files exist.
    #[error("both `{first}` and `{second}` exist: keep one")]
    TwoFiles {
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read configuration `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what is expected.
    #[error("{file}:{line}:{column}: {problem}\n  | {text}{help}")]
    Invalid {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
        /// The line's text.
        text: String,
        /// What to do, on a line of its own; may be empty.
        help: Help,
    },
}

/// The next step, shown on a line of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help(pub Option<String>);

impl std::fmt::Display for Help {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(text) => write!(f, "\n  = help: {text}"),
            None => Ok(()),
        }
    }
}

/// From TOML's own message (``unknown field `profle`, expected one of `profile`, …``): the key that was probably meant.
pub(super) fn nearest(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let wrong = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let best = known.iter().min_by_key(|k| distance(wrong, k))?;
    let close = distance(wrong, best) <= (wrong.chars().count() / 3).max(2);
    Some(if close {
        format!("did you mean `{best}`?")
    } else {
        format!("known are {}", known.join(", "))
    })
}

/// How many characters must be added, dropped or replaced.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("profle", "profile"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn suggestions() {
        let message = "unknown field `profle`, expected one of `profile`, `limits`";
        assert_eq!(nearest(message).unwrap(), "did you mean `profile`?");
        let message = "unknown field `zzzzzz`, expected one of `profile`, `limits`";
        assert_eq!(nearest(message).unwrap(), "known are profile, limits");
        assert_eq!(nearest("missing field `reason`"), None);
    }
}
