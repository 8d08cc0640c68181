//! `docs/asyncapi.yaml` says what the server writes: each frame has the fields that are required there and no others.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use steward::chat::frames::{AgentFrame, ErrorCode, Fault, ServerFrame};
use steward::store::desk::Note;
use steward::store::takeover::HoldingEvent;
use steward::store::{Author, ConversationState, FileInfo};
use steward::turn::{Citation, DecisionKind};

/// Events that only tell what happens now.
const NOT_STORED: [&str; 4] = ["typing", "busy", "agent_typing", "read"];

fn document() -> Value {
    serde_yaml_ng::from_str(include_str!("../docs/asyncapi.yaml")).unwrap()
}

fn frames() -> Vec<Value> {
    let text = || "words".to_string();
    let citation = Citation { source: text(), title: text(), quote: text() };
    let file = FileInfo { id: text(), name: text(), media_type: text(), bytes: 9 };
    let own = [
        ServerFrame::Ready {
            conversation: text(),
            seq: 3,
            after: 0,
            state: ConversationState::Bot,
        },
        ServerFrame::Ack { id: text(), seq: 1, text: None },
        ServerFrame::Ack { id: text(), seq: 1, text: Some(text()) },
        ServerFrame::Message {
            id: text(),
            seq: 1,
            from: Author::Customer,
            text: text(),
            files: vec![file],
        },
        ServerFrame::Delta { reply: text(), text: text() },
        ServerFrame::Reply {
            reply: text(),
            seq: 2,
            from: Author::Steward,
            text: text(),
            citations: vec![citation],
            decision: Some(DecisionKind::HandOff),
            name: None,
            files: Vec::new(),
        },
        ServerFrame::Reply {
            reply: text(),
            seq: 2,
            from: Author::Agent,
            text: text(),
            citations: Vec::new(),
            decision: None,
            name: Some(text()),
            files: Vec::new(),
        },
        ServerFrame::event(3, HoldingEvent::NobodyCame.name()),
        ServerFrame::Event { seq: 3, event: "busy".to_string(), retry_after_ms: Some(700) },
        Fault::new(ErrorCode::NotStored, text()).of_message("m1").into(),
        Fault::new(ErrorCode::HeldByAnother, text()).into(),
    ];
    let agents = [
        AgentFrame::Judgement { seq: 1, judgement: json!({}) },
        AgentFrame::Holding { state: ConversationState::Agent, assignee: Some(text()), epoch: 1 },
        AgentFrame::Typing { who: text() },
        AgentFrame::Read { seq: 1 },
        AgentFrame::Note(Note {
            id: text(),
            conversation: text(),
            author: text(),
            text: text(),
            mentions: vec![text()],
            whisper_to: None,
            at_ms: 1,
            after_seq: 0,
        }),
    ];
    let own = own.iter().map(|frame| serde_json::to_value(frame).unwrap());
    own.chain(agents.iter().map(|frame| serde_json::to_value(frame).unwrap())).collect()
}

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_string()).collect()
}

/// Whether `value` is what `schema` allows, as far as the schemas of this file go.
fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(only) = schema.get("const") {
        return value == only;
    }
    if let Some(choices) = schema.get("enum") {
        return choices.as_array().unwrap().contains(value);
    }
    let is_of = |kind: &Value| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is not used"),
    };
    let kinds = &schema["type"];
    let kind_fits = kinds.as_array().map_or_else(|| is_of(kinds), |kinds| kinds.iter().any(is_of));
    let items_fit = schema
        .get("items")
        .is_none_or(|items| value.as_array().unwrap().iter().all(|item| fits(item, items)));
    let fields_fit = schema.get("properties").is_none_or(|properties| {
        let required = names(&schema["required"]);
        let fields = value.as_object().unwrap();
        required.iter().all(|name| fields.contains_key(name))
            && fields
                .iter()
                .all(|(name, field)| properties.get(name).is_some_and(|schema| fits(field, schema)))
    });
    kind_fits && items_fit && fields_fit
}

#[test]
fn every_frame_that_the_server_writes_is_described() {
    let document = document();
    let messages = &document["components"]["messages"];
    let mut described = BTreeSet::new();
    for frame in frames() {
        let kind = frame["type"].as_str().unwrap();
        assert!(fits(&frame, &messages[kind]["payload"]), "{frame}");
        described.insert(kind.to_string());
    }
    let sent = document["operations"]["toClient"]["messages"].as_array().unwrap();
    let sent: BTreeSet<String> = sent
        .iter()
        .map(|message| message["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_string())
        .collect();
    assert_eq!(sent, described);
}

#[test]
fn every_code_and_event_is_described_and_explained() {
    let document = document();
    let properties = |message: &str| {
        document["components"]["messages"][message]["payload"]["properties"].clone()
    };
    let protocol = include_str!("../docs/protocol.md");
    let codes = names(&properties("error")["code"]["enum"]);
    let all = ErrorCode::ALL
        .map(|code| serde_json::to_value(code).unwrap().as_str().unwrap().to_string());
    assert_eq!(codes, BTreeSet::from(all));
    for code in &codes {
        assert!(protocol.contains(&format!("| `{code}` |")), "{code} is not in protocol.md");
    }
    for event in names(&properties("event")["event"]["enum"]) {
        let is_stored = HoldingEvent::of_name(&event).is_some();
        assert!(is_stored || NOT_STORED.contains(&event.as_str()), "{event}");
        assert!(protocol.contains(&format!("`{event}`")), "{event} is not in protocol.md");
    }
}
