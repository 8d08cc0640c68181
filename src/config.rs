//! The settings, each with its default and a sentence on what it does.
//!
//! A section is a struct with `Default`; the keys, their types and the names of the environment
//! variables all follow from it, so a new setting is one field here and one line in `config.toml`
//! (a test holds the two together). How the layers are put on top of each other is in [`load`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::model::compute::EngineSettings;
use crate::outcomes::OutcomeSettings;
use crate::privacy::Sensitive;
use crate::retrieve::RetrievalSettings;
use crate::team::settings::TeamSettings;
use crate::turn::AgentSettings;
use crate::turn::compose::GeneratorSettings;
use crate::turn::mode::ModeSettings;
use crate::widget::WidgetSettings;
use crate::{ErrorKind, Result};

mod check;
pub mod editable;
pub mod live;
pub mod load;
pub mod reload;

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where Steward listens and whom it serves.
    pub server: ServerConfig,
    /// Who customers are, and how that is proved.
    pub identity: IdentityConfig,
    /// How people of the company sign in.
    pub team: TeamSettings,
    /// How much one customer or address may ask for.
    pub limits: LimitsConfig,
    /// Who answers: Steward, or people to whom it suggests.
    pub desk: ModeSettings,
    /// How conversations wait for a person.
    pub hand_off: HandOffConfig,
    /// What the widget on a site shows and takes.
    pub widget: WidgetSettings,
    /// When a conversation is over, and when it was not.
    pub outcomes: OutcomeSettings,
    /// What is kept, and for how long.
    pub privacy: PrivacyConfig,
    /// Who is told what happens.
    pub webhooks: WebhookConfig,
    /// What the operator is told.
    pub telemetry: TelemetryConfig,
    /// Where conversations are kept.
    pub store: StoreConfig,
    /// How messages are answered.
    pub agent: AgentSettings,
    /// How the models compute.
    pub engine: EngineSettings,
    /// Whether and how the generator phrases answers.
    pub generator: GeneratorSettings,
    /// How knowledge and records are searched.
    pub retrieval: RetrievalSettings,
    /// Set by flags, not by the file: where things live.
    #[serde(skip)]
    pub place: Place,
}

/// What the command line alone decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Everything that Steward writes lives here, except the model cache.
    pub data_dir: PathBuf,
    /// Use no network to fetch model files.
    pub offline: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { data_dir: PathBuf::from("data"), offline: false }
    }
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: String,
    /// Web origins whose pages may open the chat socket; the server's own is always allowed.
    pub allowed_origins: Vec<String>,
    /// Serve the demo page's customer picker while the demo shop's data is in use.
    pub demo: bool,
    /// The demo shop: its `knowledge` and `accounts` enter a data directory without any import.
    pub demo_directory: String,
    /// The file that lists the customers of the picker.
    pub demo_customers: String,
    /// Serve the pages from this directory in place of those in the program; empty for those. For work on the pages.
    pub web_directory: String,
    /// Longest message of a customer, in characters.
    pub max_message_chars: usize,
    /// How long replies under way may take to finish when the server is stopped.
    pub shutdown_grace_seconds: u64,
    /// How long the server says that it is about to stop before it does, so that a load balancer sends no more.
    pub drain_seconds: u64,
    /// Take the client's address from `X-Forwarded-For`; only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// The certificate; without one the server speaks plain HTTP.
    pub tls: TlsConfig,
}

impl ServerConfig {
    /// True if the server is reached over TLS of its own.
    pub fn serves_tls(&self) -> bool {
        self.tls.is_on()
    }
}

/// `[server.tls]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file of the certificate and those between it and its authority.
    pub certificate: String,
    /// PEM file of its private key.
    pub key: String,
}

impl TlsConfig {
    /// True if there is a certificate.
    pub fn is_on(&self) -> bool {
        !self.certificate.is_empty() || !self.key.is_empty()
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_string(),
            allowed_origins: Vec::new(),
            demo: true,
            demo_directory: "index".to_string(),
            demo_customers: "index/demo.toml".to_string(),
            web_directory: String::new(),
            max_message_chars: 4000,
            shutdown_grace_seconds: 20,
            drain_seconds: 0,
            trust_forwarded_for: false,
            tls: TlsConfig::default(),
        }
    }
}

/// `[identity]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// Secrets of the sites that sign their customers in: key id (`kid`) to secret.
    pub secrets: BTreeMap<String, String>,
    /// What a token's `aud` must name when it has one.
    pub audience: String,
    /// How far the clocks of the site and of this server may be apart.
    pub clock_leeway_seconds: u64,
    /// How long a visitor can come back to a conversation.
    pub visitor_token_seconds: u64,
    /// How long a sign-in of the demo page lasts.
    pub demo_token_seconds: u64,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            secrets: BTreeMap::new(),
            audience: "steward".to_string(),
            clock_leeway_seconds: 30,
            visitor_token_seconds: 2_592_000,
            demo_token_seconds: 86_400,
        }
    }
}

