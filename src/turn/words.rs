//! Words of a text as the turn compares them: lower case, without possessives and plurals.

use unicode_normalization::UnicodeNormalization;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower case, as written.
    pub text: String,
    /// Without its plural or possessive ending.
    pub stem: String,
    /// It was written in capitals (`XL`, `M`).
    pub is_upper: bool,
    /// Bytes of the text that it spans.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Splits a text into words: runs of letters and digits; `.` and `,` between digits, and `'`
/// between letters, stay inside.
pub fn words(text: &str) -> Vec<Word> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut index = 0;
    while index < characters.len() {
        if !characters[index].1.is_alphanumeric() {
            index += 1;
            continue;
        }
        let first = index;
        while index < characters.len() {
            let character = characters[index].1;
            let next = characters.get(index + 1).map(|(_, next)| *next);
            let inside = match character {
                c if c.is_alphanumeric() => true,
                '.' | ',' => {
                    characters[index - 1].1.is_ascii_digit()
                        && next.is_some_and(|next| next.is_ascii_digit())
                }
                '\'' | '\u{2019}' => next.is_some_and(char::is_alphabetic),
                _ => false,
            };
            if !inside {
                break;
            }
            index += 1;
        }
        let start = characters[first].0;
        let end = characters.get(index).map_or(text.len(), |(offset, _)| *offset);
        let written = &text[start..end];
        let lower: String =
            written.nfkc().collect::<String>().to_lowercase().replace('\u{2019}', "'");
        found.push(Word {
            stem: stem(&lower),
            is_upper: written.chars().all(|c| c.is_uppercase() || c.is_ascii_digit()),
            text: lower,
            start,
            end,
        });
    }
    found
}

/// The stems of a text.
pub fn stems(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.stem).collect()
}

/// The stems of the words that say something.
pub fn content(text: &str) -> Vec<String> {
    stems(text).into_iter().filter(|word| !is_function_word(word)).collect()
}

/// Part what is spoken of from what is said of it.
const COPULAS: &[&str] = &["is", "are", "was", "were", "be"];

/// Where the first form of "to be" begins and ends, and the last.
pub fn copulas(text: &str) -> Option<[(usize, usize); 2]> {
    let mut found =
        words(text).into_iter().filter(|word| COPULAS.contains(&word.text.as_str())).peekable();
    let first = found.peek().map(|word| (word.start, word.end))?;
    let last = found.last()?;
    Some([first, (last.start, last.end)])
}

/// What follows the last form of "to be", which is said of what stands before it; all of a text without one.
pub fn predicate(text: &str) -> &str {
    copulas(text).map_or(text, |[_, (_, end)]| &text[end..])
}

/// True of the stem of a word that denies.
pub fn denies(stem: &str) -> bool {
    matches!(stem, "not" | "no" | "never" | "cannot" | "without" | "nor" | "none")
        || stem.ends_with("n't")
}

/// Strips a possessive, then a plural ending. Light on purpose: `address` and `status` stay whole.
pub fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    crate::retrieve::fact::wording::singular(word)
}

/// Irregular forms that field names and questions use.
const IRREGULAR: &[(&str, &str)] = &[
    ("paid", "pay"),
    ("sent", "send"),
    ("made", "make"),
    ("bought", "buy"),
    ("left", "leave"),
    ("began", "begin"),
    ("taken", "take"),
    ("took", "take"),
    ("due", "due"),
    ("owed", "owe"),
    ("kept", "keep"),
    ("sold", "sell"),
    ("kid", "child"),
    ("kind", "type"),
    ("sort", "type"),
    ("category", "type"),
    ("children", "child"),
    ("people", "person"),
];

/// A stem without the endings of verbs: "dropped", "dropping" and "drops" give "drop".
pub fn root(stem: &str) -> String {
    if let Some((_, regular)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == stem) {
        return (*regular).to_string();
    }
    let mut root = stem.to_string();
    for ending in ["ing", "ied", "ed"] {
        let Some(short) = stem.strip_suffix(ending).filter(|short| short.len() >= 3) else {
            continue;
        };
        let has_vowel = short.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if !has_vowel {
            continue;
        }
        root = if ending == "ied" { format!("{short}y") } else { short.to_string() };
        let letters: Vec<char> = root.chars().collect();
        let doubled = letters.len() > 3 && letters[letters.len() - 1] == letters[letters.len() - 2];
        if doubled && !root.ends_with("ss") && !root.ends_with("ll") {
            root.pop();
        }
        break;
    }
    root.strip_suffix('e').filter(|short| short.len() >= 3).map_or(root.clone(), str::to_string)
}

