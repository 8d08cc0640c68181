//! Finds mentions of titles in what people write.
//!
//! A title may name a thing ("Hobsons House") or a subject ("Returns and exchanges"). What is said
//! earlier in a conversation about a named thing holds for the next question; what was said about
//! a subject holds less. The two are told apart by their words: one that customers of any company
//! use (`common_words.txt`), or that other documents use in their text, is a word of the language;
//! another is a name. A title of common words alone ("The Missing Sock") names a thing if it is
//! said in full, no other document says it, and several documents bear it: then it is what they are
//! about, while "Track your order" is the heading of one.
//!
//! Here the titles are collected; `mention` looks for them in a text and weighs their words. Titles come
//! and go one by one as commits bring them: how often other documents use a word is asked of the index
//! ([`super::word_use`]) when it is said.

mod mention;

use std::collections::HashMap;

use super::text::is_query_stop_word;
use super::words::{distinct_tokens, is_common_word, tokens_of};
pub use mention::Mention;

/// Titles that nothing bears any more are dropped when they are this share of all, one in so many.
const MOST_DEAD: usize = 8;
/// So many titles are made anew at no noticeable cost, at once when one is dead.
const FEW_TITLES: usize = 20_000;

/// All titles of the knowledge, ready to be looked for. A title keeps its number until [`TitleIndex::tidied`].
#[derive(Debug, Default)]
pub struct TitleIndex {
    titles: Vec<Title>,
    numbers: HashMap<String, usize>,
    /// Titles that some passage bears.
    living: usize,
    words: Vec<Word>,
    vocabulary: HashMap<String, usize>,
    /// Words by first letter, for fuzzy matches.
    words_by_initial: HashMap<char, Vec<usize>>,
    /// Two neighbouring words of a title, written together.
    joined: HashMap<String, (usize, usize)>,
}

#[derive(Debug)]
struct Title {
    text: String,
    /// Each once.
    words: Vec<usize>,
    /// Number of words, the same one counted again.
    length: usize,
    /// Number of passages that bear it; a title of none is dead.
    passages: usize,
    /// Number of documents that bear it.
    documents: usize,
}

#[derive(Debug)]
struct Word {
    text: String,
    kind: WordKind,
    /// Living titles that hold it.
    titles: usize,
    /// Titles, dead ones too, that may be mentioned where it is said. A title with names among its words is
    /// not mentioned without one of them; one without, only in full: any one of its words will do.
    leads_to: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordKind {
    /// A function word.
    Stop,
    /// One that customers use whatever the company sells.
    Common,
    /// One that may be a name.
    Own,
}

impl TitleIndex {
    /// Counts one more passage that bears a title, and gives the title's number. `is_lead`: it is the first of
    /// its document.
    pub fn add(&mut self, title: &str, is_lead: bool) -> usize {
        let number = match self.numbers.get(title) {
            Some(&number) => number,
            None => self.put(title),
        };
        if self.titles[number].passages == 0 {
            self.living += 1;
            for &word in &self.titles[number].words {
                self.words[word].titles += 1;
            }
        }
        self.titles[number].passages += 1;
        self.titles[number].documents += usize::from(is_lead);
        number
    }

    /// Counts one passage less that bears a title.
    pub fn remove(&mut self, number: usize, is_lead: bool) {
        let title = &mut self.titles[number];
        title.passages -= 1;
        title.documents -= usize::from(is_lead);
        if title.passages == 0 {
            self.living -= 1;
            for &word in &title.words {
                self.words[word].titles -= 1;
            }
        }
    }

    /// This without dead titles, with the new number of each, once they are worth the work; else none.
    pub fn tidied(&self) -> Option<(TitleIndex, Vec<usize>)> {
        let dead = self.titles.len() - self.living;
        if dead == 0 || (self.titles.len() > FEW_TITLES && dead * MOST_DEAD < self.titles.len()) {
            return None;
        }
        let mut fresh = TitleIndex::default();
        let mut numbers = Vec::with_capacity(self.titles.len());
        for title in &self.titles {
            if title.passages == 0 {
                numbers.push(usize::MAX);
                continue;
            }
            let number = fresh.add(&title.text, false);
            fresh.titles[number].passages = title.passages;
            fresh.titles[number].documents = title.documents;
            numbers.push(number);
        }
        Some((fresh, numbers))
    }

    /// The words of a title.
    pub fn text(&self, title: usize) -> &str {
        &self.titles[title].text
    }

    /// True if several documents bear the title.
    pub fn is_shared(&self, title: usize) -> bool {
        self.titles[title].documents >= 2
    }

    /// The number of a word that a living title holds.
    fn word(&self, text: &str) -> Option<usize> {
        self.vocabulary.get(text).copied().filter(|&word| self.words[word].titles > 0)
    }

