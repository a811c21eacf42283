//! OCSF findings: the new Security Hub's (class 2003 compliance, and 2002, 2004, 2006, 2007) and Prowler's dialect
//! (class 2004 with the check in `metadata.event_code`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::arn::Arn;
use super::asff::{add_alias, product};
use super::asff_control::from_generator;
use super::evidence;
use super::ocsf_resource::{OcsfResource, choose, tags};
use super::text::{Text, first, shortened};
use super::{
    COMMENT_START, CloudResource, Control, ControlCatalogue, Finding, FindingKey, RecordPlace,
    Severity, Source, State, Threat, Tracking,
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Ocsf<'a> {
    class_uid: Option<f64>,
    #[serde(borrow)]
    activity_name: Text<'a>,
    activity_id: Option<f64>,
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Text<'a>,
    status_id: Option<f64>,
    #[serde(borrow)]
    status_code: Text<'a>,
    #[serde(borrow)]
    status_detail: Text<'a>,
    #[serde(borrow)]
    severity: Text<'a>,
    severity_id: Option<f64>,
    #[serde(borrow)]
    time_dt: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    finding_info: Option<Info<'a>>,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
    #[serde(borrow)]
    compliance: Option<Compliance<'a>>,
    #[serde(borrow)]
    cloud: Option<Cloud<'a>>,
    #[serde(borrow)]
    remediation: Option<Remediation<'a>>,
    #[serde(borrow)]
    resources: Option<Vec<OcsfResource<'a>>>,
    #[serde(borrow)]
    resource: Option<OcsfResource<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info<'a> {
    #[serde(borrow)]
    uid: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    desc: Text<'a>,
    #[serde(borrow)]
    src_url: Text<'a>,
    #[serde(borrow)]
    first_seen_time_dt: Text<'a>,
    #[serde(borrow)]
    first_seen_time: Text<'a>,
    #[serde(borrow)]
    created_time_dt: Text<'a>,
    #[serde(borrow)]
    created_time: Text<'a>,
    #[serde(borrow)]
    modified_time_dt: Text<'a>,
    #[serde(borrow)]
    modified_time: Text<'a>,
    #[serde(borrow)]
    types: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    analytic: Option<Analytic<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Analytic<'a> {
    #[serde(borrow)]
    uid: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    event_code: Text<'a>,
    #[serde(borrow)]
    uid: Text<'a>,
    #[serde(borrow)]
    product: Option<Product<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Product<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    uid: Text<'a>,
    #[serde(borrow)]
    feature: Option<Analytic<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Compliance<'a> {
    #[serde(borrow)]
    control: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    status_id: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cloud<'a> {
    #[serde(borrow)]
    account: Option<Account<'a>>,
    #[serde(borrow)]
    region: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Account<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Remediation<'a> {
    #[serde(borrow)]
    references: Option<&'a RawValue>,
}

