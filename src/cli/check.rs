//! `tfmend check`: the rules as predicates over a repository, no findings needed.

use std::io::Write;

use anyhow::anyhow;
use clap::Args;

use super::args::{FailOn, ProfileArg};
use super::{Done, Stop, code, rules, session};
use crate::check::{self, BaseView, CheckOutput, Checked, PlaceView, Question, Unseen, Verdict};
use crate::finding::Severity;
use crate::policy::{Overrides, Policy};
use crate::remedy::{Context, Parameters};
use crate::report::check::{CheckFormat, write};
use crate::rules::{Catalogue, Profile};
use crate::terraform::module::{Configuration, RootSettings};
use crate::terraform::{Estate, RepoPath};
use crate::workspace::{self, Workspace};

/// `check`.
#[derive(Debug, Clone, Args)]
pub(super) struct CheckArgs {
    /// The Terraform code: a working tree.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: std::path::PathBuf,
    /// Only the root modules in these directories and below.
    #[arg(long, value_name = "DIR")]
    root: Vec<String>,
    /// Configuration; else tfmend.toml or .github/tfmend.toml of the repository.
    #[arg(long, value_name = "FILE", env = "TFMEND_CONFIG")]
    config: Option<std::path::PathBuf>,
    /// A directory of your own rule files, added to the built-in ones.
    #[arg(long, value_name = "DIR")]
    rules: Vec<std::path::PathBuf>,
    /// Only these rules, whatever the profile. May be repeated.
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Which rules are asked. Default: the configuration's; without one, all.
    #[arg(long, value_enum)]
    profile: Option<ProfileArg>,
    /// Only rules of this severity and above.
    #[arg(long, value_enum)]
    severity: Option<SeverityArg>,
    /// Only what is unsafe now and was not where this branch parted from REF (a branch, a tag, a commit).
    #[arg(long, value_name = "REF", visible_alias = "diff")]
    changed_since: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
    /// List what needs nobody as well: safe, suppressed, not known.
    #[arg(long)]
    all: bool,
    /// Exit with 10 when something is unsafe; with --changed-since, when something became unsafe.
    #[arg(long)]
    exit_code: bool,
    /// Exit with 11 when something cannot be told, or a file could not be read.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    cache: super::args::CacheArgs,
}

