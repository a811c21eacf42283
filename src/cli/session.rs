//! What every run of `plan`, `fix`, `pr` and `explain` reads, and how it answers.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::Path;

use anyhow::anyhow;

use super::args::{FailOn, Inputs};
use super::hub::Hubs;
use super::{Done, Stop, also, code, people, rules, sources, states};
use crate::config::{self, Stage};
use crate::finding::Record;
use crate::journal::{Entry, Journal};
use crate::locate::{self, Locator};
use crate::outcome::{OutcomeKind, Output};
use crate::pipeline::{self, Run, Stages};
use crate::policy::{Overrides, Policy};
use crate::pull_request::{self, CommitStyle, Limits, Occasion, Plan, Proposal, Writing};
use crate::remedy::{Context, Parameters};
use crate::report::Format;
use crate::rules::{Catalogue, Profile};
use crate::terraform::module::{Configuration, RootSettings};
use crate::terraform::state::State;
use crate::terraform::{Edit, Estate, RepoPath, edit};
use crate::workspace::{self, Workspace};

/// Whether a person stands beside the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attended {
    /// `plan`, `fix`: every rule by default.
    Yes,
    /// `pr`: the starter profile by default.
    No,
}

/// Everything a run has read.
pub(super) struct Session {
    pub(super) tree: Workspace,
    /// The code that the run looks at.
    pub(super) estate: Estate,
    pub(super) now: jiff::Timestamp,
    records: std::cell::RefCell<Vec<Record>>,
    states: std::cell::RefCell<Vec<State>>,
    catalogue: Catalogue,
    policy: Policy,
    parameters: Parameters,
    /// `[roots]` of the configuration.
    roots: RootSettings,
    options: locate::Options,
    limits: Limits,
    problems: Vec<String>,
    /// Whether findings may be named where everybody reads.
    public: bool,
    /// `[github]` of the configuration.
    #[cfg(feature = "github")]
    pub(super) github: config::GitHub,
    hubs: Hubs,
    /// The run is for certain findings only.
    narrowed: bool,
    /// Somebody asks for one diff of everything.
    shows_diff: bool,
    #[cfg_attr(not(feature = "emergency"), allow(dead_code))]
    emergency_roles: BTreeMap<String, String>,
}

/// What a run worked out.
pub(super) struct Worked {
    pub(super) output: Output,
    /// All edits that are proposed, together.
    pub(super) edits: Vec<Edit>,
    /// Their diff, where a format asks for it.
    pub(super) diff: String,
}

impl Session {
    pub(super) fn read(inputs: &Inputs, attended: Attended) -> Result<Self, Stop> {
        let now = now()?;
        if inputs.findings.is_empty() && inputs.from.is_empty() {
            return Err(Stop::Usage(anyhow!(
                "no findings named; give --findings FILE, a directory, or - for standard input, or --from security-hub"
            )));
        }
        let wanted = sources::wanted(inputs)?;
        let cache = inputs.cache.cache();
        let (catalogue, tree) = rayon::join(
            || rules::catalogue(&inputs.rules),
            || Workspace::read_with(&inputs.repo, workspace::Limits::default(), &cache),
        );
        let catalogue = catalogue?;
        let tree = tree.map_err(|e| Stop::Usage(e.into()))?;
        let config = config::load(tree.top(), inputs.config.as_deref())
            .map_err(|e| Stop::Usage(e.into()))?;
        let default = match attended {
            Attended::Yes => Profile::All,
            Attended::No => Profile::Starter,
        };
        let overrides = Overrides {
            profile: inputs.profile.map(Profile::from),
            min_confidence: inputs.min_confidence.map(locate::Confidence::from),
        };
        let policy = Policy::new(&config, default, overrides).map_err(|e| Stop::Usage(e.into()))?;
        let mut problems: Vec<String> = tree.skipped().iter().map(ToString::to_string).collect();
        let mut roots = roots(&config, &tree)?;
        let given = states::read(&tree, &roots, inputs, &config, &cache)?;
        tree.note();
        roots.states = given.names();
        let estate = narrowed(&tree, &roots, &inputs.root)?;
        problems.extend(given.problems);
        let options = locate::Options {
            min_confidence: policy.min_confidence(),
            placements: placements(&config)?,
            repository: None,
            unread_states: given.unread,
        };
        let hubs = Hubs::open(inputs, &config, now)?;
        let records = sources::read(inputs, &hubs, &wanted, &catalogue, now, &mut problems)?;
        Ok(Self {
            parameters: Parameters(config.parameters.values()),
            limits: limits(policy.limits()),
            public: config.github.public == config::Public::Allow,
            #[cfg(feature = "github")]
            github: config.github,
            roots,
            tree,
            estate,
            now,
            records: records.into(),
            states: given.states.into(),
            catalogue,
            policy,
            options,
            problems,
            hubs,
            narrowed: !wanted.is_empty(),
            shows_diff: inputs.format == Format::Diff
                || inputs.also.iter().any(|also| also.format() == Format::Diff),
            emergency_roles: config
                .accounts
                .iter()
                .filter_map(|(id, account)| {
                    Some((id.get_ref().clone(), account.emergency_role.clone()?))
                })
                .collect(),
        })
    }

