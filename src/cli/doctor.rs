//! `tfmend doctor`: are configuration, code, credentials, permissions, tools and clocks as they should be?
//!
//! Every line is *ok*, *warn* or *fail* with the next step. It reads only, ends within a minute without a network, and
//! says what it could not look at instead of leaving it out.

use std::io::Write;

use serde::Serialize;

use super::args::{DoctorArgs, ListFormat};
use super::{Done, Stop, code};
use crate::pull_request::escape;

mod aws;
mod github;
mod here;

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    /// As it should be.
    Ok,
    /// Could not be seen, or will need attention.
    Warn,
    /// tfmend will fail.
    Fail,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    /// `configuration`, `code`, `tools`, `aws` or `github`.
    area: &'static str,
    standing: Standing,
    /// What was found, in a sentence.
    text: String,
    /// What to do; empty when there is nothing to do.
    next: String,
}

/// Everything that was looked at.
#[derive(Debug, Default)]
struct Findings(Vec<Check>);

impl Findings {
    fn say(&mut self, area: &'static str, standing: Standing, text: impl Into<String>, next: &str) {
        self.0.push(Check {
            area,
            standing,
            text: text.into(),
            next: next.to_owned(),
        });
    }

    fn ok(&mut self, area: &'static str, text: impl Into<String>) {
        self.say(area, Standing::Ok, text, "");
    }

    fn warn(&mut self, area: &'static str, text: impl Into<String>, next: &str) {
        self.say(area, Standing::Warn, text, next);
    }

    fn fail(&mut self, area: &'static str, text: impl Into<String>, next: &str) {
        self.say(area, Standing::Fail, text, next);
    }

    fn count(&self, standing: Standing) -> usize {
        self.0.iter().filter(|c| c.standing == standing).count()
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    ok: usize,
    warn: usize,
    fail: usize,
    checks: &'a [Check],
}

pub(super) fn run(args: &DoctorArgs, out: &mut dyn Write) -> Done {
    let env = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let mut found = Findings::default();
    here::configuration(args, &mut found);
    here::code(args, &mut found);
    here::tools(args, &mut found);
    if args.offline {
        let next = "run it without --offline where the network is";
        found.warn("aws", "not looked at: --offline", next);
        found.warn("github", "not looked at: --offline", next);
    } else {
        aws::look(args, &env, &mut found);
        github::look(args, &env, &mut found);
    }
    match args.format {
        ListFormat::Json => {
            let report = Report {
                version: 1,
                ok: found.count(Standing::Ok),
                warn: found.count(Standing::Warn),
                fail: found.count(Standing::Fail),
                checks: &found.0,
            };
            serde_json::to_writer_pretty(&mut *out, &report)
                .map_err(|e| Stop::Failed(anyhow::anyhow!(e)))?;
            writeln!(out)?;
        }
        ListFormat::Text => text(&found, out)?,
    }
    Ok(if found.count(Standing::Fail) > 0 {
        code::FAILED
    } else {
        code::DONE
    })
}

fn text(found: &Findings, out: &mut dyn Write) -> std::io::Result<()> {
    use anstyle::{AnsiColor, Style};
    // What services and files say is shown, not obeyed.
    let plain = |text: &str| escape::plain(text, 1000);
    let bold = Style::new().bold();
    let mut area = "";
    for check in &found.0 {
        if check.area != area {
            area = check.area;
            writeln!(out, "{bold}{area}{bold:#}")?;
        }
        let style = match check.standing {
            Standing::Ok => AnsiColor::Green,
            Standing::Warn => AnsiColor::Yellow,
            Standing::Fail => AnsiColor::Red,
        }
        .on_default();
        let word = check.standing.word();
        writeln!(out, "  {style}{word:<5}{style:#} {}", plain(&check.text))?;
        if !check.next.is_empty() {
            writeln!(out, "        next: {}", plain(&check.next))?;
        }
    }
    writeln!(
        out,
        "\n{} ok, {} to look at, {} failed",
        found.count(Standing::Ok),
        found.count(Standing::Warn),
        found.count(Standing::Fail)
    )
}

/// How far the clocks may be apart before something is refused: AWS takes five minutes.
#[cfg(feature = "aws")]
fn skew(area: &'static str, ahead: jiff::SignedDuration, found: &mut Findings) {
    let off = ahead.abs().as_secs();
    let way = if ahead.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let next = "set the machine's clock by NTP";
    match off {
        0..30 => found.ok(area, "this machine's clock agrees"),
        30..240 => found.warn(area, format!("this machine's clock is {off} s {way} theirs"), next),
        _ => found.fail(
            area,
            format!("this machine's clock is {off} s {way} theirs; signatures are refused from five minutes on"),
            next,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_cannot_forge_a_line() {
        let mut found = Findings::default();
        found.warn("aws", "AWS says\n  ok    all fine\u{1b}[2J", "do\rthis");
        let mut out = Vec::new();
        text(&found, &mut anstream::StripStream::new(&mut out)).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert_eq!(
            shown,
            "aws\n  warn  AWS says ok all fine[2J\n        next: do this\n\n0 ok, 1 to look at, 0 failed\n"
        );
    }

    #[cfg(feature = "aws")]
    #[test]
    fn a_clock_that_is_minutes_off_fails() {
        let standing = |seconds| {
            let mut found = Findings::default();
            skew("aws", jiff::SignedDuration::from_secs(seconds), &mut found);
            found.0[0].standing
        };
        assert_eq!(standing(-3), Standing::Ok);
        assert_eq!(standing(-90), Standing::Warn);
        assert_eq!(standing(301), Standing::Fail);
    }
}
