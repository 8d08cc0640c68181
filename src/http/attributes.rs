//! What customers say of themselves, before the first message or by their page. Said, not proved.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::bad_request;
use super::routes::{holder_of, visible};
use crate::identity::Holder;
use crate::privacy::Masker;
use crate::store::attributes::{AttributeChanges, AttributeValue};

const MOST_CUSTOM: usize = 30;
const LONGEST_NAME: usize = 100;
/// As RFC 5321 has it.
const LONGEST_EMAIL: usize = 254;
const LONGEST_KEY: usize = 40;
const LONGEST_VALUE: usize = 500;

/// What the customer says; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributesChange {
    /// What the customer is called; empty: forget it.
    name: Option<String>,
    /// Where the customer can be written to; empty: forget it.
    email: Option<String>,
    /// Texts, numbers, true or false by names of the page's; null: forget it.
    #[serde(default)]
    #[schema(value_type = Object)]
    custom: BTreeMap<String, Value>,
}

/// What is known now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributesBody {
    /// What the customer is called.
    pub name: Option<String>,
    /// Where the customer can be written to.
    pub email: Option<String>,
    /// What the page added.
    #[schema(value_type = Object)]
    pub custom: Map<String, Value>,
}

/// Keeps what the customer says of themselves, for people of the company to read. It proves nothing, and no answer rests on it.
#[utoipa::path(put, path = "/v1/conversations/{id}/attributes", request_body = AttributesChange,
    params(("id" = String, Path, description = "The conversation")),
    security(("token" = [])),
    responses(
        (status = 200, description = "All that is known now", body = AttributesBody),
        (status = 400, description = "Too long, too many, or of another type", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "An agent's token", body = ErrorBody),
        (status = 404, description = "No such conversation, or somebody else's", body = ErrorBody),
    ))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<AttributesChange>, JsonRejection>,
) -> Result<Json<AttributesBody>, Refusal> {
    let holder = holder_of(&state, &headers)?;
    if !matches!(holder, Holder::Owner(_)) {
        let message = "only the customer says what these are";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "denied", message));
    }
    visible(&state, &holder, &id).await?;
    let Json(body) = body.map_err(|problem| bad_request(problem.body_text()))?;
    let changes = changes_of(body, &state.chat.masker()).map_err(bad_request)?;
    let after = state.chat.store.change_attributes(&id, &changes, MOST_CUSTOM).await?;
    let after = after.ok_or_else(|| {
        bad_request(format!(
            "`custom` would have more than {MOST_CUSTOM} names; forget some with null"
        ))
    })?;
    // The desk shows the name.
    state.chat.bus.changed(&id);
    Ok(Json(AttributesBody { name: after.name, email: after.email, custom: after.custom }))
}

fn changes_of(body: AttributesChange, masker: &Masker) -> Result<AttributeChanges, String> {
    let short = |field: &str, text: &str, longest: usize| {
        if text.chars().count() > longest {
            return Err(format!("`{field}` is longer than {longest} characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(format!("`{field}` has control characters"));
        }
        Ok(())
    };
    if let Some(name) = &body.name {
        short("name", name, LONGEST_NAME)?;
    }
    if let Some(email) = &body.email {
        short("email", email, LONGEST_EMAIL)?;
        let email = email.trim();
        let is_address = email.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
        if !email.is_empty() && (!is_address || email.contains(char::is_whitespace)) {
            return Err("`email` is no address, such as jo@example.com".to_string());
        }
    }
    if body.custom.len() > MOST_CUSTOM {
        return Err(format!("`custom` has more than {MOST_CUSTOM} names"));
    }
    let mut custom = BTreeMap::new();
    for (key, value) in body.custom {
        let is_plain = |character: char| character.is_alphanumeric() || " _-.".contains(character);
        let length = key.chars().count();
        if !(1..=LONGEST_KEY).contains(&length)
            || !key.chars().all(is_plain)
            || masker.clean(&key).if_changed().is_some()
        {
            return Err(format!(
                "a name in `custom` has 1 to {LONGEST_KEY} letters, digits, spaces, _, - and ."
            ));
        }
        let value = match value {
            Value::Null => AttributeValue::Gone,
            Value::Bool(_) | Value::Number(_) => {
                // A card number is one without quotation marks too.
                match masker.clean(&value.to_string()).if_changed() {
                    Some(_) => AttributeValue::Text(masker.clean(&value.to_string())),
                    None => AttributeValue::Plain(value),
                }
            }
            Value::String(text) => {
                if text.chars().count() > LONGEST_VALUE {
                    return Err(format!(
                        "`custom.{key}` is longer than {LONGEST_VALUE} characters"
                    ));
                }
                AttributeValue::Text(masker.clean(&text))
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(format!(
                    "`custom.{key}` must be a text, a number, true, false or null"
                ));
            }
        };
        custom.insert(key, value);
    }
    let clean = |text: Option<String>| text.map(|text| masker.clean(&text));
    Ok(AttributeChanges { name: clean(body.name), email: clean(body.email), custom })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changes(body: Value) -> Result<AttributeChanges, String> {
        changes_of(serde_json::from_value(body).unwrap(), &Masker::default())
    }

    #[test]
    fn what_is_too_much_or_of_another_kind_is_named() {
        for (body, expected) in [
            (json!({ "name": "x".repeat(101) }), "`name`"),
            (json!({ "name": "Jo\u{1b}[2J" }), "control"),
            (json!({ "email": "jo" }), "`email`"),
            (json!({ "email": "jo @example.com" }), "`email`"),
            (json!({ "custom": { "plan": ["gold"] } }), "custom.plan"),
            (json!({ "custom": { "<b>": 1 } }), "letters"),
            (json!({ "custom": { "a": "x".repeat(501) } }), "custom.a"),
        ] {
            let problem = changes(body.clone()).unwrap_err();
            assert!(problem.contains(expected), "{body}: {problem}");
        }
        let many: Map<String, Value> =
            (0..31).map(|number| (format!("k{number}"), json!(1))).collect();
        assert!(changes(json!({ "custom": many })).is_err());
    }

    #[test]
    fn a_card_number_is_masked_wherever_it_stands() {
        let card = "4111 1111 1111 1111";
        let made = changes(json!({ "name": card, "custom": { "card": card, "n": 4111111111111111u64, "ok": true } })).unwrap();
        assert!(!format!("{made:?}").replace(' ', "").contains("411111111111"), "{made:?}");
        assert_eq!(made.custom["ok"], AttributeValue::Plain(json!(true)));
    }
}
