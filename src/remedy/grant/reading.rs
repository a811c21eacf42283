//! Who is granted something on a bucket, in every form in which code writes it.

use crate::remedy::subject::Subject;
use crate::remedy::{Refusal, RefusalKind};
use crate::rules::Grant;
use crate::terraform::Value;
use crate::terraform::module::{Certainty, Held, Nested};
use crate::terraform::value::{Kind, Unknown};

/// Blocks that grant something on a bucket: type, attribute with the members, whether that is a list.
pub(super) const FORMS: [(&str, &str, bool); 7] = [
    ("google_storage_bucket_iam_member", "member", false),
    ("google_storage_bucket_iam_binding", "members", true),
    ("google_storage_bucket_access_control", "entity", false),
    (
        "google_storage_default_object_access_control",
        "entity",
        false,
    ),
    ("google_storage_object_access_control", "entity", false),
    ("google_storage_bucket_acl", "role_entity", true),
    ("google_storage_default_object_acl", "role_entity", true),
];
/// The form whose members stand in a data source.
const POLICY: &str = "google_storage_bucket_iam_policy";

/// Canned ACLs that grant something to everybody.
const CANNED: [&str; 3] = ["publicRead", "publicReadWrite", "authenticatedRead"];

/// One member that is granted something.
pub(super) struct Granted<'c, 'a> {
    /// The block that writes it: the grant, or the data source of a policy.
    pub(super) holder: Subject<'c, 'a>,
    /// The block that makes it take effect on the bucket.
    pub(super) by: Subject<'c, 'a>,
    pub(super) attribute: &'static str,
    /// `None`: the one value of the attribute.
    pub(super) list: Option<List<'a>>,
    pub(super) member: String,
    pub(super) value: Value,
}

/// The list that a member is in.
pub(super) struct List<'a> {
    /// Nothing else is in it but unwanted members.
    pub(super) nothing_else: bool,
    /// The `binding` block of a policy.
    pub(super) binding: Option<Nested<'a>>,
}

pub(super) struct Reading<'c, 'a> {
    pub(super) granted: Vec<Granted<'c, 'a>>,
    pub(super) doubts: Vec<Refusal>,
}

/// Everything unwanted that is granted on a bucket, or by one block.
pub(super) fn read<'c, 'a>(subject: &Subject<'c, 'a>, wanted: &Grant) -> Reading<'c, 'a> {
    let mut reading = Reading {
        granted: Vec::new(),
        doubts: Vec::new(),
    };
    let kind = subject.at.resource.kind;
    if kind == POLICY {
        policy(&mut reading, subject, wanted);
    } else if let Some((_, attribute, list)) = FORMS.iter().find(|(k, _, _)| *k == kind) {
        own(&mut reading, subject, attribute, *list, wanted);
        canned(&mut reading, subject);
    } else {
        for form in FORMS.iter().map(|(kind, _, _)| *kind).chain([POLICY]) {
            linked(&mut reading, subject, form, wanted);
        }
    }
    reading
}

fn linked<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    subject: &Subject<'c, 'a>,
    kind: &str,
    wanted: &Grant,
) {
    if let Err(unread) = subject.all_read(kind) {
        reading.doubts.push(unread);
    }
    for link in subject
        .cfg
        .linked(&subject.at, &subject.address, kind, "bucket")
    {
        let holder = Subject {
            cfg: subject.cfg,
            at: link.occurrence,
            address: link.address,
        };
        let mut found = read(&holder, wanted);
        if link.certainty == Certainty::Certain {
            reading.granted.append(&mut found.granted);
            reading.doubts.append(&mut found.doubts);
        } else if !found.granted.is_empty() {
            reading.doubts.push(Refusal::new(
                RefusalKind::ValueNotInCode,
                format!(
                    "`{}` ({}:{}) grants something to everybody and may be about `{}` or not: its `bucket` cannot be told from the code",
                    holder.address,
                    holder.file().path(),
                    holder.line(),
                    subject.address
                ),
                "write its `bucket` as a reference, or change it by hand",
            ));
        }
    }
}

