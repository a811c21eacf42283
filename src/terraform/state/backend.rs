//! Where a root keeps its state, as its `backend` block says.
//!
//! Terraform allows plain values only; OpenTofu also variables and locals, so what is no literal is evaluated. A block
//! may be partial: what is missing comes from files or `name=value` pairs, as with `-backend-config`. Nothing is
//! guessed: a bucket or key that is not known is an error that names it. Credentials that stand in code are never
//! read.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::Body;

use crate::terraform::Estate;
use crate::terraform::module::Configuration;
use crate::terraform::module::terragrunt::{At, Strategy, TOP, UNIT};
use crate::terraform::source::{RepoPath, SourceFile};

/// Arguments that hold a secret: never read.
const SECRET: [&str; 4] = ["access_key", "secret_key", "token", "sse_customer_key"];

/// A backend as written: its type and its arguments, nested ones with dots (`assume_role.role_arn`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The root.
    pub root: RepoPath,
    /// `s3`, `gcs`, `remote`; `cloud` for HCP Terraform's own block.
    pub kind: String,
    /// Known values; `Err` says why one is not known.
    arguments: BTreeMap<String, Result<String, String>>,
}

/// An S3 backend with everything that reading needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct S3Backend {
    /// The bucket.
    pub bucket: String,
    /// The key of the default workspace's state.
    pub key: String,
    /// The bucket's region; `None` = that of the environment.
    pub region: Option<String>,
    /// What stands before the other workspaces' keys: `env:`.
    pub workspace_key_prefix: String,
    /// The role that reads.
    pub role_arn: Option<String>,
    /// `external_id` of the role's trust policy.
    pub external_id: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
    /// An endpoint of its own.
    pub endpoint: Option<String>,
    /// Bucket names go into the path.
    pub use_path_style: bool,
}

/// Why a backend cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Another type than S3.
    #[error(
        "the state of {root} is kept in `{kind}`: only `s3` is read directly; fetch it with --state-cmd or pass it with --state"
    )]
    Kind {
        /// The root.
        root: String,
        /// The backend's type.
        kind: String,
    },
    /// Arguments that nothing gives.
    #[error(
        "the s3 backend of {root} does not say its {missing}: name what completes it (`-backend-config`) under [states.backend_config] of the configuration"
    )]
    Incomplete {
        /// The root.
        root: String,
        /// `bucket and key`.
        missing: String,
    },
    /// An argument whose value is not known.
    #[error(
        "`{argument}` of the s3 backend of {root} cannot be told from the code: {why}; give it under [states.backend_config] of the configuration"
    )]
    Unknown {
        /// The root.
        root: String,
        /// The argument.
        argument: String,
        /// Why.
        why: String,
    },
    /// A file that completes a backend does not parse.
    #[error("{0}")]
    File(String),
}

impl Backend {
    /// The backend of a root; `None` when it keeps its state beside itself.
    #[must_use]
    pub fn of(configuration: &Configuration<'_>, root: &RepoPath) -> Option<Self> {
        let mut found = None;
        for (file, terraform) in configuration.settings(root) {
            for block in terraform.body.blocks() {
                let kind = match block.ident.value().as_str() {
                    "backend" => block.labels.first().map(|l| l.as_str().to_owned()),
                    "cloud" => Some("cloud".to_owned()),
                    _ => None,
                };
                let Some(kind) = kind else { continue };
                let mut arguments = BTreeMap::new();
                collect(&block.body, "", &mut arguments, &|expression| {
                    let value = configuration.evaluate_in_root(root, file, expression);
                    value.as_text().ok_or_else(|| {
                        value
                            .why_unknown()
                            .map_or_else(|| "it is no text".to_owned(), |why| why.to_string())
                    })
                });
                // An override file stands later, and its block replaces the first.
                found = Some(Self {
                    root: root.clone(),
                    kind,
                    arguments,
                });
            }
        }
        found
    }

