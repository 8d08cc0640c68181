//! What kind of answer a question wants (a time, an amount, a person …), and how well a fact's value
//! fits it. "When will it be ready?" is answered by a date, whatever its field is called.

use crate::retrieve::fact::Fact;
use crate::retrieve::fact::unit::{is_duration, unit_of};
use crate::retrieve::fact::wording::{clock_time, is_date};
use crate::turn::words::Word;

/// The kind of answer that a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// "when", "what time", "which day".
    Time,
    /// "how much", "how expensive".
    Amount,
    /// "how many", "how heavy".
    Count,
    /// "how long".
    Duration,
    /// "who".
    Person,
    /// "where".
    Place,
    /// "is it …?", "did I …?".
    Truth,
    /// "how heavy".
    Weight,
    /// "which".
    Choice,
    /// "what".
    Thing,
    /// Anything.
    Any,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Time,
    Amount,
    Duration,
    Count,
    Truth,
    Person,
    Text,
}

/// Reads what a question wants by its question word.
pub fn wanted(words: &[Word]) -> Wanted {
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.text.as_str()));
    // "What do I pay a night?", "the price per kWh", but not "What did I pay with?"
    let asks_price = says(&["price", "cost", "costs"])
        || says(&["pay"]) && !says(&["with", "method", "card", "account", "when", "how"]);
    let text = |index: usize| words.get(index).map(|word| word.text.as_str()).unwrap_or_default();
    for index in 0..words.len() {
        let (word, next) = (text(index), text(index + 1));
        let near = [next, text(index + 2)];
        match word {
            "when" | "when's" | "deadline" => return Wanted::Time,
            "what" | "which" | "what's"
                if near.iter().any(|w| matches!(*w, "time" | "day" | "date" | "dates")) =>
            {
                return Wanted::Time;
            }
            "how" => match next {
                "much" if text(index + 2) == "time" => return Wanted::Duration,
                "much" if words.iter().any(|word| word.text.starts_with("weigh")) => {
                    return Wanted::Weight;
                }
                "much" | "expensive" | "high" => return Wanted::Amount,
                "many" => return Wanted::Count,
                "heavy" => return Wanted::Weight,
                "long" => return Wanted::Duration,
                "soon" | "early" | "late" => return Wanted::Time,
                _ => {}
            },
            "who" | "who's" | "whom" => return Wanted::Person,
            "where" | "where's" => return Wanted::Place,
            // "What's the latest date for …?"
            "what" | "which" | "what's"
                if words.iter().any(|word| matches!(word.text.as_str(), "date" | "deadline")) =>
            {
                return Wanted::Time;
            }
            "which" => return Wanted::Choice,
            "what" | "what's" if asks_price => return Wanted::Amount,
            "what" | "what's" => return Wanted::Thing,
            _ => {}
        }
    }
    let asks_truth = words.iter().take(6).enumerate().any(|(index, word)| {
        let starts = matches!(
            word.text.as_str(),
            "is" | "are"
                | "am"
                | "was"
                | "were"
                | "do"
                | "does"
                | "did"
                | "has"
                | "have"
                | "can"
                | "will"
                | "would"
        );
        starts && text(index + 1) != "you" && (index == 0 || text(index - 1) != "i")
    });
    match (asks_truth, asks_price) {
        (true, _) => Wanted::Truth,
        (_, true) => Wanted::Amount,
        _ => Wanted::Any,
    }
}

/// What a fact's value is.
pub fn shape(fact: &Fact) -> Shape {
    use serde_json::Value;
    match &fact.raw {
        Value::Bool(_) => Shape::Truth,
        Value::Number(_) if is_duration(&fact.attribute) => Shape::Duration,
        Value::Number(number) => {
            let is_amount = fact.spoken != number.to_string() && unit_of(&fact.attribute).is_none();
            if is_amount { Shape::Amount } else { Shape::Count }
        }
        Value::String(text) if is_date(text) || clock_time(text).is_some() => Shape::Time,
        Value::String(text) if is_like_person(text) => Shape::Person,
        Value::Object(_)
            if fact.raw.as_object().is_some_and(|object| {
                object.values().all(|value| value.as_str().is_some_and(is_date))
            }) =>
        {
            Shape::Time
        }
        _ => Shape::Text,
    }
}

/// "Ada Hill": two or three words in capitals, nothing else.
fn is_like_person(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    matches!(words.len(), 2 | 3)
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase) && word[1..].contains(char::is_lowercase)
                || word.len() == 2 && word.ends_with('.')
        })
}

