//! Articles as people edit them: as Markdown, one at a time.
//!
//! The content is the truth; what is saved here is in it and in the index at once. Whoever saves says which version
//! they read, so that nobody overwrites what another saved meanwhile. Every call is blocking.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::content::Content;
use super::document::Document;
use super::index::Index;
use super::ingest::article_of_markdown;
use super::item::{Item, document_key};
use crate::model::encoder::Encoder;
use crate::{Error, ErrorKind, Result};

/// Longest text of an article, in characters.
pub const LONGEST_ARTICLE_CHARS: usize = 400_000;

/// One article in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleEntry {
    /// Its id.
    pub id: String,
    /// What a reader sees.
    pub title: String,
    /// When it last changed, in milliseconds since 1970; none if that was before it was kept.
    pub updated_ms: Option<i64>,
    /// ISO 639-1 code, if known.
    pub language: Option<String>,
    /// Where customers can read it.
    pub url: Option<String>,
    /// Characters of its text.
    pub chars: usize,
}

/// One article, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Article {
    /// Its id.
    pub id: String,
    /// What a reader sees.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where customers can read it.
    pub url: Option<String>,
    /// ISO 639-1 code, if known.
    pub language: Option<String>,
    /// Whom it is meant for.
    pub audience: Option<String>,
    /// Tells one version from another.
    pub version: String,
    /// When it last changed.
    pub updated_ms: Option<i64>,
}

/// An article as somebody writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What a reader sees.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where customers can read it.
    pub url: Option<String>,
    /// ISO 639-1 code, if known.
    pub language: Option<String>,
    /// Whom it is meant for.
    pub audience: Option<String>,
}

/// What came of saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is in the content and in the index.
    Now(Article),
    /// Another version is there; nothing was changed.
    ChangedMeanwhile,
    /// There is no such article.
    Unknown,
}

