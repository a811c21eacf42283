//! One problem, however often it is reported: through several standards, regions, aggregators, scanners or formats.
//!
//! A problem is a subject (the rule that answers the finding, else its control) at a resource. Which report stands
//! for the problem:
//!
//! 1. Of one reporter (same source and product) about one problem, the newest report counts; at the same time, the
//!    failed one. So a PASSED that is newer than a FAILED means cured, and the other way round.
//! 2. Between reporters, Failed stands before Suppressed, Resolved and Passed, whatever their age: one scanner's PASS
//!    may mean "not checked". Between equal states, the newest.
//!
//! A failed report that does not stand is a duplicate. A report that is passed, suppressed or resolved keeps that
//! outcome: it says something of its own.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::arn::{Arn, is_account_id};
use super::evidence::plain_kind;
use super::stream::timestamp;
use super::{Control, ControlCatalogue, Finding, FindingKey, Source, State};

/// The cloud object a finding is about, in one spelling: `aws:s3:bucket/logs`, `aws:sg-0a1b…`,
/// `aws:iam::111122223333:role/deploy`, `aws:account/111122223333/eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceIdentity(String);

impl fmt::Display for ResourceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ResourceIdentity {
    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity of what the finding is about.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self(
            if finding.key.source == Source::Scc || finding.resource.id.starts_with("//") {
                google(&finding.resource.id)
            } else {
                let mut identity = amazon(finding);
                // Two keys of one user are two objects.
                if let Some(id) = finding.facts.get("access-key.id") {
                    identity = format!("aws:iam:access-key/{id}");
                } else if let Some(number) = finding.facts.get("access-key.number") {
                    identity = format!("{identity}#access-key-{number}");
                }
                identity
            },
        )
    }

    /// Is it the account itself (in a region, or as a whole)?
    #[must_use]
    pub fn is_account(&self) -> bool {
        self.0.starts_with("aws:account/")
            || self.0.starts_with("aws-cn:account/")
            || self.0.starts_with("aws-us-gov:account/")
    }
}

fn google(id: &str) -> String {
    let path = id
        .trim_start_matches("https://www.googleapis.com/compute/v1/")
        .trim_start_matches("https://")
        .trim_start_matches("//");
    if let Some(rest) = path.strip_prefix("storage.googleapis.com/") {
        let bucket = rest.split_once("buckets/").map_or(rest, |(_, name)| name);
        return format!("gcp:storage:bucket/{bucket}");
    }
    let path = if path.starts_with("projects/") && id.contains("/compute/") {
        format!("compute.googleapis.com/{path}")
    } else {
        path.to_owned()
    };
    format!("gcp:{path}")
}

fn amazon(finding: &Finding) -> String {
    let id = finding.resource.id.trim();
    let kind = plain_kind(&finding.resource.kind);
    let account = finding.account.as_str();
    let region = finding.region.as_str();
    if let Some(arn) = Arn::parse(id) {
        return from_arn(arn, finding);
    }
    if kind == "awsaccount" || id.starts_with("AWS::::Account:") || is_account_id(id) {
        let account = id.strip_prefix("AWS::::Account:").unwrap_or(id);
        return account_identity(
            "aws",
            if is_account_id(account) {
                account
            } else {
                &finding.account
            },
            finding,
        );
    }
    if let Some(rest) = id.strip_prefix("https://") {
        // The URL of a queue.
        let mut parts = rest.split('/');
        let host = parts.next().unwrap_or_default();
        if let (true, Some(owner), Some(name)) = (
            host.contains("sqs") || host.contains("queue"),
            parts.next(),
            parts.next(),
        ) {
            return format!("aws:sqs:{region}:{owner}:{name}");
        }
    }
    if kind == "awss3bucket" {
        return format!("aws:s3:bucket/{id}");
    }
    if is_ec2_id(id) {
        return ec2("aws", id, account, region);
    }
    if let Some(key) = id.strip_prefix("AWS::IAM::AccessKey:") {
        return format!("aws:iam:access-key/{key}");
    }
    let named = match kind.as_str() {
        "awsiamaccesskey" => return format!("aws:iam:access-key/{id}"),
        "awsiamrole" => Some(("iam", "role/")),
        "awsiamuser" => Some(("iam", "user/")),
        "awsiamgroup" => Some(("iam", "group/")),
        "awsiampolicy" => Some(("iam", "policy/")),
        "awsrdsdbinstance" => Some(("rds", "db:")),
        "awsrdsdbcluster" => Some(("rds", "cluster:")),
        "awsrdsdbsnapshot" => Some(("rds", "snapshot:")),
        "awsrdsdbclustersnapshot" => Some(("rds", "cluster-snapshot:")),
        "awsdynamodbtable" => Some(("dynamodb", "table/")),
        "awssqsqueue" => Some(("sqs", "")),
        "awssnstopic" => Some(("sns", "")),
        "awskmskey" => Some(("kms", "key/")),
        "awsecrrepository" => Some(("ecr", "repository/")),
        "awscloudtrailtrail" => Some(("cloudtrail", "trail/")),
        "awslambdafunction" => Some(("lambda", "function:")),
        _ => None,
    };
    match named {
        Some(("iam", prefix)) => {
            format!(
                "aws:iam::{account}:{prefix}{}",
                id.rsplit('/').next().unwrap_or(id)
            )
        }
        Some((service, prefix)) => format!("aws:{service}:{region}:{account}:{prefix}{id}"),
        None => format!("aws:{kind}:{region}:{account}:{id}"),
    }
}