/// `--severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SeverityArg {
    /// Everything.
    Informational,
    /// Low and above.
    Low,
    /// Medium and above.
    Medium,
    /// High and critical.
    High,
    /// Critical only.
    Critical,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Self {
        match severity {
            SeverityArg::Informational => Self::Informational,
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}

pub(super) fn run(args: &CheckArgs, out: &mut dyn Write) -> Done {
    let now = session::now()?;
    let catalogue = rules::catalogue(&args.rules)?;
    for id in &args.rule {
        rules::rule(&catalogue, id)?;
    }
    let cache = args.cache.cache();
    let tree = Workspace::read_with(&args.repo, workspace::Limits::default(), &cache)
        .map_err(|e| Stop::Usage(e.into()))?;
    tree.note();
    let config = crate::config::load(tree.top(), args.config.as_deref())
        .map_err(|e| Stop::Usage(e.into()))?;
    let overrides = Overrides {
        profile: args.profile.map(Profile::from),
        min_confidence: None,
    };
    let policy =
        Policy::new(&config, Profile::All, overrides).map_err(|e| Stop::Usage(e.into()))?;
    let asked = check::choose(
        &catalogue,
        &check::Wanted {
            rules: args.rule.clone(),
            profile: Some(policy.profile()),
            severity: args.severity.map(Severity::from),
        },
    );
    let parameters = Parameters(config.parameters.values());
    let mut problems: Vec<String> = tree.skipped().iter().map(ToString::to_string).collect();
    let roots = directories(&args.root)?;
    let settings = super::session::roots(&config, &tree)?;
    let given = Given {
        catalogue: &catalogue,
        parameters: &parameters,
        policy: &policy,
        rules: &asked.rules,
        roots: &roots,
        now,
        settings: &settings,
    };
    let base = args
        .changed_since
        .as_deref()
        .map(|reference| tree.base(reference).map(|base| (reference, base)))
        .transpose()
        .map_err(|e| Stop::Usage(e.into()))?;
    let configuration = Configuration::with_settings(tree.estate(), &settings);
    let checked = given.check(&configuration);
    if let (0, Some(root)) = (checked.roots, args.root.first()) {
        let known: Vec<&str> = configuration
            .roots()
            .iter()
            .map(|r| r.dir.as_str())
            .take(10)
            .collect();
        return Err(Stop::Usage(anyhow!(
            "--root {root}: there is no root module in it; there are: {}",
            known.join(", ")
        )));
    }
    problems.extend(configuration.problems().iter().map(ToString::to_string));
    let since = base
        .as_ref()
        .map(|(_, base)| check::compare(&checked, &given.before(&base.estate), &base.changed));
    let mut output = CheckOutput::new(&checked, since.as_deref(), &asked, &catalogue, args.all);
    output.unseen = unseen(&configuration, &given);
    output.problems = problems;
    if let Some((reference, base)) = base {
        output.base = Some(BaseView {
            reference: reference.to_owned(),
            commit: base.commit,
            changed: base.changed.iter().map(ToString::to_string).collect(),
            notes: base.notes,
        });
    }
    tree.noted();
    super::session::unchanged(&tree)?;
    write(&output, args.format, args.all, out)?;
    Ok(exit(args, &output))
}

fn exit(args: &CheckArgs, output: &CheckOutput) -> u8 {
    let unread = !output.problems.is_empty() || output.count(Verdict::Unknown) > 0;
    if output.failed() {
        code::FAILED
    } else if args.exit_code && output.count(Verdict::Unsafe) > 0 {
        code::CHANGES
    } else if args.fail_on == Some(FailOn::NeedsHuman) && unread {
        code::NEEDS_HUMAN
    } else {
        code::DONE
    }
}

/// What both sides of a comparison are asked with.
struct Given<'g> {
    catalogue: &'g Catalogue,
    parameters: &'g Parameters,
    policy: &'g Policy,
    rules: &'g [&'g crate::rules::Rule],
    roots: &'g [RepoPath],
    now: jiff::Timestamp,
    /// How the roots are run.
    settings: &'g RootSettings,
}

impl Given<'_> {
    fn check(&self, configuration: &Configuration<'_>) -> Checked {
        check::check(&self.question(configuration))
    }

    fn before(&self, estate: &Estate) -> Checked {
        self.check(&Configuration::with_settings(estate, self.settings))
    }

    fn question<'c, 'a>(&'c self, cfg: &'c Configuration<'a>) -> Question<'c, 'c, 'a> {
        Question {
            context: Context {
                cfg,
                catalogue: self.catalogue,
                parameters: self.parameters,
            },
            policy: self.policy,
            rules: self.rules,
            roots: self.roots,
            now: self.now,
        }
    }
}

/// `--root`, each inside the repository.
fn directories(given: &[String]) -> Result<Vec<RepoPath>, Stop> {
    given
        .iter()
        .map(|root| {
            RepoPath::new(root).ok_or_else(|| {
                Stop::Usage(anyhow!("--root {root}: does not lie inside the repository"))
            })
        })
        .collect()
}

/// The module calls whose code is not here.
fn unseen(configuration: &Configuration<'_>, given: &Given<'_>) -> Vec<Unseen> {
    use hcl_edit::Span as _;
    let question = given.question(configuration);
    configuration
        .external_calls()
        .into_iter()
        .filter(|call| question.concerns(&call.root))
        .map(|external| {
            let path: Vec<String> = external
                .path
                .iter()
                .map(|p| format!("module.{p}"))
                .collect();
            let call = external.call;
            let start = call.block.span().map_or(0, |span| span.start);
            Unseen {
                root: external.root.to_string(),
                call: path.join("."),
                source: call.source.map(str::to_owned),
                at: PlaceView {
                    file: call.file.path().to_string(),
                    line: call.file.line(start),
                },
            }
        })
        .collect()
}
