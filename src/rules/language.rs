//! The rule file format: one rule, one HCL file.
//!
//! Attributes are read by serde, blocks by name; an unknown attribute or block is an error that names the file, the
//! line and what is known there. `docs/rules/README.md` (made by [`super::page`]) and [`super::schema`] describe
//! the same structures, so that they cannot drift apart from this reader.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::generation::{ByGeneration, Generations};
use super::kinds::{
    Absence, Accept, Companion, Condition, DropElements, EvidenceNeeded, Grant, Ingress, Inline,
    On, PolicyStatement, Remedy, RemedyFor, Requirement, Setting, Settings, Test,
};
use super::section::Section;
use super::written::{
    AbsenceFile, ComplianceFile, ConditionFile, ControlEntry, EvidenceFile, Header, InlineFile,
    OnFile, RemedyFile, RollbackFile, SettingFile,
};
use super::{Compliance, RollbackTruth, Rule, RuleControl};
use crate::finding::{Control, ControlCatalogue};
use crate::refusal::RefusalKind;
use crate::terraform::registry::Version;

/// Why a rule file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not HCL.
    #[error("{file}:{line}: not valid HCL: {message}")]
    Syntax {
        /// The rule file.
        file: String,
        /// 1-based.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A field is missing, unknown or of the wrong type.
    #[error("{file}:{line}: in {section}: {message}")]
    Field {
        /// The rule file.
        file: String,
        /// 1-based.
        line: usize,
        /// The block that holds it.
        section: String,
        /// What is wrong and what is expected.
        message: String,
    },
    /// Two files define the same rule.
    #[error(
        "{file}: rule `{id}` is defined already (in {other}); write `overrides = true` to replace it, or choose another id"
    )]
    Duplicate {
        /// The later file.
        file: String,
        /// The id.
        id: String,
        /// The earlier file.
        other: String,
    },
    /// `overrides = true` without anything to replace.
    #[error(
        "{file}: `overrides = true`, but there is no rule `{id}` to replace; remove it, or correct the id"
    )]
    NothingToOverride {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// Two rules answer the same control.
    #[error(
        "{file}: control {control} is answered by rule `{other}` already; a control belongs to one rule"
    )]
    ControlTaken {
        /// The later file.
        file: String,
        /// The control.
        control: String,
        /// The rule that has it.
        other: String,
    },
}

/// A rule file, read, with what concerns only its reading.
pub(super) struct RuleFile {
    /// The rule.
    pub(super) rule: Rule,
    /// It replaces the rule of the same id.
    pub(super) overrides: bool,
}

/// Reads one rule file; `file` is its name for messages and its id.
pub(super) fn read(file: &str, text: &str) -> Result<RuleFile, RuleError> {
    let body = super::section::parse(file, text)?;
    let top = Section::top(file, text, &body);
    let header: Header = top.attributes()?;
    let stem = file
        .rsplit('/')
        .next()
        .unwrap_or(file)
        .trim_end_matches(".hcl");
    if header.id != stem {
        return Err(top.error_at(
            "id",
            format!(
                "`id` is \"{}\", but the file is named `{stem}.hcl`; make them equal",
                header.id
            ),
        ));
    }
    if !is_kebab_case(&header.id) {
        return Err(top.error_at("id", "`id` must be kebab-case (a-z, 0-9, `-`)".to_owned()));
    }
    let mut compliance = Vec::new();
    let mut rollback = None;
    let mut remedies = Vec::new();
    for block in top.blocks(&["compliance", "rollback", "remedy"])? {
        match block.name() {
            "compliance" => {
                let file: ComplianceFile = block.attributes()?;
                block.blocks(&[])?;
                compliance.push(Compliance {
                    standard: block.label()?.to_owned(),
                    ids: file.ids,
                    source: file.source,
                });
            }
            "rollback" => {
                let file: RollbackFile = block.attributes()?;
                block.blocks(&[])?;
                rollback = Some(RollbackTruth {
                    restores: file.restores,
                    does_not_restore: file.does_not_restore,
                });
            }
            _ => remedies.push(remedy(&block)?),
        }
    }
    let Some(rollback) = rollback else {
        return Err(top.error("block `rollback` is missing: say what a revert restores".to_owned()));
    };
    if remedies.is_empty() {
        return Err(
            top.error("block `remedy` is missing: `remedy \"set\" { … }` for example".to_owned())
        );
    }
    let controls = controls(&top, header.controls)?;
    let mut subjects: Vec<String> = Vec::new();
    for kind in remedies.iter().flat_map(|r: &RemedyFor| &r.types) {
        if subjects.contains(kind) {
            return Err(top.error(format!(
                "type `{kind}` is served by two remedies; leave it in one"
            )));
        }
        subjects.push(kind.clone());
    }
    Ok(RuleFile {
        overrides: header.overrides,
        rule: Rule {
            id: header.id,
            title: header.title,
            action: header.action,
            why: header.why.trim().to_owned(),
            severity: header.severity,
            profile: header.profile,
            controls,
            compliance,
            reversibility: header.reversibility,
            impact: header.impact,
            scope: header.scope,
            subjects,
            remedies,
            rollback,
            verify: header.verify,
            file: file.to_owned(),
        },
    })
}

