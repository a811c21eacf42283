//! Which findings are asked for: `--filter KEY=VALUE`, in words that both generations understand.
//!
//! An unknown key, a value that cannot be one, or more values than Security Hub takes is an error: a filter that is
//! not understood must not be a filter that is skipped (invariant 9).

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use crate::finding::Severity;

/// Most values that Security Hub takes for one attribute.
pub(super) const VALUES: usize = 20;

/// The keys, with what they take.
pub const KEYS: [(&str, &str); 8] = [
    ("severity", "critical, high, medium, low, informational"),
    ("control", "control ids such as S3.8"),
    ("account", "account ids"),
    (
        "region",
        "regions of findings, not the region that is asked",
    ),
    ("updated-since", "30m, 24h, 7d, 2w, a date or a time"),
    ("workflow", "new, notified, suppressed, resolved"),
    ("compliance", "failed, passed, warning, not_available"),
    ("product", "product names such as Prowler"),
];

/// What findings must be. An empty list is no condition, except where a default is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Severity labels.
    pub severity: Vec<Severity>,
    /// Security Hub's control ids.
    pub control: Vec<String>,
    /// Accounts that the findings are about.
    pub account: Vec<String>,
    /// The findings' own regions.
    pub region: Vec<String>,
    /// Not older than this.
    pub updated_since: Option<Timestamp>,
    /// Default: new and notified.
    pub workflow: Vec<Workflow>,
    /// Default: failed.
    pub compliance: Vec<Compliance>,
    /// Names of products.
    pub product: Vec<String>,
}

/// Where the work on a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow {
    /// Nobody has looked at it.
    New,
    /// Somebody knows.
    Notified,
    /// Accepted.
    Suppressed,
    /// Done.
    Resolved,
}

/// What the check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compliance {
    /// Unsafe.
    Failed,
    /// Safe.
    Passed,
    /// Could not be told.
    Warning,
    /// Not checked.
    NotAvailable,
}

/// A `--filter` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No `=`.
    #[error("--filter {0}: expected KEY=VALUE, for example severity=high,critical")]
    Shape(String),
    /// A key that does not exist.
    #[error("--filter {key}=…: no such key; known are {}", known())]
    Key {
        /// As given.
        key: String,
    },
    /// A value that does not fit its key.
    #[error("--filter {key}={value}: `{key}` takes {}", takes(key))]
    Value {
        /// The key.
        key: String,
        /// As given.
        value: String,
    },
    /// More values than the service takes.
    #[error(
        "--filter {0}: Security Hub takes at most {VALUES} values; run once for each part of the list"
    )]
    TooMany(String),
    /// Two times.
    #[error("--filter updated-since is given twice; give the earlier time")]
    Twice,
}

fn known() -> String {
    KEYS.map(|(key, _)| key).join(", ")
}

fn takes(key: &str) -> &'static str {
    KEYS.iter()
        .find(|(k, _)| *k == key)
        .map_or("", |(_, takes)| takes)
}

impl Filters {
    /// Reads `KEY=VALUE[,VALUE…]` texts; the same key again adds values.
    ///
    /// # Errors
    /// Names the text, what is wrong with it and what is known.
    pub fn parse(given: &[String], now: Timestamp) -> Result<Self, FilterError> {
        let mut filters = Self::default();
        for text in given {
            let (key, values) = text
                .split_once('=')
                .ok_or_else(|| FilterError::Shape(text.clone()))?;
            let key = key.trim();
            if !KEYS.iter().any(|(known, _)| *known == key) {
                return Err(FilterError::Key {
                    key: key.to_owned(),
                });
            }
            for value in values.split(',').map(str::trim) {
                filters.add(key, value, now).ok_or(FilterError::Value {
                    key: key.to_owned(),
                    value: value.to_owned(),
                })??;
            }
        }
        filters.count()?;
        Ok(filters)
    }

    /// `None` when the value does not fit the key.
    fn add(&mut self, key: &str, value: &str, now: Timestamp) -> Option<Result<(), FilterError>> {
        let word = value.to_ascii_lowercase().replace('-', "_");
        match key {
            "severity" => self.severity.push(Severity::from_word(&word)?),
            "control" => self.control.push(control(value)?),
            "account" => self.account.push(
                (value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()))
                    .then(|| value.to_owned())?,
            ),
            "region" => self.region.push(
                (!value.is_empty()
                    && value
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-'))
                .then(|| value.to_ascii_lowercase())?,
            ),
            "updated-since" => {
                if self.updated_since.is_some() {
                    return Some(Err(FilterError::Twice));
                }
                self.updated_since = Some(since(value, now)?);
            }
            "workflow" => self.workflow.push(match word.as_str() {
                "new" => Workflow::New,
                "notified" | "in_progress" => Workflow::Notified,
                "suppressed" => Workflow::Suppressed,
                "resolved" => Workflow::Resolved,
                _ => return None,
            }),
            "compliance" => self.compliance.push(match word.as_str() {
                "failed" | "fail" => Compliance::Failed,
                "passed" | "pass" => Compliance::Passed,
                "warning" => Compliance::Warning,
                "not_available" => Compliance::NotAvailable,
                _ => return None,
            }),
            "product" => self
                .product
                .push((!value.is_empty()).then(|| value.to_owned())?),
            _ => return None,
        }
        Some(Ok(()))
    }

