//! The form of the table: one file a module, which says in Terraform's own language what the module makes of its inputs.
//!
//! An outline holds only what rules ask about: the inputs that decide something, with their defaults, and the resources
//! with the arguments that these inputs reach. Versions are told apart line by line:
//!
//! ```text
//! #! module terraform-aws-modules/s3-bucket/aws          the module, `//inside` for a submodule
//! #! known 1.6.0 5.15.4                                  first and last version that was looked at
//! #! file modules/db_instance                            what follows stands in this directory of the module
//! #! set s3-no-versioning: versioning = { enabled = true }   the input that answers a rule
//! #! include security-group.hcl in sg                     that module's own outline stands in this directory
//! #! include security-group.hcl at 4.17.2 in sg           the same, of another module that is called by this version
//! #! lines own-group.part.hcl with NONE = {}              lines that several outlines share, `$NONE` replaced
//! #! module …//modules/ssh with RULES = ["ssh-tcp"]      one of several modules of the same text, `$RULES` replaced
//!   default = false #@ < 3.9.0                           a line of these versions only
//! #@ >= 5.0.0 {                                          several such lines
//! #@ }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::included::Included;
use super::version::{Allowed, Version};

/// What the table knows of one module.
#[derive(Debug, Clone)]
pub struct Outline {
    /// `terraform-aws-modules/s3-bucket/aws`.
    pub name: String,
    /// `modules/notification`; empty for the module itself.
    pub inside: String,
    /// First version that was looked at.
    pub first: Version,
    /// Last version that was looked at.
    pub last: Version,
    /// The versions with which something changes that is told here, the first one included; rising.
    pub steps: Vec<Version>,
    lines: Arc<Vec<Line>>,
    inputs: Arc<Vec<(Allowed, Answer)>>,
    /// Outlines of other modules that stand in a directory of this one.
    included: Vec<Included>,
    /// A word of the text and what it stands for.
    with: Option<(String, String)>,
}

/// The inputs that make a module safe by one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The rule.
    pub rule: String,
    /// Input and HCL text, in order.
    pub set: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Line {
    part: String,
    text: String,
    allowed: Allowed,
}

/// What is wrong with a file of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// The head says no module or no versions.
    #[error("{file}: it does not say `{what}`; add the line to its head")]
    Missing {
        /// The file.
        file: String,
        /// The directive.
        what: &'static str,
    },
    /// A line cannot be read.
    #[error("{file}:{line}: {what} cannot be read; see the form in outline.rs")]
    Line {
        /// The file.
        file: String,
        /// 1-based.
        line: usize,
        /// What should stand there.
        what: &'static str,
    },
}

impl Outline {
    /// Reads a file of the table: the module, or the several ones that it is about. `others` gives the outline of
    /// another file.
    ///
    /// # Errors
    /// See [`OutlineError`].
    pub fn read(
        file: &str,
        text: &str,
        others: &dyn Fn(&str) -> Option<Arc<Outline>>,
    ) -> Result<Vec<Self>, OutlineError> {
        let mut names = Vec::new();
        let mut included = Vec::new();
        let mut known = None;
        let mut part = String::new();
        let mut regions: Vec<Allowed> = Vec::new();
        let mut lines = Vec::new();
        let mut inputs = Vec::new();
        for (i, raw) in text.lines().enumerate() {
            let bad = |what| OutlineError::Line {
                file: file.to_owned(),
                line: i + 1,
                what,
            };
            let mut here = regions
                .iter()
                .fold(Allowed::ANY, |all, region| all.and(*region));
            let line = raw.trim_end();
            if let Some(region) = line.trim_start().strip_prefix("#@") {
                match region.trim() {
                    "}" => {
                        regions.pop().ok_or_else(|| bad("the end of a region"))?;
                    }
                    open => {
                        let constraint = open.strip_suffix('{').unwrap_or("");
                        regions.push(
                            Allowed::read(constraint)
                                .ok_or_else(|| bad("the versions of a region"))?,
                        );
                    }
                }
                continue;
            }
            let line = match line.split_once(" #@ ") {
                None => line,
                Some((line, constraint)) => {
                    let own =
                        Allowed::read(constraint).ok_or_else(|| bad("the line's versions"))?;
                    here = here.and(own);
                    line.trim_end()
                }
            };
            let Some(directive) = line.strip_prefix("#!") else {
                lines.push(Line {
                    part: part.clone(),
                    text: line.to_owned(),
                    allowed: here,
                });
                continue;
            };
            let (word, rest) = directive
                .trim()
                .split_once(' ')
                .ok_or_else(|| bad("a directive"))?;
            match word {
                "module" => names.push(rest.trim().to_owned()),
                "include" => {
                    let other = Included::read(rest, others);
                    included.push(other.ok_or_else(|| bad("the outline to include"))?);
                }
                "known" => {
                    let (first, last) = rest
                        .split_once(' ')
                        .and_then(|(a, b)| Some((Version::read(a)?, Version::read(b)?)))
                        .ok_or_else(|| bad("the versions that are known"))?;
                    known = Some((first, last));
                }
                "file" => part = rest.trim().to_owned(),
                "set" => {
                    let answer = answer(rest).ok_or_else(|| bad("`rule: input = value`"))?;
                    inputs.push((here, answer));
                }
                _ => return Err(bad("a directive")),
            }
        }
        if !regions.is_empty() {
            return Err(OutlineError::Line {
                file: file.to_owned(),
                line: text.lines().count(),
                what: "the end of a region",
            });
        }
        let missing = |what| OutlineError::Missing {
            file: file.to_owned(),
            what,
        };
        let (first, last) = known.ok_or_else(|| missing("#! known"))?;
        let ranges = lines
            .iter()
            .map(|l| l.allowed)
            .chain(inputs.iter().map(|(allowed, _)| *allowed));
        let steps: BTreeSet<Version> = ranges
            .flat_map(|allowed| [allowed.least, allowed.below])
            .flatten()
            .chain(included.iter().flat_map(Included::steps))
            .filter(|version| *version > first && *version <= last)
            .chain([first])
            .collect();
        if names.is_empty() {
            return Err(missing("#! module"));
        }
        let (lines, inputs) = (Arc::new(lines), Arc::new(inputs));
        Ok(names
            .iter()
            .map(|source| {
                let (source, with) = match source.split_once(" with ") {
                    Some((source, with)) => (source, with.split_once('=')),
                    None => (source.as_str(), None),
                };
                let (name, inside) = source.split_once("//").unwrap_or((source, ""));
                Self {
                    name: name.trim().to_owned(),
                    inside: inside.trim().to_owned(),
                    first,
                    last,
                    steps: steps.iter().copied().collect(),
                    lines: Arc::clone(&lines),
                    inputs: Arc::clone(&inputs),
                    included: included.clone(),
                    with: with
                        .map(|(word, text)| (format!("${}", word.trim()), text.trim().to_owned())),
                }
            })
            .collect())
    }

