//! TEMPORARY
use crate::config::Config;
use crate::finding::Finding;
use crate::locate::Located;
use crate::outcome::{OutcomeKind, Reason};
use crate::remedy::Remediation;
use crate::rules::{Profile, Rule};

pub enum Admission { Proceed { decided_by: String }, Stop { outcome: OutcomeKind, reason: Reason, decided_by: String } }
pub enum Disposition { Propose { draft: bool, auto_merge: bool, decided_by: String }, Stop { outcome: OutcomeKind, reason: Reason, decided_by: String } }
pub struct Policy { profile: Profile }
impl Policy {
    pub fn new(_config: &Config, profile: Profile) -> Self { Self { profile } }
    pub fn admit(&self, _f: &Finding, rule: &Rule, _now: jiff::Timestamp) -> Admission {
        if rule.profile > self.profile {
            return Admission::Stop { outcome: OutcomeKind::Deferred, reason: Reason::new("profile", "p", "n"), decided_by: "default".into() };
        }
        Admission::Proceed { decided_by: "default".into() }
    }
    pub fn dispose(&self, _r: &Remediation, _rule: &Rule, _l: &Located, _f: &Finding, _now: jiff::Timestamp) -> Disposition {
        Disposition::Propose { draft: false, auto_merge: false, decided_by: "default".into() }
    }
    pub fn paused(&self, _stage: &str) -> Option<String> { None }
}
