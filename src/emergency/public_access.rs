//! The bucket's public access block: all four switches on, and back to exactly what was.
//!
//! A bucket without a block is not the same as one with four switches off: undo deletes the block then.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;
use serde::{Deserialize, Serialize};

use super::change::{Observed, Standing};
use super::{Place, Refused, RefusedKind, Scene};
use crate::cloud::CloudError;
use crate::cloud::buckets::{self, Bucket, Buckets, PublicAccessBlock, Seen};
use crate::remedy;

/// From one block to another; `None` is no block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// The bucket.
    pub bucket: String,
    /// What is there before.
    pub before: Option<PublicAccessBlock>,
    /// What is there after.
    pub after: Option<PublicAccessBlock>,
}

/// What a person has to know before the block is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Who loses access, each one sentence.
    pub loses: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// A name that can be a bucket's: of today, or of the years when more was allowed.
pub(super) fn is_name(text: &str) -> bool {
    (3..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

/// The change that closes a bucket as it is now, and what it means.
///
/// # Errors
/// A refusal: it is safe already, meant to be public, elsewhere, or that cannot be told.
pub fn choose(bucket: &Bucket, region: &str) -> Result<(AccessChange, Effect), Refused> {
    let name = &bucket.name;
    let mut notes = Vec::new();
    match &bucket.region {
        Seen::Known(real) if real != region => {
            return Err(Refused::new(
                RefusedKind::OtherRegion,
                format!("bucket `{name}` is in {real}, and the finding says {region}"),
                "check the finding; a live change is made only where the finding says",
            ));
        }
        Seen::Known(_) => {}
        Seen::Unknown(why) => notes.push(format!("The bucket's region could not be read: {why}.")),
    }
    if bucket.block == Some(PublicAccessBlock::ALL) {
        return Err(Refused::new(
            RefusedKind::AlreadySafe,
            format!("the public access block of `{name}` has all four settings on"),
            "nothing to do; the finding follows when the scanner looks again",
        ));
    }
    not_intended(bucket)?;
    let change = AccessChange {
        bucket: name.clone(),
        before: bucket.block,
        after: Some(PublicAccessBlock::ALL),
    };
    Ok((
        change,
        Effect {
            loses: loses(bucket),
            notes,
        },
    ))
}

fn not_intended(bucket: &Bucket) -> Result<(), Refused> {
    let name = &bucket.name;
    let intended = |why: String| {
        Refused::new(
            RefusedKind::IntendedPublic,
            format!("bucket `{name}` is meant to be public: {why}"),
            "suppress the finding with that reason, or take the statement away first",
        )
    };
    let unknown = |what: &str, why: &str| {
        Refused::new(
            RefusedKind::IntentUnknown,
            format!(
                "whether bucket `{name}` is meant to be public cannot be told: {what} could not be read: {why}"
            ),
            "allow the read in the policy of the emergency role (docs/emergency.md)",
        )
    };
    match &bucket.website {
        Seen::Known(false) => {}
        Seen::Known(true) => return Err(intended("it is configured as a website".to_owned())),
        Seen::Unknown(why) => return Err(unknown("its website configuration", why)),
    }
    match &bucket.tags {
        Seen::Known(tags) => match tags.iter().find(|(k, v)| remedy::tag_says_public(k, v)) {
            Some((key, value)) => Err(intended(format!("the tag `{key}` is `{value}`"))),
            None => Ok(()),
        },
        Seen::Unknown(why) => Err(unknown("its tags", why)),
    }
}

fn loses(bucket: &Bucket) -> Vec<String> {
    let mut loses = Vec::new();
    match &bucket.public_policy {
        Seen::Known(true) => loses.push(
            "Everybody whom the bucket's policy lets in without signing in: the policy is public now.".to_owned(),
        ),
        Seen::Known(false) => {}
        Seen::Unknown(why) => {
            loses.push(format!("Whether the bucket's policy is public could not be read: {why}."));
        }
    }
    match &bucket.public_grants {
        Seen::Known(grants) => {
            for grant in grants {
                loses.push(format!("Those whom the bucket's ACL lets in: {grant}."));
            }
        }
        Seen::Unknown(why) => loses.push(format!("The bucket's ACL could not be read: {why}.")),
    }
    if loses.is_empty() {
        loses.push(
            "Nobody by the bucket's policy or ACL: neither lets everybody in now.".to_owned(),
        );
    }
    loses.push("Readers of single objects whose own ACLs are public.".to_owned());
    loses.push(
        "Deployments that set a public ACL or policy on this bucket: they are denied.".to_owned(),
    );
    loses
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Put {
    Set {
        bucket: String,
        owner: String,
        block: PublicAccessBlock,
    },
    Delete {
        bucket: String,
        owner: String,
    },
}

impl std::fmt::Display for Put {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set {
                bucket,
                owner,
                block,
            } => write!(
                f,
                "s3 PutPublicAccessBlock Bucket={bucket} ExpectedBucketOwner={owner} BlockPublicAcls={} \
                 IgnorePublicAcls={} BlockPublicPolicy={} RestrictPublicBuckets={}",
                block.block_public_acls,
                block.ignore_public_acls,
                block.block_public_policy,
                block.restrict_public_buckets
            ),
            Self::Delete { bucket, owner } => write!(
                f,
                "s3 DeletePublicAccessBlock Bucket={bucket} ExpectedBucketOwner={owner}"
            ),
        }
    }
}

impl Put {
    pub(super) fn send(&self, scene: &Scene<'_>) -> Result<(), CloudError> {
        let client = buckets::client(scene.config());
        match self {
            Self::Set {
                bucket,
                owner,
                block,
            } => {
                let set = PublicAccessBlockConfiguration::builder()
                    .block_public_acls(block.block_public_acls)
                    .ignore_public_acls(block.ignore_public_acls)
                    .block_public_policy(block.block_public_policy)
                    .restrict_public_buckets(block.restrict_public_buckets)
                    .build();
                let request = client
                    .put_public_access_block()
                    .bucket(bucket)
                    .expected_bucket_owner(owner)
                    .public_access_block_configuration(set);
                scene
                    .session()
                    .block_on(request.send())
                    .map(|_| ())
                    .map_err(|e| scene.explain("s3:PutBucketPublicAccessBlock", &e))
            }
            Self::Delete { bucket, owner } => {
                let request = client
                    .delete_public_access_block()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                scene
                    .session()
                    .block_on(request.send())
                    .map(|_| ())
                    // One IAM action allows both calls.
                    .map_err(|e| scene.explain("s3:PutBucketPublicAccessBlock", &e))
            }
        }
    }
}

impl AccessChange {
    pub(super) fn undo(&self) -> Self {
        Self {
            bucket: self.bucket.clone(),
            before: self.after,
            after: self.before,
        }
    }

    pub(super) fn sound(&self) -> Result<(), String> {
        if !is_name(&self.bucket) {
            return Err(format!("`{}` is no bucket name", self.bucket));
        }
        if self.after != Some(PublicAccessBlock::ALL) || self.before == self.after {
            return Err("it does not switch all four settings on".to_owned());
        }
        Ok(())
    }

    pub(super) fn observe(&self, scene: &Scene<'_>) -> Result<Observed, CloudError> {
        Buckets::new(scene.session(), scene.config(), &scene.place().account)
            .block(&self.bucket)
            .map(Observed::Access)
    }

    pub(super) fn standing(&self, now: Option<PublicAccessBlock>) -> Standing {
        if now == self.after {
            Standing::After
        } else if now == self.before {
            Standing::Before
        } else {
            Standing::Elsewhere(vec![format!(
                "the public access block is {}, neither {} nor {}",
                words(now),
                words(self.before),
                words(self.after)
            )])
        }
    }

    pub(super) fn writes(&self, now: Option<PublicAccessBlock>, place: &Place) -> Option<Put> {
        if now == self.after {
            return None;
        }
        let (bucket, owner) = (self.bucket.clone(), place.account.clone());
        Some(match self.after {
            Some(block) => Put::Set {
                bucket,
                owner,
                block,
            },
            None => Put::Delete { bucket, owner },
        })
    }
}

/// A block in words.
#[must_use]
pub fn words(block: Option<PublicAccessBlock>) -> String {
    let Some(block) = block else {
        return "not there".to_owned();
    };
    let switch = |on| if on { "on" } else { "off" };
    format!(
        "(BlockPublicAcls {}, IgnorePublicAcls {}, BlockPublicPolicy {}, RestrictPublicBuckets {})",
        switch(block.block_public_acls),
        switch(block.ignore_public_acls),
        switch(block.block_public_policy),
        switch(block.restrict_public_buckets)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const NONE: PublicAccessBlock = PublicAccessBlock {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };

    fn bucket() -> Bucket {
        Bucket {
            name: "acme-logs".to_owned(),
            region: Seen::Known("eu-west-1".to_owned()),
            block: None,
            website: Seen::Known(false),
            tags: Seen::Known(BTreeMap::new()),
            public_policy: Seen::Known(false),
            public_grants: Seen::Known(Vec::new()),
        }
    }

    fn kind(bucket: &Bucket) -> RefusedKind {
        choose(bucket, "eu-west-1").unwrap_err().kind
    }

    #[test]
    fn no_block_and_four_switches_off_are_told_apart() {
        let (none, _) = choose(&bucket(), "eu-west-1").unwrap();
        let off = Bucket {
            block: Some(NONE),
            ..bucket()
        };
        let (off, _) = choose(&off, "eu-west-1").unwrap();
        let place = Place {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            role: None,
        };
        let all = Some(PublicAccessBlock::ALL);
        assert!(matches!(
            none.undo().writes(all, &place),
            Some(Put::Delete { .. })
        ));
        assert!(matches!(
            off.undo().writes(all, &place),
            Some(Put::Set { block, .. }) if block == NONE
        ));
        assert_eq!(none.standing(None), Standing::Before);
        assert!(matches!(none.standing(Some(NONE)), Standing::Elsewhere(_)));
        assert_eq!(none.standing(all), Standing::After);
        assert_eq!(none.writes(all, &place), None);
    }

    #[test]
    fn what_is_meant_to_be_public_or_may_be_is_refused() {
        let tag = |k: &str, v: &str| Bucket {
            tags: Seen::Known(BTreeMap::from([(k.to_owned(), v.to_owned())])),
            ..bucket()
        };
        assert_eq!(
            kind(&tag("visibility", "Public")),
            RefusedKind::IntendedPublic
        );
        assert_eq!(
            kind(&tag("public-access", "true")),
            RefusedKind::IntendedPublic
        );
        choose(&tag("visibility", "internal"), "eu-west-1").unwrap();
        let site = Bucket {
            website: Seen::Known(true),
            ..bucket()
        };
        assert_eq!(kind(&site), RefusedKind::IntendedPublic);
        let unread = Bucket {
            website: Seen::Unknown("denied".to_owned()),
            ..bucket()
        };
        assert_eq!(kind(&unread), RefusedKind::IntentUnknown);
        let unread = Bucket {
            tags: Seen::Unknown("denied".to_owned()),
            ..bucket()
        };
        assert_eq!(kind(&unread), RefusedKind::IntentUnknown);
    }

    #[test]
    fn safe_already_or_elsewhere() {
        let safe = Bucket {
            block: Some(PublicAccessBlock::ALL),
            ..bucket()
        };
        assert_eq!(kind(&safe), RefusedKind::AlreadySafe);
        let elsewhere = Bucket {
            region: Seen::Known("us-east-1".to_owned()),
            ..bucket()
        };
        assert_eq!(kind(&elsewhere), RefusedKind::OtherRegion);
    }

    #[test]
    fn only_all_four_switches_are_a_sound_action() {
        let change = |after| AccessChange {
            bucket: "acme-logs".to_owned(),
            before: None,
            after,
        };
        change(Some(PublicAccessBlock::ALL)).sound().unwrap();
        change(Some(NONE)).sound().unwrap_err();
        change(None).sound().unwrap_err();
        let odd = AccessChange {
            bucket: "../x".to_owned(),
            ..change(Some(PublicAccessBlock::ALL))
        };
        odd.sound().unwrap_err();
    }
}
