//! AWS Security Finding Format: Security Hub's own records (consolidated and per standard), Prowler's, and those of
//! third parties.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::arn::{Arn, is_account_id};
use super::asff_control::{self, Hints};
use super::evidence;
use super::text::{Text, first, shortened};
use super::{
    CloudResource, Control, Finding, FindingKey, RecordPlace, Severity, Source, State, Threat,
    Tracking, WRITER,
};

/// Longest description and title that are kept, bytes.
const DESCRIPTION_LIMIT: usize = 1024;
const TITLE_LIMIT: usize = 300;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
pub(super) struct Asff<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    product_arn: Text<'a>,
    #[serde(borrow)]
    product_name: Text<'a>,
    #[serde(borrow)]
    generator_id: Text<'a>,
    #[serde(borrow)]
    aws_account_id: Text<'a>,
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    first_observed_at: Text<'a>,
    #[serde(borrow)]
    updated_at: Text<'a>,
    #[serde(borrow)]
    record_state: Text<'a>,
    #[serde(borrow)]
    workflow_state: Text<'a>,
    #[serde(borrow)]
    source_url: Text<'a>,
    #[serde(borrow)]
    types: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    severity: Option<AsffSeverity<'a>>,
    #[serde(borrow)]
    finding_provider_fields: Option<Provider<'a>>,
    #[serde(borrow)]
    compliance: Option<Compliance<'a>>,
    #[serde(borrow)]
    workflow: Option<Workflow<'a>>,
    #[serde(borrow)]
    note: Option<&'a RawValue>,
    #[serde(borrow)]
    user_defined_fields: Option<&'a RawValue>,
    #[serde(borrow)]
    remediation: Option<Remediation<'a>>,
    #[serde(borrow)]
    product_fields: Option<ProductFields<'a>>,
    #[serde(borrow)]
    resources: Option<Vec<Resource<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct AsffSeverity<'a> {
    #[serde(borrow)]
    label: Text<'a>,
    normalized: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Provider<'a> {
    #[serde(borrow)]
    severity: Option<AsffSeverity<'a>>,
    #[serde(borrow)]
    types: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Compliance<'a> {
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    security_control_id: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Workflow<'a> {
    #[serde(borrow)]
    status: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Note<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    updated_by: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Remediation<'a> {
    #[serde(borrow)]
    recommendation: Option<Recommendation<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Recommendation<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProductFields<'a> {
    #[serde(borrow, rename = "ProviderName")]
    provider: Text<'a>,
    #[serde(borrow, rename = "ControlId")]
    control: Text<'a>,
    #[serde(borrow, rename = "RuleId")]
    rule: Text<'a>,
    #[serde(borrow, rename = "StandardsArn")]
    standard: Text<'a>,
    #[serde(borrow, rename = "StandardsGuideArn")]
    guide: Text<'a>,
    #[serde(borrow, rename = "RecommendationUrl")]
    url: Text<'a>,
    #[serde(borrow, rename = "RelatedAWSResources:0/name")]
    related: Text<'a>,
    #[serde(borrow, rename = "RelatedAWSResources:0/type")]
    related_kind: Text<'a>,
    #[serde(borrow, rename = "ProwlerResourceName")]
    prowler_resource: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Resource<'a> {
    #[serde(borrow, rename = "Type")]
    kind: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(borrow)]
    tags: Option<BTreeMap<Text<'a>, Text<'a>>>,
    #[serde(borrow)]
    details: Option<&'a RawValue>,
}

