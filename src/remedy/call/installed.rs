//! Installed code that leaves a question open: what is known of the module answers it.
//!
//! The code of a module counts before what a table says of it. But a policy that a module pieces together from data
//! sources is nothing that code alone can tell, while the table knows which input adds the statement. Then the outline
//! stands in for the code, at the version that is installed; whatever it leads to must be an input that the installed
//! code has, and must not be unsafe by that code.

use hcl_edit::structure::Block;
use serde_json::Value as Json;

use super::super::{Affected, Context, Fix, Remediation, Verdict, assess, proof};
use super::{Case, at_one_version, versions};
use crate::locate::External;
use crate::terraform::edit::Pen;
use crate::terraform::module::Configuration;
use crate::terraform::registry::Known;
use crate::terraform::{Address, Edit, RepoPath};

/// The answer by what is known of the module; `None` when it is not known at the installed version, or when the
/// installed code speaks against it.
pub(super) fn fix(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    address: &Address,
    external: &External<'_>,
) -> Option<Fix> {
    let root = &case.located.root;
    let instance = Affected {
        root: root.clone(),
        address: address.clone(),
    };
    let known = external.known()?;
    let manifest = Manifest::of(context.cfg, root, &external.path)?;
    let step = match &manifest.version {
        Some(version) => Known::called(external.call.source?, Some(version))?.to,
        None if known.from == known.to => known.to,
        // Which version is installed is not written down.
        None => return None,
    };
    let mut swap = versions::as_of(context.cfg, known, step);
    swap.push(manifest.without);
    let fix = proof::after(context.cfg, &swap, |cfg| {
        let modules = address.block().modules;
        let outlined = External::of(cfg, root, &modules)?;
        outlined.outline()?;
        at_one_version(&Context { cfg, ..*context }, case, address, &outlined).ok()
    })
    .ok()??;
    match &fix {
        Fix::AlreadySafe(_) => {
            let told = assess(context, &instance, case.rule, case.with);
            matches!(told, Verdict::Unknown(_)).then_some(fix)
        }
        Fix::Remediation(remediation) => {
            let fits = fits(context, case, &instance, external, remediation);
            fits.then_some(fix)
        }
        Fix::Advice(_) | Fix::Refused(_) => None,
    }
}

/// Whether the installed code takes a change and does not find it unsafe.
fn fits(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    instance: &Affected,
    external: &External<'_>,
    fix: &Remediation,
) -> bool {
    let before = names(external.call.block);
    proof::after(context.cfg, &fix.edits, |cfg| {
        let accepted = cfg
            .call_at(&instance.root, &external.path)
            .is_some_and(|call| {
                names(call.block)
                    .iter()
                    .filter(|name| !before.contains(name))
                    .all(|name| cfg.has_input(&instance.root, &external.path, name))
            });
        let edited = Context { cfg, ..*context };
        let verdict = assess(&edited, instance, case.rule, case.with);
        accepted && !matches!(verdict, Verdict::Unsafe(_))
    })
    .unwrap_or(false)
}

fn names(block: &Block) -> Vec<String> {
    block
        .body
        .attributes()
        .map(|a| a.key.as_str().to_owned())
        .collect()
}

/// What the record of installed modules says of one call.
struct Manifest {
    /// The version that is installed; a module from Git has none.
    version: Option<String>,
    /// The edit that makes the record as if this module were not installed. It never leaves this stage.
    without: Edit,
}

impl Manifest {
    fn of(cfg: &Configuration<'_>, root: &RepoPath, path: &[String]) -> Option<Self> {
        let file = cfg
            .estate()
            .file(&root.join(".terraform/modules/modules.json")?)?;
        let mut record: Json = serde_json::from_str(file.text()).ok()?;
        let modules = record.get_mut("Modules")?.as_array_mut()?;
        let own = path.join(".");
        let key = |module: &Json| module.get("Key").and_then(Json::as_str).map(str::to_owned);
        let version = modules
            .iter()
            .find(|m| key(m).as_deref() == Some(&own))?
            .get("Version")
            .and_then(Json::as_str)
            .map(str::to_owned);
        let below = format!("{own}.");
        modules.retain(|m| key(m).is_none_or(|k| k != own && !k.starts_with(&below)));
        let text = record.to_string();
        Some(Self {
            version,
            without: Pen::new(file).splice(0..file.text().len(), text),
        })
    }
}