    /// The steps whose versions an allowance meets: their numbers, rising. Versions after the last major that was
    /// looked at are not known.
    #[must_use]
    pub fn meeting(&self, allowed: Allowed) -> Vec<usize> {
        (0..self.steps.len())
            .filter(|i| {
                let end = self.steps.get(i + 1).copied();
                let end = end.unwrap_or(Version(self.last.0 + 1, 0, 0));
                allowed.meets(self.steps[*i], Some(end))
            })
            .collect()
    }

    /// The module's files as of one step: directory inside the module, text. Every step has the same files.
    #[must_use]
    pub fn files(&self, step: usize) -> BTreeMap<String, String> {
        self.steps
            .get(step)
            .map(|version| self.as_of(*version))
            .unwrap_or_default()
    }

    fn as_of(&self, version: Version) -> BTreeMap<String, String> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for line in self.lines.iter() {
            let text = files.entry(line.part.clone()).or_default();
            if line.allowed.has(version) {
                match &self.with {
                    Some((word, by)) => text.push_str(&line.text.replace(word, by)),
                    None => text.push_str(&line.text),
                }
                text.push('\n');
            }
        }
        for Included { dir, outline, at } in &self.included {
            for (part, text) in outline.as_of(at.unwrap_or(version)) {
                let path = if part.is_empty() {
                    dir.clone()
                } else {
                    format!("{dir}/{part}")
                };
                files.insert(path, text);
            }
        }
        files
    }

    /// What answers a rule as of one step, the best first.
    pub fn answers(&self, rule: &str, step: usize) -> impl Iterator<Item = &Answer> {
        let version = self.steps.get(step).copied();
        self.inputs
            .iter()
            .filter(move |(allowed, answer)| {
                answer.rule == rule && version.is_some_and(|v| allowed.has(v))
            })
            .map(|(_, answer)| answer)
    }

    /// The rules that have an answer.
    #[must_use]
    pub fn answered(&self) -> BTreeSet<&str> {
        self.inputs.iter().map(|(_, a)| a.rule.as_str()).collect()
    }

    /// Where its owners take issues.
    #[must_use]
    pub fn issues(&self) -> Option<String> {
        issues(&self.name)
    }
}

/// Where the owners of a module of the registry take issues: its repository is named after it.
#[must_use]
pub fn issues(name: &str) -> Option<String> {
    let mut parts = name.split('/');
    let (owner, module, provider) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!(
        "https://github.com/{owner}/terraform-{provider}-{module}/issues"
    ))
}

