//! Senders that an AWS managed key locks out.
//!
//! The policy of `alias/aws/sns` and of `alias/aws/sqs` lets in the principals of the account and nobody else, and it
//! cannot be changed: what a service of AWS itself sends to a topic or queue with such a key is lost, without an error
//! anywhere near it. Where the code shows such a sender, the key has to be one of the account's own.

mod table;

use std::collections::BTreeSet;

use crate::remedy::subject::Subject;
use crate::remedy::{
    Context, Draft, Refusal, RefusalKind, companion, entry, judge, policy_document, settings,
};
use crate::rules::{Remedy, Rule};
use crate::terraform::module::Occurrence;
use crate::terraform::value::{Kind, Part};
use crate::terraform::{Edit, Value};
use table::{RECEIVERS, Receiver};

/// Aliases of keys that belong to AWS begin so.
const MANAGED: &str = "alias/aws/";

/// Arguments by which modules that make alarms are told whom to notify, whatever the module.
const OF_ALARM_MODULES: [&str; 3] = ["alarm_actions", "insufficient_data_actions", "ok_actions"];

/// What the code shows: who sends, in words, and the principals that a key's policy has to let in.
#[derive(Default)]
struct Shown {
    who: Vec<String>,
    principals: BTreeSet<String>,
}

impl Shown {
    fn add(&mut self, who: String, principal: &str) {
        if !self.who.contains(&who) {
            self.who.push(who);
        }
        self.principals.insert(principal.to_owned());
    }

    /// The first few by name, the others by their number.
    fn in_words(&self) -> String {
        const MENTIONED: usize = 4;
        if self.who.len() <= MENTIONED {
            return settings::join(&self.who);
        }
        let (named, others) = self.who.split_at(MENTIONED - 1);
        format!("{} and {} more", named.join(", "), others.len())
    }
}

/// Refuses to give a topic or queue an AWS managed key when the code shows a sender that cannot use it.
pub(super) fn may_use_the_key(
    context: &Context<'_, '_>,
    rule: &Rule,
    subject: &Subject<'_, '_>,
    draft: &Draft,
) -> Result<(), Refusal> {
    let kind = subject.at.resource.kind;
    let Some(receiver) = RECEIVERS.iter().find(|r| r.kind == kind) else {
        return Ok(());
    };
    let alias = format!("{MANAGED}{}", receiver.service);
    let text = |edit: &Edit| match edit {
        Edit::Splice { text, .. } | Edit::NewFile { text, .. } => text.contains(&alias),
    };
    if !draft.edits.iter().any(text) {
        return Ok(());
    }
    let mut shown = Shown::default();
    resources(subject, receiver, &mut shown);
    calls(subject, &mut shown);
    policies(subject, receiver, &mut shown);
    if shown.who.is_empty() {
        return Ok(());
    }
    let principals: Vec<String> = shown.principals.iter().map(|p| ticked(p)).collect();
    let key = parameter(context, rule, kind, &alias).map_or_else(
        || format!("give `{}` a customer managed key", subject.address),
        |name| format!("set the parameter `{name}` to a customer managed key"),
    );
    Err(Refusal::new(
        RefusalKind::Precondition,
        format!(
            "`{}` receives from {}, and services of AWS cannot use the AWS managed key `{alias}`: what they send would \
             be lost",
            subject.address,
            shown.in_words()
        ),
        format!(
            "{key} whose policy lets {} use it (`kms:GenerateDataKey*` and `kms:Decrypt`), and run again",
            settings::join(&principals)
        ),
    ))
}

/// The parameter by which the configuration may name another key than the one that is written.
fn parameter<'r>(
    context: &Context<'_, '_>,
    rule: &'r Rule,
    kind: &str,
    alias: &str,
) -> Option<&'r str> {
    let Remedy::Set(wanted) = &rule.remedy_for(kind)?.remedy else {
        return None;
    };
    wanted.settings.iter().find_map(|setting| {
        let value = judge::wanted(setting, context.parameters).ok()?;
        setting
            .parameter
            .as_deref()
            .filter(|_| value.as_str() == Some(alias))
    })
}

/// Resources of the root that send in a service's name.
fn resources(subject: &Subject<'_, '_>, receiver: &Receiver, shown: &mut Shown) {
    let cfg = subject.cfg;
    let name = subject
        .held(&["name".to_owned()])
        .value()
        .and_then(|name| name.as_str().map(str::to_owned));
    for (kind, path, principal) in receiver.senders {
        for at in cfg.occurrences_in(&subject.at.root, kind) {
            let instances = cfg.instances(&at);
            let mut addresses = instances.known;
            if instances.unknown.is_some() {
                addresses.push(at.address.unkeyed());
            }
            let sends = addresses.iter().any(|address| {
                cfg.held_references(&at, address, path).iter().any(|value| {
                    match leads(subject, receiver, name.as_deref(), value) {
                        Leads::Here => true,
                        Leads::Elsewhere => false,
                        Leads::Unknown => mentions(subject, &at),
                    }
                })
            });
            if sends {
                let (file, line) = crate::locate::stands(cfg, &at);
                shown.add(format!("`{}` ({file}:{line})", at.address), principal);
            }
        }
    }
}

