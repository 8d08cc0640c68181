//! Sign-in of people of the company: what the routes share, and the tasks behind them.
//!
//! [`session`] is signing in and out, [`members`] and [`keys`] are for admins, [`tokens`] the signed tokens; who a
//! request comes from is decided in [`super::credential`]. The roster is read again whenever the store's generation of the
//! team has grown, be it by a command beside the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::AppState;
use super::answer::Refusal;
use crate::Result;
use crate::config::Config;
use crate::error::Context;
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::team::{Attempt, Credential};
use crate::team::password::Hasher;
use crate::team::roster::Roster;

pub mod keys;
pub mod members;
pub mod session;
pub mod tokens;

use tokens::TeamTokens;

/// How often the generation is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often it is kept when sessions and keys were used.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// Who may come in, and how it is proved.
pub struct Team {
    pub(super) roster: Arc<Roster>,
    pub(super) tokens: TeamTokens,
    hasher: Hasher,
    /// One reads at a time, so that an older state never replaces a newer one.
    reading: tokio::sync::Mutex<()>,
}

impl Team {
    /// The team of `store`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if the secret of its tokens cannot be used; those of the store.
    pub async fn open(config: &Config, store: &Store) -> Result<Arc<Self>> {
        let hasher =
            tokio::task::spawn_blocking(Hasher::new).await.internal("hashing failed")??;
        let team = Arc::new(Self {
            roster: Arc::new(Roster::new(config.team.session_limits())),
            tokens: TeamTokens::open(&config.place.data_dir)?,
            hasher,
            reading: tokio::sync::Mutex::default(),
        });
        team.read_again(store).await?;
        Ok(team)
    }

    /// Reads the team again: called after each change, before it is answered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read_again(&self, store: &Store) -> Result<()> {
        let _one_at_a_time = self.reading.lock().await;
        self.roster.install(store.team().await?);
        Ok(())
    }

    async fn look(&self, store: &Store) -> Result<()> {
        if store.team_generation().await? != self.roster.generation() {
            self.read_again(store).await?;
        }
        Ok(())
    }
}

/// Sees what other processes change, and keeps what was used, until the server stops.
pub async fn keep(team: Arc<Team>, store: Store, stopping: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut kept = Instant::now();
    loop {
        let stops = tokio::select! {
            _ = looks.tick() => false,
            () = stopping.cancelled() => true,
        };
        if stops || kept.elapsed() >= KEEP_EVERY {
            kept = Instant::now();
            let uses = team.roster.take_uses();
            report(store.keep_uses(&uses, team.roster.limits()).await);
        }
        if stops {
            return;
        }
        report(team.look(&store).await);
    }
}

fn report(outcome: Result<()>) {
    if let Err(error) = outcome {
        metrics::counter!("steward_errors_total", "where" => "team").increment(1);
        tracing::error!(error = format!("{error:#}"), "the team could not be read or kept");
    }
}

/// Holds `password` against `credential`, counting the attempt for `keys`. An unknown name (`None`) is answered as a wrong password is.
///
/// # Errors
/// 429 while somebody has to wait, 401 if it is wrong, 503 if too many wait.
pub(super) async fn verify_counted(
    state: &AppState,
    keys: &[String],
    password: String,
    credential: Option<Credential>,
    wrong: &'static str,
) -> std::result::Result<Credential, Refusal> {
    let store = &state.chat.store;
    let wait_ms =
        match store.begin_attempt(keys, state.chat.config.now().team.lockout_rules()).await? {
            Attempt::Allowed { wait_ms } => wait_ms,
            Attempt::Wait(wait_ms) => return Err(Refusal::too_many_failures(wait_ms)),
        };
    let phc = credential.as_ref().map(|known| known.password_hash.clone());
    let is_right = match state.team.hasher.verify(password, phc).await {
        Ok(is_right) => is_right,
        Err(error) => {
            store.attempt_came_to_nothing(keys).await?;
            return Err(error.into());
        }
    };
    let known = credential.as_ref().map(|known| known.member.name.clone());
    if let Some(credential) = credential.filter(|known| is_right && !known.member.disabled) {
        store.attempt_succeeded(keys).await?;
        return Ok(credential);
    }
    metrics::counter!("steward_sign_ins_total", "outcome" => "failed").increment(1);
    if wait_ms > 0 {
        // What was typed as an unknown name may be a password.
        let subject = known.as_deref().unwrap_or("an unknown name");
        store.note(&Actor::Steward, "sign_in_locked", subject).await?;
        tracing::warn!(member = subject, wait_ms, "failed sign-ins: the next must wait");
    }
    Err(Refusal::denied(wrong).retry_after_ms(wait_ms))
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
