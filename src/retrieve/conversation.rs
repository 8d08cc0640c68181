//! Turns a dialogue into a search of the knowledge.
//!
//! The question is the customer's last message. What it is about is often named earlier, by the
//! customer or in an offer of ours: "the Larkspur has two rooms" … "is breakfast included?". So the
//! titles that the dialogue mentions, the most recent first, do two things. The likeliest one is put
//! before the question, which is embedded a second time so: passages are embedded after their title
//! as well, and what is left to tell them apart is what is asked. And each mentioned title that
//! several documents bear raises their score ([`RetrievalSettings::mention_weight`]).
//!
//! A question that leaves its subject out, with no title to be had ("how much is it?"), is put after
//! the customer's message before. Nothing here knows what titles name.

use std::collections::HashMap;

use super::passage_search::{DialogueContext, PassageHit};
use super::search::TextQuery;
use super::snapshot::Snapshot;
use super::{Index, RetrievalSettings};
use crate::Result;
use crate::dialogue::{Role, Utterance};

/// Words that stand for something said before.
const POINTING_BACK: &[&str] = &[
    "it", "its", "they", "them", "their", "that", "this", "those", "these", "there", "one", "ones",
];
/// A question with so few content words leaves something out.
const FEWEST_OWN_WORDS: usize = 2;
/// A title mentioned less surely is not put before the question.
const LEAST_CONTEXT_WEIGHT: f32 = 0.5;
/// What a mention keeps for each later one in the same turn: just enough to tell equals apart.
const LATER_IN_TURN: f32 = 0.98;
/// Older turns are not looked at.
const LONGEST_DIALOGUE_TURNS: usize = 40;

/// A dialogue, as a question to the knowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationQuery {
    question: String,
    /// The customer's message before the question.
    question_before: Option<String>,
    /// Newest first, the question among them.
    turns: Vec<String>,
}

/// A document's title that the dialogue mentions.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionedTitle {
    /// The title.
    pub title: String,
    /// 0 to 1: how sure and how recent the mention is.
    pub weight: f32,
}

impl ConversationQuery {
    /// From a dialogue, oldest first, up to and including the customer's message to answer.
    pub fn from_turns(turns: &[Utterance]) -> ConversationQuery {
        let mut by_customer =
            turns.iter().rev().filter(|turn| turn.role == Role::Customer).map(|turn| &turn.text);
        ConversationQuery {
            question: by_customer.next().cloned().unwrap_or_default(),
            question_before: by_customer.next().cloned(),
            turns: turns
                .iter()
                .rev()
                .take(LONGEST_DIALOGUE_TURNS)
                .map(|turn| turn.text.clone())
                .collect(),
        }
    }

    /// The customer's last message.
    pub fn question(&self) -> &str {
        &self.question
    }
}

