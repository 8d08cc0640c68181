//! Settings: layers, and errors that say what to mend.

use std::path::PathBuf;

use steward::config::Config;
use steward::config::load::Layers;

fn load(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("steward.toml");
    std::fs::write(&path, file.unwrap_or_default()).unwrap();
    let layers = Layers {
        file: Some(path),
        environment: environment
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        ..Layers::default()
    };
    Config::load(&layers).map_err(|error| error.to_string())
}

/// Every key, with its sections.
fn keys_of(prefix: &str, table: &toml::Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, value) in table {
        keys.push(format!("{prefix}{key}"));
        if let toml::Value::Table(inner) = value {
            keys.extend(keys_of(&format!("{prefix}{key}."), inner));
        }
    }
    keys.sort();
    keys
}

fn error(file: &str) -> String {
    load(Some(file), &[]).unwrap_err()
}

#[test]
fn the_settings_file_of_the_repository_has_every_key_with_its_default() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let file: toml::Table = text.parse().unwrap();
    let defaults = toml::Table::try_from(Config::default()).unwrap();
    let (found, wanted) = (keys_of("", &file), keys_of("", &defaults));
    let missing: Vec<&String> = wanted.iter().filter(|key| !found.contains(key)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "config.toml lacks these");
    assert_eq!(load(Some(&text), &[]), Ok(Config::default()), "and no key besides");
    let undescribed: Vec<&str> = text
        .lines()
        .collect::<Vec<_>>()
        .windows(2)
        .filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#'))
        .filter(|pair| !pair[0].starts_with("# "))
        .map(|pair| pair[1])
        .collect();
    assert_eq!(undescribed, Vec::<&str>::new(), "each with a line on what it does");
}

#[test]
fn later_layers_win() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nmax_message_chars = 5\n";
    let environment = [
        ("STEWARD_SERVER_LISTEN", "127.0.0.1:2"),
        ("STEWARD_SERVER_DEMO", "false"),
        ("STEWARD_SERVER_ALLOWED_ORIGINS", "https://a.example, https://b.example"),
        ("STEWARD_IDENTITY_SECRETS", "shop=0123456789abcdef0123456789abcdef"),
        ("STEWARD_AGENT_POLICY_INTENT_FROM", "0.75"),
        ("STEWARD_MODELS_DIR", "not a setting"),
        ("HOME", "nor this"),
    ];
    let config = load(Some(file), &environment).unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:2");
    assert_eq!(config.server.max_message_chars, 5);
    assert!(!config.server.demo);
    assert_eq!(config.server.allowed_origins.len(), 2);
    assert!(config.identity.secrets.contains_key("shop"));
    assert_eq!(config.agent.policy.intent_from, 0.75);

    let flag = ("--listen".to_string(), "server.listen".to_string(), "[::1]:3".to_string());
    let layers = Layers { flags: vec![flag], ..Layers::default() };
    assert_eq!(Config::load(&layers).unwrap().server.listen, "[::1]:3");
}

#[test]
fn an_unusable_setting_is_named_with_its_place_and_what_is_allowed() {
    let misspelt = error("[server]\nlisten_on = \"x\"\n");
    for part in ["steward.toml", "server.listen_on", "did you mean server.listen?"] {
        assert!(misspelt.contains(part), "{part} in {misspelt}");
    }
    assert!(error("[sever]\n").contains("did you mean server?"));
    assert!(error("listen = 3\n").contains("unknown section listen"));
    let deeper = error("[agent.policy]\nintent_form = 1\n");
    for part in ["agent.policy.intent_form", "did you mean agent.policy.intent_from?"] {
        assert!(deeper.contains(part), "{part} in {deeper}");
    }
    let wrong_type = error("[limits]\nturn_seconds = \"ten\"\n");
    for part in ["limits.turn_seconds", "\"ten\"", "a whole number"] {
        assert!(wrong_type.contains(part), "{part} in {wrong_type}");
    }
    let wrong_value = error("[server]\nlisten = \"here\"\n");
    for part in ["server.listen", "\"here\"", "127.0.0.1:8080"] {
        assert!(wrong_value.contains(part), "{part} in {wrong_value}");
    }
    assert!(error("[limits]\nturn_seconds = 0\n").contains("1 or more"));
    assert!(error("[limits]\nturn_seconds = -1\n").contains("limits.turn_seconds = -1"));
    assert!(error("[server\n").contains("not valid TOML"));
    let from_environment = load(None, &[("STEWARD_SERVER_DEMO", "perhaps")]).unwrap_err();
    for part in ["STEWARD_SERVER_DEMO", "server.demo", "perhaps", "true or false"] {
        assert!(from_environment.contains(part), "{part} in {from_environment}");
    }
    let unknown = load(None, &[("STEWARD_SERVER_LISTN", "x")]).unwrap_err();
    assert!(unknown.contains("STEWARD_SERVER_LISTN") && unknown.contains("server.listen"));
}

#[test]
fn a_secret_is_checked_and_never_repeated_in_an_error() {
    let short = error("[identity.secrets]\nshop = \"hunter2\"\n");
    assert!(short.contains("identity.secrets") && short.contains("32"), "{short}");
    assert!(!short.contains("hunter2"), "{short}");
    let wrong = error("[identity]\nsecrets = \"hunter2\"\n");
    assert!(!wrong.contains("hunter2"), "{wrong}");
    let config =
        load(Some("[identity.secrets]\nshop = \"0123456789abcdef0123456789abcdef\"\n"), &[]);
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
}
