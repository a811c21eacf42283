//! The emulated cloud as the tests set it up and look at it: by plain requests, not by the code under test.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use regex::Regex;

/// A key in one account, and the testbed's address.
#[derive(Clone)]
pub struct Cloud {
    pub url: String,
    pub key: String,
    pub token: Option<String>,
    pub region: String,
}

/// An ingress rule without its id: protocol, from, to, source, description, tags.
pub type Rule = (
    String,
    String,
    String,
    String,
    String,
    BTreeMap<String, String>,
);

impl Cloud {
    pub fn new(url: &str, key: &str, region: &str) -> Self {
        Self {
            url: url.to_owned(),
            key: key.to_owned(),
            token: None,
            region: region.to_owned(),
        }
    }

    /// The same in another account, by its role.
    pub fn assume(&self, role: &str) -> Self {
        let answer = self.query(
            "sts",
            "2011-06-15",
            &[
                ("Action", "AssumeRole"),
                ("RoleArn", role),
                ("RoleSessionName", "setup"),
            ],
        );
        Self {
            key: between(&answer, "AccessKeyId"),
            token: Some(between(&answer, "SessionToken")),
            ..self.clone()
        }
    }

    fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        kind: &str,
        body: &str,
    ) -> (u16, String) {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let token = self
            .token
            .as_ref()
            .map_or_else(String::new, |t| format!("X-Amz-Security-Token: {t}\r\n"));
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\n{token}\
             Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, \
             Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
            self.key,
            self.region,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    pub fn query(&self, service: &str, version: &str, parameters: &[(&str, &str)]) -> String {
        let mut body = format!("Version={version}");
        for (name, value) in parameters {
            body.push_str(&format!("&{name}={}", escape(value)));
        }
        let (status, answer) = self.send(
            service,
            "POST",
            "/",
            "application/x-www-form-urlencoded",
            &body,
        );
        assert_eq!(status, 200, "{parameters:?}: {answer}");
        answer
    }

    pub fn ec2(&self, parameters: &[(&str, &str)]) -> String {
        self.query("ec2", "2016-11-15", parameters)
    }

    pub fn s3(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.send("s3", method, path, "application/xml", body)
    }

    pub fn bucket(&self, name: &str) {
        let body = if self.region == "us-east-1" {
            String::new()
        } else {
            format!(
                "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
                self.region
            )
        };
        let (status, answer) = self.s3("PUT", &format!("/{name}"), &body);
        assert_eq!(status, 200, "{answer}");
    }

    /// Sets the four switches: BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets.
    pub fn set_block(&self, bucket: &str, switches: [bool; 4]) {
        let [a, b, c, d] = switches;
        let body = format!(
            "<PublicAccessBlockConfiguration><BlockPublicAcls>{a}</BlockPublicAcls><IgnorePublicAcls>{b}</IgnorePublicAcls>\
             <BlockPublicPolicy>{c}</BlockPublicPolicy><RestrictPublicBuckets>{d}</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
        );
        let (status, answer) = self.s3("PUT", &format!("/{bucket}?publicAccessBlock"), &body);
        assert_eq!(status, 200, "{answer}");
    }

    /// The four switches; `None` when there is no block.
    pub fn block(&self, bucket: &str) -> Option<[bool; 4]> {
        let (status, answer) = self.s3("GET", &format!("/{bucket}?publicAccessBlock"), "");
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{answer}");
        let switch = |name: &str| between(&answer, name).eq_ignore_ascii_case("true");
        Some([
            switch("BlockPublicAcls"),
            switch("IgnorePublicAcls"),
            switch("BlockPublicPolicy"),
            switch("RestrictPublicBuckets"),
        ])
    }

    /// A new group without ingress.
    pub fn group(&self, name: &str) -> String {
        let answer = self.ec2(&[
            ("Action", "CreateSecurityGroup"),
            ("GroupName", name),
            ("GroupDescription", "test"),
        ]);
        between(&answer, "groupId")
    }

    /// Authorises a rule; `more` are further parameters of the permission.
    pub fn open(
        &self,
        group: &str,
        protocol: &str,
        ports: (i32, i32),
        cidr: &str,
        description: &str,
    ) {
        self.open_tagged(group, protocol, ports, cidr, description, &[]);
    }

    pub fn open_tagged(
        &self,
        group: &str,
        protocol: &str,
        ports: (i32, i32),
        cidr: &str,
        description: &str,
        tags: &[(&str, &str)],
    ) {
        let (from, to) = (ports.0.to_string(), ports.1.to_string());
        let (list, field) = if cidr.contains(':') {
            ("Ipv6Ranges", "CidrIpv6")
        } else {
            ("IpRanges", "CidrIp")
        };
        let range = format!("IpPermissions.1.{list}.1.{field}");
        let words = format!("IpPermissions.1.{list}.1.Description");
        let mut all: Vec<(String, String)> = [
            ("Action", "AuthorizeSecurityGroupIngress"),
            ("GroupId", group),
            ("IpPermissions.1.IpProtocol", protocol),
            (&range, cidr),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .to_vec();
        if protocol != "-1" {
            all.push(("IpPermissions.1.FromPort".to_owned(), from));
            all.push(("IpPermissions.1.ToPort".to_owned(), to));
        }
        if !description.is_empty() {
            all.push((words, description.to_owned()));
        }
        if !tags.is_empty() {
            all.push((
                "TagSpecification.1.ResourceType".to_owned(),
                "security-group-rule".to_owned(),
            ));
        }
        for (n, (key, value)) in (1..).zip(tags) {
            all.push((format!("TagSpecification.1.Tag.{n}.Key"), (*key).to_owned()));
            all.push((
                format!("TagSpecification.1.Tag.{n}.Value"),
                (*value).to_owned(),
            ));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.ec2(&all);
    }

    /// The ingress rules of a group as DescribeSecurityGroupRules gives them, without ids.
    pub fn ingress(&self, group: &str) -> BTreeSet<Rule> {
        let answer = self.ec2(&[
            ("Action", "DescribeSecurityGroupRules"),
            ("Filter.1.Name", "group-id"),
            ("Filter.1.Value.1", group),
        ]);
        let tag =
            Regex::new(r"(?s)<item>\s*<key>(.*?)</key>\s*<value>(.*?)</value>\s*</item>").unwrap();
        let whole = Regex::new(r"(?s)<tagSet>.*?</tagSet>").unwrap();
        let inner = between(&answer, "securityGroupRuleSet");
        // Tags are items too: taken out, each item is one rule.
        let mut rules = BTreeSet::new();
        let mut kept: Vec<BTreeMap<String, String>> = Vec::new();
        let marked = whole.replace_all(&inner, |c: &regex::Captures<'_>| {
            kept.push(
                tag.captures_iter(&c[0])
                    .map(|c| (c[1].to_owned(), c[2].to_owned()))
                    .collect(),
            );
            format!("<tags>{}</tags>", kept.len() - 1)
        });
        for item in marked.split("</item>").filter(|i| i.contains("<item>")) {
            if between(item, "isEgress") == "true" {
                continue;
            }
            let tags = between(item, "tags")
                .parse::<usize>()
                .map_or_else(|_| BTreeMap::new(), |n| kept[n].clone());
            let source = ["cidrIpv4", "cidrIpv6", "prefixListId", "groupId"]
                .map(|name| match name {
                    "groupId" => between(&between(item, "referencedGroupInfo"), name),
                    name => between(item, name),
                })
                .into_iter()
                .find(|s| !s.is_empty())
                .unwrap_or_default();
            rules.insert((
                between(item, "ipProtocol"),
                between(item, "fromPort"),
                between(item, "toPort"),
                source,
                between(item, "description"),
                tags,
            ));
        }
        rules
    }
}

/// A rule as [`Cloud::ingress`] gives it.
pub fn rule(protocol: &str, ports: (i32, i32), source: &str, description: &str) -> Rule {
    (
        protocol.to_owned(),
        ports.0.to_string(),
        ports.1.to_string(),
        source.to_owned(),
        description.to_owned(),
        BTreeMap::new(),
    )
}

pub fn between(text: &str, tag: &str) -> String {
    let Some((_, rest)) = text.split_once(&format!("<{tag}>")) else {
        return String::new();
    };
    rest.split_once(&format!("</{tag}>"))
        .map_or_else(String::new, |(inside, _)| inside.to_owned())
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
