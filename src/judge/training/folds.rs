//! Parts of the data for cross-validation, and the check that what is tested was not trained on.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::labelled::{LabelledConversation, Utterance};
use crate::{Error, Result};

/// Words that one shingle spans.
const SHINGLE: usize = 4;
/// Conversations that share so much of their shingles are the same.
const SAME_FROM: f64 = 0.9;
/// Shingles of fewer conversations than this are worth comparing by: greetings are everywhere.
const COMMON_FROM: usize = 50;
/// Pairs that an error names.
const MOST_NAMED: usize = 3;

/// The part of what has this key, 0 to `parts` - 1: the same in every run and whatever else there is.
/// Equal but for case, punctuation and spaces is equal.
pub fn part_of(key: &str, parts: usize) -> usize {
    let digest = Sha256::digest(normalised(key));
    let number = digest.iter().take(8).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    (number % parts.max(1) as u64) as usize
}

/// The part of a conversation, by its words: the same conversation under two names is in one part.
pub fn part_of_conversation(conversation: &LabelledConversation, parts: usize) -> usize {
    part_of(&text_of(conversation), parts)
}

/// Refuses the same conversation in both: equal but for case, punctuation and spaces, or nearly so.
///
/// # Errors
/// [`crate::ErrorKind::Input`] that names some of the pairs.
pub fn check_apart(train: &[LabelledConversation], test: &[LabelledConversation]) -> Result<()> {
    let trained: Vec<HashSet<u64>> = train.iter().map(|one| shingles(&text_of(one))).collect();
    let mut holding: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, shingles) in trained.iter().enumerate() {
        shingles.iter().for_each(|shingle| holding.entry(*shingle).or_default().push(place));
    }
    let mut pairs = Vec::new();
    for conversation in test {
        let tested = shingles(&text_of(conversation));
        let candidates: HashSet<usize> = tested
            .iter()
            .filter_map(|shingle| holding.get(shingle))
            .filter(|places| places.len() < COMMON_FROM || tested.len() == 1)
            .flatten()
            .copied()
            .collect();
        let same = candidates.into_iter().filter(|&place| {
            let both = tested.intersection(&trained[place]).count() as f64;
            both / tested.union(&trained[place]).count().max(1) as f64 >= SAME_FROM
        });
        pairs.extend(same.min().map(|place| (conversation.id.as_str(), train[place].id.as_str())));
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = pairs
        .iter()
        .take(MOST_NAMED)
        .map(|(tested, trained)| format!("`{tested}` is `{trained}` of the training data"))
        .collect();
    Err(Error::input(format!(
        "{} of the {} conversations to test are in the training data too: {}; take them out of one of them, \
         or the figures would flatter",
        pairs.len(),
        test.len(),
        named.join(", ")
    )))
}

/// Refuses the same utterance in both: equal but for case, punctuation and spaces.
///
/// # Errors
/// [`crate::ErrorKind::Input`] that names some of them.
pub fn check_utterances_apart(train: &[Utterance], test: &[Utterance]) -> Result<()> {
    let trained: HashSet<String> = train.iter().map(|one| normalised(&one.text)).collect();
    let both: Vec<&str> = test
        .iter()
        .filter(|one| trained.contains(&normalised(&one.text)))
        .map(|one| one.text.as_str())
        .collect();
    if both.is_empty() {
        return Ok(());
    }
    Err(Error::input(format!(
        "{} of the {} utterances to test are in the training data too: {}; take them out of one of them, or \
         the figures would flatter",
        both.len(),
        test.len(),
        both.iter().take(MOST_NAMED).map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
    )))
}

fn text_of(conversation: &LabelledConversation) -> String {
    let texts: Vec<&str> = conversation.turns.iter().map(|turn| turn.text.as_str()).collect();
    texts.join("\n")
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.map(str::to_lowercase)
}

fn normalised(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

fn shingles(text: &str) -> HashSet<u64> {
    let words: Vec<String> = words(text).collect();
    let hash = |words: &[String]| {
        let digest = Sha256::digest(words.join(" "));
        digest.iter().take(8).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte))
    };
    if words.len() <= SHINGLE {
        return HashSet::from([hash(&words)]);
    }
    words.windows(SHINGLE).map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Role;
    use crate::judge::training::labelled::LabelledTurn;

    fn conversation(id: &str, text: &str) -> LabelledConversation {
        let turns = vec![LabelledTurn::new(Role::Customer, text)];
        LabelledConversation { id: id.to_string(), channel: None, case: None, turns }
    }

    #[test]
    fn equal_texts_are_in_one_part_and_parts_are_even() {
        assert_eq!(part_of("Where is it?", 7), part_of("where  IS it", 7));
        let mut counts = [0; 5];
        (0..1000).for_each(|number| counts[part_of(&format!("message {number}"), 5)] += 1);
        assert!(counts.iter().all(|count| (150..250).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_conversation_that_was_trained_on_is_not_tested() {
        let long = "My order has not come and nobody answers the phone. It was a present for my son, \
                    whose birthday is tomorrow, and I have written to you three times since Monday.";
        let train = [conversation("a", "hello there"), conversation("b", long)];
        assert!(
            check_apart(&train, &[conversation("c", "hello you"), conversation("d", "hi")]).is_ok()
        );
        let nearly = long.replace("Monday", "Tuesday!").to_uppercase();
        let said =
            check_apart(&train, &[conversation("x", "Hello, there!"), conversation("y", &nearly)]);
        let said = said.unwrap_err().to_string();
        assert!(said.contains("2 of the 2") && said.contains("`y` is `b`"), "{said}");
    }
}