impl Index {
    /// All articles whose title or text has every word of `query`, those with it in the title first; all for an empty one.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the content cannot be read.
    pub fn articles(&self, query: &str) -> Result<Vec<ArticleEntry>> {
        let words: Vec<String> =
            query.to_lowercase().split_whitespace().map(str::to_string).collect();
        let Some(mut content) = Content::open_to_read(&self.shared.data_dir)? else {
            return Ok(Vec::new());
        };
        let mut found: Vec<(bool, ArticleEntry)> = Vec::new();
        for (document, updated_ms) in content.documents()? {
            let title = document.title.to_lowercase();
            let in_title = words.iter().all(|word| title.contains(word));
            let in_text = || {
                let text = text_of(&document).to_lowercase();
                words.iter().all(|word| title.contains(word) || text.contains(word))
            };
            if in_title || in_text() {
                let chars =
                    document.sections.iter().map(|section| section.text.chars().count()).sum();
                let Document { id, title, language, url, .. } = document;
                found
                    .push((in_title, ArticleEntry { id, title, updated_ms, language, url, chars }));
            }
        }
        found.sort_by(|(left_in, left), (right_in, right)| {
            right_in
                .cmp(left_in)
                .then_with(|| left.title.to_lowercase().cmp(&right.title.to_lowercase()))
        });
        Ok(found.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The article of this id.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the content cannot be read.
    pub fn article(&self, id: &str) -> Result<Option<Article>> {
        let Some(mut content) = Content::open_to_read(&self.shared.data_dir)? else {
            return Ok(None);
        };
        let found = content.document(id)?;
        found.map(|(document, updated_ms)| article_of(document, updated_ms)).transpose()
    }

    /// Saves an article in place of `version` of it. Searches see it when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if it is no article; [`ErrorKind::Busy`] during an import; else those of writing.
    pub fn save_article(
        &self,
        encoder: &Encoder,
        id: &str,
        version: &str,
        draft: Draft,
    ) -> Result<Saved> {
        let document = draft.into_document(id)?;
        // The lock is taken first: what is read below stays so.
        let writer = self.writer()?;
        match self.article(id)? {
            None => return Ok(Saved::Unknown),
            Some(there) if there.version != version => return Ok(Saved::ChangedMeanwhile),
            Some(_) => {}
        }
        self.put(writer, encoder, document)
    }

    /// Adds an article under a new id made of its title.
    ///
    /// # Errors
    /// As [`Index::save_article`].
    pub fn add_article(&self, encoder: &Encoder, draft: Draft) -> Result<Article> {
        let mut writer = self.writer()?;
        let stem = id_of_title(&draft.title);
        let mut id = stem.clone();
        let mut next = 2;
        while writer.is_known(&document_key(&id))? {
            id = format!("{stem}-{next}");
            next += 1;
        }
        let document = draft.into_document(&id)?;
        match self.put(writer, encoder, document)? {
            Saved::Now(article) => Ok(article),
            _ => Err(Error::internal("an article that was added is not there")),
        }
    }

    fn put(
        &self,
        mut writer: super::writer::Writer,
        encoder: &Encoder,
        document: Document,
    ) -> Result<Saved> {
        let id = document.id.clone();
        let item = Item::Document(document);
        let embeddings = encoder.embed(&item.texts_to_embed())?;
        writer.upsert(item, &embeddings)?;
        writer.finish()?;
        Ok(self.article(&id)?.map_or(Saved::Unknown, Saved::Now))
    }

    /// Takes an article away. False if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] during an import; else those of writing.
    pub fn remove_article(&self, id: &str) -> Result<bool> {
        let mut writer = self.writer()?;
        if self.article(id)?.is_none() {
            return Ok(false);
        }
        writer.remove(&document_key(id))?;
        writer.finish()?;
        Ok(true)
    }
}

impl Draft {
    /// The article under this id.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] saying what is missing or too long.
    pub fn into_document(self, id: &str) -> Result<Document> {
        if self.text.chars().count() > LONGEST_ARTICLE_CHARS {
            let message = format!(
                "the text is longer than {LONGEST_ARTICLE_CHARS} characters; split it into several articles"
            );
            return Err(Error::new(ErrorKind::Input, message));
        }
        let given = |value: Option<String>| {
            value.map(|value| value.trim().to_string()).filter(|value| !value.is_empty())
        };
        let mut document = article_of_markdown(&self.text, id).map_err(Error::input)?;
        document.id = id.to_string();
        document.title = self.title.trim().to_string();
        document.url = given(self.url);
        document.language = given(self.language);
        document.audience = given(self.audience);
        super::ingest::checked_article(document).map_err(Error::input)
    }
}

fn article_of(document: Document, updated_ms: Option<i64>) -> Result<Article> {
    let text = text_of(&document);
    let json = super::item::json(&document)?;
    let version: String =
        Sha256::digest(&json).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let Document { id, title, url, language, audience, .. } = document;
    Ok(Article { id, title, text, url, language, audience, version, updated_ms })
}

/// The article's Markdown: as it was written, or made of its sections.
fn text_of(document: &Document) -> String {
    if let Some(source) = &document.source {
        return source.clone();
    }
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for section in &document.sections {
        for (depth, heading) in section.heading.iter().enumerate() {
            if open.get(depth) == Some(&heading.as_str()) {
                continue;
            }
            open.truncate(depth);
            open.push(heading);
            let marks = "#".repeat((depth + 2).min(6));
            text.push_str(&format!("{marks} {}\n\n", escaped(heading)));
        }
        open.truncate(section.heading.len());
        for line in section.text.lines() {
            match line.strip_prefix("- ") {
                Some(item) => text.push_str(&format!("- {}", escaped(item))),
                None => text.push_str(&escaped(line)),
            }
            text.push('\n');
        }
        text.push('\n');
    }
    text.trim_end().to_string()
}

/// The text with what Markdown would take for marks escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        let is_mark = matches!(character, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~' | '|')
            || place == 0 && matches!(character, '#' | '>' | '+' | '-' | '=');
        if is_mark {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    // "1. " at the beginning is a number, not a list.
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && escaped[digits..].starts_with(['.', ')']) {
        escaped.insert(digits, '\\');
    }
    escaped
}

/// `How do returns work?` as an id: `how-do-returns-work`.
fn id_of_title(title: &str) -> String {
    let words: String =
        title.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let id = words.split_whitespace().collect::<Vec<_>>().join("-");
    let id: String = id.chars().take(80).collect();
    let id = id.trim_matches('-');
    if id.is_empty() { "article".to_string() } else { id.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::Section;

    #[test]
    fn markdown_made_of_sections_reads_as_the_same_sections() {
        let section = |heading: &[&str], text: &str| Section {
            heading: heading.iter().map(|heading| (*heading).to_string()).collect(),
            text: text.to_string(),
        };
        let mut document = Document::plain("d", "Title", "");
        document.sections = vec![
            section(&[], "It costs *5* dollars [net] < 6.\n\n1. is no list. # neither"),
            section(&["How it works"], "First.\n- one_two\n- three"),
            section(&["How it works", "Abroad"], "Second."),
            section(&["Else"], "> Third"),
        ];
        let draft = Draft { title: "Title".into(), text: text_of(&document), ..Draft::default() };
        let again = draft.into_document("d").unwrap();
        assert_eq!(again.sections, document.sections, "{}", text_of(&document));
    }

    #[test]
    fn what_was_written_is_what_is_edited() {
        let text = "See [our page](https://shop.example/a).\n\n## More\n\n*Now*";
        let draft = Draft { title: "A".into(), text: text.into(), ..Draft::default() };
        let document = draft.into_document("a").unwrap();
        assert_eq!(text_of(&document), text);
        assert_eq!(document.sections[0].text, "See our page.");
        let nothing = Draft { title: "A".into(), text: " \n".into(), ..Draft::default() };
        assert!(nothing.into_document("a").is_err());
        let untitled = Draft { title: " ".into(), text: "x".into(), ..Draft::default() };
        assert!(untitled.into_document("a").unwrap_err().to_string().contains("title"));
    }

    #[test]
    fn ids_are_made_of_titles() {
        assert_eq!(id_of_title("How do Returns work?"), "how-do-returns-work");
        assert_eq!(id_of_title("¿?"), "article");
    }
}
