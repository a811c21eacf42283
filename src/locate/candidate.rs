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
    /// An `import` block names the object: the code says itself that no state holds it yet.
    pub(super) imported: bool,
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
        (names, [tag]) if names.iter().any(|n| n.is_same_place(tag)) => Ok(Some(tag.clone())),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(address: &str, evidence: Evidence, confidence: Confidence) -> Candidate {
        Candidate {
            root: RepoPath::new("live").unwrap(),
            address: address.parse().unwrap(),
            evidence,
            confidence,
            because: format!("{evidence:?} of {address}").to_lowercase(),
            imported: false,
        }
    }

    fn name(address: &str, confidence: Confidence) -> Candidate {
        candidate(address, Evidence::Identifier, confidence)
    }

    fn tag(address: &str) -> Candidate {
        candidate(address, Evidence::Tag, Confidence::High)
    }

    #[test]
    fn name_and_tag_of_one_place_are_both_told_and_the_surer_one_counts() {
        let sure = agree(
            vec![name("aws_s3_bucket.a", Confidence::High)],
            vec![tag("aws_s3_bucket.a")],
        );
        let sure = sure.unwrap().unwrap();
        assert_eq!(sure.evidence, Evidence::Identifier);
        assert_eq!(
            sure.because,
            "identifier of aws_s3_bucket.a; tag of aws_s3_bucket.a"
        );
        let weak = agree(
            vec![name("aws_s3_bucket.a", Confidence::Low)],
            vec![tag("aws_s3_bucket.a")],
        );
        let weak = weak.unwrap().unwrap();
        assert_eq!(
            (weak.evidence, weak.confidence),
            (Evidence::Tag, Confidence::High)
        );
        assert_eq!(
            weak.because,
            "tag of aws_s3_bucket.a; identifier of aws_s3_bucket.a"
        );
    }

    #[test]
    fn a_tag_chooses_only_among_the_places_that_the_names_leave() {
        let names = || {
            vec![
                name("aws_s3_bucket.a", Confidence::Low),
                name("aws_s3_bucket.b", Confidence::Low),
            ]
        };
        let chosen = agree(names(), vec![tag("aws_s3_bucket.b")]);
        assert_eq!(chosen, Ok(Some(tag("aws_s3_bucket.b"))));
        let other = agree(names(), vec![tag("aws_s3_bucket.c")]).unwrap_err();
        assert_eq!(other.kind, RefusalKind::SeveralCandidates);
        for place in ["aws_s3_bucket.a", "aws_s3_bucket.b", "aws_s3_bucket.c"] {
            assert!(other.message.contains(place), "{}", other.message);
        }
        let one = vec![name("aws_s3_bucket.a", Confidence::Exact)];
        assert!(agree(one, vec![tag("aws_s3_bucket.b")]).is_err());
    }

    #[test]
    fn long_lists_are_cut_with_the_number_of_the_rest() {
        let items = |n: usize| -> Vec<String> { (1..=n).map(|i| i.to_string()).collect() };
        assert_eq!(and(&items(0)), "");
        assert_eq!(and(&items(1)), "1");
        assert_eq!(and(&items(2)), "1 and 2");
        assert_eq!(and(&items(6)), "1, 2, 3, 4, 5 and 6");
        assert_eq!(and(&items(8)), "1, 2, 3, 4, 5, 6 and 2 more");
    }
}
