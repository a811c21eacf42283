//! Hashes of text, and identifiers made of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

use super::{Result, arg, arity, made_text, string};
use crate::terraform::value::{Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "md5" | "sha1" | "sha256" | "sha512" | "base64sha256" | "base64sha512" => {
            of_text(name, args)
        }
        "uuidv5" => uuidv5(args),
        "uuid" | "timestamp" | "plantimestamp" | "bcrypt" => {
            Err(Unknown::Computed(format!("{name}()")))
        }
        _ => return None,
    })
}

fn of_text(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    digest(name, string(arg(args, 0)?)?.as_bytes())
}

/// The digest that a function of this name makes of bytes; names of the functions on files without their `file`.
pub(super) fn digest(name: &str, bytes: &[u8]) -> Result {
    made_text(match name {
        "md5" => hex(&md5::Md5::digest(bytes)),
        "sha1" => hex(&sha1::Sha1::digest(bytes)),
        "sha256" => hex(&sha2::Sha256::digest(bytes)),
        "sha512" => hex(&sha2::Sha512::digest(bytes)),
        "base64sha256" => STANDARD.encode(sha2::Sha256::digest(bytes)),
        "base64sha512" => STANDARD.encode(sha2::Sha512::digest(bytes)),
        _ => return Err(Unknown::Unsupported(format!("function `{name}`"))),
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn uuidv5(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (space, name) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    let last = match space.as_str() {
        "dns" => Some(0x10),
        "url" => Some(0x11),
        "oid" => Some(0x12),
        "x500" => Some(0x14),
        _ => None,
    };
    let space = match last {
        Some(last) => 0x6ba7_b800_9dad_11d1_80b4_00c0_4fd4_30c8 + (last << 96),
        None => {
            let plain =
                space.len() == 36 && [8, 13, 18, 23].iter().all(|i| space.as_bytes()[*i] == b'-');
            let digits = space.replace('-', "");
            if !plain || digits.len() != 32 {
                return Err(Unknown::Unsupported("this namespace".to_owned()));
            }
            u128::from_str_radix(&digits, 16)
                .map_err(|_| Unknown::Invalid("a namespace that is no UUID".to_owned()))?
        }
    };
    let mut hash = sha1::Sha1::new();
    hash.update(space.to_be_bytes());
    hash.update(name.as_bytes());
    let mut uuid = [0u8; 16];
    uuid.copy_from_slice(&hash.finalize()[..16]);
    uuid[6] = uuid[6] & 0x0f | 0x50;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let text = hex(&uuid);
    made_text(format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    ))
}
