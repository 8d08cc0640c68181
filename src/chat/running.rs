//! At most one task for each key, which starts over if something new came while it ran.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The keys that have a task, and whether something new came for it.
#[derive(Debug, Default)]
pub(super) struct Running {
    keys: Mutex<HashMap<String, bool>>,
}

impl Running {
    /// True if a task is to be started for `key`; otherwise the one that runs will start over.
    pub fn begin(&self, key: &str) -> bool {
        let mut keys = self.keys();
        if let Some(again) = keys.get_mut(key) {
            *again = true;
            return false;
        }
        keys.insert(key.to_string(), false);
        true
    }

    /// The task looks for work from here on: what came before will be seen.
    pub fn looks(&self, key: &str) {
        self.keys().insert(key.to_string(), false);
    }

    /// True if nothing new came since the task last looked: then it has to end, and is forgotten.
    pub fn finish(&self, key: &str) -> bool {
        let mut keys = self.keys();
        if keys.get(key) == Some(&true) {
            return false;
        }
        keys.remove(key);
        true
    }

    /// The task ended, whatever came.
    pub fn forget(&self, key: &str) {
        self.keys().remove(key);
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        // Single assignments only: a panic cannot leave the map half changed.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
