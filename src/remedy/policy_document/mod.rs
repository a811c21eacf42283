//! `remedy "policy-statement"`: a bucket's policy denies everything that comes without TLS.
//!
//! One policy, many forms: `jsonencode`, JSON in a heredoc or a file, `aws_iam_policy_document`, a resource or an argument of
//! the bucket, or none yet. The statement is added to what is there; a second policy is never written.

mod dormant;
mod json_text;
mod principal;
mod source;
mod statement;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use super::basis::Basis;
use super::removal::references;
use super::subject::Subject;
use super::{Draft, Previous, Refusal, RefusalKind, Verdict, companion, intent, place};
use crate::rules::{Companion, PolicyStatement};
use crate::terraform::edit::{NewBlock, Pen};
use crate::terraform::module::Held;
use crate::terraform::{Edit, SourceFile};
pub(crate) use principal::{lets_everybody_read, services};
use source::{Form, Writer, policy, writer};
use statement::{Arn, as_block, as_json, as_object, denies_insecure_transport, statements};

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>) -> Verdict {
    let holder = match writer(subject) {
        Err(refusal) => return Verdict::Unknown(refusal),
        Ok(Writer::Nobody) => {
            return Verdict::Unsafe(format!("`{}` has no policy", subject.address));
        }
        Ok(Writer::Resource(holder) | Writer::Inline(holder) | Writer::Elsewhere(holder)) => holder,
    };
    match policy(&holder).json {
        Err(refusal) => Verdict::Unknown(refusal),
        Ok(json) => {
            if statements(&json).into_iter().any(denies_insecure_transport) {
                Verdict::Safe
            } else {
                Verdict::Unsafe(format!(
                    "no statement of the policy of `{}` denies requests without TLS",
                    subject.address
                ))
            }
        }
    }
}

/// The block that writes the policy.
pub(crate) fn basis<'c, 'a>(subject: &Subject<'c, 'a>) -> Vec<Basis<'c, 'a>> {
    match writer(subject) {
        Ok(Writer::Resource(holder) | Writer::Inline(holder) | Writer::Elsewhere(holder)) => {
            vec![Basis::new(holder, None)]
        }
        Ok(Writer::Nobody) | Err(_) => Vec::new(),
    }
}

/// The edit.
pub(crate) fn fix(subject: &Subject<'_, '_>, wanted: &PolicyStatement) -> Result<Draft, Refusal> {
    let sid = wanted.sid.as_str();
    // A website endpoint of S3 speaks plain HTTP only: the statement would take the site down.
    if let Some(why) = intent::website(subject) {
        return Err(Refusal::new(
            RefusalKind::Precondition,
            format!(
                "`{}` is served over plain HTTP: {why}, and S3's website endpoints know no TLS",
                subject.address
            ),
            "put CloudFront with TLS in front and make the bucket private, then run again; or suppress the finding \
             with that reason",
        ));
    }
    match writer(subject)? {
        Writer::Nobody => new_policy(subject, sid),
        Writer::Resource(holder) => add(subject, &holder, false, sid),
        Writer::Inline(holder) => add(subject, &holder, true, sid),
        Writer::Elsewhere(holder) => Err(companion::written_elsewhere(subject, &holder)),
    }
}

/// A bucket without a policy gets one of its own.
fn new_policy(subject: &Subject<'_, '_>, sid: &str) -> Result<Draft, Refusal> {
    subject.editable()?;
    let shape = companion::shape(
        subject,
        &Companion {
            resource: "aws_s3_bucket_policy".to_owned(),
            link: "bucket".to_owned(),
            to: "id".to_owned(),
            settings: Vec::new(),
            inline: None,
        },
    )?;
    let arn = Arn::Expression(with_arn(&shape.link).unwrap_or_else(|| shape.link.clone()));
    let mut block = NewBlock::resource("aws_s3_bucket_policy", &shape.name);
    for (name, text) in &shape.meta {
        block = block.attribute(name, text);
    }
    block = block.gap().attribute("bucket", &shape.link).attribute(
        "policy",
        &format!(
            "jsonencode({{\nVersion = \"2012-10-17\"\nStatement = [\n{},\n]\n}})",
            as_object(sid, &arn)
        ),
    );
    let mut draft = Draft::of(subject);
    draft.edits = Pen::new(subject.file()).insert_after(subject.block(), &block);
    draft.paths.push("aws_s3_bucket_policy".to_owned());
    draft.previous.push(Previous {
        path: format!("aws_s3_bucket_policy.{}", shape.name),
        value: None,
    });
    draft.summary = format!(
        "add `aws_s3_bucket_policy.{}` that denies requests without TLS",
        shape.name
    );
    draft.also(shape.also);
    Ok(draft)
}

