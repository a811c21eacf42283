//! Text that somebody else wrote, made harmless for Markdown.
//!
//! Invariant 10: titles, resource names, tags and code come from outside. Nothing in them may mention a person,
//! open a link, close a table cell or a fence, start a comment, or hide characters from the reader.

/// Longest text that is shown inline.
const INLINE: usize = 300;

/// Characters that change how the text around them is shown without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || (c.is_control() && c != '\n' && c != '\t')
}

/// One line of plain text: no line breaks, no invisible characters, at most `max` characters.
#[must_use]
pub fn plain(text: &str, max: usize) -> String {
    let mut line = String::new();
    let shown = text
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !is_invisible(*c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{0085}'))
        .collect::<String>();
    for word in shown.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    clip(&line, max)
}

/// The first `max` characters, with `…` where something is missing.
#[must_use]
pub fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Plain text for running Markdown and for table cells.
#[must_use]
pub fn text(untrusted: &str) -> String {
    text_of(&plain(untrusted, INLINE))
}

fn text_of(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut rest = line.chars().peekable();
    let mut first = true;
    let mut digits_only = true;
    let mut before: Option<char> = None;
    while let Some(c) = rest.next() {
        match c {
            // Inside a word an underscore is an underscore: `aws_s3_bucket` stays readable.
            '_' if before.is_some_and(char::is_alphanumeric)
                && rest.peek().is_some_and(|n| n.is_alphanumeric()) =>
            {
                out.push(c);
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '!' | '&'
            | '$' => {
                out.push('\\');
                out.push(c);
            }
            // A zero-width space keeps the character readable and stops mentions, issue links and bare URLs.
            '@' => out.push_str("@\u{200b}"),
            '#' => out.push_str(if first { "\\#\u{200b}" } else { "#\u{200b}" }),
            ':' if rest.peek() == Some(&'/') => out.push_str(":\u{200b}"),
            '.' if ends_with_www(&out) => out.push_str("\u{200b}."),
            '-' | '+' | '=' if first => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if digits_only && !first => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        digits_only &= c.is_ascii_digit();
        first = false;
        before = Some(c);
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3
        && text
            .get(text.len() - 3..)
            .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// A code span. Safe in running text; for table cells see [`code_cell`].
#[must_use]
pub fn code(untrusted: &str) -> String {
    code_of(&plain(untrusted, INLINE))
}

fn code_of(line: &str) -> String {
    if line.is_empty() {
        return "–".to_owned();
    }
    let ticks = "`".repeat(longest_run(line, '`') + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{line}{pad}{ticks}")
}

/// A code span inside a table cell, where `|` would end the cell even in code.
#[must_use]
pub fn code_cell(untrusted: &str) -> String {
    code(untrusted).replace('|', "\\|")
}

/// A sentence of ours that quotes code in single backticks: the quotes stay code spans, the rest is [`text`].
/// When the backticks do not pair up, everything is text.
#[must_use]
pub fn prose(sentence: &str) -> String {
    let line = plain(sentence, 4 * INLINE);
    let parts: Vec<&str> = line.split('`').collect();
    let paired = parts.len() % 2 == 1
        && parts
            .iter()
            .skip(1)
            .step_by(2)
            .all(|quoted| !quoted.is_empty());
    if !paired {
        return text_of(&line);
    }
    parts
        .iter()
        .enumerate()
        .map(|(i, part)| {
            if i % 2 == 1 {
                return code_of(part);
            }
            // What follows a quotation is not the start of a line.
            let start = i > 0 && !part.is_empty();
            let escaped = text_of(&if start {
                format!(" {part}")
            } else {
                (*part).to_owned()
            });
            if start {
                escaped.chars().skip(1).collect()
            } else {
                escaped
            }
        })
        .collect()
}

/// A fenced block whose fence is longer than any run of backticks inside. Invisible characters are spelled out.
#[must_use]
pub fn fence(info: &str, body: &str) -> String {
    let ticks = "`".repeat(longest_run(body, '`').max(2) + 1);
    let mut shown = String::with_capacity(body.len());
    for c in body.replace("\r\n", "\n").chars() {
        if is_invisible(c) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    let end = if shown.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{info}\n{shown}{end}{ticks}")
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A link with our own label, or nothing when the address is not plain http(s).
#[must_use]
pub fn link(label: &str, url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    if rest.is_empty()
        || url.len() > 2000
        || url.chars().any(|c| c.is_whitespace() || is_invisible(c))
    {
        return None;
    }
    let mut safe = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '(' | ')' | '<' | '>' | '|' | '"' | '\'' | '`' | '[' | ']' | '\\' | '*' | '{' | '}' => {
                safe.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => safe.push(c),
        }
    }
    Some(format!("[{}]({safe})", text(label)))
}

/// A word for a POSIX shell.
#[must_use]
pub fn shell(word: &str) -> String {
    let simple = !word.is_empty()
        && !word.starts_with('-')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c));
    if simple {
        word.to_owned()
    } else {
        format!("'{}'", plain(word, 1000).replace('\'', "'\\''"))
    }
}

/// A TOML basic string.
#[must_use]
pub fn toml_string(value: &str) -> String {
    let mut out = String::from("\"");
    for c in plain(value, 1000).chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_a_link_and_a_comment_stay_text() {
        let shown =
            text("@octocat [x](https://evil.example) <!-- tfmend:v1 {} --> #12 www.evil.example");
        assert_eq!(
            shown,
            "@\u{200b}octocat \\[x\\](https:\u{200b}//evil.example) \\<\\!-- tfmend:v1 \\{\\} --\\> #\u{200b}12 www\u{200b}.evil.example"
        );
    }

    #[test]
    fn line_breaks_and_bidi_controls_disappear() {
        assert_eq!(plain("a\r\n| b |\u{202e}\tc\u{0}", 80), "a | b | c");
        assert_eq!(text("a\n| b"), "a \\| b");
        assert_eq!(plain("abcdef", 4), "abc…");
    }

    #[test]
    fn a_text_cannot_start_a_list_or_a_heading() {
        assert_eq!(text("- item"), "\\- item");
        assert_eq!(text("1. item"), "1\\. item");
        assert_eq!(text("# head"), "\\#\u{200b} head");
    }

    #[test]
    fn names_stay_readable_and_emphasis_stays_text() {
        assert_eq!(text("aws_s3_bucket.logs_eu"), "aws_s3_bucket.logs_eu");
        assert_eq!(text("_x_ __y__ a_"), "\\_x\\_ \\_\\_y\\_\\_ a\\_");
    }

    #[test]
    fn backticks_get_a_longer_fence() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code_cell("a|b"), "`a\\|b`");
        assert_eq!(code(""), "–");
        assert_eq!(
            fence("hcl", "x = <<E\n````\nE\n"),
            "`````hcl\nx = <<E\n````\nE\n`````"
        );
        assert_eq!(fence("", "a\u{202e}b"), "```\na<U+202E>b\n```");
    }

    #[test]
    fn prose_keeps_quotations_and_escapes_the_rest() {
        assert_eq!(
            prose("set `acl` to `\"private\"` | @x"),
            "set `acl` to `\"private\"` \\| @\u{200b}x"
        );
        assert_eq!(prose("odd ` tick <b>"), "odd \\` tick \\<b\\>");
        assert_eq!(prose("`a`- b"), "`a`- b");
    }

    #[test]
    fn only_plain_web_links_are_links() {
        assert_eq!(link("page", "javascript:alert(1)"), None);
        assert_eq!(link("page", "https://a b"), None);
        assert_eq!(
            link("page", "https://a/)](x)").as_deref(),
            Some("[page](https://a/%29%5D%28x%29)")
        );
    }

    #[test]
    fn shell_words_and_toml_strings_are_quoted() {
        assert_eq!(shell("envs/prod"), "envs/prod");
        assert_eq!(shell("a b'; rm -rf /"), "'a b'\\''; rm -rf /'");
        assert_eq!(shell("-x"), "'-x'");
        assert_eq!(toml_string("a\"\n[b]\\"), "\"a\\\" [b]\\\\\"");
    }
}
