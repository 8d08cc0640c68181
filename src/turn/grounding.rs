//! How well a text rests on evidence, sentence by sentence: a mark for whoever is about to send it.
//!
//! Stricter than [`crate::turn::check`], which keeps a draft from going astray: a sentence is marked as supported only if one
//! sentence of the evidence has every word that says something in it, every literal, and says (`sense.rs`) the same of the same. So
//! a value that was put in another's place ("delivered" for "shipped") is not supported. Sentences that state nothing,
//! such as a greeting or a question, need no evidence.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::model::literal::{AllowedLiterals, literals_in};
use crate::retrieve::split::{quotable, sentences};
use crate::turn::check::{Fault, exact_fault};
use crate::turn::courtesy::is_courtesy;
use crate::turn::phrases::Phrases;
use crate::turn::types::EvidenceItem;
use crate::turn::words::{content, stems};

use super::sense::{Sense, is_same};

/// How well a text rests on evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groundedness {
    /// Share of the sentences that state something which are supported; 1 if none does.
    pub score: f32,
    /// All sentences, in order.
    pub sentences: Vec<SentenceMark>,
}

/// The mark of one sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentenceMark {
    /// As written.
    pub text: String,
    /// True if it states nothing that needs evidence, or the evidence says it.
    pub supported: bool,
    /// The evidence that says it.
    pub by: Option<String>,
    /// True if it states something.
    pub claims: bool,
}

/// Marks every sentence of `text`. `names` are words of the customer's own name, which greetings use.
pub fn groundedness(
    text: &str,
    items: &[EvidenceItem],
    phrases: &Phrases,
    names: &[String],
) -> Groundedness {
    let units = units_of(items);
    let marks: Vec<SentenceMark> = sentences(text)
        .into_iter()
        .map(|sentence| mark(sentence, items, &units, phrases, names))
        .collect();
    let claims = marks.iter().filter(|mark| mark.claims).count();
    let supported = marks.iter().filter(|mark| mark.claims && mark.supported).count();
    let score = if claims == 0 { 1.0 } else { supported as f32 / claims as f32 };
    Groundedness { score, sentences: marks }
}

/// One sentence of the evidence, and whose it is.
struct Unit {
    item: usize,
    text: String,
    stems: Vec<String>,
    sense: Sense,
}

fn units_of(items: &[EvidenceItem]) -> Vec<Unit> {
    let mut units = Vec::new();
    for (item, evidence) in items.iter().enumerate() {
        units.extend(quotable(&evidence.text).into_iter().map(|text| Unit {
            item,
            // A passage is read below its title.
            stems: stems(&format!("{} {text}", evidence.title)),
            sense: Sense::of(&text),
            text,
        }));
    }
    units
}

fn mark(
    sentence: &str,
    items: &[EvidenceItem],
    units: &[Unit],
    phrases: &Phrases,
    names: &[String],
) -> SentenceMark {
    let states = claims(sentence, phrases, names);
    let by = if states { supporting(sentence, items, units) } else { None };
    SentenceMark {
        text: sentence.to_string(),
        supported: !states || by.is_some(),
        by: by.map(|item| items[item].id.clone()),
        claims: states,
    }
}

/// True if one of the sentences of the evidence says just that.
pub fn is_said(sentence: &str, evidence: &[String]) -> bool {
    let items = items_of(evidence);
    supporting(sentence, &items, &units_of(&items)).is_some()
}

/// Evidence of single sentences, which stand below no title.
pub fn items_of(sentences: &[String]) -> Vec<EvidenceItem> {
    let item = |(place, text): (usize, &String)| EvidenceItem {
        id: place.to_string(),
        source: place.to_string(),
        title: String::new(),
        text: text.clone(),
        score: 1.0,
    };
    sentences.iter().enumerate().map(item).collect()
}

/// True if the sentence states something that needs evidence.
pub fn claims(sentence: &str, phrases: &Phrases, names: &[String]) -> bool {
    let sentence = sentence.trim();
    if phrases.says(sentence) {
        return false;
    }
    let asks = sentence.ends_with('?') && literals_in(sentence).is_empty();
    !asks && !is_courtesy(sentence, names)
}

/// The evidence that says the sentence.
fn supporting(sentence: &str, items: &[EvidenceItem], units: &[Unit]) -> Option<usize> {
    let bare = sentence.trim().trim_start_matches("- ").trim();
    let unended = bare.trim_end_matches(['.', '!', ':', ';']);
    let sense = Sense::of(bare);
    let verbatim = units.iter().find(|unit| !unended.is_empty() && says(unit, unended, &sense));
    if let Some(unit) = verbatim {
        return Some(unit.item);
    }
    let words = content(bare);
    let supports = |unit: &&Unit| {
        sense.denies_as(&unit.sense)
            && (sense.denies() || !promises(bare, &unit.text))
            && has_literals(bare, [unit.text.as_str()])
            && sense.tells_as(&unit.sense, &items[unit.item].title)
            && words.iter().all(|word| unit.stems.iter().any(|known| is_same(word, known)))
    };
    if words.is_empty() {
        return None;
    }
    units
        .iter()
        .filter(supports)
        .max_by_key(|unit| std::cmp::Reverse(unit.stems.len()))
        .map(|unit| unit.item)
        .or_else(|| by_one_record(sentence, &words, items))
}