fn is_kebab_case(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn controls(
    top: &Section<'_>,
    file: BTreeMap<String, Vec<ControlEntry>>,
) -> Result<Vec<RuleControl>, RuleError> {
    let mut controls: Vec<RuleControl> = Vec::new();
    for (name, entries) in file {
        let catalogue: ControlCatalogue =
            serde_json::from_value(Json::String(name.clone())).map_err(|_| {
                top.error_at(
                    "controls",
                    format!(
                        "unknown catalogue `{name}`; known: security-hub, prowler, checkov, trivy, scc, aws-config, access-analyzer"
                    ),
                )
            })?;
        for entry in entries {
            let (code, with) = match entry {
                ControlEntry::Code(code) => (code, Json::Null),
                ControlEntry::With(entry) => (entry.code, entry.with),
            };
            let control = Control { catalogue, code };
            if controls.iter().any(|c| c.control == control) {
                return Err(top.error_at("controls", format!("{control} is listed twice")));
            }
            controls.push(RuleControl { control, with });
        }
    }
    Ok(controls)
}

fn remedy(block: &Section<'_>) -> Result<RemedyFor, RuleError> {
    let mut file: RemedyFile = block.attributes()?;
    if file.types.is_empty() {
        return Err(block.error_at("types", "`types` names no Terraform type".to_owned()));
    }
    let remedy = match block.label()? {
        "set" => Remedy::Set(settings(block)?),
        "companion" => companion(block, &mut file)?,
        "drop-elements" => {
            block.blocks(&[])?;
            Remedy::DropElements(DropElements {
                path: path(&needed(block, "path", file.path.take())?),
                elements: needed(block, "elements", file.elements.take())?,
            })
        }
        "ingress" => {
            block.blocks(&[])?;
            Remedy::Ingress(Ingress {
                ports: needed(block, "ports", file.ports.take())?,
            })
        }
        "policy-statement" => {
            block.blocks(&[])?;
            Remedy::PolicyStatement(PolicyStatement {
                sid: needed(block, "sid", file.sid.take())?,
            })
        }
        "grant" => {
            block.blocks(&[])?;
            Remedy::Grant(Grant {
                members: needed(block, "members", file.members.take())?,
            })
        }
        "advice" => {
            block.blocks(&[])?;
            Remedy::Advice {
                text: needed(block, "text", file.text.take())?.trim().to_owned(),
            }
        }
        other => {
            return Err(block.error(format!(
                "unknown kind of remedy \"{other}\"; known: set, companion, drop-elements, ingress, policy-statement, grant, advice"
            )));
        }
    };
    for (name, left_over) in [
        ("resource", file.resource.is_some()),
        ("link", file.link.is_some()),
        ("to", file.to.is_some()),
        ("path", file.path.is_some()),
        ("elements", file.elements.is_some()),
        ("ports", file.ports.is_some()),
        ("sid", file.sid.is_some()),
        ("members", file.members.is_some()),
        ("text", file.text.is_some()),
    ] {
        if left_over {
            return Err(block.error_at(
                name,
                format!("`{name}` does not belong to a remedy \"{}\"", remedy.kind()),
            ));
        }
    }
    Ok(RemedyFor {
        types: file.types,
        remedy,
        warnings: file.warnings,
        respect_intended_public: file.respect_intended_public,
    })
}

fn needed<T>(block: &Section<'_>, name: &str, value: Option<T>) -> Result<T, RuleError> {
    value.ok_or_else(|| block.error(format!("`{name}` is missing")))
}

fn settings(block: &Section<'_>) -> Result<Settings, RuleError> {
    let mut read = Settings::default();
    for inner in block.blocks(&["setting", "safe_when", "require", "evidence", "on"])? {
        match inner.name() {
            "setting" => read.settings.push(setting(&inner)?),
            "safe_when" => {
                let (condition, message, next) = condition(&inner)?;
                if message.is_some() || next.is_some() {
                    return Err(inner.error("`message` and `next` belong to `require`".to_owned()));
                }
                read.safe_when.push(condition);
            }
            "require" => {
                let (condition, message, next) = condition(&inner)?;
                read.require.push(Requirement {
                    condition,
                    message: needed(&inner, "message", message)?,
                    next: needed(&inner, "next", next)?,
                });
            }
            "evidence" => read.evidence.push(evidence(&inner)?),
            _ => {
                let on: OnFile = inner.attributes()?;
                inner.blocks(&[])?;
                read.on = Some(On {
                    resource: on.resource,
                    link: on.link,
                    to: on.to,
                    missing: on.missing,
                    next: on.next,
                });
            }
        }
    }
    if read.settings.is_empty() {
        return Err(block.error("block `setting` is missing".to_owned()));
    }
    Ok(read)
}

fn companion(block: &Section<'_>, file: &mut RemedyFile) -> Result<Remedy, RuleError> {
    let mut own = Vec::new();
    let mut inline = None;
    for inner in block.blocks(&["setting", "inline"])? {
        if inner.name() == "setting" {
            own.push(setting(&inner)?);
            continue;
        }
        let form: InlineFile = inner.attributes()?;
        let provider = generations(&inner, "provider", &form.provider)?;
        let mut settings = Vec::new();
        for nested in inner.blocks(&["setting"])? {
            settings.push(setting(&nested)?);
        }
        inline = Some(Inline {
            provider,
            block: form.block,
            settings,
        });
    }
    if own.is_empty() {
        return Err(block.error("block `setting` is missing".to_owned()));
    }
    Ok(Remedy::Companion(Companion {
        resource: needed(block, "resource", file.resource.take())?,
        link: needed(block, "link", file.link.take())?,
        to: file.to.take().unwrap_or_else(|| "id".to_owned()),
        settings: own,
        inline,
    }))
}

fn setting(block: &Section<'_>) -> Result<Setting, RuleError> {
    let file: SettingFile = block.attributes()?;
    block.blocks(&[])?;
    let absent = match file.absent {
        AbsenceFile::Always(value) => ByGeneration::always(value),
        AbsenceFile::By(map) => {
            let mut read = ByGeneration::always(Absence::Unknown);
            for (key, value) in map {
                if key == "default" {
                    read.default = value;
                    continue;
                }
                let range = generations(block, "absent", &key)?;
                read.exceptions.push((range, value));
            }
            read
        }
    };
    Ok(Setting {
        path: path(block.label()?),
        value: file.value,
        accept: Accept {
            values: file.accept,
            anything: file.accept_anything,
            except: file.except,
            at_least: file.at_least,
            at_most: file.at_most,
        },
        parameter: file.parameter,
        absent,
        warning: file.warning,
        provider: file
            .provider
            .map(|text| generations(block, "provider", &text))
            .transpose()?,
        since: file
            .since
            .map(|text| version(block, "since", &text))
            .transpose()?,
        only_in_new_block: file.only_in_new_block,
        conflicts_with: file.conflicts_with,
    })
}

fn generations(block: &Section<'_>, field: &str, text: &str) -> Result<Generations, RuleError> {
    Generations::parse(text).ok_or_else(|| {
        block.error_at(
            field,
            format!("\"{text}\" is no range of major versions; write \"< 4\" or \">= 4\""),
        )
    })
}

fn version(block: &Section<'_>, field: &str, text: &str) -> Result<Version, RuleError> {
    Version::read(text)
        .ok_or_else(|| block.error_at(field, format!("\"{text}\" is no version; write \"2.55.0\"")))
}

type ReadCondition = (Condition, Option<String>, Option<String>);

fn condition(block: &Section<'_>) -> Result<ReadCondition, RuleError> {
    let file: ConditionFile = block.attributes()?;
    block.blocks(&[])?;
    let test = match (file.one_of, file.present) {
        (Some(values), None) => Test::OneOf(values, file.or_absent),
        (None, Some(true)) => Test::Present,
        (None, Some(false)) => Test::Absent,
        _ => {
            return Err(block.error("give either `one_of = […]` or `present = true|false`".into()));
        }
    };
    let condition = Condition {
        path: path(block.label()?),
        test,
    };
    Ok((condition, file.message, file.next))
}

fn evidence(block: &Section<'_>) -> Result<EvidenceNeeded, RuleError> {
    let file: EvidenceFile = block.attributes()?;
    block.blocks(&[])?;
    let refusal: RefusalKind =
        serde_json::from_value(Json::String(file.refusal.clone())).map_err(|_| {
            block.error_at(
                "refusal",
                format!(
                    "\"{}\" is not a kind of refusal; `tfmend schema` lists them",
                    file.refusal
                ),
            )
        })?;
    Ok(EvidenceNeeded {
        fact: block.label()?.to_owned(),
        at_least: file.at_least,
        parameter: file.parameter,
        refusal,
        message: file.message,
        next: file.next,
    })
}

fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}
