//! The arguments of `tfmend emergency`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::{Inputs, ListFormat};

/// `emergency …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EmergencyVerb {
    /// Read the live state and show what would be done for every eligible finding; writes nothing.
    Plan(PlanArgs),
    /// Do it, for the findings that are named, each confirmed; then open the pull request that brings the code along.
    Apply(ApplyArgs),
    /// Bring back what was there before, from the receipt.
    Rollback(RollbackArgs),
    /// The live changes of the journal, oldest first.
    List(ListArgs),
    /// One live change: before, after, who, which calls, how to undo it.
    Show(ShowArgs),
}

/// What goes beyond the narrow default.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Wider {
    /// Close public rules that let in more than the finding asks about, too.
    #[arg(long)]
    pub(in crate::cli) include_wider: bool,
    /// Go on when no rule of the group lets anybody in on a port afterwards.
    #[arg(long)]
    pub(in crate::cli) allow_no_admin_path: bool,
}

/// `emergency plan`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PlanArgs {
    /// What to read.
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// What goes beyond the narrow default.
    #[command(flatten)]
    pub(in crate::cli) wider: Wider,
    /// Go on with an earlier run although other parts of the resource have changed since.
    #[arg(long)]
    pub(in crate::cli) keep_others: bool,
}

/// `emergency apply`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// What to read.
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// What goes beyond the narrow default.
    #[command(flatten)]
    pub(in crate::cli) wider: Wider,
    /// Where the pull request goes that brings the code along.
    #[arg(long, value_name = "local:DIR", conflicts_with = "github")]
    pub(in crate::cli) forge: Option<String>,
    /// The same, on GitHub (see `tfmend pr --github`).
    #[arg(long, value_name = "OWNER/NAME")]
    pub(in crate::cli) github: Option<String>,
    /// The branch that the pull request is for. Default: the repository's default branch.
    #[arg(long, value_name = "BRANCH", requires = "github")]
    pub(in crate::cli) base: Option<String>,
    /// Confirms a plan where nobody can type: RESOURCE@HASH, as the plan shows it. May be repeated.
    #[arg(long, value_name = "RESOURCE@HASH")]
    pub(in crate::cli) confirm: Vec<String>,
    /// Why, for the receipt.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// Go on with an earlier run although other parts of the resource have changed since.
    #[arg(long)]
    pub(in crate::cli) keep_others: bool,
}

/// Which journal.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct JournalArg {
    /// The journal with the receipts. Default: $TFMEND_JOURNAL, else .tfmend/emergency.ndjson.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) journal: Option<PathBuf>,
}

/// `emergency rollback`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct RollbackArgs {
    /// The receipt's id, as `emergency list` shows it.
    pub(in crate::cli) id: String,
    /// Which journal.
    #[command(flatten)]
    pub(in crate::cli) journal: JournalArg,
    /// The repository with the configuration (a pause of the stage is honoured).
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(in crate::cli) repo: PathBuf,
    /// Configuration; else tfmend.toml or .github/tfmend.toml of the repository.
    #[arg(long, value_name = "FILE", env = "TFMEND_CONFIG")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Confirms where nobody can type: RESOURCE@HASH, as the plan shows it.
    #[arg(long, value_name = "RESOURCE@HASH")]
    pub(in crate::cli) confirm: Vec<String>,
    /// Why, for the receipt.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// Leave alone what else has changed since, and bring back only what was taken.
    #[arg(long)]
    pub(in crate::cli) keep_others: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}

/// `emergency list`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ListArgs {
    /// Which journal.
    #[command(flatten)]
    pub(in crate::cli) journal: JournalArg,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}

/// `emergency show`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The receipt's id, as `emergency list` shows it.
    pub(in crate::cli) id: String,
    /// Which journal.
    #[command(flatten)]
    pub(in crate::cli) journal: JournalArg,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(in crate::cli) format: ListFormat,
}
