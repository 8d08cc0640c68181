//! Settings that admins change while the server runs, and what is told of each. Pure but for reading the file.
//!
//! They are kept in `desk.toml` in the data directory, over `config.toml` and under the environment. Types, defaults and
//! what each is for are read off the defaults and the comments of the `config.toml` that ships.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Serialize;
use toml::{Table, Value};

use super::load::{Layers, Loaded, Source, collect_leaves, set, value_at};
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The file's name in the data directory.
pub const DESK_FILE: &str = "desk.toml";
/// Sections that admins may change: what a reload takes over and nobody can be locked out by.
const EDITABLE: &[&str] = &["agent.policy.", "desk.", "hand_off.", "widget."];
/// Numbers and what is allowed; beyond those whose least is 1 by `super::check`.
pub const RANGES: &[(&str, f64, f64)] = &[
    ("agent.policy.knowledge_from", 0.0, 1.0),
    ("agent.policy.knowledge_from_out_of_scope", 0.0, 1.0),
    ("agent.policy.intent_from", 0.0, 1.0),
    ("agent.policy.account_from", 0.0, 1.0),
    ("agent.policy.most_sentences", 1.0, 10.0),
    ("agent.policy.hand_off_from", 0.0, 1.0),
    ("agent.policy.apologise_from", 0.0, 1.0),
    ("desk.answer_from", 0.0, 1.0),
];
/// Words and which are allowed.
const CHOICES: &[(&str, &[&str])] = &[
    ("desk.mode", &["answer", "suggest", "by_intent"]),
    ("hand_off.fallback", &["keep", "steward"]),
    ("widget.position", &["right", "left"]),
    ("widget.locale", &["auto", "en", "zh", "es", "de", "fr", "ar"]),
    ("widget.color_scheme", &["auto", "light", "dark"]),
    ("widget.pre_chat", &["off", "optional", "required"]),
];
const HEAD: &str = "# Written by the desk's settings: over config.toml, under the environment.\n\n";

/// One setting as it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// `agent.policy.hand_off_from`.
    pub key: String,
    /// What is in force.
    pub value: serde_json::Value,
    /// What is in force without any file.
    pub default: serde_json::Value,
    /// `number`, `text`, `choice`, `list`, `table` or `bool`.
    pub kind: &'static str,
    /// The words that are allowed, of a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<&'static [&'static str]>,
    /// The least number allowed, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number allowed, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What it is for.
    pub about: String,
    /// Where the value comes from.
    pub source: Source,
}

/// True for a setting that admins may change.
pub fn is_editable(key: &str) -> bool {
    EDITABLE.iter().any(|section| key.starts_with(section))
}

/// Every setting that admins may change, in the order of its name.
///
/// # Errors
/// [`ErrorKind::Internal`] if settings cannot be written as a table; none is known.
pub fn settings(loaded: &Loaded) -> Result<Vec<Setting>> {
    let table = Table::try_from(&loaded.config).internal("the settings are no table")?;
    let mut defaults = BTreeMap::new();
    let default =
        Table::try_from(super::Config::default()).internal("the settings are no table")?;
    collect_leaves("", &default, &mut defaults);
    let editable = defaults.into_iter().filter(|(key, _)| is_editable(key));
    editable
        .map(|(key, default)| {
            let value = value_at(&table, &key).cloned().unwrap_or_else(|| default.clone());
            let range = RANGES.iter().find(|(name, ..)| *name == key);
            let choices =
                CHOICES.iter().find(|(name, _)| *name == key).map(|(_, choices)| *choices);
            Ok(Setting {
                kind: match (&default, choices) {
                    (_, Some(_)) => "choice",
                    (Value::Integer(_) | Value::Float(_), _) => "number",
                    (Value::Boolean(_), _) => "bool",
                    (Value::Array(_), _) => "list",
                    (Value::Table(_), _) => "table",
                    _ => "text",
                },
                choices,
                min: range.map(|(_, least, _)| *least),
                max: range.map(|(_, _, most)| *most),
                about: ABOUT.get(&key).cloned().unwrap_or_default(),
                source: loaded.sources.get(&key).copied().unwrap_or(Source::Default),
                value: as_json(&value)?,
                default: as_json(&default)?,
                key,
            })
        })
        .collect()
}

