//! Security Hub: sessions, what is read through them, and what is acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;

use crate::cli::Stop;
use crate::cli::args::Inputs;
use crate::cloud::{Generation, Hub, Session};
use crate::config::Config;
use crate::finding::{FindingKey, Record, Source};
use crate::intake::security_hub::{self, Asked, Filters, Seen};
use crate::journal::Entry;
use crate::notify::acknowledge::{self, Acknowledgement};
use crate::outcome::{ChangeView, Output};
use crate::pull_request::{Plan, Proposal, ProposalState, Step};

/// One source, signed in.
struct Opened {
    /// With the region that is asked.
    hub: Hub,
    session: Session,
}

/// Every Security Hub that `--from` names.
pub(in crate::cli) struct Hubs {
    opened: Vec<Opened>,
    filters: Filters,
    most: u64,
    /// `[security_hub] acknowledge`.
    acknowledge: bool,
    now: jiff::Timestamp,
}

impl Hubs {
    /// Checks what was asked for; nothing is called yet.
    pub(in crate::cli) fn open(
        inputs: &Inputs,
        config: &Config,
        now: jiff::Timestamp,
    ) -> Result<Self, Stop> {
        let filters = Filters::parse(&inputs.filter, now).map_err(|e| Stop::Usage(e.into()))?;
        let mut opened: Vec<Opened> = Vec::new();
        for text in &inputs.from {
            let mut hub: Hub = text.parse().map_err(|e| Stop::Usage(anyhow!("{e}")))?;
            let region = hub
                .region
                .as_deref()
                .or(config.security_hub.region.as_deref());
            let session = Session::open(region).map_err(|e| Stop::Usage(e.into()))?;
            hub.region = session.region().map(str::to_owned);
            if hub.region.is_none() {
                return Err(Stop::Usage(anyhow!(
                    "--from {text}: in which region? Give --from {text}:REGION, `region` in [security_hub], or AWS_REGION"
                )));
            }
            if opened.iter().all(|o| o.hub != hub) {
                opened.push(Opened { hub, session });
            }
        }
        Ok(Self {
            opened,
            filters,
            most: inputs.max_findings,
            acknowledge: config.security_hub.acknowledge,
            now,
        })
    }

    /// Is there none?
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// Reads the findings with these ids, or those that pass the filters. Gives the ids that were found somewhere.
    pub(in crate::cli) fn read(
        &self,
        ids: &[String],
        keep: &mut dyn FnMut(Record),
        problems: &mut Vec<String>,
    ) -> Result<BTreeSet<String>, Stop> {
        let mut found = BTreeSet::new();
        let asked = if ids.is_empty() {
            Asked::Filters(&self.filters)
        } else {
            Asked::Ids(ids)
        };
        for opened in &self.opened {
            let seen = self.ask(opened, asked, self.most, keep)?;
            if seen.capped {
                problems.push(format!(
                    "{}: more than {} findings; the rest was not read. Narrow it with --filter, or raise --max-findings",
                    opened.hub, self.most
                ));
            }
            let known = ids.iter().filter(|id| !seen.unknown.contains(*id));
            found.extend(known.cloned());
        }
        Ok(found)
    }

    fn ask(
        &self,
        opened: &Opened,
        asked: Asked<'_>,
        most: u64,
        keep: &mut dyn FnMut(Record),
    ) -> Result<Seen, Stop> {
        let Opened { hub, session } = opened;
        security_hub::read(session, hub, asked, most, self.now, keep)
            .map_err(|e| Stop::Failed(anyhow!("{hub}: {e}")))
    }

