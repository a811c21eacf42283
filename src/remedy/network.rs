//! Addresses, protocols and ports as security groups write them.

/// `0.0.0.0/0` and `::/0`, and blocks so wide that two of them are as good: halves of IPv4, the whole of global unicast
/// in IPv6. Text that is no CIDR block is not public.
pub(crate) fn is_public(cidr: &str) -> Option<Family> {
    let (address, length) = cidr.trim().split_once('/')?;
    let length: u8 = length.parse().ok()?;
    if address.parse::<std::net::Ipv4Addr>().is_ok() {
        return (length <= 1).then_some(Family::V4);
    }
    let address: std::net::Ipv6Addr = address.parse().ok()?;
    let global = length <= 3 && address.segments()[0] >> 13 == 1;
    (length <= 1 || global).then_some(Family::V6)
}

/// Whether text is a CIDR block, and of which family.
pub(crate) fn family(cidr: &str) -> Option<Family> {
    let (address, length) = cidr.trim().split_once('/')?;
    let length: u8 = length.parse().ok()?;
    match address.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(_) => (length <= 32).then_some(Family::V4),
        std::net::IpAddr::V6(_) => (length <= 128).then_some(Family::V6),
    }
}

/// The address family of a CIDR block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// What a rule lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Everything.
    All,
    /// Ports of one protocol, both ends included.
    Ports(Protocol, u16, u16),
    /// Something without ports (ICMP).
    Other,
}

/// A protocol with ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

impl Traffic {
    /// From the protocol's name or number and the ports as written; missing ports are all of them.
    pub(crate) fn read(protocol: &str, from: Option<f64>, to: Option<f64>) -> Self {
        let protocol = match protocol.trim().to_lowercase().as_str() {
            "-1" | "all" => return Self::All,
            "tcp" | "6" => Protocol::Tcp,
            "udp" | "17" => Protocol::Udp,
            _ => return Self::Other,
        };
        // The casts saturate: -1 and less is the first port, too large is the last.
        let port = |n: f64| n as u16;
        match (from, to) {
            (None, None) => Self::Ports(protocol, 0, u16::MAX),
            (Some(f), Some(t)) if f < 0.0 && t < 0.0 => Self::Ports(protocol, 0, u16::MAX),
            (Some(f), Some(t)) => Self::Ports(protocol, port(f), port(t)),
            (Some(one), None) | (None, Some(one)) => Self::Ports(protocol, port(one), port(one)),
        }
    }

    /// Whether one of these ports is let through, by one of these protocols.
    pub(crate) fn covers(self, ports: &[u16], protocols: &[Protocol]) -> bool {
        match self {
            Self::All => true,
            Self::Ports(protocol, from, to) => {
                protocols.contains(&protocol) && ports.iter().any(|p| (from..=to).contains(p))
            }
            Self::Other => false,
        }
    }

    /// Whether it lets through more than these ports.
    pub(crate) fn exceeds(self, ports: &[u16]) -> bool {
        match self {
            Self::All => true,
            Self::Ports(_, from, to) => (from..=to).any(|p| !ports.contains(&p)),
            Self::Other => true,
        }
    }
}

impl std::fmt::Display for Traffic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all traffic"),
            Self::Ports(protocol, from, to) => {
                let protocol = match protocol {
                    Protocol::Tcp => "TCP",
                    Protocol::Udp => "UDP",
                };
                match (*from, *to) {
                    (0, u16::MAX) => write!(f, "all {protocol} ports"),
                    (from, to) if from == to => write!(f, "{protocol} port {from}"),
                    (from, to) => write!(f, "{protocol} ports {from} to {to}"),
                }
            }
            Self::Other => f.write_str("other traffic"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public() {
        for (cidr, family) in [
            ("0.0.0.0/0", Family::V4),
            ("10.0.0.0/0", Family::V4),
            ("0.0.0.0/1", Family::V4),
            ("128.0.0.0/1", Family::V4),
            ("::/0", Family::V6),
            ("8000::/1", Family::V6),
            ("2000::/3", Family::V6),
            (" 0.0.0.0/0 ", Family::V4),
        ] {
            assert_eq!(is_public(cidr), Some(family), "{cidr}");
        }
        for cidr in [
            "10.0.0.0/8",
            "0.0.0.0/8",
            "fc00::/7",
            "fe80::/3",
            "0.0.0.0",
            "all",
            "0.0.0.0/x",
        ] {
            assert_eq!(is_public(cidr), None, "{cidr}");
        }
    }

    #[test]
    fn protocols_and_ports_in_their_spellings() {
        let tcp = [Protocol::Tcp];
        assert!(Traffic::read("-1", Some(0.0), Some(0.0)).covers(&[22], &tcp));
        assert!(Traffic::read("ALL", None, None).covers(&[22], &tcp));
        assert!(Traffic::read("6", Some(20.0), Some(25.0)).covers(&[22], &tcp));
        assert!(Traffic::read("tcp", Some(-1.0), Some(-1.0)).covers(&[22], &tcp));
        assert!(Traffic::read("tcp", Some(0.0), Some(65535.0)).covers(&[22], &tcp));
        assert!(!Traffic::read("tcp", Some(0.0), Some(0.0)).covers(&[22], &tcp));
        assert!(!Traffic::read("tcp", Some(23.0), Some(80.0)).covers(&[22], &tcp));
        assert!(!Traffic::read("udp", Some(22.0), Some(22.0)).covers(&[22], &tcp));
        assert!(Traffic::read("17", Some(22.0), Some(22.0)).covers(&[22], &[Protocol::Udp]));
        assert!(!Traffic::read("icmp", Some(-1.0), Some(-1.0)).covers(&[22], &tcp));
        assert!(Traffic::read("tcp", Some(22.0), Some(23.0)).exceeds(&[22]));
        assert!(!Traffic::read("tcp", Some(22.0), Some(22.0)).exceeds(&[22]));
    }

    #[test]
    fn traffic_in_words() {
        assert_eq!(
            Traffic::read("tcp", Some(22.0), Some(22.0)).to_string(),
            "TCP port 22"
        );
        assert_eq!(
            Traffic::read("udp", Some(1.0), Some(9.0)).to_string(),
            "UDP ports 1 to 9"
        );
        assert_eq!(
            Traffic::read("tcp", None, None).to_string(),
            "all TCP ports"
        );
        assert_eq!(Traffic::read("-1", None, None).to_string(), "all traffic");
    }
}