    /// Whether the run is for certain findings only (`--finding-id`, `--event`).
    pub(super) fn is_narrowed(&self) -> bool {
        self.narrowed
    }

    /// Reads on: the findings of pull requests that are open, as their service sees them now.
    pub(super) fn follow_up(&self, proposals: &[Proposal]) -> Result<(), Stop> {
        // Whoever asks for one finding is not told about the others.
        if self.hubs.is_empty() || self.narrowed {
            return Ok(());
        }
        let mut records = self.records.borrow_mut();
        let known: BTreeSet<String> = records
            .iter()
            .filter_map(|r| Some(r.as_ref().ok()?.key.to_string()))
            .collect();
        self.hubs.read_proposed(proposals, &known, &mut |record| {
            records.push(record.map(|f| sources::slim(f, &self.catalogue)));
        })
    }

    /// Tells the findings' service about their pull requests, where that is switched on. What could not be told is
    /// added to the answer's problems; `false` when a call failed.
    pub(super) fn acknowledge(
        &self,
        asked: bool,
        plan: &Plan,
        proposals: &[Proposal],
        output: &mut Output,
        journal: Option<&mut Journal>,
    ) -> Result<bool, Stop> {
        if self.policy.paused(Stage::Notify).is_some() {
            return Ok(true);
        }
        let (entries, went_through) = self.hubs.acknowledge(asked, plan, proposals, output);
        if let Some(journal) = journal {
            journal.append_all(&entries).map_err(|e| anyhow!(e))?;
        }
        Ok(went_through)
    }