/// The file of `layers` with these changes, `None` putting a setting back to what is below it; and the settings that
/// follow from it.
///
/// # Errors
/// [`ErrorKind::Input`] naming what cannot be changed or used.
pub fn changed(
    layers: &Layers,
    changes: &BTreeMap<String, Option<serde_json::Value>>,
) -> Result<(Table, Loaded)> {
    let mut table = read(&layers.desk_path())?;
    for (key, value) in changes {
        if !is_editable(key) {
            let message =
                format!("{key} cannot be changed here; these can: {}", EDITABLE.join("…, ") + "…");
            return Err(Error::input(message));
        }
        match value {
            Some(value) => set(&mut table, key, of_json(key, value)?),
            None => remove(&mut table, key),
        }
    }
    // What is wrong is the admin's to mend, not the operator's.
    let loaded = super::Config::load_with(layers, Some(&table)).map_err(|error| {
        Error::input(error.message().replace(&layers.desk_path().display().to_string(), "settings"))
    })?;
    if let Some(key) =
        changes.keys().find(|key| loaded.sources.get(*key) == Some(&Source::Environment))
    {
        let message = format!(
            "{key} is set by the environment or a flag of this server, which goes before what is set here"
        );
        return Err(Error::input(message));
    }
    Ok((table, loaded))
}

/// Replaces the file at once, for its owner alone.
///
/// # Errors
/// [`ErrorKind::Internal`] if it cannot be written, as on a full disk.
pub fn write(path: &Path, table: &Table) -> Result<()> {
    let text = toml::to_string(table).internal("the settings cannot be written as TOML")?;
    crate::private_file::replace(path, format!("{HEAD}{text}").as_bytes())
}

/// The file as a table; an empty one if it is not there.
pub(super) fn read(path: &Path) -> Result<Table> {
    match std::fs::read_to_string(path) {
        Ok(text) => text.parse().map_err(|error| {
            Error::setup(super::load::not_toml(&path.display().to_string(), &text, &error))
        }),
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Ok(Table::new()),
        Err(problem) => {
            Err(problem).context(ErrorKind::Setup, || format!("cannot read {}", path.display()))
        }
    }
}

fn remove(table: &mut Table, key: &str) {
    match key.split_once('.') {
        None => drop(table.remove(key)),
        Some((section, rest)) => {
            let Some(Value::Table(inner)) = table.get_mut(section) else { return };
            remove(inner, rest);
            if inner.is_empty() {
                table.remove(section);
            }
        }
    }
}

fn as_json(value: &Value) -> Result<serde_json::Value> {
    // A number of 32 bits as it is written: 0.74, not 0.7400000095367432.
    if let Value::Float(number) = value {
        let short = (*number as f32).to_string().parse().unwrap_or(*number);
        return Ok(serde_json::json!(short));
    }
    serde_json::to_value(value).internal("a setting is no JSON")
}

fn of_json(key: &str, value: &serde_json::Value) -> Result<Value> {
    let whole = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
    if let Some(whole) = whole {
        return Ok(Value::Integer(whole as i64));
    }
    Value::try_from(value)
        .map_err(|_| Error::input(format!("{key} = {value} is no value of a setting")))
}

