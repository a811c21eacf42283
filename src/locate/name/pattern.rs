//! What code says of a name, and whether a name fits it.

use crate::terraform::identity::{Sought, TypeIdentity};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// What the code says of a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Named {
    /// This.
    Known(String),
    /// Text with holes.
    Pattern(Vec<Part>),
    /// The provider puts 26 characters behind this beginning.
    Generated(Vec<Part>),
    /// Anything.
    Unknown,
}

/// How a name in code fits the one sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    No,
    /// It may be anything.
    Possible,
    /// Its known parts fit.
    Pattern,
    Known,
}

/// Letters and digits that a pattern needs to say anything.
const TELLING: usize = 3;
/// What the provider appends to a `name_prefix`: a time stamp of 18 digits and a counter of 8 hex digits.
const GENERATED: usize = 26;

/// What a value says of a name.
pub(super) fn named(value: &Value, row: &TypeIdentity) -> Named {
    match &value.kind {
        Kind::String(text) => Named::Known(row.canonical_name(text)),
        Kind::Number(_) => value.as_text().map_or(Named::Unknown, Named::Known),
        Kind::Pattern(parts) => Named::Pattern(parts.clone()),
        Kind::Unknown(why @ Unknown::Data(_)) => Named::Pattern(vec![Part::Hole(why.clone())]),
        _ => Named::Unknown,
    }
}

impl Named {
    /// How it fits the name wanted.
    pub(super) fn fit(&self, row: &TypeIdentity, wanted: &str, sought: &Sought) -> Fit {
        match self {
            Self::Known(name) if name == wanted => Fit::Known,
            Self::Known(_) => Fit::No,
            Self::Unknown => Fit::Possible,
            Self::Pattern(parts) => {
                let parts = plain(filled(parts, sought), row);
                if !matches(&parts, wanted) {
                    Fit::No
                } else if is_telling(&parts) {
                    Fit::Pattern
                } else {
                    Fit::Possible
                }
            }
            Self::Generated(prefix) => {
                let Some(cut) = wanted.len().checked_sub(GENERATED) else {
                    return Fit::No;
                };
                let (Some(before), Some(suffix)) = (wanted.get(..cut), wanted.get(cut..)) else {
                    return Fit::No;
                };
                let generated = suffix
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                let parts = plain(filled(prefix, sought), row);
                if !generated || !matches(&parts, before) {
                    Fit::No
                } else if before != "terraform-" && is_telling(&parts) {
                    Fit::Pattern
                } else {
                    Fit::Possible
                }
            }
        }
    }
}

/// The parts with the holes filled that the finding itself answers: the account's id and the region.
fn filled(parts: &[Part], sought: &Sought) -> Vec<Part> {
    parts
        .iter()
        .map(|part| {
            let Part::Hole(Unknown::Data(what)) = part else {
                return part.clone();
            };
            let answer = match data_attribute(what) {
                Some(
                    ("aws_caller_identity", "account_id" | "id")
                    | ("google_project", "project_id")
                    | ("google_client_config", "project"),
                ) => sought.account.as_ref(),
                Some(
                    ("aws_region", "name" | "region" | "id") | ("google_client_config", "region"),
                ) => sought.region.as_ref(),
                Some(("aws_partition", "partition" | "id")) => sought.partition.as_ref(),
                _ => None,
            };
            answer.map_or_else(|| part.clone(), |text| Part::Text(text.clone()))
        })
        .collect()
}

/// `data.aws_region.current.name` (also `data.aws_region.x[0].name`) → type and attribute.
fn data_attribute(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("data.")?;
    let (kind, rest) = rest.split_once('.')?;
    let (_, attribute) = rest.rsplit_once('.')?;
    Some((kind, attribute))
}

/// Without the text that may stand before a name.
fn plain(mut parts: Vec<Part>, row: &TypeIdentity) -> Vec<Part> {
    if let Some(Part::Text(first)) = parts.first_mut() {
        *first = row.plain(first).to_owned();
    }
    if row.lower {
        for part in &mut parts {
            if let Part::Text(text) = part {
                text.make_ascii_lowercase();
            }
        }
    }
    parts
}

fn is_telling(parts: &[Part]) -> bool {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.chars().filter(|c| c.is_alphanumeric()).count(),
            Part::Hole(_) => 0,
        })
        .sum::<usize>()
        >= TELLING
}

