//! Which line of the configuration speaks about a finding.

use globset::{GlobSet, GlobSetBuilder};
use jiff::Timestamp;

use crate::config::{self, Config, ConfigError, Help, PolicyDecision};
use crate::finding::Finding;
use crate::locate::Confidence;
use crate::rules::Profile;

use super::{
    CompiledIgnore, CompiledRule, DEFAULT_MAX_ALSO_CHANGES, DecidedBy, Overrides, Policy, today,
};

/// What the policy rules say.
pub(super) enum Decided<'p> {
    /// No rule matches.
    Nothing,
    /// This one matches. Not `certain`: a restricting rule that could not be ruled out.
    Rule {
        rule: &'p CompiledRule,
        certain: bool,
    },
    /// A rule with a path comes first: it can be judged only when the code is known.
    NeedsPath(&'p CompiledRule),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Unknown,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Policy {
    /// The first policy rule that matches; `path` is the file of the change, when known.
    pub(super) fn decide(&self, finding: &Finding, rule: &str, path: Option<&str>) -> Decided<'_> {
        for candidate in &self.rules {
            let mut unknown = false;
            let conditions = self.conditions(candidate, finding, rule);
            if conditions.contains(&Holds::No) {
                continue;
            }
            unknown |= conditions.contains(&Holds::Unknown);
            match (&candidate.path, path) {
                (Some(globs), Some(path)) if !globs.is_match(path) => continue,
                (Some(_), None) => return Decided::NeedsPath(candidate),
                _ => {}
            }
            if unknown && candidate.decision == PolicyDecision::Propose {
                continue;
            }
            return Decided::Rule {
                rule: candidate,
                certain: !unknown,
            };
        }
        Decided::Nothing
    }

    fn conditions(&self, candidate: &CompiledRule, finding: &Finding, rule: &str) -> [Holds; 6] {
        let globs = |set: &Option<GlobSet>, text: &str| match set {
            None => Holds::Yes,
            Some(_) if text.is_empty() => Holds::Unknown,
            Some(set) => set.is_match(text).into(),
        };
        let class = match self.class(&finding.account) {
            _ if candidate.class.is_empty() => Holds::Yes,
            None => Holds::Unknown,
            Some(class) => candidate.class.contains(&class).into(),
        };
        let account = match finding.account.as_str() {
            _ if candidate.account.is_empty() => Holds::Yes,
            "" => Holds::Unknown,
            account => candidate.account.iter().any(|a| a == account).into(),
        };
        let tags = if candidate.tags.is_empty() {
            Holds::Yes
        } else if finding.resource.tags.is_empty() {
            // Many records leave tags out: none recorded is not none set.
            Holds::Unknown
        } else {
            let tag = |(name, set): &(String, GlobSet)| {
                finding
                    .resource
                    .tags
                    .get(name)
                    .is_some_and(|value| set.is_match(value))
            };
            candidate.tags.iter().all(tag).into()
        };
        let severity =
            candidate.severity.is_empty() || candidate.severity.contains(&finding.severity);
        [
            globs(&candidate.rule, rule),
            severity.into(),
            account,
            class,
            globs(&candidate.region, &finding.region),
            tags,
        ]
    }

    /// The ignore that covers the finding today; those with a path only when `paths` are known.
    pub(super) fn ignored(
        &self,
        finding: &Finding,
        rule: &str,
        paths: &[&str],
        now: Timestamp,
    ) -> Option<&CompiledIgnore> {
        let today = today(now);
        self.ignores
            .iter()
            .filter(|ignore| today <= ignore.until)
            .find(|ignore| {
                let holds = |set: &Option<GlobSet>, texts: &[&str]| {
                    set.as_ref()
                        .is_none_or(|set| texts.iter().any(|text| set.is_match(text)))
                };
                let key = finding.key.to_string();
                let mut names = vec![finding.resource.id.as_str()];
                names.extend(finding.resource.aliases.iter().map(String::as_str));
                holds(&ignore.finding, &[&key, &finding.key.id])
                    && holds(&ignore.rule, &[rule])
                    && holds(&ignore.resource, &names)
                    && holds(&ignore.path, paths)
            })
    }
}