    /// The stages up to the fixes; `finish` makes the pull requests' plan of them.
    pub(super) fn work(
        &self,
        finish: impl FnOnce(Run, &Finish<'_>) -> Result<Worked, Stop>,
    ) -> Result<Worked, Stop> {
        // The process ends soon: to take the trees apart piece by piece would only take time.
        let configuration =
            ManuallyDrop::new(Configuration::with_settings(&self.estate, &self.roots));
        let states = ManuallyDrop::new(locate::index_states(&configuration, self.states.take()));
        let locator = Locator::new(&configuration, &states, &self.options);
        let context = Context {
            cfg: &configuration,
            catalogue: &self.catalogue,
            parameters: &self.parameters,
        };
        let stages = Stages {
            context,
            locator: &locator,
            policy: &self.policy,
            now: self.now,
        };
        let run = pipeline::run(self.records.take(), &stages);
        let mut problems = self.problems.clone();
        problems.extend(configuration.problems().iter().map(ToString::to_string));
        problems.extend(states.problems().iter().cloned());
        let worked = finish(
            run,
            &Finish {
                session: self,
                problems,
            },
        )?;
        self.tree.noted();
        unchanged(&self.tree)?;
        Ok(worked)
    }

    /// The journal, when there is to be one.
    pub(super) fn journal(&self, path: Option<&Path>) -> Result<Option<Journal>, Stop> {
        path.map(Journal::open)
            .transpose()
            .map_err(|e| Stop::Failed(e.into()))
    }

    /// Records what was decided about every finding.
    pub(super) fn record(
        &self,
        worked: &Worked,
        journal: Option<&mut Journal>,
    ) -> Result<(), Stop> {
        let Some(journal) = journal else {
            return Ok(());
        };
        let entries: Vec<Entry> = worked
            .output
            .outcomes
            .iter()
            .map(|o| Entry {
                finding: Some(o.finding.key.clone()),
                rule: o.rule.clone(),
                address: o.address.as_ref().map(|a| match &o.root {
                    Some(root) if !root.is_empty() => format!("{root}: {a}"),
                    _ => a.clone(),
                }),
                change: o.change.clone(),
                why: o
                    .reason
                    .as_ref()
                    .map(|r| r.kind.clone())
                    .or_else(|| o.decided_by.clone())
                    .unwrap_or_default(),
                ..Entry::new(self.now, "decide", o.outcome.key())
            })
            .collect();
        journal
            .append_all(&entries)
            .map_err(|e| Stop::Failed(e.into()))
    }

    /// Prints the answer and gives the exit code.
    pub(super) fn answer(&self, worked: &Worked, inputs: &Inputs, out: &mut dyn Write) -> Done {
        let output = &worked.output;
        also::answer(worked, inputs, self.public, out)?;
        let needs_human = output.outcomes.iter().any(|o| o.outcome.needs_human());
        Ok(if output.count(OutcomeKind::Failed) > 0 {
            code::FAILED
        } else if inputs.fail_on == Some(FailOn::NeedsHuman) && needs_human {
            code::NEEDS_HUMAN
        } else if inputs.exit_code && output.count(OutcomeKind::Proposed) > 0 {
            code::CHANGES
        } else {
            code::DONE
        })
    }
}

/// What a live change needs to know besides.
#[cfg(feature = "emergency")]
impl Session {
    /// The findings that were read; empty once [`Session::work`] has taken them.
    pub(super) fn findings(&self) -> Vec<crate::finding::Finding> {
        let records = self.records.borrow();
        records.iter().filter_map(|r| r.clone().ok()).collect()
    }

    /// The rules.
    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What may happen.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// `[parameters]`.
    pub(super) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The role that acts in an account.
    pub(super) fn emergency_role(&self, account: &str) -> Option<&str> {
        self.emergency_roles.get(account).map(String::as_str)
    }
}

/// From fixes to the answer.
pub(super) struct Finish<'s> {
    session: &'s Session,
    problems: Vec<String>,
}

impl Finish<'_> {
    /// As if no pull request existed and there were no limits: `plan` and `fix` show everything.
    pub(super) fn without_forge(&self, run: Run) -> Worked {
        let all = usize::MAX;
        let limits = Limits {
            open: all,
            per_run: all,
            critical_extra: 0,
        };
        let style = CommitStyle::default();
        let (worked, plan) = self.finish(run, &[], &limits, style, None, false);
        // The process ends soon: to take thousands of changes apart piece by piece would only take time.
        std::mem::forget(plan);
        worked
    }

    /// Beside the pull requests that exist; with a reason why nothing is shown to anybody, if there is one.
    pub(super) fn with_proposals(
        &self,
        run: Run,
        proposals: &[Proposal],
        style: CommitStyle,
        withheld: Option<&str>,
    ) -> (Worked, Plan) {
        let limits = &self.session.limits;
        self.finish(run, proposals, limits, style, withheld, true)
    }

    fn finish(
        &self,
        mut run: Run,
        proposals: &[Proposal],
        limits: &Limits,
        style: CommitStyle,
        withheld: Option<&str>,
        bodies: bool,
    ) -> (Worked, Plan) {
        let estate = &self.session.estate;
        let ownership = people::gather(&self.session.tree, estate, &run.fixed);
        let named = people::Named::of(&run.fixed, &ownership, estate);
        let writing = Writing {
            style,
            ownership,
            bodies,
            ..Writing::default()
        };
        let mut plan = pull_request::propose(
            std::mem::take(&mut run.fixed),
            &Occasion {
                estate,
                catalogue: &self.session.catalogue,
                proposals,
                fates: &run.fates,
                limits,
                writing: &writing,
            },
        );
        if let Some(why) = withheld {
            plan = plan.withhold(why);
        }
        let changes = run.settle(&plan, proposals);
        named.tell(&mut run.outcomes);
        let mut edits: Vec<Edit> = Vec::new();
        let mut known = HashSet::new();
        for request in plan.steps.iter().filter_map(|s| s.request.as_ref()) {
            for edit in &request.change.edits {
                let place = match edit {
                    Edit::Splice {
                        file, range, text, ..
                    } => (file, Some((range.start, range.end)), text),
                    Edit::NewFile { file, text } => (file, None, text),
                };
                if known.insert(place) {
                    edits.push(edit.clone());
                }
            }
        }
        let mut problems = self.problems.clone();
        let diff = if self.session.shows_diff {
            edit::diff(estate, &edits)
        } else {
            edit::fit(estate, &edits).map(|()| String::new())
        };
        let diff = diff.unwrap_or_else(|e| {
            problems.push(format!("the changes cannot be shown as one diff: {e}"));
            String::new()
        });
        let output = Output::new(run.outcomes, changes, problems);
        (
            Worked {
                output,
                edits,
                diff,
            },
            plan,
        )
    }
}

