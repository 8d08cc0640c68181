//! First stage: what the message says by itself, before anything is looked up.

use super::intents::{Intent, IntentKind, Intents};
use super::types::{Role, TurnInput, Utterance};
use super::words::words;
use crate::Result;
use crate::judge::conversation::{Explain, Judge, MOST_TURNS};
use crate::judge::judgement::Judgement;

/// The message, read.
#[derive(Debug, Clone)]
pub struct Understanding {
    /// The words to go by: the message, or of a very long one the sentences that ask.
    pub text: String,
    /// The utterances before the message.
    pub history: Vec<Utterance>,
    /// The customer's message before this one, if any.
    pub earlier: Option<String>,
    /// Unit vector of `text`, 384 f32.
    pub embedding: Vec<f32>,
    /// Intents, the nearest first.
    pub intents: Vec<Intent>,
    /// ISO 639-1 code of the language, if it is surely not English.
    pub foreign: Option<&'static str>,
    /// True if one of several sentences tries to turn Steward against its rules.
    pub is_injected: bool,
    /// True if there is nothing to read in the message.
    pub is_empty: bool,
    /// True if files came with the message.
    pub has_files: bool,
    /// How satisfied the customer is, and whether a person must take over.
    pub judgement: Judgement,
}

impl Understanding {
    /// The nearest intent.
    pub fn intent(&self) -> &Intent {
        &self.intents[0]
    }

    /// The score of the best intent of a kind.
    pub fn kind_score(&self, kind: IntentKind) -> f32 {
        self.intents.iter().find(|intent| intent.kind == kind).map_or(0.0, |intent| intent.score)
    }

    /// The score of the intent of this name.
    pub fn score_of(&self, name: &str) -> f32 {
        self.intents.iter().find(|intent| intent.name == name).map_or(0.0, |intent| intent.score)
    }
}

/// Messages longer than this are read by the sentences that ask.
const LONG_MESSAGE: usize = 600;
/// Bytes of a long message that are read.
const READ_OF_LONG: usize = 900;
/// Sentences of a message that are read one by one.
const MOST_SENTENCES: usize = 8;
/// A sentence this near to attempts at injection is one.
const SURE_INJECTION: f32 = 0.6;
/// Fewer letters than this are too few to tell a language.
const LETTERS_FOR_LANGUAGE: usize = 12;

/// Reads the message.
///
/// # Errors
/// As [`Judge::judge`].
pub fn understand(input: &TurnInput, judge: &Judge, intents: &Intents) -> Result<Understanding> {
    let (message, history) = match input.conversation.split_last() {
        Some((message, history)) => (message.text.as_str(), history.to_vec()),
        None => ("", Vec::new()),
    };
    let text = readable(message);
    let earlier = history
        .iter()
        .rev()
        .find(|utterance| utterance.role == Role::Customer && !utterance.text.trim().is_empty())
        .map(|utterance| readable(&utterance.text));
    let mut texts = vec![text.clone()];
    let sentences = crate::retrieve::split::sentences(&text);
    if sentences.len() > 1 {
        texts.extend(sentences.iter().take(MOST_SENTENCES).map(|sentence| (*sentence).to_string()));
    }
    let mut conversation = history.clone();
    conversation.push(Utterance { role: Role::Customer, text: text.clone() });
    // In one pass: what was said before and is not remembered, the message, its sentences.
    let newest = conversation.iter().rev().take(MOST_TURNS);
    let all: Vec<&str> =
        texts.iter().chain(newest.map(|utterance| &utterance.text)).map(String::as_str).collect();
    let readings = judge.read(&all)?;
    let judgement = judge.judge(&conversation, Explain::Turns)?;
    let is_injected = readings[1..texts.len()].iter().any(|sentence| {
        intents.rank(sentence.embedding()).first().is_some_and(|intent| {
            intent.name == "prompt_injection" && intent.score >= SURE_INJECTION
        })
    });
    let embedding = readings[0].embedding().to_vec();
    Ok(Understanding {
        intents: intents.rank(&embedding),
        is_injected,
        is_empty: words(&text).is_empty(),
        has_files: input.has_files,
        foreign: foreign_language(&text),
        embedding,
        judgement,
        text,
        history,
        earlier,
    })
}

/// The message without control characters; of a long one its questions, or else its end.
fn readable(message: &str) -> String {
    let clean: String =
        message.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    let clean = clean.trim();
    if clean.len() <= LONG_MESSAGE {
        return clean.to_string();
    }
    let sentences = crate::retrieve::split::sentences(clean);
    let questions: Vec<&str> =
        sentences.iter().copied().filter(|sentence| sentence.trim_end().ends_with('?')).collect();
    let kept = if questions.is_empty() { sentences } else { questions };
    let mut text = String::new();
    for sentence in kept.iter().rev() {
        if text.len() + sentence.len() > READ_OF_LONG && !text.is_empty() {
            break;
        }
        text = format!("{} {text}", sentence.trim());
    }
    let start = text.len().saturating_sub(READ_OF_LONG);
    let start = (start..text.len()).find(|&start| text.is_char_boundary(start)).unwrap_or(0);
    text[start..].trim().to_string()
}

/// The language of a text that is surely not English.
fn foreign_language(text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let latin = text.chars().filter(|c| c.is_ascii_alphabetic()).count();
    if letters >= 2 && latin * 2 < letters {
        // Another script needs no statistics.
        let code = whatlang::detect_lang(text).map_or("other", code_of);
        return (code != "en").then_some(code);
    }
    if letters < LETTERS_FOR_LANGUAGE {
        return None;
    }
    let info = whatlang::detect(text)?;
    let english_words =
        words(text).iter().filter(|word| super::words::is_function_word(&word.text)).count();
    let share = english_words as f32 / words(text).len().max(1) as f32;
    let sure = info.is_reliable() && info.confidence() > 0.9
        || info.confidence() > 0.5 && share < 0.05 && words(text).len() >= 4;
    let has_foreign_marks =
        text.chars().any(|c| c.is_alphabetic() && !c.is_ascii() || c == '¿' || c == '¡');
    let sure = sure || has_foreign_marks && info.confidence() > 0.2 && words(text).len() >= 4;
    (info.lang() != whatlang::Lang::Eng && sure && share < 0.2).then(|| code_of(info.lang()))
}

fn code_of(language: whatlang::Lang) -> &'static str {
    use whatlang::Lang;
    match language {
        Lang::Eng => "en",
        Lang::Spa => "es",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Ara => "ar",
        Lang::Tur => "tr",
        Lang::Hin => "hi",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_not_english_is_foreign() {
        assert_eq!(foreign_language("¿Dónde está mi pedido? Lo necesito mañana"), Some("es"));
        assert_eq!(foreign_language("我的订单在哪里"), Some("zh"));
        for english in [
            "where is my order",
            "FH-20417",
            "ok",
            "Crampons? mukluks?",
            "can i return my merino crew",
        ] {
            assert_eq!(foreign_language(english), None, "{english}");
        }
    }

    #[test]
    fn a_very_long_message_is_read_by_its_questions() {
        let mut long = "I went hiking and it rained. ".repeat(300);
        long.push_str("When does my tent arrive? ");
        long.push_str(&"Anyway it was fun. ".repeat(30));
        assert_eq!(readable(&long), "When does my tent arrive?");
        assert!(readable(&"é".repeat(10_000)).len() <= READ_OF_LONG);
    }
}
