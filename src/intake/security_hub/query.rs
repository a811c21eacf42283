//! What is asked of Security Hub, in the types of the SDK: once for each generation.

use aws_sdk_securityhub::types::{
    AllowedOperators, AwsSecurityFindingFilters, CompositeFilter, DateFilter, OcsfDateField,
    OcsfDateFilter, OcsfFindingFilters, OcsfStringField, OcsfStringFilter, StringFilter,
    StringFilterComparison,
};
use jiff::{Timestamp, ToSpan as _};

use super::filter::{Compliance, Filters, Workflow};
use crate::finding::Severity;

/// The product whose findings carry no compliance status, although rules answer them.
const ANALYZER: &str = "IAM Access Analyzer";

fn equals(value: &str) -> StringFilter {
    StringFilter::builder()
        .value(value)
        .comparison(StringFilterComparison::Equals)
        .build()
}

fn any_of<'v>(values: impl IntoIterator<Item = &'v str>) -> Option<Vec<StringFilter>> {
    let list: Vec<StringFilter> = values.into_iter().map(equals).collect();
    (!list.is_empty()).then_some(list)
}

/// From a moment on. The end lies ahead, because a clock may be behind.
fn from(start: Timestamp, now: Timestamp) -> DateFilter {
    let end = now.checked_add(24.hours()).unwrap_or(now);
    DateFilter::builder()
        .start(format!("{start:.3}"))
        .end(format!("{end:.3}"))
        .build()
}

impl Workflow {
    fn asff(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Notified => "NOTIFIED",
            Self::Suppressed => "SUPPRESSED",
            Self::Resolved => "RESOLVED",
        }
    }

    fn ocsf(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Notified => "In Progress",
            Self::Suppressed => "Suppressed",
            Self::Resolved => "Resolved",
        }
    }
}

impl Compliance {
    fn asff(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::Passed => "PASSED",
            Self::Warning => "WARNING",
            Self::NotAvailable => "NOT_AVAILABLE",
        }
    }

    fn ocsf(self) -> &'static str {
        match self {
            Self::Failed => "Fail",
            Self::Passed => "Pass",
            Self::Warning => "Warning",
            Self::NotAvailable => "Unknown",
        }
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "INFORMATIONAL",
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// The queries of GetFindings, one after the other: what failed, and the findings of IAM Access Analyzer, which
/// neither fail nor pass. Archived findings are never asked for.
pub(super) fn cspm(filters: &Filters, now: Timestamp) -> Vec<AwsSecurityFindingFilters> {
    let since = filters.updated_since.map(|start| vec![from(start, now)]);
    let base = AwsSecurityFindingFilters::builder()
        .record_state(equals("ACTIVE"))
        .set_workflow_status(any_of(filters.workflows().iter().map(|w| w.asff())))
        .set_severity_label(any_of(filters.severity.iter().map(|s| label(*s))))
        .set_aws_account_id(any_of(filters.account.iter().map(String::as_str)))
        .set_region(any_of(filters.region.iter().map(String::as_str)))
        .set_updated_at(since);
    let failed = base
        .clone()
        .set_compliance_status(any_of(filters.compliances().iter().map(|c| c.asff())))
        .set_compliance_security_control_id(any_of(filters.control.iter().map(String::as_str)))
        .set_product_name(any_of(filters.product.iter().map(String::as_str)))
        .build();
    let mut queries = vec![failed];
    let analyzer_too = filters.product.is_empty() || filters.product.iter().any(|p| p == ANALYZER);
    if analyzer_too && filters.compliance.is_empty() && filters.control.is_empty() {
        queries.push(base.product_name(equals(ANALYZER)).build());
    }
    queries
}

/// Findings by id, whatever their state: it is for whoever asks by name to hear how they stand.
pub(super) fn cspm_by_id(ids: &[String]) -> AwsSecurityFindingFilters {
    AwsSecurityFindingFilters::builder()
        .set_id(any_of(ids.iter().map(String::as_str)))
        .build()
}