/// A line of a list tells of one record, and rests on several of its facts.
fn by_one_record(sentence: &str, words: &[String], items: &[EvidenceItem]) -> Option<usize> {
    if !sentence.trim_start().starts_with("- ") {
        return None;
    }
    let mut tried: HashSet<&str> = HashSet::new();
    items.iter().enumerate().find_map(|(place, first)| {
        // Facts are single sentences of a record's key; a passage is longer than its sentences.
        let is_fact = first.id.starts_with(&first.source) && first.id.contains(':');
        if !is_fact || !tried.insert(&first.source) {
            return None;
        }
        let of_record: Vec<&EvidenceItem> =
            items.iter().filter(|item| item.source == first.source).collect();
        let texts = || of_record.iter().map(|item| item.text.as_str());
        let known: Vec<String> = texts().chain([first.title.as_str()]).flat_map(stems).collect();
        let all_known = words.iter().all(|word| known.iter().any(|known| is_same(word, known)));
        (all_known && has_literals(sentence, texts())).then_some(place)
    })
}

/// True if the unit has these words in a row, not within others.
fn says(unit: &Unit, wanted: &str, sense: &Sense) -> bool {
    let text = &unit.text;
    text.match_indices(wanted).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + wanted.len()..].chars().next();
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !is_part(before) && !is_part(after) && sense.denies_as(&unit.sense)
    })
}

/// True if the sentence tells of an act of the writer that this evidence does not tell of.
fn promises(sentence: &str, evidence: &str) -> bool {
    exact_fault(sentence, &[evidence.to_string()], &[]) == Some(Fault::Action)
}

fn has_literals<'a>(sentence: &str, evidence: impl IntoIterator<Item = &'a str>) -> bool {
    let allowed = AllowedLiterals::from_texts(evidence);
    literals_in(sentence).iter().all(|literal| allowed.contains(literal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, source: &str, title: &str, text: &str) -> EvidenceItem {
        let [id, source, title, text] = [id, source, title, text].map(str::to_string);
        EvidenceItem { id, source, title, text, score: 1.0 }
    }

    fn evidence() -> Vec<EvidenceItem> {
        vec![
            item("order/FH-1:status", "order/FH-1", "Order FH-1", "Order FH-1 is shipped."),
            item(
                "order/FH-1:total",
                "order/FH-1",
                "Order FH-1",
                "The total of order FH-1 is $47.84.",
            ),
            item(
                "shipping#0",
                "shipping",
                "Shipping",
                "Standard shipping costs $6.95. Express shipping costs $14.95.\n\nWe do not ship to islands.",
            ),
        ]
    }

    fn by(sentence: &str) -> Option<String> {
        let marks = groundedness(sentence, &evidence(), &Phrases::shipped().unwrap(), &[]);
        assert_eq!(marks.sentences.len(), 1, "{sentence}");
        assert!(marks.sentences[0].claims, "{sentence}");
        marks.sentences[0].by.clone()
    }

    #[test]
    fn a_supported_sentence_names_its_evidence() {
        assert_eq!(by("Order FH-1 is shipped.").as_deref(), Some("order/FH-1:status"));
        assert_eq!(by("Your order FH-1 has shipped!").as_deref(), Some("order/FH-1:status"));
        assert_eq!(by("Its total is $47.84.").as_deref(), Some("order/FH-1:total"));
        assert_eq!(by("Express shipping costs $14.95").as_deref(), Some("shipping#0"));
        assert_eq!(by("We don't ship to islands.").as_deref(), Some("shipping#0"));
        assert_eq!(by("- Order FH-1, shipped: $47.84.").as_deref(), Some("order/FH-1:status"));
    }

    #[test]
    fn what_was_put_in_anothers_place_is_not_supported() {
        for sentence in [
            "Your order FH-1 is delivered.",
            "Your order FH-2 is shipped.",
            "Order FH-1 is not shipped.",
            "Express shipping costs $6.95.",
            "Standard shipping costs $14.95.",
            "The total of order FH-1 is $6.95.",
            "We ship to islands.",
            "I've refunded order FH-1.",
            "Order FH-1 is shipped and costs $14.95.",
            "Your tent is on its way.",
            "Its total is FH-1.",
            "Order FH-1 is total.",
        ] {
            assert_eq!(by(sentence), None, "{sentence}");
        }
    }

    #[test]
    fn courtesies_and_questions_state_nothing() {
        let phrases = Phrases::shipped().unwrap();
        let text = "Hi Jo, thank you for waiting! I'm sorry about the trouble. Which one do you mean? Kind regards";
        let marks = groundedness(text, &evidence(), &phrases, &["jo".to_string()]);
        assert!(marks.sentences.iter().all(|mark| !mark.claims && mark.supported), "{marks:?}");
        assert_eq!(marks.score, 1.0);
        // A number in a question is one that somebody else may not have.
        assert!(claims("Do you mean order FH-9?", &phrases, &[]));
    }

    #[test]
    fn the_score_is_the_share_of_what_is_stated() {
        let text = "Thank you for waiting! Order FH-1 is shipped. It arrives on Monday.";
        let marks = groundedness(text, &evidence(), &Phrases::shipped().unwrap(), &[]);
        assert_eq!(marks.score, 0.5);
    }
}
