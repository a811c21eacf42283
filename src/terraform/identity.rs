//! What identifies a cloud object of each Terraform type: which attribute holds its name, where that name is
//! unique, how its ARN (or Google resource name) is built, and which other object it is a part of.
//!
//! The facts are rows of [`table`]; this module reads finding ids by them. Invariant 5 leans on it: an id that does
//! not fit a type's row exactly says nothing about that type (`logs` is never `logs-2`).

mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a name that the author chose is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the whole partition of the cloud (S3 and GCS buckets).
    Global,
    /// In the account or project, whatever the region (IAM).
    Account,
    /// In the account and region.
    Region,
    /// Only inside another object (a security group's name in its VPC): never proves anything alone.
    Parent,
}

/// One row: how objects of a Terraform type are identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeIdentity {
    /// `aws_db_instance`.
    pub kind: &'static str,
    /// ARN service (`rds`), or Google API host (`storage.googleapis.com`).
    pub service: &'static str,
    /// Shapes of the ARN's resource part, or of the path of a Google resource name: literals and `{name}`,
    /// `{names}` (a name that may hold slashes), `{id}`, `{path}` (optional, ends with `/`), `{account}`, `{region}`, `{*}` (one segment), `{:*}` (optional qualifier).
    pub shapes: &'static [&'static str],
    /// Attribute with the name that the author chooses; empty when the cloud gives the only name.
    pub name: &'static str,
    /// Attribute with the beginning of a generated name; empty when there is none.
    pub prefix: &'static str,
    /// Where the name is unique.
    pub scope: Scope,
    /// How bare ids given by the cloud begin (`sg-`); empty when bare ids are names.
    pub id_prefix: &'static str,
    /// Text that may or may not stand before the name in code (`alias/`).
    pub strip: &'static str,
    /// The state's attribute that holds the ARN.
    pub arn: &'static str,
    /// For a part of another object: the attribute that names it, and that object's type.
    pub owner: Option<(&'static str, &'static str)>,
    /// Whether the cloud keeps names in lower case, however the code writes them.
    pub lower: bool,
}

/// What a finding's id says about an object, read by one type's row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sought {
    /// The whole ARN (without a version or alias qualifier), or the full Google resource name.
    pub arn: Option<String>,
    /// The id given by the cloud (`sg-…`).
    pub id: Option<String>,
    /// The name the author chose.
    pub name: Option<String>,
    /// AWS partition, from the ARN.
    pub partition: Option<String>,
    /// Account or project, from the id.
    pub account: Option<String>,
    /// Region or zone, from the id.
    pub region: Option<String>,
}

/// An Amazon resource name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// `s3`.
    pub service: &'a str,
    /// May be empty.
    pub region: &'a str,
    /// May be empty.
    pub account: &'a str,
    /// Everything behind the account.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` when the text is none.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (arn.partition.starts_with("aws") && !arn.service.is_empty() && !arn.resource.is_empty())
            .then_some(arn)
    }
}

/// The row of a Terraform type; aliases of a type (`aws_alb`) have the row of the type they stand for.
#[must_use]
pub fn of(kind: &str) -> Option<&'static TypeIdentity> {
    static BY_KIND: LazyLock<HashMap<&'static str, &'static TypeIdentity>> = LazyLock::new(|| {
        let rows = table::ROWS.iter().map(|row| (row.kind, row));
        let aliases = table::ALIASES.iter().filter_map(|(alias, kind)| {
            Some((*alias, table::ROWS.iter().find(|row| row.kind == *kind)?))
        });
        rows.chain(aliases).collect()
    });
    BY_KIND.get(kind).copied()
}

/// Every row.
#[must_use]
pub fn rows() -> &'static [TypeIdentity] {
    table::ROWS
}

/// The name under which a type is known here: `aws_alb` is `aws_lb`.
#[must_use]
pub fn canonical(kind: &str) -> &str {
    table::ALIASES
        .iter()
        .find(|(alias, _)| *alias == kind)
        .map_or(kind, |(_, kind)| kind)
}

/// All types that describe the same object as this one, itself first: a type and its aliases, and a cloud object
/// that Terraform can create or adopt (`aws_security_group`, `aws_default_security_group`).
#[must_use]
pub fn same_object(kind: &str) -> Vec<&str> {
    let wanted = canonical(kind);
    let mut kinds = vec![kind];
    for other in table::ALIASES
        .iter()
        .filter(|(_, target)| *target == wanted)
        .map(|(alias, _)| *alias)
        .chain([wanted])
    {
        if !kinds.contains(&other) {
            kinds.push(other);
        }
    }
    kinds
}

/// All types under which one cloud object can be in states, itself first: what [`same_object`] says, and types of
/// which one creates and another adopts (`aws_default_security_group`), or that are made by one API
/// (`aws_docdb_cluster` and `aws_rds_cluster`). Two of them for one ARN are two owners.
#[must_use]
pub fn rivals(kind: &str) -> Vec<&str> {
    let mut kinds = same_object(kind);
    let wanted = canonical(kind);
    let group = table::RIVALS.iter().find(|group| group.contains(&wanted));
    for other in group.into_iter().flat_map(|group| group.iter().copied()) {
        if !kinds.contains(&other) {
            kinds.push(other);
        }
    }
    kinds
}