impl Index {
    /// The passages that fit the dialogue best, best first. `embeddings` are those of
    /// [`Index::texts_to_embed`], in its order.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn search_conversation(
        &self,
        query: &ConversationQuery,
        embeddings: &[Vec<f32>],
        limit: usize,
    ) -> Result<Vec<PassageHit>> {
        let (Some(alone), Some(in_context)) = (embeddings.first(), embeddings.last()) else {
            return Ok(Vec::new());
        };
        let snapshot = self.knowledge()?;
        let priors = title_priors(&snapshot, query, &self.shared.settings)?;
        let settings = &self.shared.settings;
        let (text, share) = in_words(&snapshot, query, &priors, settings)
            .unwrap_or_else(|| (query.question.clone(), settings.context_share));
        let question = TextQuery { text: &text, embedding: alone, limit };
        let shared_priors = {
            let titles = snapshot.titles();
            priors.into_iter().filter(|&(title, _)| titles.is_shared(title)).collect()
        };
        let context = DialogueContext { embedding: in_context, share, priors: &shared_priors };
        self.ranked_passages(&snapshot, &question, Some(&context))
    }

    /// The texts to embed for [`Index::search_conversation`]: the question, and, if the dialogue
    /// says what it is about, the question after that title. Passages are embedded after their title
    /// as well, so question and passage then differ only in what is asked.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn texts_to_embed(&self, query: &ConversationQuery) -> Result<Vec<String>> {
        let snapshot = self.knowledge()?;
        let priors = title_priors(&snapshot, query, &self.shared.settings)?;
        let mut texts = vec![query.question.clone()];
        texts.extend(
            in_words(&snapshot, query, &priors, &self.shared.settings).map(|(text, _)| text),
        );
        Ok(texts)
    }

    /// The titles that the dialogue mentions, surest and most recent first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the index is damaged.
    pub fn mentioned_titles(&self, query: &ConversationQuery) -> Result<Vec<MentionedTitle>> {
        let snapshot = self.knowledge()?;
        let priors = title_priors(&snapshot, query, &self.shared.settings)?;
        let known = snapshot.titles();
        let mut titles: Vec<MentionedTitle> = priors
            .into_iter()
            .map(|(title, weight)| MentionedTitle { title: known.text(title).to_string(), weight })
            .collect();
        titles.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.title.cmp(&b.title)));
        Ok(titles)
    }
}

/// The question with what it is about put before it, and how much that counts; none if the
/// question stands alone.
///
/// A title of several documents is what they are all about, and holds until another is named. A
/// title of one document was the subject then and may not be now: like the customer's message
/// before, it is taken only for a question that leaves its subject out.
fn in_words(
    snapshot: &Snapshot,
    query: &ConversationQuery,
    priors: &HashMap<usize, f32>,
    settings: &RetrievalSettings,
) -> Option<(String, f32)> {
    let titles = snapshot.titles();
    // The first of equals, so that the choice is the same in every run.
    let likeliest = |is_shared: bool| {
        priors
            .iter()
            .filter(|&(&title, &prior)| {
                prior >= LEAST_CONTEXT_WEIGHT && titles.is_shared(title) == is_shared
            })
            .map(|(&title, prior)| (title, prior, snapshot.passages.first_with(title)))
            .max_by(|a, b| a.1.total_cmp(b.1).then(b.2.cmp(&a.2)))
            .map(|(title, ..)| format!("{}: {}", titles.text(title), query.question))
    };
    if let Some(text) = likeliest(true) {
        return Some((text, settings.context_share));
    }
    if !leaves_subject_out(&query.question) {
        return None;
    }
    let after_message =
        || query.question_before.as_ref().map(|before| format!("{before} {}", query.question));
    Some((likeliest(false).or_else(after_message)?, settings.carry_over_share))
}

/// True if the question points back with a pronoun or has next to no words of its own.
fn leaves_subject_out(question: &str) -> bool {
    let points_back = question
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| POINTING_BACK.contains(&word));
    points_back || super::text::query_words(question).len() <= FEWEST_OWN_WORDS
}

/// For each title that is mentioned, 0 to 1. Each further turn back that mentions anything fades by
/// [`RetrievalSettings::mention_fading`]; turns that mention nothing ("yes, please") do not count.
fn title_priors(
    snapshot: &Snapshot,
    query: &ConversationQuery,
    settings: &RetrievalSettings,
) -> Result<HashMap<usize, f32>> {
    let mut priors: HashMap<usize, f32> = HashMap::new();
    let mut fading = 1.0;
    for turn in &query.turns {
        let mut mentions = snapshot.mentions(turn)?;
        mentions.sort_by_key(|mention| mention.first_token());
        let mut order_fading = fading;
        for mention in &mentions {
            let prior = priors.entry(mention.title).or_default();
            *prior = prior.max(order_fading * mention.strength);
            order_fading *= LATER_IN_TURN;
        }
        if !mentions.is_empty() {
            fading *= settings.mention_fading;
        }
    }
    // What is named by common words alone may have no weight at all.
    priors.retain(|_, prior| *prior > 0.0);
    Ok(priors)
}
