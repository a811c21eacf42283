//! Functions on numbers and networks.

use super::{Outcome, Result, arg, arity, number, string, whole};
use crate::terraform::value::{Kind, Unknown, Value, convert};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "abs" | "ceil" | "floor" | "signum" => numeric(name, args),
        "min" | "max" => extreme(name, args),
        "pow" => pow(args),
        "parseint" => parseint(args),
        "cidrsubnet" => cidrsubnet(args),
        "cidrhost" => cidrhost(args),
        "cidrnetmask" => cidrnetmask(args),
        _ => return None,
    })
}

fn made(text: String) -> Result {
    Ok(Outcome::Made(Kind::String(text)))
}

fn numeric(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let n = number(arg(args, 0)?)?;
    Ok(Outcome::Made(Kind::Number(match name {
        "abs" => n.abs(),
        "ceil" => n.ceil(),
        "floor" => n.floor(),
        _ if n == 0.0 => 0.0,
        _ => n.signum(),
    })))
}

fn extreme(name: &str, args: &[Value]) -> Result {
    let mut best: Option<(f64, &Value)> = None;
    for value in args {
        let n = number(value)?;
        let better = best.is_none_or(|(b, _)| if name == "min" { n < b } else { n > b });
        if better {
            best = Some((n, value));
        }
    }
    let (_, best) = best.ok_or_else(|| Unknown::Invalid(format!("`{name}` of nothing")))?;
    let mut chosen = convert::to_number(best.clone());
    for other in args {
        chosen = chosen.chosen_by(other);
    }
    Ok(Outcome::Chosen(chosen))
}

fn pow(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (base, exponent) = (number(arg(args, 0)?)?, whole(arg(args, 1)?)?);
    let exponent = i32::try_from(exponent)
        .ok()
        .filter(|e| (0..=52).contains(e))
        .ok_or_else(|| Unknown::Unsupported("`pow` of this size".to_owned()))?;
    let result = base.powi(exponent);
    if base.fract() == 0.0 && result.abs() < 9e15 {
        Ok(Outcome::Made(Kind::Number(result)))
    } else {
        Err(Unknown::Unsupported("`pow` of this size".to_owned()))
    }
}

fn parseint(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (text, base) = (string(arg(args, 0)?)?, whole(arg(args, 1)?)?);
    let base = u32::try_from(base)
        .ok()
        .filter(|b| (2..=36).contains(b))
        .ok_or_else(|| Unknown::Unsupported("`parseint` with this base".to_owned()))?;
    let n = i64::from_str_radix(&text, base)
        .ok()
        .filter(|n| n.abs() < 1 << 53)
        .ok_or_else(|| Unknown::Invalid("no number of this base".to_owned()))?;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    Ok(Outcome::Made(Kind::Number(n as f64)))
}

/// An IPv4 network as number and prefix length; other forms are not evaluated.
fn network(value: &Value) -> std::result::Result<(u32, u32), Unknown> {
    let text = string(value)?;
    let invalid = || Unknown::Unsupported("this network".to_owned());
    let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
    let address: std::net::Ipv4Addr = address.parse().map_err(|_| invalid())?;
    let prefix: u32 = prefix.parse().map_err(|_| invalid())?;
    if prefix > 32 {
        return Err(invalid());
    }
    Ok((u32::from(address) & mask(prefix), prefix))
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

fn cidrsubnet(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let (base, prefix) = network(arg(args, 0)?)?;
    let (bits, index) = (whole(arg(args, 1)?)?, whole(arg(args, 2)?)?);
    let invalid = || Unknown::Invalid("a subnet outside of its network".to_owned());
    let bits = u32::try_from(bits).map_err(|_| invalid())?;
    let longer = prefix
        .checked_add(bits)
        .filter(|p| *p <= 32)
        .ok_or_else(invalid)?;
    let index = u32::try_from(index).map_err(|_| invalid())?;
    if bits < 32 && u64::from(index) >= 1u64 << bits {
        return Err(invalid());
    }
    let net = base | index.checked_shl(32 - longer).unwrap_or(0);
    made(format!("{}/{longer}", std::net::Ipv4Addr::from(net)))
}

fn cidrhost(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (base, prefix) = network(arg(args, 0)?)?;
    let index = whole(arg(args, 1)?)?;
    let size = 1i64 << (32 - prefix);
    let offset = if index < 0 { size + index } else { index };
    let offset = u32::try_from(offset)
        .ok()
        .filter(|_| offset < size)
        .ok_or_else(|| Unknown::Invalid("a host outside of its network".to_owned()))?;
    made(std::net::Ipv4Addr::from(base | offset).to_string())
}

fn cidrnetmask(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let (_, prefix) = network(arg(args, 0)?)?;
    made(std::net::Ipv4Addr::from(mask(prefix)).to_string())
}
