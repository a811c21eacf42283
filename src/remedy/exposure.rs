//! What opens a bucket to everybody: its ACL, its policy; and whether its name says that this is meant.
//!
//! A name alone says little (`public-keys`), an open ACL alone is what findings are about. Both together are somebody's
//! intention, and refused like a website or a tag that says so.

use super::basis::Basis;
use super::subject::Subject;
use super::{companion, policy_document};
use crate::terraform::RepoPath;
use crate::terraform::module::Held;
use crate::terraform::value::{Kind, Part};

const BUCKET: &str = "aws_s3_bucket";

/// Canned ACLs that grant something to everybody, or to every account there is.
const OPEN: [&str; 3] = ["public-read", "public-read-write", "authenticated-read"];

/// An ACL that opens a bucket.
pub(crate) struct OpenAcl {
    /// The canned ACL.
    pub(crate) value: String,
    /// The block that has it.
    pub(crate) holder: String,
    /// File and 1-based line of what decides it.
    pub(crate) place: (RepoPath, usize),
}

/// The ACL of a bucket where it opens it: its own argument, or `aws_s3_bucket_acl`.
pub(crate) fn open_acl(subject: &Subject<'_, '_>) -> Option<OpenAcl> {
    if subject.at.resource.kind != BUCKET {
        return None;
    }
    let mut holders = companion::linked(subject, "aws_s3_bucket_acl", "bucket").unwrap_or_default();
    holders.push(subject.clone());
    holders.into_iter().find_map(|holder| {
        let Held::Value(value) = holder.held(&["acl".to_owned()]) else {
            return None;
        };
        let acl = value.as_str().filter(|acl| OPEN.contains(acl))?;
        Some(OpenAcl {
            value: acl.to_owned(),
            holder: holder.name(),
            place: Basis::new(holder.clone(), Some(&value)).place(),
        })
    })
}

/// Where the code lets everybody read a bucket whose name says `public`: the words for a refusal.
pub(crate) fn by_name_and_grant(subject: &Subject<'_, '_>) -> Option<String> {
    if subject.at.resource.kind != BUCKET {
        return None;
    }
    let name = public_name(subject)?;
    let grant = match open_acl(subject).filter(|acl| acl.value == OPEN[0]) {
        Some(acl) => {
            let (file, line) = acl.place;
            format!(
                "`acl` of `{}` is `{}` ({file}:{line})",
                acl.holder, acl.value
            )
        }
        None => {
            let holder = reading_policy(subject)?;
            let (file, line) = crate::locate::stands(holder.cfg, &holder.at);
            format!(
                "the policy of `{}` lets everybody read ({file}:{line})",
                holder.name()
            )
        }
    };
    Some(format!("its name says so (`{name}`), and {grant}"))
}

fn reading_policy<'c, 'a>(subject: &Subject<'c, 'a>) -> Option<Subject<'c, 'a>> {
    let mut holders =
        companion::linked(subject, "aws_s3_bucket_policy", "bucket").unwrap_or_default();
    holders.push(subject.clone());
    holders
        .into_iter()
        .find(policy_document::lets_everybody_read)
}

/// The name that says `public`: the bucket's, its block's, or that of a module call that leads to it.
fn public_name(subject: &Subject<'_, '_>) -> Option<String> {
    let text = |kind: &Kind| match kind {
        Kind::String(name) => Some(name.clone()),
        Kind::Pattern(parts) => Some(
            parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_str(),
                    Part::Hole(_) => "…",
                })
                .collect(),
        ),
        _ => None,
    };
    let held = ["bucket", "bucket_prefix"].map(|name| subject.held(&[name.to_owned()]));
    let own = held
        .iter()
        .filter_map(Held::value)
        .filter(|value| !value.sensitive)
        .filter_map(|value| text(&value.kind));
    let label = subject.at.resource.name.to_owned();
    let calls = subject.at.address.modules.iter().cloned();
    own.chain([label])
        .chain(calls)
        .find(|name| says_public(name))
        .map(|name| name.replace('`', "'"))
}

/// Whether a name has the word `public` in it, and nothing before it that turns it around.
fn says_public(name: &str) -> bool {
    const TURNING: [&str; 10] = [
        "non", "not", "no", "never", "block", "blocked", "deny", "denied", "private", "disable",
    ];
    let name = name.to_lowercase();
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let turned = words.iter().any(|word| TURNING.contains(word));
    words.contains(&"public") && !turned
}

#[cfg(test)]
mod tests {
    use super::says_public;

    #[test]
    fn a_name_says_public_as_a_word() {
        for yes in [
            "public",
            "acme-public-assets",
            "worker_public",
            "Public.files",
            "…-public",
        ] {
            assert!(says_public(yes), "{yes}");
        }
        for no in [
            "publications",
            "non-public",
            "not_public",
            "block-public",
            "republic",
            "publickeys",
            "private-public",
        ] {
            assert!(!says_public(no), "{no}");
        }
    }
}