/// What an object of a type makes beside itself, as its state tells: path of the attribute with the id, and the
/// Terraform type that would manage it.
#[must_use]
pub fn made_by(kind: &str) -> &'static [(&'static str, &'static str)] {
    table::MADE
        .iter()
        .find(|(maker, _)| *maker == kind)
        .map_or(&[], |(_, made)| made)
}

/// Every type that makes objects beside itself.
pub(super) fn makers()
-> impl Iterator<Item = (&'static str, &'static [(&'static str, &'static str)])> {
    table::MADE.iter().copied()
}

impl TypeIdentity {
    /// A name as it is compared: without what may stand before it, and in lower case where the cloud keeps it so.
    #[must_use]
    pub fn canonical_name(&self, name: &str) -> String {
        self.folded(self.plain(name)).into_owned()
    }

    fn folded<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.lower && name.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// Reads one id of a finding as an id of this type; `None` when it is an id of something else.
    #[must_use]
    pub fn read(&self, id: &str) -> Option<Sought> {
        let id = strip_config_type(id.trim());
        if id.is_empty() {
            return None;
        }
        if let Some(arn) = Arn::parse(id) {
            return self.read_arn(&arn);
        }
        if id.starts_with("arn:") {
            return None;
        }
        if let Some(full) = id.strip_prefix("//") {
            return self.read_google(id, full);
        }
        if let Some((scheme, after)) = id.split_once("://") {
            return match scheme {
                "https" if after.starts_with(GOOGLE) || self.is_google() => {
                    self.read_google(id, after)
                }
                _ => self.read_url(scheme, after),
            };
        }
        if self.is_google() && id.starts_with("projects/") {
            // As states and some scanners write it: the path without the service.
            return self.read_google(id, &format!("{}/{id}", self.service));
        }
        self.read_bare(id)
    }

    fn read_arn(&self, arn: &Arn<'_>) -> Option<Sought> {
        if arn.service != self.service {
            return None;
        }
        let caught = self.shapes.iter().find_map(|s| catch(s, arn.resource))?;
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let resource = &arn.resource[..arn.resource.len() - caught.qualifier];
        Some(Sought {
            arn: Some(format!(
                "arn:{}:{}:{}:{}:{resource}",
                arn.partition, arn.service, arn.region, arn.account
            )),
            id: caught.id.map(str::to_owned),
            name: caught.name.map(|name| self.canonical_name(name)),
            partition: filled(arn.partition),
            account: filled(arn.account),
            region: filled(arn.region),
        })
    }

    fn is_google(&self) -> bool {
        self.service.ends_with(".googleapis.com")
    }

    /// `//storage.googleapis.com/bucket`, or a self link (`https://www.googleapis.com/storage/v1/b/NAME`,
    /// `https://compute.googleapis.com/compute/v1/projects/…`).
    fn read_google(&self, whole: &str, full: &str) -> Option<Sought> {
        if !self.is_google() {
            return None;
        }
        let (host, path) = full.split_once('/')?;
        let host = format!("{host}/");
        if host != GOOGLE && host.trim_end_matches('/') != self.service {
            return None;
        }
        let api = self.service.split('.').next()?;
        let link = path
            .strip_prefix(api)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.split_once('/'))
            .filter(|(version, _)| version.starts_with('v'))
            .map(|(_, rest)| rest.strip_prefix("b/").unwrap_or(rest));
        // The common host serves self links only.
        let path = match link {
            Some(path) => path,
            None if host == GOOGLE => return None,
            None => path,
        };
        let caught = self.shapes.iter().find_map(|s| catch(s, path))?;
        Some(Sought {
            arn: Some(whole.to_owned()),
            id: caught.id.map(str::to_owned),
            name: caught.name.map(str::to_owned),
            partition: None,
            account: caught.account.map(str::to_owned),
            region: caught.region.map(str::to_owned),
        })
    }

    /// A queue's URL ends in `/<account>/<name>`; `s3://` and `gs://` name buckets. No other type here has a URL as its
    /// id.
    fn read_url(&self, scheme: &str, after_scheme: &str) -> Option<Sought> {
        let bucket = match scheme {
            "s3" => "aws_s3_bucket",
            "gs" => "google_storage_bucket",
            _ => "",
        };
        if self.kind == bucket {
            let name = after_scheme.strip_suffix('/').unwrap_or(after_scheme);
            return (!name.is_empty() && !name.contains('/')).then(|| Sought {
                name: Some(name.to_owned()),
                ..Sought::default()
            });
        }
        if self.kind != "aws_sqs_queue" || !matches!(scheme, "http" | "https") {
            return None;
        }
        let mut parts = after_scheme.split('/');
        let host = parts.next()?;
        let (account, name) = (parts.next()?, parts.next()?);
        if parts.next().is_some() || name.is_empty() || !is_account_id(account) {
            return None;
        }
        Some(Sought {
            name: Some(name.to_owned()),
            account: Some(account.to_owned()),
            region: host
                .strip_prefix("sqs.")
                .and_then(|rest| rest.split_once('.'))
                .filter(|(_, domain)| domain.starts_with("amazonaws."))
                .map(|(region, _)| region.to_owned()),
            ..Sought::default()
        })
    }

    fn read_bare(&self, id: &str) -> Option<Sought> {
        if !self.id_prefix.is_empty() {
            let known = self.id_prefix.split('|').any(|p| id.starts_with(p));
            if known {
                return Some(Sought {
                    id: Some(id.to_owned()),
                    ..Sought::default()
                });
            }
        }
        if self.name.is_empty() {
            // Ids without a telling prefix (a key's UUID) are taken as they are.
            return (self.id_prefix.is_empty() && !id.contains(char::is_whitespace)).then(|| {
                Sought {
                    id: Some(id.to_owned()),
                    ..Sought::default()
                }
            });
        }
        Some(Sought {
            name: Some(self.canonical_name(id)),
            ..Sought::default()
        })
    }

    /// A name as it is compared: without the part that may stand before it.
    #[must_use]
    pub fn plain<'n>(&self, name: &'n str) -> &'n str {
        if self.strip.is_empty() {
            return name;
        }
        name.strip_prefix(self.strip).unwrap_or(name)
    }
}

