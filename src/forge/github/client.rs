//! One repository's API: reads that are tried again, writes that happen one at a time and never twice.
//!
//! Invariants 8 and 12: each write is logged before it is sent and after its answer, with a running number; a POST
//! without an answer is [`GitHubError::Unanswered`], and its caller looks before it sends again. What to do after an
//! answer is decided in [`super::pace`]; here is only the doing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::about::About;
use super::auth::{As, Auth};
use super::clock::{Clock, SystemClock};
use super::error::{GitHubError, Refused, next_step};
use super::pace::{self, Decision, Outcome, Tried, Why};
use super::route::Repository;
use super::settings::Settings;
use super::transport::{Answer, Sent, Transport};

/// Pages of a list; 100 items each. More than that is a mistake.
const PAGES: usize = 1000;
/// Longest text of the server in a message, in characters.
const TOLD: usize = 300;

/// Speaks to one repository on GitHub.
pub struct Client {
    settings: Settings,
    repository: Repository,
    pub(super) auth: Auth,
    transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) about: Mutex<Option<Arc<About>>>,
    writing: Mutex<Writing>,
    waited: Mutex<Duration>,
    seen: Mutex<Option<(HeaderMap, Timestamp)>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.settings.api)
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

/// The turn of the write that is on: held while it lasts.
#[derive(Default)]
struct Writing {
    count: u64,
    last: Option<Timestamp>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// An App's key that is none; certificates that cannot be read.
    pub fn new(settings: Settings, repository: Repository) -> Result<Self, GitHubError> {
        Self::with_clock(settings, repository, Arc::new(SystemClock))
    }

    /// A client that waits by this clock.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_clock(
        settings: Settings,
        repository: Repository,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GitHubError> {
        Ok(Self {
            auth: Auth::new(&settings.credentials)?,
            transport: Transport::new(&settings)?,
            settings,
            repository,
            clock,
            about: Mutex::new(None),
            writing: Mutex::new(Writing::default()),
            waited: Mutex::new(Duration::ZERO),
            seen: Mutex::new(None),
        })
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Where GitHub is, and who we are there.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The headers of the newest answer, and when it came.
    pub(super) fn seen(&self) -> Option<(HeaderMap, Timestamp)> {
        locked(&self.seen).clone()
    }

    /// Reads one object. The route begins with `/`: `/repos/o/n/pulls/7`.
    ///
    /// # Errors
    /// GitHub refuses, cannot be reached, or its limits last too long.
    pub fn get<T: DeserializeOwned>(&self, route: &str) -> Result<T, GitHubError> {
        let answer = self.exchange(&Method::GET, route, None, As::Repository)?;
        self.parse(route, &answer)
    }

    /// Reads a list to its end, page by page.
    ///
    /// # Errors
    /// As [`Client::get`], on any page: half a list is none.
    pub fn all<T: DeserializeOwned>(&self, route: &str) -> Result<Vec<T>, GitHubError> {
        let mut items = Vec::new();
        let mut page = if route.contains("per_page=") {
            route.to_owned()
        } else {
            let joint = if route.contains('?') { '&' } else { '?' };
            format!("{route}{joint}per_page=100")
        };
        for _ in 0..PAGES {
            let answer = self.exchange(&Method::GET, &page, None, As::Repository)?;
            items.append(&mut self.parse::<Vec<T>>(&page, &answer)?);
            match next_page(&answer, &self.settings.api) {
                Some(next) if next != page => page = next,
                Some(_) => break,
                None => return Ok(items),
            }
        }
        Err(GitHubError::Endless(route.to_owned()))
    }

    /// Sends one change. Changes go one at a time, with a pause between them.
    ///
    /// # Errors
    /// As [`Client::get`]; [`GitHubError::Unanswered`] when it may have been executed: look before sending again.
    pub fn write<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        method: Method,
        route: &str,
        body: &B,
    ) -> Result<T, GitHubError> {
        let body = self.encode(route, body)?;
        let answer = self.in_turn(method.as_str(), route, || {
            self.exchange(&method, route, Some(&body), As::Repository)
        })?;
        self.parse(route, &answer)
    }

