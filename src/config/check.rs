//! Which values can be used. In: settings. Out: the first that cannot, and what is allowed.

use std::net::SocketAddr;

use super::Config;

impl Config {
    /// The first value that cannot be used, as `(key, what is allowed)`.
    pub(crate) fn first_bad_value(&self) -> Option<(&'static str, String)> {
        let server = &self.server;
        let limits = &self.limits;
        if !is_host_and_port(&server.listen) {
            let allowed = "an address and a port, such as 127.0.0.1:8080, [::]:8080 or localhost:0";
            return Some(("server.listen", allowed.to_string()));
        }
        let wrong_origin = |origin: &String| {
            !(origin.starts_with("http://") || origin.starts_with("https://"))
                || origin.ends_with('/')
        };
        if server.allowed_origins.iter().any(wrong_origin) {
            let allowed = "origins such as https://shop.example, without a path or a last slash";
            return Some(("server.allowed_origins", allowed.to_string()));
        }
        if self.identity.audience.is_empty() {
            return Some(("identity.audience", "a name that is not empty".to_string()));
        }
        for (key_id, secret) in &self.identity.secrets {
            if secret.len() < 32 {
                let allowed = format!("a secret of 32 or more bytes for {key_id:?} (RFC 7518)");
                return Some(("identity.secrets", allowed));
            }
            if ["visitor", "demo", "team"].contains(&key_id.as_str()) {
                let allowed = "key ids other than \"visitor\", \"demo\" and \"team\"".to_string();
                return Some(("identity.secrets", allowed));
            }
        }
        if self.hand_off.waited_out.trim().is_empty() {
            return Some(("hand_off.waited_out", "a sentence for the customer".to_string()));
        }
        if let Some(bad) = self.widget.first_bad_value() {
            return Some(bad);
        }
        let webhooks = &self.webhooks;
        let schemes: &[&str] =
            if webhooks.allow_private { &["https://", "http://"] } else { &["https://"] };
        if let Some(url) = webhooks.endpoints.values().find(|url| {
            !schemes.iter().any(|scheme| url.starts_with(scheme))
                || url.contains(char::is_whitespace)
        }) {
            let allowed = format!(
                "URLs that begin with https:// (with allow_private http:// as well), not {url}"
            );
            return Some(("webhooks.endpoints", allowed));
        }
        let telemetry = &self.telemetry;
        if !["", "error", "warn", "info", "debug", "trace"].contains(&telemetry.log_level.as_str())
        {
            let allowed = "error, warn, info, debug, trace or nothing";
            return Some(("telemetry.log_level", allowed.to_string()));
        }
        let endpoint = &telemetry.otlp_endpoint;
        if !endpoint.is_empty()
            && !["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme))
        {
            let allowed = "a URL such as http://127.0.0.1:4318, or nothing";
            return Some(("telemetry.otlp_endpoint", allowed.to_string()));
        }
        if self.store.file.is_empty() {
            return Some(("store.file", "a file name".to_string()));
        }
        let at_least_one = [
            ("server.max_message_chars", server.max_message_chars as u64),
            ("identity.visitor_token_seconds", self.identity.visitor_token_seconds),
            ("identity.demo_token_seconds", self.identity.demo_token_seconds),
            ("team.session_idle_seconds", self.team.session_idle_seconds),
            ("team.session_seconds", self.team.session_seconds),
            ("team.socket_token_seconds", self.team.socket_token_seconds),
            ("team.first_wait_seconds", self.team.first_wait_seconds),
            ("limits.messages_per_minute", limits.messages_per_minute.into()),
            ("limits.waiting_messages", limits.waiting_messages.into()),
            ("limits.history_messages", limits.history_messages.into()),
            ("limits.connections_per_address", limits.connections_per_address.into()),
            ("limits.tokens_per_minute", limits.tokens_per_minute.into()),
            ("limits.requests_per_minute", limits.requests_per_minute.into()),
            ("limits.hello_seconds", limits.hello_seconds),
            ("limits.heartbeat_seconds", limits.heartbeat_seconds),
            ("limits.concurrent_turns", limits.concurrent_turns as u64),
            ("limits.turn_seconds", limits.turn_seconds),
            ("hand_off.wait_seconds", self.hand_off.wait_seconds),
            ("hand_off.away_seconds", self.hand_off.away_seconds),
            ("outcomes.silent_hours", self.outcomes.silent_hours.into()),
            ("outcomes.came_back_days", self.outcomes.came_back_days.into()),
            ("store.readers", self.store.readers.into()),
        ];
        for (key, least, most) in super::editable::RANGES {
            let value = self.policy_number(key);
            if value.is_some_and(|value| !(*least..=*most).contains(&value)) {
                return Some((key, format!("{least} to {most}")));
            }
        }
        if let Some((key, _)) = at_least_one.into_iter().find(|(_, value)| *value == 0) {
            return Some((key, "1 or more".to_string()));
        }
        if self.team.longest_wait_seconds < self.team.first_wait_seconds {
            return Some((
                "team.longest_wait_seconds",
                "team.first_wait_seconds or more".to_string(),
            ));
        }
        if limits.frame_bytes < 1024 {
            return Some(("limits.frame_bytes", "1024 or more".to_string()));
        }
        if limits.outbound_frames < 16 {
            return Some(("limits.outbound_frames", "16 or more".to_string()));
        }
        None
    }
}

impl Config {
    /// The numbers of [`super::editable::RANGES`].
    fn policy_number(&self, key: &str) -> Option<f64> {
        let policy = &self.agent.policy;
        let value = match key {
            "agent.policy.knowledge_from" => policy.knowledge_from,
            "agent.policy.knowledge_from_out_of_scope" => policy.knowledge_from_out_of_scope,
            "agent.policy.intent_from" => policy.intent_from,
            "agent.policy.account_from" => policy.account_from,
            "agent.policy.hand_off_from" => policy.hand_off_from,
            "agent.policy.apologise_from" => policy.apologise_from,
            "agent.policy.most_sentences" => return Some(policy.most_sentences as f64),
            "desk.answer_from" => self.desk.answer_from,
            _ => return None,
        };
        Some(f64::from(value))
    }
}

/// `127.0.0.1:80`, `[::1]:80` or `name:80`; whether a name exists is seen when it is listened on.
fn is_host_and_port(text: &str) -> bool {
    let named = || {
        let (host, port) = text.rsplit_once(':')?;
        let is_name =
            |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
        Some(!host.is_empty() && host.chars().all(is_name) && port.parse::<u16>().is_ok())
    };
    text.parse::<SocketAddr>().is_ok() || named() == Some(true)
}
