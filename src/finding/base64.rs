//! Base64 as Pub/Sub writes it: standard and URL-safe alphabet, padding optional, white space ignored.

/// Decodes `text`; `None` when a character does not belong to either alphabet or the length is impossible.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut pending: u32 = 0;
    let mut bits = 0_u32;
    let mut padded = false;
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            _ => return None,
        };
        if padded {
            return None;
        }
        pending = (pending << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(((pending >> bits) & 0xff) as u8);
        }
    }
    // Six left-over bits mean a lone character, which encodes nothing.
    (bits < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn standard_url_safe_and_unpadded() {
        assert_eq!(decode("eyJhIjoxfQ==").unwrap(), b"{\"a\":1}");
        assert_eq!(decode("eyJhIjoxfQ").unwrap(), b"{\"a\":1}");
        assert_eq!(decode("-_-_").unwrap(), decode("+/+/").unwrap());
        assert_eq!(decode("ey\nJh").unwrap(), b"{\"a");
    }

    #[test]
    fn what_is_not_base64() {
        assert_eq!(decode("{}"), None);
        assert_eq!(decode("A"), None);
        assert_eq!(decode("QQ==QQ"), None);
    }
}