/// Secrets stay out of logs.
impl std::fmt::Debug for IdentityConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IdentityConfig")
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Messages a customer may send in one conversation, per minute.
    pub messages_per_minute: u32,
    /// Messages that may wait for an answer in one conversation.
    pub waiting_messages: u32,
    /// Messages of a conversation that a turn is given, the newest ones.
    pub history_messages: u32,
    /// Chat sockets that one address may hold open.
    pub connections_per_address: u32,
    /// Visitor tokens and demo sign-ins that one address may ask for, per minute.
    pub tokens_per_minute: u32,
    /// Largest frame that the chat socket reads, in bytes.
    pub frame_bytes: usize,
    /// Frames that may wait for a slow reader before its socket is closed.
    pub outbound_frames: usize,
    /// How long a client may take to say hello, and to send the head of a request or its body.
    pub hello_seconds: u64,
    /// How often a quiet socket is asked whether it is still there.
    pub heartbeat_seconds: u64,
    /// Requests to the API that one address, and one person or customer, may make, per minute.
    pub requests_per_minute: u32,
    /// Turns that run at the same time; further ones wait.
    pub concurrent_turns: usize,
    /// How long one turn may take.
    pub turn_seconds: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            messages_per_minute: 20,
            waiting_messages: 10,
            history_messages: 40,
            connections_per_address: 64,
            tokens_per_minute: 60,
            frame_bytes: 65_536,
            outbound_frames: 512,
            hello_seconds: 10,
            heartbeat_seconds: 30,
            requests_per_minute: 600,
            concurrent_turns: 8,
            turn_seconds: 60,
        }
    }
}

/// `[hand_off]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandOffConfig {
    /// How long a conversation may wait in line before the fallback.
    pub wait_seconds: u64,
    /// What happens then.
    pub fallback: Fallback,
    /// What the customer is told then, with the fallback `keep`.
    pub waited_out: String,
    /// How long a person who has a conversation may be away while its customer waits.
    pub away_seconds: u64,
}

/// What happens when nobody took a conversation in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The customer is told, and it stays in line.
    Keep,
    /// Steward answers again.
    Steward,
}

impl Default for HandOffConfig {
    fn default() -> Self {
        Self {
            wait_seconds: 300,
            fallback: Fallback::Keep,
            waited_out: "I'm sorry, nobody on our team is free yet. Your messages are kept and \
                you stay in line: somebody will reply here as soon as they can."
                .to_string(),
            away_seconds: 120,
        }
    }
}

/// `[privacy]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyConfig {
    /// What is masked in messages before they are stored, logged or answered.
    pub mask: Vec<Sensitive>,
    /// Days after its last message that a conversation is kept; 0 for ever.
    pub retention_days: u32,
}

impl Default for PrivacyConfig {
    fn default() -> Self {
        Self { mask: Sensitive::ALL.to_vec(), retention_days: 0 }
    }
}

/// `[webhooks]`
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where events are sent: a name of yours to a URL.
    pub endpoints: BTreeMap<String, String>,
    /// Their secrets, by the same names: `whsec_` and base64.
    pub secrets: BTreeMap<String, String>,
    /// Send to addresses of this machine and its network as well, and without TLS.
    pub allow_private: bool,
}

/// Secrets stay out of logs.
impl std::fmt::Debug for WebhookConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("WebhookConfig")
            .field("endpoints", &self.endpoints)
            .field("allow_private", &self.allow_private)
            .finish_non_exhaustive()
    }
}

/// `[telemetry]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// `error`, `warn`, `info`, `debug` or `trace`; empty for what the command line says.
    pub log_level: String,
    /// Where spans are sent by OTLP over HTTP; empty for nowhere.
    pub otlp_endpoint: String,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// File of the conversations, inside the data directory unless absolute.
    pub file: String,
    /// Connections that read at the same time; there is always one writer.
    pub readers: u32,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { file: "conversations.sqlite".to_string(), readers: 4 }
    }
}

impl Config {
    /// Creates the data directory, for its owner alone: customers' words are in it.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be created.
    pub fn create_data_dir(&self) -> Result<()> {
        let path = &self.place.data_dir;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).context(ErrorKind::Setup, || {
            format!(
                "cannot create the data directory {}; choose another --data-dir",
                path.display()
            )
        })
    }

    /// The file of the conversations.
    pub fn store_path(&self) -> PathBuf {
        self.place.data_dir.join(&self.store.file)
    }
}
