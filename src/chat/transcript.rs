//! A stored conversation as the turn reads it.

use crate::store::{Author, StoredMessage, in_order};
use crate::turn::{Role, Utterance};

/// The conversation as the turn reads it: each reply follows what it answered, although messages
/// that came while it was made have smaller numbers. The last one is message `through`.
pub(super) fn utterances(
    mut messages: Vec<StoredMessage>,
    through: i64,
    limit: u32,
) -> Vec<Utterance> {
    messages.retain(|message| message.author != Author::Customer || message.seq <= through);
    in_order(&mut messages);
    while messages.last().is_some_and(|message| message.author != Author::Customer) {
        messages.pop();
    }
    let skipped = messages.len().saturating_sub(limit as usize);
    messages
        .into_iter()
        .skip(skipped)
        .map(|message| Utterance {
            role: match message.author {
                Author::Customer => Role::Customer,
                Author::Steward | Author::Agent | Author::Event => Role::Agent,
            },
            text: message.text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(seq: i64, author: Author, answers_seq: Option<i64>) -> StoredMessage {
        StoredMessage {
            seq,
            author,
            message_id: seq.to_string(),
            text: seq.to_string(),
            citations: Vec::new(),
            decision: None,
            answers_seq,
            agent: None,
            created_ms: 0,
        }
    }

    #[test]
    fn a_reply_follows_what_it_answered_and_the_customer_has_the_last_word() {
        let messages = vec![
            stored(1, Author::Customer, None),
            stored(2, Author::Customer, None),
            stored(3, Author::Steward, Some(1)),
            stored(4, Author::Customer, None),
            stored(5, Author::Customer, None),
        ];
        let order = |through, limit| {
            let turns = utterances(messages.clone(), through, limit);
            turns.into_iter().map(|utterance| utterance.text).collect::<Vec<_>>()
        };
        assert_eq!(order(4, 40), ["1", "3", "2", "4"]);
        assert_eq!(order(5, 2), ["4", "5"]);
    }
}
