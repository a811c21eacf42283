//! Functions on times that the code gives: no clock is asked.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::{Outcome, Result, arg, arity, made_text, string};
use crate::terraform::value::{Kind, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "timeadd" => timeadd(args),
        "timecmp" => timecmp(args),
        "formatdate" => formatdate(args),
        _ => return None,
    })
}

/// A time as it is written, with its distance from UTC in seconds.
struct Time {
    local: DateTime,
    offset: i32,
}

impl Time {
    /// Reads RFC 3339 without fractions of seconds.
    fn read(text: &str) -> std::result::Result<Self, Unknown> {
        let odd = || Unknown::Unsupported("a time of this form".to_owned());
        let number = |from: usize, to: usize| -> Option<i16> {
            text.get(from..to)
                .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|t| t.parse().ok())
        };
        let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
        let bytes = text.as_bytes();
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if bytes.len() < 20 || marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
            return Err(odd());
        }
        let date = |year, month, day| Date::new(year, month, day).ok();
        let local = (|| {
            let date = date(number(0, 4)?, small(5)?, small(8)?)?;
            let time = jiff::civil::Time::new(small(11)?, small(14)?, small(17)?, 0).ok()?;
            Some(date.to_datetime(time))
        })()
        .ok_or_else(odd)?;
        let offset = match &text[19..] {
            "Z" => 0,
            zone if zone.len() == 6 && zone.as_bytes()[3] == b':' => {
                let (hours, minutes) = (small(20), small(23));
                let (Some(hours), Some(minutes)) = (hours, minutes) else {
                    return Err(odd());
                };
                if hours > 23 || minutes > 59 {
                    return Err(odd());
                }
                let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
                match zone.as_bytes()[0] {
                    b'+' => seconds,
                    b'-' => -seconds,
                    _ => return Err(odd()),
                }
            }
            _ => return Err(odd()),
        };
        Ok(Self { local, offset })
    }

    fn instant(&self) -> std::result::Result<Timestamp, Unknown> {
        Offset::from_seconds(self.offset)
            .and_then(|offset| offset.to_timestamp(self.local))
            .map_err(|_| Unknown::Unsupported("a time of this form".to_owned()))
    }

    fn zone(&self, colon: bool) -> String {
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        let colon = if colon { ":" } else { "" };
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }
}

fn timecmp(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let a = Time::read(&string(arg(args, 0)?)?)?.instant()?;
    let b = Time::read(&string(arg(args, 1)?)?)?.instant()?;
    Ok(Outcome::Made(Kind::Number(match a.cmp(&b) {
        std::cmp::Ordering::Less => -1.0,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => 1.0,
    })))
}

fn timeadd(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let time = Time::read(&string(arg(args, 0)?)?)?;
    let by = duration(&string(arg(args, 1)?)?)?;
    let local = time
        .local
        .checked_add(by)
        .map_err(|_| Unknown::Unsupported("a time of this form".to_owned()))?;
    let time = Time { local, ..time };
    let zone = if time.offset == 0 {
        "Z".to_owned()
    } else {
        time.zone(true)
    };
    made_text(format!(
        "{}{zone}",
        time.local.strftime("%Y-%m-%dT%H:%M:%S")
    ))
}

/// `1h30m`: whole numbers of hours, minutes and seconds.
fn duration(text: &str) -> std::result::Result<SignedDuration, Unknown> {
    let odd = || Unknown::Unsupported("a duration of this form".to_owned());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return Err(odd());
    }
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .filter(|end| *end > 0)
            .ok_or_else(odd)?;
        let number: i64 = rest[..end].parse().map_err(|_| odd())?;
        let unit = rest[end..].chars().next().ok_or_else(odd)?;
        let each = match unit {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return Err(odd()),
        };
        rest = &rest[end + 1..];
        // `ms` is no minute.
        if unit == 'm' && rest.starts_with('s') {
            return Err(odd());
        }
        seconds = number
            .checked_mul(each)
            .and_then(|n| seconds.checked_add(n))
            .filter(|n| *n < 9_000_000_000)
            .ok_or_else(odd)?;
    }
    Ok(SignedDuration::from_secs(if negative {
        -seconds
    } else {
        seconds
    }))
}

fn formatdate(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (spec, time) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    let time = Time::read(&time)?;
    let at = time.local;
    let mut out = String::new();
    let mut rest = spec.as_str();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            // `''` is a quote inside of quoted text.
            let mut text = String::new();
            let mut chars = rest[1..].char_indices().peekable();
            let mut end = None;
            while let Some((i, c)) = chars.next() {
                if c != '\'' {
                    text.push(c);
                } else if chars.next_if(|(_, c)| *c == '\'').is_some() {
                    text.push('\'');
                } else {
                    end = Some(i + 2);
                    break;
                }
            }
            let end = end.ok_or_else(|| Unknown::Invalid("a quote that is not closed".into()))?;
            out.push_str(&text);
            rest = &rest[end..];
            continue;
        }
        let length = rest.find(|c| c != first).unwrap_or(rest.len());
        let (token, behind) = rest.split_at(length);
        rest = behind;
        if !first.is_ascii_alphabetic() {
            out.push_str(token);
            continue;
        }
        let strf = |form: &str| at.strftime(form).to_string();
        let twelve = (at.hour() + 11) % 12 + 1;
        out.push_str(&match token {
            "YYYY" => strf("%Y"),
            "YY" => strf("%y"),
            "MMMM" => strf("%B"),
            "MMM" => strf("%b"),
            "MM" => strf("%m"),
            "M" => at.month().to_string(),
            "DD" => strf("%d"),
            "D" => at.day().to_string(),
            "EEEE" => strf("%A"),
            "EEE" => strf("%a"),
            "hh" => strf("%H"),
            "h" => at.hour().to_string(),
            "HH" => format!("{twelve:02}"),
            "H" => twelve.to_string(),
            "AA" => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            "aa" => if at.hour() < 12 { "am" } else { "pm" }.to_owned(),
            "mm" => strf("%M"),
            "m" => at.minute().to_string(),
            "ss" => strf("%S"),
            "s" => at.second().to_string(),
            "ZZZZZ" => time.zone(true),
            "ZZZZ" => time.zone(false),
            "ZZZ" if time.offset == 0 => "UTC".to_owned(),
            "Z" if time.offset == 0 => "Z".to_owned(),
            "ZZZ" => time.zone(false),
            "Z" => time.zone(true),
            _ => return Err(Unknown::Invalid(format!("`{token}` in a date"))),
        });
    }
    made_text(out)
}
