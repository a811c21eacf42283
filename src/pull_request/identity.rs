//! Which change is this? Names that stay the same from run to run.
//!
//! - A *member's* identity is the sha256 of rule, edited file, block inside its module and attribute path.
//! - A *change set's* identity is that of its **anchor**: the edited file and the block the findings are about. It
//!   holds no rule and no finding, because findings on one block join and leave: a pull request that answered `S3.8`
//!   and `S3.14` keeps its identity when `S3.8` is resolved first.
//! - The *branch* carries the rule of the first member for the reader's sake. Once a pull request is open, its branch
//!   never changes: it is recognised by the identity in its marker, then by its branch, then by its finding keys.

use crate::locate::Target;

use super::Fixed;
use super::diff::sha256;

/// Prefix of every branch of ours.
pub const BRANCH_PREFIX: &str = "tfmend/";

/// Identity of one fix: rule, edited file, block inside its module, attribute path (8 hex digits).
#[must_use]
pub fn of_member(fixed: &Fixed) -> String {
    let r = &fixed.remediation;
    hex8(&[&r.rule, r.file.as_str(), &r.block, &r.path])
}

/// What the findings of one pull request have in common: the edited file and the block they are about.
///
/// A block edited inside its own module is one block, whichever root calls it. An edit beside the call (an argument,
/// a local, a tfvars file of the root) concerns that call alone, so the module path counts.
#[must_use]
pub fn anchor(fixed: &Fixed) -> String {
    let file = &fixed.remediation.file;
    let (modules, subject) = match &fixed.located.target {
        Target::Instance(address) => (
            address
                .modules
                .iter()
                .map(|m| m.name.as_str())
                .collect::<Vec<_>>()
                .join("."),
            format!("{}.{}", address.kind, address.name),
        ),
        Target::Home(_) => (String::new(), fixed.remediation.block.clone()),
    };
    let beside_the_call = file.parent() == fixed.located.root || !file.file_name().ends_with(".tf");
    let modules = if beside_the_call {
        modules
    } else {
        String::new()
    };
    format!("{file}\n{modules}\n{subject}")
}

/// Identity of a change set with this anchor (8 hex digits).
#[must_use]
pub fn of_anchor(anchor: &str) -> String {
    hex8(&[anchor])
}

/// Id and branch of a change: `tfmend/<rule>/<address-slug>-<identity>`.
#[must_use]
pub fn branch(rule: &str, address: &str, identity: &str) -> String {
    let slug = slug(address, 48);
    let rule = self::slug(rule, 48);
    format!("{BRANCH_PREFIX}{rule}/{slug}-{identity}")
}

/// The identity at the end of a branch name of ours.
#[must_use]
pub fn identity_in_branch(branch: &str) -> Option<&str> {
    let (_, last) = branch.strip_prefix(BRANCH_PREFIX)?.rsplit_once('-')?;
    (last.len() == 8 && last.bytes().all(|b| b.is_ascii_hexdigit())).then_some(last)
}

/// Lower-case letters, digits and single hyphens, at most `max` characters; never empty.
#[must_use]
pub fn slug(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= max {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let trimmed = out.trim_end_matches('-');
    if trimmed.is_empty() {
        "change"
    } else {
        trimmed
    }
    .to_owned()
}

fn hex8(parts: &[&str]) -> String {
    let mut joined = String::new();
    for part in parts {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        joined.push_str(&format!("{}:{part}", part.len()));
    }
    sha256(joined.as_bytes())[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_valid_ref_parts() {
        assert_eq!(
            slug("module.logs[\"a\"].aws_s3_bucket.this", 48),
            "module-logs-a-aws-s3-bucket-this"
        );
        assert_eq!(slug("../..//@{~^:", 48), "change");
        assert_eq!(slug("abc-def", 4), "abc");
    }

    #[test]
    fn the_identity_is_read_back_from_the_branch() {
        let name = branch("s3-public-access", "aws_s3_bucket.logs", "0a1b2c3d");
        assert_eq!(name, "tfmend/s3-public-access/aws-s3-bucket-logs-0a1b2c3d");
        assert_eq!(identity_in_branch(&name), Some("0a1b2c3d"));
        assert_eq!(identity_in_branch("feature/x-0a1b2c3d"), None);
        assert_eq!(identity_in_branch("tfmend/x/y"), None);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hex8(&["ab", "c"]), hex8(&["a", "bc"]));
    }
}
