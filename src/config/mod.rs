//! TEMPORARY
use std::path::Path;
use std::collections::BTreeMap;
pub struct Config;
#[derive(Debug, thiserror::Error)]
#[error("config")]
pub struct ConfigError;
impl Config {
    pub fn load(_top: &Path, _explicit: Option<&Path>) -> Result<Self, ConfigError> { Ok(Self) }
    pub fn profile(&self) -> Option<crate::rules::Profile> { None }
    pub fn min_confidence(&self) -> Option<crate::locate::Confidence> { None }
    pub fn placements(&self) -> Vec<crate::locate::Placement> { vec![] }
    pub fn parameters(&self) -> BTreeMap<String, serde_json::Value> { BTreeMap::new() }
    pub fn limits(&self) -> crate::pull_request::Limits { crate::pull_request::Limits { open: 100, per_run: 100, critical_extra: 0 } }
}
pub fn schema() -> serde_json::Value { serde_json::json!({}) }
