//! What findings travel in: EventBridge events, SQS messages, SNS notifications, Pub/Sub pushes, texts that hold JSON.
//!
//! Lists and pages are cut by [`super::scan`]; here one cut piece becomes findings, however deep it is wrapped.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::asff::{self, Asff};
use super::ocsf::{self, Ocsf};
use super::scan::{Cut, Cutter, Fault, Shape};
use super::scc::{self, SccFinding, SccPair};
use super::stream::InputFormat;
use super::text::Text;
use super::{Finding, RecordPlace, base64};

/// Envelopes inside each other, e.g. SQS around SNS around EventBridge.
const WRAPS: usize = 6;

/// What one piece became: a finding, or what is wrong with it and what was expected.
pub(super) type Piece = Result<Finding, (String, String)>;

/// The context in which a piece is read.
pub(super) struct Context {
    pub(super) format: Option<InputFormat>,
    pub(super) now: Timestamp,
    /// Place with the input's name; numbers are given when all pieces are in order.
    pub(super) place: RecordPlace,
}

const SUPPORTED: &str = "a finding in ASFF (AWS Security Hub, Prowler), OCSF (AWS Security Hub, Prowler) or Google \
    Security Command Center format, alone or in an EventBridge, SQS, SNS or Pub/Sub envelope";

/// Reads one piece.
pub(super) fn open(cut: &Cut<'_>, context: &Context, out: &mut Vec<Piece>) {
    open_at(cut, context, out, 0);
}

fn open_at(cut: &Cut<'_>, context: &Context, out: &mut Vec<Piece>, wraps: usize) {
    if let Some(fault) = cut.fault {
        out.push(Err(explain(fault, cut.bytes)));
        return;
    }
    let shape = cut.shape;
    let bytes = cut.bytes;
    if bytes.first() == Some(&b'"') {
        return match serde_json::from_slice::<String>(bytes) {
            Ok(text) => open_text(&text, "a text", context, out, wraps),
            Err(error) => out.push(Err(syntax(bytes, &error))),
        };
    }
    // An envelope that carries a finding's own keys is a finding.
    let format = if shape.has(Shape::ASFF) {
        Some(InputFormat::Asff)
    } else if shape.has(Shape::OCSF) {
        Some(InputFormat::Ocsf)
    } else if shape.has(Shape::SCC_PAIR | Shape::SCC_BARE) {
        Some(InputFormat::Scc)
    } else if shape
        .has(Shape::EVENT | Shape::SNS | Shape::LAMBDA_SNS | Shape::BODY | Shape::MESSAGE)
        || (shape.has(Shape::DATA) && shape.has(Shape::PUBSUB_META))
    {
        return envelope(bytes, context, out, wraps);
    } else {
        context.format
    };
    let mut piece = match (context.format, format) {
        (Some(forced), Some(seen)) if forced != seen => Err((
            format!("this record is in {seen} format, but the input format is set to {forced}"),
            format!(
                "a record in {forced} format; leave out --input-format to detect each record's"
            ),
        )),
        (_, Some(InputFormat::Asff)) => {
            typed::<Asff<'_>>(bytes, |t| serde_json::from_str::<Asff<'_>>(t).is_err())
                .and_then(|r| asff::read(&r, context.place.clone(), context.now))
        }
        (_, Some(InputFormat::Ocsf)) => {
            typed::<Ocsf<'_>>(bytes, |t| serde_json::from_str::<Ocsf<'_>>(t).is_err())
                .and_then(|r| ocsf::read(&r, context.place.clone(), context.now))
        }
        (_, Some(InputFormat::Scc)) => read_scc(bytes, context),
        (_, None) => Err(unknown(bytes)),
    };
    if let Ok(finding) = &mut piece {
        // Hundreds of thousands may be kept: spare room adds up.
        finding.controls.shrink_to_fit();
        finding.resource.aliases.shrink_to_fit();
    }
    out.push(piece);
}

