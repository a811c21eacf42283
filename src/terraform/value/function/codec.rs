//! Base64, URLs, CSV, and text in other encodings.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Result, arg, arity, made_text, made_value, string};
use crate::terraform::value::ty::{Ty, typed};
use crate::terraform::value::{Kind, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "base64encode" => base64encode(args),
        "base64decode" => base64decode(args),
        "textencodebase64" => textencodebase64(args),
        "textdecodebase64" => textdecodebase64(args),
        "urlencode" => urlencode(args),
        "csvdecode" => csvdecode(args),
        _ => return None,
    })
}

fn base64encode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    made_text(STANDARD.encode(string(arg(args, 0)?)?))
}

fn bytes(text: &str) -> std::result::Result<Vec<u8>, Unknown> {
    if text.contains(['\n', '\r']) {
        return Err(Unknown::Unsupported("base64 in lines".to_owned()));
    }
    // Terraform is lenient with the bits behind the end; such text is not read here.
    STANDARD.decode(text).map_err(|error| match error {
        base64::DecodeError::InvalidLastSymbol { .. } => {
            Unknown::Unsupported("base64 of this form".to_owned())
        }
        _ => Unknown::Invalid("no base64".to_owned()),
    })
}

fn base64decode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let decoded = bytes(&string(arg(args, 0)?)?)?;
    String::from_utf8(decoded)
        .map_err(|_| Unknown::Invalid("base64 of something that is no text".to_owned()))
        .and_then(made_text)
}

fn textencodebase64(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (text, encoding) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    let encoded: Vec<u8> = match encoding.to_ascii_uppercase().as_str() {
        "UTF-8" => text.into_bytes(),
        "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => return Err(Unknown::Unsupported("this encoding".to_owned())),
    };
    made_text(STANDARD.encode(encoded))
}

fn textdecodebase64(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (text, encoding) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    let encoded = bytes(&text)?;
    let pair: fn([u8; 2]) -> u16 = match encoding.to_ascii_uppercase().as_str() {
        "UTF-8" => {
            return String::from_utf8(encoded)
                .map_err(|_| Unknown::Unsupported("text that is no UTF-8".to_owned()))
                .and_then(made_text);
        }
        "UTF-16LE" => u16::from_le_bytes,
        "UTF-16BE" => u16::from_be_bytes,
        _ => return Err(Unknown::Unsupported("this encoding".to_owned())),
    };
    let odd = || Unknown::Unsupported("text that is no UTF-16".to_owned());
    if encoded.len() % 2 != 0 {
        return Err(odd());
    }
    let units: Vec<u16> = encoded
        .chunks_exact(2)
        .map(|c| pair([c[0], c[1]]))
        .collect();
    String::from_utf16(&units)
        .map_err(|_| odd())
        .and_then(made_text)
}

fn urlencode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut out = String::new();
    for byte in string(arg(args, 0)?)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    made_text(out)
}

fn csvdecode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let text = string(arg(args, 0)?)?;
    let unsupported = || Unknown::Unsupported("CSV of this form".to_owned());
    // Quotes inside of a field and lone carriage returns are read differently.
    if text.replace("\r\n", "\n").contains('\r') {
        return Err(unsupported());
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_err(|_| unsupported())?
        .iter()
        .map(str::to_owned)
        .collect();
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    if names.is_empty() || unique.len() != names.len() {
        return Err(unsupported());
    }
    let row = Ty::Object(names.iter().map(|n| (n.clone(), Ty::String)).collect());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| Unknown::Invalid("no CSV".to_owned()))?;
        if record
            .iter()
            .chain(names.iter().map(String::as_str))
            .any(|f| f.contains('"'))
        {
            return Err(unsupported());
        }
        let fields = names
            .iter()
            .zip(&record)
            .map(|(name, field)| (name.clone(), Value::new(Kind::String(field.to_owned()))))
            .collect();
        rows.push(Value::new(Kind::Object(fields)));
    }
    made_value(typed(
        Value::new(Kind::List(rows.into())),
        Ty::List(Arc::new(row)),
    ))
}