/// What a fact gains or loses by the kind of its value.
pub fn fit(wanted: Wanted, fact: &Fact) -> f32 {
    let shape = shape(fact);
    let is_derived = fact.derived;
    match (wanted, shape) {
        (Wanted::Any, _) => 0.0,
        // "When does my flight leave?" is not answered by which flights there are.
        (Wanted::Time | Wanted::Person | Wanted::Place | Wanted::Duration, _) if is_derived => -0.3,
        (_, _) if is_derived => 0.0,
        (Wanted::Time, Shape::Time) => 0.1,
        (Wanted::Time, Shape::Text) => -0.15,
        (Wanted::Time, _) => -0.3,
        (Wanted::Amount, Shape::Amount) => 0.08,
        (Wanted::Amount, Shape::Count) if unit_of(&fact.attribute).is_none() => -0.12,
        (Wanted::Amount, Shape::Count | Shape::Duration) => 0.0,
        (Wanted::Amount, Shape::Text) => -0.1,
        (Wanted::Amount, _) => -0.3,
        (Wanted::Count, Shape::Count | Shape::Duration) => 0.1,
        (Wanted::Count, Shape::Text) => -0.1,
        (Wanted::Count, _) => -0.3,
        (Wanted::Duration, Shape::Duration) => 0.2,
        (Wanted::Duration, Shape::Count | Shape::Time) => 0.0,
        (Wanted::Duration, Shape::Text) => -0.05,
        (Wanted::Duration, _) => -0.3,
        (Wanted::Person, Shape::Person) => 0.12,
        (Wanted::Person, Shape::Text) => -0.05,
        (Wanted::Person, _) => -0.3,
        (Wanted::Place, Shape::Text | Shape::Person) => 0.0,
        (Wanted::Place, _) => -0.25,
        (Wanted::Weight, Shape::Count) => match unit_of(&fact.attribute) {
            Some(("kg" | "lb", _)) => 0.3,
            _ => -0.3,
        },
        (Wanted::Weight, Shape::Text) => 0.0,
        (Wanted::Weight, _) => -0.3,
        (Wanted::Truth, Shape::Truth) => 0.08,
        (Wanted::Truth, Shape::Time | Shape::Amount) => -0.15,
        (Wanted::Truth, _) => 0.0,
        (Wanted::Choice, Shape::Amount | Shape::Truth | Shape::Time) => -0.2,
        (Wanted::Choice, _) => 0.0,
        (Wanted::Thing, Shape::Truth) => -0.2,
        (Wanted::Thing, Shape::Time) => -0.05,
        (Wanted::Thing, _) => 0.0,
    }
}

/// True if the fact is of just the kind that the question wants.
pub fn is_wanted(wanted: Wanted, fact: &Fact) -> bool {
    matches!(
        (wanted, shape(fact)),
        (Wanted::Time, Shape::Time)
            | (Wanted::Duration, Shape::Duration)
            | (Wanted::Person, Shape::Person)
            | (Wanted::Truth, Shape::Truth)
    )
}

/// Questions that ask for a field, as people put them: by its name and by the kind of its value.
pub fn field_questions(name: &str, fact: &Fact) -> Vec<String> {
    let words: Vec<&str> = name.split(' ').collect();
    let without = |ends: &[&str]| {
        let mut kept = words.clone();
        while kept.len() > 1 && kept.last().is_some_and(|last| ends.contains(last)) {
            kept.pop();
        }
        kept.join(" ")
    };
    let mut questions = vec![format!("what is the {name}")];
    match shape(fact) {
        Shape::Time => {
            let base = without(&["on", "at", "by", "date", "time", "due", "until"]);
            let first = base.split(' ').next().unwrap_or_default();
            questions.push(match words.last().copied().unwrap_or_default() {
                "until" => format!("until when is the {base}"),
                _ if first.ends_with("ed") => format!("when was it {base}"),
                _ => format!("when is the {base}"),
            });
        }
        Shape::Amount => questions.push(format!("how much is the {name}")),
        Shape::Duration => {
            let base = without(&[words.last().copied().unwrap_or_default()]);
            questions.push(format!("how long is the {base}"));
        }
        Shape::Count => questions.push(match unit_of(&fact.attribute) {
            Some((_, many)) => {
                let base = without(&[words.last().copied().unwrap_or_default()]);
                format!("how many {many} is the {base}")
            }
            None => format!("how many {name}"),
        }),
        Shape::Truth => {
            let base = name.strip_prefix("is ").or(name.strip_prefix("has ")).unwrap_or(name);
            questions.push(format!("is it {base}"));
            questions.push(format!("does it have {base}"));
        }
        Shape::Person => questions.push(format!("who is the {name}")),
        Shape::Text => questions.push(format!("which {name} is it")),
    }
    questions
}
