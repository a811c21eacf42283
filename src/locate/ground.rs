//! On which account and region does a root stand?
//!
//! Proved by the ARNs of its states, by the provider's `allowed_account_ids` or the role it assumes, and by the
//! provider's region. Where two of them differ nothing is proved. (The role of a backend proves nothing: states of
//! many accounts often lie in one.)

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use crate::terraform::RepoPath;
use crate::terraform::identity::{self, Arn, Scope, Sought};
use crate::terraform::module::{Configuration, Held, Occurrence};
use crate::terraform::source::SourceFile;
use crate::terraform::value::Kind;

use super::Locator;

/// By root and provider configuration.
pub(super) type Cache = HashMap<(RepoPath, String), Arc<Ground>>;

/// What is proved of a provider configuration of a root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ground {
    /// Account or project, with what proves it.
    pub(super) account: Option<(String, String)>,
    /// Region, with what proves it.
    pub(super) region: Option<(String, String)>,
    /// Whether a state says so (of the account).
    pub(super) by_state: bool,
}

/// How a root's ground fits what is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// As far as the scope needs, account and region are proved to be those sought.
    Proved(String),
    /// Nothing speaks against it.
    Open,
    /// It is another account or region.
    Refuted(String),
}

/// The provider configuration of a block, `aws` or `aws.dr`, as the root names it; `None` when it is not clear.
pub(super) fn provider_of(
    configuration: &Configuration<'_>,
    occurrence: &Occurrence<'_>,
) -> Option<String> {
    let block = occurrence.resource.block;
    let local = occurrence.resource.kind.split('_').next().unwrap_or("");
    let mut reference = match block.body.get_attribute("provider") {
        Some(attribute) => text(&attribute.value),
        None => local.to_owned(),
    };
    for call in configuration.calls(occurrence).iter().rev() {
        let Some(attribute) = call.block.body.get_attribute("providers") else {
            if reference.contains('.') {
                return None;
            }
            continue;
        };
        let Expression::Object(object) = &attribute.value else {
            return None;
        };
        let mapped = object.iter().find_map(|(key, value)| {
            let key = match key {
                hcl_edit::expr::ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                hcl_edit::expr::ObjectKey::Expression(e) => text(e),
            };
            (key == reference).then(|| text(value.expr()))
        });
        reference = match mapped {
            Some(outer) => outer,
            // A default configuration that is not passed is not inherited by its name only if others are passed.
            None if !reference.contains('.') => reference,
            None => return None,
        };
    }
    Some(reference)
}

fn text(expression: &Expression) -> String {
    expression
        .as_str()
        .map_or_else(|| expression.to_string().trim().to_owned(), str::to_owned)
}

impl Ground {
    /// How this ground fits an object whose name is unique in `scope`.
    pub(super) fn standing(&self, scope: Scope, sought: &Sought) -> Standing {
        if let (Some(partition), Some((region, by))) = (&sought.partition, &self.region)
            && identity::partition_of(region) != partition
        {
            return Standing::Refuted(format!("{by} is in another partition"));
        }
        let account = match (&self.account, &sought.account) {
            (Some((own, by)), Some(wanted)) if own == wanted => Some(by),
            (Some((own, by)), Some(wanted)) if comparable(own, wanted) => {
                return Standing::Refuted(format!("{by} is account {own}, not {wanted}"));
            }
            _ => None,
        };
        let region = match (scope, &self.region, &sought.region) {
            (Scope::Region | Scope::Parent, Some((own, by)), Some(wanted)) => {
                if own != wanted {
                    return Standing::Refuted(format!("{by} is region {own}, not {wanted}"));
                }
                Some(by)
            }
            _ => None,
        };
        match (scope, account, region) {
            (Scope::Global, Some(by), _) | (Scope::Account, Some(by), _) => {
                Standing::Proved(by.clone())
            }
            (Scope::Region, Some(by), Some(region)) if by == region => Standing::Proved(by.clone()),
            (Scope::Region, Some(by), Some(region)) => {
                Standing::Proved(format!("{by} and {region}"))
            }
            _ => Standing::Open,
        }
    }
}

