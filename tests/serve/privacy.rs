//! What must not be kept is masked before it is stored, told or answered.

use serde_json::{Value, json};
use steward::eval::privacy::{evaluate, read};
use steward::privacy::Sensitive;

use crate::client::{Server, config_in, site_token};

const CARD: &str = "4242 4242 4242 4242";

#[tokio::test]
async fn a_card_number_is_nowhere_and_the_customer_sees_what_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let visitor = server.visitor();
    let (mut customer, conversation) = server.join(&visitor, None).await;
    let (mut other_tab, _) = server.join(&visitor, Some(&conversation)).await;
    let agent = site_token(json!({ "role": "agent", "sub": "Ada" }));
    let (mut agent, _) = server.join(&agent, Some(&conversation)).await;

    for _ in 0..2 {
        customer.say("m1", &format!("Please refund {CARD}, my password is hunter2!")).await;
        let (ack, _) = customer.until("ack").await;
        assert_eq!(ack["text"], "Please refund [card ending 4242], my password is [password]");
    }
    let (told, _) = other_tab.until("message").await;
    assert_eq!(told["text"], "Please refund [card ending 4242], my password is [password]");
    customer.until("reply").await;
    customer.say("m2", "What does the warranty cover?").await;
    let (ack, _) = customer.until("ack").await;
    assert_eq!(ack.get("text"), None, "nothing was masked: {ack}");
    customer.until("reply").await;
    agent.send(json!({ "type": "take_over" })).await;
    agent.say("a1", &format!("I refunded {CARD}")).await;
    let (written, _) = customer.until("reply").await;
    assert_eq!(written["text"], "I refunded [card ending 4242]");
    server.stop().await;

    for entry in std::fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for secret in [CARD, "hunter2"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn a_bank_may_keep_its_customers_account_numbers() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.privacy.mask = vec![Sensitive::Card, Sensitive::Password];
    let server = Server::start(config).await;
    let (mut customer, _) = server.join(&server.visitor(), None).await;
    customer.say("m1", &format!("From DE89370400440532013000 to {CARD}")).await;
    let (ack, _): (Value, _) = customer.until("ack").await;
    assert_eq!(ack["text"], "From DE89370400440532013000 to [card ending 4242]");
    server.stop().await;
}

/// The figures are in `docs/evaluation.md`; what was found once stays found.
#[test]
fn the_labelled_messages_are_masked_as_labelled() {
    let set = include_str!("../privacy/messages.txt");
    let report = evaluate(&read(set).unwrap());
    assert!(report.messages > 150 && report.clean > 90);
    assert!(report.faults.is_empty(), "{:#?}", report.faults);
    let read_since = evaluate(&read(include_str!("../privacy/blind_a.txt")).unwrap());
    assert!(read_since.faults.is_empty(), "{:#?}", read_since.faults);
    let unread = evaluate(&read(include_str!("../privacy/blind_b.txt")).unwrap());
    let missed: usize = unread.kinds.values().map(|counts| counts.missed).sum();
    let wrong: usize = unread.kinds.values().map(|counts| counts.wrong).sum();
    // What they are is not shown: whoever mends the recognisers does not look at this half.
    assert!(missed <= 7 && wrong <= 3, "{missed} missed, {wrong} wrong");
}
