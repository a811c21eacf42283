//! What to do after an answer, or after none: the whole retry policy as one pure function.
//!
//! Invariant 8: a POST whose outcome is unknown is never sent again from here ([`Decision::Unknown`]); the caller
//! looks whether it happened. A rate limit means that nothing was executed, so that waiting and sending again is safe.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Method};
use jiff::Timestamp;

/// Wait for a secondary limit that does not say how long it lasts; doubled each time.
const SECONDARY: Duration = Duration::from_secs(60);
/// Pauses after faults: 1, 2, 4, 8 seconds.
const FAULT: Duration = Duration::from_secs(1);
/// How often a server's fault is tried again.
const FAULTS: u32 = 4;
/// How often a connection that fails is tried again.
const CONNECTIONS: u32 = 3;

/// What came of sending a request.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// An answer came, whole.
    Answer {
        /// HTTP status.
        status: u16,
        /// Its headers.
        headers: &'a HeaderMap,
        /// GitHub's message and errors; empty when there are none.
        message: &'a str,
    },
    /// No connection was made: nothing was sent.
    NotSent,
    /// It was sent, at least in part, and no whole answer came.
    Lost,
}

/// How it went so far with this request, and with the run.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Rate limits met by this request.
    pub limits: u32,
    /// Faults and lost answers met by this request.
    pub faults: u32,
    /// Time that the run has waited in all.
    pub waited: Duration,
    /// Time that the run may wait in all.
    pub budget: Duration,
}

/// Why to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The hourly number of requests is used up.
    PrimaryLimit,
    /// Too much at once.
    SecondaryLimit,
    /// 5xx.
    ServerFault(u16),
    /// No connection.
    NoConnection,
    /// The answer did not come.
    LostAnswer,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrimaryLimit => f.write_str("the hour's requests are used up"),
            Self::SecondaryLimit => f.write_str("secondary limit: too much at once"),
            Self::ServerFault(status) => write!(f, "GitHub answers {status}"),
            Self::NoConnection => f.write_str("no connection"),
            Self::LostAnswer => f.write_str("the answer did not come"),
        }
    }
}

impl Why {
    /// Whether nothing was executed.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(self, Self::PrimaryLimit | Self::SecondaryLimit)
    }
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Take the answer as it is.
    Final,
    /// Send the same again after this long.
    Retry {
        /// Pause.
        after: Duration,
        /// Reason.
        why: Why,
    },
    /// A rate limit lasts longer than may be waited; nothing was executed.
    GiveUp {
        /// When the limit ends.
        until: Timestamp,
        /// Reason.
        why: Why,
    },
    /// It is not known whether it was executed, and it must not be sent again.
    Unknown,
    /// Nothing was sent, and trying again does not help.
    Unreachable,
}

/// Decides what to do after a request.
#[must_use]
pub fn after(method: &Method, outcome: Outcome<'_>, tried: Tried, now: Timestamp) -> Decision {
    match outcome {
        Outcome::NotSent => again(
            tried,
            CONNECTIONS,
            None,
            Why::NoConnection,
            Decision::Unreachable,
        ),
        Outcome::Lost if is_repeatable(method) => {
            again(tried, CONNECTIONS, None, Why::LostAnswer, Decision::Unknown)
        }
        Outcome::Lost => Decision::Unknown,
        Outcome::Answer {
            status,
            headers,
            message,
        } => answered(method, status, headers, message, tried, now),
    }
}

fn answered(
    method: &Method,
    status: u16,
    headers: &HeaderMap,
    message: &str,
    tried: Tried,
    now: Timestamp,
) -> Decision {
    if let Some((why, wait)) = limit(status, headers, message, tried, now) {
        return if tried.waited + wait <= tried.budget {
            Decision::Retry { after: wait, why }
        } else {
            Decision::GiveUp {
                until: later(now, wait),
                why,
            }
        };
    }
    let fault = status >= 500 || status == 408;
    if !fault {
        return Decision::Final;
    }
    if !is_repeatable(method) {
        return Decision::Unknown;
    }
    // A read that fails for good is an answer; a write leaves the question open.
    let at_last = if method == Method::GET {
        Decision::Final
    } else {
        Decision::Unknown
    };
    let asked = retry_after(headers, now);
    again(tried, FAULTS, asked, Why::ServerFault(status), at_last)
}

