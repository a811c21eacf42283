//! What went wrong between us and the cloud, and what to do about it.
//!
//! Messages of the service are shown as they are, cut to one line; they never hold a secret key or a session token.

use std::error::Error;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

/// Longest message of a service that is passed on, characters.
const MESSAGE_LIMIT: usize = 400;

/// A call as it is named in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The IAM action: `securityhub:GetFindings`.
    pub action: &'a str,
    /// The region that was asked.
    pub region: &'a str,
}

/// The cloud could not be asked, or said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// The runtime of the SDK did not start.
    #[error("the AWS client cannot be started: {0}; check the limits on threads and open files")]
    Runtime(String),
    /// No region is known.
    #[error(
        "no AWS region for {action}: set AWS_REGION, give the profile a region, or name it on the command line"
    )]
    NoRegion {
        /// What needed it.
        action: String,
    },
    /// A text that cannot be a region.
    #[error("`{0}` is no AWS region; expected a name such as eu-west-1")]
    BadRegion(String),
    /// Nobody is signed in.
    #[error(
        "no AWS credentials for {action} ({profile}): {problem}; sign in with `aws sso login`, set AWS_PROFILE or \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use aws-actions/configure-aws-credentials in a workflow"
    )]
    NoCredentials {
        /// What needed them.
        action: String,
        /// Which profile was read.
        profile: String,
        /// What the chain of providers said.
        problem: String,
    },
    /// The sign-in is over or not valid.
    #[error(
        "AWS does not accept the credentials for {action} in {region} ({profile}): {message}; sign in again with \
         `aws sso login`, or renew the session"
    )]
    Rejected {
        /// What was called.
        action: String,
        /// Where.
        region: String,
        /// Which profile was read.
        profile: String,
        /// What AWS said.
        message: String,
    },
    /// The identity may not do it.
    #[error(
        "AWS denies {action} in {region}: {message}; allow {action} in the policy of this identity"
    )]
    Denied {
        /// The IAM action that is missing.
        action: String,
        /// Where.
        region: String,
        /// What AWS said.
        message: String,
    },
    /// Too many calls, also after waiting.
    #[error(
        "AWS keeps throttling {action} in {region}: {message}; run again later, or narrow what is asked for"
    )]
    Throttled {
        /// What was called.
        action: String,
        /// Where.
        region: String,
        /// What AWS said.
        message: String,
    },
    /// No answer.
    #[error(
        "no answer to {action} in {region}: {problem}; check that the region exists and is enabled, the network and \
         proxy, and AWS_ENDPOINT_URL if it is set"
    )]
    Unreachable {
        /// What was called.
        action: String,
        /// Where.
        region: String,
        /// What happened.
        problem: String,
    },
    /// The role cannot be assumed.
    #[error(
        "role {role} cannot be assumed: {why}; check the role's trust policy and that this identity may call \
         sts:AssumeRole on it"
    )]
    Role {
        /// ARN of the role.
        role: String,
        /// Why.
        why: Box<CloudError>,
    },
    /// Any other answer that is not the one asked for.
    #[error("{action} in {region} failed: {code}: {message}")]
    Refused {
        /// What was called.
        action: String,
        /// Where.
        region: String,
        /// AWS's error code.
        code: String,
        /// What AWS said.
        message: String,
    },
}

impl CloudError {
    /// AWS's error code, for answers that are none of the common ones.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// What an error of the SDK means.
#[must_use]
pub fn explain<E>(call: Call<'_>, error: &SdkError<E>) -> CloudError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let action = call.action.to_owned();
    let region = call.region.to_owned();
    let Some(service) = error.as_service_error() else {
        let problem = one_line(&with_causes(error));
        return unanswered(action, region, problem);
    };
    let code = service.code().unwrap_or("UnknownError");
    let message = one_line(service.message().unwrap_or("no message"));
    classify(action, region, code, message)
}

fn unanswered(action: String, region: String, problem: String) -> CloudError {
    // The type of a failed sign-in is not ours to name; its text is stable enough to tell it from the network's.
    if problem.contains("credential") || problem.contains("sso session") {
        CloudError::NoCredentials {
            action,
            profile: profile(),
            problem,
        }
    } else if problem.contains("must be set") && problem.to_lowercase().contains("region") {
        CloudError::NoRegion { action }
    } else {
        CloudError::Unreachable {
            action,
            region,
            problem,
        }
    }
}

fn classify(action: String, region: String, code: &str, message: String) -> CloudError {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError" => CloudError::Denied {
            action,
            region,
            message,
        },
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "AuthFailure"
        | "MissingAuthenticationToken" => CloudError::Rejected {
            action,
            region,
            profile: profile(),
            message,
        },
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "SlowDown" => CloudError::Throttled {
            action,
            region,
            message,
        },
        code => CloudError::Refused {
            action,
            region,
            code: code.to_owned(),
            message,
        },
    }
}

/// An error with its causes; what a cause repeats is said once.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// The profile in words, for messages.
fn profile() -> String {
    match std::env::var("AWS_PROFILE") {
        Ok(name) if !name.is_empty() => format!("profile {name}"),
        _ => "no profile named".to_owned(),
    }
}

/// Text of a service or of the SDK: one line, bounded, without control characters.
fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MESSAGE_LIMIT)
        .collect();
    if text.chars().count() > MESSAGE_LIMIT {
        line.push('…');
    }
    line.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(code: &str) -> CloudError {
        classify(
            "securityhub:GetFindings".to_owned(),
            "eu-west-1".to_owned(),
            code,
            "said so".to_owned(),
        )
    }

    #[test]
    fn each_kind_of_refusal_names_the_next_step() {
        let denied = classified("AccessDeniedException").to_string();
        assert!(denied.contains("allow securityhub:GetFindings"), "{denied}");
        let expired = classified("ExpiredTokenException").to_string();
        assert!(expired.contains("aws sso login"), "{expired}");
        let throttled = classified("TooManyRequestsException").to_string();
        assert!(throttled.contains("run again later"), "{throttled}");
        assert_eq!(
            classified("InvalidAccessException").code(),
            Some("InvalidAccessException")
        );
    }

    #[test]
    fn a_failed_sign_in_is_no_network_fault() {
        let text = "dispatch failure: other: no providers in chain provided credentials";
        let error = unanswered("a:B".into(), "r".into(), text.to_owned());
        assert!(matches!(error, CloudError::NoCredentials { .. }), "{error}");
        let text = "dispatch failure: io error: client error (Connect): dns error";
        let error = unanswered("a:B".into(), "r".into(), text.to_owned());
        assert!(matches!(error, CloudError::Unreachable { .. }), "{error}");
    }

    #[test]
    fn causes_are_named_in_order_and_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("no answer")]
        struct Outer(#[source] Middle);
        #[derive(Debug, thiserror::Error)]
        #[error("connection refused")]
        struct Middle(#[source] std::io::Error);
        let error = Outer(Middle(std::io::Error::other("connection refused")));
        assert_eq!(with_causes(&error), "no answer: connection refused");
    }

    #[test]
    fn a_message_is_one_bounded_line() {
        let line = one_line(&format!("a\nb\u{1b}[31m{}", "x".repeat(1000)));
        assert!(!line.contains(['\n', '\u{1b}']));
        assert_eq!(line.chars().count(), MESSAGE_LIMIT + 1);
    }
}
