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

/// Pairs of what is tested and the same in the training data, as places in each.
pub type Pairs = Vec<(usize, usize)>;

/// What can be trained on or tested.
pub trait Example: Sized {
    /// What it is called in a message.
    fn name(&self) -> &str;
    /// What of `test` is in `train` too.
    fn known(train: &[Self], test: &[Self]) -> Pairs;
}

impl Example for LabelledConversation {
    fn name(&self) -> &str {
        &self.id
    }

    fn known(train: &[Self], test: &[Self]) -> Pairs {
        known_conversations(train, test)
    }
}

impl Example for Utterance {
    fn name(&self) -> &str {
        &self.text
    }

    fn known(train: &[Self], test: &[Self]) -> Pairs {
        known_utterances(train, test)
    }
}

/// The conversations of `test` that are in `train`: equal but for case, punctuation and spaces, or nearly.
fn known_conversations(train: &[LabelledConversation], test: &[LabelledConversation]) -> Pairs {
    let trained: Vec<HashSet<u64>> = train.iter().map(|one| shingles(&text_of(one))).collect();
    let mut holding: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, shingles) in trained.iter().enumerate() {
        shingles.iter().for_each(|shingle| holding.entry(*shingle).or_default().push(place));
    }
    let mut pairs = Vec::new();
    for (number, conversation) in test.iter().enumerate() {
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
        pairs.extend(same.min().map(|place| (number, place)));
    }
    pairs
}

/// The utterances of `test` that are in `train`: equal but for case, punctuation and spaces.
fn known_utterances(train: &[Utterance], test: &[Utterance]) -> Pairs {
    let of = |(place, one): (usize, &Utterance)| (normalised(&one.text), place);
    let trained: HashMap<String, usize> = train.iter().enumerate().map(of).collect();
    let same =
        |(number, one): (usize, &Utterance)| Some((number, *trained.get(&normalised(&one.text))?));
    test.iter().enumerate().filter_map(same).collect()
}

/// What is done with what is tested and was trained on: refused, or taken out of the test.
///
/// # Errors
/// [`crate::ErrorKind::Input`] that names some of the pairs, unless `may_drop`.
pub fn keep_apart<T: Example>(train: &[T], test: &mut Vec<T>, may_drop: bool) -> Result<usize> {
    let pairs = T::known(train, test);
    if pairs.is_empty() {
        return Ok(0);
    }
    if may_drop {
        let dropped: HashSet<usize> = pairs.iter().map(|(tested, _)| *tested).collect();
        let mut place = 0;
        test.retain(|_| {
            place += 1;
            !dropped.contains(&(place - 1))
        });
        return Ok(dropped.len());
    }
    let named: Vec<String> = pairs
        .iter()
        .take(MOST_NAMED)
        .map(|&(tested, trained)| {
            format!("`{}` is `{}` there", test[tested].name(), train[trained].name())
        })
        .collect();
    Err(Error::input(format!(
        "{} of {} to test are in the training data too: {}; --drop-known takes them out of the test, for \
         with them the figures would flatter",
        pairs.len(),
        test.len(),
        named.join(", ")
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
        let mut others = vec![conversation("c", "hello you"), conversation("d", "hi")];
        assert_eq!(keep_apart(&train, &mut others, false).unwrap(), 0);
        let nearly = long.replace("Monday", "Tuesday!").to_uppercase();
        let mut same = vec![conversation("x", "Hello, there!"), conversation("y", &nearly)];
        let said = keep_apart(&train, &mut same, false).unwrap_err().to_string();
        assert!(said.contains("2 of 2") && said.contains("`y` is `b`"), "{said}");
        same.extend(others.iter().cloned());
        assert_eq!(keep_apart(&train, &mut same, true).unwrap(), 2);
        assert_eq!(same, others);
    }
}
