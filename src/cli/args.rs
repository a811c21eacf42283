//! The arguments. Names and meanings are an interface that scripts rely on.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Format;
use crate::workspace::Cache;

/// Fixes cloud security findings where they were made: in the Terraform code.
#[derive(Debug, Parser)]
#[command(
    name = "tfmend",
    version,
    about,
    max_term_width = 100,
    propagate_version = true
)]
#[command(
    after_help = "Exit codes: 0 done · 1 something failed · 2 usage or configuration · 3 no input · \
10 changes proposed, or unsafe code found (--exit-code) · 11 needs a human (--fail-on needs-human)"
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// More log on stderr (-v, -vv).
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
    /// Log as JSON lines.
    #[arg(long, global = true)]
    pub(super) log_json: bool,
    /// Colour of text output.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub(super) color: Colour,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show what would be done for every finding; writes nothing.
    Plan(Inputs),
    /// Edit the working tree only; no git.
    Fix(Inputs),
    /// Branches, commits, opens or updates pull requests, closes obsolete ones.
    Pr(PrArgs),
    /// Is the code safe? The rules over a repository, no findings needed; blocks a regression in CI.
    Check(super::check::CheckArgs),
    /// Changes in the live cloud: plan, apply, rollback, list, show. The only verb that makes any.
    #[command(subcommand)]
    Emergency(super::emergency::EmergencyVerb),
    /// Are configuration, credentials, permissions, tools and clocks as they should be?
    Doctor(DoctorArgs),
    /// Write a commented configuration and a GitHub Actions workflow into a repository.
    Init(InitArgs),
    /// The rules: list, show, docs, check.
    #[command(subcommand)]
    Rules(RulesVerb),
    /// A rule's page, or why a finding came out as it did.
    Explain(ExplainArgs),
    /// JSON Schemas of the configuration, the output and the rule file.
    Schema {
        /// Which one.
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// A completion script for your shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// What a run keeps for the next one.
#[derive(Debug, Clone, Args)]
pub(super) struct CacheArgs {
    /// Where to note what the files say, so that the next run reads only those that changed. Default: tfmend in the user's cache directory.
    #[arg(long, value_name = "DIR", env = "TFMEND_CACHE_DIR")]
    cache_dir: Option<PathBuf>,
    /// Read every file anew, and note nothing.
    #[arg(long)]
    no_cache: bool,
}

impl CacheArgs {
    pub(super) fn cache(&self) -> Cache {
        let given = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        let usual = || {
            let caches = given("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| given("HOME").map(|home| PathBuf::from(home).join(".cache")));
            // The system's own rule: what is not absolute does not count.
            Some(caches.filter(|dir| dir.is_absolute())?.join("tfmend"))
        };
        match self.cache_dir.clone().or_else(usual) {
            Some(dir) if !self.no_cache && !dir.as_os_str().is_empty() => Cache::at(dir),
            _ => Cache::none(),
        }
    }
}

/// What `plan`, `fix`, `pr` and `explain` read.
#[derive(Debug, Clone, Args)]
pub(super) struct Inputs {
    /// Findings: files, directories, or - for standard input. Any supported format, also mixed.
    #[arg(long, value_name = "FILE|-|DIR", num_args = 1..)]
    pub(super) findings: Vec<PathBuf>,
    /// Findings of a service: security-hub[:REGION] or security-hub-v2[:REGION]. May be repeated.
    #[arg(long, value_name = "SOURCE")]
    pub(super) from: Vec<String>,
    /// Ask the service only for these: severity=high,critical control=S3.8 account=… region=… updated-since=24h|DATE workflow=new compliance=failed product=…
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., requires = "from")]
    pub(super) filter: Vec<String>,
    /// Most findings that are read of one service.
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub(super) max_findings: u64,
    /// Only the findings that this event names (GITHUB_EVENT_PATH of a repository_dispatch).
    #[arg(long, value_name = "FILE")]
    pub(super) event: Option<PathBuf>,
    /// Read the findings as this format instead of detecting it.
    #[arg(long, value_name = "FORMAT")]
    pub(super) input_format: Option<crate::finding::InputFormat>,
    /// Only these findings (id or key).
    #[arg(long, value_name = "ID")]
    pub(super) finding_id: Vec<String>,
    /// The Terraform code: a working tree.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Only these root modules (directories inside the repository).
    #[arg(long, value_name = "DIR")]
    pub(super) root: Vec<String>,
    /// State: tfstate files, `terraform show -json` output, or directories of them. A state beside its root is found by itself.
    #[arg(long, value_name = "FILE|DIR", num_args = 1..)]
    pub(super) state: Vec<PathBuf>,
    /// Read the states of S3 backends, as the roots' own backend configuration says; of all roots, or of this one. May be repeated. Reads only, and never locks.
    #[arg(long, value_name = "ROOT", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) state_from_backend: Vec<String>,
    /// A program whose output is a state: 'terraform -chdir={root} state pull'. With {root} or {workspace} it is run for each root (also TFMEND_ROOT); no shell.
    #[arg(long, value_name = "CMD")]
    pub(super) state_cmd: Option<String>,
    /// Configuration; else tfmend.toml or .github/tfmend.toml of the repository.
    #[arg(long, value_name = "FILE", env = "TFMEND_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Which rules may propose. Default: the configuration's; without one, `all` for plan and fix, `starter` for pr.
    #[arg(long, value_enum)]
    pub(super) profile: Option<ProfileArg>,
    /// Edit only what was located at least this surely.
    #[arg(long, value_enum)]
    pub(super) min_confidence: Option<ConfidenceArg>,
    /// A directory of your own rule files, added to the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Vec<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Write another format to a file as well: `--also sarif=tfmend.sarif`. May be repeated.
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) also: Vec<super::also::Also>,
    /// Write outputs and summary of the GitHub Actions step that this run is part of.
    #[arg(long)]
    pub(super) github_step: bool,
    /// List the outcomes that need nobody as well (text).
    #[arg(long)]
    pub(super) all: bool,
    /// Exit with 10 when changes are proposed.
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Exit with 11 when something needs a human.
    #[arg(long, value_enum)]
    pub(super) fail_on: Option<FailOn>,
    /// Append every decision and action to this file (NDJSON). Default: DIR/journal.ndjson for a local forge, else none.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
}

