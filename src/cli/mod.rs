//! The command line: one file a verb.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

mod also;
mod args;
mod check;
mod doctor;
mod emergency;
mod explain;
mod fix;
#[cfg(feature = "github")]
mod github;
mod hub;
mod init;
mod people;
mod plan;
mod pr;
mod rules;
mod schema;
mod session;
mod sources;
mod states;

/// Exit codes of every verb, as documented in the help.
mod code {
    pub(super) const DONE: u8 = 0;
    pub(super) const FAILED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const NO_INPUT: u8 = 3;
    pub(super) const CHANGES: u8 = 10;
    pub(super) const NEEDS_HUMAN: u8 = 11;
}

/// Why a verb stopped before its end, by exit code.
#[derive(Debug)]
enum Stop {
    /// Wrong arguments or configuration.
    Usage(anyhow::Error),
    /// Nothing to work on.
    NoInput(String),
    /// Something failed.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

type Done = Result<u8, Stop>;

/// Stack of the thread that works. The futures of the AWS SDK are large where nothing is optimised: a debug build
/// overflows the 8 MiB that a main thread has.
const STACK: usize = 64 << 20;

/// Runs the command line of this process. stdout is the result, stderr the log and the progress.
#[must_use]
pub fn main() -> ExitCode {
    let worker = std::thread::Builder::new()
        .name("main".to_owned())
        .stack_size(STACK)
        .spawn(work);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // No thread to be had: it works on this one as well, nearly always.
        Err(_) => work(),
    }
}

fn work() -> ExitCode {
    let cli = args::Cli::parse();
    start_log(&cli);
    // Deep code is followed by recursion on these threads too. An error means that there are some already.
    let _ = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build_global();
    let choice = match cli.color {
        args::Colour::Auto => anstream::ColorChoice::Auto,
        args::Colour::Always => anstream::ColorChoice::Always,
        args::Colour::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
    let mut out = std::io::BufWriter::new(anstream::stdout());
    let done = match &cli.verb {
        args::Verb::Plan(inputs) => plan::run(inputs, &mut out),
        args::Verb::Fix(inputs) => fix::run(inputs, &mut out),
        args::Verb::Pr(pr) => pr::run(pr, &mut out),
        args::Verb::Check(check) => check::run(check, &mut out),
        args::Verb::Emergency(verb) => emergency::run(verb, &mut out),
        args::Verb::Doctor(doctor) => doctor::run(doctor, &mut out),
        args::Verb::Init(init) => init::run(init, &mut out),
        args::Verb::Rules(verb) => rules::run(verb, &mut out),
        args::Verb::Explain(explain) => explain::run(explain, &mut out),
        args::Verb::Schema { of } => schema::run(*of, &mut out),
        args::Verb::Completions { shell } => {
            clap_complete::generate(*shell, &mut args::Cli::command(), "tfmend", &mut out);
            Ok(code::DONE)
        }
    };
    let done = done.and_then(|code| out.flush().map(|()| code).map_err(Stop::from));
    match done {
        Ok(code) => ExitCode::from(code),
        // Whoever reads our output may stop reading (`| head`): that is no failure of ours.
        Err(Stop::Failed(e)) if is_broken_pipe(&e) => ExitCode::from(code::DONE),
        Err(stop) => {
            let (code, text) = match stop {
                Stop::Usage(e) => (code::USAGE, format!("{e:#}")),
                Stop::NoInput(text) => (code::NO_INPUT, text),
                Stop::Failed(e) => (code::FAILED, format!("{e:#}")),
            };
            complain(&text);
            ExitCode::from(code)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|e| e.downcast_ref::<std::io::Error>())
        .any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn complain(text: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    // Nothing sensible is left to do when stderr is gone.
    let _ = writeln!(anstream::stderr(), "{style}error{style:#}: {text}");
}

fn start_log(cli: &args::Cli) {
    use tracing_subscriber::EnvFilter;
    let default = match cli.verbose {
        // That there is no EC2 instance to ask for a region is no news; our own error says what is missing.
        0 => "warn,aws_config=error",
        1 => "tfmend=info",
        2 => "tfmend=debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("TFMEND_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second subscriber (tests in one process) keeps the first.
    let _ = if cli.log_json {
        log.json().try_init()
    } else {
        log.with_target(false).without_time().try_init()
    };
}