    /// Deletes an object. One that went away with an attempt whose answer was lost is deleted too.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub fn delete(&self, route: &str) -> Result<(), GitHubError> {
        self.in_turn("DELETE", route, || {
            self.exchange(&Method::DELETE, route, None, As::Repository)
        })
        .map(drop)
    }

    /// Does one write in its turn, with its pause before and the log lines around it.
    pub(super) fn in_turn<T>(
        &self,
        method: &str,
        route: &str,
        send: impl FnOnce() -> Result<T, GitHubError>,
    ) -> Result<T, GitHubError> {
        // By the name of today, or not at all.
        self.about()?;
        let mut writing = locked(&self.writing);
        if let Some(last) = writing.last {
            let since = Duration::try_from(self.clock.now().duration_since(last));
            let pause = self.settings.pace.saturating_sub(since.unwrap_or_default());
            if !pause.is_zero() {
                self.clock.sleep(pause);
            }
        }
        writing.count += 1;
        writing.last = Some(self.clock.now());
        let n = writing.count;
        tracing::debug!(target: "tfmend::forge::write", n, method, route, "before");
        let done = send();
        tracing::debug!(target: "tfmend::forge::write", n, method, route, ok = done.is_ok(), "after");
        done
    }

    /// Sends until there is a final answer that is a success.
    pub(super) fn exchange(
        &self,
        method: &Method,
        route: &str,
        body: Option<&RawValue>,
        who: As,
    ) -> Result<Answer, GitHubError> {
        self.exchange_by(method, method, route, body, who)
    }

    /// As [`Client::exchange`], for a POST that does no harm when it is executed twice.
    pub(super) fn exchange_repeatable(
        &self,
        method: &Method,
        route: &str,
        body: Option<&RawValue>,
        who: As,
    ) -> Result<Answer, GitHubError> {
        self.exchange_by(method, &Method::PUT, route, body, who)
    }

    fn exchange_by(
        &self,
        method: &Method,
        judged_as: &Method,
        route: &str,
        body: Option<&RawValue>,
        who: As,
    ) -> Result<Answer, GitHubError> {
        let (mut limits, mut faults, mut repeated, mut renewed) = (0, 0, false, false);
        loop {
            let bearer = self.bearer(who)?;
            let sent = self.transport.send(method, route, body, &bearer)?;
            if let Sent::Answer(answer) = &sent {
                *locked(&self.seen) = Some((answer.headers.clone(), self.clock.now()));
            }
            if let Sent::Answer(answer) = &sent
                && answer.status == 401
                && who == As::Repository
                && self.auth.is_renewable()
                && !renewed
            {
                // The installation token was revoked or has lapsed; nothing was executed.
                self.auth.forget();
                renewed = true;
                continue;
            }
            let message = match &sent {
                Sent::Answer(answer) if answer.status >= 400 => self.message(answer),
                _ => Message::default(),
            };
            let said = message.joined();
            let outcome = match &sent {
                Sent::Answer(answer) => Outcome::Answer {
                    status: answer.status,
                    headers: &answer.headers,
                    message: &said,
                },
                Sent::Not {
                    hopeless: true,
                    why,
                } => {
                    return Err(self.unreachable(route, why, true));
                }
                Sent::Not { .. } => Outcome::NotSent,
                Sent::Lost(_) => Outcome::Lost,
            };
            let tried = Tried {
                limits,
                faults,
                waited: *locked(&self.waited),
                budget: self.settings.max_wait,
            };
            match pace::after(judged_as, outcome, tried, self.clock.now()) {
                Decision::Retry { after, why } => {
                    if why.is_limit() {
                        limits += 1;
                    } else {
                        faults += 1;
                        repeated |= why != Why::NoConnection;
                    }
                    self.wait(route, after, why);
                }
                Decision::Final => return self.settled(method, route, sent, message, repeated),
                Decision::GiveUp { until, why } => {
                    return Err(GitHubError::RateLimited {
                        route: route.to_owned(),
                        until,
                        why: why.to_string(),
                        status: status(&sent).unwrap_or(429),
                    });
                }
                Decision::Unreachable => {
                    let Sent::Not { why, .. } = &sent else {
                        return Err(self.unreachable(route, "no connection", false));
                    };
                    return Err(self.unreachable(route, why, false));
                }
                Decision::Unknown if *method == Method::GET => {
                    return Err(self.unreachable(route, &why_lost(&sent, &said), false));
                }
                Decision::Unknown => {
                    return Err(GitHubError::Unanswered {
                        method: method.clone(),
                        route: route.to_owned(),
                        why: self.told(&why_lost(&sent, &said)),
                        status: status(&sent),
                    });
                }
            }
        }
    }

    /// A final answer: a success, or the refusal as an error.
    fn settled(
        &self,
        method: &Method,
        route: &str,
        sent: Sent,
        message: Message,
        repeated: bool,
    ) -> Result<Answer, GitHubError> {
        let Sent::Answer(answer) = sent else {
            return Err(self.unreachable(route, "no answer", false));
        };
        let gone = answer.status == 404
            || (answer.status == 422 && message.joined().contains("does not exist"));
        let deleted_before = *method == Method::DELETE && repeated && gone;
        match answer.status {
            200..=299 => Ok(answer),
            _ if deleted_before => Ok(answer),
            300..=399 => {
                let to = answer.headers.get(http::header::LOCATION);
                Err(GitHubError::Redirected {
                    route: route.to_owned(),
                    to: self.told(to.and_then(|l| l.to_str().ok()).unwrap_or("nowhere")),
                })
            }
            status => Err(GitHubError::Refused(Box::new(Refused {
                method: method.clone(),
                route: route.to_owned(),
                status,
                next: next_step(status, &message.text),
                message: message.text,
                errors: message.errors,
            }))),
        }
    }

    fn wait(&self, route: &str, pause: Duration, why: Why) {
        let until = pace::later(self.clock.now(), pause);
        tracing::warn!(
            route,
            "GitHub: {why}; waiting {} s, until {until:.0}",
            pause.as_secs()
        );
        *locked(&self.waited) += pause;
        self.clock.sleep(pause);
    }

    fn unreachable(&self, route: &str, why: &str, certificate: bool) -> GitHubError {
        GitHubError::Unreachable {
            server: self.settings.api.clone(),
            route: route.to_owned(),
            why: self.told(why),
            next: if certificate {
                "set SSL_CERT_FILE to the file with the certificates of your own authority"
            } else {
                "check the network, GITHUB_API_URL and the firewall, then run again"
            },
        }
    }

    pub(super) fn encode<B: Serialize + ?Sized>(
        &self,
        route: &str,
        body: &B,
    ) -> Result<Box<RawValue>, GitHubError> {
        serde_json::value::to_raw_value(body).map_err(|e| GitHubError::Unexpected {
            route: route.to_owned(),
            problem: format!("the request is no JSON: {e}"),
        })
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        route: &str,
        answer: &Answer,
    ) -> Result<T, GitHubError> {
        // 204 and its like.
        let body: &[u8] = if answer.body.iter().all(u8::is_ascii_whitespace) {
            b"null"
        } else {
            &answer.body
        };
        serde_json::from_slice(body).map_err(|e| GitHubError::Unexpected {
            route: route.to_owned(),
            problem: self.told(&format!("{e} (HTTP {})", answer.status)),
        })
    }

    fn message(&self, answer: &Answer) -> Message {
        let mut message = Message::read(answer);
        message.text = self.told(&message.text);
        message.errors = message.errors.iter().map(|e| self.told(e)).collect();
        message
    }

    /// A text of the server, fit for a message: no secret, one line, not long.
    pub(super) fn told(&self, text: &str) -> String {
        let text = self.auth.redact(text);
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(TOLD)
            .collect();
        if text.chars().count() > TOLD {
            format!("{line}…")
        } else {
            line
        }
    }
}