/// Reads one record. The error is what is missing, and what was expected.
pub(super) fn read(
    record: &Ocsf<'_>,
    place: RecordPlace,
    now: jiff::Timestamp,
) -> Result<Finding, (String, String)> {
    let expected = || {
        "an OCSF finding (class 2002 to 2007) with finding_info.uid, metadata and resources[].uid"
            .to_owned()
    };
    let class = record.class_uid.unwrap_or_default();
    if class != 0.0 && !(2001.0..=2999.0).contains(&class) {
        let problem = format!("OCSF record of class {class}: not a finding");
        return Err((problem, expected()));
    }
    let Some(info) = record.finding_info.as_ref() else {
        return Err(("OCSF record without `finding_info`".to_owned(), expected()));
    };
    let metadata = record.metadata.as_ref();
    let Some(uid) = first([info.uid.some(), metadata.and_then(|m| m.uid.some())]) else {
        return Err((
            "OCSF record without `finding_info.uid`".to_owned(),
            expected(),
        ));
    };
    let vendor = metadata.and_then(|m| m.product.as_ref());
    let prowler = vendor.is_some_and(|p| {
        p.name.as_str().eq_ignore_ascii_case("prowler")
            || p.uid.as_str().eq_ignore_ascii_case("prowler")
    }) || uid.starts_with("prowler-");
    let controls = controls(record, prowler, uid);
    let one = record.resource.as_slice();
    let resources = record
        .resources
        .as_deref()
        .filter(|r| !r.is_empty())
        .unwrap_or(one);
    let Some(about) = choose(resources, &controls) else {
        let problem = "OCSF record without a resource: `resources` is empty".to_owned();
        return Err((problem, expected()));
    };
    let Some(id) = about.best_id() else {
        let problem = "OCSF record whose resource has no `uid` and no `name`".to_owned();
        return Err((problem, expected()));
    };
    let arn = Arn::parse(id);
    let cloud = record.cloud.as_ref();
    let cloud_account = cloud.and_then(|c| c.account.as_ref()?.uid.some());
    let account = first([
        arn.and_then(|a| a.account_id()),
        about.owner_account(),
        cloud_account,
    ])
    .unwrap_or_default();
    let region = first([
        arn.map(|a| a.region),
        about.region.some(),
        cloud.and_then(|c| c.region.some()),
    ])
    .unwrap_or_default();
    let state = state(record, prowler);
    let open = state == State::Failed;
    let mut facts = BTreeMap::new();
    let mut aliases = Vec::new();
    if open {
        let sentence = first([record.status_detail.some(), record.message.some()]);
        evidence::from_text(sentence.unwrap_or_default(), &controls, &mut facts);
        evidence::from_resource_id(about.kind.as_str(), id, &mut facts);
        about.observe(now, &mut facts, &mut aliases);
    }
    let leaf = arn.map_or("", |a| a.leaf());
    for alias in [
        about.uid.as_str(),
        about.uid_alt.as_str(),
        leaf,
        about.name.as_str(),
    ] {
        add_alias(&mut aliases, alias, id);
    }
    let title = first([info.title.some(), record.message.some(), Some(uid)]).unwrap_or_default();
    let description = first([
        record.status_detail.some(),
        record.message.some(),
        info.desc.some(),
    ]);
    let key_account = first([cloud_account, Some(account)]).unwrap_or_default();
    Ok(Finding {
        key: FindingKey {
            source: if prowler {
                Source::ProwlerOcsf
            } else {
                Source::SecurityHubOcsf
            },
            product: vendor.map_or_else(String::new, |p| product(p.uid.as_str(), p.name.as_str())),
            account: key_account.to_owned(),
            id: uid.to_owned(),
        },
        threat: threat(info, &controls),
        controls,
        resource: CloudResource {
            id: id.to_owned(),
            kind: about.kind.as_str().to_owned(),
            aliases,
            tags: if open { tags(about) } else { BTreeMap::new() },
        },
        account: account.to_owned(),
        region: region.to_owned(),
        severity: severity(record),
        title: shortened(title, 300),
        description: match description {
            Some(text) if open && text != title => shortened(text, 1024),
            _ => String::new(),
        },
        url: first([info.src_url.some()])
            .map(str::to_owned)
            .or_else(|| reference(record)),
        first_seen: time(&[
            &info.first_seen_time_dt,
            &info.first_seen_time,
            &info.created_time_dt,
            &info.created_time,
            &record.time_dt,
        ]),
        updated_at: time(&[
            &info.modified_time_dt,
            &info.modified_time,
            &record.time_dt,
            &record.time,
            &info.created_time_dt,
            &info.created_time,
        ]),
        state,
        facts,
        tracking: tracking(record, vendor)
            .filter(|_| open && !prowler)
            .and_then(Tracking::within_limits)
            .map(Box::new),
        record: place,
    })
}

fn tracking(record: &Ocsf<'_>, vendor: Option<&Product<'_>>) -> Option<Tracking> {
    let product = vendor?.uid.some()?;
    let comment: Result<Text<'_>, _> = record.comment.map_or_else(
        || Ok(Text::default()),
        |raw| serde_json::from_str(raw.get()),
    );
    let odd = comment.is_err();
    let comment = comment.unwrap_or_default();
    let comment = comment.as_str();
    let ours = comment.starts_with(COMMENT_START);
    Some(Tracking {
        product: product.to_owned(),
        workflow: record.status.as_str().to_owned(),
        fields: BTreeMap::new(),
        foreign_note: odd || (!comment.is_empty() && !ours),
        comment: if ours { comment } else { "" }.to_owned(),
    })
}

