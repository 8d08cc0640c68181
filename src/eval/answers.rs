//! `steward eval answers`: generated questions about an account set, whose answers are known.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinSet;

use super::questions::{Question, Says};
use crate::Result;
use crate::error::Context;
use crate::identity::VerifiedCustomer;
use crate::model::literal::ungrounded_literals;
use crate::retrieve::AccountScope;
use crate::turn::{self, Agent, Reply, Role, TurnInput, Utterance};

/// How the replies did.
#[derive(Debug, Default, Serialize)]
pub struct AnswerReport {
    /// Questions asked.
    pub questions: usize,
    /// Replies that hold every expected value.
    pub right: usize,
    /// Literals in replies that stand nowhere in the reply's evidence.
    pub ungrounded_literals: usize,
    /// `right / questions` by kind of question.
    pub by_kind: BTreeMap<String, Share>,
    /// The same by way of reference.
    pub by_reference: BTreeMap<String, Share>,
    /// Questions answered wrongly, with what was said.
    pub wrong: Vec<Answered>,
    /// Questions answered rightly, to be read as a customer would.
    #[serde(skip)]
    pub rightly: Vec<Answered>,
}

/// A share of a count.
#[derive(Debug, Default, Serialize)]
pub struct Share {
    /// Right ones.
    pub right: usize,
    /// All.
    pub all: usize,
}

/// A question and what was answered.
#[derive(Debug, Serialize)]
pub struct Answered {
    /// Its kind.
    pub kind: String,
    /// How it refers to its subject.
    pub reference: &'static str,
    /// Who asked.
    pub customer: String,
    /// The message before it.
    pub before: Option<String>,
    /// The question.
    pub question: String,
    /// Values that were expected.
    pub expected: Vec<Value>,
    /// The reply.
    pub reply: String,
    /// Literals of the reply without evidence.
    pub ungrounded: Vec<String>,
}

/// Asks the questions, `at_once` at a time, and judges the replies.
///
/// # Errors
/// If a turn fails.
pub async fn ask_all(
    agent: &Agent,
    questions: Vec<Question>,
    at_once: usize,
) -> Result<AnswerReport> {
    let mut report = AnswerReport::default();
    let mut waiting = questions.into_iter();
    let mut running: JoinSet<Result<(Question, Reply)>> = JoinSet::new();
    loop {
        while running.len() < at_once.max(1) {
            let Some(question) = waiting.next() else { break };
            let agent = agent.clone();
            running.spawn(async move {
                let reply = ask(&agent, &question).await?;
                Ok((question, reply))
            });
        }
        let Some(finished) = running.join_next().await else { break };
        let (question, reply) = finished.internal("a question's task stopped")??;
        judge(&mut report, question, &reply);
    }
    report
        .wrong
        .sort_by(|left, right| (&left.kind, &left.question).cmp(&(&right.kind, &right.question)));
    Ok(report)
}

async fn ask(agent: &Agent, question: &Question) -> Result<Reply> {
    let scope = AccountScope::of(&VerifiedCustomer::chosen_by_operator(&question.customer));
    let customer = |text: &str| Utterance { role: Role::Customer, text: text.to_string() };
    let mut conversation = Vec::new();
    if let Some(before) = &question.before {
        conversation.push(customer(before));
        let input = TurnInput::of(conversation.clone(), Some(scope.clone()));
        let reply = turn::run(agent, input, None).await?;
        conversation.push(Utterance { role: Role::Agent, text: reply.text });
    }
    conversation.push(customer(&question.text));
    turn::run(agent, TurnInput::of(conversation, Some(scope)), None).await
}

fn judge(report: &mut AnswerReport, question: Question, reply: &Reply) {
    let is_right = question.expected.iter().all(|value| match (value, &question.says) {
        (Value::Bool(truth), Some(says)) => says_truth(&reply.text, *truth, says),
        _ => holds(&reply.text, value),
    });
    let evidence: Vec<&str> = reply
        .evidence
        .iter()
        .map(|item| item.text.as_str())
        .chain(reply.citations.iter().map(|citation| citation.quote.as_str()))
        .collect();
    let ungrounded: Vec<String> = ungrounded_literals(&reply.text, &evidence)
        .into_iter()
        .map(|literal| literal.text)
        .collect();
    report.questions += 1;
    report.right += usize::from(is_right);
    report.ungrounded_literals += ungrounded.len();
    for (shares, name) in [
        (&mut report.by_kind, question.kind.clone()),
        (&mut report.by_reference, question.reference.name().to_string()),
    ] {
        let share = shares.entry(name).or_default();
        share.all += 1;
        share.right += usize::from(is_right);
    }
    let list = match is_right && ungrounded.is_empty() {
        true => &mut report.rightly,
        false => &mut report.wrong,
    };
    list.push(Answered {
        kind: question.kind,
        reference: question.reference.name(),
        customer: question.customer,
        before: question.before,
        question: question.text,
        expected: question.expected,
        reply: reply.text.clone(),
        ungrounded,
    });
}

