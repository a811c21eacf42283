//! Evidence by tag: a tag on the object that names the code.
//!
//! Tags are data that anybody with access to the account can write: a path has to stay inside the repository, the
//! block has to be of the finding's type, and its name in code must not be another than the object's.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError};

use crate::finding::Finding;
use crate::refusal::Refusal;
use crate::terraform::module::{Held, Occurrence};
use crate::terraform::value::Kind;
use crate::terraform::{Address, RepoPath};

use super::candidate::{Candidate, several};
use super::subject::Subject;
use super::{Confidence, Evidence, Locator};

/// Tags that hold a Terraform address.
const ADDRESS_TAGS: [&str; 7] = [
    "tfmend:address",
    "tfmend-address",
    "terraform:address",
    "terraform-address",
    "terraform_address",
    "tf_address",
    "TerraformAddress",
];
/// Tags that hold the directory of the root module of such an address.
const ROOT_TAGS: [&str; 4] = [
    "tfmend:root",
    "tfmend-root",
    "terraform:root",
    "terraform-root",
];

/// By Terraform type.
pub(super) type Cache = HashMap<String, Arc<OnceLock<Vec<Tagged>>>>;

/// What the code says of an instance's tags.
pub(super) struct Tagged {
    root: RepoPath,
    address: Address,
    file: RepoPath,
    traces: Vec<String>,
    name_tag: Option<String>,
}