fn is_unwanted(text: &str, wanted: &Grant) -> bool {
    // An ACL entry is `ROLE:entity`.
    let entity = text.rsplit_once(':').map_or(text, |(_, entity)| entity);
    wanted
        .members
        .iter()
        .any(|m| m.eq_ignore_ascii_case(text) || m.eq_ignore_ascii_case(entity))
}

fn own<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    holder: &Subject<'c, 'a>,
    attribute: &'static str,
    list: bool,
    wanted: &Grant,
) {
    let held = holder.held(&[attribute.to_owned()]);
    let Held::Value(value) = held else { return };
    members(
        reading, holder, holder, attribute, list, None, &value, wanted,
    );
}

#[allow(
    clippy::too_many_arguments,
    reason = "one call for each form of one thing"
)]
fn members<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    holder: &Subject<'c, 'a>,
    by: &Subject<'c, 'a>,
    attribute: &'static str,
    list: bool,
    binding: Option<Nested<'a>>,
    value: &Value,
    wanted: &Grant,
) {
    let items: Vec<&Value> = match &value.kind {
        Kind::List(items) if list => items.iter().collect(),
        Kind::Null => return,
        _ => vec![value],
    };
    let unwanted = |v: &Value| v.as_text().filter(|t| is_unwanted(t, wanted));
    let nothing_else = items.iter().all(|v| unwanted(v).is_some());
    for item in items {
        if let Some(member) = unwanted(item) {
            reading.granted.push(Granted {
                holder: holder.clone(),
                by: by.clone(),
                attribute,
                list: list.then(|| List {
                    nothing_else,
                    binding: binding.clone(),
                }),
                member,
                value: item.clone(),
            });
        } else if let Kind::Unknown(why) = &item.kind
            && !matches!(
                why,
                Unknown::Data(_) | Unknown::Computed(_) | Unknown::ExternalModule(_)
            )
        {
            // What another resource, module or data source names is an account; anything else may be everybody.
            reading.doubts.push(Refusal::unknown_value(
                &format!("`{attribute}` of `{}`", holder.address),
                why,
            ));
        }
    }
}

/// `predefined_acl = "publicRead"` of an ACL.
fn canned<'c, 'a>(reading: &mut Reading<'c, 'a>, holder: &Subject<'c, 'a>) {
    if let Held::Value(value) = holder.held(&["predefined_acl".to_owned()])
        && let Some(member) = value.as_text().filter(|t| CANNED.contains(&t.as_str()))
    {
        reading.granted.push(Granted {
            holder: holder.clone(),
            by: holder.clone(),
            attribute: "predefined_acl",
            list: None,
            member,
            value,
        });
    }
}

/// The members of an `iam_policy`: those of the data source it takes its policy from.
fn policy<'c, 'a>(reading: &mut Reading<'c, 'a>, holder: &Subject<'c, 'a>, wanted: &Grant) {
    let data = holder
        .expression(&["policy_data".to_owned()])
        .and_then(|e| {
            let reference = holder.cfg.reference_of(&holder.at, &holder.address, e)?;
            Subject::find(holder.cfg, &holder.at.root, &reference.address)
                .filter(|s| s.at.resource.data && s.at.resource.kind == "google_iam_policy")
        });
    let Some(data) = data else {
        reading.doubts.push(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "the policy of `{}` is not written as a `google_iam_policy` data source",
                holder.address
            ),
            "look at it by hand",
        ));
        return;
    };
    for nested in data.cfg.nested(&data.at, &data.address, &["binding"]) {
        let held = data
            .cfg
            .held_in(&data.at, &data.address, &nested, &["members"]);
        if let Held::Value(value) = held {
            members(
                reading,
                &data,
                holder,
                "members",
                true,
                Some(nested),
                &value,
                wanted,
            );
        }
    }
}
