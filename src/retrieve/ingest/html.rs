//! HTML articles: the main text without navigation, scripts and other boilerplate.

use scraper::{ElementRef, Html, Selector};

use super::markdown::row_text;
use super::outline::{Outline, collapse_spaces, title_of_stem};
use crate::retrieve::document::Document;

/// Elements whose content is not part of the article.
const SKIPPED: &[&str] = &[
    "nav", "script", "style", "header", "footer", "aside", "form", "noscript", "template", "svg",
    "iframe", "button", "select", "head", "dialog",
];
/// Elements that end the text before and after them.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "pre",
    "table",
    "figure",
    "figcaption",
    "details",
    "summary",
    "address",
    "br",
    "hr",
    "body",
];

/// Reads a page. `default_id` is the path without its extension.
pub fn parse(text: &str, default_id: &str) -> Result<Document, String> {
    let page = Html::parse_document(text);
    let root = first(&page, "main")
        .or_else(|| first(&page, "article"))
        .or_else(|| first(&page, "body"))
        .unwrap_or_else(|| page.root_element());
    let mut outline = Outline::default();
    let mut pending = String::new();
    // The article's own heading may stand in a header element beside the text.
    let own_heading = first(&page, "h1").map(text_of);
    walk(root, &mut outline, &mut pending);
    outline.block(&pending);
    let (first_heading, sections) = outline.finish();
    if sections.is_empty() {
        return Err("there is no text in it".to_string());
    }
    let page_title = first(&page, "title").map(text_of).filter(|title| !title.is_empty());
    let stem = default_id.rsplit('/').next().unwrap_or(default_id);
    let title = own_heading
        .filter(|heading| !heading.is_empty())
        .or(first_heading)
        .or(page_title)
        .unwrap_or_else(|| title_of_stem(stem));
    Ok(Document {
        id: default_id.to_string(),
        title,
        sections,
        url: attribute(&page, "link[rel=canonical]", "href"),
        language: page
            .root_element()
            .attr("lang")
            .map(|code| code[..code.len().min(2)].to_string()),
        audience: None,
    })
}

fn walk(element: ElementRef, outline: &mut Outline, pending: &mut String) {
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            pending.push_str(text);
            continue;
        }
        let Some(child) = ElementRef::wrap(child) else { continue };
        let name = child.value().name();
        if SKIPPED.contains(&name) || child.attr("hidden").is_some() {
            continue;
        }
        if let Some(level) = heading_level(name) {
            end_block(outline, pending);
            outline.heading(level, &text_of(child));
        } else if name == "li" {
            end_block(outline, pending);
            pending.push_str("- ");
            walk(child, outline, pending);
            end_block(outline, pending);
        } else if name == "table" {
            end_block(outline, pending);
            walk_table(child, outline);
        } else if BLOCKS.contains(&name) {
            end_block(outline, pending);
            walk(child, outline, pending);
            end_block(outline, pending);
        } else {
            walk(child, outline, pending);
        }
    }
}

fn end_block(outline: &mut Outline, pending: &mut String) {
    let text = std::mem::take(pending);
    if text.trim() == "-" {
        // A list item that begins with a block of its own: keep its mark for that block.
        pending.push_str("- ");
        return;
    }
    outline.block(&text);
}

fn walk_table(table: ElementRef, outline: &mut Outline) {
    let (Ok(rows), Ok(cells), Ok(heads)) =
        (Selector::parse("tr"), Selector::parse("td, th"), Selector::parse("th"))
    else {
        return;
    };
    let mut header: Vec<String> = Vec::new();
    for row in table.select(&rows) {
        let texts: Vec<String> = row.select(&cells).map(text_of).collect();
        let all_heads = !texts.is_empty() && row.select(&heads).count() == texts.len();
        if all_heads && header.is_empty() {
            header = texts;
        } else {
            outline.block(&row_text(&header, &texts));
        }
    }
}

fn heading_level(name: &str) -> Option<usize> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

fn text_of(element: ElementRef) -> String {
    collapse_spaces(&element.text().collect::<Vec<&str>>().join(""))
}

fn first<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?;
    page.select(&selector).next()
}

fn attribute(page: &Html, selector: &str, name: &str) -> Option<String> {
    first(page, selector)?.attr(name).map(str::to_string)
}
