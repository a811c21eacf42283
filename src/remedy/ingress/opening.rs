//! What a security group lets in from everywhere, in every form in which code writes it.

use hcl_edit::structure::Block;
use serde_json::Value as Json;

use super::adopted;
use crate::remedy::network::{Family, Protocol, Traffic, is_public};
use crate::remedy::subject::Subject;
use crate::remedy::{Refusal, RefusalKind};
use crate::rules::Ingress;
use crate::terraform::Value;
use crate::terraform::module::{Certainty, Held, Nested};
use crate::terraform::value::{Kind, Part, Unknown};

/// What a control asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) ports: Vec<u16>,
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) families: Vec<Family>,
}

impl Asked {
    /// The control's own ports, protocols and families, else the rule's.
    pub(crate) fn of(wanted: &Ingress, with: &Json) -> Self {
        let words = |name: &str| -> Vec<&str> {
            with.get(name)
                .and_then(Json::as_array)
                .map(|list| list.iter().filter_map(Json::as_str).collect())
                .unwrap_or_default()
        };
        let ports = with
            .get("ports")
            .and_then(Json::as_array)
            .map(|list| {
                list.iter()
                    .filter_map(|p| u16::try_from(p.as_u64()?).ok())
                    .collect()
            })
            .unwrap_or_else(|| wanted.ports.clone());
        let protocols = if words("protocols").contains(&"udp") {
            vec![Protocol::Tcp, Protocol::Udp]
        } else {
            vec![Protocol::Tcp]
        };
        let families = match words("families").as_slice() {
            ["ipv4"] => vec![Family::V4],
            ["ipv6"] => vec![Family::V6],
            _ => vec![Family::V4, Family::V6],
        };
        Self {
            ports,
            protocols,
            families,
        }
    }
}

impl Asked {
    /// What the controls that usually come together ask about: the rule's own ports too, and both families.
    pub(crate) fn widened(&self, wanted: &Ingress) -> Self {
        let mut ports = self.ports.clone();
        ports.extend(wanted.ports.iter().filter(|p| !self.ports.contains(p)));
        Self {
            ports,
            protocols: self.protocols.clone(),
            families: vec![Family::V4, Family::V6],
        }
    }
}

/// How an opening is written.
pub(crate) enum Form<'a> {
    /// `ingress { … }`, or one that a `dynamic "ingress"` makes.
    Nested(Box<Nested<'a>>),
    /// An element of `ingress = [ … ]`.
    Element(Value),
    /// `aws_security_group_rule`: lists of CIDR blocks.
    Rule,
    /// `aws_vpc_security_group_ingress_rule`: one CIDR block.
    SingleRule,
}

/// A source that is everybody.
#[derive(Debug, Clone)]
pub(crate) struct Public {
    pub(crate) attribute: &'static str,
    pub(crate) cidr: String,
    pub(crate) family: Family,
    pub(crate) value: Value,
}

/// One rule that lets everybody in.
pub(crate) struct Opening<'c, 'a> {
    /// The block that writes it: the group, or a rule of its own.
    pub(crate) holder: Subject<'c, 'a>,
    pub(crate) form: Form<'a>,
    /// Which inline rule of the group it is, from 1; 0 for a rule in a block of its own.
    pub(crate) number: usize,
    pub(crate) traffic: Traffic,
    pub(crate) public: Vec<Public>,
    /// Something else is let in by the same rule.
    pub(crate) others: bool,
    pub(crate) description: Option<String>,
}

impl Opening<'_, '_> {
    /// Whether both are the same rule.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.holder.address == other.holder.address && self.number == other.number
    }

    /// Whether the group itself writes it.
    pub(crate) fn is_inline(&self) -> bool {
        matches!(self.form, Form::Nested(_) | Form::Element(_))
    }

    /// The block whose attributes write it, where there is one.
    pub(crate) fn block(&self) -> Option<&Block> {
        match &self.form {
            Form::Nested(nested) => Some(nested.block),
            Form::Element(_) => None,
            Form::Rule | Form::SingleRule => Some(self.holder.block()),
        }
    }
}

/// Everything that concerns a group.
pub(crate) struct Reading<'c, 'a> {
    pub(crate) openings: Vec<Opening<'c, 'a>>,
    /// What cannot be told.
    pub(crate) doubts: Vec<Refusal>,
    /// Number of inline rules, open or not.
    pub(crate) inline: usize,
    /// Number of rules in blocks of their own.
    pub(crate) separate: usize,
}

/// Reads a group with all its rules, or one rule.
pub(crate) fn read<'c, 'a>(subject: &Subject<'c, 'a>, asked: &Asked) -> Reading<'c, 'a> {
    let mut reading = Reading {
        openings: Vec::new(),
        doubts: Vec::new(),
        inline: 0,
        separate: 0,
    };
    match subject.at.resource.kind {
        "aws_security_group_rule" => rule(&mut reading, subject, asked),
        "aws_vpc_security_group_ingress_rule" => single_rule(&mut reading, subject, asked),
        _ => {
            inline(&mut reading, subject, asked);
            for kind in [
                "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule",
            ] {
                linked(&mut reading, subject, kind, asked);
                for holder in adopted::rules(subject, kind) {
                    let mut own = read(&holder, asked);
                    reading.separate += 1;
                    reading.openings.append(&mut own.openings);
                    reading.doubts.append(&mut own.doubts);
                }
            }
        }
    }
    reading
}

