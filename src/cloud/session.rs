//! A signed-in session: the SDK's base configuration and the runtime that drives it.
//!
//! The crate is synchronous; a session holds a current-thread runtime and blocks on it. Everything the AWS tools
//! understand is honoured (environment, profiles, SSO, web identity, `AWS_ENDPOINT_URL`); throttling is waited out by
//! the SDK's standard retries.

use std::future::Future;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};

use super::error::{Call, CloudError, explain};

/// Attempts a call, unless the environment says otherwise: with backoff up to 20 s this waits out half a minute of
/// throttling.
const ATTEMPTS: u32 = 6;
/// The SDK's own default, by which we tell that nobody set another number.
const SDK_ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(60);
/// Where STS is asked who we are when no region is known: it answers for all.
const ANYWHERE: &str = "us-east-1";
/// How STS limits the name of a session.
const SESSION_NAME: usize = 64;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// ARN of the user or the assumed role.
    pub arn: String,
}

/// A session with AWS.
pub struct Session {
    runtime: tokio::runtime::Runtime,
    config: SdkConfig,
}

impl Session {
    /// Reads environment and profiles; nothing is called before the first request. `region` wins over both.
    ///
    /// # Errors
    /// When `region` cannot be a region's name, or the runtime does not start.
    pub fn open(region: Option<&str>) -> Result<Self, CloudError> {
        Self::open_as(region, None)
    }

    /// As [`Session::open`], with a profile of the AWS configuration files.
    ///
    /// # Errors
    /// See [`Session::open`].
    pub fn open_as(region: Option<&str>, profile: Option<&str>) -> Result<Self, CloudError> {
        if let Some(name) = region {
            checked(name)?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| CloudError::Runtime(e.to_string()))?;
        // CloudTrail shows who called: the name is part of the user agent.
        let name = AppName::new("tfmend").map_err(|e| CloudError::Runtime(e.to_string()))?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .app_name(name)
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(ATTEMPT)
                    .build(),
            );
        if let Some(name) = region {
            loader = loader.region(Region::new(name.to_owned()));
        }
        if let Some(name) = profile {
            loader = loader.profile_name(name);
        }
        let mut config = runtime.block_on(loader.load());
        let asked_for = config.retry_config().map(RetryConfig::max_attempts);
        if asked_for.is_none_or(|n| n == SDK_ATTEMPTS)
            && std::env::var_os("AWS_MAX_ATTEMPTS").is_none()
        {
            let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
            config = config.into_builder().retry_config(retries).build();
        }
        Ok(Self { runtime, config })
    }

    /// Runs a future of the SDK to its end.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The base configuration, for clients of any service.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The session's region, if one is known.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        // A workflow sets AWS_REGION from a variable that may be empty.
        self.config
            .region()
            .map(AsRef::as_ref)
            .filter(|region| !region.is_empty())
    }

    /// The session's region, for a call that needs one.
    ///
    /// # Errors
    /// When none is known.
    pub fn region_for(&self, action: &str) -> Result<&str, CloudError> {
        self.region().ok_or_else(|| CloudError::NoRegion {
            action: action.to_owned(),
        })
    }

    /// The same session in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> SdkConfig {
        self.config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .build()
    }

    /// Who is signed in (`sts:GetCallerIdentity`, which needs no permission).
    ///
    /// # Errors
    /// When nobody is, or STS cannot be reached.
    pub fn caller(&self) -> Result<Caller, CloudError> {
        let region = self.region().unwrap_or(ANYWHERE).to_owned();
        let client = aws_sdk_sts::Client::new(&self.in_region(&region));
        let call = Call {
            action: "sts:GetCallerIdentity",
            region: &region,
        };
        let answer = self
            .block_on(client.get_caller_identity().send())
            .map_err(|e| explain(call, &e))?;
        match (answer.account, answer.arn) {
            (Some(account), Some(arn)) => Ok(Caller { account, arn }),
            _ => Err(CloudError::Refused {
                action: call.action.to_owned(),
                region,
                code: "IncompleteAnswer".to_owned(),
                message: "the answer names no account".to_owned(),
            }),
        }
    }

    /// The configuration of an assumed role in a region. The credentials last an hour and are not renewed: whoever
    /// acts for longer assumes the role again. Characters that STS does not allow in `session_name` become `-`.
    ///
    /// # Errors
    /// Names the role, and why it cannot be assumed.
    pub fn assume(
        &self,
        role_arn: &str,
        session_name: &str,
        region: &str,
    ) -> Result<SdkConfig, CloudError> {
        self.assume_as(role_arn, session_name, region, None)
    }

    /// As [`Session::assume`], with the external id that the role's trust policy asks for.
    ///
    /// # Errors
    /// See [`Session::assume`].
    pub fn assume_as(
        &self,
        role_arn: &str,
        session_name: &str,
        region: &str,
        external_id: Option<&str>,
    ) -> Result<SdkConfig, CloudError> {
        checked(region)?;
        let failed = |why| CloudError::Role {
            role: role_arn.to_owned(),
            why: Box::new(why),
        };
        let call = Call {
            action: "sts:AssumeRole",
            region,
        };
        let client = aws_sdk_sts::Client::new(&self.in_region(region));
        let request = client
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(allowed(session_name))
            .set_external_id(external_id.map(str::to_owned));
        let answer = self
            .block_on(request.send())
            .map_err(|e| failed(explain(call, &e)))?;
        let Some(given) = answer.credentials else {
            return Err(failed(CloudError::Refused {
                action: call.action.to_owned(),
                region: region.to_owned(),
                code: "IncompleteAnswer".to_owned(),
                message: "the answer holds no credentials".to_owned(),
            }));
        };
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            SystemTime::try_from(given.expiration).ok(),
            "tfmend-assumed-role",
        );
        Ok(self
            .config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build())
    }
}

/// The name becomes part of a host name: letters, digits and hyphens only.
pub(super) fn checked(region: &str) -> Result<(), CloudError> {
    let allowed = region
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let shaped = region.len() <= 32
        && region.starts_with(|c: char| c.is_ascii_lowercase())
        && region.ends_with(|c: char| c.is_ascii_digit())
        && region.contains('-');
    if allowed && shaped {
        Ok(())
    } else {
        Err(CloudError::BadRegion(region.to_owned()))
    }
}

fn allowed(name: &str) -> String {
    let mut name: String = name
        .chars()
        .take(SESSION_NAME)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_=,.@-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    // STS wants at least two characters.
    while name.len() < 2 {
        name.push('-');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_region_never_becomes_a_host_name() {
        for wrong in [
            "",
            "eu",
            "EU-WEST-1",
            "eu-west-1.example.com",
            "eu-west-1/x",
            "-1",
            "eu_west_1",
        ] {
            assert!(
                matches!(Session::open(Some(wrong)), Err(CloudError::BadRegion(_))),
                "{wrong}"
            );
        }
        for right in ["eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1"] {
            assert_eq!(checked(right), Ok(()));
        }
    }

    #[test]
    fn a_session_name_is_what_sts_allows() {
        assert_eq!(allowed("tfmend emergency/é"), "tfmend-emergency--");
        assert_eq!(allowed(""), "--");
        assert_eq!(allowed(&"x".repeat(100)).len(), 64);
    }
}