/// GitHub's own words in an answer that is an error.
#[derive(Default)]
struct Message {
    text: String,
    errors: Vec<String>,
}

impl Message {
    fn read(answer: &Answer) -> Self {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
            // A page of a proxy or a load balancer: its text helps nobody, its status does.
            let reason = http::StatusCode::from_u16(answer.status)
                .ok()
                .and_then(|s| s.canonical_reason())
                .unwrap_or("no message");
            return Self {
                text: reason.to_owned(),
                errors: Vec::new(),
            };
        };
        let errors = match body.get("errors") {
            Some(serde_json::Value::Array(errors)) => errors.iter().map(error_text).collect(),
            Some(serde_json::Value::String(error)) => vec![error.clone()],
            _ => Vec::new(),
        };
        Self {
            text: body
                .get("message")
                .and_then(|m| m.as_str())
                .unwrap_or("no message")
                .to_owned(),
            errors,
        }
    }

    fn joined(&self) -> String {
        let mut all = self.text.clone();
        for error in &self.errors {
            all.push_str("; ");
            all.push_str(error);
        }
        all
    }
}

fn error_text(error: &serde_json::Value) -> String {
    let part = |name: &str| error.get(name).and_then(|v| v.as_str());
    let place = match (part("resource"), part("field")) {
        (Some(resource), Some(field)) => Some(format!("{resource}.{field}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let words: Vec<String> = [
        place,
        part("code").map(str::to_owned),
        part("message").map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .collect();
    if words.is_empty() {
        error
            .as_str()
            .map_or_else(|| error.to_string(), str::to_owned)
    } else {
        words.join(" ")
    }
}

fn status(sent: &Sent) -> Option<u16> {
    match sent {
        Sent::Answer(answer) => Some(answer.status),
        Sent::Not { .. } | Sent::Lost(_) => None,
    }
}

fn why_lost(sent: &Sent, said: &str) -> String {
    match sent {
        Sent::Answer(answer) => format!("HTTP {} {said}", answer.status),
        Sent::Not { why, .. } | Sent::Lost(why) => why.clone(),
    }
}

/// The route of the next page. Only its path and query are taken: the token goes to no other host.
fn next_page(answer: &Answer, api: &str) -> Option<String> {
    let mut rest = answer.headers.get(http::header::LINK)?.to_str().ok()?;
    let base: http::Uri = api.parse().ok()?;
    // `<address>; rel="next", <address>; rel="last"`: an address may hold commas and semicolons.
    while let Some((_, from)) = rest.split_once('<') {
        let (address, after) = from.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        let (relation, following) = after.split_at(end);
        rest = following;
        if relation.contains("rel=\"next\"") || relation.contains("rel=next") {
            let uri: http::Uri = address.parse().ok()?;
            let route = uri.path_and_query()?.as_str();
            let prefix = base.path().trim_end_matches('/');
            return Some(route.strip_prefix(prefix).unwrap_or(route).to_owned());
        }
    }
    None
}

/// A lock; one that a panic left behind still has whole contents.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
