//! Functions on IP networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Result, arg, arity, made_text, made_value, string, strings, whole};
use crate::terraform::value::{Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "cidrsubnet" => cidrsubnet(args),
        "cidrsubnets" => cidrsubnets(args),
        "cidrhost" => cidrhost(args),
        "cidrnetmask" => cidrnetmask(args),
        _ => return None,
    })
}

/// A network: its address as a number, the length of its prefix, and of an address.
#[derive(Clone, Copy)]
struct Network {
    base: u128,
    prefix: u32,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/16`; bits behind the prefix are cut off, as Terraform does.
    fn read(value: &Value) -> std::result::Result<Self, Unknown> {
        let text = string(value)?;
        // Forms that Rust and Go may read differently (leading zeros, zones) are left alone.
        let odd = || Unknown::Unsupported("this network".to_owned());
        let (address, prefix) = text
            .split_once('/')
            .ok_or_else(|| Unknown::Invalid("a network without `/`".to_owned()))?;
        let prefix: u32 = Some(prefix)
            .filter(|p| p.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|p| p.parse().ok())
            .ok_or_else(odd)?;
        let (base, bits) = match address.parse::<IpAddr>().map_err(|_| odd())? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => (u128::from(v6), 128),
            IpAddr::V6(_) => return Err(odd()),
        };
        if prefix > bits {
            return Err(Unknown::Invalid("a prefix that is too long".to_owned()));
        }
        let cut = bits - prefix;
        let base = base
            .checked_shr(cut)
            .unwrap_or(0)
            .checked_shl(cut)
            .unwrap_or(0);
        Ok(Self { base, prefix, bits })
    }

    fn address(self, number: u128) -> std::result::Result<String, Unknown> {
        if self.bits == 32 {
            return u32::try_from(number)
                .map(|n| Ipv4Addr::from(n).to_string())
                .map_err(|_| Unknown::Invalid("an address outside of its network".to_owned()));
        }
        let v6 = Ipv6Addr::from(number);
        // Addresses that hold an IPv4 address are written in several ways.
        if v6.to_ipv4().is_some() && number > 0xffff {
            return Err(Unknown::Unsupported("this address".to_owned()));
        }
        Ok(v6.to_string())
    }

    /// The subnet with a longer prefix.
    fn subnet(self, more: u32, index: u128) -> std::result::Result<Self, Unknown> {
        let outside = || Unknown::Invalid("a subnet outside of its network".to_owned());
        let prefix = self
            .prefix
            .checked_add(more)
            .filter(|p| *p <= self.bits)
            .ok_or_else(outside)?;
        if more < 128 && index >= 1u128 << more {
            return Err(outside());
        }
        let shifted = index.checked_shl(self.bits - prefix).unwrap_or(0);
        Ok(Self {
            base: self.base | shifted,
            prefix,
            ..self
        })
    }

    fn text(self) -> std::result::Result<String, Unknown> {
        Ok(format!("{}/{}", self.address(self.base)?, self.prefix))
    }
}

fn cidrsubnet(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let network = Network::read(arg(args, 0)?)?;
    let (more, index) = (whole(arg(args, 1)?)?, whole(arg(args, 2)?)?);
    let (Ok(more), Ok(index)) = (u32::try_from(more), u128::try_from(index)) else {
        return Err(Unknown::Unsupported(
            "a negative number of a subnet".to_owned(),
        ));
    };
    if more > 32 && network.bits == 128 {
        return Err(Unknown::Unsupported("a prefix so much longer".to_owned()));
    }
    made_text(network.subnet(more, index)?.text()?)
}

fn cidrsubnets(args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    let network = Network::read(arg(args, 0)?)?;
    let mut next = network.base;
    let mut found = Vec::new();
    let size = |prefix: u32| 1u128.checked_shl(network.bits - prefix);
    let end = size(network.prefix).and_then(|s| network.base.checked_add(s));
    for more in &args[1..] {
        let more = u32::try_from(whole(more)?)
            .ok()
            .filter(|m| (1..=32).contains(m))
            .ok_or_else(|| Unknown::Invalid("bits between 1 and 32 are required".to_owned()))?;
        let prefix = network.prefix + more;
        if prefix > network.bits {
            return Err(Unknown::Invalid("a prefix that is too long".to_owned()));
        }
        let (Some(size), Some(end)) = (size(prefix), end) else {
            return Err(Unknown::Unsupported("a network of this size".to_owned()));
        };
        let base = next.div_ceil(size) * size;
        if base + size > end {
            return Err(Unknown::Invalid("not enough addresses".to_owned()));
        }
        found.push(
            Network {
                base,
                prefix,
                ..network
            }
            .text()?,
        );
        next = base + size;
    }
    made_value(strings(found))
}

fn cidrhost(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let network = Network::read(arg(args, 0)?)?;
    let index = whole(arg(args, 1)?)?;
    let outside = || Unknown::Invalid("a host outside of its network".to_owned());
    let free = network.bits - network.prefix;
    let size = 1u128.checked_shl(free);
    let distance = u128::from(index.unsigned_abs());
    let offset = match (index < 0, size) {
        (false, Some(size)) if distance >= size => return Err(outside()),
        (false, _) => distance,
        (true, Some(size)) => size.checked_sub(distance).ok_or_else(outside)?,
        (true, None) => return Err(Unknown::Unsupported("a network of this size".to_owned())),
    };
    made_text(network.address(network.base | offset)?)
}

fn cidrnetmask(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let network = Network::read(arg(args, 0)?)?;
    if network.bits == 128 {
        return Err(Unknown::Unsupported("the netmask of IPv6".to_owned()));
    }
    let mask = u32::MAX.checked_shl(32 - network.prefix).unwrap_or(0);
    made_text(Ipv4Addr::from(mask).to_string())
}