    fn put(&mut self, text: &str) -> usize {
        let number = self.titles.len();
        let tokens = distinct_tokens(text);
        let words: Vec<usize> = tokens.iter().map(|token| self.word_of(token)).collect();
        for pair in words.windows(2) {
            let together = format!("{}{}", self.words[pair[0]].text, self.words[pair[1]].text);
            self.joined.insert(together, (pair[0], pair[1]));
        }
        let own = words.iter().filter(|&&word| self.words[word].kind == WordKind::Own);
        let mut leads: Vec<usize> = own.copied().collect();
        if leads.is_empty() {
            leads.extend(words.iter().max_by_key(|&&word| {
                (self.words[word].kind == WordKind::Common, self.words[word].text.len())
            }));
        }
        leads.iter().for_each(|&word| self.words[word].leads_to.push(number));
        let length = tokens_of(text).len();
        self.titles.push(Title {
            text: text.to_string(),
            words,
            length,
            passages: 0,
            documents: 0,
        });
        self.numbers.insert(text.to_string(), number);
        number
    }

    fn word_of(&mut self, token: &str) -> usize {
        if let Some(&word) = self.vocabulary.get(token) {
            return word;
        }
        let word = self.words.len();
        let kind = match token {
            token if is_query_stop_word(token) => WordKind::Stop,
            token if is_common_word(token) => WordKind::Common,
            _ => WordKind::Own,
        };
        self.words.push(Word { text: token.to_string(), kind, titles: 0, leads_to: Vec::new() });
        self.vocabulary.insert(token.to_string(), word);
        if let Some(initial) = token.chars().next() {
            self.words_by_initial.entry(initial).or_default().push(word);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::document::Document;
    use crate::retrieve::overlay::KnowledgeInMemory;
    use crate::retrieve::snapshot::Snapshot;
    use crate::retrieve::split::passages_of;

    fn knowledge(entries: &[(&str, &str)]) -> Snapshot {
        let mut knowledge = KnowledgeInMemory::new().unwrap();
        for (number, (title, text)) in (0..).zip(entries) {
            for passage in passages_of(&Document::plain(number.to_string(), *title, *text)) {
                knowledge.add(&passage, number, &[]).unwrap();
            }
        }
        knowledge.snapshot().unwrap()
    }

    fn mentioned(knowledge: &Snapshot, text: &str) -> Vec<String> {
        let mentions = knowledge.mentions(text).unwrap();
        mentions.iter().map(|mention| knowledge.titles().text(mention.title).to_string()).collect()
    }

    fn strength(knowledge: &Snapshot, text: &str) -> f32 {
        knowledge.mentions(text).unwrap().first().map_or(0.0, |mention| mention.strength)
    }

    #[test]
    fn a_name_is_found_with_typing_errors_joined_words_and_symbols() {
        let index = knowledge(&[
            ("Larkspur Guest House", "Breakfast is from 7."),
            ("Pine & Oak", "Open all day."),
            ("Brannigan's", "Card only."),
        ]);
        assert_eq!(mentioned(&index, "is the larkspurr guesthouse far?"), ["Larkspur Guest House"]);
        assert_eq!(mentioned(&index, "we ate at Pine and Oak"), ["Pine & Oak"]);
        assert_eq!(mentioned(&index, "does brannigans take cash"), ["Brannigan's"]);
        assert_eq!(mentioned(&index, "is there a guest room?"), Vec::<String>::new());
    }

    #[test]
    fn the_longer_of_two_names_wins_when_it_is_said_in_full() {
        let index = knowledge(&[("Tolva", "Open daily."), ("Tolva Harbor Side", "Open daily.")]);
        assert_eq!(mentioned(&index, "a table at tolva harbor side"), ["Tolva Harbor Side"]);
        assert_eq!(mentioned(&index, "a table at tolva"), ["Tolva"]);
    }

    #[test]
    fn a_subject_that_other_articles_speak_of_is_weaker_than_a_name() {
        let index = knowledge(&[
            ("Refund times", "Money comes back in a week."),
            ("Returns", "A refund follows; see refund times."),
            ("Gift cards", "A refund goes to the card."),
            ("Zephyrion", "A light tent."),
        ]);
        assert!(
            strength(&index, "about refund times") <= 0.5 * strength(&index, "about the zephyrion")
        );
    }

    #[test]
    fn a_phrase_of_common_words_is_a_name_if_several_documents_bear_it() {
        let index = knowledge(&[
            ("The Missing Sock", "Open daily."),
            ("The Missing Sock", "Card only."),
            ("Track your order", "See the order page."),
        ]);
        assert!(strength(&index, "a table at the missing sock") > 0.9);
        assert!(strength(&index, "i want to track your order") < 0.5);
        assert_eq!(strength(&index, "one of the lights is missing"), 0.0);
    }

    #[test]
    fn titles_that_come_and_go_leave_what_was_there_without_them() {
        let mut titles = TitleIndex::default();
        let kept = titles.add("Larkspur Guest House", true);
        for number in 0..100 {
            let gone = titles.add(&format!("Larkspur Annex {number}"), true);
            titles.remove(gone, true);
            let (tidied, numbers) = titles.tidied().unwrap();
            assert_eq!((numbers[kept], numbers[gone]), (0, usize::MAX));
            titles = tidied;
        }
        assert_eq!((titles.titles.len(), titles.words.len(), titles.living), (1, 3, 1));
        assert!(titles.tidied().is_none() && titles.word("annex").is_none());
        assert_eq!(titles.add("Larkspur Guest House", true), kept);
        assert!(titles.is_shared(kept));
        titles.remove(kept, true);
        assert!(!titles.is_shared(kept));
    }
}
