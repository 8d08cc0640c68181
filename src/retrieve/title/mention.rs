//! Where in a text which titles are mentioned.
//!
//! Matching allows a typing error in a long word, an ending `s`, `&` for `and`, and words written
//! together or apart.

use std::collections::HashMap;

use super::{TitleIndex, WordKind};
use crate::Result;
use crate::retrieve::word_use::WordUse;
use crate::retrieve::words::{is_common_word, tokens_of, within_one_edit};

/// How fast a word loses its weight as a name when other documents' texts use it.
const COMMON_WORD_SLOPE: f32 = 30.0;
const STOP_WORD_WEIGHT: f32 = 0.1;
/// How much of a name a common word is.
const COMMON_WORD_LIKENESS: f32 = 0.25;
/// Words of one turn that are looked at; the rest of a very long message is not.
const LONGEST_TURN_TOKENS: usize = 400;
/// Share of a title's weight that must be found.
const LEAST_COVERAGE: f32 = 0.5;
/// Sums in another order may differ by so much.
const ROUNDING: f32 = 0.001;
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
    /// Of the title in the order of import.
    place: u64,
    /// First and last token of the mention.
    span: (usize, usize),
    evidence: f32,
}

impl TitleIndex {
    /// The titles mentioned in a text, in no particular order, none twice. `uses` are those of the passages
    /// that bear the titles.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn mentions(&self, text: &str, uses: &WordUse) -> Result<Vec<Mention>> {
        let mut tokens = tokens_of(text);
        tokens.truncate(LONGEST_TURN_TOKENS);
        let mut said: HashMap<usize, Vec<Said>> = HashMap::new();
        for (position, token) in tokens.iter().enumerate() {
            for (word, quality) in self.words_like(token, tokens.get(position + 1)) {
                said.entry(word).or_default().push(Said { position, quality });
            }
        }
        let mut candidates: Vec<usize> =
            said.keys().flat_map(|&word| self.words[word].leads_to.iter().copied()).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut mentions = Vec::new();
        for title in candidates {
            if self.titles[title].passages > 0 && self.may_be_covered(title, &said) {
                mentions.extend(self.best_window(title, &said, uses)?);
            }
        }
        // Numbers of titles tell the order in which they were met, which is another after each start.
        mentions.sort_by(|a, b| b.evidence.total_cmp(&a.evidence).then(a.place.cmp(&b.place)));
        let mut kept: Vec<Mention> = Vec::new();
        for mention in mentions {
            let is_overshadowed = kept.iter().any(|better| {
                better.overlaps(&mention) && mention.evidence < OVERLAP_SHARE * better.evidence
            });
            if !is_overshadowed {
                kept.push(mention);
            }
        }
        Ok(kept)
    }

    /// The words of titles that a token may stand for, with how sure that is.
    fn words_like(&self, token: &str, next: Option<&String>) -> Vec<(usize, f32)> {
        let mut found = Vec::new();
        let is_living = |word: usize| self.words[word].titles > 0;
        if let Some(word) = self.word(token) {
            found.push((word, 1.0));
        }
        if let Some(&(first, second)) = self.joined.get(token)
            && is_living(first)
            && is_living(second)
        {
            found.push((first, 1.0));
            found.push((second, 1.0));
        }
        if let Some(next) = next
            && let Some(word) = self.word(&format!("{token}{next}"))
        {
            found.push((word, 1.0));
        }
        if found.is_empty() {
            let other_number = match token.strip_suffix('s') {
                Some(singular) if singular.len() >= 4 => self.word(singular),
                _ if token.len() >= 4 => self.word(&format!("{token}s")),
                _ => None,
            };
            found.extend(other_number.map(|word| (word, 1.0)));
        }
        // A common word is itself, not a name with a typing error.
        if found.is_empty() && token.chars().count() >= 5 && !is_common_word(token) {
            let candidates = token.chars().next().and_then(|c| self.words_by_initial.get(&c));
            for &word in candidates.into_iter().flatten() {
                if is_living(word) && within_one_edit(token, &self.words[word].text) {
                    found.push((word, FUZZY_QUALITY));
                }
            }
        }
        found
    }

    /// False if all that is said of a title, wherever it is said, is too little. Most titles share but a word
    /// with a text.
    fn may_be_covered(&self, title: usize, said: &HashMap<usize, Vec<Said>>) -> bool {
        let (mut covered, mut total) = (0.0, 0.0);
        for &word in &self.titles[title].words {
            let weight = self.weight(word);
            total += weight;
            let qualities = said.get(&word).into_iter().flatten().map(|said| said.quality);
            covered += weight * qualities.fold(0.0, f32::max);
        }
        covered >= (LEAST_COVERAGE - ROUNDING) * total
    }

    fn best_window(
        &self,
        number: usize,
        said: &HashMap<usize, Vec<Said>>,
        uses: &WordUse,
    ) -> Result<Option<Mention>> {
        let title = &self.titles[number];
        let mut hits: Vec<(usize, Said)> = Vec::new();
        for (place, word) in title.words.iter().enumerate() {
            hits.extend(said.get(word).into_iter().flatten().map(|said| (place, *said)));
        }
        hits.sort_by_key(|(_, said)| said.position);
        let weights: Vec<f32> = title.words.iter().map(|&word| self.weight(word)).collect();
        let total: f32 = weights.iter().sum();
        let longest = title.words.len() + 1;
        let mut best: Option<Mention> = None;
        for (first, (_, start)) in hits.iter().enumerate() {
            let mut qualities = vec![0.0f32; title.words.len()];
            let mut end = start.position;
            for &(place, hit) in &hits[first..] {
                if hit.position >= start.position + longest {
                    break;
                }
                if hit.quality > qualities[place] {
                    qualities[place] = hit.quality;
                    end = end.max(hit.position);
                }
            }
            let matched: f32 = qualities.iter().zip(&weights).map(|(q, w)| q * w).sum();
            let coverage = matched / total.max(f32::EPSILON);
            let evidence = matched * coverage;
            if coverage < LEAST_COVERAGE
                || best.as_ref().is_some_and(|best| evidence <= best.evidence)
            {
                continue;
            }
            let mut named = 0.0f32;
            for (&word, _) in
                title.words.iter().zip(&qualities).filter(|(_, quality)| **quality > 0.0)
            {
                named = named.max(self.name_likeness(word, number, uses)?);
            }
            let in_full = coverage > 0.999 && end + 1 - start.position <= title.length;
            if !in_full && named < LEAST_LIKENESS_IN_PART {
                continue;
            }
            let likeness =
                if in_full { named.max(self.phrase_likeness(number, uses)?) } else { named };
            best = Some(Mention {
                title: number,
                strength: coverage * likeness,
                place: uses.place_of(number),
                span: (start.position, end),
                evidence,
            });
        }
        Ok(best)
    }

    /// What a word counts in recognising a title.
    fn weight(&self, word: usize) -> f32 {
        let word = &self.words[word];
        match word.kind {
            WordKind::Stop => STOP_WORD_WEIGHT,
            _ => (1.0 + self.living as f32 / word.titles as f32).ln(),
        }
    }

    /// 0 to 1: how much a word of a title is a name.
    fn name_likeness(&self, word: usize, title: usize, uses: &WordUse) -> Result<f32> {
        let word = &self.words[word];
        Ok(match word.kind {
            WordKind::Stop => 0.0,
            WordKind::Common => COMMON_WORD_LIKENESS,
            WordKind::Own => {
                1.0 / (1.0 + COMMON_WORD_SLOPE * uses.share_of_others(&word.text, title)?)
            }
        })
    }

    /// 0 to 1: how much a title said in full is a name.
    fn phrase_likeness(&self, number: usize, uses: &WordUse) -> Result<f32> {
        let title = &self.titles[number];
        if title.length < 2 || title.documents < 2 {
            return Ok(0.0);
        }
        let words: Vec<&str> =
            title.words.iter().map(|&word| self.words[word].text.as_str()).collect();
        uses.phrase_likeness(number, &words, &tokens_of(&title.text))
    }
}

/// Where a text has a word, and how surely.
#[derive(Debug, Clone, Copy)]
struct Said {
    position: usize,
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
