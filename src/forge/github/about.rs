//! What GitHub says about the repository: its present name, who sees it, what we may do.

use std::sync::Arc;

use serde::Deserialize;

use super::client::{Client, locked};
use super::error::GitHubError;

/// The repository, as far as tfmend needs it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct About {
    /// `OWNER/NAME` as it is today.
    pub full_name: String,
    /// Not everybody sees it.
    pub private: bool,
    /// `public`, `private` or `internal`; old servers do not say.
    #[serde(default)]
    pub visibility: Option<String>,
    /// The branch that pull requests are for.
    pub default_branch: String,
    /// Read-only for good.
    #[serde(default)]
    pub archived: bool,
    /// Whether issues (the dashboard) are possible.
    #[serde(default = "yes")]
    pub has_issues: bool,
    /// What these credentials may do; missing for some kinds of token.
    #[serde(default)]
    pub permissions: Option<Roles>,
}

/// Roles of the credentials in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Roles {
    /// May change settings.
    #[serde(default)]
    pub admin: bool,
    /// May push.
    #[serde(default)]
    pub push: bool,
    /// May read.
    #[serde(default)]
    pub pull: bool,
}

fn yes() -> bool {
    true
}

impl About {
    /// Whether everybody sees it. An `internal` repository of an enterprise is private.
    #[must_use]
    pub fn is_public(&self) -> bool {
        !self.private
    }
}

impl Client {
    /// The repository, asked for once.
    ///
    /// # Errors
    /// It cannot be read, or it has another name today: a write by the old name would go through a redirect.
    pub fn about(&self) -> Result<Arc<About>, GitHubError> {
        if let Some(about) = locked(&self.about).clone() {
            return Ok(about);
        }
        let about: About = match self.get(&self.repository().route("")) {
            Ok(about) => about,
            // A renamed repository points to `/repositories/ID`, which knows the present name.
            Err(GitHubError::Redirected { route, to }) => {
                match to.parse::<http::Uri>().ok().and_then(|to| by_id(&to)) {
                    Some(by_id) => self.get(&by_id)?,
                    None => return Err(GitHubError::Redirected { route, to }),
                }
            }
            Err(error) => return Err(error),
        };
        if !about
            .full_name
            .eq_ignore_ascii_case(&self.repository().to_string())
        {
            return Err(GitHubError::Renamed {
                asked: self.repository().to_string(),
                now: self.told(&about.full_name),
            });
        }
        let about = Arc::new(about);
        *locked(&self.about) = Some(Arc::clone(&about));
        Ok(about)
    }
}

/// The route below the API's base that names a repository by its number.
fn by_id(address: &http::Uri) -> Option<String> {
    let path = address.path();
    let route = &path[path.find("/repositories/")?..];
    let number = route.strip_prefix("/repositories/")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| route.to_owned())
}