/// Reads one record. The error is what is missing, and what was expected.
pub(super) fn read(
    record: &Asff<'_>,
    place: RecordPlace,
    now: jiff::Timestamp,
) -> Result<Finding, (String, String)> {
    let expected = || {
        "an AWS Security Finding with Id, GeneratorId or ProductArn, AwsAccountId and Resources"
            .to_owned()
    };
    if record.id.is_empty() {
        return Err(("ASFF record without `Id`".to_owned(), expected()));
    }
    if record.generator_id.is_empty() && record.product_arn.is_empty() {
        let problem = "ASFF record without `GeneratorId` and `ProductArn`".to_owned();
        return Err((problem, expected()));
    }
    let fields = record.product_fields.as_ref();
    let compliance = record.compliance.as_ref();
    let prowler = record.generator_id.as_str().starts_with("prowler-")
        || record.product_arn.as_str().contains("product/prowler/")
        || fields.is_some_and(|f| f.provider.as_str().eq_ignore_ascii_case("prowler"));
    let mut controls = asff_control::controls(&Hints {
        security_control: compliance.map_or("", |c| c.security_control_id.as_str()),
        generator: record.generator_id.as_str(),
        standard: fields
            .and_then(|f| first([f.standard.some(), f.guide.some()]))
            .unwrap_or_default(),
        control: fields
            .and_then(|f| first([f.control.some(), f.rule.some()]))
            .unwrap_or_default(),
        config_rule: fields.map_or("", |f| {
            let config = f.related_kind.is_empty() || f.related_kind.as_str().contains("Config");
            if config { f.related.as_str() } else { "" }
        }),
    });
    controls.extend(analyzer_finding(record));
    let resources = record.resources.as_deref().unwrap_or_default();
    let Some(about) = choose(resources, &controls) else {
        let problem = "ASFF record without a resource: `Resources` is empty".to_owned();
        return Err((problem, expected()));
    };
    if about.id.is_empty() {
        let problem = "ASFF record whose resource has no `Id`".to_owned();
        return Err((problem, expected()));
    }
    let id = about.id.as_str().trim();
    let arn = Arn::parse(id);
    let account = first([
        arn.and_then(|a| a.account_id()),
        record.aws_account_id.some(),
        id.strip_prefix("AWS::::Account:"),
        Some(id).filter(|id| is_account_id(id)),
    ])
    .unwrap_or_default();
    let region = first([
        arn.map(|a| a.region),
        about.region.some(),
        record.region.some(),
        Arn::parse(record.product_arn.as_str()).map(|a| a.region),
    ])
    .unwrap_or_default();
    let state = state(record, prowler);
    let open = state == State::Failed;
    let mut facts = BTreeMap::new();
    let mut aliases = Vec::new();
    let details = about
        .details
        .filter(|_| open && evidence::wants_details(about.kind.as_str()))
        .and_then(|raw| serde_json::from_str::<serde_json::Value>(raw.get()).ok());
    if open {
        evidence::from_text(record.description.as_str(), &controls, &mut facts);
        evidence::from_resource_id(about.kind.as_str(), id, &mut facts);
    }
    if let Some(details) = &details {
        evidence::from_observed(about.kind.as_str(), details, now, &mut facts, &mut aliases);
    }
    let leaf = arn.map_or_else(
        || id.strip_prefix("AWS::IAM::AccessKey:"),
        |a| Some(a.leaf()),
    );
    let named = fields.map_or("", |f| f.prowler_resource.as_str());
    for alias in [leaf.unwrap_or_default(), named] {
        add_alias(&mut aliases, alias, id);
    }
    let title = first([
        record.title.some(),
        record.description.some(),
        record.generator_id.some(),
    ])
    .unwrap_or_default();
    Ok(Finding {
        key: FindingKey {
            source: if prowler {
                Source::ProwlerAsff
            } else {
                Source::SecurityHubAsff
            },
            product: product(record.product_arn.as_str(), record.product_name.as_str()),
            account: first([record.aws_account_id.some()])
                .unwrap_or(account)
                .to_owned(),
            id: record.id.as_str().trim().to_owned(),
        },
        threat: threat(record, &controls),
        controls,
        resource: CloudResource {
            id: id.to_owned(),
            kind: about.kind.as_str().to_owned(),
            aliases,
            tags: about
                .tags
                .iter()
                .flatten()
                .filter(|_| open)
                .map(owned)
                .collect(),
        },
        account: account.to_owned(),
        region: region.to_owned(),
        severity: severity(record),
        title: shortened(title, TITLE_LIMIT),
        description: if open && record.description.as_str() != title {
            shortened(record.description.as_str(), DESCRIPTION_LIMIT)
        } else {
            String::new()
        },
        url: first([
            record
                .remediation
                .as_ref()
                .and_then(|r| r.recommendation.as_ref()?.url.some()),
            fields.and_then(|f| f.url.some()),
            record.source_url.some(),
        ])
        .filter(|_| open)
        .map(str::to_owned),
        first_seen: first([record.first_observed_at.some(), record.created_at.some()])
            .map(str::to_owned),
        updated_at: first([record.updated_at.some(), record.created_at.some()]).map(str::to_owned),
        state,
        facts,
        tracking: tracking(record)
            .filter(|_| open)
            .and_then(Tracking::within_limits)
            .map(Box::new),
        record: place,
    })
}

/// What Security Hub keeps beside the finding's content; a record that never was there has no product's ARN. Odd
/// shapes here never void the record; they only mean that nothing will be written over them.
fn tracking(record: &Asff<'_>) -> Option<Tracking> {
    let product = record.product_arn.some()?;
    let (ours, foreign_note) = match record.note.map(|raw| serde_json::from_str(raw.get())) {
        None | Some(Ok(None)) => (String::new(), false),
        Some(Ok(Some(note))) => {
            let Note { text, updated_by } = note;
            if updated_by.as_str() == WRITER {
                (text.as_str().to_owned(), false)
            } else {
                (String::new(), !text.is_empty())
            }
        }
        Some(Err(_)) => (String::new(), true),
    };
    let fields: Option<BTreeMap<Text<'_>, Text<'_>>> = match record.user_defined_fields {
        Some(raw) => serde_json::from_str(raw.get()).ok()?,
        None => None,
    };
    Some(Tracking {
        product: product.to_owned(),
        workflow: record
            .workflow
            .as_ref()
            .map(|w| w.status.as_str().to_owned())
            .unwrap_or_default(),
        fields: fields.iter().flatten().map(owned).collect(),
        foreign_note,
        comment: ours,
    })
}

fn owned((key, value): (&Text<'_>, &Text<'_>)) -> (String, String) {
    (key.as_str().to_owned(), value.as_str().to_owned())
}

