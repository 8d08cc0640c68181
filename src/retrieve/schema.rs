//! The shape of the index: one tantivy index in `DATA_DIR/index` for passages and records.
//!
//! ```text
//!              passage of a document        record without owner     record of an account
//! class        0                            1                        2
//! key          d/returns                    r/product/P7             r/order/FH-20417
//! customer     -                            -                        c41
//! title        "Returns and exchanges"      -                        -
//! heading      "How to send it back"        -                        -
//! body         the passage's words          -                        -
//! tokens       the same, not stemmed        -                        -
//! kind         -                            "product"                "order"
//! label        -                            "Trail Tent 2P"          "Alpine Stove"
//! fields       -                            keys and values          keys and values
//! identifiers  -                            p7                       fh20417, c41
//! sequence     order of first import, kept when the document or record comes again
//! ordinal      place in the document        0                        0
//! hash         first 8 bytes of the SHA-256 of what was imported (of the whole document)
//! payload      the Passage or Record as JSON
//! embedding    384 f32, little endian       of the label             -
//! ```
//!
//! `key` is what an upsert deletes by: all the passages of a document share one. `class`,
//! `sequence`, `ordinal` and `hash` are columns, so counting, ordering, hashing and telling what a
//! commit changed read no documents. `tokens` says which passages use a word that is in a title.
//! Accounts have no embedding: they are read by their scope, and are few for one customer.

use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema,
    TextFieldIndexing, TextOptions,
};

use super::text::{IDENTIFIERS_ANALYZER, WORDS_ANALYZER};

/// A passage of knowledge.
pub const CLASS_PASSAGE: u64 = 0;
/// A record that anybody may read.
pub const CLASS_PUBLIC: u64 = 1;
/// A record of one customer's account.
pub const CLASS_ACCOUNT: u64 = 2;

/// Column names, as tantivy's fast fields are read by name.
pub const CLASS_COLUMN: &str = "class";
/// See [`CLASS_COLUMN`].
pub const SEQUENCE_COLUMN: &str = "sequence";
/// See [`CLASS_COLUMN`].
pub const HASH_COLUMN: &str = "hash";
/// See [`CLASS_COLUMN`].
pub const ORDINAL_COLUMN: &str = "ordinal";

/// The fields, in the order of the table above.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// Passage, public record or account record.
    pub class: Field,
    /// What an upsert deletes by.
    pub key: Field,
    /// The owner of an account record.
    pub customer: Field,
    /// A passage's title.
    pub title: Field,
    /// A passage's headings.
    pub heading: Field,
    /// A passage's words.
    pub body: Field,
    /// Each of them once, as they are written, in lower case.
    pub tokens: Field,
    /// A record's name.
    pub label: Field,
    /// A record's keys and values.
    pub fields: Field,
    /// A record's identifiers, normalised.
    pub identifiers: Field,
    /// A record's kind.
    pub kind: Field,
    /// Order of first import.
    pub sequence: Field,
    /// Place in the document.
    pub ordinal: Field,
    /// Hash of what was imported.
    pub hash: Field,
    /// JSON.
    pub payload: Field,
    /// Little-endian f32.
    pub embedding: Field,
}

/// Builds the schema. A change here makes older indexes unreadable: [`super::Index::open`] says so.
pub fn build() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = text_options(WORDS_ANALYZER);
    let identifiers = text_options(IDENTIFIERS_ANALYZER);
    let column = NumericOptions::default() | FAST;
    let fields = Fields {
        class: builder.add_u64_field(CLASS_COLUMN, column.clone().set_indexed()),
        key: builder.add_text_field("key", STRING),
        customer: builder.add_text_field("customer", STRING),
        title: builder.add_text_field("title", words.clone()),
        heading: builder.add_text_field("heading", words.clone()),
        body: builder.add_text_field("body", words.clone()),
        tokens: builder.add_text_field("tokens", identifiers.clone()),
        label: builder.add_text_field("label", words.clone()),
        fields: builder.add_text_field("fields", words.clone()),
        identifiers: builder.add_text_field("identifiers", identifiers),
        kind: builder.add_text_field("kind", words),
        sequence: builder.add_u64_field(SEQUENCE_COLUMN, column.clone()),
        ordinal: builder.add_u64_field(ORDINAL_COLUMN, column.clone()),
        hash: builder.add_u64_field(HASH_COLUMN, column),
        payload: builder.add_bytes_field("payload", BytesOptions::default() | STORED),
        embedding: builder.add_bytes_field("embedding", BytesOptions::default() | STORED),
    };
    (builder.build(), fields)
}

fn text_options(analyzer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(analyzer)
            .set_index_option(IndexRecordOption::WithFreqs),
    )
}