fn controls(record: &Ocsf<'_>, prowler: bool, uid: &str) -> Vec<Control> {
    let mut found = Vec::new();
    let mut add = |catalogue, code: &str| {
        let control = Control {
            catalogue,
            code: code.to_owned(),
        };
        if !code.is_empty() && !found.contains(&control) {
            found.push(control);
        }
    };
    let metadata = record.metadata.as_ref();
    let event_code = metadata.map_or("", |m| m.event_code.as_str());
    if prowler {
        add(ControlCatalogue::Prowler, event_code);
        if event_code.is_empty() {
            // `prowler-aws-<check>-<account>-<region>-<name>`: a check's name holds no hyphen.
            let mut parts = uid.split('-').skip(2);
            if let Some(check) = parts.next().filter(|check| check.contains('_')) {
                add(ControlCatalogue::Prowler, check);
            }
        }
        return found;
    }
    let compliance = record
        .compliance
        .as_ref()
        .map_or("", |c| c.control.as_str());
    let feature = metadata.and_then(|m| m.product.as_ref()?.feature.as_ref());
    let analytic = record
        .finding_info
        .as_ref()
        .and_then(|i| i.analytic.as_ref());
    let consolidated = format!("security-control/{compliance}");
    let from_uid = uid.split_once("/finding/").map_or("", |(before, _)| before);
    for place in [
        compliance,
        consolidated.as_str(),
        feature.map_or("", |f| f.uid.as_str()),
        analytic.map_or("", |a| a.uid.as_str()),
        event_code,
        from_uid,
    ] {
        if let Some(code) = from_generator(place) {
            add(ControlCatalogue::SecurityHub, code);
        }
    }
    found
}

fn state(record: &Ocsf<'_>, prowler: bool) -> State {
    let is = |text: &str, words: &[&str]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    let number = |value: Option<f64>, wanted: f64| value == Some(wanted);
    let whose = if prowler { "Prowler" } else { "Security Hub" };
    if is(record.activity_name.as_str(), &["close"]) || number(record.activity_id, 3.0) {
        return State::Resolved(format!("closed in {whose}"));
    }
    let status = record.status.as_str();
    // The id counts where the word is missing: `status_id` 99 goes with any word.
    if is(status, &["archived", "deleted"]) || (status.is_empty() && number(record.status_id, 5.0))
    {
        return State::Resolved(format!("archived in {whose}"));
    }
    if is(status, &["suppressed"]) || number(record.status_id, 3.0) {
        let how = if prowler { "muted" } else { "suppressed" };
        return State::Suppressed(format!("{how} in {whose}"));
    }
    let compliance = record.compliance.as_ref();
    let passed = ["pass", "passed", "not_available", "manual"];
    let failed = ["fail", "failed"];
    let word = compliance.map_or("", |c| c.status.as_str());
    let code = record.status_code.as_str();
    if is(word, &passed)
        || (word.is_empty() && compliance.is_some_and(|c| number(c.status_id, 1.0)))
        || (is(code, &passed) && !is(word, &failed))
    {
        return State::Passed;
    }
    if is(status, &["resolved"]) || number(record.status_id, 4.0) {
        return State::Resolved(format!("resolved in {whose}"));
    }
    State::Failed
}

fn severity(record: &Ocsf<'_>) -> Severity {
    Severity::from_word(record.severity.as_str()).unwrap_or(match record.severity_id {
        Some(1.0) => Severity::Informational,
        Some(2.0) => Severity::Low,
        Some(4.0) => Severity::High,
        Some(5.0 | 6.0) => Severity::Critical,
        _ => Severity::Medium,
    })
}

fn threat(info: &Info<'_>, controls: &[Control]) -> Option<Threat> {
    if !controls.is_empty() {
        return None;
    }
    let threat = |text: &&Text<'_>| {
        let text = text.as_str();
        ["TTPs", "Effects", "Unusual Behaviors"]
            .iter()
            .any(|start| text.starts_with(start))
            || text.split_once(':').is_some_and(|(purpose, what)| {
                !purpose.is_empty() && !purpose.contains(' ') && what.contains('/')
            })
    };
    let types = info.types.as_deref().unwrap_or_default();
    types
        .iter()
        .find(threat)
        .map(|t| Threat(t.as_str().to_owned()))
}

fn reference(record: &Ocsf<'_>) -> Option<String> {
    let raw = record.remediation.as_ref()?.references?;
    let references: Vec<String> = serde_json::from_str(raw.get()).ok()?;
    references.into_iter().find(|r| r.starts_with("https://"))
}

/// The first time that can be read, as RFC 3339: a date as recorded (without an offset it is UTC), or an epoch.
fn time(places: &[&Text<'_>]) -> Option<String> {
    places.iter().find_map(|place| {
        let text = place.some()?;
        let time = super::stream::timestamp(text)?;
        let has_offset = text.ends_with('Z') || text.get(19..)?.contains(['+', '-']);
        Some(if has_offset {
            text.to_owned()
        } else {
            time.to_string()
        })
    })
}
