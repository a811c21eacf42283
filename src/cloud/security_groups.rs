//! What a security group lets in now, rule by rule. Reads only.
//!
//! Everything is read that is needed to make a rule again: protocol, ports, source, description, tags. A rule's id is
//! not part of what it is: a rule that is made again gets a new one.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, SecurityGroupRule};
use serde::{Deserialize, Serialize};

use super::buckets::Seen;
use super::{Call, CloudError, Session, explain};

/// Who a rule lets in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// IPv4 addresses.
    Ipv4(String),
    /// IPv6 addresses.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
    /// Another group, with its owner's account where the service gives it.
    Group(String),
    /// Something that this version does not know.
    Other,
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ipv4(text) | Self::Ipv6(text) | Self::PrefixList(text) | Self::Group(text) => {
                f.write_str(text)
            }
            Self::Other => f.write_str("(unknown source)"),
        }
    }
}

/// An ingress rule without its id: what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingress {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// First port, or ICMP type; `None` when it has none (all traffic).
    pub from: Option<i32>,
    /// Last port, or ICMP code.
    pub to: Option<i32>,
    /// Who gets in.
    pub peer: Peer,
    /// Description, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Tags of the rule itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Ingress {
    /// Whether the service holds both for the same rule: a group has at most one of a protocol, ports and source.
    #[must_use]
    pub fn is_same_grant(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.from == other.from
            && self.to == other.to
            && self.peer == other.peer
    }
}

/// An ingress rule as it is now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveIngress {
    /// What it is.
    pub rule: Ingress,
    /// `sgr-…`.
    pub id: String,
}

/// A group, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `sg-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The account that owns it; empty when the service does not say.
    pub owner: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What it lets in, sorted.
    pub ingress: Vec<LiveIngress>,
    /// Network interfaces that use it, each in words.
    pub users: Seen<Vec<String>>,
}

/// Reads groups in one account and region.
pub struct SecurityGroups<'s> {
    session: &'s Session,
    client: Client,
    region: String,
}

impl<'s> SecurityGroups<'s> {
    /// With the credentials and the region of `config`.
    #[must_use]
    pub fn new(session: &'s Session, config: &SdkConfig) -> Self {
        Self {
            session,
            client: Client::new(config),
            region: config
                .region()
                .map_or_else(String::new, |r| r.as_ref().to_owned()),
        }
    }

    fn call<'c>(&'c self, action: &'c str) -> Call<'c> {
        Call {
            action,
            region: &self.region,
        }
    }

    /// What the group lets in, sorted by what the rules are.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ingress(&self, group: &str) -> Result<Vec<LiveIngress>, CloudError> {
        let filter = Filter::builder().name("group-id").values(group).build();
        let pages = self
            .client
            .describe_security_group_rules()
            .filters(filter)
            .into_paginator()
            .send();
        let answer = self.session.block_on(async {
            let mut pages = pages;
            let mut rules: Vec<SecurityGroupRule> = Vec::new();
            while let Some(page) = pages.next().await {
                rules.extend(page?.security_group_rules.unwrap_or_default());
            }
            Ok(rules)
        });
        let rules = answer.map_err(|e| explain(self.call("ec2:DescribeSecurityGroupRules"), &e))?;
        let mut ingress: Vec<LiveIngress> = rules
            .into_iter()
            .filter(|rule| rule.is_egress != Some(true) && rule.group_id.as_deref() == Some(group))
            .map(live)
            .collect();
        ingress.sort();
        Ok(ingress)
    }

    /// The group with its rules and who uses it.
    ///
    /// # Errors
    /// When the group or its rules cannot be read; a group that does not exist is [`CloudError::Refused`] with the
    /// code `InvalidGroup.NotFound`.
    pub fn read(&self, group: &str) -> Result<Group, CloudError> {
        let action = "ec2:DescribeSecurityGroups";
        let request = self.client.describe_security_groups().group_ids(group);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call(action), &e))?;
        let found = answer
            .security_groups
            .unwrap_or_default()
            .into_iter()
            .find(|g| g.group_id.as_deref() == Some(group));
        let Some(found) = found else {
            return Err(CloudError::Refused {
                action: action.to_owned(),
                region: self.region.clone(),
                code: "InvalidGroup.NotFound".to_owned(),
                message: format!("the answer does not hold {group}"),
            });
        };
        Ok(Group {
            id: group.to_owned(),
            name: found.group_name.unwrap_or_default(),
            owner: found.owner_id.unwrap_or_default(),
            tags: tags(found.tags),
            ingress: self.ingress(group)?,
            users: match self.users(group) {
                Ok(users) => Seen::Known(users),
                Err(e) => Seen::Unknown(e.to_string()),
            },
        })
    }

    fn users(&self, group: &str) -> Result<Vec<String>, CloudError> {
        let filter = Filter::builder().name("group-id").values(group).build();
        let pages = self
            .client
            .describe_network_interfaces()
            .filters(filter)
            .into_paginator()
            .send();
        let answer = self.session.block_on(async {
            let mut pages = pages;
            let mut users = Vec::new();
            while let Some(page) = pages.next().await {
                users.extend(page?.network_interfaces.unwrap_or_default());
            }
            Ok(users)
        });
        let users = answer.map_err(|e| explain(self.call("ec2:DescribeNetworkInterfaces"), &e))?;
        Ok(users
            .into_iter()
            .map(|interface| {
                let name = interface.network_interface_id.unwrap_or_default();
                let instance = interface
                    .attachment
                    .and_then(|a| a.instance_id)
                    .map_or_else(String::new, |id| format!(" of {id}"));
                let public = interface
                    .association
                    .and_then(|a| a.public_ip)
                    .map_or_else(String::new, |ip| format!(", public address {ip}"));
                format!("{name}{instance}{public}")
            })
            .collect())
    }
}

fn tags(list: Option<Vec<aws_sdk_ec2::types::Tag>>) -> BTreeMap<String, String> {
    list.unwrap_or_default()
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

/// From the service's form: ports of a rule that has none are `-1` there.
fn live(rule: SecurityGroupRule) -> LiveIngress {
    let protocol = rule.ip_protocol.unwrap_or_else(|| "-1".to_owned());
    // For ICMP -1 is a value ("all types").
    let is_icmp = matches!(protocol.as_str(), "icmp" | "icmpv6" | "1" | "58");
    let port = |port: Option<i32>| port.filter(|p| is_icmp || *p != -1);
    let (from, to) = if protocol == "-1" {
        (None, None)
    } else {
        (port(rule.from_port), port(rule.to_port))
    };
    let peer = if let Some(cidr) = rule.cidr_ipv4 {
        Peer::Ipv4(cidr)
    } else if let Some(cidr) = rule.cidr_ipv6 {
        Peer::Ipv6(cidr)
    } else if let Some(list) = rule.prefix_list_id {
        Peer::PrefixList(list)
    } else if let Some(group) = rule.referenced_group_info {
        let id = group.group_id.unwrap_or_default();
        Peer::Group(match group.user_id {
            Some(owner) => format!("{owner}/{id}"),
            None => id,
        })
    } else {
        Peer::Other
    };
    LiveIngress {
        rule: Ingress {
            protocol,
            from,
            to,
            peer,
            description: rule.description.filter(|d| !d.is_empty()),
            tags: tags(rule.tags),
        },
        id: rule.security_group_rule_id.unwrap_or_default(),
    }
}
