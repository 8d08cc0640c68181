//! A stored conversation as the turn reads it.

use crate::identity::Owner;
use crate::retrieve::scope::AccountScope;
use crate::store::{Author, StoredMessage, in_order};
use crate::turn::mode::ModeSettings;
use crate::turn::{Role, TurnInput, Utterance};
use crate::{Error, Result};

/// What a turn is given for message `through` of the conversation `id` of `owner`, whose account it may read.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] if the stored owner cannot be read.
pub(super) fn turn_input(
    id: &str,
    owner: &str,
    messages: Vec<StoredMessage>,
    through: i64,
    limit: u32,
    modes: &ModeSettings,
) -> Result<TurnInput> {
    let owner = Owner::from_stored_key(owner)
        .ok_or_else(|| Error::internal("a conversation's owner cannot be read"))?;
    let has_files =
        messages.iter().any(|message| message.seq == through && !message.files.is_empty());
    Ok(TurnInput {
        id: id.to_string(),
        conversation: in_words(utterances(messages, through, limit)),
        has_files,
        modes: modes.clone(),
        scope: owner.customer().map(AccountScope::of),
    })
}

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

/// The conversation without what the customer sent beside words: a file after a question leaves the question to be answered.
fn in_words(mut conversation: Vec<Utterance>) -> Vec<Utterance> {
    while let [.., before, last] = conversation.as_slice()
        && last.text.trim().is_empty()
        && before.role == Role::Customer
    {
        conversation.pop();
    }
    conversation
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
            files: Vec::new(),
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

    #[test]
    fn a_file_after_a_question_leaves_the_question() {
        let said = |role, text: &str| Utterance { role, text: text.to_string() };
        let (agent, customer) = (Role::Agent, Role::Customer);
        let asked = vec![said(agent, "Hello"), said(customer, "Is it covered?")];
        let mut with_file = asked.clone();
        with_file.push(said(customer, " "));
        assert_eq!(in_words(with_file.clone()), asked);
        let answered = vec![said(customer, "Hi"), said(agent, "Hello"), said(customer, "")];
        assert_eq!(in_words(answered.clone()), answered);
    }
}