/// Where the value of an attribute that names a receiver leads, by rising weight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leads {
    Elsewhere,
    Unknown,
    Here,
}

/// Whether a value is, or holds, the receiver.
fn leads(
    subject: &Subject<'_, '_>,
    receiver: &Receiver,
    name: Option<&str>,
    value: &Value,
) -> Leads {
    let inner = |values: &mut dyn Iterator<Item = &Value>| {
        values
            .map(|v| leads(subject, receiver, name, v))
            .max()
            .unwrap_or(Leads::Elsewhere)
    };
    match &value.kind {
        Kind::List(items) => inner(&mut items.iter()),
        Kind::Object(map) => inner(&mut map.values()),
        Kind::Ref(reference) if reference.address.could_be(&subject.address) => Leads::Here,
        // The policy of a topic gives the topic's ARN as its own.
        Kind::Ref(reference) if reference.address.kind == receiver.policy.0 => {
            let (policy, link) = receiver.policy;
            let about = companion::linked(subject, policy, link).unwrap_or_default();
            if about.iter().any(|p| reference.address.could_be(&p.address)) {
                Leads::Here
            } else {
                Leads::Elsewhere
            }
        }
        Kind::Ref(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) => Leads::Elsewhere,
        Kind::String(text) => {
            if is_it(text, receiver.service, name) {
                Leads::Here
            } else {
                Leads::Elsewhere
            }
        }
        Kind::Pattern(parts) => {
            let text: String = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_str(),
                    Part::Hole(_) => "?",
                })
                .collect();
            if is_it(&text, receiver.service, name) {
                Leads::Here
            } else {
                Leads::Unknown
            }
        }
        Kind::Unknown(_) => Leads::Unknown,
    }
}

/// Whether a text is the ARN of a topic or queue of this name, or JSON that holds it. An ARN with holes may be of another
/// account; a root rarely has to do with two of one name.
fn is_it(text: &str, service: &str, name: Option<&str>) -> bool {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return false;
    };
    let arns = text
        .split(['"', '\'', ' ', ',', '{', '}'])
        .filter(|word| word.starts_with("arn:"));
    let of_service = format!(":{service}:");
    arns.filter(|arn| arn.contains(&of_service))
        .any(|arn| arn.rsplit(':').next() == Some(name))
}

/// Whether a block of the same module names the receiver's block anywhere: where the value itself cannot be told.
fn mentions(subject: &Subject<'_, '_>, at: &Occurrence<'_>) -> bool {
    let resource = &subject.at.resource;
    at.module == subject.at.module
        && at.address.modules == subject.at.address.modules
        && entry::refers_to(at.resource.block, &[resource.kind, resource.name])
}

/// Calls of modules whose code is not here that are told to notify the receiver when an alarm changes.
fn calls(subject: &Subject<'_, '_>, shown: &mut Shown) {
    let cfg = subject.cfg;
    let resource = &subject.at.resource;
    let own: &[String] = &subject.at.address.modules;
    for external in cfg.external_calls_of(&subject.at.root) {
        let Some((_, around)) = external.path.split_last() else {
            continue;
        };
        // What a module gives out goes by the call's name in the module around it.
        let names = match own.strip_prefix(around) {
            Some([]) => [resource.kind, resource.name],
            Some([first, ..]) => ["module", first.as_str()],
            None => continue,
        };
        let told = OF_ALARM_MODULES.iter().any(|name| {
            let argument = external.call.block.body.get_attribute(name);
            argument.is_some_and(|a| entry::mentions(&a.value, &names))
        });
        if told {
            let file = external.call.file;
            let line = hcl_edit::Span::span(external.call.block).map_or(1, |s| file.line(s.start));
            shown.add(
                format!(
                    "`module.{}` ({}:{line})",
                    external.path.join(".module."),
                    file.path()
                ),
                "cloudwatch.amazonaws.com",
            );
        }
    }
}

/// Services that the receiver's own policy lets in.
fn policies(subject: &Subject<'_, '_>, receiver: &Receiver, shown: &mut Shown) {
    let (kind, link) = receiver.policy;
    let mut writers = companion::linked(subject, kind, link).unwrap_or_default();
    writers.push(subject.clone());
    for writer in writers {
        for service in policy_document::services(&writer) {
            let (file, line) = crate::locate::stands(writer.cfg, &writer.at);
            let who = format!(
                "{} (let in by `{}`, {file}:{line})",
                ticked(&service),
                writer.name()
            );
            shown.add(who, principal_of(&service));
        }
    }
}

fn ticked(service: &str) -> String {
    if service.contains(' ') {
        service.to_owned()
    } else {
        format!("`{service}`")
    }
}

fn principal_of(service: &str) -> &str {
    if service.contains(' ') {
        "the service that sends"
    } else {
        service
    }
}
