//! Puts the layers of settings together: defaults, file, environment, flags.
//!
//! In: the layers. Out: a checked [`Config`], or an error that names where the bad setting came
//! from, its key, its value and what is allowed. Nothing here knows a particular setting: keys and
//! types are read off the defaults.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, Place};
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// What is read besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The file named by `--config`; else `./config.toml` if it is there.
    pub file: Option<PathBuf>,
    /// The environment, as `(name, value)`.
    pub environment: Vec<(String, String)>,
    /// Flags that stand for a setting, as `(flag, key, value)`.
    pub flags: Vec<(String, String, String)>,
    /// What only flags decide.
    pub place: Place,
}

const DEFAULT_FILE: &str = "config.toml";
const ENVIRONMENT_PREFIX: &str = "STEWARD_";

impl Config {
    /// The settings that `layers` add up to.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] for a file that cannot be read, an unknown key, a wrong type or a
    /// value that is not allowed.
    pub fn load(layers: &Layers) -> Result<Self> {
        let mut settings = Settings::defaults()?;
        if let Some(path) = named_or_default_file(layers)? {
            settings.apply_file(&path)?;
        }
        settings.apply_environment(&layers.environment)?;
        for (flag, key, value) in &layers.flags {
            settings.apply_text(flag, key, value)?;
        }
        settings.config.place = layers.place.clone();
        Ok(settings.config)
    }
}

fn named_or_default_file(layers: &Layers) -> Result<Option<PathBuf>> {
    let Some(named) = &layers.file else {
        let default = PathBuf::from(DEFAULT_FILE);
        return Ok(default.is_file().then_some(default));
    };
    if !named.is_file() {
        let message = format!("the settings file {} does not exist", named.display());
        return Err(Error::setup(message));
    }
    Ok(Some(named.clone()))
}

/// The settings so far, as a table (to know keys and types) and as a struct (to know they work).
struct Settings {
    table: Table,
    config: Config,
}

impl Settings {
    fn defaults() -> Result<Self> {
        let config = Config::default();
        let table = Table::try_from(&config).internal("the default settings are no table")?;
        Ok(Self { table, config })
    }

    fn apply_file(&mut self, path: &Path) -> Result<()> {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .context(ErrorKind::Setup, || format!("cannot read {origin}"))?;
        let file: Table = text
            .parse()
            .map_err(|error| Error::setup(format!("{origin} is not valid TOML: {error}")))?;
        for (section, value) in file {
            if !self.table.contains_key(&section) {
                return Err(unknown(&origin, "section", &section, self.table.keys()));
            }
            let Value::Table(keys) = value else {
                return Err(Error::setup(format!("{origin}: {section} must be a section")));
            };
            for (key, value) in keys {
                self.apply(&origin, &section, &key, value)?;
            }
        }
        Ok(())
    }

    fn apply_environment(&mut self, environment: &[(String, String)]) -> Result<()> {
        let sections: Vec<String> = self.table.keys().cloned().collect();
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
            let rest = rest.to_lowercase();
            let section = sections.iter().find(|section| {
                rest.strip_prefix(section.as_str()).is_some_and(|key| key.starts_with('_'))
            });
            let Some(section) = section else { continue };
            let key = &rest[section.len() + 1..];
            self.apply_text(name, &format!("{section}.{key}"), text)?;
        }
        Ok(())
    }

    /// A value written as plain text: its type is that of the default.
    fn apply_text(&mut self, origin: &str, path: &str, text: &str) -> Result<()> {
        let (section, key) = path.split_once('.').unwrap_or((path, ""));
        let default = self.default_of(origin, section, key)?;
        let value = value_from_text(default, text)
            .ok_or_else(|| wrong_type(origin, path, &Value::String(text.into()), default))?;
        self.apply(origin, section, key, value)
    }

    fn default_of(&self, origin: &str, section: &str, key: &str) -> Result<&Value> {
        let Some(Value::Table(keys)) = self.table.get(section) else {
            return Err(unknown(origin, "section", section, self.table.keys()));
        };
        keys.get(key).ok_or_else(|| {
            let others = keys.keys().map(|other| format!("{section}.{other}")).collect::<Vec<_>>();
            unknown(origin, "key", &format!("{section}.{key}"), others.iter())
        })
    }

    fn apply(&mut self, origin: &str, section: &str, key: &str, value: Value) -> Result<()> {
        let path = format!("{section}.{key}");
        let default = self.default_of(origin, section, key)?;
        let value = match (default, value) {
            (Value::Float(_), Value::Integer(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        };
        if !default.same_type(&value) {
            return Err(wrong_type(origin, &path, &value, default));
        }
        let shown = if section == "identity" { "(not shown)".into() } else { value.to_string() };
        if let Some(Value::Table(keys)) = self.table.get_mut(section) {
            keys.insert(key.to_string(), value);
        }
        let config = Config::deserialize(Value::Table(self.table.clone())).map_err(|error| {
            let reason = error.message().trim_end();
            Error::setup(format!("{origin}: {path} = {shown} is not allowed: {reason}"))
        })?;
        if let Some((bad_key, allowed)) = config.first_bad_value() {
            let message = format!("{origin}: {path} = {shown} is not allowed; expected {allowed}");
            return Err(if bad_key == path {
                Error::setup(message)
            } else {
                Error::setup(format!("{origin}: {bad_key} is not allowed; expected {allowed}"))
            });
        }
        self.config = config;
        Ok(())
    }
}

fn value_from_text(default: &Value, text: &str) -> Option<Value> {
    let items = || text.split(',').map(str::trim).filter(|item| !item.is_empty());
    match default {
        Value::String(_) => Some(Value::String(text.to_string())),
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Float(_) => text.trim().parse().ok().map(Value::Float),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            Some(Value::Array(items().map(|item| Value::String(item.to_string())).collect()))
        }
        Value::Table(_) => {
            let pairs = items().map(|item| {
                let (name, value) = item.split_once('=')?;
                Some((name.trim().to_string(), Value::String(value.trim().to_string())))
            });
            pairs.collect::<Option<Table>>().map(Value::Table)
        }
        Value::Datetime(_) => None,
    }
}

fn wrong_type(origin: &str, path: &str, value: &Value, default: &Value) -> Error {
    let expected = match default {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list of texts",
        Value::Table(_) => "a table of names and texts",
        Value::Datetime(_) => "a date",
    };
    let shown =
        if path.starts_with("identity.") { "(not shown)".into() } else { value.to_string() };
    Error::setup(format!(
        "{origin}: {path} = {shown} has the wrong type; expected {expected}, such as {default}"
    ))
}

fn unknown<'a>(
    origin: &str,
    what: &str,
    found: &str,
    known: impl Iterator<Item = &'a String>,
) -> Error {
    let known: Vec<&String> = known.collect();
    let nearest = known
        .iter()
        .map(|name| (edit_distance(found, name), name))
        .min()
        .filter(|(distance, _)| *distance <= found.len().max(6) / 3)
        .map(|(_, name)| format!("; did you mean {name}?"))
        .unwrap_or_default();
    let names = known.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    Error::setup(format!("{origin}: unknown {what} {found}{nearest} (known: {names})"))
}

/// Levenshtein's distance in characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left_character) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 1..=right.len() {
            let replaced = diagonal + usize::from(right[column - 1] != left_character);
            diagonal = row[column];
            row[column] = replaced.min(row[column] + 1).min(row[column - 1] + 1);
        }
    }
    row[right.len()]
}
