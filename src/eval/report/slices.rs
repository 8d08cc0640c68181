//! Messages by how they are written, each group with its own figure and how sure it is.

use rand::{RngExt, SeedableRng};
use serde::Serialize;

use super::{Event, Outcome, likeliest};
use crate::eval::calibration::roc_auc;

/// Draws of the bootstrap.
const DRAWS: usize = 200;
/// Fewer messages say nothing.
const LEAST: usize = 20;
/// Share of letters in capitals from which a message counts as shouted.
const SHOUTED_FROM: f64 = 0.8;
/// Share of its longer words that are unknown from which a message counts as misspelt.
const MISSPELT_FROM: f64 = 0.25;
/// Words of fewer letters are not looked at for spelling.
const LONGER_FROM: usize = 4;
const POLITE: [&str; 7] =
    ["please", "thank", "thanks", "kindly", "could you", "would you", "appreciate"];

/// Says whether a lower-case word is one of the language.
pub type KnowsWord<'a> = dyn Fn(&str) -> bool + 'a;

/// Messages that are written in some way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// In which way.
    pub name: String,
    /// Messages.
    pub messages: usize,
    /// Area under the ROC curve of the event, or accuracy without one.
    pub figure: f64,
    /// 95 % interval of the figure, by a bootstrap over conversations.
    pub interval: [f64; 2],
    /// Mean probability of the event less its share: above 0, it is feared more than it happens.
    pub excess: f64,
    /// True if the whole's figure is above the interval.
    pub is_worse: bool,
}

/// The slices with enough messages.
pub fn of(
    outcomes: &[Outcome],
    event: Option<Event<'_>>,
    knows_word: &KnowsWord<'_>,
) -> Vec<Slice> {
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let whole = figure(&all, event);
    let mut groups: Vec<(String, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        for name in ways_of(outcome, knows_word) {
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, group)) => group.push(outcome),
                None => groups.push((name, vec![outcome])),
            }
        }
    }
    groups.sort_by(|left, right| left.0.cmp(&right.0));
    groups
        .into_iter()
        .filter(|(_, group)| {
            let happened = event.map(|event| group.iter().filter(|o| event.case(o).1).count());
            let both = happened.is_none_or(|count| count > 0 && count < group.len());
            group.len() >= LEAST && both
        })
        .map(|(name, group)| {
            let interval = interval(&group, event);
            let excess = event.map_or(0.0, |event| {
                let of = |outcome: &&Outcome| {
                    let (said, happened) = event.case(outcome);
                    said - f64::from(u8::from(happened))
                };
                group.iter().map(of).sum::<f64>() / group.len() as f64
            });
            Slice {
                name,
                messages: group.len(),
                figure: figure(&group, event),
                interval,
                excess,
                is_worse: interval[1] < whole,
            }
        })
        .collect()
}

fn figure(group: &[&Outcome], event: Option<Event<'_>>) -> f64 {
    match event {
        Some(event) => roc_auc(&group.iter().map(|o| event.case(o)).collect::<Vec<_>>()),
        None => {
            let right = group.iter().filter(|o| likeliest(&o.probabilities) == o.label).count();
            right as f64 / group.len().max(1) as f64
        }
    }
}

/// Draws whole conversations with replacement, seeded.
fn interval(group: &[&Outcome], event: Option<Event<'_>>) -> [f64; 2] {
    let mut conversations: Vec<Vec<&Outcome>> = Vec::new();
    for outcome in group {
        match conversations.last_mut() {
            Some(last) if last[0].conversation == outcome.conversation => last.push(outcome),
            _ => conversations.push(vec![outcome]),
        }
    }
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut figures: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<&Outcome> = (0..conversations.len())
                .flat_map(|_| conversations[random.random_range(0..conversations.len())].iter())
                .copied()
                .collect();
            figure(&drawn, event)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    [figures[DRAWS / 40], figures[DRAWS - 1 - DRAWS / 40]]
}

/// The ways in which a message is written.
fn ways_of(outcome: &Outcome, knows_word: &KnowsWord<'_>) -> Vec<String> {
    let text = outcome.text.as_str();
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let length = match words.len() {
        0..=5 => "up to 5 words",
        6..=20 => "6 to 20 words",
        _ => "over 20 words",
    };
    let mut ways = vec![length.to_string()];
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    if words.len() > 1 && capitals as f64 >= SHOUTED_FROM * letters as f64 {
        ways.push("all capitals".into());
    }
    if capitals == 0 && !text.contains(['.', ',', '!', '?']) {
        ways.push("no capitals, no punctuation".into());
    }
    let is_longer =
        |word: &&&str| word.chars().count() >= LONGER_FROM && word.chars().all(char::is_alphabetic);
    let longer: Vec<&&str> = words.iter().filter(is_longer).collect();
    let unknown = longer.iter().filter(|word| !knows_word(word)).count();
    if !longer.is_empty() && unknown as f64 >= MISSPELT_FROM * longer.len() as f64 {
        ways.push("misspelt or rare words".into());
    }
    let is_polite = POLITE.iter().any(|polite| lower.contains(polite));
    ways.push(if is_polite { "polite words" } else { "no polite words" }.into());
    if let Some(channel) = &outcome.channel {
        ways.push(format!("by {channel}"));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str) -> Vec<String> {
        let outcome = Outcome {
            conversation: 0,
            text: text.into(),
            channel: Some("email".into()),
            label: 0,
            probabilities: vec![1.0],
        };
        ways_of(&outcome, &|word| word != "parcle")
    }

    #[test]
    fn a_message_is_in_the_slices_of_how_it_is_written() {
        let shouted = ["up to 5 words", "all capitals", "no polite words", "by email"];
        assert_eq!(ways("WHERE IS MY PARCEL?"), shouted);
        assert_eq!(
            ways("could you find my parcle today"),
            [
                "6 to 20 words",
                "no capitals, no punctuation",
                "misspelt or rare words",
                "polite words",
                "by email"
            ]
        );
    }

    #[test]
    fn a_slice_that_is_judged_worse_is_named() {
        let outcome = |place: usize| {
            let label = place % 2;
            // Short messages are judged at random, the others rightly.
            let said = if place < 200 { [0.5, 0.5] } else { [1.0 - label as f64, label as f64] };
            let text = if place < 200 { "still no" } else { "I would like to know what happened" };
            Outcome {
                conversation: place,
                text: text.into(),
                channel: None,
                label,
                probabilities: said.to_vec(),
            }
        };
        let outcomes: Vec<Outcome> = (0..400).map(outcome).collect();
        let event = Event { name: "e", is: &[false, true], threshold: 0.5 };
        let found = of(&outcomes, Some(event), &|_| true);
        let of_name = |name: &str| found.iter().find(|slice| slice.name == name).unwrap();
        assert!(of_name("up to 5 words").is_worse);
        assert!(!of_name("6 to 20 words").is_worse);
        assert_eq!(of_name("6 to 20 words").figure, 1.0);
    }
}
