//! Where in a text which titles are mentioned.
//!
//! Matching allows a typing error in a long word, an ending `s`, `&` for `and`, and words written
//! together or apart.

use std::collections::HashMap;

use super::TitleIndex;
use crate::retrieve::words::{is_common_word, tokens_of, within_one_edit};

/// Words of one turn that are looked at; the rest of a very long message is not.
const LONGEST_TURN_TOKENS: usize = 400;
/// Share of a title's weight that must be found.
const LEAST_COVERAGE: f32 = 0.5;
/// What a match with a typing error counts.
const FUZZY_QUALITY: f32 = 0.85;
/// Of overlapping mentions, those with this share of the best one's evidence are kept.
const OVERLAP_SHARE: f32 = 0.8;
/// A title that is not said in full needs a word that is this much of a name.
const LEAST_LIKENESS_IN_PART: f32 = 0.5;

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
