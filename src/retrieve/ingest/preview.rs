//! Markdown as a reader sees it, in HTML that can be put into a page.
//!
//! Marks of HTML in the text are shown as they are written, links lead to the web or to mail alone, and pictures are
//! told by their words: nothing is run and nothing is fetched.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// Longest text that is shown, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The text as HTML.
pub fn html_of_markdown(text: &str) -> String {
    let end = (0..=text.len().min(MOST_BYTES)).rev().find(|&end| text.is_char_boundary(end));
    let text = &text[..end.unwrap_or(0)];
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Html(marks) | Event::InlineHtml(marks) => Some(Event::Text(marks)),
        Event::Start(Tag::Image { .. }) | Event::End(pulldown_cmark::TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if is_harmless(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        other => Some(other),
    });
    let mut shown = String::new();
    html::push_html(&mut shown, events);
    shown
}

fn is_harmless(url: &str) -> bool {
    let lower = url.trim().to_lowercase();
    let scheme = lower.split(['/', '?', '#']).next().unwrap_or_default();
    // What has no scheme stays on the site.
    !scheme.contains(':') || ["http:", "https:"].contains(&scheme) || scheme.starts_with("mailto:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_runs_or_is_fetched() {
        let shown = html_of_markdown(
            "<script>alert(1)</script>\n\nA <img src=x onerror=alert(1)> [a](javascript:alert(1)) \
             [b](JaVaScRiPt:x) [c](data:text/html,x) ![d](https://evil.example/p.png) <b onclick=x>e</b>",
        );
        for mark in ["<script", "<img", "<b ", "javascript:", "data:", "evil.example"] {
            assert!(!shown.to_lowercase().contains(mark), "{mark} in {shown}");
        }
        assert!(shown.contains("&lt;script&gt;"), "{shown}");
    }

    #[test]
    fn what_a_reader_sees_is_shown() {
        let shown = html_of_markdown("# A\n\n- b\n- [c](https://shop.example/x)\n\n**d**");
        assert_eq!(
            shown.replace('\n', ""),
            "<h1>A</h1><ul><li>b</li><li><a href=\"https://shop.example/x\">c</a></li></ul><p><strong>d</strong></p>"
        );
        assert!(html_of_markdown(&"é".repeat(1 << 20)).len() > 1000);
    }
}