/// True if the reply says the truth value in one of its phrases.
fn says_truth(reply: &str, truth: bool, says: &Says) -> bool {
    let said = reply.to_lowercase().replace('’', "'");
    // A bare "no" counts only where it opens the reply: "no update yet" says nothing of this.
    let opens_with = |word: &str| said.starts_with(&format!("{word},"));
    let any = |phrases: &[String]| {
        phrases.iter().any(|phrase| match phrase.as_str() {
            "yes" | "no" => opens_with(phrase),
            phrase => contains_whole(&said, phrase),
        })
    };
    let denies = any(&says.no);
    if truth { !denies && any(&says.yes) } else { denies }
}

/// True if the reply says the value: a text word for word (apart from case and `_`), a number with
/// its cents, availability as "available" or "not available".
pub fn holds(reply: &str, value: &Value) -> bool {
    let said = reply.to_lowercase().replace(',', "");
    match value {
        Value::String(text) => {
            let wanted = text.to_lowercase().replace(',', "");
            let spoken = wanted.replace('_', " ");
            contains_whole(&said, &wanted)
                || contains_whole(&said, &spoken)
                || says_time(&said, text)
                || in_words(text).is_some_and(|words| contains_whole(&said, &words))
                // An option "no" may be said as "no pen" or "is no".
                || wanted == "none" && said.contains("no ")
        }
        Value::Number(number) => {
            let amount = number.as_f64().unwrap_or_default();
            contains_whole(&said, &format!("{amount:.2}"))
                || contains_whole(&said, &number.to_string())
        }
        Value::Bool(true) => said.contains("available") && !said.contains("not available"),
        Value::Bool(false) => said.contains("not available"),
        _ => false,
    }
}

/// True if the reply, in lower case and without commas, says the date, the time of day or both.
fn says_time(said: &str, text: &str) -> bool {
    let day = text.get(..10).and_then(|day| day.parse::<jiff::civil::Date>().ok());
    let clock = if day.is_some() { text[10..].trim_start_matches(['T', ' ']) } else { text };
    let time = clock.get(..5).and_then(|time| time.parse::<jiff::civil::Time>().ok());
    if day.is_none() && time.is_none() {
        return false;
    }
    let says_day = day.is_none_or(|day| {
        let spoken = format!("{} {} {}", day.strftime("%B"), day.day(), day.year());
        contains_whole(said, &spoken.to_lowercase())
    });
    let says_clock = time.is_none_or(|time| {
        let half_day = time.strftime("%I:%M %p").to_string().to_lowercase();
        contains_whole(said, &clock[..5]) || contains_whole(said, half_day.trim_start_matches('0'))
    });
    says_day && says_clock
}

/// A code such as `inProgress` in words.
fn in_words(code: &str) -> Option<String> {
    if code.contains(' ') || !code.chars().all(char::is_alphabetic) {
        return None;
    }
    let mut words = String::new();
    let mut before = 'A';
    for letter in code.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        before = letter;
    }
    words.contains(' ').then_some(words)
}

/// True if `wanted` stands in `said` and not within a longer word or number.
fn contains_whole(said: &str, wanted: &str) -> bool {
    said.match_indices(wanted).any(|(start, _)| {
        let before = said[..start].chars().next_back();
        let after = said[start + wanted.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_counts_only_when_it_stands_by_itself() {
        assert!(holds("The price is $47.84.", &json!(47.84)));
        assert!(!holds("The price is $147.84.", &json!(47.84)));
        assert!(holds("Order #W1 is pending.", &json!("pending")));
        assert!(holds("It is not available.", &json!(false)));
        assert!(!holds("It is not available.", &json!(true)));
        assert!(holds("paid with gift card 7", &json!("gift_card")));
    }
}
