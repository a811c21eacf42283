//! Terraform states in S3 buckets. Reads only, and never locks: a state is written as one object, so what is read is
//! whole.
//!
//! Buckets are listed once for all states below one prefix, and objects are fetched some at a time; each is handed on
//! as it comes, so that thousands of states are never in memory at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Call, CloudError, Session, explain};

/// Requests at a time.
const AT_ONCE: usize = 16;
/// Largest state that is fetched, bytes.
const LARGEST: i64 = 256 << 20;
/// The workspace that every root has.
const DEFAULT: &str = "default";
/// How CloudTrail names the sessions.
const SESSION_NAME: &str = "tfmend-state";
/// Where the environment names no region S3 is asked here; it says where a bucket is.
const ANYWHERE: &str = "us-east-1";

/// Where the states of one root are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatePlace {
    /// The bucket.
    pub bucket: String,
    /// Key of the default workspace's state.
    pub key: String,
    /// What stands before the keys of other workspaces; may be empty.
    pub workspace_prefix: String,
    /// How the bucket is reached.
    pub access: Access,
}

/// How a bucket is reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Access {
    /// The bucket's region; `None` = that of the environment.
    pub region: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Role that reads.
    pub role: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// An endpoint of its own.
    pub endpoint: Option<String>,
    /// Bucket names go into the path.
    pub path_style: bool,
}

/// One state, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Which of the places.
    pub place: usize,
    /// `s3://bucket/key`.
    pub name: String,
    /// The workspace; `None` = the default one, and there is no other.
    pub workspace: Option<String>,
    /// The object, or why it could not be had.
    pub bytes: Result<Vec<u8>, CloudError>,
}

/// Fetches the states of these places, those of every workspace, and hands each to `take`.
pub fn fetch(places: &[StatePlace], mut take: impl FnMut(Fetched)) {
    let mut by_access: BTreeMap<&Access, Vec<usize>> = BTreeMap::new();
    for (i, place) in places.iter().enumerate() {
        by_access.entry(&place.access).or_default().push(i);
    }
    for (access, members) in by_access {
        match Reader::open(access) {
            Ok(reader) => {
                let work = reader.fetch(places, &members, &mut take);
                reader.session.block_on(work);
            }
            Err(error) => {
                for i in members {
                    take(Fetched {
                        place: i,
                        name: name(&places[i].bucket, &places[i].key),
                        workspace: None,
                        bytes: Err(error.clone()),
                    });
                }
            }
        }
    }
}

