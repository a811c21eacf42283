//! Google Security Command Center: a finding alone, `{finding, resource}` as a listing or a Pub/Sub notification has
//! it, API v1 and v2.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::asff::add_alias;
use super::text::{Text, first, shortened};
use super::{
    CloudResource, Control, ControlCatalogue, Finding, FindingKey, RecordPlace, Severity, Source,
    State, Threat,
};

/// `{finding, resource}`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SccPair<'a> {
    #[serde(borrow)]
    pub(super) finding: Option<SccFinding<'a>>,
    #[serde(borrow)]
    pub(super) resource: Option<SccResource<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SccFinding<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, alias = "canonical_name")]
    canonical_name: Text<'a>,
    #[serde(borrow)]
    parent: Text<'a>,
    #[serde(borrow, alias = "parent_display_name")]
    parent_display_name: Text<'a>,
    #[serde(borrow, alias = "resource_name")]
    resource_name: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    mute: Text<'a>,
    #[serde(borrow)]
    category: Text<'a>,
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow, alias = "external_uri")]
    external_uri: Text<'a>,
    #[serde(borrow)]
    severity: Text<'a>,
    #[serde(borrow, alias = "finding_class")]
    finding_class: Text<'a>,
    #[serde(borrow, alias = "event_time")]
    event_time: Text<'a>,
    #[serde(borrow, alias = "create_time")]
    create_time: Text<'a>,
    #[serde(borrow, alias = "source_properties")]
    source_properties: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SccResource<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, alias = "display_name")]
    display_name: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, alias = "project_display_name")]
    project_display_name: Text<'a>,
    #[serde(borrow)]
    project: Text<'a>,
    #[serde(borrow)]
    location: Text<'a>,
    #[serde(borrow, alias = "gcp_metadata")]
    gcp_metadata: Option<GcpMetadata<'a>>,
    #[serde(borrow)]
    labels: Option<BTreeMap<Text<'a>, Text<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct GcpMetadata<'a> {
    #[serde(borrow)]
    project: Text<'a>,
    #[serde(borrow, alias = "project_display_name")]
    project_display_name: Text<'a>,
}