fn one_of<'v>(
    field: &OcsfStringField,
    values: impl IntoIterator<Item = &'v str>,
) -> Option<CompositeFilter> {
    let list: Vec<OcsfStringFilter> = values
        .into_iter()
        .map(|value| {
            OcsfStringFilter::builder()
                .field_name(field.clone())
                .filter(equals(value))
                .build()
        })
        .collect();
    (!list.is_empty()).then(|| {
        CompositeFilter::builder()
            .set_string_filters(Some(list))
            .operator(AllowedOperators::Or)
            .build()
    })
}

/// The query of GetFindingsV2: each attribute is one composite filter.
pub(super) fn v2(filters: &Filters, now: Timestamp) -> OcsfFindingFilters {
    let texts = [
        one_of(
            &OcsfStringField::Status,
            filters.workflows().iter().map(|w| w.ocsf()),
        ),
        one_of(
            &OcsfStringField::ComplianceStatus,
            filters.compliances().iter().map(|c| c.ocsf()),
        ),
        one_of(
            &OcsfStringField::Severity,
            filters.severity.iter().map(|s| word(*s)),
        ),
        one_of(
            &OcsfStringField::ComplianceControl,
            filters.control.iter().map(String::as_str),
        ),
        one_of(
            &OcsfStringField::CloudAccountUid,
            filters.account.iter().map(String::as_str),
        ),
        one_of(
            &OcsfStringField::CloudRegion,
            filters.region.iter().map(String::as_str),
        ),
        one_of(
            &OcsfStringField::MetadataProductName,
            filters.product.iter().map(String::as_str),
        ),
    ];
    let since = filters.updated_since.map(|start| {
        let filter = OcsfDateFilter::builder()
            .field_name(OcsfDateField::FindingInfoModifiedTimeDt)
            .filter(from(start, now))
            .build();
        CompositeFilter::builder().date_filters(filter).build()
    });
    OcsfFindingFilters::builder()
        .set_composite_filters(Some(texts.into_iter().chain([since]).flatten().collect()))
        .composite_operator(AllowedOperators::And)
        .build()
}

/// Findings by `finding_info.uid` or `metadata.uid`, whatever their state: events carry one or the other.
pub(super) fn v2_by_id(ids: &[String]) -> OcsfFindingFilters {
    let fields = [
        OcsfStringField::FindingInfoUid,
        OcsfStringField::MetadataUid,
    ];
    let composites = fields
        .iter()
        .filter_map(|field| one_of(field, ids.iter().map(String::as_str)))
        .collect();
    OcsfFindingFilters::builder()
        .set_composite_filters(Some(composites))
        .composite_operator(AllowedOperators::Or)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn values(list: &[StringFilter]) -> Vec<&str> {
        list.iter().filter_map(StringFilter::value).collect()
    }

    #[test]
    fn by_default_open_failures_and_the_analyzers_findings_are_asked_for() {
        let queries = cspm(&Filters::default(), now());
        assert_eq!(queries.len(), 2);
        assert_eq!(values(queries[0].workflow_status()), ["NEW", "NOTIFIED"]);
        assert_eq!(values(queries[0].compliance_status()), ["FAILED"]);
        assert_eq!(values(queries[0].record_state()), ["ACTIVE"]);
        assert!(queries[1].compliance_status().is_empty());
        assert_eq!(values(queries[1].product_name()), [ANALYZER]);
    }

    #[test]
    fn a_filter_on_controls_leaves_the_analyzer_out() {
        let filters = Filters {
            control: vec!["S3.8".to_owned()],
            updated_since: Some("2026-11-01T00:00:00Z".parse().unwrap()),
            ..Filters::default()
        };
        let queries = cspm(&filters, now());
        assert_eq!(queries.len(), 1);
        assert_eq!(
            values(queries[0].compliance_security_control_id()),
            ["S3.8"]
        );
        let dates = queries[0].updated_at();
        assert_eq!(dates[0].start(), Some("2026-11-01T00:00:00.000Z"));
        assert_eq!(dates[0].end(), Some("2026-11-23T12:00:00.000Z"));
    }

    #[test]
    fn an_id_of_the_newer_generation_may_be_either() {
        let filters = v2_by_id(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(filters.composite_operator(), Some(&AllowedOperators::Or));
        let composites = filters.composite_filters();
        assert_eq!(composites.len(), 2);
        assert_eq!(composites[0].string_filters().len(), 2);
    }
}