/// The host of older self links.
const GOOGLE: &str = "www.googleapis.com/";

/// 12 digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The partition a region belongs to.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else if region.starts_with("us-iso-") {
        "aws-iso"
    } else if region.starts_with("us-isob-") {
        "aws-iso-b"
    } else if region.starts_with("eu-isoe-") {
        "aws-iso-e"
    } else if region.starts_with("us-isof-") {
        "aws-iso-f"
    } else if region.starts_with("eusc-") {
        "aws-eusc"
    } else {
        "aws"
    }
}

/// `AWS::IAM::AccessKey:AKIA…` → `AKIA…`, as Security Hub writes ids of objects without an ARN.
fn strip_config_type(id: &str) -> &str {
    let Some(rest) = id.strip_prefix("AWS::") else {
        return id;
    };
    // `<service>::<type>:<id>`; the service may be empty (`AWS::::Account:…`).
    rest.split_once("::")
        .and_then(|(_, rest)| rest.split_once(':'))
        .map_or(id, |(_, rest)| rest)
}

/// What a shape caught in a text.
#[derive(Default)]
struct Caught<'t> {
    name: Option<&'t str>,
    id: Option<&'t str>,
    account: Option<&'t str>,
    region: Option<&'t str>,
    /// Bytes of an optional qualifier at the end.
    qualifier: usize,
}

/// Reads a text by a shape: see [`TypeIdentity::shapes`].
fn catch<'t>(shape: &str, text: &'t str) -> Option<Caught<'t>> {
    let mut caught = Caught::default();
    let (mut shape, mut text) = (shape, text);
    while !shape.is_empty() {
        let Some(open) = shape.strip_prefix('{') else {
            let end = shape.find('{').unwrap_or(shape.len());
            text = text.strip_prefix(&shape[..end])?;
            shape = &shape[end..];
            continue;
        };
        let (hole, rest) = open.split_once('}')?;
        shape = rest;
        match hole {
            "path" => text = &text[text.rfind('/').map_or(0, |slash| slash + 1)..],
            ":*" => {
                if !text.is_empty() && !text.starts_with(':') {
                    return None;
                }
                caught.qualifier = text.len();
                text = "";
            }
            _ => {
                let end = piece_end(hole, shape, text)?;
                let (piece, after) = text.split_at(end);
                if piece.is_empty() || (hole != "names" && piece.contains('/')) {
                    return None;
                }
                match hole {
                    "name" | "names" => caught.name = Some(piece),
                    "id" => caught.id = Some(piece),
                    "account" => caught.account = Some(piece),
                    "region" => caught.region = Some(piece),
                    _ => {}
                }
                text = after;
            }
        }
    }
    text.is_empty().then_some(caught)
}

/// Where the piece for a hole ends: everything at the end of the shape, else before what follows. A name that may
/// hold its separator itself (`my-secret-AbCdEf`) ends at the last one.
fn piece_end(hole: &str, rest_of_shape: &str, text: &str) -> Option<usize> {
    if rest_of_shape.is_empty() {
        return Some(text.len());
    }
    if rest_of_shape.starts_with("{:*}") {
        return Some(text.find(':').unwrap_or(text.len()));
    }
    let literal = &rest_of_shape[..rest_of_shape.find('{').unwrap_or(rest_of_shape.len())];
    if hole.starts_with("name") {
        text.rfind(literal)
    } else {
        text.find(literal)
    }
}
