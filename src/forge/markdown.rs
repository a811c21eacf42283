//! Markdown to HTML for the local pages.
//!
//! Invariant 10: no raw HTML passes but the four tags our own templates use, no image is loaded, and a link goes to
//! the web or to a file beside the page. Diffs are coloured.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown as a fragment of a page.
pub(super) fn to_html(markdown: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut events = Vec::new();
    let mut diff: Option<String> = None;
    let mut links = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => {
                events.push(Event::Html(harmless(&raw).into()));
            }
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let keep = is_harmless_link(dest_url);
                links.push(keep);
                if keep {
                    events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop().unwrap_or(false) {
                    events.push(event);
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(ref info))) if &**info == "diff" => {
                diff = Some(String::new());
            }
            Event::Text(text) if diff.is_some() => {
                if let Some(diff) = &mut diff {
                    diff.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) if diff.is_some() => {
                let lines = diff.take().unwrap_or_default();
                events.push(Event::Html(CowStr::from(coloured(&lines))));
            }
            other => events.push(other),
        }
    }
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events.into_iter());
    out
}

/// Escapes for HTML text and double-quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn harmless(raw: &str) -> String {
    let trimmed = raw.trim();
    if trimmed.starts_with("<!--")
        && trimmed.ends_with("-->")
        && trimmed.matches("-->").count() == 1
    {
        return String::new();
    }
    let mut shown = escape(raw);
    for tag in ["details", "/details", "summary", "/summary"] {
        shown = shown.replace(&format!("&lt;{tag}&gt;"), &format!("<{tag}>"));
    }
    // On a page there is room: the diff is what people come for.
    if shown.contains("<summary>Diff:") {
        shown = shown.replace("<details>", "<details open>");
    }
    shown
}

fn is_harmless_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let beside =
        !url.is_empty() && !url.contains(':') && !url.starts_with('/') && !url.starts_with('\\');
    web || beside
}

fn coloured(diff: &str) -> String {
    let mut out = String::from("<pre class=\"diff\"><code>");
    for line in diff.lines() {
        let class = if line.starts_with("+++ ") || line.starts_with("--- ") {
            "file"
        } else {
            match line.chars().next() {
                Some('+') => "add",
                Some('-') => "del",
                Some('@') => "hunk",
                _ => "ctx",
            }
        };
        out.push_str(&format!(
            "<span class=\"{class}\">{}\n</span>",
            escape(line)
        ));
    }
    out.push_str("</code></pre>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_scripts_images_and_odd_links_do_not_pass() {
        let page = to_html(
            "<script>alert(1)</script>\n\n<details onclick=x>\n\na <b>b</b> ![i](http://x/y.png) [l](javascript:alert(1)) [m](data:text/html,x)\n\n<!-- c --><img src=x>\n",
        );
        for bad in [
            "<script",
            "<details onclick",
            "<b>",
            "<img",
            "javascript:",
            "data:",
            "<!--",
        ] {
            assert!(!page.contains(bad), "{bad} in {page}");
        }
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn our_own_details_and_diffs_are_shown() {
        let page = to_html(
            "<details><summary>Diff: 1 file</summary>\n\n```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a<b>\n+c\n```\n\n</details>\n",
        );
        assert!(
            page.contains("<details open><summary>Diff: 1 file</summary>"),
            "{page}"
        );
        assert!(
            page.contains("<span class=\"del\">-a&lt;b&gt;\n</span>"),
            "{page}"
        );
        assert!(
            page.contains("<span class=\"file\">+++ b/x\n</span>"),
            "{page}"
        );
        assert!(page.contains("</details>"), "{page}");
    }

    #[test]
    fn web_links_and_neighbours_are_links() {
        let page = to_html("[a](https://x.example/) [b](pull-requests/1-a.html)");
        assert_eq!(page.matches("<a href").count(), 2, "{page}");
    }
}