/// A policy gets one more statement.
fn add(
    subject: &Subject<'_, '_>,
    holder: &Subject<'_, '_>,
    inline: bool,
    sid: &str,
) -> Result<Draft, Refusal> {
    holder.not_ignored("policy")?;
    let mut draft = Draft::of(subject);
    let refuse = |what: &str| {
        Refusal::new(
            RefusalKind::UnsupportedShape,
            format!("the policy of `{}` {what}", holder.address),
            "add the statement by hand",
        )
    };
    let found = policy(holder);
    let (file, edits) = match &found.form {
        Form::Object { file, object, .. } => {
            let arn = arn(subject, holder, file, object.span(), inline)?;
            let edits = to_object(file, object, sid, &arn)
                .ok_or_else(|| refuse("has a `Statement` that is neither a list nor an object"))?;
            (*file, edits)
        }
        Form::Heredoc { file, span } => {
            let arn = arn(subject, holder, file, Some(span.clone()), inline)?;
            let text = file.slice(span.clone());
            let (range, new) = json_text::insertion(text, &as_json(sid, &arn))
                .ok_or_else(|| refuse("is text in which no `Statement` list is found"))?;
            let range = span.start + range.start..span.start + range.end;
            (*file, vec![Pen::new(file).splice(range, new)])
        }
        Form::File(file) => {
            let arn = Arn::Text(format!("arn:aws:s3:::{}", known_name(subject)?));
            let (range, new) = json_text::insertion(file.text(), &as_json(sid, &arn))
                .ok_or_else(|| refuse("is a file in which no `Statement` list is found"))?;
            (*file, vec![Pen::new(file).splice(range, new)])
        }
        Form::Document(document) => {
            if let Some(draft) = dormant::wake(subject, holder, document) {
                return Ok(draft);
            }
            document.editable()?;
            only_for(document, holder)?;
            let file = document.file();
            let arn = arn(subject, holder, file, document.block().span(), inline)?;
            let edits = Pen::new(file).insert_block(document.block(), &as_block(sid, &arn));
            (file, edits)
        }
        Form::Other => return Err(refuse("is not written in a form that can be edited")),
    };
    if place::is_external(file.path()) {
        holder.editable()?;
    }
    let peers = place::other_instances(subject);
    if file.path().parent() == holder.at.module {
        not_twice(holder, &peers)?;
    }
    draft.edits = edits;
    draft.paths.push("policy".to_owned());
    draft.previous.push(Previous {
        path: format!("{}.policy", holder.name()),
        value: None,
    });
    draft.summary = format!(
        "add statement `{sid}` to the policy of `{}`",
        subject.name()
    );
    draft.also(place::other_instances(holder));
    draft.also(peers);
    Ok(draft)
}

/// Refuses to write the statement into code that makes the policy of another bucket as well, which has it already: it
/// would stand there twice, and no two statements of a policy may have the same id.
fn not_twice(holder: &Subject<'_, '_>, peers: &[super::Affected]) -> Result<(), Refusal> {
    let has_it = peers.iter().find(|peer| {
        Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|other| {
            assess(&other) == Verdict::Safe
                && matches!(writer(&other), Ok(Writer::Resource(by) | Writer::Inline(by))
                    if by.block_address().name == holder.block_address().name
                        && by.at.module == holder.at.module)
        })
    });
    match has_it {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "the code of the policy of `{}` also makes that of `{}`, which denies requests without TLS already",
                holder.address, other.address
            ),
            "let the statement be made for this bucket where that is decided for the other one",
        )),
    }
}

/// Appends the statement to an object's `Statement`.
fn to_object(file: &SourceFile, object: &Object, sid: &str, arn: &Arn) -> Option<Vec<Edit>> {
    let (_, entry) = object.iter().find(|(key, _)| match key {
        ObjectKey::Ident(ident) => ident.as_str() == "Statement",
        ObjectKey::Expression(e) => e.as_str() == Some("Statement"),
    })?;
    let pen = Pen::new(file);
    let new = as_object(sid, arn);
    match entry.expr() {
        Expression::Array(list) => Some(pen.append_element(list, &new)),
        one @ Expression::Object(_) => {
            let old = file.slice(one.span()?);
            Some(pen.replace(one, &format!("[\n{old},\n{new},\n]")))
        }
        _ => None,
    }
}

