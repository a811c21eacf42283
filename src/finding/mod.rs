//! What a scanner said, in one vocabulary.
//!
//! Every supported format is read into [`Finding`]. A record that cannot be read becomes an
//! [`InvalidRecord`] and never voids the rest (invariant 12). Text from findings is data (invariant 10).

mod arn;
mod asff;
mod asff_control;
mod base64;
mod envelope;
mod evidence;
mod key;
mod ocsf;
mod ocsf_resource;
mod problem;
mod scan;
mod scc;
mod stream;
mod text;
mod tracking;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use arn::Arn;
pub use key::{KeyError, SourceError};
pub use problem::{Problem, ResourceIdentity, Standing, unify};
pub use stream::{InputFormat, InputFormatError, ReadError, Tally, read};
pub use tracking::{COMMENT_START, LINK_FIELD, Tracking, WRITER};

/// Where a finding's record came from: the format family as users name it (kebab-case in JSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// ASFF as AWS Security Hub emits it.
    SecurityHubAsff,
    /// OCSF as the new AWS Security Hub emits it (`Findings Imported V2`).
    SecurityHubOcsf,
    /// ASFF written by Prowler.
    ProwlerAsff,
    /// OCSF written by Prowler.
    ProwlerOcsf,
    /// Google Cloud Security Command Center.
    Scc,
}

/// The identity of a finding: who said it, with which product, about which account, under which id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FindingKey {
    /// The format family.
    pub source: Source,
    /// The product that made the finding, e.g. `aws/securityhub`.
    pub product: String,
    /// The cloud account, project or organisation the finding is about.
    pub account: String,
    /// The product's own id of the finding.
    pub id: String,
}

/// The catalogue a control code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlCatalogue {
    /// AWS Security Hub consolidated control ids: `S3.8`.
    SecurityHub,
    /// Prowler check ids: `s3_bucket_level_public_access_block`.
    Prowler,
    /// Checkov ids: `CKV_AWS_53`.
    Checkov,
    /// Trivy ids: `AVD-AWS-0086`.
    Trivy,
    /// Google SCC categories: `PUBLIC_BUCKET_ACL`.
    Scc,
    /// AWS Config rule names: `s3-bucket-level-public-access-prohibited`.
    AwsConfig,
    /// IAM Access Analyzer finding types: `UnusedIAMRole`.
    AccessAnalyzer,
}

/// One control a finding violates.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Control {
    /// Whose catalogue.
    pub catalogue: ControlCatalogue,
    /// The code inside it.
    pub code: String,
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

/// A threat a detection names instead of a control (GuardDuty type, SCC threat category).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Threat(pub String);

/// How bad the scanner says it is, ascending.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For information only.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// What the scanner says of the finding now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Open: the resource is unsafe.
    Failed,
    /// The scanner itself says PASSED (or NOT_AVAILABLE / informational "not applicable").
    Passed,
    /// Suppressed or muted by a person in the scanner's console; the text says how.
    Suppressed(String),
    /// Archived or resolved: the scanner no longer holds it open; the text says how.
    Resolved(String),
}

/// The cloud object a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudResource {
    /// The id as the finding gives it: an ARN, a full GCP resource name, or a bare id.
    pub id: String,
    /// The scanner's type, e.g. `AwsS3Bucket`, `AWS::S3::Bucket`, `google.cloud.storage.Bucket`; may be empty.
    pub kind: String,
    /// Further identifiers the record carries for the same object (name, bare id, self link), without duplicates.
    pub aliases: Vec<String>,
    /// Tags or labels, as recorded.
    pub tags: BTreeMap<String, String>,
}

/// One finding, normalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Identity.
    pub key: FindingKey,
    /// Every control it names; the first is the one to show.
    pub controls: Vec<Control>,
    /// The threat, for detections.
    pub threat: Option<Threat>,
    /// What it is about.
    pub resource: CloudResource,
    /// AWS account id or GCP project id; empty if the record does not say.
    pub account: String,
    /// Region (`eu-west-1`, `global`); empty if the record does not say. The finding's own, never the aggregator's.
    pub region: String,
    /// Severity as the scanner set it.
    pub severity: Severity,
    /// Open, passed, suppressed, resolved.
    pub state: State,
    /// One-line title.
    pub title: String,
    /// Longer text, may be empty.
    pub description: String,
    /// Link to the scanner's own page on the problem, if any.
    pub url: Option<String>,
    /// When first seen (RFC 3339 as recorded), if known.
    pub first_seen: Option<String>,
    /// When last updated (RFC 3339 as recorded), if known.
    pub updated_at: Option<String>,
    /// Facts about the live resource that rules may require, extracted by the format reader. Documented keys:
    /// `access-key.unused-days` (decimal), `access-key.id`, `access-key.status` (`Active`, `Inactive`),
    /// `access-key.number` (`1` or `2`, as in the credential report), `access-key.user` (user name),
    /// `access-key.active-count` (active keys of that user), `security-group.public-rules`
    /// (JSON list of {protocol, from, to, cidr}), `versioning` (`Enabled`, `Suspended`, `Off`), `acl`.
    pub facts: BTreeMap<String, String>,
    /// How the service that keeps the finding tracks it; for open findings whose record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Box<Tracking>>,
    /// Where the record stands in the input.
    pub record: RecordPlace,
}

/// Where a record stands: the input's name and the record's number in it (from 1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordPlace {
    /// File name as given by the user, or `-`.
    pub input: std::sync::Arc<str>,
    /// Record number, from 1, in document order.
    pub number: u64,
}

/// A record that could not be read as a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidRecord {
    /// Where it stands.
    pub place: RecordPlace,
    /// What is wrong, naming the field.
    pub problem: String,
    /// What was expected and the next step.
    pub expected: String,
}

/// What a reader yields for each record.
pub type Record = Result<Finding, InvalidRecord>;