fn inline<'c, 'a>(reading: &mut Reading<'c, 'a>, subject: &Subject<'c, 'a>, asked: &Asked) {
    let what = format!("an ingress rule of `{}`", subject.address);
    if subject.block().body.has_attribute("ingress") {
        let Held::Value(list) = subject.held(&["ingress".to_owned()]) else {
            return;
        };
        if list.as_list().is_none() && !list.is_null() {
            let why = list
                .why_unknown()
                .unwrap_or_else(|| Unknown::Unsupported("its form".to_owned()));
            reading.doubts.push(Refusal::unknown_value(
                &format!("`ingress` of `{}`", subject.address),
                &why,
            ));
        }
        for item in list.as_list().unwrap_or_default() {
            reading.inline += 1;
            let get = |name: &str| match item.as_object().and_then(|o| o.get(name)) {
                Some(value) => Held::Value(value.clone()),
                None => match &item.kind {
                    Kind::Object(_) => Held::Absent,
                    _ => Held::Value(item.clone()),
                },
            };
            let form = Form::Element(item.clone());
            judge(reading, subject, form, &get, asked, &what);
        }
        return;
    }
    for nested in subject
        .cfg
        .nested(&subject.at, &subject.address, &["ingress"])
    {
        reading.inline += 1;
        let seen = nested.clone();
        let get = |name: &str| {
            subject
                .cfg
                .held_in(&subject.at, &subject.address, &seen, &[name])
        };
        judge(
            reading,
            subject,
            Form::Nested(Box::new(nested)),
            &get,
            asked,
            &what,
        );
    }
}

fn rule<'c, 'a>(reading: &mut Reading<'c, 'a>, holder: &Subject<'c, 'a>, asked: &Asked) {
    let own = |name: &str| holder.held(&[name.to_owned()]);
    if let Held::Value(value) = own("type")
        && value.as_str().is_some_and(|t| t != "ingress")
    {
        return;
    }
    let what = format!("`{}`", holder.address);
    judge(reading, holder, Form::Rule, &own, asked, &what);
}

fn single_rule<'c, 'a>(reading: &mut Reading<'c, 'a>, holder: &Subject<'c, 'a>, asked: &Asked) {
    let own = |name: &str| holder.held(&[name.to_owned()]);
    let what = format!("`{}`", holder.address);
    judge(reading, holder, Form::SingleRule, &own, asked, &what);
}

fn linked<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    subject: &Subject<'c, 'a>,
    kind: &str,
    asked: &Asked,
) {
    if let Err(unread) = subject.all_read(kind) {
        reading.doubts.push(unread);
    }
    for link in subject
        .cfg
        .linked(&subject.at, &subject.address, kind, "security_group_id")
    {
        let holder = Subject {
            cfg: subject.cfg,
            at: link.occurrence,
            address: link.address,
        };
        let mut own = read(&holder, asked);
        if link.certainty == Certainty::Certain {
            reading.separate += 1;
            reading.openings.append(&mut own.openings);
            reading.doubts.append(&mut own.doubts);
        } else if link.refers == Certainty::Certain && own.openings.is_empty() {
            // Which rules there are is not known: what is not known of them is not known of the group.
            reading.doubts.append(&mut own.doubts);
        } else if !own.openings.is_empty() && !is_another(&holder) {
            // Only a rule that is open itself is worth a doubt.
            reading.doubts.push(Refusal::new(
                RefusalKind::ValueNotInCode,
                format!(
                    "`{}` ({}:{}) lets everybody in and may be a rule of `{}` or not: its `security_group_id` cannot be told from the code",
                    holder.address,
                    holder.file().path(),
                    holder.line(),
                    subject.address
                ),
                "write its `security_group_id` as a reference, or close it by hand",
            ));
        }
    }
}

/// Whether a rule is certainly about a group that is made elsewhere: by a module from outside, or read by a data source.
fn is_another(rule: &Subject<'_, '_>) -> bool {
    let Held::Value(value) = rule.held(&["security_group_id".to_owned()]) else {
        return false;
    };
    matches!(
        value.why_unknown(),
        Some(Unknown::ExternalModule(_) | Unknown::Data(_))
    )
}

