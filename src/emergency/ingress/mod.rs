//! Public ingress of a security group: exactly the public rules go, approved addresses come in before, and undo brings
//! the same rules back.
//!
//! Rules are known by what they are, never by their ids alone: a rule that is made again has a new id. What is added
//! is authorised before anything is revoked, in both directions: a step too few leaves access, never a lock-out.

mod choice;

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, ResourceType, Tag, TagSpecification};
use serde::{Deserialize, Serialize};

pub use choice::{Choice, Wish, choose};

use super::Scene;
use super::change::{Observed, Standing};
use crate::cloud::CloudError;
use crate::cloud::security_groups::{Ingress, LiveIngress, Peer, SecurityGroups};
use crate::remedy::is_public;

/// From one set of rules to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngressChange {
    /// `sg-…`.
    pub group: String,
    /// All ingress rules before: everything that is needed to make each again.
    pub before: Vec<Ingress>,
    /// What is authorised first.
    pub add: Vec<Ingress>,
    /// What is revoked then.
    pub remove: Vec<Ingress>,
}

/// A text that can be a group's id.
pub(super) fn is_group_id(text: &str) -> bool {
    text.strip_prefix("sg-").is_some_and(|rest| {
        (1..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Whether a rule lets everybody of a family in.
pub(super) fn is_open(rule: &Ingress) -> bool {
    match &rule.peer {
        Peer::Ipv4(cidr) | Peer::Ipv6(cidr) => is_public(cidr).is_some(),
        Peer::PrefixList(_) | Peer::Group(_) | Peer::Other => false,
    }
}

/// A rule in words.
#[must_use]
pub fn words(rule: &Ingress) -> String {
    let ports = match (rule.protocol.as_str(), rule.from, rule.to) {
        ("-1", ..) => "all traffic".to_owned(),
        (protocol, None, None) => format!("all of protocol {protocol}"),
        (protocol, Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (protocol, from, to) => format!(
            "{protocol} {}-{}",
            from.map_or_else(String::new, |p| p.to_string()),
            to.map_or_else(String::new, |p| p.to_string())
        ),
    };
    match &rule.description {
        Some(text) => format!("{ports} from {} ({text})", rule.peer),
        None => format!("{ports} from {}", rule.peer),
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Authorise {
        group: String,
        rule: Ingress,
    },
    Revoke {
        group: String,
        rules: Vec<LiveIngress>,
    },
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Authorise { group, rule } => {
                write!(
                    f,
                    "ec2 AuthorizeSecurityGroupIngress GroupId={group}: {}",
                    words(rule)
                )?;
                for (key, value) in &rule.tags {
                    write!(f, " [{key}={value}]")?;
                }
                Ok(())
            }
            Self::Revoke { group, rules } => {
                write!(f, "ec2 RevokeSecurityGroupIngress GroupId={group}")?;
                for (n, live) in rules.iter().enumerate() {
                    let mark = if n == 0 { ':' } else { ',' };
                    write!(f, "{mark} {} = {}", live.id, words(&live.rule))?;
                }
                Ok(())
            }
        }
    }
}

impl Change {
    /// Makes the call; gives the ids of the rules that it made. What is there, or gone, already (a call whose answer
    /// was lost) is no error: the read that follows decides.
    pub(super) fn send(&self, scene: &Scene<'_>) -> Result<Vec<String>, CloudError> {
        let client = aws_sdk_ec2::Client::new(scene.config());
        match self {
            Self::Authorise { group, rule } => {
                let mut request = client
                    .authorize_security_group_ingress()
                    .group_id(group)
                    .ip_permissions(permission(rule)?);
                if !rule.tags.is_empty() {
                    let mut tags =
                        TagSpecification::builder().resource_type(ResourceType::SecurityGroupRule);
                    for (key, value) in &rule.tags {
                        tags = tags.tags(Tag::builder().key(key).value(value).build());
                    }
                    request = request.tag_specifications(tags.build());
                }
                let answer = scene
                    .session()
                    .block_on(request.send())
                    .map_err(|e| scene.explain("ec2:AuthorizeSecurityGroupIngress", &e));
                match answer {
                    Ok(answer) => Ok(answer
                        .security_group_rules
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|made| made.security_group_rule_id)
                        .collect()),
                    Err(e) if e.code() == Some("InvalidPermission.Duplicate") => Ok(Vec::new()),
                    Err(e) => Err(e),
                }
            }
            Self::Revoke { group, rules } => {
                let ids = rules.iter().map(|live| live.id.clone()).collect();
                let request = client
                    .revoke_security_group_ingress()
                    .group_id(group)
                    .set_security_group_rule_ids(Some(ids));
                let answer = scene
                    .session()
                    .block_on(request.send())
                    .map_err(|e| scene.explain("ec2:RevokeSecurityGroupIngress", &e));
                match answer {
                    Ok(_) => Ok(Vec::new()),
                    Err(e)
                        if matches!(
                            e.code(),
                            Some(
                                "InvalidSecurityGroupRuleId.NotFound"
                                    | "InvalidPermission.NotFound"
                            )
                        ) =>
                    {
                        Ok(Vec::new())
                    }
                    Err(e) => Err(e),
                }
            }
        }
    }
}

/// The service's form of a rule whose source is an address block; others are never made.
fn permission(rule: &Ingress) -> Result<IpPermission, CloudError> {
    let description = rule.description.clone();
    let permission = IpPermission::builder()
        .ip_protocol(&rule.protocol)
        .set_from_port(rule.from)
        .set_to_port(rule.to);
    Ok(match &rule.peer {
        Peer::Ipv4(cidr) => permission.ip_ranges(
            IpRange::builder()
                .cidr_ip(cidr)
                .set_description(description)
                .build(),
        ),
        Peer::Ipv6(cidr) => permission.ipv6_ranges(
            Ipv6Range::builder()
                .cidr_ipv6(cidr)
                .set_description(description)
                .build(),
        ),
        Peer::PrefixList(_) | Peer::Group(_) | Peer::Other => {
            return Err(CloudError::Refused {
                action: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
                region: String::new(),
                code: "NotAnAddressBlock".to_owned(),
                message: format!("`{}` is no address block", rule.peer),
            });
        }
    }
    .build())
}

impl IngressChange {
    /// All rules after, sorted.
    #[must_use]
    pub fn after(&self) -> Vec<Ingress> {
        let mut after: Vec<Ingress> = self
            .before
            .iter()
            .filter(|rule| !self.remove.contains(rule))
            .chain(&self.add)
            .cloned()
            .collect();
        after.sort();
        after
    }

    pub(super) fn undo(&self) -> Self {
        Self {
            group: self.group.clone(),
            before: self.after(),
            add: self.remove.clone(),
            remove: self.add.clone(),
        }
    }

    pub(super) fn sound(&self) -> Result<(), String> {
        if !is_group_id(&self.group) {
            return Err(format!("`{}` is no id of a security group", self.group));
        }
        if self.remove.is_empty() {
            return Err("it revokes nothing".to_owned());
        }
        if let Some(rule) = self.remove.iter().find(|rule| !is_open(rule)) {
            return Err(format!(
                "it would revoke what is not public: {}",
                words(rule)
            ));
        }
        if let Some(rule) = self.remove.iter().find(|r| !self.before.contains(r)) {
            return Err(format!(
                "it would revoke what was not there: {}",
                words(rule)
            ));
        }
        let narrow =
            |rule: &Ingress| matches!(rule.peer, Peer::Ipv4(_) | Peer::Ipv6(_)) && !is_open(rule);
        if let Some(rule) = self.add.iter().find(|rule| !narrow(rule)) {
            return Err(format!("it would let everybody in: {}", words(rule)));
        }
        let there = |rule: &Ingress| self.before.iter().any(|b| b.is_same_grant(rule));
        if let Some(rule) = self.add.iter().find(|rule| there(rule)) {
            return Err(format!("it would authorise what is there: {}", words(rule)));
        }
        Ok(())
    }

    pub(super) fn observe(&self, scene: &Scene<'_>) -> Result<Observed, CloudError> {
        SecurityGroups::new(scene.session(), scene.config())
            .ingress(&self.group)
            .map(Observed::Ingress)
    }

    /// Whether a rule is one that this change adds or removes, however it is described now.
    fn touches(&self, rule: &Ingress) -> bool {
        self.add
            .iter()
            .chain(&self.remove)
            .any(|touched| touched.is_same_grant(rule))
    }

    pub(super) fn standing(&self, now: &[LiveIngress]) -> Standing {
        let mut differences = Vec::new();
        let others = |rule: &&Ingress| !self.touches(rule);
        let before: Vec<&Ingress> = self.before.iter().filter(others).collect();
        let present: Vec<&Ingress> = now.iter().map(|live| &live.rule).filter(others).collect();
        for rule in &present {
            if !before.contains(rule) {
                differences.push(format!("came in since: {}", words(rule)));
            }
        }
        for rule in &before {
            if !present.contains(rule) {
                differences.push(format!("is gone since: {}", words(rule)));
            }
        }
        let there = |rule: &Ingress| now.iter().any(|live| live.rule == *rule);
        for rule in self.add.iter().chain(&self.remove) {
            let altered = now
                .iter()
                .find(|live| live.rule.is_same_grant(rule) && live.rule != *rule);
            if let Some(live) = altered {
                differences.push(format!(
                    "has another description or other tags: {} (was: {})",
                    words(&live.rule),
                    words(rule)
                ));
            }
        }
        if !differences.is_empty() {
            return Standing::Elsewhere(differences);
        }
        let added = self.add.iter().filter(|rule| there(rule)).count();
        let left = self.remove.iter().filter(|rule| there(rule)).count();
        if added == self.add.len() && left == 0 {
            Standing::After
        } else if added == 0 && left == self.remove.len() {
            Standing::Before
        } else {
            Standing::Between
        }
    }

    pub(super) fn among(&self, now: &[LiveIngress]) -> Self {
        let mut before: Vec<Ingress> = now
            .iter()
            .map(|live| live.rule.clone())
            .filter(|rule| !self.touches(rule))
            .chain(
                self.before
                    .iter()
                    .filter(|rule| self.touches(rule))
                    .cloned(),
            )
            .collect();
        before.sort();
        Self {
            before,
            ..self.clone()
        }
    }

    pub(super) fn writes(&self, now: &[LiveIngress]) -> Vec<Change> {
        let mut writes: Vec<Change> = self
            .add
            .iter()
            .filter(|rule| !now.iter().any(|live| live.rule.is_same_grant(rule)))
            .map(|rule| Change::Authorise {
                group: self.group.clone(),
                rule: rule.clone(),
            })
            .collect();
        let rules: Vec<LiveIngress> = now
            .iter()
            .filter(|live| self.remove.contains(&live.rule))
            .cloned()
            .collect();
        if !rules.is_empty() {
            writes.push(Change::Revoke {
                group: self.group.clone(),
                rules,
            });
        }
        writes
    }
}
