//! Which rules of a group go, which come, and who loses access. Text and values in, values out.

use super::{IngressChange, is_open, words};
use crate::cloud::buckets::Seen;
use crate::cloud::security_groups::{Group, Ingress, Peer};
use crate::emergency::{Refused, RefusedKind};
use crate::remedy::{
    Asked, Family, Protocol, Traffic, family, is_public, says_public, tag_says_public,
};

/// What is asked for, and what a person allowed beyond it.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Ports, protocols and families of the finding.
    pub(crate) asked: Asked,
    /// Address blocks that may get in instead.
    pub(crate) approved: Vec<String>,
    /// Public rules may go that let in more than the finding asks about.
    pub(crate) include_wider: bool,
    /// A port may be left without any way in.
    pub(crate) allow_no_admin_path: bool,
}

/// The change, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is authorised and revoked.
    pub change: IngressChange,
    /// Who loses access, each one sentence.
    pub loses: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Chooses exactly the public rules that cover the finding's ports.
///
/// # Errors
/// A refusal: safe already, meant to be public, a rule is wider than the finding, or no way in would be left.
pub fn choose(group: &Group, wish: &Wish) -> Result<Choice, Refused> {
    let before: Vec<Ingress> = group.ingress.iter().map(|live| live.rule.clone()).collect();
    let remove: Vec<Ingress> = before
        .iter()
        .filter(|rule| is_asked(rule, &wish.asked))
        .cloned()
        .collect();
    if remove.is_empty() {
        return Err(Refused::new(
            RefusedKind::AlreadySafe,
            format!(
                "no public rule of `{}` covers {}",
                group.id,
                ports_of(&wish.asked)
            ),
            "nothing to do; the finding follows when the scanner looks again",
        ));
    }
    not_intended(group, &remove)?;
    let wider: Vec<Ingress> = remove
        .iter()
        .filter(|rule| traffic(rule).exceeds(&wish.asked.ports))
        .cloned()
        .collect();
    if !wider.is_empty() && !wish.include_wider {
        return Err(Refused::new(
            RefusedKind::WiderThanFinding,
            format!(
                "the finding is about {}, and {} of `{}` let{} in more: {}",
                ports_of(&wish.asked),
                if wider.len() == 1 {
                    "a public rule"
                } else {
                    "public rules"
                },
                group.id,
                if wider.len() == 1 { "s" } else { "" },
                join(&wider)
            ),
            "add --include-wider to close all of it, or narrow the rule by hand first",
        ));
    }
    let add = instead(&before, &remove, &wish.approved);
    let change = IngressChange {
        group: group.id.clone(),
        before,
        add,
        remove,
    };
    let mut notes = Vec::new();
    let shut = without_way_in(&change, &wish.asked);
    if !shut.is_empty() {
        let ports = ports(&shut);
        if !wish.allow_no_admin_path {
            return Err(Refused::new(
                RefusedKind::NoAdminPath,
                format!(
                    "after it, no rule of `{}` would let anybody in on {ports}",
                    group.id
                ),
                "set approved_cidrs under [parameters], or add --allow-no-admin-path if there is another way in \
                 (Session Manager, another group)",
            ));
        }
        notes.push(format!(
            "After it, no rule of this group lets anybody in on {ports}."
        ));
    }
    if !wider.is_empty() {
        notes.push(format!(
            "More closes than {}: {}.",
            ports_of(&wish.asked),
            join(&wider)
        ));
    }
    if !change.add.is_empty() {
        notes.push(
            "Where Terraform has these rules in blocks of their own, import the new ones (their ids are in the \
             receipt) before the next apply: it cannot make what exists."
                .to_owned(),
        );
    }
    Ok(Choice {
        loses: loses(group, &change),
        change,
        notes,
    })
}

/// Whether a rule is public, in one of the families, and covers one of the ports.
fn is_asked(rule: &Ingress, asked: &Asked) -> bool {
    let public = match &rule.peer {
        Peer::Ipv4(cidr) | Peer::Ipv6(cidr) => is_public(cidr),
        Peer::PrefixList(_) | Peer::Group(_) | Peer::Other => None,
    };
    public.is_some_and(|family| asked.families.contains(&family))
        && traffic(rule).covers(&asked.ports, &asked.protocols)
}

fn traffic(rule: &Ingress) -> Traffic {
    Traffic::read(
        &rule.protocol,
        rule.from.map(f64::from),
        rule.to.map(f64::from),
    )
}

