//! Two blocks for one object, where neither names the other.
//!
//! A default resource of a VPC is adopted, not made: a second block adopts the same one. And an attachment that is
//! exclusive (`aws_iam_policy_attachment`) takes away what any other block attaches. Whichever is applied last wins, and
//! the next plan turns it back.

use crate::remedy::subject::Subject;
use crate::remedy::{Refusal, RefusalKind};
use crate::terraform::value::{Kind, Reference};

/// Types that adopt what is there already, each with the argument that says of what; empty where account and region say
/// it all.
const ADOPTING: [(&str, &str); 6] = [
    ("aws_default_network_acl", "default_network_acl_id"),
    ("aws_default_route_table", "default_route_table_id"),
    ("aws_default_security_group", "vpc_id"),
    ("aws_default_subnet", "availability_zone"),
    ("aws_default_vpc", ""),
    ("aws_default_vpc_dhcp_options", ""),
];

/// The attachment that leaves no other beside it.
const EXCLUSIVE: &str = "aws_iam_policy_attachment";

/// Attachments of one policy to one principal.
const SINGLE: [&str; 3] = [
    "aws_iam_group_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
];

/// Refuses when another block of the root is for the same object.
pub(super) fn is_alone(subject: &Subject<'_, '_>) -> Result<(), Refusal> {
    let kind = subject.at.resource.kind;
    if let Some((_, argument)) = ADOPTING.iter().find(|(adopting, _)| *adopting == kind) {
        let twin = others(subject, kind)
            .into_iter()
            .find(|other| same_provider(subject, other) && same(subject, other, argument));
        return match twin {
            None => Ok(()),
            Some(twin) => Err(Refusal::new(
                RefusalKind::SecondWriter,
                format!(
                    "`{}` and `{}` ({}:{}) adopt the same object",
                    subject.address,
                    twin.address,
                    twin.file().path(),
                    twin.line()
                ),
                "leave one of the two (a `removed` block takes the other out of the state); they overwrite each other on every apply",
            )),
        };
    }
    let rivals: &[&str] = if kind == EXCLUSIVE {
        &[EXCLUSIVE, SINGLE[0], SINGLE[1], SINGLE[2]]
    } else if SINGLE.contains(&kind) {
        &[EXCLUSIVE]
    } else {
        return Ok(());
    };
    let rival = rivals
        .iter()
        .flat_map(|rival| others(subject, rival))
        .find(|other| same(subject, other, "policy_arn"));
    match rival {
        None => Ok(()),
        Some(rival) => Err(Refusal::new(
            RefusalKind::SecondWriter,
            format!(
                "`{}` and `{}` ({}:{}) attach one policy, and `{EXCLUSIVE}` takes it from everybody it does not name",
                subject.address,
                rival.address,
                rival.file().path(),
                rival.line()
            ),
            "attach the policy with one block for each principal (`aws_iam_role_policy_attachment` and its like), then run again",
        )),
    }
}

/// The instances of a type in the root, but the subject itself.
fn others<'c, 'a>(subject: &Subject<'c, 'a>, kind: &str) -> Vec<Subject<'c, 'a>> {
    let cfg = subject.cfg;
    let mut found = Vec::new();
    for at in cfg.occurrences_in(&subject.at.root, kind) {
        for address in cfg.instances(&at).known {
            if address != subject.address {
                found.push(Subject {
                    cfg,
                    at: at.clone(),
                    address,
                });
            }
        }
    }
    found
}

/// Whether two blocks are of one provider configuration, as far as their modules tell: another one is another region.
fn same_provider(a: &Subject<'_, '_>, b: &Subject<'_, '_>) -> bool {
    a.address.modules == b.address.modules && a.source_of("provider") == b.source_of("provider")
}

/// What an argument says.
#[derive(PartialEq)]
enum Said {
    Nothing,
    Text(String),
    Of(Reference),
    Unknown,
}

