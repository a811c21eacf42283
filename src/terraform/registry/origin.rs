//! Where a module comes from: the forms of `source` that lead to a module of a public registry or its repository.

use super::version::{Allowed, Version};

/// A module of the public registry, told from any form of `source` that leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleSource {
    /// `terraform-aws-modules/s3-bucket/aws`, in lower case.
    pub name: String,
    /// `modules/notification`; empty for the module itself.
    pub inside: String,
    /// What a Git reference says of the version.
    pub reference: Reference,
}

/// What `?ref=` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A module of the registry: `version` says.
    Registry,
    /// A tag that is a version.
    Tag(Version),
    /// A branch, a commit or nothing: any version.
    Moving,
}

/// Hosts whose modules are those of the public registries. Other hosts may serve something else by the same name.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

impl ModuleSource {
    /// Reads `source`. `None` for local paths, other hosts and everything else that is no module of the registry by
    /// its form.
    #[must_use]
    pub fn read(source: &str) -> Option<Self> {
        let source = source.trim();
        if source.starts_with('.') || source.starts_with('/') {
            return None;
        }
        from_git(source).or_else(|| from_registry(source))
    }

    /// The versions that may be meant, `version` being that of the call.
    #[must_use]
    pub fn allowed(&self, version: Option<&str>) -> Option<Allowed> {
        match &self.reference {
            Reference::Tag(version) => Some(Allowed::exactly(*version)),
            Reference::Moving => Some(Allowed::ANY),
            Reference::Registry => match version {
                Some(constraint) => Allowed::read(constraint),
                None => Some(Allowed::ANY),
            },
        }
    }
}

/// `[host/]namespace/name/provider[//inside]`.
fn from_registry(source: &str) -> Option<ModuleSource> {
    let (address, inside) = split_inside(source);
    let parts: Vec<&str> = address.split('/').collect();
    let parts = match parts.as_slice() {
        [host, rest @ ..] if rest.len() == 3 && REGISTRIES.contains(host) => rest,
        parts if parts.len() == 3 => parts,
        _ => return None,
    };
    let is_name = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    parts.iter().all(is_name).then(|| ModuleSource {
        name: parts.join("/").to_ascii_lowercase(),
        inside: inside.to_owned(),
        reference: Reference::Registry,
    })
}

/// The repository of a module on GitHub, in one of the forms that `terraform init` takes.
fn from_git(source: &str) -> Option<ModuleSource> {
    let (address, query) = source.split_once('?').unwrap_or((source, ""));
    let plain = address.strip_prefix("git::").unwrap_or(address);
    let plain = ["https://", "http://", "ssh://", "git://"]
        .iter()
        .find_map(|scheme| plain.strip_prefix(scheme))
        .unwrap_or(plain);
    // A user or a token before the host.
    let plain = match plain.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => plain,
    };
    let path = plain
        .strip_prefix("github.com/")
        .or_else(|| plain.strip_prefix("github.com:"))
        .or_else(|| plain.strip_prefix("www.github.com/"))?;
    let (path, inside) = split_inside(path);
    let mut parts = path.split('/');
    let (owner, repository) = (parts.next()?, parts.next()?);
    let rest: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
    let archive = match rest.as_slice() {
        [] => None,
        ["archive", .., file] => Some(*file),
        _ => return None,
    };
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let (provider, name) = repository
        .strip_prefix("terraform-")?
        .split_once('-')
        .filter(|(provider, name)| !provider.is_empty() && !name.is_empty())?;
    let reference = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("ref="))
        .map(str::to_owned)
        .or_else(|| {
            archive.map(|file| {
                [".tar.gz", ".zip", ".tgz"]
                    .iter()
                    .find_map(|end| file.strip_suffix(end))
                    .unwrap_or(file)
                    .to_owned()
            })
        });
    let tag = reference.as_deref().and_then(|text| {
        let text = text.strip_prefix("refs/tags/").unwrap_or(text);
        // A tag names a version as a whole: `v4` is a branch that moves.
        (text.matches('.').count() == 2)
            .then(|| Version::read(text))
            .flatten()
    });
    Some(ModuleSource {
        name: format!("{owner}/{name}/{provider}").to_ascii_lowercase(),
        inside: inside.to_owned(),
        reference: tag.map_or(Reference::Moving, Reference::Tag),
    })
}

