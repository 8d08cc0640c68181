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

/// Lists of up to this many words are quoted whole.
const LONGEST_LIST_WORDS: usize = 70;

/// What can be quoted of a passage by itself: its sentences, and lists. A short list goes with the
/// line that introduces it; an item of another list stands alone, without its dash.
pub fn quotable(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_item = |line: &str| line.starts_with("- ");
    let mut quotable = Vec::new();
    let mut place = 0;
    while place < lines.len() {
        let line = lines[place];
        let items = lines[place + 1..].iter().take_while(|next| is_item(next)).count();
        let introduced = !is_item(line) && line.ends_with(':') && items > 0;
        let list = &lines[place..=place + items];
        if introduced
            && list.iter().map(|line| count_words(line)).sum::<usize>() <= LONGEST_LIST_WORDS
        {
            let mut before: Vec<&str> = sentences(line);
            let introduction = before.pop().unwrap_or(line);
            quotable.extend(before.into_iter().map(str::to_string));
            quotable.push(format!("{introduction}\n{}", list[1..].join("\n")));
            place += 1 + items;
            continue;
        }
        match line.strip_prefix("- ") {
            Some(item) => quotable.push(item.to_string()),
            None => quotable.extend(sentences(line).into_iter().map(str::to_string)),
        }
        place += 1;
    }
    quotable
}

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::document::Section;

    fn texts(text: &str) -> Vec<String> {
        passages_of(&Document::plain("d", "T", text)).into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn short_text_is_one_passage_and_no_text_is_none() {
        assert_eq!(texts("One.\n\nTwo."), ["One.\n\nTwo."]);
        assert!(texts(" \n\n ").is_empty());
    }

    #[test]
    fn no_word_is_lost_and_no_passage_is_long() {
        let sentence = "Every booking can be changed until the evening before. ";
        for text in [
            sentence.repeat(80),
            format!("{}\n\n", sentence.repeat(3)).repeat(20),
            "word ".repeat(1000),
            "- an item of a list\n".repeat(120),
        ] {
            let passages = texts(&text);
            assert!(passages.len() > 1);
            assert!(passages.iter().all(|p| count_words(p) <= LONGEST_UNCUT_WORDS));
            let before: Vec<&str> = text.split_whitespace().collect();
            let joined = passages.join(" ");
            assert_eq!(joined.split_whitespace().collect::<Vec<&str>>(), before);
        }
    }

    #[test]
    fn a_passage_never_crosses_a_heading() {
        let mut document = Document::plain("d", "T", "First.");
        document
            .sections
            .push(Section { heading: vec!["Then".to_string()], text: "Second.".to_string() });
        let passages = passages_of(&document);
        assert_eq!(passages.len(), 2);
        assert_eq!((passages[1].id.as_str(), passages[1].ordinal), ("d#1", 1));
        assert_eq!(passages[1].text_to_embed(), "T: Then. Second.");
    }

    #[test]
    fn sentences_end_where_a_reader_says() {
        assert_eq!(
            sentences("It costs $4.50. Is it far? no! e.g. the pier.\n- Next"),
            ["It costs $4.50.", "Is it far? no! e.g. the pier.", "- Next"]
        );
        assert!(sentences("").is_empty());
    }
}