/// Adds a rule to the reading if it lets everybody in on what is asked, or may do so.
fn judge<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    holder: &Subject<'c, 'a>,
    form: Form<'a>,
    get: &dyn Fn(&str) -> Held,
    asked: &Asked,
    what: &str,
) {
    let mut public = Vec::new();
    let mut others = false;
    let mut doubt = None;
    for attribute in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"] {
        let value = match get(attribute) {
            Held::Value(value) => value,
            Held::Dynamic(_) | Held::Absent => continue,
        };
        let items: Vec<&Value> = match &value.kind {
            Kind::Null => continue,
            Kind::List(items) => items.iter().collect(),
            _ => vec![&value],
        };
        for item in items {
            match item.as_text().as_deref().map(|t| (t, is_public(t))) {
                Some((text, Some(family))) if asked.families.contains(&family) => {
                    public.push(Public {
                        attribute,
                        cidr: text.to_owned(),
                        family,
                        value: item.clone(),
                    });
                }
                Some(_) => others = true,
                None if item.is_null() => {}
                None if is_narrow(item) => others = true,
                None => {
                    others = true;
                    doubt = item.why_unknown().or(doubt);
                }
            }
        }
    }
    others |= [
        "prefix_list_ids",
        "prefix_list_id",
        "security_groups",
        "source_security_group_id",
        "referenced_security_group_id",
        "self",
    ]
    .iter()
    .any(|name| matches!(get(name), Held::Value(v) if grants(&v)));
    if public.is_empty() && doubt.is_none() {
        return;
    }
    match traffic(get) {
        Ok(traffic) => {
            if !traffic.covers(&asked.ports, &asked.protocols) {
                return;
            }
            if let Some(why) = doubt.filter(|_| public.is_empty()) {
                reading.doubts.push(Refusal::unknown_value(
                    &format!("who is let in by {what}"),
                    &why,
                ));
                return;
            }
            let description = match get("description") {
                Held::Value(value) => value.as_text(),
                _ => None,
            };
            let inline = matches!(form, Form::Nested(_) | Form::Element(_));
            reading.openings.push(Opening {
                holder: holder.clone(),
                form,
                number: if inline { reading.inline } else { 0 },
                traffic,
                public,
                others,
                description,
            });
        }
        Err(why) => reading.doubts.push(Refusal::unknown_value(
            &format!("what {what} lets through"),
            &why,
        )),
    }
}

fn traffic(get: &dyn Fn(&str) -> Held) -> Result<Traffic, Unknown> {
    let text = |name: &str| -> Result<Option<String>, Unknown> {
        match get(name) {
            Held::Value(value) if value.is_null() => Ok(None),
            Held::Value(value) => value
                .as_text()
                .map(Some)
                .ok_or_else(|| unknown(&value, name)),
            Held::Absent | Held::Dynamic(_) => Ok(None),
        }
    };
    let number = |name: &str| -> Result<Option<f64>, Unknown> {
        match get(name) {
            Held::Value(value) if value.is_null() => Ok(None),
            Held::Value(value) => value
                .as_number()
                .map(Some)
                .ok_or_else(|| unknown(&value, name)),
            Held::Absent | Held::Dynamic(_) => Ok(None),
        }
    };
    let protocol = match text("protocol")? {
        Some(text) => Some(text),
        None => text("ip_protocol")?,
    };
    let protocol = protocol.unwrap_or_else(|| "-1".to_owned());
    if matches!(
        Traffic::read(&protocol, None, None),
        Traffic::All | Traffic::Other
    ) {
        return Ok(Traffic::read(&protocol, None, None));
    }
    Ok(Traffic::read(
        &protocol,
        number("from_port")?,
        number("to_port")?,
    ))
}

fn unknown(value: &Value, name: &str) -> Unknown {
    value
        .why_unknown()
        .unwrap_or_else(|| Unknown::Unsupported(format!("`{name}`")))
}

/// Whether a value grants something: not null, not empty, not false.
fn grants(value: &Value) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::Bool(b) => *b,
        Kind::String(s) => !s.is_empty() && s != "false",
        Kind::List(items) => !items.is_empty(),
        _ => true,
    }
}

/// What is not known but cannot be everybody: an attribute of a network, an address with its length written out.
fn is_narrow(value: &Value) -> bool {
    match &value.kind {
        Kind::Ref(_) => true,
        Kind::Pattern(parts) => matches!(parts.last(), Some(Part::Text(end)) if ends_narrow(end)),
        Kind::Unknown(Unknown::Computed(_) | Unknown::ExternalModule(_)) => true,
        Kind::Unknown(Unknown::Data(what)) => [
            "data.aws_vpc",
            "data.aws_subnet",
            "data.aws_instance",
            "data.aws_eip",
        ]
        .iter()
        .any(|start| what.starts_with(start)),
        _ => false,
    }
}

fn ends_narrow(end: &str) -> bool {
    end.rsplit_once('/')
        .and_then(|(_, length)| length.parse::<u8>().ok())
        .is_some_and(|length| length > 3)
}

#[cfg(test)]
mod tests {
    use super::ends_narrow;

    #[test]
    fn a_range_with_its_length_written_out_is_narrow_unless_it_is_half_the_world() {
        for narrow in ["/32", ".0/24", "/4", "::/64"] {
            assert!(ends_narrow(narrow), "{narrow}");
        }
        for open in ["/0", "/1", "/3", "/", "/x", "/999", "32", ""] {
            assert!(!ends_narrow(open), "{open}");
        }
    }
}