/// Sending it twice has the effect of sending it once.
fn is_repeatable(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::PUT | Method::PATCH | Method::DELETE
    )
}

fn again(
    tried: Tried,
    most: u32,
    asked: Option<Duration>,
    why: Why,
    at_last: Decision,
) -> Decision {
    let pause = asked.unwrap_or_else(|| doubled(FAULT, tried.faults));
    if tried.faults < most && tried.waited + pause <= tried.budget {
        Decision::Retry { after: pause, why }
    } else {
        at_last
    }
}

/// Which rate limit this answer is, and how long it lasts; `None` when it is none.
fn limit(
    status: u16,
    headers: &HeaderMap,
    message: &str,
    tried: Tried,
    now: Timestamp,
) -> Option<(Why, Duration)> {
    let message = message.to_lowercase();
    // Creating a lot is answered like a mistake in the request.
    let too_quickly = status == 422 && message.contains("submitted too quickly");
    if !(too_quickly || status == 403 || status == 429) {
        return None;
    }
    let forbidden = ["resource not accessible", "must have admin", "archived"]
        .iter()
        .any(|text| message.contains(text));
    if forbidden {
        return None;
    }
    let secondary = message.contains("secondary rate limit") || message.contains("abuse detection");
    if let Some(wait) = retry_after(headers, now) {
        return Some((Why::SecondaryLimit, wait));
    }
    if !secondary && header(headers, "x-ratelimit-remaining") == Some("0") {
        return Some((Why::PrimaryLimit, until_reset(headers, tried, now)));
    }
    let named = secondary || too_quickly || message.contains("rate limit");
    (named || status == 429).then(|| (Why::SecondaryLimit, doubled(SECONDARY, tried.limits)))
}

/// The reset is a time of GitHub's clock, so it is compared with GitHub's clock where the answer tells it.
fn until_reset(headers: &HeaderMap, tried: Tried, now: Timestamp) -> Duration {
    let there = date(headers).unwrap_or(now);
    let reset = header(headers, "x-ratelimit-reset")
        .and_then(|text| text.trim().parse::<i64>().ok())
        .and_then(|second| Timestamp::from_second(second).ok());
    match reset {
        // One second more: the header has whole seconds.
        Some(reset) => span(there, reset) + Duration::from_secs(1),
        None => doubled(SECONDARY, tried.limits),
    }
}

/// `retry-after` in seconds or as a date; at least one second.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = header(headers, "retry-after")?.trim();
    let wait = match text.parse::<u64>() {
        // A day is more than anybody waits, and keeps the sums small.
        Ok(seconds) => Duration::from_secs(seconds.min(86_400)),
        Err(_) => span(date(headers).unwrap_or(now), http_date(text)?),
    };
    Some(wait.max(Duration::from_secs(1)))
}

