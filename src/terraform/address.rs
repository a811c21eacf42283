//! Addresses of resources: in code (without instance keys) and of instances (with keys).
//!
//! `Display` and `FromStr` are Terraform's own notation, so an address can be pasted into `terraform state show`
//! and back; in JSON an address is that text. Writing and reading again gives the same address.

mod read;

use std::fmt;

pub use read::parse_modules;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `[0]` or `["eu"]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InstanceKey {
    /// `count`.
    Index(u64),
    /// `for_each`.
    Name(String),
}

/// One `module.name[key]` step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModuleStep {
    /// The call's label.
    pub name: String,
    /// The instance of the call, when it has `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

/// The address of one resource instance inside a root module: `module.logs["a"].aws_s3_bucket.this["eu"]`.
/// `Display` and `FromStr` are Terraform's own notation (escapes included); data sources carry `data.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Outermost first.
    pub modules: Vec<ModuleStep>,
    /// `data.` sources.
    pub data: bool,
    /// `aws_s3_bucket`.
    pub kind: String,
    /// The block's second label.
    pub name: String,
    /// `count`/`for_each` key.
    pub key: Option<InstanceKey>,
}

/// The address of a block in code, inside a root: like [`Address`] without any instance key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockAddress {
    /// Module call labels, outermost first.
    pub modules: Vec<String>,
    /// `data.` sources.
    pub data: bool,
    /// Resource type.
    pub kind: String,
    /// Resource name.
    pub name: String,
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a Terraform resource address: {problem}; expected e.g. `module.logs.aws_s3_bucket.this[\"eu\"]`"
)]
pub struct AddressError {
    /// The text that was read.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Address {
    /// An instance without modules and key: `aws_s3_bucket.logs`.
    #[must_use]
    pub fn new(kind: &str, name: &str) -> Self {
        Self {
            modules: Vec::new(),
            data: false,
            kind: kind.to_owned(),
            name: name.to_owned(),
            key: None,
        }
    }

    /// The block that this is an instance of.
    #[must_use]
    pub fn block(&self) -> BlockAddress {
        BlockAddress {
            modules: self.modules.iter().map(|m| m.name.clone()).collect(),
            data: self.data,
            kind: self.kind.clone(),
            name: self.name.clone(),
        }
    }

    /// The same address with no instance key on the resource or on any module.
    #[must_use]
    pub fn without_keys(&self) -> Self {
        self.block().unkeyed()
    }

    /// The order of blocks: instances of one block are equal.
    #[must_use]
    pub(crate) fn cmp_block(&self, other: &Self) -> std::cmp::Ordering {
        fn calls(address: &Address) -> impl Iterator<Item = &String> {
            address.modules.iter().map(|step| &step.name)
        }
        let own = (self.data, &self.kind, &self.name);
        let others = (other.data, &other.kind, &other.name);
        calls(self).cmp(calls(other)).then_with(|| own.cmp(&others))
    }

    /// Whether no key is set anywhere.
    #[must_use]
    pub fn is_unkeyed(&self) -> bool {
        self.key.is_none() && self.modules.iter().all(|m| m.key.is_none())
    }

    /// Whether both can mean the same instance: every name is equal, and a key that is missing on one side fits any
    /// key on the other.
    #[must_use]
    pub fn could_be(&self, other: &Self) -> bool {
        fn fits(a: Option<&InstanceKey>, b: Option<&InstanceKey>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        }
        self.data == other.data
            && self.kind == other.kind
            && self.name == other.name
            && fits(self.key.as_ref(), other.key.as_ref())
            && self.modules.len() == other.modules.len()
            && self
                .modules
                .iter()
                .zip(&other.modules)
                .all(|(a, b)| a.name == b.name && fits(a.key.as_ref(), b.key.as_ref()))
    }

    /// The part after the modules: `aws_s3_bucket.this["eu"]`.
    #[must_use]
    pub fn inside_module(&self) -> Self {
        Self {
            modules: Vec::new(),
            ..self.clone()
        }
    }
}

impl BlockAddress {
    /// The address with no key anywhere: the block's only instance, or all of them.
    #[must_use]
    pub fn unkeyed(&self) -> Address {
        Address {
            modules: self
                .modules
                .iter()
                .map(|name| ModuleStep {
                    name: name.clone(),
                    key: None,
                })
                .collect(),
            data: self.data,
            kind: self.kind.clone(),
            name: self.name.clone(),
            key: None,
        }
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(i) => write!(f, "[{i}]"),
            Self::Name(name) => {
                f.write_str("[")?;
                write_quoted(f, name)?;
                f.write_str("]")
            }
        }
    }
}

impl fmt::Display for ModuleStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        self.key.as_ref().map_or(Ok(()), |key| key.fmt(f))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.modules {
            write!(f, "{step}.")?;
        }
        if self.data {
            f.write_str("data.")?;
        }
        write!(f, "{}.{}", self.kind, self.name)?;
        self.key.as_ref().map_or(Ok(()), |key| key.fmt(f))
    }
}

