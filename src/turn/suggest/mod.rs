//! What a person could write next: up to three suggestions, each with its evidence and a mark for every sentence.
//!
//! Pure but for the encoder. The plans that a decision leaves (`plans`) become replies that a person can send; what
//! people wrote to others in like cases is retold without what was theirs alone ([`similar`]); a suggestion is said
//! more briefly or warmly by rules ([`reword`]). Whatever comes out went through [`crate::turn::grounding`]: a sentence of Steward's
//! own that is not supported is left out.

use serde::{Deserialize, Serialize};

use super::Agent;
use super::agent::Inner;
use super::run::{Prepared, prepare};
use super::types::{Citation, EvidenceItem, TurnInput};
use super::words::stems;
use crate::Result;
use crate::judge::judgement::Judgement;
use crate::model::literal::literals_in;
use crate::retrieve::split::sentences;

pub mod closeness;
mod plans;
pub mod reword;
pub mod similar;

use crate::turn::grounding::{Groundedness, groundedness};
use reword::Mood;

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// An answer from the evidence.
    Answer,
    /// A question back.
    Clarify,
    /// Words for the person who takes over.
    HandOff,
    /// A reply that the team keeps ready.
    Canned,
    /// What was answered in a like case.
    Similar,
}

/// What a person wants of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Said in fewer sentences.
    Shorter,
    /// Said with kind words around it.
    Warmer,
    /// Something else.
    Another,
}

/// A reply that a person may send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggested {
    /// What it is.
    pub kind: SuggestionKind,
    /// Its words.
    pub text: String,
    /// Sources with quotes, in the order of the text.
    pub citations: Vec<Citation>,
    /// What it may rest on.
    pub evidence: Vec<EvidenceItem>,
    /// How well it rests on it.
    pub groundedness: Groundedness,
    /// How likely it fits, 0 to 1: the strength of what it rests on.
    pub confidence: f32,
}

/// Suggestions given at a time.
pub const MOST_SUGGESTIONS: usize = 3;
/// Two texts that share this much of their words say the same.
const ALIKE: f32 = 0.8;

/// A conversation as it was read for suggestions: who writes, and what there is to say.
pub struct Situation {
    inner: std::sync::Arc<Inner>,
    prepared: Prepared,
    /// Words of the customer's own name and messages.
    own_words: Vec<String>,
}

impl Situation {
    /// Reads the conversation and gathers the evidence, as a turn does. Blocking.
    ///
    /// # Errors
    /// As [`super::run()`].
    pub fn read(agent: &Agent, input: &TurnInput) -> Result<Self> {
        let inner = agent.inner.clone();
        let prepared = prepare(&inner, &inner.index, input)?;
        let own_words = plans::name_words(&prepared.evidence);
        Ok(Self { inner, prepared, own_words })
    }

    /// Everything that the evidence lets a person say, the best first.
    pub fn candidates(&self) -> Vec<Suggested> {
        let mut found: Vec<Suggested> = Vec::new();
        for candidate in plans::candidates(&self.inner, &self.prepared) {
            if let Some(suggested) = self.checked(candidate)
                && is_new(&suggested.text, found.iter().map(|known| known.text.as_str()))
            {
                found.push(suggested);
            }
        }
        found
    }

    /// How the newest message was judged.
    pub fn judgement(&self) -> &Judgement {
        &self.prepared.understanding.judgement
    }

    /// The embedding of the question, 384 f32.
    pub fn embedding(&self) -> &[f32] {
        &self.prepared.understanding.embedding
    }

    /// What a reply may rest on: every fact of the customer that the question touches, and the passages found.
    pub fn evidence(&self) -> Vec<EvidenceItem> {
        plans::all_items(&self.prepared)
    }

    /// What this customer wrote and what their evidence says: words that are their own.
    fn own_texts(&self) -> impl Iterator<Item = &str> {
        let Prepared { understanding, evidence, .. } = &self.prepared;
        let said = understanding.history.iter().filter(|said| said.role == super::Role::Customer);
        let facts = evidence.sheet.facts.iter().map(|fact| fact.sentence.as_str());
        said.map(|said| said.text.as_str()).chain([understanding.text.as_str()]).chain(facts)
    }

    /// The marks of a text that a person is about to send.
    pub fn mark(&self, text: &str) -> Groundedness {
        groundedness(
            text,
            &plans::wide_items(&self.prepared, text),
            &self.inner.phrases,
            &self.own_words,
        )
    }

