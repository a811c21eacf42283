//! Every text a person reads, from `templates/`, embedded at build time.
//!
//! Markdown templates get text that is escaped already (see [`super::escape`]); HTML templates escape by themselves.

use std::sync::OnceLock;

use serde::Serialize;
use tera::{Context, Tera};

const SOURCES: [(&str, &str); 4] = [
    (
        "pull_request.md",
        include_str!("../../templates/pull_request.md"),
    ),
    ("dashboard.md", include_str!("../../templates/dashboard.md")),
    ("page.html", include_str!("../../templates/page.html")),
    ("index.html", include_str!("../../templates/index.html")),
];

/// Renders one of the embedded templates.
///
/// # Panics
/// Only if a template embedded in the binary is broken or asks for a value that its caller does not give; the tests
/// render every template.
#[must_use]
#[expect(
    clippy::panic,
    reason = "a broken embedded template is a defect of the build, not of the input"
)]
pub fn render(template: &str, values: &impl Serialize) -> String {
    static ENGINE: OnceLock<Tera> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let mut engine = Tera::new();
        engine.autoescape_on(vec![".html"]);
        match engine.add_raw_templates(SOURCES) {
            Ok(()) => engine,
            Err(error) => panic!("the embedded templates do not parse: {error}"),
        }
    });
    let rendered = Context::from_serialize(values).and_then(|c| engine.render(template, &c));
    match rendered {
        Ok(text) => text,
        Err(error) => panic!("the embedded template {template} does not render: {error}"),
    }
}