fn read_scc(bytes: &[u8], context: &Context) -> Piece {
    let pair = typed::<SccPair<'_>>(bytes, |t| serde_json::from_str::<SccPair<'_>>(t).is_err())?;
    if let Some(finding) = &pair.finding {
        return scc::read(finding, pair.resource.as_ref(), context.place.clone());
    }
    let finding = typed::<SccFinding<'_>>(bytes, |t| {
        serde_json::from_str::<SccFinding<'_>>(t).is_err()
    })?;
    scc::read(&finding, None, context.place.clone())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrapped<'a> {
    #[serde(borrow, rename = "detail-type")]
    detail_type: Text<'a>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "Message")]
    notification: Option<&'a RawValue>,
    #[serde(borrow, rename = "Sns")]
    sns: Option<&'a RawValue>,
    #[serde(borrow, alias = "body", rename = "Body")]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

fn envelope(bytes: &[u8], context: &Context, out: &mut Vec<Piece>, wraps: usize) {
    let wrapped =
        match typed::<Wrapped<'_>>(bytes, |t| serde_json::from_str::<Wrapped<'_>>(t).is_err()) {
            Ok(wrapped) => wrapped,
            Err(problem) => return out.push(Err(problem)),
        };
    let inner = [
        ("an EventBridge event", wrapped.detail),
        ("an SNS notification", wrapped.notification),
        ("an SNS record", wrapped.sns),
        ("an SQS message", wrapped.body),
        ("a Pub/Sub message", wrapped.message),
    ];
    for (what, raw) in inner {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
            continue;
        };
        if !wrapped.detail_type.is_empty() && what == "an EventBridge event" {
            let event = format!("an EventBridge event `{}`", wrapped.detail_type.as_str());
            return open_text(raw.get(), &event, context, out, wraps);
        }
        return open_text(raw.get(), what, context, out, wraps);
    }
    let data = wrapped
        .data
        .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    match data.as_deref().map(|data| (data, base64::decode(data))) {
        Some((_, Some(decoded))) => {
            let text = String::from_utf8_lossy(&decoded);
            open_text(&text, "a Pub/Sub message", context, out, wraps);
        }
        Some((data, None)) if data.trim_start().starts_with(['{', '[']) => {
            open_text(data, "a Pub/Sub message", context, out, wraps);
        }
        _ => out.push(Err((
            "a Pub/Sub message whose `data` is no Base64 text".to_owned(),
            SUPPORTED.to_owned(),
        ))),
    }
}

/// Reads what stands inside an envelope: JSON, or a text that holds JSON.
fn open_text(text: &str, what: &str, context: &Context, out: &mut Vec<Piece>, wraps: usize) {
    if wraps >= WRAPS {
        out.push(Err((
            format!("more than {WRAPS} envelopes inside each other"),
            SUPPORTED.to_owned(),
        )));
        return;
    }
    let before = out.len();
    let mut input = text.as_bytes();
    let mut cutter = Cutter::new();
    while !cutter.done() {
        // Reading from memory cannot fail.
        if cutter.fill(&mut input).is_err() {
            break;
        }
        cutter.cut(&mut |cut| open_at(&cut, context, out, wraps + 1));
    }
    if out.len() == before {
        out.push(Err((
            format!("{what} without any finding in it"),
            SUPPORTED.to_owned(),
        )));
    } else if out.len() == before + 1
        && let Some(Err((problem, _))) = out.last_mut()
        && !problem.contains(" (inside ")
    {
        problem.push_str(&format!(" (inside {what})"));
    }
}

/// Parses a piece as `T`; `rejects` tells whether a text alone is refused by the same type.
fn typed<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    rejects: fn(&str) -> bool,
) -> Result<T, (String, String)> {
    serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data()
            && let Some(field) = culprit(bytes, rejects)
        {
            let problem = format!("field `{field}`: {}", without_position(&error));
            return (problem, SUPPORTED.to_owned());
        }
        syntax(bytes, &error)
    })
}