    /// `text` as a suggestion, with its marks; citations are made of what supports it.
    pub fn marked(
        &self,
        kind: SuggestionKind,
        text: String,
        evidence: Vec<EvidenceItem>,
        confidence: f32,
    ) -> Suggested {
        let groundedness = groundedness(&text, &evidence, &self.inner.phrases, &self.own_words);
        let citations = plans::citations_of(&groundedness, &evidence);
        Suggested { kind, text, citations, evidence, groundedness, confidence }
    }

    /// Words of the person's own, as what was suggested rests on its evidence.
    pub fn of_draft(&self, draft: String, of: Option<&Suggested>) -> Suggested {
        let kind = of.map_or(SuggestionKind::Answer, |of| of.kind);
        let evidence = plans::wide_items(&self.prepared, &draft);
        self.marked(kind, draft, evidence, of.map_or(0.0, |of| of.confidence))
    }

    /// `of` said otherwise; none if there is no other way. Blocking.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn reworded(&self, of: &Suggested, wish: Wish) -> Result<Option<Suggested>> {
        let Inner { encoder, phrases, policy, .. } = &*self.inner;
        let text = match wish {
            Wish::Shorter => {
                reword::shorter(&of.groundedness.sentences, self.embedding(), encoder)?
            }
            Wish::Warmer => {
                let mood = Mood::of(self.judgement(), policy.load().apologise_from);
                let history = &self.prepared.understanding.history;
                Some(reword::warmer(&of.text, mood, phrases, history))
            }
            Wish::Another => None,
        };
        let text = text.filter(|text| *text != of.text);
        Ok(text.map(|text| self.marked(of.kind, text, of.evidence.clone(), of.confidence)))
    }

    /// The candidate without the sentences that nothing supports; none if nothing is left that says anything.
    fn checked(&self, candidate: plans::Candidate) -> Option<Suggested> {
        let marks = groundedness(
            &candidate.said.join("\n"),
            &candidate.items,
            &self.inner.phrases,
            &self.own_words,
        );
        let is_kept = |sentence: &String| {
            let parts = sentences(sentence);
            parts
                .iter()
                .all(|part| marks.sentences.iter().any(|mark| mark.text == *part && mark.supported))
        };
        let (kept, dropped): (Vec<String>, Vec<String>) =
            candidate.said.into_iter().partition(is_kept);
        if !dropped.is_empty() {
            tracing::debug!(dropped = dropped.len(), "sentences of a suggestion were dropped");
        }
        if kept.is_empty() && candidate.needs_evidence {
            return None;
        }
        let text = plans::joined(&candidate.opening, &kept, &candidate.closing);
        if text.is_empty() {
            return None;
        }
        let mut suggested =
            self.marked(candidate.kind, text, candidate.items, candidate.confidence);
        // The draft knows what it quoted; the marks know what supports it.
        for citation in candidate.citations {
            if !suggested.citations.contains(&citation)
                && kept.iter().any(|sentence| sentence.contains(citation.quote.trim()))
            {
                suggested.citations.push(citation);
            }
        }
        Some(suggested)
    }
}

/// The text sentence by sentence; joined they are the text.
pub fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for sentence in sentences(text) {
        let Some(start) = text[from..].find(sentence) else { continue };
        let end = from + start + sentence.len();
        pieces.push(text[from..end].to_string());
        from = end;
    }
    if from < text.len() {
        pieces.push(text[from..].to_string());
    }
    pieces
}

/// True if `text` says something that none of `known` says.
pub fn is_new<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> bool {
    let words: std::collections::HashSet<String> = stems(text).into_iter().collect();
    let literals: Vec<String> =
        literals_in(text).iter().map(|literal| literal.normalised().to_string()).collect();
    !known.into_iter().any(|other| {
        let other_words: std::collections::HashSet<String> = stems(other).into_iter().collect();
        let other_literals: Vec<String> =
            literals_in(other).iter().map(|literal| literal.normalised().to_string()).collect();
        let both = words.intersection(&other_words).count() as f32;
        let either = words.union(&other_words).count().max(1) as f32;
        both / either >= ALIKE && literals == other_literals || other.contains(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        let text = "It is shipped. Here is what I can see:\n- Order FH-1.\n- Order FH-1.\n\nBye! ";
        assert_eq!(pieces(text).concat(), text);
        assert_eq!(pieces(text).len(), 6);
    }

    #[test]
    fn the_same_in_other_words_is_not_new() {
        let known = ["Standard shipping takes 3 to 5 days within the country."];
        assert!(!is_new("Standard shipping takes 3 to 5 days within the country!", known));
        assert!(is_new("Standard shipping takes 5 to 9 days within the country.", known));
        assert!(is_new("You can return boots within 30 days.", known));
        assert!(!is_new("within the country", known));
    }
}
