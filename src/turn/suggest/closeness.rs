//! How far what was sent is from what was suggested, and the time that this saved. Pure.
//!
//! ```text
//! typing(text)  = 240 ms a character: 50 words of five characters a minute
//! reading(text) =  48 ms a character: 250 words a minute
//! saved         = typing(sent) - spent
//! spent         = composing_ms, if the desk measured it; else reading(suggested) + 240 ms for each character changed
//! rejected      = -reading(suggested): it cost the time of reading it
//! ```
//!
//! 50 words a minute is the mean of 168,000 volunteers (Dhakal et al., *Observations on Typing from 136 Million
//! Keystrokes*, CHI 2018); 250 words a minute is silent reading (Brysbaert, *How many words do we read per minute?*,
//! 2019, rounded up from 238).

use serde::{Deserialize, Serialize};

const TYPING_MS: i64 = 240;
const READING_MS: i64 = 48;
/// Longer texts are compared by their beginnings.
const MOST_CHARS: usize = 4000;

/// What a person made of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionOutcome {
    /// Sent as it was.
    Accepted,
    /// Sent after changes.
    Edited,
    /// Not sent.
    Rejected,
}

/// How far what was sent is from what was suggested, and what that saved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Closeness {
    /// Characters to insert, remove or replace (Levenshtein).
    pub edit_distance: u32,
    /// 1 for the same text, 0 for one that shares nothing: 1 - distance / length of the longer.
    pub similarity: f32,
    /// Milliseconds; less than 0 if it cost more than it saved.
    pub saved_ms: i64,
}

/// Of what was sent in place of `suggested`; `None` if it was rejected.
pub fn closeness(suggested: &str, sent: Option<&str>, composing_ms: Option<i64>) -> Closeness {
    let suggested: Vec<char> = suggested.chars().take(MOST_CHARS).collect();
    let reading = READING_MS * suggested.len() as i64;
    let Some(sent) = sent else {
        return Closeness { edit_distance: 0, similarity: 0.0, saved_ms: -reading };
    };
    let sent: Vec<char> = sent.chars().take(MOST_CHARS).collect();
    let distance = levenshtein(&suggested, &sent);
    let longer = suggested.len().max(sent.len()).max(1);
    let spent = composing_ms.unwrap_or(reading + TYPING_MS * i64::from(distance));
    Closeness {
        edit_distance: distance,
        similarity: 1.0 - distance as f32 / longer as f32,
        saved_ms: TYPING_MS * sent.len() as i64 - spent,
    }
}

fn levenshtein(left: &[char], right: &[char]) -> u32 {
    let mut row: Vec<u32> = (0..=right.len() as u32).collect();
    for (line, from) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = line as u32 + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + u32::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_saves_typing_and_reading_costs() {
        let same = closeness("Order FH-1 is shipped.", Some("Order FH-1 is shipped."), None);
        assert_eq!((same.edit_distance, same.similarity), (0, 1.0));
        assert_eq!(same.saved_ms, 22 * (240 - 48));
        let edited = closeness("It is shipped.", Some("It was shipped."), None);
        assert_eq!(edited.edit_distance, 2);
        assert!(edited.similarity > 0.85 && edited.saved_ms < same.saved_ms);
        let other = closeness("It is shipped.", Some("Please call us tomorrow morning."), None);
        assert!(other.similarity < 0.4 && other.saved_ms < edited.saved_ms);
        assert_eq!(closeness("It is shipped.", None, None).saved_ms, -14 * 48);
        assert_eq!(closeness("abc", Some("abc"), Some(1000)).saved_ms, 720 - 1000);
        assert_eq!(closeness("", Some(""), None).similarity, 1.0);
    }
}
