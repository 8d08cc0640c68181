//! The sentence of a truth value, by the words of its field: `is_checked_in`, `breakfast_included`,
//! `hasGarden`, `courtesy_car`.

use super::sentence::capitalized;
use super::wording::indefinite;

/// Endings of participles and adjectives: `included`, `refundable`.
const ADJECTIVE_ENDINGS: &[&str] = &["ed", "able", "ible", "proof", "friendly"];
/// Adjectives without such an ending.
const ADJECTIVES: &[&str] = &[
    "active",
    "open",
    "stock",
    "paid",
    "sent",
    "made",
    "free",
    "new",
    "valid",
    "final",
    "due",
    "overdue",
    "complete",
    "ready",
    "late",
    "lost",
    "full",
    "public",
    "private",
    "mandatory",
    "on",
];
/// Endings of nouns that take no article: `travel insurance`, `paperless billing`.
const MASS_ENDINGS: &[&str] = &["ing", "ance", "ence", "tion", "age", "fi", "ment", "s", "ity"];
/// Who does what a participle says: `customer_approved`.
const ACTORS: &[&str] = &["customer", "client", "guest", "user", "member", "patient", "owner"];

/// True if a word describes rather than names.
fn is_adjective(word: &str) -> bool {
    word.len() > 3 && ADJECTIVE_ENDINGS.iter().any(|ending| word.ends_with(ending))
        || ADJECTIVES.contains(&word)
}

/// "Booking K7 is not refundable.", "Breakfast is included for stay 7.", "Trip 3 has no insurance."
pub(super) fn truth_sentence(phrase: &str, words: &[String], holds: bool) -> String {
    let not = if holds { "" } else { "not " };
    let (verb, words) = match words.split_first() {
        Some((first, rest))
            if !rest.is_empty()
                && matches!(first.as_str(), "is" | "are" | "was" | "has" | "have") =>
        {
            (first.as_str(), rest)
        }
        _ => ("", words),
    };
    let last = words.last().map(String::as_str).unwrap_or_default();
    let name = words.join(" ");
    let has_participle = words.iter().any(|word| is_adjective(word));
    if matches!(verb, "is" | "are" | "was") || words.len() == 1 && is_adjective(last) {
        return format!("{} is {not}{name}.", capitalized(phrase));
    }
    // `checked_in`: a participle with its particle.
    let leads = words.first().is_some_and(|first| is_adjective(first));
    if leads && words.len() == 2 && matches!(last, "in" | "out" | "up" | "off" | "on") {
        return format!("{} is {not}{name}.", capitalized(phrase));
    }
    if verb.is_empty() && has_participle && is_adjective(last) && words.len() > 1 {
        let of = &words[..words.len() - 1];
        if of.len() == 1 && ACTORS.contains(&of[0].as_str()) {
            return format!("{} is {not}{last} by the {}.", capitalized(phrase), of[0]);
        }
        let are = if of.last().is_some_and(|noun| noun.ends_with('s')) { "are" } else { "is" };
        return format!("{} {are} {not}{last} for {phrase}.", capitalized(&of.join(" ")));
    }
    if !holds {
        return format!("{} has no {name}.", capitalized(phrase));
    }
    let is_mass = MASS_ENDINGS.iter().any(|ending| last.ends_with(ending));
    let name = if is_mass { name } else { indefinite(&name) };
    format!("{} has {name}.", capitalized(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::fact::wording::name_words;

    #[test]
    fn truth_values_read_as_sentences() {
        let said = |name: &str, holds| truth_sentence("booking K7", &name_words(name), holds);
        assert_eq!(said("isCheckedIn", false), "Booking K7 is not checked in.");
        assert_eq!(said("checked_in", true), "Booking K7 is checked in.");
        assert_eq!(said("is_refundable", true), "Booking K7 is refundable.");
        assert_eq!(said("breakfast_included", true), "Breakfast is included for booking K7.");
        assert_eq!(said("pets_allowed", false), "Pets are not allowed for booking K7.");
        assert_eq!(said("travelInsurance", false), "Booking K7 has no travel insurance.");
        assert_eq!(said("courtesy_car", true), "Booking K7 has a courtesy car.");
        assert_eq!(said("customer_approved", false), "Booking K7 is not approved by the customer.");
    }
}
