//! Collects headings and blocks of text, in reading order, into a document's sections.

use crate::retrieve::document::Section;

/// What is longer is no heading but text. Every section and passage carries its headings, so a long one would be kept as
/// many times as there are.
pub const LONGEST_HEADING_CHARS: usize = 300;
/// More is no article.
const MOST_SECTIONS: usize = 10_000;

/// Built up by the readers of Markdown and HTML.
#[derive(Default)]
pub struct Outline {
    title: Option<String>,
    title_level: usize,
    open_headings: Vec<(usize, String)>,
    sections: Vec<Section>,
    blocks: Vec<String>,
    has_too_many_sections: bool,
}

impl Outline {
    /// A heading of level 1 (outermost) to 6. The first one is the title.
    pub fn heading(&mut self, level: usize, text: &str) {
        let text = collapse_spaces(text);
        if text.is_empty() {
            return;
        }
        if text.chars().count() > LONGEST_HEADING_CHARS {
            return self.block(&text);
        }
        self.close_section();
        if self.title.is_none() && self.sections.is_empty() {
            self.title = Some(text);
            self.title_level = level;
            return;
        }
        self.open_headings.retain(|(open_level, _)| *open_level < level);
        self.open_headings.push((level, text));
    }

    /// A paragraph, a list item or a row of a table.
    pub fn block(&mut self, text: &str) {
        let text = collapse_spaces(text);
        if !text.is_empty() {
            self.blocks.push(text);
        }
    }

    /// The title, if there was a heading before any text, and the sections that have text; or why it is no article.
    pub fn finish(mut self) -> Result<(Option<String>, Vec<Section>), String> {
        self.close_section();
        if self.has_too_many_sections {
            return Err(format!("more than {MOST_SECTIONS} sections; split it into several files"));
        }
        Ok((self.title, self.sections))
    }

    fn close_section(&mut self) {
        if self.blocks.is_empty() {
            return;
        }
        if self.sections.len() == MOST_SECTIONS {
            self.has_too_many_sections = true;
            return self.blocks.clear();
        }
        let heading = self.open_headings.iter().map(|(_, text)| text.clone()).collect();
        let mut text = String::new();
        for block in self.blocks.drain(..) {
            if !text.is_empty() {
                // List items stay together: they rarely make sense apart.
                text.push_str(if block.starts_with("- ") { "\n" } else { "\n\n" });
            }
            text.push_str(&block);
        }
        self.sections.push(Section { heading, text });
    }
}

/// Runs of white space become one space.
pub fn collapse_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// `returns-and_exchanges` as a title: `Returns and exchanges`.
pub fn title_of_stem(stem: &str) -> String {
    let words = collapse_spaces(&stem.replace(['-', '_'], " "));
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => words,
    }
}