/// Refuses when a policy document is used by anything but this policy: the statement names one bucket.
fn only_for(document: &Subject<'_, '_>, holder: &Subject<'_, '_>) -> Result<(), Refusal> {
    let names = ["data", document.at.resource.kind, document.at.resource.name];
    let other = references(document, &names)
        .into_iter()
        .find(|(file, block)| {
            file.path() != holder.file().path() || block.span() != holder.block().span()
        });
    match other {
        None => Ok(()),
        Some((file, block)) => Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "`{}` is used elsewhere as well ({}:{})",
                document.address,
                file.path(),
                block.span().map_or(1, |s| file.line(s.start))
            ),
            "give this bucket a policy document of its own, then run again",
        )),
    }
}

/// `aws_s3_bucket.logs.id` → `aws_s3_bucket.logs.arn`.
fn with_arn(link: &str) -> Option<String> {
    let (bucket, attribute) = link.rsplit_once('.')?;
    (bucket.starts_with("aws_s3_bucket.") && ["id", "bucket", "arn"].contains(&attribute))
        .then(|| format!("{bucket}.arn"))
}

/// The bucket's ARN as it can be written at a place: by reference where that is in scope, else by its name.
fn arn(
    subject: &Subject<'_, '_>,
    holder: &Subject<'_, '_>,
    file: &SourceFile,
    at: Option<std::ops::Range<usize>>,
    inline: bool,
) -> Result<Arn, Refusal> {
    let text = |s: &str| !s.contains(['\n', '"']) || s.starts_with('"');
    let within = |block: &hcl_edit::structure::Block, f: &SourceFile| {
        f.path() == file.path()
            && at
                .as_ref()
                .zip(block.span())
                .is_some_and(|(a, b)| b.start <= a.start && a.end <= b.end)
    };
    let in_holder = within(holder.block(), holder.file());
    let same_module = file.path().parent() == holder.at.module;
    let link = holder
        .source_of("bucket")
        .filter(|s| text(s))
        .map(str::trim);
    let repeated = |s: &str| s.contains("each.") || s.contains("count.");
    if let (Some(link), true) = (link, same_module)
        && (in_holder || !repeated(link) || repeats_alike(holder, file, at.as_ref()))
    {
        if !inline {
            if let Some(arn) = with_arn(link) {
                return Ok(Arn::Expression(arn));
            }
            let here = subject.at.module == holder.at.module
                && subject.at.root == holder.at.root
                && subject.address.key.is_none();
            if here {
                return Ok(Arn::Expression(format!("{}.arn", subject.name())));
            }
        }
        return Ok(Arn::Text(match link.strip_prefix('"') {
            Some(literal) => format!("arn:aws:s3:::{}", literal.trim_end_matches('"')),
            None => format!("arn:aws:s3:::${{{link}}}"),
        }));
    }
    let others = place::other_instances(holder);
    if others.is_empty() {
        return Ok(Arn::Text(format!("arn:aws:s3:::{}", known_name(subject)?)));
    }
    Err(Refusal::new(
        RefusalKind::TooWide,
        format!(
            "the policy of `{}` is written at a place that also decides the policy of `{}`, and the bucket cannot be named there",
            holder.address, others[0].address
        ),
        "add the statement by hand",
    ))
}

/// Whether the block at a place is repeated by the same `for_each` or `count` as the holder.
fn repeats_alike(
    holder: &Subject<'_, '_>,
    file: &SourceFile,
    at: Option<&std::ops::Range<usize>>,
) -> bool {
    let (Some(at), Ok(body)) = (at, file.body()) else {
        return false;
    };
    let block = body.blocks().find(|b| {
        b.span()
            .is_some_and(|s| s.start <= at.start && at.end <= s.end)
    });
    ["for_each", "count"].iter().any(|name| {
        let theirs = block
            .and_then(|b| b.body.get_attribute(name)?.value.span())
            .map(|s| file.slice(s));
        theirs.is_some() && theirs == holder.source_of(name)
    })
}

/// The bucket's name, when the code tells it.
fn known_name(subject: &Subject<'_, '_>) -> Result<String, Refusal> {
    let name = match subject.held(&["bucket".to_owned()]) {
        Held::Value(value) if !value.sensitive => value.as_text(),
        _ => None,
    };
    name.ok_or_else(|| {
        Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "the policy of `{}` is written where the bucket cannot be referred to, and its name is not known",
                subject.address
            ),
            "add the statement by hand",
        )
    })
}
