//! Splits documents into passages of about [`TARGET_WORDS`] words.
//!
//! A passage never crosses a heading. Paragraphs are kept whole where they fit, else they are cut
//! between sentences, else between words: MiniLM reads 256 tokens, and a reader wants a short quote.

use super::document::{Document, Passage};

/// Passages are filled up to this many words.
pub const TARGET_WORDS: usize = 120;
/// A paragraph or sentence of up to this many words is not cut.
const LONGEST_UNCUT_WORDS: usize = 160;

/// The passages of a document, in reading order.
pub fn passages_of(document: &Document) -> Vec<Passage> {
    let mut passages = Vec::new();
    for section in &document.sections {
        for text in split_text(&section.text) {
            let ordinal = passages.len() as u32;
            passages.push(Passage {
                id: format!("{}#{ordinal}", document.id),
                document_id: document.id.clone(),
                title: document.title.clone(),
                heading: section.heading.clone(),
                text,
                url: document.url.clone(),
                language: document.language.clone(),
                audience: document.audience.clone(),
                ordinal,
            });
        }
    }
    passages
}

fn split_text(text: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut chunk = String::new();
    let mut chunk_words = 0;
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        for (index, piece) in pieces_of_paragraph(paragraph).into_iter().enumerate() {
            let piece_words = count_words(&piece);
            if chunk_words > 0 && chunk_words + piece_words > TARGET_WORDS {
                chunks.push(std::mem::take(&mut chunk));
                chunk_words = 0;
            }
            if !chunk.is_empty() {
                chunk.push_str(match index {
                    0 => "\n\n",
                    _ if piece.starts_with("- ") => "\n",
                    _ => " ",
                });
            }
            chunk.push_str(&piece);
            chunk_words += piece_words;
        }
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

/// The paragraph itself, or its sentences when it is long, or runs of words of a long sentence.
fn pieces_of_paragraph(paragraph: &str) -> Vec<String> {
    if count_words(paragraph) <= LONGEST_UNCUT_WORDS {
        return vec![paragraph.to_string()];
    }
    let mut pieces = Vec::new();
    for sentence in sentences(paragraph) {
        if count_words(sentence) <= LONGEST_UNCUT_WORDS {
            pieces.push(sentence.to_string());
            continue;
        }
        let words: Vec<&str> = sentence.split_whitespace().collect();
        pieces.extend(words.chunks(TARGET_WORDS).map(|run| run.join(" ")));
    }
    pieces
}

/// Cuts after `.`, `!`, `?` or a line's end when a new sentence seems to follow.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    for (place, &(offset, character)) in characters.iter().enumerate() {
        let after = characters.get(place + 1).map(|&(_, c)| c);
        let ends_line = character == '\n';
        let ends_sentence = matches!(character, '.' | '!' | '?')
            && after.is_some_and(char::is_whitespace)
            && characters[place + 1..]
                .iter()
                .find(|(_, c)| !c.is_whitespace())
                .is_some_and(|(_, c)| !c.is_lowercase());
        if ends_line || ends_sentence {
            let end = offset + character.len_utf8();
            sentences.push(text[start..end].trim());
            start = end;
        }
    }
    sentences.push(text[start..].trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}
