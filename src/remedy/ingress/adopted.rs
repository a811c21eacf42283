//! Rules of a group that a VPC made: they name the VPC (`aws_vpc.main.default_security_group_id`), not the block that adopted it.

use crate::remedy::subject::Subject;
use crate::terraform::value::{Kind, Reference};

/// The rules of a type that name an adopted group by its VPC.
pub(super) fn rules<'c, 'a>(subject: &Subject<'c, 'a>, kind: &str) -> Vec<Subject<'c, 'a>> {
    if subject.at.resource.kind != "aws_default_security_group" {
        return Vec::new();
    }
    let Some(vpc) = reference(subject, "vpc_id") else {
        return Vec::new();
    };
    let cfg = subject.cfg;
    let mut found = Vec::new();
    for at in cfg.occurrences_in(&subject.at.root, kind) {
        for address in cfg.instances(&at).known {
            let rule = Subject {
                cfg,
                at: at.clone(),
                address,
            };
            let names_it = reference(&rule, "security_group_id").is_some_and(|group| {
                group.address == vpc.address
                    && group.path.first().map(String::as_str) == Some("default_security_group_id")
            });
            if names_it {
                found.push(rule);
            }
        }
    }
    found
}

/// The attribute of another resource that an argument is.
fn reference(subject: &Subject<'_, '_>, argument: &str) -> Option<Reference> {
    let held = subject
        .cfg
        .held_references(&subject.at, &subject.address, &[argument]);
    match held.into_iter().next()?.kind {
        Kind::Ref(reference) => Some(*reference),
        _ => None,
    }
}
