//! `[roots]`: how root modules are run, as the code alone does not tell.
//!
//! What stands here decides values of variables, and with them which code is edited. So a directory or file that is
//! not there is an error that names the line, never a setting without effect.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;

use super::error::ConfigError;
use super::file::invalid;
use super::{Config, SourceText};
use crate::terraform::RepoPath;
use crate::terraform::module::{RootSettings, Run};

/// How one root module is run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Root {
    /// `terraform.workspace`, when it is run in one workspace only.
    pub workspace: Option<String>,
    /// Variable files given with `-var-file`, in their order, as paths from the root's directory. An empty list: none.
    #[schemars(with = "Option<Vec<String>>")]
    pub var_files: Option<Vec<Spanned<String>>>,
    /// Values given with `-var`, by variable: they win over every file. Text as on the command line; what is no text
    /// stands for its JSON.
    pub vars: BTreeMap<String, Json>,
    /// Values of `TF_VAR_<name>`, by variable: they win over defaults only.
    pub env_vars: BTreeMap<String, Json>,
    /// Variables that something outside of the repository sets, to a value that is not told here.
    pub set_outside: BTreeSet<String>,
    /// The workspaces of a root that is run in several. What stands above holds for each of them.
    pub workspaces: BTreeMap<String, Workspace>,
}

/// What one workspace of a root is given besides what its root is given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Workspace {
    /// See [`Root::var_files`]; they come after the root's.
    #[schemars(with = "Option<Vec<String>>")]
    pub var_files: Option<Vec<Spanned<String>>>,
    /// See [`Root::vars`]; they win over the root's.
    pub vars: BTreeMap<String, Json>,
    /// See [`Root::env_vars`]; they win over the root's.
    pub env_vars: BTreeMap<String, Json>,
    /// See [`Root::set_outside`].
    pub set_outside: BTreeSet<String>,
}

impl Config {
    /// How the roots are run.
    ///
    /// # Errors
    /// A path leaves the repository, or an entry contradicts itself. Names the line.
    pub fn root_settings(&self) -> Result<RootSettings, ConfigError> {
        let mut runs = BTreeMap::new();
        for (name, root) in &self.roots {
            let dir = directory(&self.source, name)?;
            let all = root.runs(&self.source, name, &dir)?;
            if runs.insert(dir.clone(), all).is_some() {
                return Err(problem(
                    &self.source,
                    name,
                    format!("`{dir}` stands twice under [roots]"),
                    "keep one entry for a directory",
                ));
            }
        }
        Ok(RootSettings {
            runs,
            states: Vec::new(),
        })
    }

    /// As [`Config::root_settings`], for a repository: directories and files must be there. `is_there` says whether a
    /// variable file was read, `is_root` whether a directory holds code or a Terragrunt unit.
    ///
    /// # Errors
    /// See [`Config::root_settings`]; and a directory or file that is not there.
    pub fn root_settings_of(
        &self,
        is_there: impl Fn(&RepoPath) -> bool,
        is_root: impl Fn(&RepoPath) -> bool,
    ) -> Result<RootSettings, ConfigError> {
        let settings = self.root_settings()?;
        for (name, root) in &self.roots {
            let dir = directory(&self.source, name)?;
            if !is_root(&dir) {
                return Err(problem(
                    &self.source,
                    name,
                    format!("`{}` holds no Terraform code", name.get_ref()),
                    "use the path of the root module's directory, from the repository's top",
                ));
            }
            let own = root.workspaces.values().map(|w| &w.var_files);
            for file in std::iter::once(&root.var_files)
                .chain(own)
                .flatten()
                .flatten()
            {
                let path = variable_file(&self.source, &dir, file)?;
                if !is_there(&path) {
                    return Err(problem(
                        &self.source,
                        file,
                        format!("there is no variable file `{path}`"),
                        "paths are those of -var-file, from the root's directory; only .tfvars and .tfvars.json are read",
                    ));
                }
            }
        }
        Ok(settings)
    }
}

impl Root {
    fn runs(
        &self,
        source: &SourceText,
        name: &Spanned<String>,
        dir: &RepoPath,
    ) -> Result<Vec<Run>, ConfigError> {
        let own = Workspace {
            var_files: self.var_files.clone(),
            vars: self.vars.clone(),
            env_vars: self.env_vars.clone(),
            set_outside: self.set_outside.clone(),
        };
        let mut base = Run {
            workspace: self.workspace.clone(),
            ..Run::default()
        };
        own.add_to(&mut base, source, name, dir)?;
        if self.workspaces.is_empty() {
            return Ok(vec![base]);
        }
        if self.workspace.is_some() {
            return Err(problem(
                source,
                name,
                "`workspace` and `workspaces` contradict each other".to_owned(),
                "name every workspace under `workspaces`, or one with `workspace`",
            ));
        }
        self.workspaces
            .iter()
            .map(|(workspace, given)| {
                let usual = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
                if workspace.is_empty() || !workspace.chars().all(usual) {
                    return Err(problem(
                        source,
                        name,
                        format!("`{workspace}` is no name of a workspace"),
                        "a workspace's name has letters, digits, `-`, `_`, `.` and `~`",
                    ));
                }
                let mut run = Run {
                    workspace: Some(workspace.clone()),
                    ..base.clone()
                };
                given.add_to(&mut run, source, name, dir)?;
                Ok(run)
            })
            .collect()
    }
}

impl Workspace {
    fn add_to(
        &self,
        run: &mut Run,
        source: &SourceText,
        name: &Spanned<String>,
        dir: &RepoPath,
    ) -> Result<(), ConfigError> {
        if let Some(files) = &self.var_files {
            let all = run.var_files.get_or_insert_default();
            for file in files {
                all.push(variable_file(source, dir, file)?);
            }
        }
        for (given, into) in [
            (&self.vars, &mut run.vars),
            (&self.env_vars, &mut run.environment),
        ] {
            for (variable, value) in given {
                let text = match value {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                };
                into.insert(variable.clone(), text);
            }
        }
        run.outside.extend(self.set_outside.iter().cloned());
        let both = run
            .outside
            .iter()
            .find(|v| run.vars.contains_key(*v) || run.environment.contains_key(*v));
        match both {
            Some(variable) => Err(problem(
                source,
                name,
                format!("variable `{variable}` has a value and stands in `set_outside`"),
                "give the value, or say that it is not told",
            )),
            None => Ok(()),
        }
    }
}

fn directory(source: &SourceText, name: &Spanned<String>) -> Result<RepoPath, ConfigError> {
    RepoPath::new(name.get_ref()).ok_or_else(|| {
        problem(
            source,
            name,
            format!("`{}` lies outside of the repository", name.get_ref()),
            "use the path of the root module's directory, from the repository's top (\".\" is the top)",
        )
    })
}

fn variable_file(
    source: &SourceText,
    dir: &RepoPath,
    file: &Spanned<String>,
) -> Result<RepoPath, ConfigError> {
    dir.join(file.get_ref()).ok_or_else(|| {
        problem(
            source,
            file,
            format!("`{}` lies outside of the repository", file.get_ref()),
            "paths are those of -var-file, from the root's directory",
        )
    })
}

fn problem<T>(source: &SourceText, at: &Spanned<T>, problem: String, help: &str) -> ConfigError {
    invalid(source, Some(at.span()), problem, Some(help.to_owned()))
}
