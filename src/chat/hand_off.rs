//! What Steward says around a hand-off, when no turn is run.
//!
//! Each sentence is true whatever the conversation is about.

use serde_json::json;

use crate::store::NewReply;
use crate::turn::DecisionKind;

const ACKNOWLEDGEMENT: &str = "Thanks. I've added this to the conversation, \
    so the person who takes over will see it. They'll reply here.";
const AFTER_FAILURES: &str = "I'm sorry, something went wrong on our side and I can't answer this \
    myself. I've put your message in line for one of our team. They'll reply here.";

/// The one acknowledgement of what a customer writes while waiting for a person.
pub fn acknowledgement(reply_id: &str) -> NewReply {
    reply(reply_id, ACKNOWLEDGEMENT, "acknowledged while waiting for a person")
}

/// Sent when several turns in a row failed.
pub fn after_failures(reply_id: &str) -> NewReply {
    reply(reply_id, AFTER_FAILURES, "no reply could be made")
}

fn reply(reply_id: &str, text: &str, reason: &str) -> NewReply {
    NewReply {
        reply_id: reply_id.to_string(),
        text: text.to_string(),
        citations: Vec::new(),
        decision: DecisionKind::HandOff,
        record: json!({ "decision": DecisionKind::HandOff, "hand_off_reason": reason }),
        judgement: None,
        suggestions: Vec::new(),
    }
}