    /// Reads the findings of open pull requests that the filters left out (`known` are the keys that were read): a
    /// finding that passed or was archived since is the evidence by which its pull request is closed. One that
    /// Security Hub no longer knows is no evidence.
    pub(in crate::cli) fn read_proposed(
        &self,
        proposals: &[Proposal],
        known: &BTreeSet<String>,
        keep: &mut dyn FnMut(Record),
    ) -> Result<(), Stop> {
        let open = proposals.iter().filter(|p| p.state == ProposalState::Open);
        let keys: BTreeSet<FindingKey> = open
            .filter_map(|p| p.marker.as_ref())
            .flat_map(|marker| &marker.keys)
            .filter(|key| !known.contains(*key))
            .filter_map(|key| key.parse().ok())
            .collect();
        let mut missing: BTreeMap<Generation, BTreeSet<String>> = BTreeMap::new();
        for key in keys {
            let generation = match key.source {
                Source::SecurityHubAsff | Source::ProwlerAsff => Generation::Cspm,
                Source::SecurityHubOcsf => Generation::V2,
                Source::ProwlerOcsf | Source::Scc => continue,
            };
            missing.entry(generation).or_default().insert(key.id);
        }
        for opened in &self.opened {
            let Some(ids) = missing.get_mut(&opened.hub.generation) else {
                continue;
            };
            if ids.is_empty() {
                continue;
            }
            let asked: Vec<String> = ids.iter().cloned().collect();
            let seen = self.ask(opened, Asked::Ids(&asked), u64::MAX, keep)?;
            *ids = seen.unknown.into_iter().collect();
        }
        Ok(())
    }

    /// Writes the links of open pull requests to the findings that were read here. Gives what the journal is to hold,
    /// and whether every call went through.
    pub(in crate::cli) fn acknowledge(
        &self,
        asked: bool,
        plan: &Plan,
        proposals: &[Proposal],
        output: &mut Output,
    ) -> (Vec<Entry>, bool) {
        if !asked && !self.acknowledge {
            return (Vec::new(), true);
        }
        let wanted = wanted(plan, proposals, &output.changes);
        let problems = &mut output.problems;
        let mut entries = Vec::new();
        let mut all_went_through = true;
        for Opened { hub, session } in &self.opened {
            let Some(wanted) = wanted.get(&hub.to_string()) else {
                continue;
            };
            let report = acknowledge::run(session, hub.generation, wanted);
            for key in &report.done {
                let mut entry = Entry::new(self.now, "notify", "acknowledged");
                entry.finding = Some(key.to_string());
                entry.why = wanted
                    .iter()
                    .find(|w| w.key == *key)
                    .map(|w| w.link.clone())
                    .unwrap_or_default();
                entries.push(entry);
            }
            for (key, why) in &report.left {
                problems.push(format!("{hub}: {key} was not acknowledged: {why}"));
            }
            if let Some(error) = &report.error {
                all_went_through = false;
                problems.push(format!("{hub}: findings were not acknowledged: {error}"));
            }
        }
        (entries, all_went_through)
    }
}

/// Findings with an open pull request, by the source they were read from; each once, also when two sources gave it.
fn wanted(
    plan: &Plan,
    proposals: &[Proposal],
    changes: &[ChangeView],
) -> BTreeMap<String, Vec<Acknowledgement>> {
    let mut wanted: BTreeMap<String, Vec<Acknowledgement>> = BTreeMap::new();
    let mut once: BTreeSet<&FindingKey> = BTreeSet::new();
    for planned in &plan.steps {
        let open = proposals
            .iter()
            .find(|p| p.branch == planned.id && p.state == ProposalState::Open)
            .map(|p| p.url.as_str());
        // A list may not show yet what was opened a moment ago.
        let opened = changes
            .iter()
            .filter(|c| c.id == planned.id && planned.step == Step::Open)
            .find_map(|c| c.pull_request.as_deref());
        let (Some(link), Some(request)) = (open.or(opened), &planned.request) else {
            continue;
        };
        for finding in request.change.members.iter().flat_map(|m| &m.findings) {
            if let Some(tracking) = finding
                .tracking
                .as_ref()
                .filter(|_| once.insert(&finding.key))
            {
                let source = finding.record.input.to_string();
                wanted.entry(source).or_default().push(Acknowledgement {
                    key: finding.key.clone(),
                    tracking: (**tracking).clone(),
                    link: link.to_owned(),
                });
            }
        }
    }
    wanted
}
