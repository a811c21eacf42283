//! A place that may have made the object, and what becomes of several.

use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::{Address, RepoPath};

use super::{Confidence, Evidence, place};

/// A block's instance that may be it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Directory of the root.
    pub(super) root: RepoPath,
    /// The instance.
    pub(super) address: Address,
    /// What speaks for it.
    pub(super) evidence: Evidence,
    /// How sure, if it is the only one.
    pub(super) confidence: Confidence,
    /// One sentence.
    pub(super) because: String,
}

impl Candidate {
    fn is_same_place(&self, other: &Self) -> bool {
        self.root == other.root && self.address.could_be(&other.address)
    }
}

/// The refusal that names all of them.
pub(super) fn several(candidates: &[Candidate]) -> Refusal {
    let mut named: Vec<String> = candidates
        .iter()
        .map(|c| format!("{} ({})", place(&c.root, &c.address), c.because))
        .collect();
    named.dedup();
    Refusal {
        kind: RefusalKind::SeveralCandidates,
        message: format!("several blocks could have made it: {}", and(&named)),
        next: "pass the states of these roots (`--state`), or name the account in their providers (`allowed_account_ids`)"
            .to_owned(),
    }
}

/// What the identifiers in code and the tags say together. They have to agree; a tag may choose among several names.
pub(super) fn agree(
    by_name: Vec<Candidate>,
    by_tag: Vec<Candidate>,
) -> Result<Option<Candidate>, Refusal> {
    match (by_name.as_slice(), by_tag.as_slice()) {
        ([], []) => Ok(None),
        ([one], []) | ([], [one]) => Ok(Some(one.clone())),
        ([name], [tag]) if name.is_same_place(tag) => {
            Ok(Some(if name.confidence >= tag.confidence {
                Candidate {
                    because: format!("{}; {}", name.because, tag.because),
                    ..name.clone()
                }
            } else {
                Candidate {
                    because: format!("{}; {}", tag.because, name.because),
                    ..tag.clone()
                }
            }))
        }
        (names, [tag]) if names.len() > 1 && names.iter().any(|n| n.is_same_place(tag)) => {
            Ok(Some(tag.clone()))
        }
        (names, tags) => {
            let all: Vec<Candidate> = names.iter().chain(tags).cloned().collect();
            Err(several(&all))
        }
    }
}

/// `a, b and c`; long lists are cut, with the number of the rest.
pub(super) fn and(items: &[String]) -> String {
    const SHOWN: usize = 6;
    if items.len() > SHOWN {
        return format!(
            "{} and {} more",
            items[..SHOWN].join(", "),
            items.len() - SHOWN
        );
    }
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