/// The comments above the keys of the shipped `config.toml`.
static ABOUT: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut about = BTreeMap::new();
    let (mut section, mut comment) = (String::new(), Vec::new());
    for line in include_str!("../../config.toml").lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push(words.trim());
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_string();
            // A table of the operator's own names is a setting by itself.
            about.insert(section.clone(), comment.join(" "));
            comment.clear();
        } else if let Some((key, _)) = line.split_once(" = ") {
            about.insert(format!("{section}.{key}"), comment.join(" "));
            comment.clear();
        } else {
            comment.clear();
        }
    }
    about
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Place};

    fn layers(data: &Path) -> Layers {
        let place = Place { data_dir: data.to_path_buf(), offline: false };
        Layers { whole: Some(Box::default()), place, ..Layers::default() }
    }

    fn change(key: &str, value: serde_json::Value) -> BTreeMap<String, Option<serde_json::Value>> {
        BTreeMap::from([(key.to_string(), Some(value).filter(|value| !value.is_null()))])
    }

    #[test]
    fn every_setting_that_can_be_changed_says_what_it_is_for() {
        let data = tempfile::tempdir().unwrap();
        let all = settings(&Config::load_all(&layers(data.path())).unwrap()).unwrap();
        assert!(all.len() > 20);
        for setting in &all {
            assert!(setting.about.len() > 10, "{} is not explained in config.toml", setting.key);
            assert_eq!(setting.value, setting.default, "{}", setting.key);
            assert_eq!(setting.source, Source::Default);
        }
        for (key, ..) in RANGES {
            assert!(
                all.iter().any(|setting| setting.key == *key && setting.kind == "number"),
                "{key}"
            );
        }
        for (key, choices) in CHOICES {
            for choice in *choices {
                assert!(
                    changed(&layers(data.path()), &change(key, (*choice).into())).is_ok(),
                    "{key} = {choice}"
                );
            }
        }
    }

    #[test]
    fn changes_are_layered_checked_and_taken_back() {
        let data = tempfile::tempdir().unwrap();
        let layers = layers(data.path());
        let key = "agent.policy.hand_off_from";
        let (table, loaded) = changed(&layers, &change(key, 0.5.into())).unwrap();
        write(&layers.desk_path(), &table).unwrap();
        assert_eq!(loaded.config.agent.policy.hand_off_from, 0.5);
        let read_again = Config::load_all(&layers).unwrap();
        assert_eq!(read_again.config, loaded.config);
        assert_eq!(read_again.sources[key], Source::Desk);
        let over = Layers {
            environment: vec![("STEWARD_AGENT_POLICY_HAND_OFF_FROM".into(), "0.9".into())],
            ..layers.clone()
        };
        assert_eq!(Config::load(&over).unwrap().agent.policy.hand_off_from, 0.9);
        let refused = changed(&over, &change(key, 0.4.into())).unwrap_err();
        assert!(refused.to_string().contains("environment"), "{refused}");
        let (table, loaded) = changed(&layers, &change(key, serde_json::Value::Null)).unwrap();
        assert_eq!((table.len(), loaded.config.agent.policy.hand_off_from), (0, 0.74));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let data = tempfile::tempdir().unwrap();
        for (key, value, says) in [
            ("agent.policy.hand_off_from", serde_json::json!(7), "0 to 1"),
            ("agent.policy.hand_off_from", serde_json::json!("high"), "a number"),
            ("desk.mode", serde_json::json!("sometimes"), "by_intent"),
            ("desk.moode", serde_json::json!("answer"), "did you mean desk.mode"),
            ("server.listen", serde_json::json!("0.0.0.0:1"), "cannot be changed here"),
            ("identity.secrets", serde_json::json!({"a": "b"}), "cannot be changed here"),
            ("hand_off.wait_seconds", serde_json::json!(0), "1 or more"),
            ("desk.suggest_intents", serde_json::json!([null]), "no value of a setting"),
        ] {
            let refused = changed(&layers(data.path()), &change(key, value)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Input);
            let message = refused.to_string();
            assert!(message.contains(key) && message.contains(says), "{message}");
            assert!(!message.contains(&data.path().display().to_string()), "{message}");
        }
    }
}
