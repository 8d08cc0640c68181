//! Who answers: the same rule on the real server and in the turn.

use serde_json::{Value, json};
use steward::turn::mode::{Delivery, Mode, ModeSettings};
use steward::turn::{self, DecisionKind, Role, TurnInput, Utterance};

use crate::client::{Server, agent, config_in};
use crate::suggestions::{agent_headers, ask};

const QUESTION: &str = "How long do I have to return boots?";

#[tokio::test]
async fn where_people_answer_the_customer_is_told_so_and_the_answer_is_suggested() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.desk.mode = Mode::Suggest;
    let server = Server::start(config).await;
    let (mut customer, conversation) = server.join(&server.visitor(), None).await;
    customer.say("m1", QUESTION).await;
    let (reply, _) = customer.until("reply").await;
    let text = reply["text"].as_str().unwrap();
    assert!(text.contains("member of our team") && !text.contains("30 days"), "{text}");
    assert_eq!(customer.until("event").await.0["event"], "handed_off");
    let store = &server.state.chat().store;
    let known = store.conversation(&conversation).await.unwrap().unwrap();
    assert_eq!(known.state, steward::store::ConversationState::Queued);
    let line = format!("GET /v1/conversations/{conversation}/suggestions");
    let (_, answer) = ask(&server, &line, &agent_headers(), Value::Null).await;
    let kept: Value = serde_json::from_str(&answer).unwrap();
    let first = &kept["suggestions"][0];
    assert!(first["text"].as_str().unwrap().contains("30 days"), "{answer}");
    assert_eq!(first["made_for"], Value::Null);
    let record = store.decision_record(reply["reply"].as_str().unwrap()).await.unwrap().unwrap();
    assert_eq!(record["mode"], "suggested");
    assert!(record["suggested"]["text"].as_str().unwrap().contains("30 days"), "{record}");
    // No word of the answer came over the customer's socket as it was made.
    server.stop().await;
}

#[tokio::test]
async fn intents_and_confidence_decide_alike_in_the_turn_and_the_server() {
    let real = tokio::task::spawn_blocking(agent).await.unwrap();
    let turn_of = async |settings: &ModeSettings| {
        let asked = Utterance { role: Role::Customer, text: QUESTION.into() };
        let input = TurnInput::of(vec![asked], None).under(settings);
        turn::run(&real, input, None).await.unwrap()
    };
    let plain = turn_of(&ModeSettings::default()).await;
    assert_eq!((plain.mode, plain.suggested.is_none()), (Delivery::Answered, true));
    let just_below = (plain.confidence - 0.01).max(0.0);
    let settings = [
        (ModeSettings { answer_from: just_below, ..ModeSettings::default() }, Delivery::Answered),
        (ModeSettings { answer_from: 1.0, ..ModeSettings::default() }, Delivery::Suggested),
        (
            ModeSettings {
                mode: Mode::ByIntent,
                suggest_intents: vec![plain.intent.name.clone()],
                answer_from: 0.0,
            },
            Delivery::Suggested,
        ),
        (
            ModeSettings {
                mode: Mode::ByIntent,
                suggest_intents: vec!["greeting".into()],
                answer_from: 0.0,
            },
            Delivery::Answered,
        ),
    ];
    for (settings, expected) in settings {
        let reply = turn_of(&settings).await;
        assert_eq!(reply.mode, expected, "{settings:?}");
        let suggested = reply.suggested.as_ref().map(|withheld| withheld.text.as_str());
        assert_eq!(suggested, (expected == Delivery::Suggested).then_some(plain.text.as_str()));
        let data = tempfile::tempdir().unwrap();
        let mut config = config_in(data.path());
        config.desk = settings.clone();
        let server = Server::start(config).await;
        let (mut customer, _) = server.join(&server.visitor(), None).await;
        customer.say("m1", QUESTION).await;
        let (said, _) = customer.until("reply").await;
        assert_eq!(said["text"], reply.text.as_str(), "{settings:?}");
        assert_eq!(said["decision"] == json!("hand_off"), reply.decision == DecisionKind::HandOff);
        server.stop().await;
    }
}
