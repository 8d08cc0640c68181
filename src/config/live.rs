//! The settings in force: read where they are used, each time, and replaced as a whole by a reload.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Config;

/// The settings in force. Clones share them.
#[derive(Debug, Clone)]
pub struct LiveConfig(Arc<ArcSwap<Config>>);

impl LiveConfig {
    /// `config` is in force.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(config)))
    }

    /// The settings as they are now. Whoever does one thing reads them once.
    pub fn now(&self) -> Arc<Config> {
        self.0.load_full()
    }

    /// `config` is in force from now on.
    pub(crate) fn replace(&self, config: Config) {
        self.0.store(Arc::new(config));
    }
}