fn from_arn(arn: Arn<'_>, finding: &Finding) -> String {
    let Arn {
        partition,
        service,
        region,
        resource,
        ..
    } = arn;
    let account = arn.account_id().unwrap_or(&finding.account);
    match service {
        "s3" if arn.account.is_empty() => return format!("{partition}:s3:bucket/{resource}"),
        "s3" if resource == "account" => return account_identity(partition, account, finding),
        "ec2" => {
            if let Some((_, id)) = resource.rsplit_once('/').filter(|(_, id)| is_ec2_id(id)) {
                return ec2(partition, id, account, region);
            }
            if is_ec2_id(resource) {
                return ec2(partition, resource, account, region);
            }
        }
        "iam" if matches!(resource, "root") || resource.starts_with("password-policy") => {
            return account_identity(partition, account, finding);
        }
        "iam" => {
            if let Some((kind, _)) = resource.split_once('/') {
                return format!("{partition}:iam::{account}:{kind}/{}", arn.leaf());
            }
        }
        _ => {}
    }
    // Prowler writes account-wide settings as an ARN without a name: `arn:aws:ec2:eu-west-1:111122223333:volume`.
    let typed_service = matches!(
        service,
        "ec2"
            | "iam"
            | "cloudtrail"
            | "kms"
            | "rds"
            | "guardduty"
            | "config"
            | "securityhub"
            | "access-analyzer"
            | "inspector2"
            | "macie2"
            | "s3"
            | "account"
            | "organizations"
    );
    let kind = plain_kind(&finding.resource.kind);
    if (typed_service && !resource.contains(['/', ':'])) || kind == "awsaccount" {
        return account_identity(partition, account, finding);
    }
    let resource = resource.trim_end_matches(":$LATEST").trim_end_matches(":*");
    format!("{partition}:{service}:{region}:{account}:{resource}")
}

/// `sg-…`, `i-…`, `vpc-…`: ids that EC2 itself made.
fn is_ec2_id(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(kind, hex)| {
        (hex.len() == 8 || hex.len() == 17)
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            && !kind.is_empty()
            && kind.len() <= 12
            && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    })
}

/// Long ids are unique everywhere; the short ones of old accounts only in their account and region.
fn ec2(partition: &str, id: &str, account: &str, region: &str) -> String {
    let long = id.rsplit_once('-').is_some_and(|(_, hex)| hex.len() == 17);
    if long {
        format!("{partition}:{id}")
    } else {
        format!("{partition}:{region}:{account}:{id}")
    }
}

fn account_identity(partition: &str, account: &str, finding: &Finding) -> String {
    if finding.controls.iter().any(is_global) || finding.region.is_empty() {
        format!("{partition}:account/{account}")
    } else {
        format!("{partition}:account/{account}/{}", finding.region)
    }
}

