//! One request through octocrab, once: no retry, a time limit, and the difference between "never sent" and "no answer".
//!
//! octocrab's own retries are off: by default it sends a POST again, which opens things twice.

use std::error::Error as _;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use tokio::runtime::Runtime;

use super::error::GitHubError;

/// Longest time to connect, TLS included.
const CONNECT: Duration = Duration::from_secs(15);
/// Longest time from sending to the end of the answer: GitHub itself gives up after 10 seconds.
const ANSWER: Duration = Duration::from_secs(90);

/// What came of one request.
pub(super) enum Sent {
    /// A whole answer.
    Answer(Answer),
    /// Nothing was sent. `hopeless`: trying again does not help.
    Not {
        /// Why.
        why: String,
        /// The certificate was not accepted.
        hopeless: bool,
    },
    /// No whole answer came.
    Lost(String),
}

/// An answer of the server.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// octocrab with its runtime.
pub(super) struct Transport {
    runtime: Runtime,
    octocrab: Octocrab,
}

impl Transport {
    /// A client for this base address.
    pub(super) fn new(api: &str) -> Result<Self, GitHubError> {
        let start = |problem: String| GitHubError::Start {
            server: api.to_owned(),
            problem,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| start(e.to_string()))?;
        let octocrab = {
            // The builder starts a task.
            let _inside = runtime.enter();
            Octocrab::builder()
                .base_uri(api)
                .map_err(|_| start("the address is none".to_owned()))?
                .add_retry_config(RetryConfig::None)
                .set_connect_timeout(Some(CONNECT))
                .build()
                .map_err(|e| {
                    start(format!(
                        "{}; check SSL_CERT_FILE and the system's certificates",
                        chain(&e)
                    ))
                })?
        };
        Ok(Self { runtime, octocrab })
    }

    /// Sends one request, once.
    pub(super) fn send(
        &self,
        method: &Method,
        route: &str,
        body: Option<&RawValue>,
        bearer: &SecretString,
    ) -> Result<Sent, GitHubError> {
        let wrong = || GitHubError::Route(route.to_owned());
        if !route.starts_with('/') || route.starts_with("//") || route.contains("/../") {
            return Err(wrong());
        }
        let uri: http::Uri = route.parse().map_err(|_| wrong())?;
        if uri.authority().is_some() {
            return Err(wrong());
        }
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret()))
                .map_err(|_| wrong())?;
        authorization.set_sensitive(true);
        let request = http::request::Builder::new()
            .method(method)
            .uri(uri)
            .header(ACCEPT, "application/vnd.github+json")
            .header(AUTHORIZATION, authorization);
        let request = self
            .octocrab
            .build_request(request, body)
            .map_err(|_| wrong())?;
        Ok(self.runtime.block_on(async {
            // Nothing ran while the caller did something else: give connections that the server closed meanwhile the
            // chance to notice, so that this request does not go out on one of them.
            tokio::time::sleep(Duration::from_millis(1)).await;
            match tokio::time::timeout(ANSWER, self.exchange(request)).await {
                Ok(sent) => sent,
                Err(_) => Sent::Lost(format!("none within {} s", ANSWER.as_secs())),
            }
        }))
    }

    async fn exchange(&self, request: http::Request<octocrab::OctoBody>) -> Sent {
        let response = match self.octocrab.execute(request).await {
            Ok(response) => response,
            Err(error) => return failed(&error),
        };
        let (parts, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Sent::Answer(Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: body.to_bytes().to_vec(),
            }),
            Err(error) => Sent::Lost(format!("the answer broke off: {}", chain(&error))),
        }
    }
}

fn failed(error: &octocrab::Error) -> Sent {
    let why = chain(error);
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(present) = cause {
        let connecting = present
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect);
        if connecting {
            return Sent::Not {
                hopeless: why.contains("certificate"),
                why,
            };
        }
        cause = present.source();
    }
    Sent::Lost(why)
}

/// The messages of an error and its causes, without those that repeat what was said.
fn chain(error: &octocrab::Error) -> String {
    let mut said = Vec::new();
    let mut cause = error.source();
    while let Some(present) = cause {
        let text = present.to_string();
        if !said.contains(&text) {
            said.push(text);
        }
        cause = present.source();
    }
    if said.is_empty() {
        said.push(error.to_string());
    }
    said.join(": ")
}