impl Locator<'_> {
    /// The candidates by tag; several are several.
    pub(super) fn by_tag(
        &self,
        finding: &Finding,
        subjects: &[Subject],
        tried: &mut Vec<String>,
    ) -> Vec<Candidate> {
        let tags = &finding.resource.tags;
        let tag = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| {
                    tags.get(*name)
                        .map(|value| ((*name).to_owned(), value.trim()))
                })
                .filter(|(_, value)| !value.is_empty())
        };
        let address = tag(&ADDRESS_TAGS);
        let trace = tag(&["yor_trace"]);
        let file = tag(&["git_file"]);
        if address.is_none() && trace.is_none() && file.is_none() {
            tried.push("tag: the finding's resource has no tag that names code".to_owned());
            return Vec::new();
        }
        if let Some(other) = self.another_repository(finding) {
            tried.push(format!("tag: the tags name another repository, `{other}`"));
            return Vec::new();
        }
        if let Some((name, text)) = address {
            let found = self.by_address_tag(text, tag(&ROOT_TAGS).map(|(_, v)| v), subjects, &name);
            if found.is_empty() {
                tried.push(format!("tag: `{name}` is `{text}`, which no root has"));
            } else {
                return self.not_contradicted(found, subjects, tried);
            }
        }
        if let Some((_, trace)) = trace {
            let found = self.by_trace(trace, subjects);
            if found.is_empty() {
                tried.push(format!("tag: no block has `yor_trace` `{trace}`"));
            } else {
                return self.not_contradicted(found, subjects, tried);
            }
        }
        if let Some((_, file)) = file {
            let name = tag(&["yor_name"]).map(|(_, v)| v);
            let found = self.by_file(file, name, subjects);
            if found.is_empty() {
                tried.push(format!(
                    "tag: `git_file` is `{file}`, and no such block stands there"
                ));
            } else {
                return self.not_contradicted(found, subjects, tried);
            }
        }
        Vec::new()
    }

    /// Weakest of all: the `Name` tag, equal to a known `tags.Name` of one block in code.
    pub(super) fn by_name_tag(
        &self,
        finding: &Finding,
        subjects: &[Subject],
        tried: &mut Vec<String>,
    ) -> Result<Option<Candidate>, Refusal> {
        let Some(wanted) = finding.resource.tags.get("Name").filter(|n| !n.is_empty()) else {
            return Ok(None);
        };
        let found = self
            .tagged(subjects, |place| place.name_tag.as_ref() == Some(wanted))
            .into_iter()
            .map(|(root, address)| Candidate {
                root,
                address,
                evidence: Evidence::Tag,
                confidence: Confidence::Low,
                because: format!(
                    "its `Name` tag is `{wanted}` in code too, which need not be unique"
                ),
                imported: false,
            })
            .collect();
        let mut found = self.not_contradicted(found, subjects, tried);
        match found.len() {
            0 => {
                tried.push(format!("tag: no block in code has the `Name` `{wanted}`"));
                Ok(None)
            }
            1 => Ok(found.pop()),
            _ => Err(several(&found)),
        }
    }

    /// `git_org` and `git_repo`, when they name a repository that this is not.
    fn another_repository(&self, finding: &Finding) -> Option<String> {
        let own = self.options.repository.as_deref()?;
        let repo = finding.resource.tags.get("git_repo")?.trim();
        let (own_org, own_repo) = own.rsplit_once('/').unwrap_or(("", own));
        let org = finding
            .resource
            .tags
            .get("git_org")
            .map_or("", |o| o.trim());
        let same = repo.eq_ignore_ascii_case(own_repo)
            && (org.is_empty() || own_org.is_empty() || org.eq_ignore_ascii_case(own_org));
        (!same && !repo.is_empty()).then(|| format!("{org}/{repo}"))
    }

    fn by_address_tag(
        &self,
        text: &str,
        root: Option<&str>,
        subjects: &[Subject],
        tag: &str,
    ) -> Vec<Candidate> {
        let Ok(address) = text.parse::<Address>() else {
            return Vec::new();
        };
        if address.data || !subjects.iter().any(|s| s.kind == address.kind) {
            return Vec::new();
        }
        let root = match root.map(RepoPath::new) {
            // A root that leaves the repository is none.
            Some(None) => return Vec::new(),
            Some(Some(root)) => Some(root),
            None => None,
        };
        self.configuration
            .roots()
            .iter()
            .filter(|r| root.as_ref().is_none_or(|root| r.dir == *root))
            .filter_map(|r| {
                let current = self.moved(&r.dir, &address);
                let occurrence = self.configuration.occurrence(&r.dir, &current.block())?;
                let instances = self.configuration.instances(&occurrence);
                let exists = instances.known.iter().any(|a| a.could_be(&current))
                    || instances.unknown.is_some();
                exists.then(|| Candidate {
                    root: r.dir.clone(),
                    address: current,
                    evidence: Evidence::Tag,
                    confidence: Confidence::High,
                    because: format!("its tag `{tag}` is `{text}`"),
                    imported: false,
                })
            })
            .collect()
    }

    fn by_trace(&self, trace: &str, subjects: &[Subject]) -> Vec<Candidate> {
        // A trace is a UUID; anything shorter could stand in a block by chance.
        if trace.len() < 32 || !trace.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
            return Vec::new();
        }
        self.tagged(subjects, |place| place.traces.iter().any(|t| t == trace))
            .into_iter()
            .map(|(root, address)| Candidate {
                root,
                address,
                evidence: Evidence::Tag,
                confidence: Confidence::High,
                because: format!("its tag `yor_trace` is `{trace}` in code too"),
                imported: false,
            })
            .collect()
    }

    fn by_file(&self, file: &str, name: Option<&str>, subjects: &[Subject]) -> Vec<Candidate> {
        // A path that leaves the repository is none.
        let Some(file) = RepoPath::new(file).filter(|f| !f.as_str().is_empty()) else {
            return Vec::new();
        };
        self.tagged(subjects, |place| {
            place.file == file && name.is_none_or(|name| place.address.name == name)
        })
        .into_iter()
        .map(|(root, address)| Candidate {
            root,
            address,
            evidence: Evidence::Tag,
            confidence: Confidence::High,
            because: format!("its tag `git_file` is `{file}`"),
            imported: false,
        })
        .collect()
    }

    fn tagged(
        &self,
        subjects: &[Subject],
        is_it: impl Fn(&Tagged) -> bool,
    ) -> Vec<(RepoPath, Address)> {
        let mut found = Vec::new();
        for subject in subjects {
            let slot = self.tags_of(&subject.kind);
            let places = slot.get().map_or(&[][..], Vec::as_slice);
            found.extend(
                places
                    .iter()
                    .filter(|place| is_it(place))
                    .map(|place| (place.root.clone(), place.address.clone())),
            );
        }
        found
    }

    /// The tags in code of every instance of a type, worked out once.
    fn tags_of(&self, kind: &str) -> Arc<OnceLock<Vec<Tagged>>> {
        let slot = {
            let mut known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(kind.to_owned()).or_default())
        };
        slot.get_or_init(|| self.all_tags(kind));
        slot
    }

    fn all_tags(&self, kind: &str) -> Vec<Tagged> {
        let mut places = Vec::new();
        for occurrence in self.configuration.occurrences(kind) {
            // The tool that writes traces writes them into the block itself, also where other tags are not known.
            let written = traces_in(source(&occurrence));
            let instances = self.configuration.instances(&occurrence);
            let mut addresses = instances.known;
            if instances.unknown.is_some() {
                addresses.push(occurrence.address.unkeyed());
            }
            for address in addresses {
                let tags = match self.configuration.held(&occurrence, &address, &["tags"]) {
                    Held::Value(value) => Some(value),
                    Held::Absent | Held::Dynamic(_) => None,
                };
                let known = |name: &str| {
                    let value = tags.as_ref()?.as_object()?.get(name)?;
                    match &value.kind {
                        Kind::String(text) => Some(text.clone()),
                        _ => None,
                    }
                };
                let traces = if written.is_empty() {
                    known("yor_trace").into_iter().collect()
                } else {
                    written.clone()
                };
                let name_tag = known("Name");
                places.push(Tagged {
                    root: occurrence.root.clone(),
                    address,
                    file: occurrence.resource.file.path().clone(),
                    traces,
                    name_tag,
                });
            }
        }
        places
    }

    /// Without those that the name in code, the account or the region of the root, or a state speaks against: tags
    /// are copied along with code.
    fn not_contradicted(
        &self,
        found: Vec<Candidate>,
        subjects: &[Subject],
        tried: &mut Vec<String>,
    ) -> Vec<Candidate> {
        found
            .into_iter()
            .filter(|candidate| match self.contradiction(candidate, subjects) {
                None => true,
                Some(why) => {
                    tried.push(format!(
                        "tag: `{}` does not count: {why}",
                        candidate.address
                    ));
                    false
                }
            })
            .collect()
    }
}

/// Quoted values behind `yor_trace` in a block's text.
fn traces_in(text: &str) -> Vec<String> {
    text.split("yor_trace")
        .skip(1)
        .filter_map(|rest| {
            let value = rest.trim_start_matches(['"', ' ', '\t', '=', ':']);
            let (value, _) = value.split_once('"')?;
            Some(value.to_owned())
        })
        .collect()
}

/// The text of the whole block.
fn source<'o>(occurrence: &Occurrence<'o>) -> &'o str {
    use hcl_edit::Span as _;
    occurrence
        .resource
        .block
        .span()
        .map_or("", |span| occurrence.resource.file.slice(span))
}
