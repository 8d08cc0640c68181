//! How people answered in like cases of others: where they replied is remembered with what was asked, and read again
//! from the store when it is told, so that what was erased is told no more.

use std::sync::Arc;

use super::{Suggester, blocking, lock};
use crate::Result;
use crate::identity::Owner;
use crate::retrieve::scope::AccountScope;
use crate::store::{AgentReply, Author, Conversation};
use crate::turn::suggest::similar::{MOST_PRECEDENTS, Other, Precedent, PublicWords, retell};
use crate::turn::suggest::{Situation, Suggested};

/// Replies of people that are embedded together.
const BATCH: u32 = 32;
/// Like cases that are read.
const CASES_READ: usize = 8;
/// Messages of a like case whose words are kept from being told.
const MESSAGES_OF_A_CASE: u32 = 60;
/// Records of another's account that are read for the same.
const MOST_RECORDS: usize = 400;

impl Suggester {
    /// Remembers where people replied since the last time, at most `most` replies.
    ///
    /// # Errors
    /// Those of the store and the encoder.
    pub async fn catch_up(&self, most: u32) -> Result<usize> {
        // Whoever comes while others are being read needs not wait for them.
        let Ok(mut newest) = self.shared.newest.try_lock() else { return Ok(0) };
        let store = &self.shared.store;
        let mut after = match newest.take() {
            Some(after) => after,
            None => {
                let most = u32::try_from(MOST_PRECEDENTS).unwrap_or(u32::MAX);
                (store.agent_replies_begin(most).await?, String::new(), 0)
            }
        };
        let mut remembered = 0;
        while remembered < most as usize {
            *newest = Some(after.clone());
            let replies = store.agent_replies_after(&after, BATCH.min(most)).await?;
            let Some(last) = replies.last() else { break };
            after = (last.created_ms, last.conversation.clone(), last.seq);
            remembered += replies.len();
            self.remember(replies).await?;
        }
        *newest = Some(after);
        Ok(remembered)
    }

    async fn remember(&self, replies: Vec<AgentReply>) -> Result<()> {
        let encoder = self.shared.agent.encoder().clone();
        let precedents = blocking(move || {
            let asked: Vec<String> = replies.iter().map(|reply| reply.asked.clone()).collect();
            let embeddings = encoder.embed(&asked)?;
            let of = |(reply, asked): (AgentReply, Vec<f32>)| Precedent {
                conversation: reply.conversation,
                seq: reply.seq,
                asked,
            };
            Ok(replies.into_iter().zip(embeddings).map(of).collect::<Vec<_>>())
        })
        .await?;
        let mut kept = lock(&self.shared.precedents);
        precedents.into_iter().for_each(|precedent| kept.remember(precedent));
        Ok(())
    }

    /// Words of the public knowledge as it is now.
    async fn public_words(&self) -> Result<Arc<PublicWords>> {
        let shared = self.shared.clone();
        blocking(move || {
            let index = shared.agent.index();
            let content = index.content_hash()?;
            if let Some((of, known)) = &*lock(&shared.public)
                && *of == content
            {
                return Ok(known.clone());
            }
            let mut known = PublicWords::default();
            index.for_each_passage(|passage| {
                known.add(&passage.title);
                known.add(&passage.text);
                passage.heading.iter().for_each(|heading| known.add(heading));
            })?;
            let known = Arc::new(known);
            *lock(&shared.public) = Some((content, known.clone()));
            Ok(known)
        })
        .await
    }

    /// What people answered in like cases of others, the likeliest first.
    pub(super) async fn retold(
        &self,
        conversation: &Conversation,
        situation: &Arc<Situation>,
    ) -> Result<Vec<Suggested>> {
        self.catch_up(BATCH).await?;
        let near = lock(&self.shared.precedents).nearest(
            situation.embedding(),
            &conversation.id,
            CASES_READ,
        );
        if near.is_empty() {
            return Ok(Vec::new());
        }
        let public = self.public_words().await?;
        let mut retold = Vec::new();
        for (case, seq, cosine) in near {
            let Some(reply) = self.shared.store.agent_reply(&case, seq).await? else {
                // Erased, or removed for its age.
                lock(&self.shared.precedents).forget(&case);
                continue;
            };
            let said = self.shared.store.messages_through(&case, seq, MESSAGES_OF_A_CASE).await?;
            let agent = self.shared.agent.clone();
            let (situation, public) = (situation.clone(), public.clone());
            retold.extend(
                blocking(move || {
                    let owner = Owner::from_stored_key(&reply.owner);
                    let scope = owner.as_ref().and_then(Owner::customer).map(AccountScope::of);
                    let records = match &scope {
                        Some(scope) => agent.index().account_records(scope, MOST_RECORDS)?,
                        None => Vec::new(),
                    };
                    let of_customer = said
                        .iter()
                        .filter(|message| message.author == Author::Customer)
                        .map(|message| message.text.as_str());
                    let other = Other::of(&records, of_customer);
                    Ok(retell(&reply.text, cosine, &situation, &public, &other))
                })
                .await?,
            );
        }
        retold.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
        Ok(retold)
    }
}
