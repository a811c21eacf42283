//! `tfmend schema config|output|rule`.

use std::io::Write;

use super::args::SchemaOf;
use super::{Done, code};

pub(super) fn run(of: SchemaOf, out: &mut dyn Write) -> Done {
    let schema = match of {
        SchemaOf::Config => crate::config::schema(),
        SchemaOf::Output => schemars::schema_for!(crate::outcome::Output).to_value(),
        SchemaOf::Check => schemars::schema_for!(crate::check::CheckOutput).to_value(),
        SchemaOf::Rule => crate::rules::schema(),
    };
    serde_json::to_writer_pretty(&mut *out, &schema).map_err(|e| anyhow::anyhow!(e))?;
    writeln!(out)?;
    Ok(code::DONE)
}
