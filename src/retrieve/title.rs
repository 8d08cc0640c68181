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
//! Matching allows a typing error in a long word, an ending `s`, `&` for `and`, and words written
//! together or apart.

use std::collections::HashMap;

use super::document::Passage;
use super::text::is_query_stop_word;
use super::words::{distinct_tokens, is_common_word, tokens_of, within_one_edit};

/// Words of one turn that are looked at; the rest of a very long message is not.
const LONGEST_TURN_TOKENS: usize = 400;
/// Share of a title's weight that must be found.
const LEAST_COVERAGE: f32 = 0.5;
/// What a match with a typing error counts.
const FUZZY_QUALITY: f32 = 0.85;
/// Of overlapping mentions, those with this share of the best one's evidence are kept.
const OVERLAP_SHARE: f32 = 0.8;
/// How fast a word loses its weight as a name when other documents' texts use it.
const COMMON_WORD_SLOPE: f32 = 30.0;
const STOP_WORD_WEIGHT: f32 = 0.1;
/// How much of a name a common word is.
const COMMON_WORD_LIKENESS: f32 = 0.25;
/// A title that is not said in full needs a word that is this much of a name.
const LEAST_LIKENESS_IN_PART: f32 = 0.5;
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

/// A title found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// Number of the title.
    pub title: usize,
    /// 0 to 1: how surely and how fully it is mentioned, and how much of a name it is.
    pub strength: f32,
    /// First and last token of the mention.
    span: (usize, usize),
    evidence: f32,
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

    /// The titles mentioned in a text, in no particular order, none twice.
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        let mut tokens = tokens_of(text);
        tokens.truncate(LONGEST_TURN_TOKENS);
        let mut hits_by_title: HashMap<usize, Vec<Hit>> = HashMap::new();
        for (position, token) in tokens.iter().enumerate() {
            for (word, quality) in self.words_like(token, tokens.get(position + 1)) {
                for &title in &self.titles_with_word[word] {
                    hits_by_title.entry(title).or_default().push(Hit { position, word, quality });
                }
            }
        }
        let mut mentions: Vec<Mention> = hits_by_title
            .iter()
            .filter_map(|(&title, hits)| self.best_window(title, hits))
            .collect();
        mentions.sort_by(|a, b| b.evidence.total_cmp(&a.evidence).then(a.title.cmp(&b.title)));
        let mut kept: Vec<Mention> = Vec::new();
        for mention in mentions {
            let is_overshadowed = kept.iter().any(|better| {
                better.overlaps(&mention) && mention.evidence < OVERLAP_SHARE * better.evidence
            });
            if !is_overshadowed {
                kept.push(mention);
            }
        }
        kept
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

    /// The words of titles that a token may stand for, with how sure that is.
    fn words_like(&self, token: &str, next: Option<&String>) -> Vec<(usize, f32)> {
        let mut found = Vec::new();
        if let Some(&word) = self.vocabulary.get(token) {
            found.push((word, 1.0));
        }
        if let Some(&(first, second)) = self.joined.get(token) {
            found.push((first, 1.0));
            found.push((second, 1.0));
        }
        if let Some(next) = next
            && let Some(&word) = self.vocabulary.get(&format!("{token}{next}"))
        {
            found.push((word, 1.0));
        }
        if found.is_empty() {
            let other_number = match token.strip_suffix('s') {
                Some(singular) if singular.len() >= 4 => self.vocabulary.get(singular),
                _ if token.len() >= 4 => self.vocabulary.get(&format!("{token}s")),
                _ => None,
            };
            found.extend(other_number.map(|&word| (word, 1.0)));
        }
        // A common word is itself, not a name with a typing error.
        if found.is_empty() && token.chars().count() >= 5 && !is_common_word(token) {
            let candidates = token.chars().next().and_then(|c| self.words_by_initial.get(&c));
            for &word in candidates.into_iter().flatten() {
                if within_one_edit(token, &self.words[word]) {
                    found.push((word, FUZZY_QUALITY));
                }
            }
        }
        found
    }

    fn best_window(&self, number: usize, hits: &[Hit]) -> Option<Mention> {
        let title = &self.titles[number];
        let longest = title.words.len() + 1;
        let mut best: Option<Mention> = None;
        for (first, start) in hits.iter().enumerate() {
            let mut qualities = vec![0.0f32; title.words.len()];
            let mut end = start.position;
            for hit in &hits[first..] {
                if hit.position >= start.position + longest {
                    break;
                }
                for (place, &word) in title.words.iter().enumerate() {
                    if word == hit.word && hit.quality > qualities[place] {
                        qualities[place] = hit.quality;
                        end = end.max(hit.position);
                    }
                }
            }
            let matched: f32 = qualities.iter().zip(&title.weights).map(|(q, w)| q * w).sum();
            let coverage = matched / title.total.max(f32::EPSILON);
            let named = qualities
                .iter()
                .zip(&title.name_likeness)
                .filter(|(quality, _)| **quality > 0.0)
                .map(|(_, likeness)| *likeness)
                .fold(0.0f32, f32::max);
            let in_full = coverage > 0.999 && end + 1 - start.position <= title.length;
            if coverage < LEAST_COVERAGE || (!in_full && named < LEAST_LIKENESS_IN_PART) {
                continue;
            }
            let likeness = if in_full { named.max(title.phrase_likeness) } else { named };
            let mention = Mention {
                title: number,
                strength: coverage * likeness,
                span: (start.position, end),
                evidence: matched * coverage,
            };
            if best.as_ref().is_none_or(|best| mention.evidence > best.evidence) {
                best = Some(mention);
            }
        }
        best
    }
}

#[derive(Debug)]
struct Hit {
    position: usize,
    word: usize,
    quality: f32,
}

impl Mention {
    /// Where in the text it begins, counted in words.
    pub fn first_token(&self) -> usize {
        self.span.0
    }

    fn overlaps(&self, other: &Mention) -> bool {
        self.span.0 <= other.span.1 && other.span.0 <= self.span.1
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
