//! `tfmend init`: a commented configuration and a workflow, so that the first run is one commit away.
//!
//! Nothing that is there is overwritten without `--force`, nothing is written through a link, and what the workflow runs
//! is pinned to a commit: the one this binary was released from, or one that is named with `--action`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, anyhow};

use super::args::InitArgs;
use super::{Done, Stop, code};
use crate::config;

const CONFIG: &str = include_str!("../../templates/init/tfmend.toml");
const WORKFLOW: &str = include_str!("../../templates/init/tfmend.yml");
/// Where GitHub looks for it.
const WORKFLOW_PATH: &str = ".github/workflows/tfmend.yml";
/// Stands in the template where the action belongs. No commit has this id, so it cannot run by mistake.
const NO_ACTION: &str = "OWNER/tfmend@0000000000000000000000000000000000000000 # put in your copy of tfmend and a commit of it";
/// Beside the configuration.
const SCHEMA: &str = "#:schema tfmend.schema.json";
/// `OWNER/REPOSITORY@COMMIT`, set by the release workflow.
const RELEASED_AS: Option<&str> = option_env!("TFMEND_ACTION");

/// `OWNER/REPOSITORY@COMMIT`: the action at a commit, which nobody can move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    repository: String,
    commit: String,
}

impl FromStr for Action {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let problem = || {
            format!(
                "`{given}`: give OWNER/REPOSITORY@COMMIT with the commit's 40 digits: a tag or a branch can be moved to other code"
            )
        };
        let (repository, commit) = given.split_once('@').ok_or_else(problem)?;
        let (owner, name) = repository.split_once('/').ok_or_else(problem)?;
        let word = |w: &str| {
            !w.is_empty()
                && w.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let id = commit.len() == 40
            && commit
                .chars()
                .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        if !(word(owner) && word(name) && id) {
            return Err(problem());
        }
        Ok(Self {
            repository: repository.to_owned(),
            commit: commit.to_owned(),
        })
    }
}

/// One file to write.
struct Page {
    path: &'static str,
    text: String,
}

fn workflow(action: Option<&Action>) -> String {
    match action {
        None => WORKFLOW.to_owned(),
        Some(action) => {
            let version = match RELEASED_AS {
                Some(_) => concat!(" # v", env!("CARGO_PKG_VERSION")),
                None => "",
            };
            let uses = format!("{}@{}{version}", action.repository, action.commit);
            WORKFLOW.replace(NO_ACTION, &uses)
        }
    }
}

fn configuration(action: Option<&Action>) -> String {
    match action {
        None => CONFIG.to_owned(),
        Some(action) => CONFIG.replace(
            SCHEMA,
            &format!(
                "#:schema https://raw.githubusercontent.com/{}/{}/docs/schema/config.json",
                action.repository, action.commit
            ),
        ),
    }
}

pub(super) fn run(args: &InitArgs, out: &mut dyn Write) -> Done {
    let top = args.repo.canonicalize().map_err(|e| {
        Stop::Usage(anyhow!(
            "--repo {}: {e}; give the top directory of the repository",
            args.repo.display()
        ))
    })?;
    if !top.is_dir() {
        return Err(Stop::Usage(anyhow!(
            "--repo {}: not a directory; give the top directory of the repository",
            args.repo.display()
        )));
    }
    let released = RELEASED_AS.and_then(|text| text.parse::<Action>().ok());
    let action = args.action.clone().or(released);
    let [preferred, other] = config::NAMES;
    let elsewhere = top.join(other).exists();
    let mut pages = vec![Page {
        path: WORKFLOW_PATH,
        text: workflow(action.as_ref()),
    }];
    // Two configurations are an error of every other verb, so a second one is not made.
    if !elsewhere {
        let page = Page {
            path: preferred,
            text: configuration(action.as_ref()),
        };
        pages.insert(0, page);
    }
    let taken = taken(&top, &pages, args.force)?;
    if !taken.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "nothing was written, because something else is there: {}; --force overwrites",
            taken.join(", ")
        )));
    }
    for page in &pages {
        let done = write(&top, page)?;
        writeln!(out, "{done:<10}{}", page.path)?;
    }
    if elsewhere {
        writeln!(out, "{:<10}{other}", "kept")?;
    }
    next(&top, action.as_ref(), !elsewhere, out)?;
    Ok(code::DONE)
}