fn name(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

/// A signed-in client.
struct Reader {
    session: Session,
    client: Client,
    region: Arc<str>,
}

/// A bucket and a prefix in it.
type Below = (String, String);

impl Reader {
    fn open(access: &Access) -> Result<Self, CloudError> {
        let session = Session::open_as(access.region.as_deref(), access.profile.as_deref())?;
        let region = session.region().unwrap_or(ANYWHERE).to_owned();
        let config = match &access.role {
            Some(role) => {
                session.assume_as(role, SESSION_NAME, &region, access.external_id.as_deref())?
            }
            None => session.in_region(&region),
        };
        Ok(Self {
            client: client(&config, access),
            session,
            region: region.into(),
        })
    }

    async fn fetch(
        &self,
        places: &[StatePlace],
        members: &[usize],
        take: &mut impl FnMut(Fetched),
    ) {
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut prefixes: Vec<Below> = members.iter().map(|i| below(&places[*i])).collect();
        prefixes.sort();
        prefixes.dedup();
        let mut listings: JoinSet<(Below, Result<Vec<String>, CloudError>)> = JoinSet::new();
        for wanted in prefixes {
            let (client, region, gate) = (self.client.clone(), self.region.clone(), gate.clone());
            listings.spawn(async move {
                let _turn = gate.acquire_owned().await;
                let keys = list(&client, &region, &wanted).await;
                (wanted, keys)
            });
        }
        let mut listed: HashMap<Below, Result<Vec<String>, CloudError>> = HashMap::new();
        while let Some(done) = listings.join_next().await {
            if let Ok((wanted, keys)) = done {
                listed.insert(wanted, keys);
            }
        }
        let mut objects: JoinSet<Option<Fetched>> = JoinSet::new();
        for i in members {
            let place = &places[*i];
            let wanted = below(place);
            let mut keys = vec![(place.key.clone(), None)];
            match listed.get(&wanted) {
                Some(Ok(known)) => {
                    keys.extend(known.iter().filter_map(|key| {
                        let workspace = workspace(&wanted.1, &place.key, key)?;
                        Some((key.clone(), Some(workspace)))
                    }));
                }
                Some(Err(error)) => take(Fetched {
                    place: *i,
                    name: name(
                        &place.bucket,
                        &format!("{}<workspace>/{}", wanted.1, place.key),
                    ),
                    workspace: None,
                    bytes: Err(error.clone()),
                }),
                None => {}
            }
            // Where there are several workspaces the default one has a name.
            let others = keys.len() > 1;
            if others && let Some((_, default)) = keys.first_mut() {
                *default = Some(DEFAULT.to_owned());
            }
            for (key, workspace) in keys {
                let (client, region, gate) =
                    (self.client.clone(), self.region.clone(), gate.clone());
                let (i, bucket) = (*i, place.bucket.clone());
                objects.spawn(async move {
                    let _turn = gate.acquire_owned().await;
                    let bytes = get(&client, &region, &bucket, &key).await;
                    // A root that is only used with other workspaces has no default state.
                    let absent = workspace.as_deref() == Some(DEFAULT)
                        && bytes.as_ref().is_err_and(|e| e.code() == Some("NoSuchKey"));
                    (!absent).then(|| Fetched {
                        place: i,
                        name: name(&bucket, &key),
                        workspace,
                        bytes,
                    })
                });
            }
            // Not more than a few wait at a time with what they fetched.
            while objects.len() > AT_ONCE * 4 {
                if let Some(Ok(Some(fetched))) = objects.join_next().await {
                    take(fetched);
                }
            }
        }
        while let Some(done) = objects.join_next().await {
            if let Ok(Some(fetched)) = done {
                take(fetched);
            }
        }
    }
}

/// Where the other workspaces of a place are listed.
fn below(place: &StatePlace) -> Below {
    let prefix = match place.workspace_prefix.as_str() {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    (place.bucket.clone(), prefix)
}

/// `env:/<workspace>/<key>` → the workspace, when it is a state of this key.
fn workspace(prefix: &str, own: &str, key: &str) -> Option<String> {
    let workspace = key
        .strip_prefix(prefix)?
        .strip_suffix(own)?
        .strip_suffix('/')?;
    (!workspace.is_empty() && !workspace.contains('/')).then(|| workspace.to_owned())
}

fn client(config: &SdkConfig, access: &Access) -> Client {
    let own = access.endpoint.is_some() || config.endpoint_url().is_some();
    let mut settings = aws_sdk_s3::config::Builder::from(config)
        // With an endpoint of its own (an emulator, a private endpoint) names go into the path: not every endpoint
        // answers for a host name in front of its own.
        .force_path_style(own || access.path_style);
    if let Some(endpoint) = &access.endpoint {
        settings = settings.endpoint_url(endpoint);
    }
    Client::from_conf(settings.build())
}

async fn list(client: &Client, region: &str, below: &Below) -> Result<Vec<String>, CloudError> {
    let call = Call {
        action: "s3:ListBucket",
        region,
    };
    let (bucket, prefix) = below;
    let mut keys = Vec::new();
    let mut pages = client
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| explain(call, &e))?;
        keys.extend(
            page.contents
                .unwrap_or_default()
                .into_iter()
                .filter_map(|o| o.key),
        );
    }
    Ok(keys)
}

async fn get(
    client: &Client,
    region: &str,
    bucket: &str,
    key: &str,
) -> Result<Vec<u8>, CloudError> {
    let call = Call {
        action: "s3:GetObject",
        region,
    };
    let refused = |code: &str, message: String| CloudError::Refused {
        action: call.action.to_owned(),
        region: region.to_owned(),
        code: code.to_owned(),
        message,
    };
    let answer = client
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .map_err(|e| explain(call, &e))?;
    if let Some(size) = answer.content_length().filter(|size| *size > LARGEST) {
        return Err(refused(
            "TooLarge",
            format!("{size} bytes are more than the limit of {LARGEST}"),
        ));
    }
    let body = answer.body.collect().await;
    body.map(|bytes| bytes.into_bytes().to_vec())
        .map_err(|e| refused("Interrupted", e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::workspace;

    #[test]
    fn a_workspace_is_what_stands_between_prefix_and_key() {
        for (prefix, own, key, expected) in [
            (
                "env:/",
                "app.tfstate",
                "env:/prod/app.tfstate",
                Some("prod"),
            ),
            (
                "env:/",
                "live/app.tfstate",
                "env:/prod/live/app.tfstate",
                Some("prod"),
            ),
            ("env:/", "app.tfstate", "env:/prod/live/app.tfstate", None),
            ("env:/", "app.tfstate", "env:/app.tfstate", None),
            ("env:/", "app.tfstate", "env:/prod/myapp.tfstate", None),
            ("ws/", "k", "ws/dev/k", Some("dev")),
            ("", "k", "dev/k", Some("dev")),
            ("", "k", "k", None),
        ] {
            assert_eq!(workspace(prefix, own, key).as_deref(), expected, "{key}");
        }
    }
}