impl fmt::Display for BlockAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.modules {
            write!(f, "module.{module}.")?;
        }
        if self.data {
            f.write_str("data.")?;
        }
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// A quoted HCL string as Terraform writes it in addresses.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('"')?;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '$' | '%' if rest.peek() == Some(&'{') => {
                f.write_char(c)?;
                f.write_char(c)?;
            }
            c if is_printable(c) => f.write_char(c)?,
            c if u32::from(c) < 0x1_0000 => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "\\U{:08x}", u32::from(c))?,
        }
    }
    f.write_char('"')
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space, as Go's `unicode.IsPrint`.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // `str::escape_debug` escapes what is not printable; a leading letter keeps it from escaping combining marks.
    let mut pair = String::from("a");
    pair.push(c);
    pair.escape_debug().count() == 2
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for BlockAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlockAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_writes_terraforms_notation() {
        for text in [
            "aws_s3_bucket.logs",
            "aws_s3_bucket.logs[0]",
            "aws_s3_bucket.logs[\"eu\"]",
            "data.aws_caller_identity.current",
            "module.a.aws_s3_bucket.this",
            "module.a[\"x\"].module.b[3].data.aws_x.y-z[\"k.e[y]\"]",
            r#"aws_x.y["say \"hi\" \\ \n\r\t"]"#,
            r#"aws_x.y["$${var} %%{if} $x % {"]"#,
            r#"aws_x.y["größe 東京 \u0000\u200b\U000e0001"]"#,
            "aws_x.y[\"\"]",
            "module.module.aws_x.data",
        ] {
            assert_eq!(address(text).to_string(), text);
        }
        assert_eq!(
            address("aws_x.y[\"a\u{301}b\"]").to_string(),
            "aws_x.y[\"a\u{301}b\"]",
            "a combining mark is printable"
        );
    }

    #[test]
    fn parts_are_where_they_belong() {
        let a = address("module.a[\"x\"].module.b[3].data.aws_x.y[7]");
        assert_eq!(a.modules.len(), 2);
        assert_eq!(a.modules[0].key, Some(InstanceKey::Name("x".into())));
        assert_eq!(a.modules[1].key, Some(InstanceKey::Index(3)));
        assert!(a.data);
        assert_eq!((a.kind.as_str(), a.name.as_str()), ("aws_x", "y"));
        assert_eq!(a.key, Some(InstanceKey::Index(7)));
        assert_eq!(a.block().to_string(), "module.a.module.b.data.aws_x.y");
        assert_eq!(a.without_keys().to_string(), a.block().to_string());
        assert_eq!(a.inside_module().to_string(), "data.aws_x.y[7]");
        assert!(!a.is_unkeyed() && a.without_keys().is_unkeyed());
        assert!(!address("module.a[0].aws_x.y").is_unkeyed());
        assert_eq!(Address::new("aws_x", "y"), address("aws_x.y"));
    }

    #[test]
    fn dollar_escapes_read_back() {
        assert_eq!(
            address(r#"a_b.c["$${x}$$y"]"#).key,
            Some(InstanceKey::Name("${x}$$y".into()))
        );
    }

    #[test]
    fn bad_text_is_an_error_that_says_where() {
        for text in [
            "",
            "aws_s3_bucket",
            "aws_s3_bucket.",
            ".x",
            "a.b.c",
            "a.b[",
            "a.b[]",
            "a.b[-1]",
            "a.b[\"x]",
            "a.b[\"x\"",
            "a.b[\"x\"]y",
            "a.b[\"\\q\"]",
            "a.b[\"\\u12\"]",
            "a.b[\"\\ud800\"]",
            "module.a",
            "module.a.module.b",
            "data.x",
            "a b.c",
            "a.b[99999999999999999999]",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        let e = "a.b[x]".parse::<Address>().unwrap_err().to_string();
        assert!(e.contains("\"a.b[x]\"") && e.contains("byte 4"), "{e}");
    }

    #[test]
    fn block_addresses_have_no_keys() {
        let block: BlockAddress = "module.a.aws_x.y".parse().unwrap();
        assert_eq!(block.modules, ["a"]);
        assert_eq!(block.to_string(), "module.a.aws_x.y");
        assert_eq!(block.unkeyed(), address("module.a.aws_x.y"));
        assert!("aws_x.y[0]".parse::<BlockAddress>().is_err());
        assert!("module.a[0].aws_x.y".parse::<BlockAddress>().is_err());
    }

    #[test]
    fn module_paths_of_a_state() {
        let steps = parse_modules("module.a[\"x.y\"].module.b").unwrap();
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].to_string(), "module.a[\"x.y\"]");
        assert_eq!(steps[1].to_string(), "module.b");
        for bad in [
            "",
            "module",
            "module.",
            "a.b",
            "module.a.b",
            "module.a.",
            "module.a-",
        ] {
            assert_eq!(parse_modules(bad).is_err(), bad != "module.a-", "{bad}");
        }
    }

    #[test]
    fn missing_keys_fit_any_key() {
        let keyed = address("module.a[0].aws_x.y[\"k\"]");
        assert!(keyed.could_be(&keyed));
        assert!(keyed.could_be(&address("module.a.aws_x.y")));
        assert!(address("module.a.aws_x.y[\"k\"]").could_be(&keyed));
        for other in [
            "module.a[1].aws_x.y[\"k\"]",
            "module.a[0].aws_x.y[\"j\"]",
            "module.b[0].aws_x.y[\"k\"]",
            "module.a[0].aws_z.y[\"k\"]",
            "module.a[0].aws_x.z[\"k\"]",
            "module.a[0].data.aws_x.y[\"k\"]",
            "aws_x.y[\"k\"]",
        ] {
            assert!(!keyed.could_be(&address(other)), "{other}");
        }
    }

    #[test]
    fn json_is_the_notation() {
        let a = address("module.a.aws_x.y[\"k\"]");
        let json = serde_json::to_string(&a).unwrap();
        assert_eq!(json, r#""module.a.aws_x.y[\"k\"]""#);
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), a);
        assert!(serde_json::from_str::<Address>("\"x\"").is_err());
        let b = a.block();
        let json = serde_json::to_string(&b).unwrap();
        assert_eq!(json, r#""module.a.aws_x.y""#);
        assert_eq!(serde_json::from_str::<BlockAddress>(&json).unwrap(), b);
    }
}
