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
//! Here the titles are collected and their words weighed; `mention` looks for them in a text.

mod mention;

use std::collections::HashMap;

use super::document::Passage;
use super::text::is_query_stop_word;
use super::words::{distinct_tokens, is_common_word, tokens_of};
pub use mention::Mention;

/// How fast a word loses its weight as a name when other documents' texts use it.
const COMMON_WORD_SLOPE: f32 = 30.0;
const STOP_WORD_WEIGHT: f32 = 0.1;
/// How much of a name a common word is.
const COMMON_WORD_LIKENESS: f32 = 0.25;
/// Passages looked through for a title's phrase; a phrase whose rarest word is in more is common.
const MOST_PHRASE_CANDIDATES: usize = 500;

/// All titles of the knowledge, ready to be looked for.
#[derive(Debug, Default)]
pub struct TitleIndex {
    titles: Vec<Title>,
    /// The title of each passage.
    title_of_passage: Vec<usize>,
    vocabulary: HashMap<String, usize>,
    /// Words by first letter, for fuzzy matches.
    words_by_initial: HashMap<char, Vec<usize>>,
    words: Vec<String>,
    titles_with_word: Vec<Vec<usize>>,
    /// Two neighbouring words of a title, written together.
    joined: HashMap<String, (usize, usize)>,
}

#[derive(Debug)]
struct Title {
    text: String,
    words: Vec<usize>,
    /// Weight of each word in recognising the title.
    weights: Vec<f32>,
    /// 0 to 1: how much each word is a name.
    name_likeness: Vec<f32>,
    /// 0 to 1: how much the title said in full is a name.
    phrase_likeness: f32,
    total: f32,
    /// Number of words, the same one counted again.
    length: usize,
    /// Number of documents that bear the title.
    documents: usize,
}

impl TitleIndex {
    /// Reads the titles of all passages.
    pub fn new(passages: &[Passage]) -> TitleIndex {
        let mut index = TitleIndex::default();
        let mut number_of_title: HashMap<String, usize> = HashMap::new();
        let mut token_lists: Vec<Vec<String>> = Vec::new();
        for passage in passages {
            let next = token_lists.len();
            let number = *number_of_title.entry(passage.title.clone()).or_insert(next);
            if number == next {
                token_lists.push(distinct_tokens(&passage.title));
                index.titles.push(Title {
                    text: passage.title.clone(),
                    words: Vec::new(),
                    weights: Vec::new(),
                    name_likeness: Vec::new(),
                    phrase_likeness: 0.0,
                    total: 0.0,
                    length: tokens_of(&passage.title).len(),
                    documents: 0,
                });
            }
            index.title_of_passage.push(number);
            if passage.ordinal == 0 {
                index.titles[number].documents += 1;
            }
        }
        for (number, tokens) in token_lists.iter().enumerate() {
            index.add_words(number, tokens);
        }
        index.weigh(passages);
        index
    }

    /// The title of a passage, by the passage's row.
    pub fn title_of_passage(&self, row: usize) -> usize {
        self.title_of_passage[row]
    }

    /// How many titles there are.
    pub fn len(&self) -> usize {
        self.titles.len()
    }

    /// True without knowledge.
    pub fn is_empty(&self) -> bool {
        self.titles.is_empty()
    }

    /// The words of a title.
    pub fn text(&self, title: usize) -> &str {
        &self.titles[title].text
    }

    /// True if several documents bear the title.
    pub fn is_shared(&self, title: usize) -> bool {
        self.titles[title].documents >= 2
    }

    fn add_words(&mut self, number: usize, tokens: &[String]) {
        for token in tokens {
            let next = self.words.len();
            let word = *self.vocabulary.entry(token.clone()).or_insert(next);
            if word == next {
                self.words.push(token.clone());
                self.titles_with_word.push(Vec::new());
                if let Some(initial) = token.chars().next() {
                    self.words_by_initial.entry(initial).or_default().push(word);
                }
            }
            self.titles_with_word[word].push(number);
            self.titles[number].words.push(word);
        }
        for pair in self.titles[number].words.windows(2) {
            let together = format!("{}{}", self.words[pair[0]], self.words[pair[1]]);
            self.joined.insert(together, (pair[0], pair[1]));
        }
    }

