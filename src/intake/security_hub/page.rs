//! One page of findings: asked through the SDK, kept as the bytes that came.
//!
//! Signing, retries and backoff are the SDK's; its typed answer is used for the token only.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_securityhub::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_securityhub::error::BoxError;
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, OcsfFindingFilters};

use super::{ACTION, Page};
use crate::cloud::{Call, CloudError, Session, explain};

/// The most that Security Hub gives at a time.
const SIZE: i32 = 100;

/// Keeps the body of the last answer.
#[derive(Debug, Clone, Default)]
struct Body(Arc<Mutex<Vec<u8>>>);

impl Body {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Body {
    fn name(&self) -> &'static str {
        "tfmend-body"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(bytes) = context.response().body().bytes() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
        }
        Ok(())
    }
}

/// Asks for pages in one region.
pub(super) struct Pages<'s> {
    session: &'s Session,
    region: &'s str,
    client: Client,
}

impl<'s> Pages<'s> {
    pub(super) fn new(session: &'s Session, region: &'s str) -> Self {
        Self {
            session,
            region,
            client: Client::new(session.config()),
        }
    }

    fn call(&self) -> Call<'_> {
        Call {
            action: ACTION,
            region: self.region,
        }
    }

    /// A page of GetFindings.
    pub(super) fn cspm(
        &self,
        filters: AwsSecurityFindingFilters,
        token: Option<String>,
    ) -> Result<Page, CloudError> {
        let body = Body::default();
        let request = self
            .client
            .get_findings()
            .filters(filters)
            .max_results(SIZE)
            .set_next_token(token)
            .customize()
            .interceptor(body.clone());
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call(), &e))?;
        Ok(Page {
            body: body.take(),
            findings: answer.findings().len(),
            next: answer.next_token.filter(|t| !t.is_empty()),
        })
    }

    /// A page of GetFindingsV2.
    pub(super) fn v2(
        &self,
        filters: OcsfFindingFilters,
        token: Option<String>,
    ) -> Result<Page, CloudError> {
        let body = Body::default();
        let request = self
            .client
            .get_findings_v2()
            .filters(filters)
            .max_results(SIZE)
            .set_next_token(token)
            .customize()
            .interceptor(body.clone());
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call(), &e))?;
        Ok(Page {
            body: body.take(),
            findings: answer.findings().len(),
            next: answer.next_token.filter(|t| !t.is_empty()),
        })
    }
}