/// The files that are there with another content. A link is never followed: it may lead out of the repository.
fn taken(top: &Path, pages: &[Page], force: bool) -> Result<Vec<&'static str>, Stop> {
    let mut taken = Vec::new();
    for page in pages {
        let mut way = top.to_path_buf();
        for part in Path::new(page.path) {
            way.push(part);
            if fs::symlink_metadata(&way).is_ok_and(|m| m.is_symlink()) {
                return Err(Stop::Usage(anyhow!(
                    "{} is a link; replace it by a plain file or directory, then run again",
                    way.display()
                )));
            }
        }
        if way.is_dir() {
            return Err(Stop::Usage(anyhow!(
                "{} is a directory; move it away, then run again",
                way.display()
            )));
        }
        let same = fs::read(&way).is_ok_and(|bytes| bytes == page.text.as_bytes());
        if way.exists() && !same && !force {
            taken.push(page.path);
        }
    }
    Ok(taken)
}

fn write(top: &Path, page: &Page) -> Result<&'static str, Stop> {
    let path: PathBuf = top.join(page.path);
    let before = fs::read(&path).ok();
    if before.as_deref() == Some(page.text.as_bytes()) {
        return Ok("unchanged");
    }
    let problem = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(problem)?;
    }
    fs::write(&path, &page.text).with_context(problem)?;
    Ok(if before.is_some() {
        "replaced"
    } else {
        "wrote"
    })
}

fn next(
    top: &Path,
    action: Option<&Action>,
    configured: bool,
    out: &mut dyn Write,
) -> Result<(), Stop> {
    let mut steps = Vec::new();
    if !top.join(".git").exists() {
        steps.push(format!(
            "{} is not the top of a Git repository: GitHub reads workflows only there.",
            top.display()
        ));
    }
    if action.is_none() {
        steps.push(format!(
            "Name the action in {WORKFLOW_PATH}: this tfmend was built from source, so it does not know which copy of it \
             your runners can reach. `tfmend init --force --action OWNER/tfmend@COMMIT` writes it."
        ));
        if configured {
            steps.push(
                "For completion in your editor: `tfmend schema config > .github/tfmend.schema.json`."
                    .to_owned(),
            );
        }
    }
    steps.extend([
        "Make the role that reads Security Hub, and set the variables TFMEND_AWS_ROLE and TFMEND_AWS_REGION of the \
         repository (docs/getting-started.md has both trust policies)."
            .to_owned(),
        "In Settings → Actions → General, allow GitHub Actions to create pull requests.".to_owned(),
        "Commit both files to the default branch, and start the workflow by hand: `gh workflow run tfmend.yml`."
            .to_owned(),
    ]);
    if configured {
        steps.push(
            "The first runs open no pull request (`open = 0`): look at the summary of the run and at the dashboard \
             issue, then raise it."
                .to_owned(),
        );
    }
    writeln!(out, "\nNext:")?;
    for (n, step) in steps.iter().enumerate() {
        writeln!(out, "  {}. {step}", n + 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_pinned_to_a_commit() {
        let action: Action = "acme/tfmend@3d3c42e5aac5ba805825da76410c181273ba90b1"
            .parse()
            .unwrap();
        let text = workflow(Some(&action));
        assert!(text.contains("uses: acme/tfmend@3d3c42e5aac5ba805825da76410c181273ba90b1"));
        assert!(!text.contains("OWNER/"));
        assert!(workflow(None).contains(NO_ACTION));
        assert!(configuration(Some(&action)).starts_with("#:schema https://"));
        assert!(configuration(None).starts_with(SCHEMA));
        for wrong in [
            "acme/tfmend@v1",
            "acme/tfmend@main",
            "acme@3d3c42e5aac5ba805825da76410c181273ba90b1",
            "a b/c@3d3c42e5aac5ba805825da76410c181273ba90b1",
            "a/b\n@3d3c42e5aac5ba805825da76410c181273ba90b1",
            "a/b@3d3c42e5aac5ba805825da76410c181273ba90bg",
        ] {
            assert!(wrong.parse::<Action>().is_err(), "{wrong}");
        }
    }
}
