//! Account-level settings without a block: the block is written into the home that locating found.

use serde_json::Value as Json;

use super::draft::Draft;
use super::judge;
use super::settings;
use super::{Affected, Context, Previous, Refusal, RefusalKind, literal};
use crate::rules::{Rule, Settings};
use crate::terraform::edit::{NewBlock, Pen};
use crate::terraform::{Address, RepoPath};

/// Writes the block that holds an account's settings. All settings are written, whichever the finding names: a
/// half-written policy would weaken the others.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    root: &RepoPath,
    home: &RepoPath,
    rule: &Rule,
    wanted: &Settings,
) -> Result<Draft, Refusal> {
    let Some(kind) = rule.subjects.first() else {
        return Err(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!("rule `{}` names no type", rule.id),
            "correct the rule file",
        ));
    };
    if let Some(other) = context.cfg.occurrences_in(root, kind).into_iter().next() {
        return Err(Refusal::new(
            RefusalKind::SecondWriter,
            format!(
                "the root that holds this account has `{}` already ({})",
                other.address,
                other.resource.file.path()
            ),
            "change that block by hand, or give the account's own root under [placement]",
        ));
    }
    let mut block = NewBlock::resource(kind, "this");
    let mut nested = Vec::new();
    let mut warnings = Vec::new();
    for setting in settings::relevant(&wanted.settings, &Json::Null, None) {
        let text = literal::text(&judge::wanted(setting, context.parameters)?);
        match setting.path.split_last() {
            Some((name, [])) => block = block.attribute(name, &text),
            Some((name, parents)) => settings::put(&mut nested, parents, name, &text),
            None => {}
        }
        warnings.extend(setting.warning.clone());
    }
    for inner in nested {
        block = block.block(inner);
    }
    let edits = match context.cfg.estate().file(home) {
        Some(file) => Pen::new(file).append_block(&block),
        None => vec![Pen::new_file(home.clone(), &[block])],
    };
    let name = format!("{kind}.this");
    Ok(Draft {
        instance: Affected {
            root: root.clone(),
            address: Address::new(kind, "this"),
        },
        block: name.clone(),
        paths: vec![kind.clone()],
        summary: format!("add `{name}`"),
        edits,
        previous: vec![Previous {
            path: name,
            value: None,
        }],
        also_changes: Vec::new(),
        removed: Vec::new(),
        moved: Vec::new(),
        rules: Vec::new(),
        warnings,
        impact: None,
    })
}