/// `pr`.
#[derive(Debug, Clone, Args)]
pub(super) struct PrArgs {
    /// What to read.
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// Where the pull requests go: `local:DIR` is a bare Git repository with a rendered page for each.
    #[arg(
        long,
        value_name = "local:DIR",
        required_unless_present = "github",
        conflicts_with = "github"
    )]
    pub(super) forge: Option<String>,
    /// Pull requests on GitHub. The token is GITHUB_TOKEN or TFMEND_GITHUB_TOKEN; for a GitHub App set TFMEND_GITHUB_APP_ID and TFMEND_GITHUB_APP_PRIVATE_KEY. Without --repo, and outside of a checkout of it, tfmend clones.
    #[arg(long, value_name = "OWNER/NAME")]
    pub(super) github: Option<String>,
    /// The branch that pull requests are for. Default: the repository's default branch.
    #[arg(long, value_name = "BRANCH", requires = "github")]
    pub(super) base: Option<String>,
    /// Tell Security Hub about each pull request: NOTIFIED, with the link (findings of --from).
    #[arg(long, requires = "from")]
    pub(super) acknowledge: bool,
}

/// `doctor`.
#[derive(Debug, Clone, Args)]
pub(super) struct DoctorArgs {
    /// The Terraform code: a working tree.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Configuration; else tfmend.toml or .github/tfmend.toml of the repository.
    #[arg(long, value_name = "FILE", env = "TFMEND_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Where findings will be read: what it needs must be there.
    #[arg(long, value_name = "security-hub[:REGION]")]
    pub(super) from: Option<String>,
    /// Where pull requests will go: what it needs must be there. Default: GITHUB_REPOSITORY, if there is a token.
    #[arg(long, value_name = "OWNER/NAME")]
    pub(super) github: Option<String>,
    /// Look at this machine only.
    #[arg(long)]
    pub(super) offline: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(super) format: ListFormat,
}

/// `init`.
#[derive(Debug, Clone, Args)]
pub(super) struct InitArgs {
    /// The repository: a working tree.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Overwrite what is there.
    #[arg(long)]
    pub(super) force: bool,
    /// The action that the workflow uses, at a commit. Default: what this release of tfmend was built from.
    #[arg(long, value_name = "OWNER/REPOSITORY@COMMIT")]
    pub(super) action: Option<super::init::Action>,
}

/// `explain`.
#[derive(Debug, Clone, Args)]
pub(super) struct ExplainArgs {
    /// A rule id, or a finding's key or id (then give --findings and --repo as for plan).
    pub(super) what: String,
    /// What to read.
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

/// `rules …`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesVerb {
    /// One line a rule.
    List {
        /// A directory of your own rule files.
        #[arg(long, value_name = "DIR")]
        rules: Vec<PathBuf>,
        /// What to print.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// A rule's page.
    Show {
        /// Rule id.
        id: String,
        /// A directory of your own rule files.
        #[arg(long, value_name = "DIR")]
        rules: Vec<PathBuf>,
    },
    /// Write every rule's page into a directory.
    Docs {
        /// Where.
        dir: PathBuf,
    },
    /// Check rule files of your own.
    Check {
        /// A rule file or a directory of them.
        path: PathBuf,
    },
}

/// `--format` of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For a person.
    Text,
    /// For a machine.
    Json,
}

/// `schema …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// tfmend.toml.
    Config,
    /// `--format json`.
    Output,
    /// `check --format json`.
    Check,
    /// A rule file.
    Rule,
}

/// `--profile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    /// The always-safe few.
    Starter,
    /// What most teams want.
    Standard,
    /// Everything.
    All,
}

/// `--min-confidence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfidenceArg {
    /// State with one owner, a unique known identifier, or a proved account.
    Exact,
    /// A tag, or a pattern with one candidate.
    High,
    /// The rest.
    Low,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// A refused, not located or advised finding.
    NeedsHuman,
}

impl From<ProfileArg> for crate::rules::Profile {
    fn from(profile: ProfileArg) -> Self {
        match profile {
            ProfileArg::Starter => Self::Starter,
            ProfileArg::Standard => Self::Standard,
            ProfileArg::All => Self::All,
        }
    }
}

impl From<ConfidenceArg> for crate::locate::Confidence {
    fn from(confidence: ConfidenceArg) -> Self {
        match confidence {
            ConfidenceArg::Exact => Self::Exact,
            ConfidenceArg::High => Self::High,
            ConfidenceArg::Low => Self::Low,
        }
    }
}