/// What stands before and behind the `//` that leads into a subdirectory.
fn split_inside(address: &str) -> (&str, &str) {
    match address.split_once("//") {
        Some((before, inside)) => (before, inside.trim_matches('/')),
        None => (address, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "terraform-aws-modules/s3-bucket/aws";

    #[test]
    fn every_form_of_a_source_leads_to_the_module() {
        for source in [
            BUCKET,
            "registry.terraform.io/terraform-aws-modules/s3-bucket/aws",
            "registry.opentofu.org/terraform-aws-modules/s3-bucket/aws",
            "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4.1.2",
            "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket?depth=1&ref=v4.1.2",
            "git::https://token@github.com/terraform-aws-modules/terraform-aws-s3-bucket.git",
            "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=4.1.2",
            "git@github.com:terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4.1.2",
            "github.com/terraform-aws-modules/terraform-aws-s3-bucket?ref=v4.1.2",
            "https://github.com/terraform-aws-modules/terraform-aws-s3-bucket/archive/v4.1.2.zip",
            "https://github.com/terraform-aws-modules/terraform-aws-s3-bucket/archive/refs/tags/v4.1.2.tar.gz",
        ] {
            let read = ModuleSource::read(source).unwrap_or_else(|| panic!("{source}"));
            assert_eq!(read.name, BUCKET, "{source}");
            assert_eq!(read.inside, "", "{source}");
        }
        for source in [
            "terraform-aws-modules/iam/aws//modules/iam-user",
            "git::https://github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?ref=v5.0.0",
        ] {
            let read = ModuleSource::read(source).unwrap();
            assert_eq!(read.name, "terraform-aws-modules/iam/aws");
            assert_eq!(read.inside, "modules/iam-user");
        }
    }

    #[test]
    fn another_place_is_another_module() {
        for source in [
            "./modules/bucket",
            "../bucket",
            "app.terraform.io/acme/s3-bucket/aws",
            "git::https://gitlab.com/terraform-aws-modules/terraform-aws-s3-bucket.git",
            "git::https://github.com.evil.example/terraform-aws-modules/terraform-aws-s3-bucket.git",
            "git::https://github.com/acme/infrastructure.git//modules/bucket?ref=v1.0.0",
            "s3::https://s3.amazonaws.com/acme/terraform-aws-s3-bucket.zip",
            "",
            "bucket",
        ] {
            let read = ModuleSource::read(source);
            assert!(
                read.as_ref().is_none_or(|m| m.name != BUCKET),
                "{source}: {read:?}"
            );
        }
        // A fork has another name.
        let fork =
            ModuleSource::read("github.com/acme/terraform-aws-s3-bucket?ref=v4.1.2").unwrap();
        assert_eq!(fork.name, "acme/s3-bucket/aws");
    }

    #[test]
    fn a_tag_is_a_version_and_a_branch_is_any() {
        let of = |source: &str, version: Option<&str>| {
            ModuleSource::read(source).and_then(|m| m.allowed(version))
        };
        let git = "github.com/terraform-aws-modules/terraform-aws-s3-bucket";
        assert_eq!(
            of(&format!("{git}?ref=v4.1.2"), None),
            Some(Allowed::exactly(Version(4, 1, 2)))
        );
        for moving in ["", "?ref=master", "?ref=v4", "?ref=0a1b2c3"] {
            assert_eq!(of(&format!("{git}{moving}"), None), Some(Allowed::ANY));
        }
        assert_eq!(of(BUCKET, None), Some(Allowed::ANY));
        assert_eq!(of(BUCKET, Some("~> 4.0")), Allowed::read("~> 4.0"));
        assert_eq!(of(BUCKET, Some("latest")), None);
    }
}
