//! What a bucket is like now, as far as public access goes. Reads only.
//!
//! Every call names the account that must own the bucket: names are global, and a bucket that was deleted and made
//! anew by somebody else must not be mistaken for the one of the finding.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use serde::{Deserialize, Serialize};

use super::{Call, CloudError, Session, explain};

/// The four settings of a public access block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are four switches of the service"
)]
pub struct PublicAccessBlock {
    /// New public ACLs are denied.
    pub block_public_acls: bool,
    /// Public ACLs have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are denied.
    pub block_public_policy: bool,
    /// With a public policy only the account and AWS services get in.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on: the safe state.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// Something read beside the setting itself; it may be denied without voiding the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// As it is.
    Known(T),
    /// It could not be read, and why.
    Unknown(String),
}

/// A bucket, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it really is.
    pub region: Seen<String>,
    /// The bucket's own public access block; `None` when it has none.
    pub block: Option<PublicAccessBlock>,
    /// Whether it is configured as a website.
    pub website: Seen<bool>,
    /// Its tags.
    pub tags: Seen<BTreeMap<String, String>>,
    /// Whether its policy lets everybody in.
    pub public_policy: Seen<bool>,
    /// Grants of its ACL to everybody, or to every AWS customer: `READ to AllUsers`.
    pub public_grants: Seen<Vec<String>>,
}

/// Reads buckets of one account in one region.
pub struct Buckets<'s> {
    session: &'s Session,
    client: Client,
    region: String,
    account: String,
}

impl<'s> Buckets<'s> {
    /// With the credentials and the region of `config`; `account` must own what is read.
    #[must_use]
    pub fn new(session: &'s Session, config: &SdkConfig, account: &str) -> Self {
        Self {
            session,
            client: client(config),
            region: config
                .region()
                .map_or_else(String::new, |r| r.as_ref().to_owned()),
            account: account.to_owned(),
        }
    }

    fn call<'c>(&'c self, action: &'c str) -> Call<'c> {
        Call {
            action,
            region: &self.region,
        }
    }

    /// The bucket's own public access block; `None` when it has none.
    ///
    /// # Errors
    /// When it cannot be read; `NoSuchBucket` is [`CloudError::Refused`] with that code.
    pub fn block(&self, bucket: &str) -> Result<Option<PublicAccessBlock>, CloudError> {
        let request = self
            .client
            .get_public_access_block()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketPublicAccessBlock"), &e));
        match answer {
            Ok(answer) => {
                Ok(answer
                    .public_access_block_configuration
                    .map(|set| PublicAccessBlock {
                        block_public_acls: set.block_public_acls.unwrap_or(false),
                        ignore_public_acls: set.ignore_public_acls.unwrap_or(false),
                        block_public_policy: set.block_public_policy.unwrap_or(false),
                        restrict_public_buckets: set.restrict_public_buckets.unwrap_or(false),
                    }))
            }
            Err(e) if e.code() == Some("NoSuchPublicAccessBlockConfiguration") => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Everything that matters before its public access is changed.
    ///
    /// # Errors
    /// When the public access block itself cannot be read. What else is denied is [`Seen::Unknown`].
    pub fn read(&self, bucket: &str) -> Result<Bucket, CloudError> {
        Ok(Bucket {
            name: bucket.to_owned(),
            block: self.block(bucket)?,
            region: seen(self.location(bucket)),
            website: seen(self.website(bucket)),
            tags: seen(self.tags(bucket)),
            public_policy: seen(self.public_policy(bucket)),
            public_grants: seen(self.public_grants(bucket)),
        })
    }

    fn location(&self, bucket: &str) -> Result<String, CloudError> {
        let request = self
            .client
            .get_bucket_location()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketLocation"), &e))?;
        let place = answer.location_constraint;
        // The names of the first two regions are older than the scheme.
        Ok(match place.as_ref().map(|p| p.as_str()) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        })
    }

    fn website(&self, bucket: &str) -> Result<bool, CloudError> {
        let request = self
            .client
            .get_bucket_website()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketWebsite"), &e));
        match answer {
            Ok(_) => Ok(true),
            Err(e) if e.code() == Some("NoSuchWebsiteConfiguration") => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn tags(&self, bucket: &str) -> Result<BTreeMap<String, String>, CloudError> {
        let request = self
            .client
            .get_bucket_tagging()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketTagging"), &e));
        match answer {
            Ok(answer) => Ok(answer
                .tag_set
                .into_iter()
                .map(|tag| (tag.key, tag.value))
                .collect()),
            Err(e) if e.code() == Some("NoSuchTagSet") => Ok(BTreeMap::new()),
            Err(e) => Err(e),
        }
    }

    fn public_policy(&self, bucket: &str) -> Result<bool, CloudError> {
        let request = self
            .client
            .get_bucket_policy_status()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketPolicyStatus"), &e));
        match answer {
            Ok(answer) => Ok(answer
                .policy_status
                .and_then(|status| status.is_public)
                .unwrap_or(false)),
            Err(e) if e.code() == Some("NoSuchBucketPolicy") => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn public_grants(&self, bucket: &str) -> Result<Vec<String>, CloudError> {
        let request = self
            .client
            .get_bucket_acl()
            .bucket(bucket)
            .expected_bucket_owner(&self.account);
        let answer = self
            .session
            .block_on(request.send())
            .map_err(|e| explain(self.call("s3:GetBucketAcl"), &e))?;
        Ok(answer
            .grants
            .unwrap_or_default()
            .iter()
            .filter_map(|grant| {
                let group = grant.grantee.as_ref()?.uri.as_deref()?.rsplit('/').next()?;
                let everybody = matches!(group, "AllUsers" | "AuthenticatedUsers");
                let may = grant.permission.as_ref().map_or("access", |p| p.as_str());
                everybody.then(|| format!("{may} to {group}"))
            })
            .collect())
    }
}

/// A client for buckets. With an endpoint of its own (an emulator, a private endpoint) names go into the path: not
/// every endpoint answers for a host name in front of its own.
pub(crate) fn client(config: &SdkConfig) -> Client {
    let own = config.endpoint_url().is_some();
    let settings = aws_sdk_s3::config::Builder::from(config).force_path_style(own);
    Client::from_conf(settings.build())
}

fn seen<T>(read: Result<T, CloudError>) -> Seen<T> {
    match read {
        Ok(value) => Seen::Known(value),
        Err(e) => Seen::Unknown(e.to_string()),
    }
}
