//! Where an action happens: account, region, and as whom. The finding's own, proved before anything is read.

use aws_config::SdkConfig;
use serde::{Deserialize, Serialize};

use super::{EmergencyError, Refused, RefusedKind};
use crate::cloud::{Caller, CloudError, Session};

/// Account, region and role of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// The role that is assumed; `None`: the caller's own identity.
    pub role: Option<String>,
}

/// A session in the right account and region.
pub struct Scene<'s> {
    session: &'s Session,
    config: SdkConfig,
    place: Place,
    /// Who started it.
    caller: Caller,
    /// As whom it acts: the role's session, or the caller.
    acting: Caller,
}

impl<'s> Scene<'s> {
    /// Assumes the role of the place, if it has one, and proves that the account is the right one.
    ///
    /// # Errors
    /// When nobody is signed in or the role cannot be assumed. Another account is a refusal.
    pub fn enter(
        session: &'s Session,
        place: Place,
    ) -> Result<Result<Self, Refused>, EmergencyError> {
        let caller = session.caller()?;
        let role = place
            .role
            .as_deref()
            .filter(|role| !is_already(&caller, role, &place.account));
        let (config, acting) = match role {
            Some(role) => {
                let config = session.assume(role, "tfmend-emergency", &place.region)?;
                let acting = who(session, &config, &place.region)?;
                (config, acting)
            }
            None => (session.in_region(&place.region), caller.clone()),
        };
        if acting.account != place.account {
            let (message, next) = match &place.role {
                Some(role) => (
                    format!(
                        "the finding is about account {}, and role {role} leads to account {}",
                        place.account, acting.account
                    ),
                    format!("correct emergency_role of [accounts.\"{}\"]", place.account),
                ),
                None => (
                    format!(
                        "the finding is about account {}, and the credentials are those of {} in account {}",
                        place.account, acting.arn, acting.account
                    ),
                    format!(
                        "set emergency_role of [accounts.\"{}\"], or sign in to that account",
                        place.account
                    ),
                ),
            };
            return Ok(Err(Refused::new(RefusedKind::OtherAccount, message, next)));
        }
        Ok(Ok(Self {
            session,
            config,
            place,
            caller,
            acting,
        }))
    }

    /// Account, region, role.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Who started it.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// As whom it acts.
    #[must_use]
    pub fn acting(&self) -> &Caller {
        &self.acting
    }

    pub(super) fn session(&self) -> &Session {
        self.session
    }

    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Explains an error of a call made here.
    pub(super) fn explain<E>(
        &self,
        action: &str,
        error: &aws_sdk_s3::error::SdkError<E>,
    ) -> CloudError
    where
        E: std::error::Error + aws_sdk_s3::error::ProvideErrorMetadata + Send + Sync + 'static,
    {
        let call = crate::cloud::Call {
            action,
            region: &self.place.region,
        };
        crate::cloud::explain(call, error)
    }
}

/// Who the credentials of a configuration are: what STS says, not what was asked for.
fn who(session: &Session, config: &SdkConfig, region: &str) -> Result<Caller, CloudError> {
    let call = crate::cloud::Call {
        action: "sts:GetCallerIdentity",
        region,
    };
    let request = aws_sdk_sts::Client::new(config).get_caller_identity();
    let answer = session
        .block_on(request.send())
        .map_err(|e| crate::cloud::explain(call, &e))?;
    // An answer without an account is no proof: it equals none.
    Ok(Caller {
        account: answer.account.unwrap_or_default(),
        arn: answer.arn.unwrap_or_default(),
    })
}

/// Whether the caller is a session of that role already: a workflow may sign in with it directly, and a role needs a
/// permission of its own to assume itself.
fn is_already(caller: &Caller, role: &str, account: &str) -> bool {
    let name = role.rsplit('/').next().unwrap_or_default();
    let mut parts = caller.arn.rsplitn(2, ':');
    let resource = parts.next().unwrap_or_default();
    let mut path = resource.split('/');
    caller.account == account
        && role.split(':').nth(4) == Some(account)
        && path.next() == Some("assumed-role")
        && path.next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_of_the_role_needs_not_assume_it() {
        let caller = Caller {
            account: "111122223333".to_owned(),
            arn: "arn:aws:sts::111122223333:assumed-role/tfmend/ci".to_owned(),
        };
        let role = "arn:aws:iam::111122223333:role/sec/tfmend";
        assert!(is_already(&caller, role, "111122223333"));
        for other in [
            "arn:aws:iam::111122223333:role/tfmend2",
            "arn:aws:iam::444455556666:role/tfmend",
        ] {
            assert!(!is_already(&caller, other, "111122223333"), "{other}");
        }
        let user = Caller {
            arn: "arn:aws:iam::111122223333:user/tfmend".to_owned(),
            ..caller
        };
        assert!(!is_already(&user, role, "111122223333"));
    }
}
