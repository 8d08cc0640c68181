//! What a question about records is read with: the facts, the words known, and what was talked of.

use super::attribute::NameEmbeddings;
use super::focus::Focus;
use crate::retrieve::fact::FactSheet;
use crate::turn::lexicon::Lexicon;

/// What the question is read with.
pub struct Reading<'a> {
    /// The customer's records and the public ones that may be meant.
    pub sheet: &'a FactSheet,
    /// The lexicon.
    pub lexicon: &'a Lexicon,
    /// Embeddings of the sheet's field names.
    pub names: &'a NameEmbeddings,
    /// What the conversation was about.
    pub focus: &'a Focus,
}
