//! Keeps with each conversation whose it is and what their records are worth, so that the list can show and sort by it: made anew
//! when somebody who is signed in begins a conversation, and when the records change.

use std::sync::atomic::Ordering;

use super::super::Chat;
use crate::Result;
use crate::error::Context;
use crate::identity::Owner;
use crate::retrieve::Index;
use crate::retrieve::fact::listing::{person_named, worth_of};
use crate::retrieve::fact::wording::WordingSettings;
use crate::retrieve::scope::AccountScope;
use crate::store::desk::Profile;

/// Customers in one transaction.
const BATCH: u32 = 200;
/// Records of one account that are looked at.
const MOST_RECORDS: usize = 10_000;

impl Chat {
    /// Looks at the accounts of some whose profile is missing or older than the records. `done` is the content of the index for
    /// which all are made.
    pub(super) async fn tend_profiles(&self, done: &mut Option<String>) -> Result<()> {
        let index = self.runner.index().clone();
        let content = index.content_hash()?;
        let is_wanted = self.profiles_wanted.swap(false, Ordering::AcqRel);
        if !is_wanted && done.as_ref() == Some(&content) {
            return Ok(());
        }
        let owners = self.store.owners_without_profile(&content, BATCH).await?;
        if owners.is_empty() {
            *done = Some(content);
            return Ok(());
        }
        *done = None;
        let wording = self.config.now().agent.wording.clone();
        let made = tokio::task::spawn_blocking(move || profiles(&index, owners, &wording));
        let made = made.await.internal("reading accounts stopped unexpectedly")??;
        for conversation in self.store.put_profiles(&content, &made).await? {
            self.bus.changed(&conversation);
        }
        Ok(())
    }

    /// Somebody who is signed in began a conversation.
    pub(in crate::chat) fn want_profiles(&self) {
        self.profiles_wanted.store(true, Ordering::Release);
    }
}

fn profiles(
    index: &Index,
    owners: Vec<String>,
    wording: &WordingSettings,
) -> Result<Vec<(String, Profile)>> {
    let mut made = Vec::with_capacity(owners.len());
    for owner in owners {
        let parsed = Owner::from_stored_key(&owner);
        let profile = match parsed.as_ref().and_then(Owner::customer) {
            None => Profile::default(),
            Some(customer) => {
                let records = index.account_records(&AccountScope::of(customer), MOST_RECORDS)?;
                Profile {
                    name: person_named(&records, customer.id(), wording),
                    value: worth_of(&records),
                }
            }
        };
        made.push((owner, profile));
    }
    Ok(made)
}