    /// The backend of a Terragrunt unit, as its `remote_state` says or the one that it includes: what is static in it.
    #[must_use]
    pub fn of_unit(estate: &Estate, root: &RepoPath) -> Option<Self> {
        let unit = At::unit(estate, estate.file(&root.join(UNIT)?)?);
        let included = unit.includes().into_iter().filter_map(|include| {
            let merged = include.strategy != Strategy::None;
            unit.included(include.file.as_ref().filter(|_| merged)?)
        });
        let mut said = std::iter::once(unit.clone()).chain(included.collect::<Vec<_>>());
        said.find_map(|at| {
            let block = at.body()?.get_blocks("remote_state").next()?;
            let kind = at.text(&block.body.get_attribute("backend")?.value)?;
            let mut arguments = BTreeMap::new();
            if let Some(config) = block.body.get_attribute("config") {
                let evaluate = |expression: &Expression| match at.text(expression) {
                    Some(text) if !text.contains(TOP) => Ok(text),
                    _ => Err("Terragrunt works it out at run time".to_owned()),
                };
                match &config.value {
                    Expression::Object(object) => {
                        entries(object, "", &mut arguments, &evaluate);
                    }
                    other => {
                        let why = evaluate(other).err().unwrap_or_default();
                        for name in ["bucket", "key"] {
                            arguments.insert(name.to_owned(), Err(why.clone()));
                        }
                    }
                }
            }
            Some(Self {
                root: root.clone(),
                kind,
                arguments,
            })
        })
    }

    /// Whether bucket and key are there, known or not.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        ["bucket", "key"]
            .iter()
            .all(|name| self.arguments.contains_key(*name))
    }

    /// The same backend with the arguments of a file in HCL (`*.tfbackend`), which win.
    ///
    /// # Errors
    /// When the file does not parse.
    pub fn with_file(&self, file: &SourceFile) -> Result<Self, BackendError> {
        let body = file.body().map_err(|e| BackendError::File(e.to_string()))?;
        let mut more = BTreeMap::new();
        collect(body, "", &mut more, &|_| {
            Err("only plain values are allowed there".to_owned())
        });
        let mut completed = self.clone();
        completed.arguments.extend(more);
        Ok(completed)
    }

    /// The same backend with one `name=value`; `None` when it is none.
    #[must_use]
    pub fn with_pair(&self, pair: &str) -> Option<Self> {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || SECRET.contains(&name) {
            return None;
        }
        let mut completed = self.clone();
        completed
            .arguments
            .insert(name.to_owned(), Ok(value.trim().to_owned()));
        Some(completed)
    }

    /// What reading needs.
    ///
    /// # Errors
    /// See [`BackendError`]; each names the root.
    pub fn s3(&self) -> Result<S3Backend, BackendError> {
        let root = if self.root.as_str().is_empty() {
            "the top directory".to_owned()
        } else {
            format!("`{}`", self.root)
        };
        if self.kind != "s3" {
            return Err(BackendError::Kind {
                root,
                kind: self.kind.clone(),
            });
        }
        let missing: Vec<&str> = ["bucket", "key"]
            .into_iter()
            .filter(|name| !self.arguments.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            return Err(BackendError::Incomplete {
                root,
                missing: missing.join(" and its "),
            });
        }
        let get = |names: &[&str]| -> Result<Option<String>, BackendError> {
            for name in names {
                match self.arguments.get(*name) {
                    None => {}
                    Some(Ok(value)) if value.is_empty() => {}
                    Some(Ok(value)) => return Ok(Some(value.clone())),
                    Some(Err(why)) => {
                        return Err(BackendError::Unknown {
                            root: root.clone(),
                            argument: (*name).to_owned(),
                            why: why.clone(),
                        });
                    }
                }
            }
            Ok(None)
        };
        let needed = |name: &str| {
            get(&[name])?.ok_or_else(|| BackendError::Incomplete {
                root: root.clone(),
                missing: name.to_owned(),
            })
        };
        Ok(S3Backend {
            bucket: needed("bucket")?,
            key: needed("key")?.trim_start_matches('/').to_owned(),
            region: get(&["region"])?,
            // An empty prefix is one, too.
            workspace_key_prefix: match self.arguments.get("workspace_key_prefix") {
                Some(Ok(prefix)) => prefix.trim_matches('/').to_owned(),
                Some(Err(_)) => get(&["workspace_key_prefix"])?.unwrap_or_default(),
                None => "env:".to_owned(),
            },
            role_arn: get(&["assume_role.role_arn", "role_arn"])?,
            external_id: get(&["assume_role.external_id", "external_id"])?,
            profile: get(&["profile"])?,
            endpoint: get(&["endpoints.s3", "endpoint"])?,
            use_path_style: get(&["use_path_style", "force_path_style"])?.as_deref()
                == Some("true"),
        })
    }
}