/// Adds a further name of the object, unless it says nothing new.
pub(super) fn add_alias(aliases: &mut Vec<String>, alias: &str, id: &str) {
    let alias = alias.trim();
    if !alias.is_empty() && alias != id && !aliases.iter().any(|known| known == alias) {
        aliases.push(alias.to_owned());
    }
}

/// `arn:aws:securityhub:eu-west-1::product/aws/securityhub` → `aws/securityhub`.
pub(super) fn product(arn: &str, name: &str) -> String {
    ["product/", "productv2/"]
        .iter()
        .find_map(|mark| arn.split_once(mark).map(|(_, product)| product))
        .filter(|product| !product.is_empty())
        .unwrap_or(if name.is_empty() { arn } else { name })
        .to_owned()
}

/// The resource that the finding is about: the first, unless only another one fits the control.
fn choose<'r, 'a>(resources: &'r [Resource<'a>], controls: &[Control]) -> Option<&'r Resource<'a>> {
    if resources.len() > 1 {
        if let Some(control) = controls.first() {
            let fits = |kind: &str| evidence::kind_fits(kind, control);
            if let Some(fitting) = resources.iter().find(|r| fits(r.kind.as_str())) {
                return Some(fitting);
            }
        }
        let account = |r: &&Resource<'_>| r.kind.as_str() == "AwsAccount";
        return resources.iter().find(|r| !account(r)).or(resources.first());
    }
    resources.first()
}

fn state(record: &Asff<'_>, prowler: bool) -> State {
    let is = |text: &Text<'_>, wanted: &str| text.as_str().eq_ignore_ascii_case(wanted);
    let workflow = record.workflow.as_ref().map(|w| &w.status);
    let compliance = record.compliance.as_ref().map(|c| &c.status);
    if is(&record.record_state, "ARCHIVED") {
        return State::Resolved("archived in Security Hub".to_owned());
    }
    if workflow.is_some_and(|w| is(w, "SUPPRESSED")) {
        return State::Suppressed("suppressed in Security Hub".to_owned());
    }
    if let Some(status) = compliance {
        if is(status, "PASSED") || is(status, "NOT_AVAILABLE") {
            return State::Passed;
        }
        // Security Hub has no word for "muted": Prowler writes WARNING.
        if prowler && is(status, "WARNING") {
            return State::Suppressed("muted in Prowler".to_owned());
        }
    }
    if workflow.is_some_and(|w| is(w, "RESOLVED")) || is(&record.workflow_state, "RESOLVED") {
        return State::Resolved("resolved in Security Hub".to_owned());
    }
    State::Failed
}

fn severity(record: &Asff<'_>) -> Severity {
    let provider = record
        .finding_provider_fields
        .as_ref()
        .and_then(|p| p.severity.as_ref());
    [record.severity.as_ref(), provider]
        .into_iter()
        .flatten()
        .find_map(|s| Severity::from_word(s.label.as_str()).or_else(|| normalized(s.normalized?)))
        .unwrap_or(Severity::Medium)
}

/// The label that Security Hub's documentation gives to a normalized score.
fn normalized(score: f64) -> Option<Severity> {
    Some(match score {
        s if s.is_nan() || s < 0.0 => return None,
        s if s < 1.0 => Severity::Informational,
        s if s < 40.0 => Severity::Low,
        s if s < 70.0 => Severity::Medium,
        s if s < 90.0 => Severity::High,
        _ => Severity::Critical,
    })
}

/// IAM Access Analyzer names its finding type in words: `…/Unused IAM Role` is `UnusedIAMRole`.
fn analyzer_finding(record: &Asff<'_>) -> Option<Control> {
    if !record
        .product_arn
        .as_str()
        .ends_with("product/aws/access-analyzer")
    {
        return None;
    }
    let words = record.types.as_deref()?.first()?.as_str();
    let code: String = words.rsplit('/').next()?.split_whitespace().collect();
    Some(Control {
        catalogue: super::ControlCatalogue::AccessAnalyzer,
        code,
    })
}

fn threat(record: &Asff<'_>, controls: &[Control]) -> Option<Threat> {
    if !controls.is_empty() {
        return None;
    }
    let provider = record
        .finding_provider_fields
        .as_ref()
        .and_then(|p| p.types.as_deref());
    let types = record.types.as_deref().or(provider).unwrap_or_default();
    let threat = |text: &&Text<'_>| {
        let text = text.as_str();
        ["TTPs/", "Effects/", "Unusual Behaviors/"]
            .iter()
            .any(|start| text.starts_with(start))
    };
    types
        .iter()
        .find(threat)
        .map(|t| Threat(t.as_str().to_owned()))
}

impl Severity {
    /// A scanner's word for a severity; `None` for `UNKNOWN`, `Other` and the like.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        Some(if is("critical") || is("fatal") {
            Self::Critical
        } else if is("high") {
            Self::High
        } else if is("medium") || is("moderate") {
            Self::Medium
        } else if is("low") {
            Self::Low
        } else if is("informational") || is("info") {
            Self::Informational
        } else {
            return None;
        })
    }
}
