//! Account records: the shape in which any company's data comes in.
//!
//! A record has a kind, an id, an owner and fields of any shape. Nothing here knows of orders or
//! shops: a hotel's reservations are records as well. Without an owner a record is public, as a
//! product catalogue is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One record of the company's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it is: `order`, `reservation`, `product` …
    pub kind: String,
    /// Its identifier, unique within its kind.
    pub id: String,
    /// The customer it belongs to; public when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Everything known about it, nested as the company keeps it.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl Record {
    /// The key by which a later import replaces this record: `kind/id`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }

    /// True if anybody may read it.
    pub fn is_public(&self) -> bool {
        self.customer_id.is_none()
    }
}