/// Endings by which one word is made of another: "cancellation" of "cancel".
const DERIVED: &[&str] = &[
    "lation", "ation", "tion", "ion", "al", "able", "ment", "er", "or", "ance", "ence", "ly",
    "ity", "d", "r", "ability",
];

/// True if two stems are forms of one word: "pick" and "picked", "renew" and "renewal".
pub fn is_form_of(left: &str, right: &str) -> bool {
    let (left, right) = (root(left), root(right));
    if left == right {
        return true;
    }
    let (short, long) = if left.len() < right.len() { (&left, &right) } else { (&right, &left) };
    short.len() >= 5
        && long.strip_prefix(short.as_str()).is_some_and(|ending| DERIVED.contains(&ending))
}

/// Where the word sequence `wanted` begins in `text` (both as stems).
pub fn find_sequence(text: &[Word], wanted: &[String]) -> Option<usize> {
    if wanted.is_empty() || wanted.len() > text.len() {
        return None;
    }
    (0..=text.len() - wanted.len()).find(|&start| {
        wanted
            .iter()
            .zip(&text[start..])
            .all(|(wanted, word)| *wanted == word.stem || *wanted == word.text)
    })
}

/// True if two stems are the same word, allowing one slip of the finger in words of five letters
/// and two in words of nine.
pub fn is_same_word(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let has_digit = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    if has_digit(left) || has_digit(right) {
        return false;
    }
    let shortest = left.chars().count().min(right.chars().count());
    let allowed = match shortest {
        0..=4 => return false,
        5..=8 => 1,
        _ => 2,
    };
    left.chars().next() == right.chars().next() && edit_distance(left, right, allowed) <= allowed
}

/// Optimal string alignment distance (insert, delete, replace, swap neighbours), or `limit + 1`.
fn edit_distance(left: &str, right: &str, limit: usize) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > limit {
        return limit + 1;
    }
    let mut before_last = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row; right.len() + 1];
        for column in 1..=right.len() {
            let differs = usize::from(left[row - 1] != right[column - 1]);
            let mut best =
                (last[column] + 1).min(current[column - 1] + 1).min(last[column - 1] + differs);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                best = best.min(before_last[column - 2] + 1);
            }
            current[column] = best;
        }
        before_last = last;
        last = current;
    }
    last[right.len()]
}

/// Words that carry no subject: articles, pronouns, auxiliaries, question words.
pub fn is_function_word(word: &str) -> bool {
    const FUNCTION_WORDS: &[&str] = &[
        "a", "an", "the", "this", "that", "these", "those", "my", "your", "our", "their", "his",
        "her", "its", "i", "you", "we", "they", "he", "she", "it", "me", "us", "them", "is", "are",
        "was", "were", "be", "been", "am", "do", "does", "did", "has", "have", "had", "will",
        "would", "can", "could", "should", "may", "might", "of", "in", "on", "at", "to", "for",
        "from", "with", "by", "and", "or", "but", "not", "no", "yes", "what", "which", "who",
        "where", "when", "why", "how", "there", "here", "so", "if", "as", "please", "just",
        "about", "any", "some", "one", "ones", "get", "got", "tell", "know", "want", "need",
        "like", "also", "ok", "okay", "hi", "hello", "hey", "thank", "thanks", "i'm", "it's",
        "what's", "where's", "i've", "i'd", "don't", "let",
    ];
    FUNCTION_WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_amounts_and_contractions_whole() {
        let texts: Vec<String> =
            words("What's the T-Shirt's price: $1,299.00?").into_iter().map(|w| w.text).collect();
        assert_eq!(texts, ["what's", "the", "t", "shirt's", "price", "1,299.00"]);
    }

    #[test]
    fn forms_of_a_word_are_known() {
        assert!(is_form_of("dropped", "drop"));
        assert!(is_form_of("approve", "approved"));
        assert!(is_form_of("cancel", "cancellation"));
        assert!(is_form_of("paid", "pay"));
        assert!(is_form_of("renew", "renewal"));
        assert!(is_form_of("expire", "expired"));
        assert!(!is_form_of("check", "checkout"));
        assert!(!is_form_of("total", "tot"));
    }

    #[test]
    fn slips_of_the_finger_are_forgiven_in_long_words_only() {
        assert!(is_same_word("keybaord", "keyboard"));
        assert!(is_same_word("headphone", "headphnoe"));
        assert!(!is_same_word("tent", "tint"));
        assert!(!is_same_word("w1234567", "w1234568"));
    }

    #[test]
    fn any_text_is_split_without_panic() {
        for text in ["", "'", "''s", "a'", "1.", "1,,2", "\u{2019}x", "🙂a🙂", "é.1,2"] {
            let _ = words(text);
        }
    }
}
