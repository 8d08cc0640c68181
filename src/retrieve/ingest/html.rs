//! HTML articles: the main text without navigation, scripts and other boilerplate.
//!
//! A page may come from anybody. Browsers nest no deeper than 512 elements, and neither does an article: so reading it
//! never runs out of stack. What else makes the parser slow (thousands of attributes) ends at a time limit.

use std::time::{Duration, Instant};

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::TendrilSink;
use scraper::{ElementRef, Html, HtmlTreeSink, Selector};

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

/// Elements within each other.
const DEEPEST: usize = 512;
/// Between two looks at the depth and the clock. A piece can hold so many tags at most, so neither can run away.
const PIECE_BYTES: usize = 512;
/// The largest page of good markup takes a second.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Reads a page. `default_id` is the path without its extension.
pub fn parse(text: &str, default_id: &str) -> Result<Document, String> {
    let page = tree_of(text)?;
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
    let (first_heading, sections) = outline.finish()?;
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
        language: page.root_element().attr("lang").map(|code| code.chars().take(2).collect()),
        audience: None,
        source: None,
    })
}

/// The page's tree, built piece by piece.
fn tree_of(text: &str) -> Result<Html, String> {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = parse_document(sink, ParseOpts::default());
    let began = Instant::now();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(PIECE_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        parser.process(piece.into());
        rest = after;
        let page = parser.tokenizer.sink.sink.0.borrow();
        let newest = page.tree.nodes().next_back();
        if newest.is_some_and(|node| node.ancestors().count() > DEEPEST) {
            return Err(format!("its elements are nested more than {DEEPEST} deep"));
        }
        if began.elapsed() > TIME_LIMIT {
            return Err(format!("reading its markup takes over {} seconds", TIME_LIMIT.as_secs()));
        }
    }
    Ok(parser.finish())
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
    let mut header: Vec<String> = Vec::new();
    for row in rows_of(table) {
        let cells: Vec<ElementRef> =
            row.child_elements().filter(|cell| is_cell(cell.value().name())).collect();
        let texts: Vec<String> = cells.iter().copied().map(text_of).collect();
        let all_heads = !cells.is_empty() && cells.iter().all(|cell| cell.value().name() == "th");
        if all_heads && header.is_empty() {
            header = texts;
        } else {
            outline.block(&row_text(&header, &texts));
        }
    }
}

/// The rows of this table, not of tables within it: those are text of their cell, once.
fn rows_of(table: ElementRef) -> impl Iterator<Item = ElementRef> {
    table.child_elements().flat_map(|part| match part.value().name() {
        "thead" | "tbody" | "tfoot" => part.child_elements().collect(),
        _ => vec![part],
    })
}

fn is_cell(name: &str) -> bool {
    matches!(name, "td" | "th")
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
