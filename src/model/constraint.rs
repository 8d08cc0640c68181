//! Literal-constrained decoding: a token that would write a literal which is not in the evidence
//! cannot be chosen.
//!
//! The text written so far is in one of two states. It is *closed* if every literal in it is in the
//! evidence; it is *open* if its end is the beginning of a spelling of an allowed literal. A token is
//! allowed if the text with it is closed or open, and the answer may end only where it is closed. The
//! check is exact because it reads the text with the definition of [`super::literal`] itself; it is
//! cheap because only the end is read, and tokens of plain letters after plain words are
//! not checked at all.

use std::sync::LazyLock;

use regex::Regex;

use super::literal::{AllowedLiterals, literals_in};

/// A literal has six words at most ("+44 (0) 20 79 46 00" has six): one that ends before the
/// last seven words is settled, whatever is written next.
const UNSETTLED_WORDS: usize = 7;
/// An address that has begun but is none yet.
static ADDRESS_BEGINNING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:\bhttps?:/{0,2}|\bwww\.?|[\w.+-]+@[\w.-]*)$").ok());

/// What may be written.
#[derive(Debug, Clone)]
pub struct LiteralConstraint {
    allowed: AllowedLiterals,
}

/// The end of a text that is written under a constraint, made once for each step and asked about
/// every token that may follow.
#[derive(Debug, Clone)]
pub struct WrittenEnd<'a> {
    text: &'a str,
    /// Where reading begins: at a literal, so that the parts after it are found as in the whole text.
    window: usize,
    /// One past that literal, which is settled.
    settled: usize,
    is_quiet: bool,
}

impl<'a> WrittenEnd<'a> {
    /// The end of `text`.
    pub fn of(text: &'a str) -> Self {
        let unsettled = start_of_last_words(text);
        if is_quiet(&text[unsettled..]) {
            return Self { text, window: unsettled, settled: unsettled, is_quiet: true };
        }
        let settled = literals_in(text).into_iter().rfind(|literal| literal.end <= unsettled);
        let (window, settled) = settled.map_or((0, 0), |literal| (literal.start, literal.end));
        Self { text, window, settled, is_quiet: false }
    }
}

impl LiteralConstraint {
    /// Only literals of `evidence` may be written.
    pub fn new<'a>(evidence: impl IntoIterator<Item = &'a str>) -> Self {
        Self { allowed: AllowedLiterals::from_texts(evidence) }
    }

    /// True if `piece` may follow `written`.
    pub fn allows(&self, written: &WrittenEnd<'_>, piece: &str) -> bool {
        if written.is_quiet && is_plain(piece) {
            return true;
        }
        let mut text = String::with_capacity(written.text.len() - written.window + piece.len());
        text.push_str(&written.text[written.window..]);
        text.push_str(piece);
        match self.open_literal(&text, written.settled - written.window) {
            State::Closed | State::Open(_) => true,
            State::Wrong => false,
        }
    }

    /// True if the text may end here.
    pub fn may_end(&self, written: &WrittenEnd<'_>) -> bool {
        self.open_from(written) == written.text.len()
    }

    /// Where the literal begins that is not whole yet; the text's length if there is none. What
    /// stands before may be shown.
    pub fn open_from(&self, written: &WrittenEnd<'_>) -> usize {
        if written.is_quiet {
            return written.text.len();
        }
        let window = &written.text[written.window..];
        match self.open_literal(window, written.settled - written.window) {
            State::Closed => written.text.len(),
            State::Open(start) => written.window + start,
            State::Wrong => written.window,
        }
    }

    /// The state of `text`, whose literals before `settled` are known to be grounded.
    fn open_literal(&self, text: &str, settled: usize) -> State {
        let literals = literals_in(text);
        let wrong = literals
            .iter()
            .position(|literal| literal.start >= settled && !self.allowed.contains(literal));
        if let Some(wrong) = wrong {
            // "November 13, 2" reads as a date and a number; it is the beginning of one date. "jo.doe7" reads as a word and an
            // identifier; it is the beginning of one address.
            let word = text[..literals[wrong].start]
                .rfind(char::is_whitespace)
                .map_or(0, |space| space + text[space..].chars().next().map_or(1, char::len_utf8));
            return literals[wrong.saturating_sub(1)..=wrong]
                .iter()
                .map(|literal| literal.start)
                .chain([word])
                .find(|start| *start >= settled && self.allowed.has_beginning(&text[*start..]))
                .map_or(State::Wrong, State::Open);
        }
        let address = ADDRESS_BEGINNING.as_ref().and_then(|pattern| pattern.find(text));
        match address {
            Some(address) if self.allowed.has_beginning(address.as_str()) => {
                State::Open(address.start())
            }
            // A whole address, which is among the literals that were looked at, and the end of its sentence.
            Some(address) => match literals.last() {
                Some(last)
                    if last.start <= address.start() && matches!(&text[last.end..], "" | ".") =>
                {
                    State::Closed
                }
                _ => State::Wrong,
            },
            None => State::Closed,
        }
    }
}

