//! Finding, reading and checking the configuration file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder};

use super::error::{ConfigError, Help, nearest};
use super::{Config, SourceText};

/// Where a repository may keep its configuration.
pub const NAMES: [&str; 2] = [".github/tfmend.toml", "tfmend.toml"];

/// The repository's configuration file, if it has one.
///
/// # Errors
/// When it has two.
pub fn find(repository: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let [first, second] = NAMES.map(|name| repository.join(name));
    match (first.is_file(), second.is_file()) {
        (true, true) => Err(ConfigError::TwoFiles { first, second }),
        (true, false) => Ok(Some(first)),
        (false, true) => Ok(Some(second)),
        (false, false) => Ok(None),
    }
}

/// Reads `explicit`, else the repository's own file, else gives the defaults.
///
/// # Errors
/// When the file cannot be read or is not valid, or there are two.
pub fn load(repository: &Path, explicit: Option<&Path>) -> Result<Config, ConfigError> {
    let path = match explicit {
        Some(path) => path.to_owned(),
        None => match find(repository)? {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Read {
        path: path.clone(),
        source,
    })?;
    let shown = path.strip_prefix(repository).unwrap_or(&path);
    Config::parse(&text, &shown.to_string_lossy())
}

impl Config {
    /// Reads and checks the text of a configuration; `file` is its name in messages.
    ///
    /// # Errors
    /// Names line and column, what is wrong and the key that was probably meant.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let source = SourceText {
            file: file.to_owned(),
            text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        };
        let mut config: Self = toml::from_str(&source.text).map_err(|error| {
            let problem = error.message().trim().to_owned();
            let help = nearest(&problem);
            invalid(&source, error.span(), problem, help)
        })?;
        config.source = source;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let fail = |span: Range<usize>, problem: String, help: &str| {
            Err(invalid(
                &self.source,
                Some(span),
                problem,
                Some(help.to_owned()),
            ))
        };
        for id in self.accounts.keys() {
            let name = id.get_ref();
            let digits = name.bytes().all(|b| b.is_ascii_digit());
            if name.is_empty() || (digits && name.len() != 12) {
                let problem = format!("`{name}` is no account id");
                return fail(
                    id.span(),
                    problem,
                    "an AWS account id has twelve digits, in quotes",
                );
            }
        }
        for (id, account) in &self.accounts {
            if let Some(role) = &account.emergency_role
                && !is_role_of(role, id.get_ref())
            {
                let problem = format!("`{role}` is no role of account {}", id.get_ref());
                return fail(
                    id.span(),
                    problem,
                    "emergency_role is the ARN of an IAM role of this account: arn:aws:iam::111122223333:role/NAME",
                );
            }
        }
        for rule in &self.policy {
            let span = rule.span();
            let rule = rule.get_ref();
            let globs = rule.rule.iter().chain(&rule.region).chain(&rule.path);
            for pattern in globs.chain(rule.tags.values()) {
                if let Err(error) = glob(pattern) {
                    let help = "globs know *, **, ?, [a-z] and {a,b}";
                    return fail(
                        span,
                        format!("`{pattern}` is no glob: {}", error.kind()),
                        help,
                    );
                }
            }
            if (rule.auto_merge || rule.emergency)
                && rule.decision != super::PolicyDecision::Propose
            {
                let problem = "`auto_merge` and `emergency` need decision = \"propose\"".to_owned();
                return fail(span, problem, "leave them out, or propose");
            }
        }
        for ignore in &self.ignore {
            let span = ignore.span();
            let ignore = ignore.get_ref();
            let lists = [
                &ignore.finding,
                &ignore.rule,
                &ignore.resource,
                &ignore.path,
            ];
            for pattern in lists.into_iter().flatten() {
                if let Err(error) = glob(pattern) {
                    let help = "globs know *, **, ?, [a-z] and {a,b}";
                    return fail(
                        span,
                        format!("`{pattern}` is no glob: {}", error.kind()),
                        help,
                    );
                }
            }
            if lists.iter().all(|list| list.is_empty()) {
                let problem =
                    "an [[ignore]] without a condition would ignore everything".to_owned();
                return fail(span, problem, "give finding, rule, resource or path");
            }
            if ignore.reason.trim().is_empty() {
                let problem = "an [[ignore]] needs a reason".to_owned();
                return fail(
                    span,
                    problem,
                    "say in one sentence why this is left as it is",
                );
            }
        }
        self.root_settings()?;
        for (account, regions) in &self.placement {
            for (region, place) in regions {
                let file = place.file.as_deref().unwrap_or("security.tf");
                let inside = |path: &str| {
                    !path.starts_with('/')
                        && !path.contains('\\')
                        && path.split('/').all(|part| part != "..")
                };
                if !inside(&place.root) || !inside(file) || !file.ends_with(".tf") {
                    let problem = format!(
                        "[placement.\"{account}\".\"{region}\"] leaves the repository or names no .tf file"
                    );
                    let at = self.source.text.find(account.as_str()).unwrap_or_default();
                    return fail(
                        at..at,
                        problem,
                        "use paths from the repository's top, without `..`",
                    );
                }
            }
        }
        Ok(())
    }
}

/// Whether a text is the ARN of a role in an account.
fn is_role_of(role: &str, account: &str) -> bool {
    let mut parts = role.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (arn, partition, service, region, owner, resource) =
        (next(), next(), next(), next(), next(), next());
    arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && owner == account
        && resource.strip_prefix("role/").is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && c != ':')
        })
}

/// Compiles a glob for names, ARNs and keys: `*` matches anything.
pub(crate) fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(false).build()
}

/// Compiles a glob for paths: `*` stays inside a directory, `**` does not.
pub(crate) fn path_glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

pub(super) fn invalid(
    source: &SourceText,
    span: Option<Range<usize>>,
    problem: String,
    help: Option<String>,
) -> ConfigError {
    let offset = span.map_or(0, |s| s.start);
    let (line, text) = source.line(offset);
    let column = source.text[..offset.min(source.text.len())]
        .rsplit('\n')
        .next()
        .map_or(1, |before| before.chars().count() + 1);
    ConfigError::Invalid {
        file: source.file.clone(),
        line,
        column,
        problem,
        text: text.to_owned(),
        help: Help(help),
    }
}