/// The member that the type does not accept, found by trying each one alone. Only on the error path.
fn culprit(bytes: &[u8], rejects: fn(&str) -> bool) -> Option<String> {
    let members: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_slice(bytes).ok()?;
    members.into_iter().find_map(|(name, value)| {
        let alone = format!("{{{}:{}}}", Value::from(name.as_str()), value.get());
        rejects(&alone).then_some(name)
    })
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn syntax(bytes: &[u8], error: &serde_json::Error) -> (String, String) {
    let problem = format!("not valid JSON: {}{}", error, around(bytes, error));
    (
        problem,
        "one well-formed JSON object for each finding".to_owned(),
    )
}

/// The text at the error's place, to find it in a file of one line.
fn around(bytes: &[u8], error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if line == 0 {
        return String::new();
    }
    let line = bytes
        .split(|b| *b == b'\n')
        .nth(line - 1)
        .unwrap_or_default();
    let end = column.min(line.len());
    let start = end.saturating_sub(30);
    format!(", at `{}`", printable(&line[start..end]))
}

fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| {
            if c.is_control() || c == '`' || c == '\u{fffd}' {
                '·'
            } else {
                c
            }
        })
        .collect()
}

fn unknown(bytes: &[u8]) -> (String, String) {
    match serde_json::from_slice::<serde_json::Map<String, Value>>(bytes) {
        Ok(members) => {
            let keys: Vec<String> = members
                .keys()
                .take(6)
                .map(|k| format!("`{}`", printable(k.as_bytes())))
                .collect();
            let keys = if keys.is_empty() {
                "no keys".to_owned()
            } else {
                keys.join(", ")
            };
            (
                format!("not a finding of a known format: an object with {keys}"),
                SUPPORTED.to_owned(),
            )
        }
        Err(error) if error.is_data() => {
            let end = bytes.len().min(40);
            (
                format!("not a finding: `{}`", printable(&bytes[..end])),
                SUPPORTED.to_owned(),
            )
        }
        Err(error) => syntax(bytes, &error),
    }
}

fn explain(fault: Fault, bytes: &[u8]) -> (String, String) {
    let well_formed = "one well-formed JSON object for each finding".to_owned();
    let head = || printable(&bytes[..bytes.len().min(40)]);
    match fault {
        Fault::Broken => match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
            Err(error) => syntax(bytes, &error),
            Ok(_) => (format!("broken JSON near `{}`", head()), well_formed),
        },
        Fault::Truncated => (
            format!("the input ends inside this record, which begins with `{}`", head()),
            "the whole file: export or download it again".to_owned(),
        ),
        Fault::ListNotClosed => (
            "the input ends before the list of findings is closed".to_owned(),
            "the whole file: findings at its end may be missing".to_owned(),
        ),
        Fault::TooLarge => (
            format!("a record of more than {} MiB", super::scan::RECORD_LIMIT >> 20),
            "one finding a record; Security Hub's own limit is 240 KB".to_owned(),
        ),
        Fault::TooDeep => ("a record nested more than 120 levels deep".to_owned(), well_formed),
        Fault::Garbage => (
            format!("not JSON: the text begins with `{}`", head()),
            "JSON: a list of findings, one a line, or a page such as {\"Findings\": […]}".to_owned(),
        ),
        Fault::StrayBracket => {
            ("a closing bracket without its opening one".to_owned(), well_formed)
        }
        Fault::Utf16 => (
            "the input is UTF-16 text".to_owned(),
            "UTF-8; convert it with `iconv -f UTF-16 -t UTF-8`, or in PowerShell use `Out-File -Encoding utf8`"
                .to_owned(),
        ),
        Fault::Compressed => (
            "the input is a compressed file".to_owned(),
            "plain JSON; unpack it first, e.g. `gunzip -c FILE | tfmend plan --findings -`".to_owned(),
        ),
    }
}