/// When the server sent the answer, by its own clock.
#[must_use]
pub fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(header(headers, "date")?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// From one moment to a later one; nothing when it is not later.
fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn doubled(first: Duration, times: u32) -> Duration {
    first * 2u32.saturating_pow(times.min(10))
}

/// The moment after a pause.
#[must_use]
pub fn later(now: Timestamp, pause: Duration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderName, HeaderValue, Method};
    use jiff::Timestamp;

    use super::{Decision, Outcome, Tried, Why, after};

    const FRESH: Tried = Tried {
        limits: 0,
        faults: 0,
        waited: Duration::ZERO,
        budget: Duration::from_secs(900),
    };

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter()
            .map(|(n, v)| {
                (
                    HeaderName::from_static(n),
                    HeaderValue::from_str(v).unwrap(),
                )
            })
            .collect()
    }

    fn decide(
        method: Method,
        status: u16,
        list: &[(&'static str, &str)],
        message: &str,
        tried: Tried,
    ) -> Decision {
        let headers = headers(list);
        let outcome = Outcome::Answer {
            status,
            headers: &headers,
            message,
        };
        after(&method, outcome, tried, now())
    }

    fn wait(after: u64, why: Why) -> Decision {
        Decision::Retry {
            after: seconds(after),
            why,
        }
    }

    #[test]
    fn retry_after_is_taken_by_its_word() {
        for method in [Method::GET, Method::POST, Method::PATCH] {
            for status in [403, 429] {
                assert_eq!(
                    decide(method.clone(), status, &[("retry-after", "7")], "", FRESH),
                    wait(7, Why::SecondaryLimit)
                );
            }
        }
        let date = [
            ("retry-after", "Sun, 22 Nov 2026 09:00:20 GMT"),
            ("date", "Sun, 22 Nov 2026 09:00:05 GMT"),
        ];
        assert_eq!(
            decide(Method::GET, 429, &date, "", FRESH),
            wait(15, Why::SecondaryLimit)
        );
        // Never at once, and nonsense is not zero.
        assert_eq!(
            decide(Method::GET, 429, &[("retry-after", "0")], "", FRESH),
            wait(1, Why::SecondaryLimit)
        );
        assert_eq!(
            decide(Method::GET, 429, &[("retry-after", "soon")], "", FRESH),
            wait(60, Why::SecondaryLimit)
        );
    }

    #[test]
    fn a_secondary_limit_without_a_time_is_a_minute_then_two_then_four() {
        let message = "You have exceeded a secondary rate limit. Please wait a few minutes.";
        for (limits, expected) in [(0, 60), (1, 120), (2, 240)] {
            let tried = Tried { limits, ..FRESH };
            assert_eq!(
                decide(Method::POST, 403, &[], message, tried),
                wait(expected, Why::SecondaryLimit)
            );
        }
        // The hourly limit's headers come along and say nothing about this one.
        let list = [
            ("x-ratelimit-remaining", "4711"),
            ("x-ratelimit-reset", "1795341600"),
        ];
        assert_eq!(
            decide(Method::POST, 403, &list, message, FRESH),
            wait(60, Why::SecondaryLimit)
        );
        assert_eq!(
            decide(
                Method::POST,
                422,
                &[],
                "Validation Failed; was submitted too quickly",
                FRESH
            ),
            wait(60, Why::SecondaryLimit)
        );
    }

    #[test]
    fn the_hourly_limit_ends_at_its_reset_by_the_servers_clock() {
        let reset = (now().as_second() + 300).to_string();
        let list = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", reset.as_str()),
        ];
        let message = "API rate limit exceeded for installation ID 1.";
        assert_eq!(
            decide(Method::GET, 403, &list, message, FRESH),
            wait(301, Why::PrimaryLimit)
        );
        assert_eq!(
            decide(Method::POST, 429, &list, message, FRESH),
            wait(301, Why::PrimaryLimit)
        );
        // Our clock is four minutes late; the server's is what counts.
        let skewed = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", reset.as_str()),
            ("date", "Sun, 22 Nov 2026 09:04:00 GMT"),
        ];
        assert_eq!(
            decide(Method::GET, 403, &skewed, message, FRESH),
            wait(61, Why::PrimaryLimit)
        );
        // A reset that has passed is waited for a second, not forever.
        let past = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")];
        assert_eq!(
            decide(Method::GET, 403, &past, message, FRESH),
            wait(1, Why::PrimaryLimit)
        );
    }

    #[test]
    fn what_lasts_longer_than_the_budget_is_given_up_with_its_end() {
        let reset = now().as_second() + 3000;
        let text = reset.to_string();
        let list = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", text.as_str()),
        ];
        assert_eq!(
            decide(Method::GET, 403, &list, "API rate limit exceeded", FRESH),
            Decision::GiveUp {
                until: Timestamp::from_second(reset + 1).unwrap(),
                why: Why::PrimaryLimit
            }
        );
        // The budget is for the run, not for each request.
        let spent = Tried {
            waited: seconds(895),
            ..FRESH
        };
        assert!(matches!(
            decide(Method::GET, 429, &[("retry-after", "6")], "", spent),
            Decision::GiveUp { .. }
        ));
        assert_eq!(
            decide(Method::GET, 429, &[("retry-after", "5")], "", spent),
            wait(5, Why::SecondaryLimit)
        );
        assert!(matches!(
            decide(
                Method::GET,
                429,
                &[("retry-after", "18446744073709551615")],
                "",
                FRESH
            ),
            Decision::GiveUp { .. }
        ));
    }

    #[test]
    fn a_refusal_is_final_and_not_waited_for() {
        for (status, message) in [
            (403, "Resource not accessible by integration"),
            (403, "Must have admin rights to Repository."),
            (403, "Repository was archived so is read-only."),
            (403, ""),
            (404, "Not Found"),
            (401, "Bad credentials"),
            (409, "Git Repository is empty."),
            (422, "Reference already exists"),
            (200, ""),
            (204, ""),
            (304, ""),
        ] {
            for method in [Method::GET, Method::POST] {
                assert_eq!(
                    decide(
                        method,
                        status,
                        &[("x-ratelimit-remaining", "12")],
                        message,
                        FRESH
                    ),
                    Decision::Final,
                    "{status} {message}"
                );
            }
        }
        // The last request of the hour was a forbidden one: waiting would not help.
        let list = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1795341600"),
        ];
        let message = "Resource not accessible by integration";
        assert_eq!(
            decide(Method::POST, 403, &list, message, FRESH),
            Decision::Final
        );
    }

    #[test]
    fn a_fault_is_tried_again_unless_it_was_a_post() {
        for status in [500, 502, 503, 504, 408] {
            for (faults, pause) in [(0, 1), (1, 2), (2, 4), (3, 8)] {
                let tried = Tried { faults, ..FRESH };
                for method in [Method::GET, Method::PATCH, Method::PUT, Method::DELETE] {
                    assert_eq!(
                        decide(method, status, &[], "", tried),
                        wait(pause, Why::ServerFault(status))
                    );
                }
            }
            assert_eq!(
                decide(Method::POST, status, &[], "", FRESH),
                Decision::Unknown
            );
            let often = Tried { faults: 4, ..FRESH };
            assert_eq!(decide(Method::GET, status, &[], "", often), Decision::Final);
            assert_eq!(
                decide(Method::PATCH, status, &[], "", often),
                Decision::Unknown
            );
        }
        // A fault may say when to come back; for a POST it still does not say whether it was done.
        let list = [("retry-after", "20")];
        assert_eq!(
            decide(Method::GET, 503, &list, "", FRESH),
            wait(20, Why::ServerFault(503))
        );
        assert_eq!(
            decide(Method::POST, 503, &list, "", FRESH),
            Decision::Unknown
        );
    }

    #[test]
    fn no_connection_was_never_executed_a_lost_answer_may_have_been() {
        for method in [Method::GET, Method::POST, Method::PATCH] {
            assert_eq!(
                after(&method, Outcome::NotSent, FRESH, now()),
                wait(1, Why::NoConnection)
            );
            let often = Tried { faults: 3, ..FRESH };
            assert_eq!(
                after(&method, Outcome::NotSent, often, now()),
                Decision::Unreachable
            );
        }
        assert_eq!(
            after(&Method::POST, Outcome::Lost, FRESH, now()),
            Decision::Unknown
        );
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            assert_eq!(
                after(&method, Outcome::Lost, FRESH, now()),
                wait(1, Why::LostAnswer)
            );
        }
    }
}