/// A Google project has a name and a number; one says nothing about the other, nor does an organisation or folder.
fn comparable(a: &str, b: &str) -> bool {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    number(a) == number(b) && !a.contains('/') && !b.contains('/')
}

impl Locator<'_> {
    /// The ground of a block, with its own `region` argument (AWS provider 6) taken into account.
    pub(super) fn ground_of(&self, occurrence: &Occurrence<'_>) -> Arc<Ground> {
        let Some(provider) = provider_of(self.configuration, occurrence) else {
            return Arc::default();
        };
        self.ground(&occurrence.root, &provider)
    }

    /// The ground of a provider configuration (`aws`, `aws.dr`) of a root.
    pub(super) fn ground(&self, root: &RepoPath, provider: &str) -> Arc<Ground> {
        let key = (root.clone(), provider.to_owned());
        if let Ok(known) = self.grounds.lock()
            && let Some(ground) = known.get(&key)
        {
            return Arc::clone(ground);
        }
        let ground = Arc::new(self.prove(root, provider));
        if let Ok(mut known) = self.grounds.lock() {
            known.insert(key, Arc::clone(&ground));
        }
        ground
    }

    fn prove(&self, root: &RepoPath, provider: &str) -> Ground {
        let (name, alias) = provider
            .split_once('.')
            .map_or((provider, None), |(name, alias)| (name, Some(alias)));
        let mut ground = Ground::default();
        let mut accounts: BTreeSet<(String, String)> = BTreeSet::new();
        let mut regions: BTreeSet<(String, String)> = BTreeSet::new();
        for state in self.states.of_root(root) {
            let by = format!("the state `{}`", state.name);
            let own = state.resources.iter().filter(|r| {
                r.provider_alias.as_deref() == alias
                    && r.address.kind.split('_').next() == Some(name)
            });
            for resource in own {
                if let Some(account) = &resource.account {
                    accounts.insert((account.clone(), by.clone()));
                }
                if let Some(region) = &resource.region {
                    regions.insert((region.clone(), by.clone()));
                }
            }
        }
        ground.by_state = !accounts.is_empty();
        // What the provider says of the region counts more than where the objects of a state happen to be.
        let mut said_regions = BTreeSet::new();
        for (file, block) in self.provider_blocks(root, name, alias) {
            let by = match alias {
                Some(alias) => format!("the provider `{name}.{alias}` of `{root}`"),
                None => format!("the provider `{name}` of `{root}`"),
            };
            for account in self.accounts_of_provider(root, file, block) {
                accounts.insert((account, by.clone()));
            }
            if let Some(region) = block
                .body
                .get_attribute("region")
                .and_then(|a| self.known_text(root, file, &a.value))
            {
                said_regions.insert((region, by));
            }
        }
        if !said_regions.is_empty() {
            regions = said_regions;
        }
        ground.account = one_value(accounts);
        ground.region = one_value(regions);
        ground
    }

    fn provider_blocks(
        &self,
        root: &RepoPath,
        name: &str,
        alias: Option<&str>,
    ) -> Vec<(&SourceFile, &Block)> {
        self.configuration
            .providers(root)
            .into_iter()
            .filter(|(_, block)| {
                block.labels.first().is_some_and(|l| l.as_str() == name)
                    && block
                        .body
                        .get_attribute("alias")
                        .map(|a| text(&a.value))
                        .as_deref()
                        == alias
            })
            .collect()
    }

    fn accounts_of_provider(
        &self,
        root: &RepoPath,
        file: &SourceFile,
        block: &Block,
    ) -> Vec<String> {
        let mut accounts = Vec::new();
        if let Some(allowed) = block.body.get_attribute("allowed_account_ids") {
            let value = self
                .configuration
                .evaluate_in_root(root, file, &allowed.value);
            let ids: Option<Vec<String>> = value
                .as_list()
                .map(|list| list.iter().map(|v| v.as_text()).collect())
                .unwrap_or_default();
            // Several allowed accounts prove none.
            if let Some([one]) = ids.as_deref() {
                accounts.push(one.clone());
            }
        }
        for name in ["assume_role", "assume_role_with_web_identity"] {
            let roles: Vec<&Block> = block.body.get_blocks(name).collect();
            // Of chained roles the last is the one that acts.
            let role = roles
                .last()
                .and_then(|b| b.body.get_attribute("role_arn"))
                .and_then(|a| self.known_text(root, file, &a.value));
            accounts.extend(
                role.as_deref()
                    .and_then(Arn::parse)
                    .map(|arn| arn.account.to_owned())
                    .filter(|account| identity::is_account_id(account)),
            );
        }
        if let Some(project) = block.body.get_attribute("project") {
            accounts.extend(self.known_text(root, file, &project.value));
        }
        accounts
    }

    fn known_text(
        &self,
        root: &RepoPath,
        file: &SourceFile,
        expression: &Expression,
    ) -> Option<String> {
        let value = self.configuration.evaluate_in_root(root, file, expression);
        match &value.kind {
            Kind::String(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// `region = …` of the block itself: AWS provider 6 and later. `Some(None)` when it is written but not known.
    pub(super) fn own_region(
        &self,
        occurrence: &Occurrence<'_>,
        address: &crate::terraform::Address,
    ) -> Option<Option<String>> {
        match self.configuration.held(occurrence, address, &["region"]) {
            Held::Absent => None,
            Held::Value(value) if value.is_null() => None,
            Held::Value(value) => Some(value.as_text()),
            Held::Dynamic(_) => Some(None),
        }
    }
}

/// The value on which all agree, with the first that says so.
fn one_value(said: BTreeSet<(String, String)>) -> Option<(String, String)> {
    let values: BTreeSet<&String> = said.iter().map(|(value, _)| value).collect();
    if values.len() == 1 {
        said.into_iter().next()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(account: &str, region: &str, by: [&str; 2]) -> Ground {
        Ground {
            account: Some((account.to_owned(), by[0].to_owned())),
            region: Some((region.to_owned(), by[1].to_owned())),
            by_state: false,
        }
    }

    fn sought(account: &str, region: &str) -> Sought {
        Sought {
            account: Some(account.to_owned()),
            region: Some(region.to_owned()),
            ..Sought::default()
        }
    }

    #[test]
    fn what_proves_account_and_region_is_named_once() {
        let wanted = sought("111122223333", "eu-west-1");
        let one = ground(
            "111122223333",
            "eu-west-1",
            ["the provider", "the provider"],
        );
        assert_eq!(
            one.standing(Scope::Region, &wanted),
            Standing::Proved("the provider".to_owned())
        );
        let two = ground("111122223333", "eu-west-1", ["the state", "the provider"]);
        assert_eq!(
            two.standing(Scope::Region, &wanted),
            Standing::Proved("the state and the provider".to_owned())
        );
    }

    #[test]
    fn a_number_and_a_name_of_a_project_say_nothing_about_each_other() {
        let by_name = ground(
            "acme-prod",
            "europe-west1",
            ["the provider", "the provider"],
        );
        let standing = |account: &str| by_name.standing(Scope::Global, &sought(account, ""));
        assert_eq!(standing("123456789012"), Standing::Open);
        assert_eq!(standing("organizations/1234"), Standing::Open);
        assert!(matches!(standing("acme-dev"), Standing::Refuted(_)));
        let by_folder = ground("folders/77", "", ["the state", "the state"]);
        assert_eq!(
            by_folder.standing(Scope::Global, &sought("acme-prod", "")),
            Standing::Open
        );
        let by_number = ground("123456789012", "", ["the state", "the state"]);
        assert!(matches!(
            by_number.standing(Scope::Global, &sought("210987654321", "")),
            Standing::Refuted(_)
        ));
    }
}