fn not_intended(group: &Group, remove: &[Ingress]) -> Result<(), Refused> {
    let tags = group.tags.iter().chain(remove.iter().flat_map(|r| &r.tags));
    let by_tag = tags
        .filter(|(key, value)| tag_says_public(key, value))
        .map(|(key, value)| format!("the tag `{key}` is `{value}`"))
        .next();
    let by_text = || {
        remove
            .iter()
            .find(|rule| rule.description.as_deref().is_some_and(says_public))
            .map(|rule| format!("the description of a rule says so: {}", words(rule)))
    };
    match by_tag.or_else(by_text) {
        None => Ok(()),
        Some(why) => Err(Refused::new(
            RefusedKind::IntendedPublic,
            format!("`{}` is meant to be public: {why}", group.id),
            "suppress the finding with that reason, or take the statement away first",
        )),
    }
}

/// The approved blocks in the place of the public ones: the same traffic, description and tags, so that the code that
/// says the same after the pull request finds nothing to change.
fn instead(before: &[Ingress], remove: &[Ingress], approved: &[String]) -> Vec<Ingress> {
    let mut add: Vec<Ingress> = Vec::new();
    for rule in remove {
        let Some(public) = family_of(rule) else {
            continue;
        };
        let of_family = approved.iter().filter(|c| family(c) == Some(public));
        for peer in of_family.filter_map(|cidr| canonical(cidr)) {
            let new = Ingress {
                peer,
                ..rule.clone()
            };
            if !before.iter().chain(&add).any(|r| r.is_same_grant(&new)) {
                add.push(new);
            }
        }
    }
    add.sort();
    add
}

/// An address block as the service keeps it: without the bits behind the prefix, IPv6 in its short form. What is
/// written otherwise would never be seen again when it is read back.
fn canonical(cidr: &str) -> Option<Peer> {
    let (address, length) = cidr.trim().split_once('/')?;
    let length: u32 = length.parse().ok()?;
    Some(match address.parse().ok()? {
        std::net::IpAddr::V4(address) => {
            let mask = u32::MAX
                .checked_shl(32_u32.checked_sub(length)?)
                .unwrap_or(0);
            let network = std::net::Ipv4Addr::from(u32::from(address) & mask);
            Peer::Ipv4(format!("{network}/{length}"))
        }
        std::net::IpAddr::V6(address) => {
            let mask = u128::MAX
                .checked_shl(128_u32.checked_sub(length)?)
                .unwrap_or(0);
            let network = std::net::Ipv6Addr::from(u128::from(address) & mask);
            Peer::Ipv6(format!("{network}/{length}"))
        }
    })
}

fn family_of(rule: &Ingress) -> Option<Family> {
    match &rule.peer {
        Peer::Ipv4(_) => Some(Family::V4),
        Peer::Ipv6(_) => Some(Family::V6),
        Peer::PrefixList(_) | Peer::Group(_) | Peer::Other => None,
    }
}

/// The asked ports that were open to everybody and that nobody reaches any more.
fn without_way_in(change: &IngressChange, asked: &Asked) -> Vec<u16> {
    let after = change.after();
    let covers = |rules: &[Ingress], port: u16, protocol: Protocol| {
        rules
            .iter()
            .any(|rule| traffic(rule).covers(&[port], &[protocol]))
    };
    let mut shut: Vec<u16> = asked
        .ports
        .iter()
        .copied()
        .filter(|port| {
            asked.protocols.iter().any(|protocol| {
                covers(&change.remove, *port, *protocol) && !covers(&after, *port, *protocol)
            })
        })
        .collect();
    shut.sort_unstable();
    shut.dedup();
    shut
}

fn loses(group: &Group, change: &IngressChange) -> Vec<String> {
    let mut loses: Vec<String> = change
        .remove
        .iter()
        .map(|rule| format!("Everybody who comes in by {}.", words(rule)))
        .collect();
    let kept: Vec<String> = change
        .after()
        .iter()
        .filter(|rule| !is_open(rule))
        .map(words)
        .collect();
    if !kept.is_empty() {
        loses.push(format!("Not those who come in by: {}.", kept.join("; ")));
    }
    loses.push("Connections that are open may break.".to_owned());
    loses.push(match &group.users {
        Seen::Known(users) if users.is_empty() => {
            "No network interface uses this group now.".to_owned()
        }
        Seen::Known(users) => {
            const SHOWN: usize = 5;
            let more = match users.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let first = users[..users.len().min(SHOWN)].join("; ");
            format!("The group is used by {first}{more}.")
        }
        Seen::Unknown(why) => format!("Who uses the group could not be read: {why}."),
    });
    loses
}

fn join(rules: &[Ingress]) -> String {
    let list: Vec<String> = rules.iter().map(words).collect();
    list.join("; ")
}

fn ports_of(asked: &Asked) -> String {
    ports(&asked.ports)
}

fn ports(ports: &[u16]) -> String {
    let numbers: Vec<String> = ports.iter().map(u16::to_string).collect();
    match numbers.as_slice() {
        [one] => format!("port {one}"),
        several => format!("ports {}", several.join(", ")),
    }
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