/// The arguments of a body, nested blocks and objects with dots.
fn collect(
    body: &Body,
    before: &str,
    out: &mut BTreeMap<String, Result<String, String>>,
    evaluate: &dyn Fn(&Expression) -> Result<String, String>,
) {
    for attribute in body.attributes() {
        let name = attribute.key.value().as_str();
        take(&format!("{before}{name}"), &attribute.value, out, evaluate);
    }
    for block in body.blocks() {
        let name = block.ident.value().as_str();
        collect(&block.body, &format!("{before}{name}."), out, evaluate);
    }
}

fn entries(
    object: &Object,
    before: &str,
    out: &mut BTreeMap<String, Result<String, String>>,
    evaluate: &dyn Fn(&Expression) -> Result<String, String>,
) {
    for (key, value) in object.iter() {
        let key = match key {
            ObjectKey::Ident(ident) => ident.as_str(),
            ObjectKey::Expression(e) => match e.as_str() {
                Some(text) => text,
                None => continue,
            },
        };
        take(&format!("{before}{key}"), value.expr(), out, evaluate);
    }
}

fn take(
    name: &str,
    expression: &Expression,
    out: &mut BTreeMap<String, Result<String, String>>,
    evaluate: &dyn Fn(&Expression) -> Result<String, String>,
) {
    if SECRET.contains(&name) {
        return;
    }
    let value = match expression {
        Expression::String(text) => Ok(text.as_str().to_owned()),
        Expression::Bool(flag) => Ok(flag.value().to_string()),
        Expression::Number(number) => Ok(number.value().to_string()),
        Expression::Null(_) => return,
        Expression::Parenthesis(inner) => return take(name, inner.inner(), out, evaluate),
        Expression::Object(object) => {
            return entries(object, &format!("{name}."), out, evaluate);
        }
        other => evaluate(other),
    };
    out.insert(name.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::Estate;

    fn backend(code: &str) -> Backend {
        let path = RepoPath::new("live/main.tf").unwrap();
        let estate = Estate::new([SourceFile::new(path, code.as_bytes().to_vec())]);
        let configuration = Configuration::new(&estate);
        assert_eq!(configuration.problems(), []);
        Backend::of(&configuration, &RepoPath::new("live").unwrap()).unwrap()
    }

    fn s3(body: &str) -> Result<S3Backend, BackendError> {
        backend(&format!("terraform {{\n  backend \"s3\" {{\n{body}\n  }}\n}}\nlocals {{\n  env = \"prod\"\n}}\nvariable \"unset\" {{}}\n")).s3()
    }

    #[test]
    fn everything_that_reading_needs() {
        let plain = s3("bucket = \"b\"\nkey = \"/live/app.tfstate\"\n").unwrap();
        assert_eq!(
            (plain.bucket.as_str(), plain.key.as_str()),
            ("b", "live/app.tfstate")
        );
        assert_eq!(plain.workspace_key_prefix, "env:");
        assert_eq!(
            (plain.region, plain.role_arn, plain.endpoint),
            (None, None, None)
        );
        assert!(!plain.use_path_style);
        let full = s3("bucket = \"b\"\nkey = \"k\"\nregion = \"eu-west-1\"\nworkspace_key_prefix = \"ws/\"\nprofile = \"state\"\nuse_path_style = true\naccess_key = \"AKIA\"\nendpoints = { s3 = \"http://localhost:9000\", dynamodb = \"x\" }\nassume_role = {\n  role_arn = \"arn:aws:iam::111122223333:role/state\"\n  external_id = \"e\"\n}\n").unwrap();
        assert_eq!(full.region.as_deref(), Some("eu-west-1"));
        assert_eq!(full.workspace_key_prefix, "ws");
        assert_eq!(full.profile.as_deref(), Some("state"));
        assert_eq!(full.endpoint.as_deref(), Some("http://localhost:9000"));
        assert_eq!(
            full.role_arn.as_deref(),
            Some("arn:aws:iam::111122223333:role/state")
        );
        assert_eq!(full.external_id.as_deref(), Some("e"));
        assert!(full.use_path_style);
        let older = s3("bucket = \"b\"\nkey = \"k\"\nrole_arn = \"r\"\nendpoint = \"e\"\nforce_path_style = \"true\"\nworkspace_key_prefix = \"\"").unwrap();
        assert_eq!(
            (older.role_arn.as_deref(), older.endpoint.as_deref()),
            (Some("r"), Some("e"))
        );
        assert!(older.use_path_style);
        assert_eq!(older.workspace_key_prefix, "");
    }

    #[test]
    fn what_opentofu_allows_is_evaluated_and_never_guessed() {
        let known =
            s3("bucket = \"states-${local.env}\"\nkey = \"${local.env}/app.tfstate\"").unwrap();
        assert_eq!(
            (known.bucket.as_str(), known.key.as_str()),
            ("states-prod", "prod/app.tfstate")
        );
        let error = s3("bucket = \"b\"\nkey = \"${var.unset}.tfstate\"").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`key` of the s3 backend of `live`"),
            "{error}"
        );
        assert!(error.to_string().contains("`unset`"), "{error}");
    }

    #[test]
    fn a_partial_backend_is_completed() {
        let partial =
            backend("terraform {\n  backend \"s3\" {\n    region = \"eu-west-1\"\n  }\n}\n");
        assert!(!partial.is_complete());
        let error = partial.s3().unwrap_err().to_string();
        assert!(
            error.contains("does not say its bucket and its key"),
            "{error}"
        );
        let file = |text: &str| {
            SourceFile::new(
                RepoPath::new("live/prod.tfbackend").unwrap(),
                text.as_bytes().to_vec(),
            )
        };
        let completed = partial
            .with_file(&file(
                "bucket = \"b\"\nkey = \"k\"\nregion = \"us-east-1\"\nsecret_key = \"s\"\n",
            ))
            .unwrap();
        assert!(completed.is_complete());
        assert_eq!(
            completed.s3().unwrap().region.as_deref(),
            Some("us-east-1"),
            "what is given last wins"
        );
        assert!(!format!("{completed:?}").contains("secret_key"));
        let pairs = partial
            .with_pair("bucket=b")
            .unwrap()
            .with_pair("key = k=1")
            .unwrap();
        assert_eq!(pairs.s3().unwrap().key, "k=1");
        assert_eq!(partial.with_pair("secret_key=x"), None);
        assert_eq!(partial.with_pair("bucket"), None);
        assert!(partial.with_file(&file("bucket = {")).is_err());
        let odd = partial
            .with_file(&file("bucket = var.b\nkey = \"k\""))
            .unwrap()
            .s3()
            .unwrap_err();
        assert!(odd.to_string().contains("only plain values"), "{odd}");
    }

    #[test]
    fn a_terragrunt_unit_keeps_its_state_where_its_parent_says() {
        let file = |path: &str, text: &str| {
            SourceFile::new(RepoPath::new(path).unwrap(), text.as_bytes().to_vec())
        };
        let estate = Estate::new([
            file(
                "terragrunt.hcl",
                "locals {\n  region = \"eu-west-1\"\n}\nremote_state {\n  backend = \"s3\"\n  config = {\n    bucket = \"states-${local.region}\"\n    key    = \"${path_relative_to_include()}/terraform.tfstate\"\n    region = local.region\n    secret_key = \"x\"\n    encrypt = true\n  }\n}\n",
            ),
            file(
                "live/app/terragrunt.hcl",
                "include \"root\" {\n  path = find_in_parent_folders()\n}\nterraform {\n  source = \"../../modules/app\"\n}\n",
            ),
            file(
                "live/own/terragrunt.hcl",
                "include {\n  path = find_in_parent_folders()\n}\nremote_state {\n  backend = \"s3\"\n  config = {\n    bucket = \"b-${get_aws_account_id()}\"\n    key = \"k\"\n  }\n}\n",
            ),
            file("modules/app/main.tf", ""),
        ]);
        let of = |dir: &str| Backend::of_unit(&estate, &RepoPath::new(dir).unwrap());
        let app = of("live/app").unwrap();
        assert!(!format!("{app:?}").contains("secret_key"));
        let app = app.s3().unwrap();
        assert_eq!(
            (app.bucket.as_str(), app.key.as_str(), app.region.as_deref()),
            (
                "states-eu-west-1",
                "live/app/terraform.tfstate",
                Some("eu-west-1")
            )
        );
        let error = of("live/own").unwrap().s3().unwrap_err().to_string();
        assert!(
            error.contains("`bucket`") && error.contains("run time"),
            "{error}"
        );
        assert_eq!(of("modules/app"), None);
    }

    #[test]
    fn other_backends_are_named() {
        for (code, kind) in [
            (
                "terraform {\n  backend \"gcs\" {\n    bucket = \"b\"\n  }\n}\n",
                "gcs",
            ),
            (
                "terraform {\n  cloud {\n    organization = \"acme\"\n  }\n}\n",
                "cloud",
            ),
        ] {
            let error = backend(code).s3().unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{kind}`")) && error.contains("--state-cmd"),
                "{error}"
            );
        }
    }
}
