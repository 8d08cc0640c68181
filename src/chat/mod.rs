//! The chat: frames in and out of sockets, every message stored before it is acknowledged.
//!
//! [`frames`] is the protocol, `line` the wire and `close` why it ends; [`cursor`] and [`fence`] decide
//! what a socket is given, [`socket`] runs one socket, `signs` who writes and who has read, [`runner`] makes the replies, `desk` is what people of
//! the company do. Knows the turn, the store and the bus; not HTTP, nor how tokens are signed.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Result;
use crate::bus::Bus;
use crate::config::Config;
use crate::config::live::LiveConfig;
use crate::identity::TokenReader;
use crate::privacy::Masker;
use crate::store::Store;
use crate::telemetry::otlp::Exporter;
use crate::turn::Agent;

mod agent_socket;
mod close;
pub mod cursor;
pub mod desk;
pub mod fence;
pub mod frames;
mod hand_off;
mod judged;
mod judging_line;
mod line;
pub mod rate;
pub mod runner;
mod running;
mod signs;
pub mod socket;
pub mod suggest;
pub mod summary;
mod traced;
mod transcript;

use desk::hub::{self, Hub};
use desk::presence::Presence;
use desk::viewers::Viewers;
use rate::RateLimiter;
use runner::Runner;
use suggest::Suggester;

/// Empty conversations are removed after a day.
const EMPTY_CONVERSATION_AGE: Duration = Duration::from_secs(86_400);
/// Frames that only say that somebody is writing, of one writer in one conversation; more are dropped.
const SIGNS_PER_MINUTE: u32 = 30;
/// How long sockets may take to say goodbye.
const CLOSING_TIME: Duration = Duration::from_secs(3);

/// Everything that the sockets share.
pub struct Chat {
    /// The settings.
    pub config: LiveConfig,
    /// The conversations.
    pub store: Store,
    /// Who listens.
    pub bus: Bus,
    /// Makes replies.
    pub runner: Runner,
    /// Makes suggestions for people of the company.
    pub suggester: Suggester,
    /// Reads tokens.
    pub tokens: TokenReader,
    /// What open desks are told.
    pub hub: Hub,
    /// Who looks at which conversation.
    pub viewers: Viewers,
    /// Which people of the company are there.
    pub presence: Presence,
    /// Somebody who is signed in began a conversation.
    profiles_wanted: AtomicBool,
    messages: RateLimiter,
    signs: RateLimiter,
    changing: tokio::sync::Mutex<()>,
    /// Sockets that listen to it read their token again.
    identity_changed: watch::Sender<()>,
    sockets: TaskTracker,
    closing: CancellationToken,
}

impl Chat {
    /// A chat over `store`, answered by `agent`. Begins to answer what an earlier process left.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start(
        config: Config,
        agent: Arc<Agent>,
        store: Store,
        tokens: TokenReader,
    ) -> Result<Arc<Self>> {
        let age_ms = i64::try_from(EMPTY_CONVERSATION_AGE.as_millis()).unwrap_or(i64::MAX);
        store.remove_empty_conversations(age_ms).await?;
        let bus = Bus::default();
        let messages = RateLimiter::new(config.limits.messages_per_minute);
        let config = LiveConfig::new(config);
        let exporter = Exporter::start(&config.now().telemetry.otlp_endpoint)?;
        let suggester = Suggester::new(agent.clone(), store.clone(), config.clone());
        let runner = Runner::new(
            agent,
            store.clone(),
            bus.clone(),
            config.clone(),
            exporter,
            suggester.clone(),
        );
        let waiting = runner.wake_unanswered().await?;
        if waiting > 0 {
            tracing::info!(waiting, "answering messages that an earlier run left unanswered");
        }
        let chat = Arc::new(Self {
            hub: Hub::default(),
            viewers: Viewers::default(),
            presence: Presence::new(Instant::now()),
            profiles_wanted: AtomicBool::new(true),
            signs: RateLimiter::new(SIGNS_PER_MINUTE),
            changing: tokio::sync::Mutex::default(),
            identity_changed: watch::Sender::default(),
            messages,
            config,
            store,
            bus,
            runner,
            suggester,
            tokens,
            sockets: TaskTracker::new(),
            closing: CancellationToken::new(),
        });
        tokio::spawn(desk::watch(Arc::downgrade(&chat)));
        let suggester = chat.suggester.clone();
        tokio::spawn(async move {
            if let Err(error) = suggester.catch_up(u32::MAX).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "earlier replies of people were not read"
                );
            }
        });
        tokio::spawn(hub::run(Arc::downgrade(&chat)));
        Ok(chat)
    }

    /// Masks what must not be kept.
    pub fn masker(&self) -> Masker {
        Masker::new(&self.config.now().privacy.mask)
    }

    /// Every socket reads its token again, and is closed if it proves nobody any more.
    pub(crate) fn check_tokens_again(&self) {
        self.identity_changed.send_replace(());
    }

    /// Allows `per_minute` messages in a conversation from now on.
    pub(crate) fn limit_messages(&self, per_minute: u32) {
        self.messages.allow(per_minute);
    }

    /// Lets replies under way finish, closes every socket with 1001 and the store after them.
    pub async fn stop(&self) {
        let grace = Duration::from_secs(self.config.now().server.shutdown_grace_seconds);
        self.runner.stop(grace).await;
        self.closing.cancel();
        self.sockets.close();
        if tokio::time::timeout(CLOSING_TIME, self.sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        self.store.close().await;
    }
}
