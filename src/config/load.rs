//! Puts the layers of settings together: defaults, file, what the desk changed, environment, flags.
//!
//! In: the layers. Out: a checked [`Config`], or an error that names where the bad setting came
//! from, its key, its value and what is allowed. Nothing here knows a particular setting: keys and
//! types are read off the defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::editable::{self, DESK_FILE};
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
    /// Settings in place of the file, for programs that have no file.
    pub whole: Option<Box<Config>>,
}

impl Layers {
    /// What the desk changed.
    pub fn desk_path(&self) -> PathBuf {
        self.place.data_dir.join(DESK_FILE)
    }
}

/// Which layer a setting's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// None.
    Default,
    /// `config.toml`.
    File,
    /// The desk's settings.
    Desk,
    /// The environment, or a flag.
    Environment,
}

/// What the layers add up to.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Where values that are not the default come from, by key.
    pub sources: BTreeMap<String, Source>,
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
        Self::load_all(layers).map(|loaded| loaded.config)
    }

    /// As [`Config::load`], with where each value comes from.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_all(layers: &Layers) -> Result<Loaded> {
        Self::load_with(layers, None)
    }

    /// As [`Config::load_all`], with `desk` in place of what the desk's file says.
    pub(super) fn load_with(layers: &Layers, desk: Option<&Table>) -> Result<Loaded> {
        let mut settings = Settings::defaults()?;
        settings.layer = Source::File;
        if let Some(whole) = &layers.whole {
            settings.apply_whole(whole)?;
        } else if let Some(path) = named_or_default_file(layers)? {
            settings.apply_file(&path)?;
        }
        settings.layer = Source::Desk;
        let path = layers.desk_path();
        let desk = match desk {
            Some(desk) => desk.clone(),
            None => editable::read(&path)?,
        };
        settings.apply_table(&path.display().to_string(), "", desk)?;
        settings.layer = Source::Environment;
        settings.apply_environment(&layers.environment)?;
        for (flag, key, value) in &layers.flags {
            settings.apply_text(flag, key, value)?;
        }
        settings.config.place = layers.place.clone();
        Ok(Loaded { config: settings.config, sources: settings.sources })
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
    /// Every setting's path, such as `server.listen`, with its default.
    defaults: BTreeMap<String, Value>,
    /// The layer that is being put on.
    layer: Source,
    sources: BTreeMap<String, Source>,
}

impl Settings {
    fn defaults() -> Result<Self> {
        let config = Config::default();
        let table = Table::try_from(&config).internal("the default settings are no table")?;
        let mut defaults = BTreeMap::new();
        collect_leaves("", &table, &mut defaults);
        Ok(Self { table, config, defaults, layer: Source::Default, sources: BTreeMap::new() })
    }

    /// Settings that were checked when they were made; those that differ from the defaults count as a file's.
    fn apply_whole(&mut self, whole: &Config) -> Result<()> {
        self.table = Table::try_from(whole).internal("the settings are no table")?;
        self.config = whole.clone();
        for (path, default) in &self.defaults {
            if value_at(&self.table, path) != Some(default) {
                self.sources.insert(path.clone(), self.layer);
            }
        }
        Ok(())
    }

    fn apply_file(&mut self, path: &Path) -> Result<()> {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .context(ErrorKind::Setup, || format!("cannot read {origin}"))?;
        let file: Table =
            text.parse().map_err(|error| Error::setup(not_toml(&origin, &text, &error)))?;
        self.apply_table(&origin, "", file)
    }

    fn apply_table(&mut self, origin: &str, prefix: &str, table: Table) -> Result<()> {
        for (key, value) in table {
            let path = joined(prefix, &key);
            if self.defaults.contains_key(&path) {
                self.apply(origin, &path, value)?;
                continue;
            }
            let inner = format!("{path}.");
            if !self.defaults.keys().any(|known| known.starts_with(&inner)) {
                return Err(self.unknown(origin, prefix, &path));
            }
            let Value::Table(keys) = value else {
                return Err(Error::setup(format!("{origin}: {path} must be a section")));
            };
            self.apply_table(origin, &path, keys)?;
        }
        Ok(())
    }

