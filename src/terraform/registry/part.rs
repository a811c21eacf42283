//! Lines that several outlines share: modules of one owner declare the same inputs and make the same block of them.
//!
//! `#! lines own-group.part.hcl` stands for the lines of that file, in the directory and the versions where it stands;
//! `with WORD = text` replaces `$WORD` in them. A part is no outline of its own, and takes in no other part.

use super::outline::OutlineError;

/// How the name of a part ends.
const ENDING: &str = ".part.hcl";

/// Whether a file of the table is a part.
pub(super) fn is_part(file: &str) -> bool {
    file.ends_with(ENDING)
}

/// A text of the table with the lines that it takes in. `parts` gives the text of a part.
///
/// # Errors
/// [`OutlineError::Line`] for a part that is not there, or that takes in another.
pub(super) fn taken_in<'t>(
    file: &str,
    text: &str,
    parts: &dyn Fn(&str) -> Option<&'t str>,
) -> Result<String, OutlineError> {
    let mut whole = String::with_capacity(text.len());
    for (i, line) in text.lines().enumerate() {
        let Some(wanted) = directive(line) else {
            whole.push_str(line);
            whole.push('\n');
            continue;
        };
        let (name, with) = match wanted.split_once(" with ") {
            Some((name, with)) => (name.trim(), with.split_once('=')),
            None => (wanted, None),
        };
        let part = parts(name)
            .filter(|part| is_part(name) && part.lines().all(|line| directive(line).is_none()))
            .ok_or_else(|| OutlineError::Line {
                file: file.to_owned(),
                line: i + 1,
                what: "the lines to take in",
            })?;
        match with {
            Some((word, by)) => {
                whole.push_str(&part.replace(&format!("${}", word.trim()), by.trim()));
            }
            None => whole.push_str(part),
        }
    }
    Ok(whole)
}

fn directive(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("#!")?.trim().strip_prefix("lines ")?;
    Some(rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "variable \"rules\" {\n  default = $NONE\n}\n";

    fn parts(name: &str) -> Option<&'static str> {
        match name {
            "rules.part.hcl" => Some(PART),
            "deep.part.hcl" => Some("#! lines rules.part.hcl\n"),
            "other.hcl" => Some("x = 1\n"),
            _ => None,
        }
    }

    #[test]
    fn a_part_stands_where_it_is_taken_in() {
        let text = "a = 1\n#! lines rules.part.hcl with NONE = {}\nb = 2\n";
        assert_eq!(
            taken_in("f", text, &parts).unwrap(),
            "a = 1\nvariable \"rules\" {\n  default = {}\n}\nb = 2\n"
        );
    }

    #[test]
    fn without_a_word_it_stands_as_it_is() {
        let whole = taken_in("f", "#! lines rules.part.hcl\n", &parts).unwrap();
        assert_eq!(whole, PART);
    }

    #[test]
    fn what_is_no_part_is_named_by_line() {
        for name in ["none.part.hcl", "other.hcl", "deep.part.hcl"] {
            let error = taken_in("f", &format!("a = 1\n#! lines {name}\n"), &parts).unwrap_err();
            assert!(
                matches!(error, OutlineError::Line { line: 2, .. }),
                "{name}: {error}"
            );
        }
    }
}