enum State {
    Closed,
    Open(usize),
    Wrong,
}

/// Where the last [`UNSETTLED_WORDS`] words begin; 0 if there are fewer.
fn start_of_last_words(text: &str) -> usize {
    let mut words = 0;
    let mut after: Option<(usize, char)> = None;
    for (place, character) in text.char_indices().rev() {
        if let Some((start, next)) = after
            && character.is_whitespace()
            && !next.is_whitespace()
        {
            words += 1;
            if words == UNSETTLED_WORDS {
                return start;
            }
        }
        after = Some((place, character));
    }
    0
}

/// True if no token of plain letters can make a literal of the end of this text: its words hold no
/// digit, and the last one no mark of an address.
fn is_quiet(window: &str) -> bool {
    let last_word = window.rsplit(char::is_whitespace).next().unwrap_or(window);
    !window.contains(char::is_numeric)
        && !last_word.contains(|c: char| !(c.is_ascii_alphabetic() || "'!?;)(\"".contains(c)))
        && !last_word.to_ascii_lowercase().ends_with('w')
}

/// True for ASCII letters, spaces and marks that are part of no literal.
fn is_plain(piece: &str) -> bool {
    piece.bytes().all(|byte| byte.is_ascii_alphabetic() || b" '!?;)(\"".contains(&byte))
        && !piece.to_ascii_lowercase().contains("ww")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::seq::IndexedRandom;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::model::literal::ungrounded_literals;

    fn allows(constraint: &LiteralConstraint, written: &str, piece: &str) -> bool {
        constraint.allows(&WrittenEnd::of(written), piece)
    }

    #[test]
    fn no_group_of_a_number_is_left_out() {
        let constraint = LiteralConstraint::new(["The phone is +1 555 0177 751."]);
        let mut written = "Call ".to_string();
        for piece in ["+", "1", " ", "555", " 0", "177", " ", "7", "51"] {
            assert!(allows(&constraint, &written, piece), "{written}|{piece}");
            written.push_str(piece);
            let ends = constraint.may_end(&WrittenEnd::of(&written));
            assert_eq!(ends, matches!(piece, "+" | "51"), "{written}");
        }
        for (written, piece) in [("Call +1 555 ", "7"), ("Call +1 ", "0177"), ("Call ", "751")] {
            assert!(!allows(&constraint, written, piece), "{written}|{piece}");
        }
        assert!(allows(&constraint, "Call +1 555 0177 751", " today"));
    }

    #[test]
    fn literals_are_written_to_the_end_or_not_at_all() {
        let constraint = LiteralConstraint::new([
            "Order #W123 costs $47.84, placed on 2026-11-13. jo.doe7@kite.org",
        ]);
        for (written, piece) in [
            ("It costs $", "4"),
            ("It costs $4", "7"),
            ("It costs $47", "."),
            ("It costs $47.84", " in all"),
            ("It costs $47.84", "."),
            ("Your email is jo.doe7@kite.org", "."),
            ("Your email is jo.doe7@kite.org.", " It"),
            ("Order #W", "1"),
            ("Your order W12", "3"),
            ("placed on November", " 1"),
            ("placed on November 1", "3"),
            ("placed on November 13", ","),
            ("placed on November 13,", " "),
            ("placed on November 13, ", "2"),
            ("placed on November 13, 202", "6"),
            ("Your email is jo.doe", "7"),
            ("Your email is jo.doe7", "@"),
            ("Your email is jo.doe7@kite.", "org"),
        ] {
            assert!(allows(&constraint, written, piece), "{written:?} + {piece:?}");
        }
        for (written, piece) in [
            ("It costs $4", "8"),
            ("It costs $47", " dollars"),
            ("It costs €", "4"),
            ("You have ", "7"),
            ("on November", " 4"),
            ("placed on November 13, 202", "5"),
            ("placed on November 13, 2", " items"),
            ("see ", "www"),
            ("see ww", "w.evil"),
            ("see https", "://"),
            ("at shop", ".com"),
            ("at shop.", "com"),
            ("mail help", "@"),
            ("mail jo.doe", "8"),
            ("mail jo.doe7", "."),
            ("mail doe", "7"),
            ("up to ", "\u{0663}"),
        ] {
            assert!(!allows(&constraint, written, piece), "{written:?} + {piece:?}");
        }
    }

    #[test]
    fn the_text_ends_and_is_shown_only_where_no_literal_is_open() {
        let constraint = LiteralConstraint::new(["It is $47.84, from shop.example by 6 pm."]);
        for (written, shown) in [
            ("It is $47", "It is "),
            ("It is $47.84", "It is $47.84"),
            ("by 6 ", "by "),
            ("by 6 pm", "by 6 pm"),
            ("see www.shop.ex", "see www.shop.ex"),
            ("Thank you", "Thank you"),
        ] {
            let end = WrittenEnd::of(written);
            let open = constraint.open_from(&end);
            if !written.contains("www") {
                assert_eq!(&written[..open], shown);
                assert_eq!(constraint.may_end(&end), shown == written, "{written:?}");
            }
        }
    }

    #[test]
    fn the_last_words_begin_where_a_word_does() {
        let text = "a b c d  e f g h";
        assert_eq!(&text[start_of_last_words(text)..], "b c d  e f g h");
        assert_eq!(start_of_last_words("a b"), 0);
        assert_eq!(start_of_last_words(""), 0);
    }

    const PIECES: [&str; 63] = [
        "1", "2", "3", "6", "9", "0", " ", ".", ",", "-", "$", "#", "W", "FH", "20", "417", "ml",
        " am", "November", " 3", "@", "help", "shop", ".example", " is", "%", "2611340", "a", "/",
        ":", "50", "\n", "w", "ww", "www", "://", "https", ".com", " of", " May", " p", "m", "'s",
        " days", "-day", "€", "é", "\u{0663}", "½", "_", " total", "Nov", " 2026", "x", ")", "st",
        "th", " and", "+", " 555", " 0177", "(020)", " 7946",
    ];
    const EVIDENCE: [&str; 11] = [
        "a.shop1@shop.example, help.ml20@shop.com",
        "Order #W2611340 is pending. The total is $1,299.50.",
        "Placed on November 3, 2026, from 6 am, help@shop.example, 1000ml, FH-20417.",
        "Created 2026-05-13T06:30:00Z, 60-day returns, see https://shop.example/returns.",
        "20% off over $50; call 1-800-555-0142 or visit www.shop.example.",
        "3 of 12 pieces, 6.1-inch, 2.50, €20, sizes 6-7",
        "",
        "May 3, June 20th and 12 Dec 2025",
        "1. First 2. Second",
        "ip 10.0.0.1, v2.3, A1/B2, 18:00",
        "+1 555 0177 751 or (020) 7946 0018 or 555 7946",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn random_decoding_never_writes_an_ungrounded_literal(seed in any::<u64>()) {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let evidence: Vec<&str> =
                (0..random.random_range(1..4)).filter_map(|_| EVIDENCE.choose(&mut random).copied()).collect();
            let constraint = LiteralConstraint::new(evidence.iter().copied());
            let mut text = String::new();
            for _ in 0..60 {
                let end = WrittenEnd::of(&text);
                let allowed: Vec<&&str> =
                    PIECES.sample(&mut random, 12).filter(|piece| constraint.allows(&end, piece)).collect();
                // Where a literal can go on, it does so in half of the steps.
                let digits: Vec<&&str> =
                    allowed.iter().copied().filter(|piece| piece.contains(char::is_numeric)).collect();
                let choice = if random.random_bool(0.5) && !digits.is_empty() { &digits } else { &allowed };
                let Some(piece) = choice.choose(&mut random) else { continue };
                text.push_str(piece);
                let end = WrittenEnd::of(&text);
                let shown = &text[..constraint.open_from(&end)];
                let found = ungrounded_literals(shown, &evidence);
                prop_assert!(found.is_empty(), "{shown:?} of {text:?} from {evidence:?}: {found:?}");
            }
        }
    }
}
