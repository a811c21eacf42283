//! Comments that are there at most once, told by a hidden first line: `<!-- tfmend:note:<word> -->`.

use std::collections::BTreeSet;

use http::Method;

use super::commit::ATTEMPTS;
use super::place::GitHubForge;
use super::pulls::note;
use super::wire::{Body, Comment};
use crate::forge::ForgeError;
use crate::pull_request::Note;

const OPEN: &str = "<!-- tfmend:note:";
const CLOSE: &str = " -->";

/// The word of a comment of ours. Only its first line counts: people quote.
fn word(body: &str) -> Option<&str> {
    body.trim_start_matches('\u{feff}')
        .lines()
        .next()?
        .trim()
        .strip_prefix(OPEN)?
        .strip_suffix(CLOSE)
}

fn all(forge: &GitHubForge, number: u64) -> Result<Vec<Comment>, ForgeError> {
    Ok(forge
        .client
        .all(&forge.route(&format!("issues/{number}/comments")))?)
}

/// The notes on a pull request.
pub(super) fn notes(forge: &GitHubForge, number: u64) -> Result<BTreeSet<Note>, ForgeError> {
    Ok(all(forge, number)?
        .iter()
        .filter_map(|c| note(word(c.body.as_deref()?)?))
        .collect())
}

/// Our comments of one kind, oldest first.
fn of_kind(forge: &GitHubForge, number: u64, kind: &str) -> Result<Vec<u64>, ForgeError> {
    let mut ids: Vec<u64> = all(forge, number)?
        .iter()
        .filter(|c| c.body.as_deref().and_then(word) == Some(kind))
        .map(|c| c.id)
        .collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Makes a comment unless one of its kind is there. Runs at the same time may both make one: then the younger goes.
pub(super) fn once(
    forge: &GitHubForge,
    number: u64,
    kind: &str,
    text: &str,
) -> Result<(), ForgeError> {
    if !of_kind(forge, number, kind)?.is_empty() {
        return Ok(());
    }
    let body = format!("{OPEN}{kind}{CLOSE}\n{text}");
    let route = forge.route(&format!("issues/{number}/comments"));
    let mut made = None;
    for attempt in 0..ATTEMPTS {
        match forge
            .client
            .write::<_, Comment>(Method::POST, &route, &Body { body: &body })
        {
            Ok(comment) => {
                made = Some(comment.id);
                break;
            }
            Err(e) if e.is_unanswered() => {
                forge.wait(attempt);
                if !of_kind(forge, number, kind)?.is_empty() {
                    return Ok(());
                }
                if attempt + 1 == ATTEMPTS {
                    return Err(e.into());
                }
            }
            Err(e) => return Err(e.into()),
        }
    }
    if let Some(mine) = made
        && of_kind(forge, number, kind)?
            .first()
            .is_some_and(|first| *first < mine)
    {
        let route = forge.route(&format!("issues/comments/{mine}"));
        match forge.client.delete(&route) {
            Ok(()) => {}
            Err(e) if e.is_not_found() => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn only_the_first_line_tells() {
        assert_eq!(word("<!-- tfmend:note:closed -->\r\ntext"), Some("closed"));
        assert_eq!(word("> <!-- tfmend:note:closed -->"), None);
        assert_eq!(word("text\n<!-- tfmend:note:closed -->"), None);
        assert_eq!(word(""), None);
    }
}
