//! Fusion of lexical and dense scores, by measured weights.
//!
//! Equal weights are wrong: on FAQ retrieval BM25 alone puts the right entry first far less often
//! than the encoder, and fusing the two ranks as equals gives away most of what the encoder knows.
//! So scores are fused, not ranks. Cosine needs no normalisation; BM25 is unbounded and is
//! squashed by `s / (s + half)`, which keeps "no word in common" at 0 and saturates.
//! `steward eval retrieval` prints the table the defaults were chosen by.

use serde::{Deserialize, Serialize};

/// The weights of retrieval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrievalSettings {
    /// Weight of the cosine between question and passage.
    pub dense_weight: f32,
    /// Weight of the squashed BM25 score.
    pub bm25_weight: f32,
    /// The BM25 score that is squashed to one half.
    pub bm25_half: f32,
    /// Boost of a term in the title, against 1 in the text.
    pub title_boost: f32,
    /// Boost of a term in a heading.
    pub heading_boost: f32,
    /// Boost of an identifier or a record's name.
    pub identifier_boost: f32,
    /// What the question after the title of several documents counts against it alone, 0 to 1.
    pub context_share: f32,
    /// The same after the title of one document, or after the message before.
    pub carry_over_share: f32,
    /// Weight of a title's mention in the dialogue.
    pub mention_weight: f32,
    /// What a mention keeps for each later turn that mentions a title.
    pub mention_fading: f32,
    /// Candidates taken from BM25 before fusion.
    pub lexical_candidates: usize,
}

impl Default for RetrievalSettings {
    fn default() -> Self {
        Self {
            dense_weight: 1.0,
            bm25_weight: 0.1,
            bm25_half: 16.0,
            title_boost: 2.0,
            heading_boost: 1.5,
            identifier_boost: 4.0,
            context_share: 0.7,
            carry_over_share: 0.35,
            mention_weight: 0.2,
            mention_fading: 0.8,
            lexical_candidates: 1000,
        }
    }
}

impl RetrievalSettings {
    /// One score from a cosine, BM25, and the title's mention in the dialogue (0 to 1).
    pub fn fuse(&self, cosine: f32, bm25: f32, mention: f32) -> f32 {
        self.dense_weight * cosine.max(0.0)
            + self.bm25_weight * self.squash(bm25)
            + self.mention_weight * mention
    }

    /// BM25 brought to 0..1.
    pub fn squash(&self, bm25: f32) -> f32 {
        if bm25 <= 0.0 { 0.0 } else { bm25 / (bm25 + self.bm25_half) }
    }
}
