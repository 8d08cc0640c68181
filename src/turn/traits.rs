//! Options and properties that a text names: "the blue one in size M".
//!
//! In: the words of a text, and subjects of a fact sheet. Out: which of their traits the text says.

use super::words::{Word, find_sequence, stems};
use crate::retrieve::fact::FactSheet;

/// How many of a subject's traits the text names, each counted by its words.
pub fn trait_matches(text_words: &[Word], sheet: &FactSheet, subject: usize) -> usize {
    sheet.subjects[subject]
        .traits
        .iter()
        .filter(|property| is_trait_named(text_words, &property.name, &property.value))
        .count()
}

/// True if the text says the value of a property, or of a yes-or-no property its name.
pub fn is_trait_named(text_words: &[Word], name: &str, value: &str) -> bool {
    let wanted = stems(value);
    let name_stems = stems(name);
    match value {
        "no" | "yes" | "none" => {
            let Some(start) = find_sequence(text_words, &name_stems) else { return false };
            let negated = start > 0
                && matches!(text_words[start - 1].text.as_str(), "no" | "non" | "without" | "not");
            return negated == (value != "yes");
        }
        _ => {}
    }
    if wanted.is_empty() {
        return false;
    }
    if value.chars().count() <= 3 && value.chars().all(char::is_uppercase) {
        // Sizes: "M" in capitals, or "size m".
        return text_words.iter().enumerate().any(|(index, word)| {
            let said = word.text == value.to_lowercase();
            said && (word.is_upper && word.text != "i" && word.text != "a"
                || index > 0 && text_words[index - 1].stem == "size")
        });
    }
    if let Some(start) = find_sequence(text_words, &wanted) {
        // A bare number needs its own name beside it: "3" is said of many things.
        let bare_number = wanted.len() == 1
            && wanted[0].len() < 3
            && wanted[0].chars().all(|c| c.is_ascii_digit());
        let beside = |index: usize| {
            text_words.get(index).is_some_and(|word| name_stems.contains(&word.stem))
        };
        return !bare_number || (start > 0 && beside(start - 1)) || beside(start + 1);
    }
    // "1000 ml" for "1000ml", "12 inch" for "12-inch".
    let joined: String = wanted.concat();
    (1..text_words.len()).any(|second| {
        format!("{}{}", text_words[second - 1].text, text_words[second].stem) == joined
    })
}

/// Keeps the subjects with the most traits named in the text, if any trait is.
pub fn narrowed_by_traits(text: &[Word], sheet: &FactSheet, subjects: &[usize]) -> Vec<usize> {
    let counts: Vec<usize> =
        subjects.iter().map(|&subject| trait_matches(text, sheet, subject)).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return subjects.to_vec();
    }
    subjects
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count == most)
        .map(|(subject, _)| *subject)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::retrieve::record::Record;
    use crate::turn::words::words;

    #[test]
    fn options_are_found_in_capitals_with_spaces_and_among_chance_letters() {
        let fields = json!({"status": "pending", "items": [
            {"name": "Mechanical Keyboard", "item_id": "555001", "options": {"color": "blue", "size": "M"}},
            {"name": "Tea Kettle", "item_id": "555002", "options": {"color": "red", "capacity": "1000ml"}},
        ]});
        let order = Record {
            kind: "order".to_string(),
            id: "#W1234567".to_string(),
            customer_id: Some("c1".to_string()),
            fields: fields.as_object().cloned().unwrap_or_default(),
        };
        let sheet = FactSheet::of(&[order], &Default::default());
        assert_eq!(trait_matches(&words("the blue one in M"), &sheet, 1), 2);
        assert_eq!(trait_matches(&words("the 1000 ml one"), &sheet, 2), 1);
        assert_eq!(trait_matches(&words("i'm fine"), &sheet, 1), 0);
        assert_eq!(narrowed_by_traits(&words("the red one"), &sheet, &[1, 2]), [2]);
        assert_eq!(narrowed_by_traits(&words("that one"), &sheet, &[1, 2]), [1, 2]);
    }
}