/// Whether two blocks certainly say the same with an argument.
fn same(a: &Subject<'_, '_>, b: &Subject<'_, '_>, argument: &str) -> bool {
    let (a, b) = (said(a, argument), said(b, argument));
    a != Said::Unknown && a == b
}

fn said(subject: &Subject<'_, '_>, argument: &str) -> Said {
    if argument.is_empty() {
        return Said::Nothing;
    }
    let held = subject
        .cfg
        .held_references(&subject.at, &subject.address, &[argument]);
    match held.into_iter().next().map(|value| value.kind) {
        None | Some(Kind::Null) => Said::Nothing,
        Some(Kind::String(text)) => Said::Text(text),
        Some(Kind::Ref(reference)) => Said::Of(*reference),
        Some(_) => Said::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::is_alone;
    use crate::remedy::danger::samples::first_of;

    #[test]
    fn what_is_adopted_twice_has_two_writers() {
        for (kind, says, other) in [
            (
                "aws_default_security_group",
                "vpc_id = aws_vpc.a.id",
                "vpc_id = aws_vpc.b.id",
            ),
            (
                "aws_default_network_acl",
                "default_network_acl_id = aws_vpc.a.default_network_acl_id",
                "default_network_acl_id = aws_vpc.b.default_network_acl_id",
            ),
            (
                "aws_default_route_table",
                "default_route_table_id = aws_vpc.a.default_route_table_id",
                "default_route_table_id = \"rtb-1\"",
            ),
            (
                "aws_default_subnet",
                "availability_zone = \"eu-west-1a\"",
                "availability_zone = \"eu-west-1b\"",
            ),
            ("aws_default_vpc", "", "provider = aws.far"),
            ("aws_default_vpc_dhcp_options", "", "provider = aws.far"),
        ] {
            let code = |a: &str, b: &str| {
                format!(
                    "resource \"{kind}\" \"x\" {{\n  {a}\n}}\nresource \"{kind}\" \"y\" {{\n  {b}\n}}\n\
                     resource \"aws_vpc\" \"a\" {{}}\nresource \"aws_vpc\" \"b\" {{}}\n"
                )
            };
            let twice = first_of(&code(says, says), kind, is_alone);
            let refusal = twice.unwrap_err();
            assert!(
                refusal.message.contains(&format!("`{kind}.y` (main.tf:4)")),
                "{refusal:?}"
            );
            first_of(&code(says, other), kind, is_alone).unwrap();
        }
    }

    #[test]
    fn an_exclusive_attachment_leaves_no_other() {
        let attach = |kind: &str, name: &str, arn: &str| {
            format!("resource \"{kind}\" \"{name}\" {{\n  policy_arn = {arn}\n}}\n")
        };
        let exclusive = "aws_iam_policy_attachment";
        let policy = "resource \"aws_iam_policy\" \"p\" {}\n";
        let admin = "\"arn:aws:iam::aws:policy/AdministratorAccess\"";
        for single in super::SINGLE {
            for arn in [admin, "aws_iam_policy.p.arn"] {
                let both = attach(exclusive, "all", arn) + &attach(single, "one", arn) + policy;
                for kind in [exclusive, single] {
                    let refusal = first_of(&both, kind, is_alone).unwrap_err();
                    assert!(
                        refusal.message.contains("takes it from everybody"),
                        "{refusal:?}"
                    );
                }
                let apart = attach(exclusive, "all", arn)
                    + &attach(single, "one", "\"arn:aws:iam::aws:policy/x\"");
                first_of(&apart, single, is_alone).unwrap();
            }
            let singles = attach(single, "one", admin) + &attach(single, "two", admin);
            first_of(&singles, single, is_alone).unwrap();
        }
        let twice = attach(exclusive, "a", admin) + &attach(exclusive, "b", admin);
        first_of(&twice, exclusive, is_alone).unwrap_err();
    }
}