    fn count(&self) -> Result<(), FilterError> {
        let lists = [
            ("control", self.control.len()),
            ("account", self.account.len()),
            ("region", self.region.len()),
            ("product", self.product.len()),
        ];
        match lists.into_iter().find(|(_, n)| *n > VALUES) {
            Some((key, _)) => Err(FilterError::TooMany(key.to_owned())),
            None => Ok(()),
        }
    }

    /// The workflow statuses to ask for.
    pub(super) fn workflows(&self) -> &[Workflow] {
        if self.workflow.is_empty() {
            &[Workflow::New, Workflow::Notified]
        } else {
            &self.workflow
        }
    }

    /// The results to ask for.
    pub(super) fn compliances(&self) -> &[Compliance] {
        if self.compliance.is_empty() {
            &[Compliance::Failed]
        } else {
            &self.compliance
        }
    }
}

/// `S3.8`; the service's part keeps its spelling, since Security Hub compares exactly.
fn control(text: &str) -> Option<String> {
    let (service, number) = text.rsplit_once('.')?;
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain(service.replace('.', "").as_str())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.is_empty())
    .then(|| text.to_owned())
}

/// A length of time before now, a date (from its beginning, UTC) or a moment.
fn since(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return date
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|midnight| midnight.timestamp());
    }
    let unit = text.chars().last()?;
    let number: i64 = text.get(..text.len() - unit.len_utf8())?.parse().ok()?;
    if number <= 0 {
        return None;
    }
    let hours = match unit {
        'm' => {
            return now
                .checked_sub(number.checked_mul(60).filter(|s| *s < 1 << 32)?.seconds())
                .ok();
        }
        'h' => number,
        'd' => number.checked_mul(24)?,
        'w' => number.checked_mul(24 * 7)?,
        _ => return None,
    };
    // The range of a span is checked: a century is more than Security Hub keeps.
    now.checked_sub((hours < 24 * 366 * 100).then(|| hours.hours())?)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn parsed(given: &[&str]) -> Result<Filters, FilterError> {
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        Filters::parse(&given, now())
    }

    #[test]
    fn keys_take_lists_and_may_come_again() {
        let filters = parsed(&[
            "severity=HIGH,critical",
            "control=S3.8",
            "control=EC2.19",
            "account=111122223333",
            "workflow=in-progress",
            "compliance=fail",
        ])
        .unwrap();
        assert_eq!(filters.severity, [Severity::High, Severity::Critical]);
        assert_eq!(filters.control, ["S3.8", "EC2.19"]);
        assert_eq!(filters.workflow, [Workflow::Notified]);
        assert_eq!(filters.compliances(), [Compliance::Failed]);
    }

    #[test]
    fn what_is_not_understood_is_an_error_that_lists_what_is() {
        let error = parsed(&["sevrity=high"]).unwrap_err().to_string();
        assert!(error.contains("severity, control, account"), "{error}");
        for wrong in [
            "severity=urgent",
            "severity=",
            "control=",
            "control=*",
            "control=S3.8x",
            "account=12",
            "region=eu/west",
            "updated-since=yesterday",
            "updated-since=-3d",
            "updated-since=99999999999999w",
            "updated-since=9223372036854775807m",
            "updated-since=dé",
            "workflow=open",
            "compliance=bad",
            "product=",
        ] {
            let error = parsed(&[wrong]).unwrap_err();
            assert!(
                matches!(error, FilterError::Value { .. }),
                "{wrong}: {error}"
            );
        }
        assert!(matches!(parsed(&["severity"]), Err(FilterError::Shape(_))));
        let many = format!("control={}", vec!["S3.8"; 21].join(","));
        assert!(matches!(parsed(&[&many]), Err(FilterError::TooMany(_))));
        let twice = parsed(&["updated-since=1d", "updated-since=2d"]);
        assert_eq!(twice, Err(FilterError::Twice));
    }

    #[test]
    fn times_count_back_from_now() {
        let at = |text: &str| {
            let filters = parsed(&[&format!("updated-since={text}")]).unwrap();
            filters.updated_since.unwrap().to_string()
        };
        assert_eq!(at("30m"), "2026-11-22T11:30:00Z");
        assert_eq!(at("24h"), "2026-11-21T12:00:00Z");
        assert_eq!(at("7d"), "2026-11-15T12:00:00Z");
        assert_eq!(at("2w"), "2026-11-08T12:00:00Z");
        assert_eq!(at("2026-11-01"), "2026-11-01T00:00:00Z");
        assert_eq!(at("2026-11-01T10:00:00+02:00"), "2026-11-01T08:00:00Z");
    }
}
