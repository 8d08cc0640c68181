//! The extractive answer: the evidence's own sentences, with Steward's phrases around them.
//!
//! It is what goes out when the generator is off, and what a composed draft is held against and
//! falls back to.

use super::account::overview::overview;
use super::account::reading::Reading;
use super::decide::{Decision, Plan};
use super::gather::Evidence;
use super::phrases::Phrases;
use super::types::{Citation, DecisionKind};
use super::understand::Understanding;
use crate::retrieve::fact::FactSheet;

/// A reply in the making: its text and what it rests on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Words that need no evidence, before the supported ones.
    pub opening: String,
    /// Sentences that rest on `citations`.
    pub supported: Vec<String>,
    /// Words that need no evidence, after the supported ones.
    pub closing: String,
    /// What the supported sentences rest on, in their order.
    pub citations: Vec<Citation>,
}

impl Draft {
    /// The whole reply.
    pub fn text(&self) -> String {
        let mut text = self.opening.clone();
        for sentence in &self.supported {
            if !text.is_empty() {
                text.push(if starts_line(&text, sentence) { '\n' } else { ' ' });
            }
            text.push_str(sentence);
        }
        if !self.closing.is_empty() {
            if !text.is_empty() {
                text.push(if ends_in_list(&text) { '\n' } else { ' ' });
            }
            text.push_str(&self.closing);
        }
        text
    }
}

/// A list begins on a line of its own, and so does what follows one.
fn starts_line(before: &str, sentence: &str) -> bool {
    sentence.starts_with("- ")
        || sentence.contains("\n- ")
        || before.ends_with(':')
        || ends_in_list(before)
}

fn ends_in_list(text: &str) -> bool {
    text.lines().next_back().is_some_and(|line| line.starts_with("- "))
}

/// Things listed in a question at most.
const MOST_LISTED: usize = 5;

/// Writes the extractive answer.
pub fn extract(
    understanding: &Understanding,
    evidence: &Evidence,
    decision: &Decision,
    phrases: &Phrases,
    reading: &Reading,
) -> Draft {
    let say = |name: &str| phrases.pick(name, &understanding.history);
    let mut draft = match &decision.plan {
        Plan::Say(name) => Draft { opening: say(name), ..Draft::default() },
        Plan::Foreign(code) => Draft { opening: phrases.foreign(code), ..Draft::default() },
        Plan::Facts(facts) => of_facts(facts, &evidence.sheet),
        Plan::Instead(facts) => {
            Draft { opening: say("not_recorded"), ..of_facts(facts, &evidence.sheet) }
        }
        Plan::Which(subjects) => which(subjects, reading, say("which_one")),
        Plan::List(records) => list(records, reading),
        Plan::Passages(sentences) => of_sentences(sentences, evidence),
        Plan::Guide(facts, sentences) => {
            let mut draft = of_facts(facts, &evidence.sheet);
            let guide = of_sentences(sentences, evidence);
            draft.supported.extend(guide.supported);
            draft.citations.extend(guide.citations);
            draft.opening = say("action_guide");
            draft.closing = say("action_offer");
            draft
        }
    };
    let upset = decision.kind == DecisionKind::Answer
        && matches!(decision.plan, Plan::Facts(_) | Plan::Passages(_))
        && (decision.apologise || is_upset(understanding));
    if upset && draft.opening.is_empty() {
        draft.opening = say("sorry");
        draft.closing = say("problem_offer");
    }
    draft
}

/// A complaint or a reported problem comes before its answer.
fn is_upset(understanding: &Understanding) -> bool {
    matches!(understanding.intent().name.as_str(), "complaint" | "report_problem" | "abuse")
        && understanding.intent().score >= 0.55
}

fn of_facts(facts: &[usize], sheet: &FactSheet) -> Draft {
    let mut draft = Draft::default();
    let mut before = None;
    for &index in facts {
        let fact = &sheet.facts[index];
        let subject = &sheet.subjects[fact.subject];
        // "Order FH-1 is shipped. Its tracking number is …": not the number again. A name that is no
        // kind with an identifier may be a plural.
        let is_same = before == Some(fact.subject) && subject.name.starts_with(&subject.noun);
        let pronoun = is_same.then(|| with_pronoun(&fact.sentence, &subject.name)).flatten();
        draft.supported.push(pronoun.unwrap_or_else(|| fact.sentence.clone()));
        before = Some(fact.subject);
        draft.citations.push(citation_of(index, sheet));
    }
    draft
}

/// "The total of order FH-1 is $20." as "Its total is $20."; none if the sentence has another form.
fn with_pronoun(sentence: &str, name: &str) -> Option<String> {
    let (attribute, rest) = sentence.strip_prefix("The ")?.split_once(&format!(" of {name} "))?;
    Some(format!("Its {attribute} {rest}"))
}

/// The citation of a fact: its record and its sentence.
pub fn citation_of(fact: usize, sheet: &FactSheet) -> Citation {
    let fact = &sheet.facts[fact];
    Citation {
        source: fact.source.clone(),
        title: record_title(fact.subject, sheet),
        quote: fact.sentence.clone(),
    }
}

