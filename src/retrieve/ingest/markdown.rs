//! Markdown articles. YAML front matter may give `id, title, url, language, audience`.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::Deserialize;

use super::outline::{Outline, title_of_stem};
use crate::retrieve::document::Document;

const LONGEST_FRONT_MATTER_BYTES: usize = 16 << 10;

#[derive(Default, Deserialize)]
struct FrontMatter {
    id: Option<String>,
    title: Option<String>,
    url: Option<String>,
    language: Option<String>,
    audience: Option<String>,
}

/// Reads an article. `default_id` is the path without its extension.
pub fn parse(text: &str, default_id: &str) -> Result<Document, String> {
    let (front_matter, body) = split_front_matter(text)?;
    document_of(front_matter, body, default_id)
}

/// As `parse`, of an article whose front matter is kept elsewhere.
pub fn parse_body(text: &str, id: &str) -> Result<Document, String> {
    document_of(FrontMatter::default(), text, id)
}

fn document_of(
    front_matter: FrontMatter,
    body: &str,
    default_id: &str,
) -> Result<Document, String> {
    let mut outline = Outline::default();
    walk(body, &mut outline);
    let (first_heading, sections) = outline.finish()?;
    if sections.is_empty() {
        return Err("there is no text in it".to_string());
    }
    let stem = default_id.rsplit('/').next().unwrap_or(default_id);
    Ok(Document {
        id: front_matter.id.unwrap_or_else(|| default_id.to_string()),
        title: front_matter.title.or(first_heading).unwrap_or_else(|| title_of_stem(stem)),
        sections,
        url: front_matter.url,
        language: front_matter.language,
        audience: front_matter.audience,
        source: Some(body.trim().to_string()),
    })
}

fn split_front_matter(text: &str) -> Result<(FrontMatter, &str), String> {
    let Some(rest) = text.strip_prefix("---\n") else { return Ok((FrontMatter::default(), text)) };
    let Some(end) = rest.find("\n---\n") else { return Ok((FrontMatter::default(), text)) };
    // The YAML reader's work grows with the square of the nesting.
    if end > LONGEST_FRONT_MATTER_BYTES {
        let most = LONGEST_FRONT_MATTER_BYTES >> 10;
        return Err(format!("the front matter is longer than {most} KiB"));
    }
    let front_matter = serde_yaml_ng::from_str(&rest[..end])
        .map_err(|error| format!("the front matter cannot be read: {error}"))?;
    Ok((front_matter, &rest[end + 5..]))
}

/// Text gathers in `text` until a block ends.
#[derive(Default)]
struct Walk {
    text: String,
    list_depth: usize,
    header_cells: Vec<String>,
    cells: Vec<String>,
    in_table_head: bool,
}

fn walk(body: &str, outline: &mut Outline) {
    let mut walk = Walk::default();
    for event in Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(tag) => walk.start(&tag, outline),
            Event::End(tag) => walk.end(tag, outline),
            Event::Text(text) | Event::Code(text) => walk.text.push_str(&text),
            Event::SoftBreak | Event::HardBreak => walk.text.push(' '),
            _ => {}
        }
    }
    walk.flush(outline);
}

impl Walk {
    fn start(&mut self, tag: &Tag, outline: &mut Outline) {
        match tag {
            Tag::Heading { .. } => self.flush(outline),
            Tag::List(_) => {
                // Text of an item before its nested list is a block of its own.
                self.flush(outline);
                self.list_depth += 1;
            }
            Tag::Table(_) => self.header_cells.clear(),
            Tag::TableHead => self.in_table_head = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, outline: &mut Outline) {
        match tag {
            TagEnd::Heading(level) => {
                outline.heading(level as usize, &std::mem::take(&mut self.text));
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::HtmlBlock => {
                self.flush(outline);
            }
            TagEnd::List(_) => self.list_depth = self.list_depth.saturating_sub(1),
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.header_cells = std::mem::take(&mut self.cells);
            }
            TagEnd::TableRow => self.end_row(outline),
            _ => {}
        }
    }

    fn flush(&mut self, outline: &mut Outline) {
        let text = std::mem::take(&mut self.text);
        if self.list_depth > 0 && !text.trim().is_empty() {
            outline.block(&format!("- {text}"));
        } else {
            outline.block(&text);
        }
    }

    /// A row reads as a sentence: "Standard: 3-5 days, price: $5.00".
    fn end_row(&mut self, outline: &mut Outline) {
        let cells = std::mem::take(&mut self.cells);
        outline.block(&row_text(&self.header_cells, &cells));
    }
}

/// A table's row as a line of text: each cell after the first with its column's name.
pub fn row_text(header: &[String], cells: &[String]) -> String {
    let mut parts = Vec::new();
    for (column, cell) in cells.iter().enumerate() {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match header.get(column).map(|name| name.trim()).filter(|name| !name.is_empty()) {
            Some(name) => parts.push(format!("{name}: {cell}")),
            None => parts.push(cell.to_string()),
        }
    }
    if parts.is_empty() { String::new() } else { format!("- {}", parts.join(", ")) }
}
