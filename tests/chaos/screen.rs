//! What one person has on the screen, and what may never be seen there.

use std::collections::BTreeMap;

use serde_json::Value;

/// One line of a conversation as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub kind: String,
    pub id: String,
    pub text: String,
}

/// A tab of a customer or an agent at one conversation, over all its connections.
#[derive(Debug, Default)]
pub struct Screen {
    pub name: String,
    pub conversation: String,
    /// By number.
    pub shown: BTreeMap<i64, Shown>,
    /// Client ids of its own messages that were acknowledged, with their numbers.
    pub acknowledged: BTreeMap<String, i64>,
    pub violations: Vec<String>,
    /// When it was closed for good, in milliseconds since 1970.
    pub left_ms: i64,
    after: i64,
    person_has_it: bool,
}

impl Screen {
    pub fn new(name: String, conversation: String) -> Self {
        Self { name, conversation, ..Self::default() }
    }

    /// The highest number that it was given; what a reconnecting client says.
    pub fn after(&self) -> i64 {
        self.after
    }

    /// It is closed for good.
    pub fn leave(mut self) -> Self {
        self.left_ms = jiff::Timestamp::now().as_millisecond();
        self
    }

    pub fn frame(&mut self, frame: &Value) {
        let text = |key: &str| frame[key].as_str().unwrap_or_default().to_string();
        let seq = frame["seq"].as_i64().unwrap_or(0);
        match text("type").as_str() {
            "ack" => {
                let before = self.acknowledged.insert(text("id"), seq);
                if before.is_some_and(|before| before != seq) {
                    self.violate(format!(
                        "{} was acknowledged twice, {before:?} and {seq}",
                        text("id")
                    ));
                }
            }
            "message" => self.show(seq, "customer", text("id"), text("text")),
            "reply" => {
                if text("from") == "steward" && self.person_has_it {
                    self.violate(format!("a reply of Steward, {seq}, after a person took over"));
                }
                self.show(seq, &text("from"), text("reply"), text("text"));
            }
            "delta" if self.person_has_it => {
                self.violate(format!("words of Steward after a person took over: {frame}"));
            }
            "event" if text("event") == "typing" && self.person_has_it => {
                self.violate("Steward types after a person took over".into());
            }
            "event" if text("event") == "typing" => {}
            "event" => {
                self.show(seq, "event", String::new(), text("event"));
                self.person_has_it = match text("event").as_str() {
                    "agent_joined" => true,
                    "agent_left" | "handed_off" | "nobody_came" | "closed" => false,
                    _ => self.person_has_it,
                };
            }
            _ => {}
        }
    }

    fn show(&mut self, seq: i64, kind: &str, id: String, text: String) {
        if seq <= self.after {
            self.violate(format!("{seq} ({kind}) came after {}", self.after));
        }
        self.after = self.after.max(seq);
        let shown = Shown { kind: kind.to_string(), id, text };
        if let Some(before) = self.shown.insert(seq, shown.clone()) {
            self.violate(format!("{seq} was shown twice: {before:?}, {shown:?}"));
        }
    }

    fn violate(&mut self, what: String) {
        self.violations.push(format!("{} at {}: {what}", self.name, self.conversation));
    }
}
