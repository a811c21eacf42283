//! The resources of an OCSF finding: which one it is about, how it is called, its tags.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Control;
use super::evidence;
use super::ocsf::Account;
use super::text::Text;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct OcsfResource<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) uid_alt: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) region: Text<'a>,
    #[serde(borrow)]
    owner: Option<Owner<'a>>,
    #[serde(borrow)]
    account: Option<Account<'a>>,
    #[serde(borrow)]
    user: Option<User<'a>>,
    #[serde(borrow)]
    labels: Option<&'a RawValue>,
    #[serde(borrow)]
    tags: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Owner<'a> {
    #[serde(borrow)]
    account: Option<Account<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    name: Text<'a>,
}

impl OcsfResource<'_> {
    /// The ARN if there is one, else the id, else the name.
    pub(super) fn best_id(&self) -> Option<&str> {
        [&self.uid, &self.uid_alt]
            .into_iter()
            .filter_map(Text::some)
            .find(|id| id.starts_with("arn:"))
            .filter(|_| self.kind.as_str() != "AWS::::Account")
            .or_else(|| self.uid.some())
            .or_else(|| self.uid_alt.some())
            .or_else(|| self.name.some())
    }

    pub(super) fn owner_account(&self) -> Option<&str> {
        let owner = self.owner.as_ref().and_then(|o| o.account.as_ref());
        owner.or(self.account.as_ref()).and_then(|a| a.uid.some())
    }

    /// Facts and names out of the observed configuration.
    pub(super) fn observe(
        &self,
        now: Timestamp,
        facts: &mut BTreeMap<String, String>,
        aliases: &mut Vec<String>,
    ) {
        if let Some(user) = self.user.as_ref().and_then(|u| u.name.some()) {
            facts.insert("access-key.user".to_owned(), user.to_owned());
        }
        if !evidence::wants_details(self.kind.as_str()) {
            return;
        }
        let data = self
            .data
            .and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        if let Some(data) = data {
            evidence::from_observed(self.kind.as_str(), &data, now, facts, aliases);
        }
    }
}

/// The resource that the finding is about: the first, unless only another one fits the control.
pub(super) fn choose<'r, 'a>(
    resources: &'r [OcsfResource<'a>],
    controls: &[Control],
) -> Option<&'r OcsfResource<'a>> {
    if resources.len() > 1 {
        if let Some(control) = controls.first() {
            let fits = |r: &&OcsfResource<'_>| evidence::kind_fits(r.kind.as_str(), control);
            if let Some(fitting) = resources.iter().find(fits) {
                return Some(fitting);
            }
        }
        let account = |r: &&OcsfResource<'_>| evidence::plain_kind(r.kind.as_str()) == "awsaccount";
        return resources.iter().find(|r| !account(r)).or(resources.first());
    }
    resources.first()
}

/// Tags: a list of `{name, value}` or `{key, value}`, an object, or labels such as `team: payments`.
pub(super) fn tags(resource: &OcsfResource<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for raw in [resource.labels, resource.tags].into_iter().flatten() {
        match serde_json::from_str::<Value>(raw.get()) {
            Ok(Value::Object(members)) => {
                for (key, value) in &members {
                    found.insert(key.clone(), plain(value));
                }
            }
            Ok(Value::Array(entries)) => entries.iter().for_each(|entry| {
                if let Some((key, value)) = pair(entry) {
                    found.insert(key, value);
                }
            }),
            _ => {}
        }
    }
    found
}

fn pair(entry: &Value) -> Option<(String, String)> {
    if let Value::String(label) = entry {
        // Keys like `aws:cloudformation:stack-name` hold colons themselves; Prowler writes `key: value`.
        let (key, value) = label
            .split_once(": ")
            .or_else(|| label.split_once('='))
            .or_else(|| label.split_once(':'))
            .unwrap_or((label, ""));
        return Some((key.trim().to_owned(), value.trim().to_owned()));
    }
    let name = ["name", "key", "Key"]
        .iter()
        .find_map(|field| entry.get(field)?.as_str())?;
    let value = ["value", "Value"].iter().find_map(|field| entry.get(field));
    Some((name.to_owned(), value.map_or_else(String::new, plain)))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_every_shape() {
        let json = r#"{"labels": ["team: payments", "aws:cloudformation:stack-name: base", "bare", "env=prod"],
                       "tags": [{"name": "Name", "value": "x"}, {"key": "n", "value": 3}, {"odd": 1}]}"#;
        let resource: OcsfResource<'_> = serde_json::from_str(json).unwrap();
        let found = tags(&resource);
        assert_eq!(found["team"], "payments");
        assert_eq!(found["aws:cloudformation:stack-name"], "base");
        assert_eq!(found["bare"], "");
        assert_eq!(found["env"], "prod");
        assert_eq!((found["Name"].as_str(), found["n"].as_str()), ("x", "3"));
        let resource: OcsfResource<'_> =
            serde_json::from_str(r#"{"tags": {"a": "b", "c": null}}"#).unwrap();
        assert_eq!(tags(&resource).len(), 2);
    }

    #[test]
    fn an_arn_is_the_better_id() {
        let json = r#"{"uid": "logs", "uid_alt": "arn:aws:s3:::logs", "type": "AWS::S3::Bucket"}"#;
        let resource: OcsfResource<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(resource.best_id(), Some("arn:aws:s3:::logs"));
        let json = r#"{"uid": "111122223333", "uid_alt": "arn:aws:guardduty:eu-west-1:111122223333:detector/x", "type": "AWS::::Account"}"#;
        let resource: OcsfResource<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(resource.best_id(), Some("111122223333"));
    }
}