/// Whether a text fits parts of known text and holes (which may be empty).
fn matches(parts: &[Part], text: &str) -> bool {
    let mut rest = text;
    let mut pieces: Vec<Option<String>> = Vec::new();
    for part in parts {
        match (part, pieces.last_mut()) {
            // Known text in a row is one text.
            (Part::Text(more), Some(Some(known))) => known.push_str(more),
            (Part::Text(text), _) => pieces.push(Some(text.clone())),
            (Part::Hole(_), Some(None)) => {}
            (Part::Hole(_), _) => pieces.push(None),
        }
    }
    let last = pieces.len().saturating_sub(1);
    for (i, piece) in pieces.iter().enumerate() {
        let Some(known) = piece else {
            continue;
        };
        if i == 0 {
            let Some(after) = rest.strip_prefix(known.as_str()) else {
                return false;
            };
            rest = after;
        } else if i == last {
            return rest.ends_with(known.as_str());
        } else {
            let Some(at) = rest.find(known.as_str()) else {
                return false;
            };
            rest = &rest[at + known.len()..];
        }
    }
    rest.is_empty() || matches!(pieces.last(), Some(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::identity;

    fn parts(text: &str) -> Vec<Part> {
        text.split_inclusive('*')
            .flat_map(|piece| match piece.strip_suffix('*') {
                Some(known) => vec![
                    Part::Text(known.to_owned()),
                    Part::Hole(Unknown::UnsetVariable("x".to_owned())),
                ],
                None => vec![Part::Text(piece.to_owned())],
            })
            .filter(|part| *part != Part::Text(String::new()))
            .collect()
    }

    fn data(what: &str) -> Part {
        Part::Hole(Unknown::Data(what.to_owned()))
    }

    fn sought() -> Sought {
        Sought {
            account: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            partition: Some("aws".to_owned()),
            ..Sought::default()
        }
    }

    #[test]
    fn patterns_fit_the_whole_text() {
        for (pattern, text, fits) in [
            ("logs", "logs", true),
            ("logs", "logs-2", false),
            ("*-logs", "acme-logs", true),
            ("*-logs", "acme-logs-2", false),
            ("*-logs", "logs", false),
            ("acme-*", "acme-", true),
            ("acme-*", "xacme-1", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "abbc", true),
            ("a*b*c", "a1c2b", false),
            ("a*b", "ab", true),
            ("ab*ba", "aba", false),
            ("*", "anything", true),
            ("*x*", "1x2", true),
            ("*x*", "12", false),
            ("", "", true),
            ("", "a", false),
            ("a**b", "a12b", true),
        ] {
            assert_eq!(matches(&parts(pattern), text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn account_and_region_fill_their_holes() {
        let parts = [
            data("data.aws_caller_identity.me.account_id"),
            data("data.aws_region.here[0].name"),
            data("data.aws_partition.p.partition"),
            data("data.aws_caller_identity.me.user_id"),
            data("data.terraform_remote_state.x.outputs.y"),
        ];
        let filled = filled(&parts, &sought());
        assert_eq!(filled[0], Part::Text("111122223333".to_owned()));
        assert_eq!(filled[1], Part::Text("eu-west-1".to_owned()));
        assert_eq!(filled[2], Part::Text("aws".to_owned()));
        assert_eq!(filled[3..], parts[3..]);
    }

    #[test]
    fn another_accounts_number_does_not_fit() {
        let row = identity::of("aws_s3_bucket").unwrap();
        let named = Named::Pattern(vec![
            Part::Text("acme-".to_owned()),
            data("data.aws_caller_identity.me.account_id"),
        ]);
        assert_eq!(named.fit(row, "acme-111122223333", &sought()), Fit::Pattern);
        assert_eq!(named.fit(row, "acme-999922223333", &sought()), Fit::No);
    }

    #[test]
    fn little_text_says_nothing() {
        let row = identity::of("aws_s3_bucket").unwrap();
        for (pattern, fit) in [
            ("*-*", Fit::Possible),
            ("*-ab", Fit::Possible),
            ("*abc*", Fit::Pattern),
        ] {
            let named = Named::Pattern(parts(pattern));
            assert_eq!(named.fit(row, "x-abc-ab", &sought()), fit, "{pattern}");
        }
    }

    #[test]
    fn generated_names_have_26_characters_behind_the_prefix() {
        let row = identity::of("aws_s3_bucket").unwrap();
        let fit =
            |prefix: &str, name: &str| Named::Generated(parts(prefix)).fit(row, name, &sought());
        let suffix = "20240131123456789012345678";
        assert_eq!(fit("logs-", &format!("logs-{suffix}")), Fit::Pattern);
        assert_eq!(
            fit("logs-", &format!("logs-{}", suffix.replace('7', "f"))),
            Fit::Pattern
        );
        assert_eq!(fit("logs-", &format!("logs-x{suffix}")), Fit::No);
        assert_eq!(fit("logs-", &format!("logs-{}g", &suffix[..25])), Fit::No);
        assert_eq!(fit("logs-", "logs-2"), Fit::No);
        assert_eq!(fit("logs-", "logs-"), Fit::No);
        assert_eq!(fit("l-", &format!("l-{suffix}")), Fit::Possible);
        assert_eq!(fit("*-logs-", &format!("a-logs-{suffix}")), Fit::Pattern);
        assert_eq!(
            fit("terraform-", &format!("terraform-{suffix}")),
            Fit::Possible
        );
        assert_eq!(fit("logs-", "ö0240131123456789012345678é"), Fit::No);
    }

    #[test]
    fn names_are_compared_without_their_customary_beginning() {
        let row = identity::of("aws_kms_alias").unwrap();
        let value = Value::new(Kind::String("alias/data".to_owned()));
        assert_eq!(named(&value, row), Named::Known("data".to_owned()));
        let named = Named::Pattern(parts("alias/*-data"));
        assert_eq!(named.fit(row, "acme-data", &sought()), Fit::Pattern);
    }
}
