//! Whether two sentences of the same words say the same: what is said of what, and what is denied.
//!
//! "The tracking number of order 7 is 12" has all the words of "The tracking number is 7", and "If it does not fit, the exchange is
//! free" those of "If it does not fit, the exchange is not free". No grammar is read for it: the forms of "to be" part what is
//! spoken of from what is said of it, and a denial belongs to the words beside it.

use crate::model::literal::{AllowedLiterals, literals_in};
use crate::turn::words::{
    Word, content, copulas, denies, is_form_of, is_function_word, stems, words,
};

/// A sentence as it is compared with others.
#[derive(Debug)]
pub(super) struct Sense {
    text: String,
    /// Where the first copula begins and ends, and the last.
    copulas: Option<[(usize, usize); 2]>,
    denials: Vec<Denial>,
}

/// A word that denies, with the telling words before and after it.
#[derive(Debug)]
struct Denial {
    before: Option<String>,
    after: Option<String>,
}

impl Sense {
    pub fn of(text: &str) -> Self {
        let words = words(text);
        let telling = |word: &&Word| !is_function_word(&word.stem) && !denies(&word.stem);
        let denials = (0..words.len())
            .filter(|&place| denies(&words[place].stem))
            .map(|place| Denial {
                before: words[..place].iter().rev().find(telling).map(|word| word.stem.clone()),
                after: words[place + 1..].iter().find(telling).map(|word| word.stem.clone()),
            })
            .collect();
        Self { text: text.to_string(), copulas: copulas(text), denials }
    }

    /// True if something is denied.
    pub fn denies(&self) -> bool {
        !self.denials.is_empty()
    }

    /// True if `self` denies just what `known` denies. What follows a denial in the one stands beside it in the other.
    pub fn denies_as(&self, known: &Self) -> bool {
        let is_beside = |ours: &Denial, theirs: &Denial| {
            let theirs = [&theirs.before, &theirs.after];
            ours.after
                .as_ref()
                .is_none_or(|word| theirs.into_iter().flatten().any(|known| is_same(word, known)))
        };
        self.denials.len() == known.denials.len()
            && self.denials.iter().zip(&known.denials).all(|(ours, theirs)| is_beside(ours, theirs))
    }

    /// True if `self` says of what it speaks of what `known`, which stands below `title`, says of it, as far as both have a form of
    /// "to be". Words that neither has are not looked for.
    pub fn tells_as(&self, known: &Self, title: &str) -> bool {
        let (Some([first, last]), Some([their_first, their_last])) = (self.copulas, known.copulas)
        else {
            return true;
        };
        let their_subject = [title, &known.text[..their_last.0]];
        let their_predicate = ["", &known.text[their_first.1..]];
        is_within(&self.text[..first.0], their_subject)
            && is_within(&self.text[last.1..], their_predicate)
    }
}

/// True if every telling word and literal of `part` is in `whole`.
fn is_within(part: &str, whole: [&str; 2]) -> bool {
    let allowed = AllowedLiterals::from_texts(whole);
    let known: Vec<String> = whole.into_iter().flat_map(stems).collect();
    literals_in(part).iter().all(|literal| allowed.contains(literal))
        && content(part).iter().all(|word| known.iter().any(|known| is_same(word, known)))
}

pub(super) fn is_same(word: &str, known: &str) -> bool {
    word == known || is_form_of(word, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(sentence: &str, known: &str) -> bool {
        Sense::of(sentence).tells_as(&Sense::of(known), "Order FH-7")
    }

    fn denies_as(sentence: &str, known: &str) -> bool {
        Sense::of(sentence).denies_as(&Sense::of(known))
    }

    #[test]
    fn what_is_said_of_something_is_not_what_it_is_said_of() {
        let known = "The tracking number of order FH-7 is NP65.";
        assert!(tells("Its tracking number is NP65.", known));
        assert!(tells("The tracking number of your order is NP65.", known));
        assert!(!tells("Its tracking number is FH-7.", known));
        assert!(!tells("Order NP65 is FH-7.", known));
        assert!(!tells("Order FH-7 is a number.", known));
        assert!(
            tells("Tracking number: NP65.", known),
            "without a form of to be nothing is parted"
        );
        let two = "If an item is unused, its return is free.";
        assert!(tells("The return is free.", two));
        assert!(tells("A return is free if the item is unused.", two));
    }

    #[test]
    fn a_denial_belongs_to_the_words_beside_it() {
        let known = "If it does not fit, an exchange is free.";
        assert!(denies_as("If it doesn't fit, the exchange is free.", known));
        assert!(!denies_as("If it does fit, an exchange is not free.", known));
        assert!(!denies_as("If it does not fit, an exchange is not free.", known));
        assert!(!denies_as("It is not not free.", "It is not free."));
        assert!(denies_as(
            "There is no return after 30 days.",
            "Returns are not taken after 30 days."
        ));
        assert!(denies_as("The tent is free.", "An exchange is free."));
    }
}
