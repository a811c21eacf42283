//! Which rule may ask for which live action, and about which resource. Reviewed like production code: a rule file
//! cannot name an action (invariant 6).

use crate::finding::{Arn, Finding, State};
use crate::policy::{LiveChange, Ruling};
use crate::remedy::{Asked, Parameters, approved};
use crate::rules::{Remedy, Rule, RuleControl};

use super::ingress::{Wish, is_group_id};
use super::public_access::is_name;
use super::{Place, Refused, RefusedKind};

/// The kind of live action that a rule may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`super::LiveAction::BlockPublicAccess`].
    BlockPublicAccess,
    /// [`super::LiveAction::CloseIngress`].
    CloseIngress,
}

/// The live action of a rule, if it has one.
#[must_use]
pub fn kind(rule: &str) -> Option<Kind> {
    match rule {
        "s3-public-access" => Some(Kind::BlockPublicAccess),
        "sg-open-ingress" => Some(Kind::CloseIngress),
        _ => None,
    }
}

/// What is asked for: nothing of the live cloud has been read yet.
#[derive(Debug, Clone)]
pub struct Target {
    /// The finding's key.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// What is to be done.
    pub kind: Kind,
    /// Bucket or group.
    pub resource: String,
    /// Where.
    pub place: Place,
}

/// What a person allowed beyond the narrow default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowances {
    /// `--include-wider`.
    pub include_wider: bool,
    /// `--allow-no-admin-path`.
    pub allow_no_admin_path: bool,
}

/// Whether the finding may be answered in the live cloud, and where.
///
/// # Errors
/// A refusal, with the line of the configuration that decided where one did.
pub fn target(
    finding: &Finding,
    rule: Option<&Rule>,
    ruling: impl FnOnce(&Rule) -> Ruling<LiveChange>,
    role: Option<&str>,
) -> Result<(Target, Ruling<LiveChange>), Refused> {
    let Some((rule, kind)) = rule.and_then(|rule| Some((rule, kind(&rule.id)?))) else {
        let message = match rule {
            Some(rule) => format!("rule `{}` has no live action", rule.id),
            None => "no rule answers its controls".to_owned(),
        };
        return Err(Refused::new(
            RefusedKind::NoLiveAction,
            message,
            "use a pull request (`tfmend pr`), or change it by hand",
        ));
    };
    let closed = match &finding.state {
        State::Failed => None,
        State::Passed => Some("the scanner says that it passed".to_owned()),
        State::Suppressed(how) | State::Resolved(how) => Some(how.clone()),
    };
    if let Some(how) = closed {
        return Err(Refused::new(
            RefusedKind::NotOpen,
            format!("the finding is not open: {how}"),
            "nothing to do",
        ));
    }
    let ruling = ruling(rule);
    if let Some(refused) = Refused::by_policy(&ruling) {
        return Err(refused);
    }
    let incomplete = |what: String| {
        Refused::new(
            RefusedKind::RecordIncomplete,
            what,
            "take the finding from its source again, or act by hand",
        )
    };
    let account = &finding.account;
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(incomplete(format!("`{account}` is no AWS account")));
    }
    if matches!(finding.region.as_str(), "" | "global" | "aws-global") {
        return Err(incomplete(
            "the record does not say in which region the resource is".to_owned(),
        ));
    }
    let resource = resource(finding, kind).ok_or_else(|| {
        let what = match kind {
            Kind::BlockPublicAccess => "bucket",
            Kind::CloseIngress => "security group",
        };
        incomplete(format!("`{}` names no {what}", finding.resource.id))
    })?;
    if let Some(arn) = Arn::parse(&finding.resource.id) {
        if let Some(other) = arn.account_id().filter(|id| id != account) {
            return Err(Refused::new(
                RefusedKind::OtherAccount,
                format!(
                    "the finding is about account {account}, and its resource is of account {other}"
                ),
                "check the finding; a live change is made only where both agree",
            ));
        }
        if !arn.region.is_empty() && arn.region != finding.region {
            return Err(Refused::new(
                RefusedKind::OtherRegion,
                format!(
                    "the finding is about {}, and its resource is in {}",
                    finding.region, arn.region
                ),
                "check the finding; a live change is made only where both agree",
            ));
        }
    }
    let target = Target {
        finding: finding.key.to_string(),
        rule: rule.id.clone(),
        kind,
        resource,
        place: Place {
            account: account.clone(),
            region: finding.region.clone(),
            role: role.map(str::to_owned),
        },
    };
    Ok((target, ruling))
}

/// The bucket's name or the group's id.
fn resource(finding: &Finding, kind: Kind) -> Option<String> {
    let ids = std::iter::once(&finding.resource.id).chain(&finding.resource.aliases);
    let mut names = ids.map(|id| match Arn::parse(id) {
        Some(arn) => match kind {
            // `bucket/key` is an object.
            Kind::BlockPublicAccess if arn.service == "s3" => arn.resource,
            Kind::CloseIngress if arn.service == "ec2" => arn.leaf(),
            _ => "",
        },
        None => id.as_str(),
    });
    match kind {
        Kind::BlockPublicAccess => names.find(|name| is_name(name)),
        Kind::CloseIngress => names.find(|name| is_group_id(name)),
    }
    .map(str::to_owned)
}

/// What the finding asks about a security group, with the configuration's approved blocks.
///
/// # Errors
/// A refusal, when the rule's file or a parameter does not say it.
pub fn wish(
    rule: &Rule,
    control: &RuleControl,
    parameters: &Parameters,
    allowances: Allowances,
) -> Result<Wish, Refused> {
    let remedy = rule.remedy_for("aws_security_group").map(|r| &r.remedy);
    let Some(Remedy::Ingress(wanted)) = remedy else {
        return Err(Refused::new(
            RefusedKind::NoLiveAction,
            format!("rule `{}` says no ports", rule.id),
            "use a pull request (`tfmend pr`), or change it by hand",
        ));
    };
    let approved = approved(parameters)
        .map_err(|why| Refused::new(RefusedKind::ParameterWrong, why.message, why.next))?;
    Ok(Wish {
        asked: Asked::of(wanted, &control.with),
        approved,
        include_wider: allowances.include_wider,
        allow_no_admin_path: allowances.allow_no_admin_path,
    })
}
