//! Settings that were read again, taken over by the running server.
//!
//! What is read at each use follows from [`LiveConfig`](crate::config::live::LiveConfig); the rest is handed to
//! whoever keeps it here. Everything that can fail comes first, so that a bad file changes nothing.

use super::AppState;
use crate::Result;
use crate::config::Config;
use crate::config::reload::{TakenOver, take_over};
use crate::error::Context;
use crate::store::outbox::Telling;
use crate::webhooks::deliver::Sender;

impl AppState {
    /// Reads the settings again and takes over what needs no restart.
    ///
    /// # Errors
    /// Those of [`Config::load`] and [`AppState::reload`]; nothing has changed then.
    pub async fn read_settings_again(&self) -> Result<TakenOver> {
        let layers = self.layers.lock().await;
        let read = layers.clone();
        let read = tokio::task::spawn_blocking(move || Config::load(&read));
        self.reload(&read.await.internal("the settings could not be read again")??)
    }

    /// Takes over what of `read` needs no restart, and reads the certificate again. Sockets whose token proves nobody any more are closed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if a setting or the certificate cannot be used; nothing has changed then.
    pub fn reload(&self, read: &Config) -> Result<TakenOver> {
        let chat = &self.chat;
        let current = chat.config.now();
        let taken = take_over(&current, read)?;
        let config = &taken.config;
        let sender = Sender::new(&config.webhooks)?;
        if let Some(certificates) = &self.certificates {
            certificates.reload()?;
        }

        chat.config.replace(config.clone());
        chat.store.tell_instead(Telling::of(config));
        chat.runner.follow(&config.agent.policy);
        self.sender.take_over(sender);
        self.api_requests.allow(config.limits.requests_per_minute);
        self.token_requests.allow(config.limits.tokens_per_minute);
        self.uploads.allow(config.limits.messages_per_minute);
        chat.limit_messages(config.limits.messages_per_minute);
        if config.identity != current.identity {
            self.tokens.take_over(&config.identity);
            chat.check_tokens_again();
        }
        Ok(taken)
    }
}
