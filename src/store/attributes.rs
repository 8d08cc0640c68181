//! What customers say of themselves: a name, an address, and what their page adds. Said, not proved: for people of the company to
//! read, never evidence for an answer.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::Row;

use super::{Store, now_ms};
use crate::Result;
use crate::error::Context;
use crate::privacy::CleanText;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Attributes {
    /// What the customer is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the customer can be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the page added: texts, numbers, true or false.
    pub custom: Map<String, Value>,
}

/// A value that a page adds.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// Words.
    Text(CleanText),
    /// A number, true or false.
    Plain(Value),
    /// It is to be forgotten.
    Gone,
}

/// What changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttributeChanges {
    /// The name; an empty one is forgotten.
    pub name: Option<CleanText>,
    /// The address; an empty one is forgotten.
    pub email: Option<CleanText>,
    /// By name. What is not named stays.
    pub custom: BTreeMap<String, AttributeValue>,
}

impl Store {
    /// What the customer of the conversation said of themselves.
    pub async fn attributes(&self, conversation: &str) -> Result<Attributes> {
        let row = sqlx::query("SELECT name, email, custom FROM attributes WHERE conversation = ?")
            .bind(conversation)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read attributes")?;
        row.map_or_else(|| Ok(Attributes::default()), |row| attributes_of(&row))
    }

    /// Makes the changes, unless there would be more than `most` of the page's. Returns what stands then; `None` if it would be too
    /// many.
    pub async fn change_attributes(
        &self,
        conversation: &str,
        changes: &AttributeChanges,
        most: usize,
    ) -> Result<Option<Attributes>> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT name, email, custom FROM attributes WHERE conversation = ?")
            .bind(conversation)
            .fetch_optional(&mut *transaction)
            .await
            .internal("cannot read attributes")?;
        let before = row.map_or_else(|| Ok(Attributes::default()), |row| attributes_of(&row))?;
        let after = before.with(changes);
        if after.custom.len() > most {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO attributes (conversation, name, email, custom, changed_ms) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET name = excluded.name, email = excluded.email, custom = excluded.custom,
                changed_ms = excluded.changed_ms",
        )
        .bind(conversation)
        .bind(&after.name)
        .bind(&after.email)
        .bind(Value::Object(after.custom.clone()).to_string())
        .bind(now_ms())
        .execute(&mut *transaction)
        .await
        .internal("cannot store attributes")?;
        transaction.commit().await.internal("cannot commit attributes")?;
        Ok(Some(after))
    }
}

impl Attributes {
    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn with(mut self, changes: &AttributeChanges) -> Self {
        let text = |clean: &CleanText| {
            Some(clean.as_str().trim().to_string()).filter(|text| !text.is_empty())
        };
        if let Some(name) = &changes.name {
            self.name = text(name);
        }
        if let Some(email) = &changes.email {
            self.email = text(email);
        }
        for (key, value) in &changes.custom {
            match value {
                AttributeValue::Text(clean) => {
                    drop(self.custom.insert(key.clone(), clean.as_str().into()))
                }
                AttributeValue::Plain(value) => {
                    drop(self.custom.insert(key.clone(), value.clone()))
                }
                AttributeValue::Gone => drop(self.custom.shift_remove(key)),
            }
        }
        self
    }
}

fn attributes_of(row: &sqlx::sqlite::SqliteRow) -> Result<Attributes> {
    let custom: String = row.try_get("custom").internal(BAD_ROW)?;
    Ok(Attributes {
        name: row.try_get("name").internal(BAD_ROW)?,
        email: row.try_get("email").internal(BAD_ROW)?,
        custom: serde_json::from_str(&custom).internal(BAD_ROW)?,
    })
}

const BAD_ROW: &str = "a row of the attributes has an unexpected shape";