/// Controls on a setting that an account has once, reported in whichever region looked.
fn is_global(control: &Control) -> bool {
    let code = control.code.as_str();
    match control.catalogue {
        ControlCatalogue::SecurityHub => {
            code.starts_with("IAM.")
                || code.starts_with("Account.")
                || code == "S3.1"
                || code.starts_with("CloudFront.")
                || code.starts_with("Route53.")
        }
        ControlCatalogue::Prowler => {
            code.starts_with("iam_")
                || code.starts_with("account_")
                || code.starts_with("s3_account_level")
        }
        _ => false,
    }
}

/// What is wrong with which object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Problem {
    /// The rule (with its control's arguments, if they differ), else the control.
    pub subject: String,
    /// The object.
    pub resource: ResourceIdentity,
}

impl Problem {
    /// The problem of a finding. `subject` is what the caller's rules make of it; without one the first control or
    /// the threat counts, and a finding that has neither is a problem of its own.
    #[must_use]
    pub fn of(finding: &Finding, subject: Option<String>) -> Self {
        let subject =
            subject.unwrap_or_else(|| match (finding.controls.first(), &finding.threat) {
                (Some(control), _) => format!("{:?}:{}", control.catalogue, control.code),
                (None, Some(threat)) => format!("threat:{}", threat.0),
                (None, None) => format!("finding:{}", finding.key),
            });
        Self {
            subject,
            resource: ResourceIdentity::of(finding),
        }
    }
}

/// What a report is for its problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It stands for the problem.
    Stands,
    /// It keeps its own outcome (passed, suppressed, resolved) beside the one that stands.
    Beside,
    /// Another report of the same problem stands.
    Duplicate {
        /// The position (in the slice given to [`unify`]) of the report that stands.
        of: usize,
        /// Its key.
        key: FindingKey,
        /// Why the two are one problem, one sentence.
        why: String,
    },
}

/// Judges every finding: which stands, which is a duplicate. The result has the findings' order.
#[must_use]
pub fn unify(findings: &[Finding], subject: impl Fn(&Finding) -> Option<String>) -> Vec<Standing> {
    let mut problems: HashMap<Problem, Vec<usize>> = HashMap::with_capacity(findings.len());
    for (index, finding) in findings.iter().enumerate() {
        problems
            .entry(Problem::of(finding, subject(finding)))
            .or_default()
            .push(index);
    }
    let mut standings = vec![Standing::Stands; findings.len()];
    for (problem, members) in problems {
        if let [_] = members[..] {
            continue;
        }
        let stands = representative(findings, &members);
        for index in members.into_iter().filter(|index| *index != stands) {
            standings[index] = if findings[index].state == State::Failed {
                let standing = &findings[stands];
                Standing::Duplicate {
                    of: stands,
                    key: standing.key.clone(),
                    why: because(&findings[index], standing, &problem),
                }
            } else {
                Standing::Beside
            };
        }
    }
    standings
}

fn representative(findings: &[Finding], members: &[usize]) -> usize {
    let rank = |state: &State| match state {
        State::Failed => 3,
        State::Suppressed(_) => 2,
        State::Resolved(_) => 1,
        State::Passed => 0,
    };
    let time = |index: usize| findings[index].updated_at.as_deref().and_then(timestamp);
    // A tie goes to the earlier record, so that the result does not depend on anything but the input's order.
    let mut newest: BTreeMap<(Source, &str), usize> = BTreeMap::new();
    for &index in members {
        let reporter = (
            findings[index].key.source,
            findings[index].key.product.as_str(),
        );
        let best = newest.entry(reporter).or_insert(index);
        let key = |i: usize| (time(i), rank(&findings[i].state), Reverse(i));
        if key(index) > key(*best) {
            *best = index;
        }
    }
    newest
        .into_values()
        .max_by_key(|&i| (rank(&findings[i].state), time(i), Reverse(i)))
        .unwrap_or(members[0])
}

fn because(duplicate: &Finding, standing: &Finding, problem: &Problem) -> String {
    let what = if duplicate.key == standing.key {
        "the same finding arrived again".to_owned()
    } else if duplicate.key.source != standing.key.source {
        format!("{} reports the same problem", standing.key.source)
    } else if duplicate.region != standing.region {
        format!("the same problem is reported in region {}", standing.region)
    } else {
        "the same problem is reported by another control or standard".to_owned()
    };
    format!(
        "{what} at {} (record {})",
        problem.resource, standing.record.number
    )
}