/// Compiles a configuration.
pub(super) fn compile(
    config: &Config,
    profile: Profile,
    overrides: Overrides,
) -> Result<Policy, ConfigError> {
    let by = |offset: usize| {
        let (line, text) = config.source.line(offset);
        DecidedBy::Line {
            file: config.source.file.clone(),
            line,
            text: text.to_owned(),
        }
    };
    let flag = |name: &str| DecidedBy::Named(name.to_owned());
    let profile = match (overrides.profile, &config.profile) {
        (Some(profile), _) => (profile, flag("--profile")),
        (None, Some(set)) => (*set.get_ref(), by(set.span().start)),
        (None, None) => (profile, DecidedBy::default_setting()),
    };
    let min_confidence = match (overrides.min_confidence, &config.min_confidence) {
        (Some(confidence), _) => (confidence, flag("--min-confidence")),
        (None, Some(set)) => (*set.get_ref(), by(set.span().start)),
        (None, None) => (Confidence::Exact, DecidedBy::default_setting()),
    };
    let max_also_changes = match &config.limits.max_also_changes {
        Some(set) => (*set.get_ref(), by(set.span().start)),
        None => (DEFAULT_MAX_ALSO_CHANGES, DecidedBy::default_setting()),
    };
    let mut rules = Vec::with_capacity(config.policy.len());
    for spanned in &config.policy {
        let (start, rule) = (spanned.span().start, spanned.get_ref());
        let set = |patterns: &[String], path: bool| set(config, start, patterns, path);
        let mut tags = Vec::with_capacity(rule.tags.len());
        for (name, pattern) in &rule.tags {
            if let Some(globs) = set(std::slice::from_ref(pattern), false)? {
                tags.push((name.clone(), globs));
            }
        }
        rules.push(CompiledRule {
            rule: set(&rule.rule, false)?,
            severity: rule.severity.clone(),
            account: rule.account.clone(),
            class: rule.class.clone(),
            region: set(&rule.region, false)?,
            tags,
            path: set(&rule.path, true)?,
            decision: rule.decision,
            emergency: rule.emergency,
            auto_merge: rule.auto_merge,
            reason: rule.reason.clone(),
            by: by(start),
        });
    }
    let mut ignores = Vec::with_capacity(config.ignore.len());
    for spanned in &config.ignore {
        let (start, ignore) = (spanned.span().start, spanned.get_ref());
        let set = |patterns: &[String], path: bool| set(config, start, patterns, path);
        ignores.push(CompiledIgnore {
            finding: set(&ignore.finding, false)?,
            rule: set(&ignore.rule, false)?,
            resource: set(&ignore.resource, false)?,
            path: set(&ignore.path, true)?,
            reason: ignore.reason.clone(),
            until: ignore.until,
            by: by(start),
        });
    }
    Ok(Policy {
        profile,
        min_confidence,
        max_also_changes,
        limits: config.limits.clone(),
        accounts: config
            .accounts
            .iter()
            .map(|(id, account)| (id.get_ref().clone(), account.class, by(id.span().start)))
            .collect(),
        rules,
        ignores,
        paused: config
            .stages
            .paused
            .iter()
            .map(|s| (*s.get_ref(), by(s.span().start)))
            .collect(),
    })
}

/// `None` for an empty list: no condition.
fn set(
    config: &Config,
    offset: usize,
    patterns: &[String],
    path: bool,
) -> Result<Option<GlobSet>, ConfigError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let failed = |error: globset::Error| {
        let (line, text) = config.source.line(offset);
        ConfigError::Invalid {
            file: config.source.file.clone(),
            line,
            column: 1,
            problem: error.to_string(),
            text: text.to_owned(),
            help: Help(Some("globs know *, **, ?, [a-z] and {a,b}".to_owned())),
        }
    };
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let compiled = if path {
            config::path_glob(pattern)
        } else {
            config::glob(pattern)
        };
        builder.add(compiled.map_err(failed)?);
    }
    builder.build().map(Some).map_err(failed)
}
