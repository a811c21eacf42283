//! Findings for what another scanner found in the same tree.
//!
//! ASKED holds one JSON object a line: `{"n": 1, "catalogue": "checkov", "code": "CKV_AWS_21", "root": "live/prod",
//! "resource": "module.logs.aws_s3_bucket.this"}`. For each, the rule that answers the code is looked up and one finding
//! is written for every instance of the resource, or of the resource to which it belongs when the rule is about that
//! (`aws_s3_bucket_acl.x` → its bucket). MAP says which: `{"n": 1, "rule": …, "file": …, "address": …, "ids": […]}`, or
//! `{"n": 1, "problem": …}`. A finding that is asked for twice is written once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tfmend::finding::{Control, ControlCatalogue};
use tfmend::rules::{Catalogue, Rule, RuleControl, Scope};
use tfmend::terraform::module::{Configuration, Occurrence};
use tfmend::terraform::{Address, RepoPath};

use crate::record::{about_account, finding};
use crate::{Invented, addresses};

/// Attributes by which a resource says to which other one it belongs.
const BELONGS: [&str; 4] = [
    "bucket",
    "security_group_id",
    "db_snapshot_identifier",
    "key_id",
];

#[derive(Deserialize)]
struct Asked {
    n: usize,
    catalogue: ControlCatalogue,
    code: String,
    root: String,
    resource: String,
}

/// What the findings are made of.
pub(crate) struct Wanted<'s, 'a> {
    pub(crate) cfg: &'s Configuration<'a>,
    pub(crate) catalogue: &'s Catalogue,
    pub(crate) invented: &'s [Invented],
    pub(crate) accounts: &'s BTreeMap<&'s RepoPath, String>,
}

impl<'a> Wanted<'_, 'a> {
    pub(crate) fn write(&self, asked: &Path, map: &Path, out: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(asked).with_context(|| asked.display().to_string())?;
        let (mut lines, mut mapped) = (String::new(), String::new());
        let mut written = BTreeSet::new();
        for line in text.lines() {
            let asked: Asked = serde_json::from_str(line).with_context(|| line.to_owned())?;
            let entry = match self.findings(&asked) {
                Ok((rule, place, findings)) => {
                    let ids: Vec<Json> = findings.iter().map(|f| id(f).clone()).collect();
                    for finding in findings {
                        if written.insert(id(&finding).to_string()) {
                            lines.push_str(&finding.to_string());
                            lines.push('\n');
                        }
                    }
                    json!({"n": asked.n, "rule": rule.id, "file": place.resource.file.path(),
                        "address": place.address.to_string(), "ids": ids})
                }
                Err(problem) => json!({"n": asked.n, "problem": problem.to_string()}),
            };
            mapped.push_str(&entry.to_string());
            mapped.push('\n');
        }
        std::fs::write(out, lines).with_context(|| out.display().to_string())?;
        std::fs::write(map, mapped).with_context(|| map.display().to_string())
    }

    fn findings(&self, asked: &Asked) -> anyhow::Result<(&Rule, Occurrence<'a>, Vec<Json>)> {
        let control = Control {
            catalogue: asked.catalogue,
            code: asked.code.clone(),
        };
        let (rule, theirs) = self.catalogue.by_controls(&[control]).context("no rule")?;
        let root = RepoPath::new(&asked.root).context("a root outside")?;
        let address: Address = asked.resource.parse()?;
        let named = self
            .cfg
            .occurrence(&root, &address.block())
            .context("no such block in this root")?;
        let place = self.subject(rule, named)?;
        let ours = same_arguments(rule, theirs);
        if rule.scope == Scope::Account {
            anyhow::ensure!(!addresses(self.cfg, &place).is_empty(), "no instances");
            let account = self.accounts.get(&root).context("no such root")?;
            return Ok((rule, place, vec![about_account(rule, ours, account)]));
        }
        let findings: Vec<Json> = self
            .invented
            .iter()
            .filter(|i| i.root == root && i.address.block() == place.address)
            .map(|i| finding(rule, ours, i))
            .collect();
        anyhow::ensure!(!findings.is_empty(), "no instances");
        Ok((rule, place, findings))
    }

    /// The block that the rule is about.
    fn subject(&self, rule: &Rule, named: Occurrence<'a>) -> anyhow::Result<Occurrence<'a>> {
        if rule.subjects.contains(&named.address.kind) {
            return Ok(named);
        }
        let address = addresses(self.cfg, &named)
            .into_iter()
            .next()
            .context("no instances")?;
        let owner = BELONGS
            .iter()
            .filter_map(|name| named.resource.block.body.get_attribute(name))
            .find_map(|a| self.cfg.reference_of(&named, &address, &a.value))
            .context("about a type that the rule is not about")?;
        let owner = owner.address.block();
        anyhow::ensure!(
            rule.subjects.contains(&owner.kind),
            "about a type that the rule is not about"
        );
        self.cfg
            .occurrence(&named.root, &owner)
            .context("belongs to a block that is not there")
    }
}

/// The control of a source that tfmend reads that asks for the same as the other scanner's.
fn same_arguments<'r>(rule: &'r Rule, theirs: &RuleControl) -> Option<&'r RuleControl> {
    let readable = |c: &&RuleControl| c.control.catalogue == ControlCatalogue::SecurityHub;
    rule.controls
        .iter()
        .filter(readable)
        .find(|c| c.with == theirs.with)
}

/// What names a finding, in either format.
fn id(finding: &Json) -> &Json {
    finding.get("Id").unwrap_or(&finding["finding"]["name"])
}
