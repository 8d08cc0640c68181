//! What the widget on a site is told of: looks, words, opening hours, files. The settings and what follows from them.
//!
//! Pure: settings and a moment in, answers out. Knows nothing of HTTP; `http::widget` gives it out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::files::FileKind;

pub mod colour;
pub mod hours;

use colour::Colour;
use hours::{Hours, HoursSettings};

/// Languages that the widget speaks.
pub const LOCALES: [&str; 6] = ["en", "zh", "es", "de", "fr", "ar"];
const MOST_SUGGESTIONS: usize = 6;
const LONGEST_SUGGESTION: usize = 80;
const LONGEST_WORDS: usize = 500;
/// Of any of the limits of files.
const MOST_BYTES: u64 = 1_000_000_000_000;

/// `[widget]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSettings {
    /// Stands at the head of the widget; empty: the widget's own words, in its language.
    pub heading: String,
    /// Stands in a conversation that has not begun; empty as above.
    pub greeting: String,
    /// The colour of the site, `#rrggbb`.
    pub accent: String,
    /// The corner that the widget opens in.
    pub position: Position,
    /// A language of the widget, or `auto` for that of the page or the browser.
    pub locale: String,
    /// Light, dark, or as the visitor's system is.
    pub color_scheme: ColorScheme,
    /// Questions that are offered to begin with.
    pub suggestions: Vec<String>,
    /// Whether visitors are asked for name and address before they write.
    pub pre_chat: PreChat,
    /// What is said outside the opening hours; empty as above.
    pub offline_message: String,
    /// Whether customers are asked how it was when a conversation ends.
    pub survey: bool,
    /// Whether files may be sent, by customers and by people of the company.
    pub files: bool,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// Kinds of files that are taken.
    pub file_types: Vec<FileKind>,
    /// Bytes of files of one conversation.
    pub conversation_file_bytes: u64,
    /// Bytes of files of all conversations.
    pub all_file_bytes: u64,
    /// Sites that use the widget: a name of yours to the token that its page gives. Empty: any page may.
    pub websites: BTreeMap<String, String>,
    /// When people are there.
    pub hours: HoursSettings,
}

/// A corner of the page. `right` is where a line ends: on a page that reads from right to left it is the left one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// At the bottom, where lines begin.
    Left,
    /// At the bottom, where lines end.
    Right,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorScheme {
    /// As the visitor's system is.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Whether a form comes before the first message of a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreChat {
    /// It does not.
    Off,
    /// It may be left empty.
    Optional,
    /// It must be filled in.
    Required,
}

impl Default for WidgetSettings {
    fn default() -> Self {
        Self {
            heading: String::new(),
            greeting: String::new(),
            accent: "#1f5f8b".to_string(),
            position: Position::Right,
            locale: "auto".to_string(),
            color_scheme: ColorScheme::Auto,
            suggestions: Vec::new(),
            pre_chat: PreChat::Off,
            offline_message: String::new(),
            survey: true,
            files: true,
            max_file_bytes: 5_000_000,
            file_types: FileKind::ALL.to_vec(),
            conversation_file_bytes: 25_000_000,
            all_file_bytes: 5_000_000_000,
            websites: BTreeMap::new(),
            hours: HoursSettings::default(),
        }
    }
}

impl WidgetSettings {
    /// The first value that cannot be used, as `(key, what is allowed)`.
    pub fn first_bad_value(&self) -> Option<(&'static str, String)> {
        let words = |key, text: &str| {
            let is_bad = text.trim().chars().count() > LONGEST_WORDS;
            is_bad.then(|| (key, format!("words, at most {LONGEST_WORDS} characters")))
        };
        let texts = words("widget.heading", &self.heading)
            .or_else(|| words("widget.greeting", &self.greeting))
            .or_else(|| words("widget.offline_message", &self.offline_message));
        if texts.is_some() {
            return texts;
        }
        if Colour::parse(&self.accent).is_none() {
            return Some(("widget.accent", "a colour as #rrggbb, such as #1f5f8b".to_string()));
        }
        if self.locale != "auto" && !LOCALES.contains(&self.locale.as_str()) {
            return Some(("widget.locale", format!("auto or one of {}", LOCALES.join(", "))));
        }
        let is_usable =
            |text: &String| (1..=LONGEST_SUGGESTION).contains(&text.trim().chars().count());
        if self.suggestions.len() > MOST_SUGGESTIONS || !self.suggestions.iter().all(is_usable) {
            let allowed = format!(
                "at most {MOST_SUGGESTIONS} questions of 1 to {LONGEST_SUGGESTION} characters"
            );
            return Some(("widget.suggestions", allowed));
        }
        // Each by itself: settings are checked one after the other as they are read.
        let sizes = [
            ("widget.max_file_bytes", self.max_file_bytes),
            ("widget.conversation_file_bytes", self.conversation_file_bytes),
            ("widget.all_file_bytes", self.all_file_bytes),
        ];
        if let Some((key, _)) =
            sizes.into_iter().find(|(_, value)| !(1..=MOST_BYTES).contains(value))
        {
            return Some((key, format!("1 to {MOST_BYTES} bytes")));
        }
        let is_token = |token: &String| {
            (8..=128).contains(&token.len())
                && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !self.websites.values().all(is_token) {
            let allowed = "tokens of 8 to 128 letters, digits, - and _";
            return Some(("widget.websites", allowed.to_string()));
        }
        Hours::of(&self.hours).err()
    }

    /// Whether files of this kind are taken.
    pub fn takes(&self, kind: FileKind) -> bool {
        self.files && self.file_types.contains(&kind)
    }

    /// Whether a page that gives `token` may use the widget.
    pub fn is_website(&self, token: Option<&str>) -> bool {
        self.websites.is_empty()
            || token.is_some_and(|token| self.websites.values().any(|known| known == token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_used_and_what_cannot_is_named() {
        let usable = WidgetSettings::default();
        assert_eq!(usable.first_bad_value(), None);
        let bad = |change: fn(&mut WidgetSettings)| {
            let mut settings = usable.clone();
            change(&mut settings);
            settings.first_bad_value().map(|(key, _)| key)
        };
        for (key, change) in [
            ("widget.heading", (|it| it.heading = "x".repeat(501)) as fn(&mut WidgetSettings)),
            ("widget.accent", |it| it.accent = "red".into()),
            ("widget.locale", |it| it.locale = "tlh".into()),
            ("widget.suggestions", |it| it.suggestions = vec![" ".into()]),
            ("widget.suggestions", |it| it.suggestions = vec!["Where is it?".into(); 7]),
            ("widget.max_file_bytes", |it| it.max_file_bytes = 0),
            ("widget.conversation_file_bytes", |it| it.conversation_file_bytes = u64::MAX),
            ("widget.websites", |it| drop(it.websites.insert("shop".into(), "x y".into()))),
            ("widget.hours.timezone", |it| it.hours.timezone = "Mars/Olympus".into()),
            ("widget.hours.friday", |it| {
                it.hours.timezone = "UTC".into();
                it.hours.friday = "nine to five".into();
            }),
        ] {
            assert_eq!(bad(change), Some(key));
        }
    }

    #[test]
    fn a_website_is_asked_for_its_token_once_there_are_any() {
        let mut settings = WidgetSettings::default();
        assert!(settings.is_website(None) && settings.is_website(Some("anything")));
        settings.websites.insert("shop".into(), "shop-0123456789".into());
        assert!(settings.is_website(Some("shop-0123456789")));
        assert!(!settings.is_website(None) && !settings.is_website(Some("shop-012345678")));
    }
}