    fn apply_environment(&mut self, environment: &[(String, String)]) -> Result<()> {
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
            let rest = rest.to_lowercase();
            let named = self.defaults.keys().find(|path| path.replace('.', "_") == rest).cloned();
            if let Some(path) = named {
                self.apply_text(name, &path, text)?;
                continue;
            }
            let in_section = self.table.keys().find_map(|section| {
                let key = rest.strip_prefix(section.as_str())?.strip_prefix('_')?;
                Some((section.clone(), key))
            });
            if let Some((section, key)) = in_section {
                return Err(self.unknown(name, &section, &joined(&section, key)));
            }
        }
        Ok(())
    }

    /// A value written as plain text: its type is that of the default.
    fn apply_text(&mut self, origin: &str, path: &str, text: &str) -> Result<()> {
        let (section, _) = path.rsplit_once('.').unwrap_or(("", path));
        let default = self.defaults.get(path).ok_or_else(|| self.unknown(origin, section, path))?;
        let value = value_from_text(default, text)
            .ok_or_else(|| wrong_type(origin, path, &Value::String(text.into()), default))?;
        self.apply(origin, path, value)
    }

    /// Sets one known setting, and says at once if it cannot be used.
    fn apply(&mut self, origin: &str, path: &str, value: Value) -> Result<()> {
        let default = &self.defaults[path];
        let value = match (default, value) {
            (Value::Float(_), Value::Integer(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        };
        if !default.same_type(&value) {
            return Err(wrong_type(origin, path, &value, default));
        }
        let shown = shown(path, &value);
        set(&mut self.table, path, value);
        let config = Config::deserialize(Value::Table(self.table.clone())).map_err(|error| {
            let reason = error.message().trim_end();
            Error::setup(format!("{origin}: {path} = {shown} is not allowed: {reason}"))
        })?;
        if let Some((bad_key, allowed)) = config.first_bad_value() {
            let found = if bad_key == path { format!("{path} = {shown}") } else { bad_key.into() };
            let message = format!("{origin}: {found} is not allowed; expected {allowed}");
            return Err(Error::setup(message));
        }
        self.config = config;
        self.sources.insert(path.to_string(), self.layer);
        Ok(())
    }

    /// An error for `path`, of which `prefix` is known, with the nearest name beside it.
    fn unknown(&self, origin: &str, prefix: &str, path: &str) -> Error {
        let inner = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
        let siblings: BTreeSet<String> = self
            .defaults
            .keys()
            .filter_map(|known| known.strip_prefix(&inner))
            .filter_map(|rest| rest.split('.').next())
            .map(|name| format!("{inner}{name}"))
            .collect();
        // Whatever lies deeper counts as well: STEWARD_AGENT_POLICY_X names agent.policy.x.
        let spelling = path.replace('.', "_");
        let nearest = siblings
            .iter()
            .chain(self.defaults.keys().filter(|_| !inner.is_empty()))
            .map(|name| (edit_distance(&spelling, &name.replace('.', "_")), name))
            .min()
            .filter(|(distance, _)| *distance <= path.len().max(6) / 3)
            .map(|(_, name)| format!("; did you mean {name}?"))
            .unwrap_or_default();
        let what = if prefix.is_empty() { "section" } else { "key" };
        let names = siblings.into_iter().collect::<Vec<_>>().join(", ");
        Error::setup(format!("{origin}: unknown {what} {path}{nearest} (known: {names})"))
    }
}

/// Says where, but not what stands there: it may be a secret.
pub(super) fn not_toml(origin: &str, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("{origin} is not valid TOML: line {line}: {}", error.message())
}

/// A table that is empty by default is a setting itself: its keys are the operator's to choose.
pub(super) fn collect_leaves(prefix: &str, table: &Table, leaves: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let path = joined(prefix, key);
        match value {
            Value::Table(inner) if prefix.is_empty() || !inner.is_empty() => {
                collect_leaves(&path, inner, leaves);
            }
            leaf => {
                leaves.insert(path, leaf.clone());
            }
        }
    }
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") }
}

pub(super) fn set(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_string(), value);
        }
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// The value as an error shows it; secrets are not shown.
fn shown(path: &str, value: &Value) -> String {
    let is_secret = path.starts_with("identity.") || path == "webhooks.secrets";
    if is_secret { "(not shown)".to_string() } else { value.to_string() }
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
    let shown = shown(path, value);
    Error::setup(format!(
        "{origin}: {path} = {shown} has the wrong type; expected {expected}, such as {default}"
    ))
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

/// The value of a key with dots.
pub(super) fn value_at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => table.get(path),
        Some((section, rest)) => value_at(table.get(section)?.as_table()?, rest),
    }
}