/// Reads one record. The error is what is missing, and what was expected.
pub(super) fn read(
    finding: &SccFinding<'_>,
    resource: Option<&SccResource<'_>>,
    place: RecordPlace,
) -> Result<Finding, (String, String)> {
    let expected = || {
        "a Security Command Center finding with name, category, state and resourceName".to_owned()
    };
    let missing = |field: &str| (format!("SCC finding without `{field}`"), expected());
    let name = first([finding.name.some(), finding.canonical_name.some()])
        .ok_or_else(|| missing("name"))?;
    let category = finding.category.some().ok_or_else(|| missing("category"))?;
    let id = first([
        finding.resource_name.some(),
        resource.and_then(|r| r.name.some()),
    ])
    .ok_or_else(|| missing("resourceName"))?;
    let properties = finding
        .source_properties
        .and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())
        .unwrap_or_default();
    let property = |names: [&str; 2]| names.iter().find_map(|n| properties.get(n)?.as_str());
    let project = first([
        property(["ProjectId", "projectId"]),
        resource.and_then(|r| r.gcp_metadata.as_ref()?.project_display_name.some()),
        resource.and_then(|r| r.project_display_name.some()),
        segment(id, "projects").filter(|project| *project != "_"),
        resource.and_then(|r| last(r.gcp_metadata.as_ref()?.project.some()?)),
        resource.and_then(|r| last(r.project.some()?)),
        segment(name, "projects"),
        segment(name, "folders"),
        segment(name, "organizations"),
    ])
    .unwrap_or_default();
    let region = first([
        resource.and_then(|r| r.location.some()),
        segment(id, "locations"),
        segment(id, "regions"),
        segment(id, "zones"),
    ])
    .unwrap_or("global");
    let is = |text: &Text<'_>, word: &str| text.as_str().eq_ignore_ascii_case(word);
    let state = if is(&finding.state, "INACTIVE") {
        State::Resolved("inactive in Security Command Center".to_owned())
    } else if is(&finding.mute, "MUTED") {
        State::Suppressed("muted in Security Command Center".to_owned())
    } else {
        State::Failed
    };
    let threat = is(&finding.finding_class, "THREAT");
    let mut aliases = Vec::new();
    let display = resource.map_or("", |r| r.display_name.as_str());
    for alias in [last(id).unwrap_or_default(), display] {
        add_alias(&mut aliases, alias, id);
    }
    let explanation = first([
        finding.description.some(),
        property(["Explanation", "explanation"]),
        property(["Recommendation", "recommendation"]),
    ]);
    Ok(Finding {
        key: FindingKey {
            source: Source::Scc,
            product: first([finding.parent_display_name.some()])
                .unwrap_or("scc")
                .to_owned(),
            account: project.to_owned(),
            id: last(name).unwrap_or(name).to_owned(),
        },
        controls: if threat {
            Vec::new()
        } else {
            vec![Control {
                catalogue: ControlCatalogue::Scc,
                code: category.to_owned(),
            }]
        },
        threat: threat.then(|| Threat(category.to_owned())),
        resource: CloudResource {
            id: id.to_owned(),
            kind: resource.map_or_else(String::new, |r| r.kind.as_str().to_owned()),
            aliases,
            tags: resource
                .and_then(|r| r.labels.as_ref())
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned()))
                .collect(),
        },
        account: project.to_owned(),
        region: region.to_owned(),
        severity: Severity::from_word(finding.severity.as_str())
            .or_else(|| Severity::from_word(property(["SeverityLevel", "severityLevel"])?))
            .unwrap_or(Severity::Medium),
        state,
        title: title(category),
        description: shortened(explanation.unwrap_or_default(), 1024),
        url: finding
            .external_uri
            .some()
            .filter(|u| u.starts_with("https://"))
            .map(str::to_owned),
        first_seen: finding.create_time.some().map(str::to_owned),
        updated_at: first([finding.event_time.some(), finding.create_time.some()])
            .map(str::to_owned),
        facts: BTreeMap::new(),
        tracking: None,
        record: place,
    })
}

/// `PUBLIC_BUCKET_ACL` → `Public bucket ACL`.
fn title(category: &str) -> String {
    const ACRONYMS: [&str; 18] = [
        "ACL", "API", "IAM", "SSH", "RDP", "SQL", "VPC", "KMS", "DNS", "MFA", "SSL", "IP", "TCP",
        "UDP", "HTTP", "GKE", "CMEK", "FTP",
    ];
    let mut words = Vec::new();
    for (index, word) in category.split('_').filter(|w| !w.is_empty()).enumerate() {
        let capital = word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        words.push(match word {
            _ if !capital || ACRONYMS.contains(&word) => word.to_owned(),
            _ if index == 0 => {
                let (head, tail) = word.split_at(1);
                format!("{head}{}", tail.to_ascii_lowercase())
            }
            _ => word.to_ascii_lowercase(),
        });
    }
    words.join(" ")
}

/// What follows `/<name>/` in a resource path.
fn segment<'t>(path: &'t str, name: &str) -> Option<&'t str> {
    let mut parts = path.split('/');
    parts.by_ref().find(|part| *part == name)?;
    parts.next().filter(|part| !part.is_empty())
}

fn last(path: &str) -> Option<&str> {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_read_like_words() {
        assert_eq!(title("PUBLIC_BUCKET_ACL"), "Public bucket ACL");
        assert_eq!(title("OPEN_SSH_PORT"), "Open SSH port");
        assert_eq!(title("Malware: Bad IP"), "Malware: Bad IP");
    }

    #[test]
    fn segments() {
        let path = "//compute.googleapis.com/projects/p-1/zones/europe-west1-b/instances/7";
        assert_eq!(segment(path, "projects"), Some("p-1"));
        assert_eq!(segment(path, "locations"), None);
        assert_eq!(last(path), Some("7"));
    }
}
