//! A stored conversation, told in a few sentences: at each hand-off, and when a person asks.

use std::collections::HashMap;

use crate::error::Context;
use crate::store::{Author, Store, StoredSummary};
use crate::turn::summary::{Said, Speaker, summarise};
use crate::{Error, Result};

/// Messages that are read, the newest.
const MOST_MESSAGES: u32 = 200;

/// Makes a summary of the conversation and keeps it.
///
/// # Errors
/// [`crate::ErrorKind::Input`] if nothing was said yet; else those of the store.
pub async fn summarised(store: &Store, conversation: &str) -> Result<StoredSummary> {
    let mut messages = store.newest_messages(conversation, MOST_MESSAGES).await?;
    messages.retain(|message| message.author != Author::Event);
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
        return Err(Error::input("nothing was said yet"));
    };
    let (first, last) = (first.seq, last.seq);
    let judgements = store.judgements(conversation, first - 1, last).await?;
    let dissatisfied: HashMap<i64, f32> = judgements
        .into_iter()
        .filter_map(|judged| {
            let probability = judged.judgement["satisfaction"]["dissatisfied"].as_f64()?;
            Some((judged.seq, probability as f32))
        })
        .collect();
    let said: Vec<Said> = messages
        .into_iter()
        .map(|message| Said {
            seq: message.seq,
            by: match (message.author, message.agent) {
                (Author::Customer, _) => Speaker::Customer,
                (Author::Agent, Some(name)) => Speaker::Person(name),
                _ => Speaker::Steward,
            },
            dissatisfied: dissatisfied.get(&message.seq).copied(),
            sources: message.citations.into_iter().map(|citation| citation.title).collect(),
            text: message.text,
        })
        .collect();
    let summary = tokio::task::spawn_blocking(move || summarise(&said)).await;
    store.put_summary(conversation, last, summary.internal("a summary stopped")?).await
}
