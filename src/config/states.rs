//! `[states]`: where states come from that do not lie in the repository.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Where states come from that do not lie in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct States {
    /// A program and its arguments whose output is a state (`terraform state pull`, `terraform show -json`). With
    /// `{root}` or `{workspace}` in an argument it is run for each root. Only used when this file is named with
    /// `--config`: a repository alone never makes tfmend run a program.
    pub command: Vec<String>,
    /// Seconds that one run of the program may take.
    pub timeout_seconds: u32,
    /// What completes partial `backend` blocks, by the root's directory (`.` is the top): `name=value`, or files from
    /// that directory, as with `-backend-config`.
    pub backend_config: BTreeMap<String, Vec<String>>,
}

impl Default for States {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            timeout_seconds: 120,
            backend_config: BTreeMap::new(),
        }
    }
}