/// "Order FH-20417", "Alder 2 Tent", "Your account".
pub fn record_title(subject: usize, sheet: &FactSheet) -> String {
    let record = &sheet.subjects[sheet.record_of(subject)];
    let name = if record.is_customer { "your account" } else { &record.name };
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}

fn of_sentences(sentences: &[usize], evidence: &Evidence) -> Draft {
    let mut draft = Draft::default();
    for &index in sentences {
        let sentence = &evidence.sentences[index];
        let passage = &evidence.passages[sentence.passage].passage;
        draft.supported.push(plain(&sentence.text));
        draft.citations.push(Citation {
            source: passage.document_id.clone(),
            title: passage.title.clone(),
            quote: sentence.text.clone(),
        });
    }
    draft
}

/// A quoted sentence that stands by itself ends with a full stop.
fn plain(sentence: &str) -> String {
    let text = sentence.trim();
    let is_list = text.contains("\n- ");
    if is_list || text.ends_with(['.', '!', '?', ':', ';']) {
        return text.to_string();
    }
    format!("{text}.")
}

/// "You have two orders with a Mug: … Which one do you mean?"
fn which(subjects: &[usize], reading: &Reading, question: String) -> Draft {
    let sheet = reading.sheet;
    let mut draft = Draft { closing: question, ..Draft::default() };
    let skipped = subjects.len().saturating_sub(MOST_LISTED);
    let shown = &subjects[skipped..];
    let noun = sheet.subjects[sheet.record_of(shown[0])].noun.clone();
    let item = sheet.subjects[shown[0]].parent.and(sheet.subjects[shown[0]].called.first());
    let called_alike = shown.iter().all(|&subject| sheet.subjects[subject].called.first() == item);
    let item = item.filter(|_| called_alike);
    let one_kind =
        shown.iter().all(|&subject| sheet.subjects[sheet.record_of(subject)].noun == noun);
    let noun = if one_kind { noun } else { "record".to_string() };
    draft.opening = match (item, skipped) {
        (Some(item), 0) => format!("You have {} {noun}s with the {item}:", spelled(shown.len())),
        (None, 0) => format!("You have {} {noun}s:", spelled(shown.len())),
        _ => format!("These are your latest {} {noun}s:", spelled(shown.len())),
    };
    for &subject in shown {
        let (line, fact) = line_of(subject, reading);
        draft.supported.push(line);
        draft.citations.extend(fact.map(|fact| citation_of(fact, sheet)));
    }
    draft
}

fn list(records: &[usize], reading: &Reading) -> Draft {
    let sheet = reading.sheet;
    let noun = sheet.subjects[records[0]].noun.clone();
    let shown: Vec<usize> = records.iter().rev().take(10).rev().copied().collect();
    let mut draft = Draft {
        opening: match records.len() {
            1 => format!("You have one {noun}:"),
            many if many == shown.len() => format!("You have {} {noun}s:", spelled(many)),
            _ => format!("These are your latest {} {noun}s:", spelled(shown.len())),
        },
        ..Draft::default()
    };
    for subject in shown {
        let (line, fact) = line_of(subject, reading);
        draft.supported.push(line);
        draft.citations.extend(fact.map(|fact| citation_of(fact, sheet)));
    }
    draft
}

/// "- Order #W1, pending: Mug (blue) and Kettle." with the fact that it rests on.
fn line_of(subject: usize, reading: &Reading) -> (String, Option<usize>) {
    let sheet = reading.sheet;
    let record = sheet.record_of(subject);
    let facts = overview(record, reading);
    let status = facts
        .iter()
        .copied()
        .find(|&fact| sheet.facts[fact].attribute.last().is_some_and(|word| word == "status"));
    let items = facts.iter().copied().find(|&fact| sheet.facts[fact].derived);
    let mut line = format!("- {}", record_title(record, sheet));
    if let Some(status) = status {
        line.push_str(&format!(", {}", sheet.facts[status].spoken));
    }
    if subject != record {
        line.push_str(&format!(": {}", sheet.subjects[subject].name));
    } else if let Some(items) = items {
        line.push_str(&format!(": {}", sheet.facts[items].spoken));
    } else if let Some(called) = sheet.subjects[record].called.first() {
        line.push_str(&format!(": {called}"));
    }
    // A line names its record: some fact of the record has to stand behind the name.
    let any = || (0..sheet.facts.len()).find(|&fact| sheet.facts[fact].subject == record);
    let fact = if subject == record { items.or(status) } else { items };
    (line, fact.or_else(any))
}

/// Small numbers in words: a digit would have to stand in the evidence.
fn spelled(number: usize) -> &'static str {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.get(number).copied().unwrap_or("several")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_named_once_where_a_pronoun_does() {
        let said = with_pronoun("The total of order FH-1 is $20.00.", "order FH-1");
        assert_eq!(said.as_deref(), Some("Its total is $20.00."));
        assert_eq!(with_pronoun("Order FH-1 is shipped.", "order FH-1"), None);
        assert_eq!(with_pronoun("The total of order FH-12 is $20.00.", "order FH-1"), None);
    }
}