/// Stops when a file was another one than it was taken for.
pub(super) fn unchanged(tree: &Workspace) -> Result<(), Stop> {
    match tree.changed() {
        None => Ok(()),
        Some(file) => Err(Stop::Failed(anyhow!(
            "{file}: changed on disk during the run; nothing was done, run again on the present code"
        ))),
    }
}

fn placements(config: &config::Config) -> Result<Vec<locate::Placement>, Stop> {
    let inside = |account: &str, region: &str, path: &str| {
        RepoPath::new(path).ok_or_else(|| {
            Stop::Usage(anyhow!(
                "[placement.\"{account}\".\"{region}\"]: `{path}` does not lie inside the repository"
            ))
        })
    };
    let mut placements = Vec::new();
    for (account, regions) in &config.placement {
        for (region, place) in regions {
            let root = inside(account, region, &place.root)?;
            let file = match &place.file {
                Some(file) => Some(inside(account, region, &format!("{root}/{file}"))?),
                None => None,
            };
            placements.push(locate::Placement {
                account: account.clone(),
                region: (region != "*").then(|| region.clone()),
                root,
                file,
            });
        }
    }
    Ok(placements)
}

/// `[roots]` of the configuration, held against the working tree.
pub(super) fn roots(config: &config::Config, tree: &Workspace) -> Result<RootSettings, Stop> {
    let estate = tree.estate();
    config
        .root_settings_of(
            |file| estate.file(file).is_some(),
            |dir| estate.files_in(dir).next().is_some(),
        )
        .map_err(|e| Stop::Usage(e.into()))
}

fn limits(configured: &config::Limits) -> Limits {
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    Limits {
        open: number(configured.open),
        per_run: number(configured.per_run),
        critical_extra: number(configured.critical_extra),
    }
}

/// The time of the run; `SOURCE_DATE_EPOCH` fixes it, so that commits can be repeated to the byte.
pub(super) fn now() -> Result<jiff::Timestamp, Stop> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds
            .parse()
            .ok()
            .and_then(|s| jiff::Timestamp::from_second(s).ok())
            .ok_or_else(|| {
                Stop::Usage(anyhow!(
                    "SOURCE_DATE_EPOCH={seconds}: not a number of seconds"
                ))
            }),
        Err(_) => Ok(jiff::Timestamp::now()),
    }
}

/// With `--root`, the other roots' own files are left out; modules stay.
fn narrowed(tree: &Workspace, settings: &RootSettings, roots: &[String]) -> Result<Estate, Stop> {
    if roots.is_empty() {
        return Ok(tree.estate().clone());
    }
    let mut wanted = Vec::new();
    for root in roots {
        let path = RepoPath::new(root)
            .filter(|path| tree.top().join(path.as_str()).is_dir())
            .ok_or_else(|| {
                Stop::Usage(anyhow!(
                    "--root {root}: no such directory inside the repository"
                ))
            })?;
        wanted.push(path);
    }
    let configuration = Configuration::with_settings(tree.estate(), settings);
    let others: BTreeSet<RepoPath> = configuration
        .roots()
        .iter()
        .map(|r| r.home.clone())
        .filter(|dir| !wanted.contains(dir))
        .collect();
    Ok(tree.estate().without_directories(&others))
}
