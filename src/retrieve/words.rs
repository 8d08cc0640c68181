//! Words as people write them: for matching titles, where a stem would be too coarse.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::text::is_query_stop_word;

/// True for a word that customers use whatever the company sells.
pub fn is_common_word(word: &str) -> bool {
    static COMMON_WORDS: OnceLock<HashSet<&str>> = OnceLock::new();
    let words = COMMON_WORDS.get_or_init(|| include_str!("common_words.txt").lines().collect());
    words.contains(word) || is_query_stop_word(word)
}

/// The tokens of a text, none twice.
pub fn distinct_tokens(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut distinct = tokens_of(text);
    distinct.retain(|token| seen.insert(token.clone()));
    distinct
}

/// Lowercase words without apostrophes; `&` is `and`.
pub fn tokens_of(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\'', '’'], "").replace('&', " and ");
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_string)
        .collect()
}

/// True if one insertion, deletion, substitution or swap of neighbours leads from one to the other.
pub fn within_one_edit(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let (short, long) = if left.len() <= right.len() { (&left, &right) } else { (&right, &left) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same_start = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let short_rest = &short[same_start..];
    let long_rest = &long[same_start..];
    if long.len() > short.len() {
        return *short_rest == long_rest[1..];
    }
    if long_rest.is_empty() || short_rest[1..] == long_rest[1..] {
        return true;
    }
    short_rest.len() >= 2
        && short_rest[0] == long_rest[1]
        && short_rest[1] == long_rest[0]
        && short_rest[2..] == long_rest[2..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert!(within_one_edit("hobson", "hobsons"));
        assert!(within_one_edit("kohnioor", "kohinoor"));
        assert!(within_one_edit("ashley", "ashlay"));
        assert!(!within_one_edit("worth", "warkworth"));
        assert!(!within_one_edit("abcde", "edcba"));
    }
}
