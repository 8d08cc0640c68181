//! Literal-constrained decoding: a token that would write a literal which is not in the evidence
//! cannot be chosen.
//!
//! After each step the text written so far is known. A candidate token is allowed if every literal of
//! the text with it is in the evidence, or is the last one, still open, and can yet grow into one
//! that is. The check is exact because it uses the definition of [`super::literal`] itself; it is
//! cheap because only tokens that can touch a literal are checked at all.

use super::literal::{AllowedLiterals, literals_in};

/// What may be written.
#[derive(Debug, Clone)]
pub struct LiteralConstraint {
    allowed: AllowedLiterals,
}

/// How far back a literal may begin: no literal of the evidence is longer.
const LOOK_BACK_CHARS: usize = 120;

impl LiteralConstraint {
    /// Only literals of `evidence` may be written.
    pub fn new<'a>(evidence: impl IntoIterator<Item = &'a str>) -> Self {
        Self { allowed: AllowedLiterals::from_texts(evidence) }
    }

    /// True if `piece` may follow `written`. With `ends`, the text must be complete after it.
    pub fn allows(&self, written: &str, piece: &str, ends: bool) -> bool {
        let tail_start =
            written.char_indices().rev().nth(LOOK_BACK_CHARS).map_or(0, |(start, _)| start);
        let tail = &written[tail_start..];
        if !ends && !touches_literal(piece) && !ends_in_open_literal(tail) {
            return true;
        }
        let text = format!("{tail}{piece}");
        for literal in literals_in(&text) {
            if literal.end < tail.len() && literal.start == 0 && tail_start > 0 {
                // Cut off by looking back; it was checked when it was written.
                continue;
            }
            if self.allowed.contains(&literal) {
                continue;
            }
            // Characters after the literal ("$47." before "84") may yet belong to it.
            let rest = &text[literal.end..];
            let is_open =
                !ends && rest.chars().count() <= 1 && !rest.chars().any(char::is_whitespace);
            if !(is_open && self.can_grow(&text[literal.start..])) {
                return false;
            }
        }
        // A date that has lost its month, an address before its "@": half-written words that begin a
        // literal of the evidence need no check, for they hold no digit yet.
        true
    }

    /// True if a literal of the evidence, as written there, begins with `open`.
    fn can_grow(&self, open: &str) -> bool {
        let open = open.trim_start_matches(['#', '$', '€', '£']).to_lowercase();
        self.allowed.texts().iter().any(|text| {
            let text = text.trim_start_matches(['#', '$', '€', '£']).to_lowercase();
            text.starts_with(&open)
        })
    }
}

/// Tokens without a digit, an "@" or the marks of a web address cannot begin a literal.
fn touches_literal(piece: &str) -> bool {
    piece.contains(|c: char| c.is_numeric() || c == '@')
        || piece.contains("://")
        || piece.contains("www")
}

/// True if the text ends within or right after a literal, which the next token could change.
fn ends_in_open_literal(text: &str) -> bool {
    let Some(last_space) = text.rfind(char::is_whitespace) else { return touches_literal(text) };
    // "November 3" and "6" before " am" are open across a space.
    let word_before = text[..last_space].rfind(char::is_whitespace).map_or(0, |space| space + 1);
    touches_literal(&text[word_before..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::seq::IndexedRandom;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::model::literal::ungrounded_literals;

    #[test]
    fn literals_are_written_to_the_end_or_not_at_all() {
        let constraint =
            LiteralConstraint::new(["Order #W123 costs $47.84, placed on 2026-11-03."]);
        assert!(constraint.allows("It costs $", "4", false));
        assert!(constraint.allows("It costs $4", "7", false));
        assert!(!constraint.allows("It costs $4", "8", false));
        assert!(constraint.allows("It costs $47", ".", false));
        assert!(!constraint.allows("It costs $47", " dollars", false));
        assert!(!constraint.allows("It costs $47", "", true));
        assert!(constraint.allows("It costs $47.84", "", true));
        assert!(constraint.allows("It costs $47.84", " in all", false));
        assert!(!constraint.allows("You have ", "7", false));
        assert!(constraint.allows("Order #W", "1", false));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn random_decoding_never_writes_an_ungrounded_literal(seed in any::<u64>()) {
            let evidence = ["Order #W2611340 is pending. The total is $1,299.50.",
                "Placed on November 3, 2026, from 6 am, help@shop.example, 1000ml, FH-20417."];
            let constraint = LiteralConstraint::new(evidence);
            let pieces = ["1", "2", "6", "9", "0", " ", ".", ",", "-", "$", "#", "W", "FH", "20", "417", "ml", " am", "November", " 3",
                "@", "help", "shop", ".example", " is", "%", "2611340", "a", "/", ":", "50", "\n"];
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let mut text = String::new();
            for _ in 0..40 {
                let allowed: Vec<&&str> = pieces.iter().filter(|piece| constraint.allows(&text, piece, false)).collect();
                let Some(piece) = allowed.choose(&mut random) else { break };
                text.push_str(piece);
            }
            // The end of the text is a choice like any other: take it back to where it may end.
            while !text.is_empty() && !constraint.allows(&text, "", true) {
                text.pop();
            }
            let found = ungrounded_literals(&text, &evidence);
            prop_assert!(found.is_empty(), "{text:?}: {found:?}");
        }
    }
}