    fn weigh(&mut self, passages: &[Passage]) {
        let mut passages_with_word: Vec<Vec<usize>> = vec![Vec::new(); self.words.len()];
        for (row, passage) in passages.iter().enumerate() {
            for token in distinct_tokens(&passage.text) {
                if let Some(&word) = self.vocabulary.get(&token) {
                    passages_with_word[word].push(row);
                }
            }
        }
        let title_count = self.titles.len() as f32;
        let passage_count = passages.len().max(1) as f32;
        for number in 0..self.titles.len() {
            let is_other = |row: &&usize| self.title_of_passage[**row] != number;
            let title = &self.titles[number];
            let mut weights = Vec::with_capacity(title.words.len());
            let mut likeness = Vec::with_capacity(title.words.len());
            for &word in &title.words {
                let text = self.words[word].as_str();
                let is_stop_word = is_query_stop_word(text);
                let others = passages_with_word[word].iter().filter(is_other).count();
                let rarity = (1.0 + title_count / self.titles_with_word[word].len() as f32).ln();
                weights.push(if is_stop_word { STOP_WORD_WEIGHT } else { rarity });
                likeness.push(if is_stop_word {
                    0.0
                } else if is_common_word(text) {
                    COMMON_WORD_LIKENESS
                } else {
                    1.0 / (1.0 + COMMON_WORD_SLOPE * others as f32 / passage_count)
                });
            }
            let phrase_likeness = self.phrase_likeness(number, passages, &passages_with_word);
            let title = &mut self.titles[number];
            title.total = weights.iter().sum();
            title.weights = weights;
            title.name_likeness = likeness;
            title.phrase_likeness = phrase_likeness;
        }
    }

    /// One over one more than the number of other titles' passages that say the title in full.
    fn phrase_likeness(
        &self,
        number: usize,
        passages: &[Passage],
        passages_with_word: &[Vec<usize>],
    ) -> f32 {
        let title = &self.titles[number];
        let rarest = title.words.iter().min_by_key(|word| passages_with_word[**word].len());
        let Some(&rarest) = rarest.filter(|_| title.length >= 2 && title.documents >= 2) else {
            return 0.0;
        };
        if passages_with_word[rarest].len() > MOST_PHRASE_CANDIDATES {
            return 0.0;
        }
        let phrase = format!(" {} ", tokens_of(&title.text).join(" "));
        let others = passages_with_word[rarest]
            .iter()
            .filter(|&&row| self.title_of_passage[row] != number)
            .filter(|&&row| {
                format!(" {} ", tokens_of(&passages[row].text).join(" ")).contains(&phrase)
            })
            .count();
        1.0 / (1.0 + others as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::document::Document;
    use crate::retrieve::split::passages_of;

    fn titles(entries: &[(&str, &str)]) -> TitleIndex {
        let passages: Vec<Passage> = entries
            .iter()
            .enumerate()
            .flat_map(|(number, (title, text))| {
                passages_of(&Document::plain(number.to_string(), *title, *text))
            })
            .collect();
        TitleIndex::new(&passages)
    }

    fn mentioned(index: &TitleIndex, text: &str) -> Vec<String> {
        index.mentions(text).iter().map(|mention| index.text(mention.title).to_string()).collect()
    }

    #[test]
    fn a_name_is_found_with_typing_errors_joined_words_and_symbols() {
        let index = titles(&[
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
        let index = titles(&[("Tolva", "Open daily."), ("Tolva Harbor Side", "Open daily.")]);
        assert_eq!(mentioned(&index, "a table at tolva harbor side"), ["Tolva Harbor Side"]);
        assert_eq!(mentioned(&index, "a table at tolva"), ["Tolva"]);
    }

    #[test]
    fn a_subject_that_other_articles_speak_of_is_weaker_than_a_name() {
        let index = titles(&[
            ("Refund times", "Money comes back in a week."),
            ("Returns", "A refund follows; see refund times."),
            ("Gift cards", "A refund goes to the card."),
            ("Zephyrion", "A light tent."),
        ]);
        let strength = |text: &str| index.mentions(text).first().map_or(0.0, |m| m.strength);
        assert!(strength("about refund times") <= 0.5 * strength("about the zephyrion"));
    }

    #[test]
    fn a_phrase_of_common_words_is_a_name_if_several_documents_bear_it() {
        let index = titles(&[
            ("The Missing Sock", "Open daily."),
            ("The Missing Sock", "Card only."),
            ("Track your order", "See the order page."),
        ]);
        let strength = |text: &str| index.mentions(text).first().map_or(0.0, |m| m.strength);
        assert!(strength("a table at the missing sock") > 0.9);
        assert!(strength("i want to track your order") < 0.5);
        assert_eq!(strength("one of the lights is missing"), 0.0);
    }
}
