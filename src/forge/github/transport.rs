//! One request through octocrab, once: no retry, a time limit, and the difference between "never sent" and "no answer".
//!
//! octocrab gets a connection of ours. The one it makes by itself sends a POST again after a fault, turns a POST into a
//! GET when it is redirected, and knows no proxy.

use std::error::Error as _;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::BodyExt as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use tokio::runtime::Runtime;

use super::error::GitHubError;
use super::settings::Settings;

/// Longest time to connect.
const CONNECT: Duration = Duration::from_secs(15);
/// Longest time from sending to the end of the answer: GitHub itself gives up after 10 seconds.
const ANSWER: Duration = Duration::from_secs(90);

/// A connection that was idle for longer is not used again: servers end them after a minute.
const IDLE: Duration = Duration::from_secs(30);
/// How we present ourselves; GitHub wants a name.
const AGENT: &str = concat!("tfmend/", env!("CARGO_PKG_VERSION"));

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
    /// A client for an API, through the proxy if there is one for it.
    pub(super) fn new(settings: &Settings) -> Result<Self, GitHubError> {
        let start = |problem: String| GitHubError::Start {
            server: settings.api.clone(),
            problem,
        };
        let api: Uri = settings
            .api
            .parse()
            .map_err(|_| start("this is no address; check GITHUB_API_URL".to_owned()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| start(e.to_string()))?;
        // Building starts a task.
        let inside = runtime.enter();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let octocrab = match tunnel(settings, &api, &tcp) {
            Some(Ok(tunnel)) => assemble(secured(tunnel).map_err(start)?, api),
            Some(Err(problem)) => return Err(start(problem)),
            None => assemble(secured(tcp).map_err(start)?, api),
        };
        drop(inside);
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
        let uri: Uri = route.parse().map_err(|_| wrong())?;
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
            .header(USER_AGENT, AGENT)
            .header(AUTHORIZATION, authorization);
        let request = self
            .octocrab
            .build_request(request, body)
            .map_err(|_| wrong())?;
        Ok(self.runtime.block_on(async {
            match tokio::time::timeout(ANSWER, self.exchange(request)).await {
                Ok(sent) => sent,
                Err(_) => Sent::Lost(format!("none within {} s", ANSWER.as_secs())),
            }
        }))
    }

    async fn exchange(&self, request: http::Request<OctoBody>) -> Sent {
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

/// The way through a proxy to this address; an error when the proxy cannot be used.
fn tunnel(
    settings: &Settings,
    api: &Uri,
    tcp: &HttpConnector,
) -> Option<Result<Tunnel<HttpConnector>, String>> {
    let address = settings.proxy.address.as_ref()?.expose_secret();
    let proxy = Matcher::builder()
        .https(address)
        .no(settings.proxy.except.as_str())
        .build()
        .intercept(api)?;
    if proxy.uri().scheme_str() != Some("http") {
        return Some(Err(
            "only a proxy with an http:// address can be used; set HTTPS_PROXY to one".to_owned(),
        ));
    }
    let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp.clone());
    if let Some(authorization) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    Some(Ok(tunnel))
}

/// TLS with the system's certificates, or those of SSL_CERT_FILE and SSL_CERT_DIR.
fn secured<C>(connector: C) -> Result<HttpsConnector<C>, String> {
    Ok(HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|e| format!("{e}; check SSL_CERT_FILE and the system's certificates"))?
        // Plain http is only there for this machine; the settings see to that.
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector))
}

/// octocrab on a connection of ours, which neither repeats nor follows anything.
fn assemble<C>(connector: C, api: Uri) -> Octocrab
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client: legacy::Client<C, OctoBody> = legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector);
    let built = OctocrabBuilder::new_empty()
        .with_service(client)
        .with_layer(&BaseUriLayer::new(api))
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}

fn failed(error: &octocrab::Error) -> Sent {
    let why = chain(error);
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(present) = cause {
        let connecting = present
            .downcast_ref::<legacy::Error>()
            .is_some_and(legacy::Error::is_connect);
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
