//! What the AWS credentials are and what they may, found by two small reads: for `tfmend doctor`.
//!
//! Nothing is retried and every call ends within seconds: a doctor who keeps people waiting is not asked twice.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_securityhub::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_securityhub::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_securityhub::error::BoxError;
use jiff::{SignedDuration, Timestamp};

use super::error::{Call, CloudError, explain};
use super::session::{Caller, Session};

const CONNECT: Duration = Duration::from_secs(3);
const CALL: Duration = Duration::from_secs(8);
/// Including the look for credentials, which may ask a metadata service that is not there.
const ALL: Duration = Duration::from_secs(15);
/// Where STS is asked when no region is known.
const ANYWHERE: &str = "us-east-1";

/// What was found.
#[derive(Debug)]
pub struct Probe {
    /// Who is signed in, or why that could not be found.
    pub caller: Result<Caller, CloudError>,
    /// Where findings were asked for, when a region is known.
    pub region: Option<String>,
    /// Whether `securityhub:GetFindings` is answered; `None` when it was not asked.
    pub findings: Option<Result<(), CloudError>>,
    /// How much this machine's clock is ahead of AWS's.
    pub skew: Option<SignedDuration>,
}

impl Session {
    /// Asks who we are, and for one finding. Reads only; ends within half a minute, whatever the network does.
    #[must_use]
    pub fn probe(&self) -> Probe {
        let region = self.region().map(str::to_owned);
        let dates = Dates::default();
        let quick = self.quick(region.as_deref().unwrap_or(ANYWHERE));
        let caller = self.probe_caller(&quick, &dates);
        let findings = match (&caller, &region) {
            (Ok(_), Some(region)) => Some(self.probe_findings(&quick, region, &dates)),
            _ => None,
        };
        Probe {
            caller,
            region,
            findings,
            skew: dates.skew(),
        }
    }

    fn quick(&self, region: &str) -> SdkConfig {
        self.config()
            .to_builder()
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_timeout(CALL)
                    .build(),
            )
            .build()
    }

    fn probe_caller(&self, quick: &SdkConfig, dates: &Dates) -> Result<Caller, CloudError> {
        let region = quick.region().map_or(ANYWHERE, AsRef::as_ref);
        let call = Call {
            action: "sts:GetCallerIdentity",
            region,
        };
        let config = aws_sdk_sts::config::Builder::from(quick).interceptor(dates.clone());
        let client = aws_sdk_sts::Client::from_conf(config.build());
        let asked = client.get_caller_identity().send();
        let answer = self
            .block_on(async { tokio::time::timeout(ALL, asked).await })
            .map_err(|_| late(call))?
            .map_err(|e| explain(call, &e))?;
        match (answer.account, answer.arn) {
            (Some(account), Some(arn)) => Ok(Caller { account, arn }),
            _ => Err(CloudError::Refused {
                action: call.action.to_owned(),
                region: region.to_owned(),
                code: "IncompleteAnswer".to_owned(),
                message: "the answer names no account".to_owned(),
            }),
        }
    }

    fn probe_findings(
        &self,
        quick: &SdkConfig,
        region: &str,
        dates: &Dates,
    ) -> Result<(), CloudError> {
        let call = Call {
            action: "securityhub:GetFindings",
            region,
        };
        let config = aws_sdk_securityhub::config::Builder::from(quick).interceptor(dates.clone());
        let client = aws_sdk_securityhub::Client::from_conf(config.build());
        let asked = client.get_findings().max_results(1).send();
        self.block_on(async { tokio::time::timeout(ALL, asked).await })
            .map_err(|_| late(call))?
            .map(|_| ())
            .map_err(|e| explain(call, &e))
    }
}

fn late(call: Call<'_>) -> CloudError {
    CloudError::Unreachable {
        action: call.action.to_owned(),
        region: call.region.to_owned(),
        problem: format!("not done after {} s", ALL.as_secs()),
    }
}

/// Reads the clock of whoever answers. An answer that refuses us has a date as well.
#[derive(Debug, Clone, Default)]
struct Dates(Arc<Mutex<Option<SignedDuration>>>);

impl Dates {
    fn skew(&self) -> Option<SignedDuration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Dates {
    fn name(&self) -> &'static str {
        "TfmendDates"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(skew) = date.and_then(|there| skew(there, Timestamp::now())) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
        Ok(())
    }
}

/// How much `here` is ahead of a `Date` header.
fn skew(header: &str, here: Timestamp) -> Option<SignedDuration> {
    let there = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Some(here.duration_since(there))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_header_tells_the_clocks_apart() {
        let here: Timestamp = "1994-11-06T08:50:37Z".parse().unwrap();
        let skew = |header| super::skew(header, here).map(|s| s.as_secs());
        assert_eq!(skew("Sun, 06 Nov 1994 08:49:37 GMT"), Some(60));
        assert_eq!(skew("Sun, 06 Nov 1994 08:51:37 GMT"), Some(-60));
        assert_eq!(skew("yesterday"), None);
    }
}
