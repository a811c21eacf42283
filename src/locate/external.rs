//! Code that is not this repository's: the call that leads out of it, and what to do about what lies behind.
//!
//! A call of a module from a registry or another repository may lead to installed code, to an outline of a well-known
//! module, or to nothing that can be read. In none of them is anything edited: only the call is.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::module::{Call, Configuration, ExternalCall, Occurrence};
use crate::terraform::registry::{self, Known, ModuleSource};
use crate::terraform::{RepoPath, SourceFile};

/// The call by which an address leaves the repository.
pub(crate) struct External<'a> {
    /// Labels of the calls from the root, this one last.
    pub(crate) path: Vec<String>,
    /// The call.
    pub(crate) call: Call<'a>,
    /// `version`, when it is plain text.
    pub(crate) version: Option<&'a str>,
    /// Where its code or outline lies in the estate; `None` when there is none.
    pub(crate) dir: Option<RepoPath>,
}

impl<'a> External<'a> {
    /// The first call on a chain of labels that leads out of the repository; `None` when none does.
    pub(crate) fn of(
        configuration: &Configuration<'a>,
        root: &RepoPath,
        modules: &[String],
    ) -> Option<Self> {
        (1..=modules.len()).find_map(|depth| {
            let path = &modules[..depth];
            let dir = configuration.module_at(root, path);
            if dir.as_ref().is_some_and(|dir| !is_installed(dir)) {
                return None;
            }
            let call = configuration.call_at(root, path)?;
            let version = call.block.body.get_attribute("version");
            Some(Self {
                path: path.to_vec(),
                call,
                version: version.and_then(|a| a.value.as_str()),
                dir,
            })
        })
    }

    /// A call of which neither code nor outline is there.
    pub(crate) fn of_call(call: &ExternalCall<'a>) -> Self {
        Self {
            path: call.path.clone(),
            call: call.call,
            version: call.version,
            dir: None,
        }
    }

    /// The well-known module whose outline is looked at; `None` for installed code, which counts before it.
    pub(crate) fn outline(&self) -> Option<Known> {
        self.dir.as_ref().and_then(Known::at)
    }

    /// The well-known module that is called, whether its code is installed or not.
    pub(crate) fn known(&self) -> Option<Known> {
        Known::called(self.call.source?, self.version)
    }

    /// `` `terraform-aws-modules/rds/aws`, version ~> 6.0 ``.
    pub(crate) fn source_in_words(&self) -> String {
        let Some(source) = self.call.source else {
            return "a source that is not plain text".to_owned();
        };
        match self.version {
            Some(version) => format!("`{source}`, version {version}"),
            None => format!("`{source}`"),
        }
    }

    /// Where the module's owners take issues, when its source tells.
    pub(crate) fn issues(&self) -> Option<String> {
        registry::issues(&ModuleSource::read(self.call.source?)?.name)
    }

    /// The directory and reference of a Git source whose directory is in this repository too: most likely a release of
    /// this very repository. The pinned reference decides, not the working tree.
    fn own_release(&self, configuration: &Configuration<'_>) -> Option<(RepoPath, String)> {
        let source = self.call.source?;
        let (address, query) = source.split_once('?').unwrap_or((source, ""));
        let git = [
            "git::",
            "git@",
            "ssh://",
            "github.com/",
            "gitlab.com/",
            "bitbucket.org/",
        ];
        if !git.iter().any(|start| address.starts_with(start)) {
            return None;
        }
        let inside = address
            .split_once("://")
            .map_or(address, |(_, rest)| rest)
            .split_once("//")?
            .1;
        let dir = RepoPath::new(inside.trim_matches('/'))?;
        let reference = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("ref="))
            .unwrap_or("its default branch");
        let there = configuration.estate().files_in(&dir).next().is_some();
        there.then(|| (dir, reference.to_owned()))
    }

    /// What a human does who wants an input that the module may not have.
    pub(crate) fn ask_its_owner(&self) -> String {
        match self.issues() {
            Some(url) => format!("ask its owners for one ({url})"),
            None => "ask its owners for one".to_owned(),
        }
    }

    /// The refusal for a block of whose code nothing can be read.
    pub(crate) fn unread(&self, configuration: &Configuration<'_>, what: &str) -> Refusal {
        let label = self.path.join(".");
        if self.call.source.is_none() {
            return Refusal::new(
                RefusalKind::ExternalModule,
                format!(
                    "{what} is made inside of module `{label}`, whose `source` is no plain text: which code that is depends on the run"
                ),
                "write the `source` of the call as plain text, or change what it leads to by hand",
            );
        }
        if let Some((dir, reference)) = self.own_release(configuration) {
            return Refusal::new(
                RefusalKind::ExternalModule,
                format!(
                    "{what} is made inside of module `{label}`, which is `{dir}` as of `{reference}` in a Git repository ({}): not the code in this working tree",
                    self.source_in_words()
                ),
                format!(
                    "if that is this repository: change `{dir}`, release it, and raise `ref` at the call; or call it by its path"
                ),
            );
        }
        let source = self.call.source.and_then(ModuleSource::read);
        let versions = source
            .as_ref()
            .and_then(|s| registry::outline(&s.name, &s.inside))
            .map(|o| match self.known() {
                Some(_) => "what is known of that version tells of no such block".to_owned(),
                None => format!(
                    "of that module the versions {} to {} are known",
                    o.first, o.last
                ),
            });
        let message = format!(
            "{what} is made inside of module `{label}`, whose code ({}) is not in this repository",
            self.source_in_words()
        );
        let message = match versions {
            Some(known) => format!("{message}; {known}"),
            None => message,
        };
        Refusal::new(
            RefusalKind::ExternalModule,
            message,
            format!(
                "install it (`terraform get`), so that its code can be read, and run again; or set the input of module `{label}` that decides it by hand, if it has one; else {}",
                self.ask_its_owner()
            ),
        )
    }
}

/// File and line at which a reader finds a block: its own, or those of the call that makes it somewhere else.
pub(crate) fn stands(
    configuration: &Configuration<'_>,
    occurrence: &Occurrence<'_>,
) -> (RepoPath, usize) {
    let (file, block) = reader_sees(configuration, occurrence);
    let line = block.span().map_or(1, |span| file.line(span.start));
    (file.path().clone(), line)
}

/// The block that a reader finds, with its file: the block itself, or the call that makes it somewhere else.
pub(crate) fn reader_sees<'a>(
    configuration: &Configuration<'a>,
    occurrence: &Occurrence<'a>,
) -> (&'a SourceFile, &'a Block) {
    let own = (occurrence.resource.file, occurrence.resource.block);
    if !is_installed(own.0.path()) {
        return own;
    }
    External::of(configuration, &occurrence.root, &occurrence.address.modules)
        .map_or(own, |external| (external.call.file, external.call.block))
}

/// Whether code lies where Terraform installs modules, or where outlines are laid.
fn is_installed(path: &RepoPath) -> bool {
    path.as_str().split('/').any(|part| part == ".terraform")
}
