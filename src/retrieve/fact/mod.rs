//! Facts: what the records of an account say, one plain sentence each.
//!
//! A [`FactSheet`] is made from any set of records. Its **subjects** are what a question can be
//! about: a record (an order, a reservation) or something listed in one (an item, a shipment). Its
//! **facts** are what is known of them: subject, attribute, value and a sentence that can be quoted.
//!
//! ```text
//!   record  {"kind":"order","id":"#W1","fields":{"status":"pending","items":[{"name":"Mug","price":8.5}]}}
//!   subjects  order #W1                    Mug, in order #W1
//!   facts     status: pending              price: $8.50
//!             "Order #W1 is pending."      "The price of the Mug in order #W1 is $8.50."
//! ```
//!
//! Rules go by the shape of the data and by field names, never by kind of record.

mod derived;
pub mod listing;
mod reference;
mod sentence;
mod subject;
mod truth;
pub mod unit;
mod walk;
pub mod wording;

pub use subject::{Subject, TRAIT_FIELDS, Trait};

use serde_json::Value;

use crate::retrieve::record::Record;
use wording::WordingSettings;

/// One thing known of a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// `order/#W1:items.0.price`, stable between imports of the same record.
    pub id: String,
    /// Key of the record it stands in: `order/#W1`.
    pub source: String,
    /// Index into [`FactSheet::subjects`].
    pub subject: usize,
    /// Words of the field's name: `["tracking", "id"]`.
    pub attribute: Vec<String>,
    /// Words of the fields around it, outermost first, without those of the subject: `["address"]`
    /// for a city within an address.
    pub within: Vec<String>,
    /// The value as it reads in a sentence.
    pub spoken: String,
    /// The value as imported; null for derived facts.
    pub raw: Value,
    /// A sentence that says it.
    pub sentence: String,
    /// True for counts, ranges and lists, which no field states by itself.
    pub derived: bool,
    /// True for a part of an object that has a fact of its own: the city of an address.
    pub is_part: bool,
}

/// All that a set of records says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FactSheet {
    /// Records first to last, each followed by what it lists.
    pub subjects: Vec<Subject>,
    /// In the order of the records' fields.
    pub facts: Vec<Fact>,
}

impl FactSheet {
    /// Reads `records`; those of one customer together, so that references between them resolve.
    pub fn of(records: &[Record], settings: &WordingSettings) -> Self {
        let references = reference::References::of(records, settings);
        let mut sheet = Self::default();
        for record in records {
            walk::add_record(&mut sheet, record, &references, settings);
        }
        sheet
    }

    /// The facts of one subject.
    pub fn facts_of(&self, subject: usize) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.subject == subject)
    }

    /// What a subject lists: the items of an order.
    pub fn children_of(&self, subject: usize) -> impl Iterator<Item = usize> + '_ {
        self.subjects
            .iter()
            .enumerate()
            .filter(move |(_, child)| child.parent == Some(subject))
            .map(|(index, _)| index)
    }

    /// The record that a subject is or stands in.
    pub fn record_of(&self, subject: usize) -> usize {
        let mut current = subject;
        while let Some(parent) = self.subjects[current].parent {
            current = parent;
        }
        current
    }
}
