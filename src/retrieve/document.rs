//! Knowledge: documents as they come in, and the passages they are searched and quoted by.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One article of the company's knowledge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Unique among documents; a later import with the same id replaces this one.
    pub id: String,
    /// What a reader sees, and context for every passage.
    pub title: String,
    /// The text under each heading, in reading order.
    pub sections: Vec<Section>,
    /// Where customers can read it.
    pub url: Option<String>,
    /// ISO 639-1 code, if known.
    pub language: Option<String>,
    /// Whom it is meant for, in the company's own terms.
    pub audience: Option<String>,
    /// The Markdown that it was written in, for whoever edits it; none for other formats. Not searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Text under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Headings from the outermost (below the title) to the innermost; empty before the first.
    pub heading: Vec<String>,
    /// Plain text; paragraphs are separated by an empty line, list items start with "- ".
    pub text: String,
}

/// A piece of a document, short enough to be quoted and embedded whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// `document id#ordinal`.
    pub id: String,
    /// The document it is part of.
    pub document_id: String,
    /// The document's title.
    pub title: String,
    /// Headings above it, outermost first.
    pub heading: Vec<String>,
    /// Its words.
    pub text: String,
    /// Where customers can read the document.
    pub url: Option<String>,
    /// ISO 639-1 code, if known.
    pub language: Option<String>,
    /// Whom it is meant for.
    pub audience: Option<String>,
    /// Its place in the document, from 0.
    pub ordinal: u32,
}

impl Document {
    /// A document without headings.
    pub fn plain(
        id: impl Into<String>,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Document {
        Document {
            id: id.into(),
            title: title.into(),
            sections: vec![Section { heading: Vec::new(), text: text.into() }],
            url: None,
            language: None,
            audience: None,
            source: None,
        }
    }

    /// SHA-256 over everything in it: equal hash, nothing to import.
    pub fn content_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let mut add = |part: &str| {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        add(&self.id);
        add(&self.title);
        for section in &self.sections {
            add(&section.heading.join("\u{1f}"));
            add(&section.text);
        }
        for optional in [&self.url, &self.language, &self.audience] {
            add(optional.as_deref().unwrap_or("\u{0}"));
        }
        hasher.finalize().into()
    }
}

impl Passage {
    /// What is embedded: the title and the nearest heading give the words their subject.
    pub fn text_to_embed(&self) -> String {
        match self.heading.last() {
            Some(heading) => format!("{}: {heading}. {}", self.title, self.text),
            None => format!("{}: {}", self.title, self.text),
        }
    }
}