/// `rule: a = 1 && b = 2`.
fn answer(text: &str) -> Option<Answer> {
    let (rule, sets) = text.split_once(':')?;
    let set = sets
        .split(" && ")
        .map(|one| {
            let (name, value) = one.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Answer {
        rule: rule.trim().to_owned(),
        set,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#! module acme/rds/aws\n#! known 1.0.0 4.2.0\n#! set rds-public: public = false && tight = true #@ >= 2.0.0\nvariable \"public\" {\n  default = true #@ < 3.0.0\n  default = false #@ >= 3.0.0\n}\n#@ >= 2.0.0 {\nvariable \"tight\" {}\n#@ }\n#! file modules/db\nresource \"aws_db_instance\" \"this\" {}\n";

    fn read(text: &str) -> Result<Vec<Outline>, OutlineError> {
        Outline::read("f", text, &|_| None)
    }

    fn one(text: &str) -> Outline {
        read(text).unwrap().remove(0)
    }

    fn outline() -> Outline {
        one(TEXT)
    }

    #[test]
    fn lines_are_of_their_versions() {
        let outline = outline();
        assert_eq!(
            outline.steps,
            [Version(1, 0, 0), Version(2, 0, 0), Version(3, 0, 0)]
        );
        let main = |step: usize| outline.files(step)[""].clone();
        assert!(main(0).contains("default = true\n") && !main(0).contains("tight"));
        assert!(main(1).contains("default = true\n") && main(1).contains("tight"));
        assert!(main(2).contains("default = false\n") && !main(2).contains("true"));
        assert!(outline.files(0)["modules/db"].contains("aws_db_instance"));
    }

    #[test]
    fn answers_have_versions_too() {
        let outline = outline();
        assert_eq!(outline.answers("rds-public", 0).count(), 0);
        let answer = outline.answers("rds-public", 1).next().unwrap();
        assert_eq!(
            answer.set,
            [
                ("public".to_owned(), "false".to_owned()),
                ("tight".to_owned(), "true".to_owned())
            ]
        );
        assert_eq!(outline.answers("other", 2).count(), 0);
    }

    #[test]
    fn a_constraint_meets_steps() {
        let outline = outline();
        let meeting = |c: &str| outline.meeting(Allowed::read(c).unwrap());
        assert_eq!(meeting("~> 2.0"), [1]);
        assert_eq!(meeting(">= 2.5"), [1, 2]);
        assert_eq!(meeting("4.9.9"), [2]);
        assert_eq!(meeting("~> 5.0"), [0; 0]);
        assert_eq!(meeting("< 1.0.0"), [0; 0]);
        assert_eq!(outline.meeting(Allowed::ANY), [0, 1, 2]);
    }

    #[test]
    fn what_is_wrong_is_named_by_line() {
        let head = "#! module acme/rds/aws\n#! known 1.0.0 2.0.0\n";
        for (text, line) in [
            ("x = 1 #@ newest\n", 3),
            ("#@ }\n", 3),
            ("#@ >= 1.0 {\n", 3),
            ("#! set rds-public public\n", 3),
        ] {
            let error = read(&format!("{head}{text}")).unwrap_err();
            assert!(
                matches!(error, OutlineError::Line { line: l, .. } if l == line),
                "{text}: {error}"
            );
        }
        assert!(read("x = 1\n").is_err());
        assert!(read(&format!("{head}#! include other.hcl in x\n")).is_err());
    }

    #[test]
    fn several_modules_share_a_text_and_include_another() {
        let inner = Arc::new(outline());
        let text = "#! module acme/rds/aws//modules/a with PORTS = [1]\n#! module acme/rds/aws//modules/b with PORTS = [2, 3]\n#! known 1.0.0 4.2.0\n#! include rds.hcl in inner\nvariable \"ports\" {\n  default = $PORTS\n}\n";
        let both = Outline::read("f", text, &|name| {
            (name == "rds.hcl").then(|| Arc::clone(&inner))
        })
        .unwrap();
        assert_eq!(both[1].inside, "modules/b");
        assert!(both[1].files(0)[""].contains("default = [2, 3]"));
        assert_eq!(both[0].steps, inner.steps, "what is included turns too");
        assert!(both[0].files(2)["inner"].contains("default = false\n"));
        assert!(both[0].files(0)["inner/modules/db"].contains("aws_db_instance"));
    }

    #[test]
    fn what_is_called_by_a_version_stays_at_it() {
        let inner = Arc::new(outline());
        let others = |name: &str| (name == "rds.hcl").then(|| Arc::clone(&inner));
        let head = "#! module acme/app/aws\n#! known 0.1.0 0.9.0\n";
        let text = format!("{head}#! include rds.hcl at 2.3.0 in db\n");
        let app = Outline::read("f", &text, &others).unwrap().remove(0);
        assert_eq!(app.steps, [Version(0, 1, 0)], "its turns are no turns here");
        assert_eq!(app.files(0)["db"], inner.files(1)[""]);
        for at in ["0.9.0", "9.0.0", "newest"] {
            let text = format!("{head}#! include rds.hcl at {at} in db\n");
            let error = Outline::read("f", &text, &others).unwrap_err();
            assert!(
                matches!(error, OutlineError::Line { line: 3, .. }),
                "{at}: {error}"
            );
        }
    }
}
