//! One turn of a conversation: a customer's message in, a checked and cited reply out.
//!
//! The stages run in this order, each a function from one plain type to the next, in a file of its
//! own name: `understand`, `gather`, `decide`, `compose`, `check`. No stage reaches back.
//! The same `run` serves the socket, the terminal, the batch command and the evaluation.

pub mod types;
pub use types::{Citation, DecisionKind, Reply, Role, TurnInput, Utterance};

// TEMPORARY: stands in for the real agent until the branches are merged.
/// What a turn runs on.
pub struct Agent;

impl Agent {
    /// Loads the models and the index.
    pub fn load(_config: &crate::config::Config) -> crate::Result<Self> {
        Ok(Self)
    }
}

/// Runs one turn.
pub async fn run(
    _agent: &Agent,
    input: TurnInput,
    deltas: Option<tokio::sync::mpsc::Sender<String>>,
) -> crate::Result<Reply> {
    let last = input.conversation.last().map(|utterance| utterance.text.as_str()).unwrap_or("");
    let wants_person = last.contains("human");
    let parts = if wants_person {
        ["I'll ", "pass this to ", "a person."]
    } else {
        ["This is ", "a stand-in ", "sentence."]
    };
    for part in parts {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        if let Some(deltas) = &deltas {
            let _ = deltas.send(part.to_string()).await;
        }
    }
    Ok(Reply {
        text: parts.concat(),
        decision: if wants_person { DecisionKind::HandOff } else { DecisionKind::Answer },
        citations: Vec::new(),
        evidence: Vec::new(),
        intent: types::IntentScore { name: "out_of_scope".to_string(), score: 0.0 },
        satisfaction: None,
        escalation: None,
        hand_off_reason: None,
        timings_ms: types::StageTimings::default(),
        provenance: types::Provenance::default(),
    })
}
