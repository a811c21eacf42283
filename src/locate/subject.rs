//! What a finding says of its object, read for each Terraform type that the rule is about.

use crate::finding::Finding;
use crate::terraform::identity::{self, Arn, Sought, TypeIdentity};

/// A finding's object as one Terraform type would know it.
pub(super) struct Subject {
    /// The Terraform type.
    pub(super) kind: String,
    /// Its row; `None` for a type without one.
    pub(super) row: Option<&'static TypeIdentity>,
    /// What identifies it, the finding's own id first.
    pub(super) sought: Vec<Sought>,
    /// The object that it is a part of, where the finding is about that one.
    pub(super) owner: Option<Owner>,
}

/// The object that a subject is a part of.
pub(super) struct Owner {
    /// Attribute of the part that names it.
    pub(super) attribute: &'static str,
    /// Its row.
    pub(super) row: &'static TypeIdentity,
    /// What identifies it.
    pub(super) sought: Vec<Sought>,
}

impl Subject {
    /// The name the author chose, as far as the finding tells.
    pub(super) fn name(&self) -> Option<(&'static TypeIdentity, &Sought)> {
        let row = self.row.filter(|row| !row.name.is_empty())?;
        Some((row, self.sought.iter().find(|s| s.name.is_some())?))
    }
}

/// The subjects that the finding's ids can mean at all.
pub(super) fn subjects(finding: &Finding, kinds: &[String]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    for kind in kinds.iter().flat_map(|kind| identity::same_object(kind)) {
        if subjects.iter().any(|s| s.kind == kind) {
            continue;
        }
        let row = identity::of(kind);
        let sought = match row {
            Some(row) => read(finding, row),
            None => unknown_type(finding),
        };
        let owner = row
            .and_then(|row| row.owner)
            // A key named by its id is no other key of its user.
            .filter(|_| key_id(finding).is_none() || row.is_none_or(|r| !is_access_key(r)))
            .and_then(|(attribute, owner)| {
                let row = identity::of(owner)?;
                let sought = read(finding, row);
                (!sought.is_empty()).then_some(Owner {
                    attribute,
                    row,
                    sought,
                })
            });
        if !sought.is_empty() || owner.is_some() {
            subjects.push(Subject {
                kind: kind.to_owned(),
                row,
                sought,
                owner,
            });
        }
    }
    subjects
}

/// Whether an id is one that the cloud gave, which no code can hold before the object exists.
pub(super) fn is_opaque(id: &str) -> bool {
    identity::rows().iter().any(|row| {
        let bare = !id.contains(':') && !id.contains('/');
        // Without a telling prefix any bare text would do.
        (!bare || !row.id_prefix.is_empty())
            && row
                .read(id)
                .is_some_and(|sought| sought.id.is_some() && sought.name.is_none())
    })
}

fn is_access_key(row: &TypeIdentity) -> bool {
    row.kind == "aws_iam_access_key"
}

fn key_id(finding: &Finding) -> Option<&str> {
    finding
        .facts
        .get("access-key.id")
        .map(String::as_str)
        .filter(|id| !id.is_empty())
}

/// An ARN, a full Google name or a URL says what it is; a bare id does not.
fn says_its_type(id: &str) -> bool {
    id.starts_with("arn:") || id.starts_with("//") || id.contains("://")
}

fn read(finding: &Finding, row: &TypeIdentity) -> Vec<Sought> {
    let mut found: Vec<Sought> = Vec::new();
    if is_access_key(row)
        && let Some(id) = key_id(finding)
    {
        found.push(Sought {
            id: Some(id.to_owned()),
            ..Sought::default()
        });
    }
    let own = row.read(&finding.resource.id);
    // An alias of something else is no name of this type: the leaf of a cluster's ARN is not a database's name.
    if own.is_some() || !says_its_type(finding.resource.id.trim()) {
        let aliases = finding.resource.aliases.iter().filter_map(|a| row.read(a));
        for sought in own.into_iter().chain(aliases) {
            if !found.contains(&sought) {
                found.push(sought);
            }
        }
    }
    for sought in &mut found {
        complete(sought, finding);
    }
    found
}

/// Without a row nothing is read out of an id: it is compared as it stands.
fn unknown_type(finding: &Finding) -> Vec<Sought> {
    let id = finding.resource.id.trim();
    if id.is_empty() {
        return Vec::new();
    }
    vec![Sought {
        arn: Arn::parse(id).map(|_| id.to_owned()),
        id: Some(id.to_owned()),
        ..Sought::default()
    }]
}

/// What the id does not say of account and region, the finding may.
fn complete(sought: &mut Sought, finding: &Finding) {
    if sought.account.is_none() && !finding.account.is_empty() {
        sought.account = Some(finding.account.clone());
    }
    if sought.region.is_none() && !finding.region.is_empty() && finding.region != "global" {
        sought.region = Some(finding.region.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::is_opaque;

    #[test]
    fn an_id_of_the_cloud_is_told_from_a_name() {
        for opaque in [
            "sg-0123",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123",
            "arn:aws:kms:eu-west-1:111122223333:key/3f0c7a1e-9c55-4a39-9d0b-3b1f0c0c7a1e",
            "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3",
        ] {
            assert!(is_opaque(opaque), "{opaque}");
        }
        for name in [
            "acme-logs",
            "arn:aws:s3:::acme-logs",
            "arn:aws:rds:eu-west-1:111122223333:db:shop",
            "arn:aws:sns:eu-west-1:111122223333:alerts",
            "3f0c7a1e-9c55-4a39-9d0b-3b1f0c0c7a1e",
            "//storage.googleapis.com/acme-logs",
            "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/a1b2",
        ] {
            assert!(!is_opaque(name), "{name}");
        }
    }
}
