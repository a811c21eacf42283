//! Values that depend on the generation of the provider: `{ default = "safe", "< 4" = "unsafe" }`.

/// A value with exceptions for some provider generations.
#[derive(Debug, Clone, PartialEq)]
pub struct ByGeneration<T> {
    /// Where no exception fits, and where the generation is not known and the exceptions differ.
    pub default: T,
    /// Exceptions in the order of the file.
    pub exceptions: Vec<(Generations, T)>,
}

impl<T> ByGeneration<T> {
    /// The same for every generation.
    pub fn always(value: T) -> Self {
        Self {
            default: value,
            exceptions: Vec::new(),
        }
    }

    /// The value for a major version, the default when it is not known.
    pub fn at(&self, major: Option<u32>) -> &T {
        major
            .and_then(|m| self.exceptions.iter().find(|(g, _)| g.contains(m)))
            .map_or(&self.default, |(_, value)| value)
    }
}

/// A range of major versions: `< 4`, `>= 4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generations {
    /// Before this major version.
    Before(u32),
    /// From this major version on.
    From(u32),
}

impl Generations {
    /// Reads `< 4` or `>= 4`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix(">=") {
            return rest.trim().parse().ok().map(Self::From);
        }
        text.strip_prefix('<')
            .and_then(|rest| rest.trim().parse().ok())
            .map(Self::Before)
    }

    /// The range of every other major version.
    #[must_use]
    pub fn beyond(self) -> Self {
        match self {
            Self::Before(limit) => Self::From(limit),
            Self::From(limit) => Self::Before(limit),
        }
    }

    /// Whether a major version is in the range.
    #[must_use]
    pub fn contains(self, major: u32) -> bool {
        match self {
            Self::Before(limit) => major < limit,
            Self::From(limit) => major >= limit,
        }
    }
}

impl std::fmt::Display for Generations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Before(limit) => write!(f, "< {limit}"),
            Self::From(limit) => write!(f, ">= {limit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_win_only_where_the_generation_is_known() {
        let value = ByGeneration {
            default: "unknown",
            exceptions: vec![
                (Generations::Before(4), "unsafe"),
                (Generations::From(4), "safe"),
            ],
        };
        assert_eq!(*value.at(Some(3)), "unsafe");
        assert_eq!(*value.at(Some(4)), "safe");
        assert_eq!(*value.at(None), "unknown");
    }

    #[test]
    fn ranges_read_and_print() {
        for text in ["< 4", ">= 5"] {
            assert_eq!(
                Generations::parse(text).map(|g| g.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in ["4", "<= 4", "< x", ""] {
            assert_eq!(Generations::parse(text), None, "{text}");
        }
    }
}
