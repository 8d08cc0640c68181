//! Canned conversations in the shape of Rasa's end-to-end tests, run turn by turn on the real agent.
//!
//! A file has `fixtures` (who the customer is) and `test_cases` with `steps`: a `user` message with
//! `assertions`, or the exact `bot` reply. The agent's own replies make the conversation.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dialogue::{Role, Utterance};
use crate::error::Context;
use crate::identity::VerifiedCustomer;
use crate::model::literal::{AllowedLiterals, literals_in, ungrounded_literals};
use crate::retrieve::AccountScope;
use crate::turn::mode::{Delivery, ModeSettings};
use crate::turn::{self, Agent, DecisionKind, Reply, TurnInput};
use crate::{Error, ErrorKind, Result};

/// A file of conversations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationFile {
    #[serde(default)]
    fixtures: Vec<BTreeMap<String, Fixture>>,
    /// Who answers in the file's conversations; Steward if it says nothing.
    #[serde(default)]
    desk: ModeSettings,
    test_cases: Vec<TestCase>,
}

/// Who the customer is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    customer: String,
}

/// One conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// Its name.
    pub test_case: String,
    #[serde(default)]
    fixtures: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    user: Option<String>,
    /// Sends the message this many times over, for very long ones.
    #[serde(default)]
    repeat: Option<usize>,
    #[serde(default, alias = "utter")]
    bot: Option<String>,
    #[serde(default, with = "serde_yaml_ng::with::singleton_map_recursive")]
    assertions: Vec<Assertion>,
}

/// What must hold of a reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Assertion {
    Decision(DecisionKind),
    Intent(Vec<String>),
    Contains(Vec<String>),
    ContainsAny(Vec<String>),
    NotContains(Vec<String>),
    Literals(Vec<String>),
    Citation(String),
    NoCitation(bool),
    /// Whether Steward answered, or a person was asked to.
    Mode(Delivery),
    /// What is suggested to that person contains each of these.
    Suggested(Vec<String>),
}

/// How a conversation went.
#[derive(Debug, Clone, Serialize)]
pub struct CaseResult {
    /// The file's name.
    pub file: String,
    /// The conversation's name.
    pub case: String,
    /// What did not hold, with the message and the reply; empty if all did.
    pub failures: Vec<String>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Reads a file.
///
/// # Errors
/// [`ErrorKind::Input`] naming the file and what is wrong in it.
pub fn read(path: &Path) -> Result<ConversationFile> {
    let text = std::fs::read_to_string(path)
        .context(ErrorKind::Input, || format!("cannot read {}", path.display()))?;
    let file: ConversationFile = serde_yaml_ng::from_str(&text)
        .context(ErrorKind::Input, || {
            format!("{} is not a file of conversations", path.display())
        })?;
    for case in &file.test_cases {
        if let Some(unknown) = case.fixtures.iter().find(|name| file.customer(name).is_none()) {
            return Err(Error::input(format!(
                "{}: `{}` names the fixture `{unknown}`, which the file does not have",
                path.display(),
                case.test_case
            )));
        }
    }
    Ok(file)
}

/// Every message of the conversations with what was said before it, Steward's replies among it.
///
/// # Errors
/// If a turn fails.
pub(super) async fn turns_of(agent: &Agent, files: &[ConversationFile]) -> Result<Vec<TurnInput>> {
    let mut inputs = Vec::new();
    for file in files {
        for case in file.cases() {
            let (scope, messages) = file.messages(case);
            let mut conversation: Vec<Utterance> = Vec::new();
            for text in messages {
                conversation.push(Utterance { role: Role::Customer, text });
                let input = TurnInput::of(conversation.clone(), scope.clone());
                let reply = turn::run(agent, input.clone(), None).await?;
                conversation.push(Utterance { role: Role::Agent, text: reply.text });
                inputs.push(input);
            }
        }
    }
    Ok(inputs)
}

impl ConversationFile {
    /// The conversations.
    pub fn cases(&self) -> &[TestCase] {
        &self.test_cases
    }

    fn customer(&self, fixture: &str) -> Option<&str> {
        self.fixtures
            .iter()
            .find_map(|fixtures| fixtures.get(fixture))
            .map(|fixture| fixture.customer.as_str())
    }

    /// Whose account is read in a conversation, and what the customer writes.
    fn messages(&self, case: &TestCase) -> (Option<AccountScope>, Vec<String>) {
        let customer = case.fixtures.iter().find_map(|name| self.customer(name));
        let scope = customer.map(|id| AccountScope::of(&VerifiedCustomer::chosen_by_operator(id)));
        let messages = case
            .steps
            .iter()
            .filter_map(|step| Some(step.user.as_ref()?.repeat(step.repeat.unwrap_or(1).max(1))));
        (scope, messages.collect())
    }

    /// Runs one conversation.
    ///
    /// # Errors
    /// If a turn fails.
    pub async fn run(&self, case: &TestCase, file_name: &str, agent: &Agent) -> Result<CaseResult> {
        let started = std::time::Instant::now();
        let customer = case.fixtures.iter().find_map(|name| self.customer(name));
        let scope = customer.map(|id| AccountScope::of(&VerifiedCustomer::chosen_by_operator(id)));
        let mut conversation: Vec<Utterance> = Vec::new();
        let mut failures = Vec::new();
        for step in &case.steps {
            if let Some(message) = &step.user {
                let text = message.repeat(step.repeat.unwrap_or(1).max(1));
                conversation.push(Utterance { role: Role::Customer, text: text.clone() });
                let input = TurnInput::of(conversation.clone(), scope.clone()).under(&self.desk);
                let reply = turn::run(agent, input, None).await?;
                let shown: String = text.chars().take(80).collect();
                let broken = ungrounded(&reply).into_iter().chain(
                    step.assertions.iter().filter_map(|assertion| assertion.broken_by(&reply)),
                );
                failures.extend(
                    broken.map(|what| format!("{shown:?}: {what}; replied {:?}", reply.text)),
                );
                conversation.push(Utterance { role: Role::Agent, text: reply.text });
            }
            if let Some(expected) = &step.bot {
                let said = conversation
                    .last()
                    .map(|utterance| utterance.text.as_str())
                    .unwrap_or_default();
                if said != expected {
                    failures.push(format!("expected the reply {expected:?}, got {said:?}"));
                }
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        Ok(CaseResult {
            file: file_name.to_string(),
            case: case.test_case.clone(),
            failures,
            seconds,
        })
    }
}

/// Checked of every reply: no literal without evidence.
fn ungrounded(reply: &Reply) -> Option<String> {
    let evidence: Vec<&str> = reply
        .evidence
        .iter()
        .map(|item| item.text.as_str())
        .chain(reply.citations.iter().map(|citation| citation.quote.as_str()))
        .collect();
    let found: Vec<String> = ungrounded_literals(&reply.text, &evidence)
        .into_iter()
        .map(|literal| literal.text)
        .collect();
    (!found.is_empty()).then(|| format!("literals without evidence: {found:?}"))
}

impl Assertion {
    /// What does not hold, in words.
    fn broken_by(&self, reply: &Reply) -> Option<String> {
        let text = reply.text.to_lowercase();
        let says = |wanted: &String| text.contains(&wanted.to_lowercase());
        match self {
            Self::Decision(wanted) => (reply.decision != *wanted)
                .then(|| format!("decision {:?}, expected {wanted:?}", reply.decision)),
            Self::Intent(wanted) => (!wanted.contains(&reply.intent.name))
                .then(|| format!("intent {}, expected one of {wanted:?}", reply.intent.name)),
            Self::Mode(wanted) => {
                (reply.mode != *wanted).then(|| format!("{:?}, expected {wanted:?}", reply.mode))
            }
            Self::Suggested(wanted) => {
                let suggested =
                    reply.suggested.as_ref().map(|withheld| withheld.text.to_lowercase());
                let missing = wanted.iter().find(|wanted| {
                    !suggested.as_ref().is_some_and(|text| text.contains(&wanted.to_lowercase()))
                });
                missing.map(|missing| format!("{missing:?} is not suggested, but {suggested:?}"))
            }
            Self::Contains(wanted) => {
                wanted.iter().find(|w| !says(w)).map(|missing| format!("{missing:?} is missing"))
            }
            Self::ContainsAny(wanted) => {
                (!wanted.iter().any(says)).then(|| format!("none of {wanted:?} is said"))
            }
            Self::NotContains(unwanted) => {
                unwanted.iter().find(|w| says(w)).map(|said| format!("{said:?} must not be said"))
            }
            Self::Literals(wanted) => {
                let said = AllowedLiterals::from_texts([reply.text.as_str()]);
                wanted
                    .iter()
                    .find(|wanted| {
                        literals_in(wanted).iter().any(|literal| !said.contains(literal))
                    })
                    .map(|missing| format!("the literal {missing} is missing"))
            }
            Self::Citation(source) => {
                (!reply.citations.iter().any(|citation| citation.source == *source))
                    .then(|| format!("{source} is not cited"))
            }
            Self::NoCitation(wanted) => {
                (*wanted && !reply.citations.is_empty()).then(|| "a source is cited".to_string())
            }
        }
    }
}

/// The results as JUnit XML.
pub fn junit(results: &[CaseResult]) -> String {
    let escape = |text: &str| {
        let allowed: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        allowed
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"conversations\" tests=\"{}\" failures=\"{failed}\">\n",
        results.len()
    );
    for result in results {
        let (file, case) = (escape(&result.file), escape(&result.case));
        xml.push_str(&format!(
            "  <testcase classname=\"{file}\" name=\"{case}\" time=\"{:.3}\">",
            result.seconds
        ));
        for failure in &result.failures {
            xml.push_str(&format!("\n    <failure message=\"{}\"/>", escape(failure)));
        }
        xml.push_str("</testcase>\n");
    }
    xml.push_str("</testsuite>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_assertion_is_refused_by_name() {
        let yaml = "test_cases:\n- test_case: a\n  steps:\n  - user: hi\n    assertions:\n    - sounds_nice: true\n";
        let problem = serde_yaml_ng::from_str::<ConversationFile>(yaml).expect_err("unknown");
        assert!(problem.to_string().contains("sounds_nice"), "{problem}");
    }

    #[test]
    fn junit_is_escaped() {
        let result = CaseResult {
            file: "a<b".to_string(),
            case: "\"c\" & d".to_string(),
            failures: vec!["x > y".to_string()],
            seconds: 1.0,
        };
        let xml = junit(&[result]);
        assert!(
            xml.contains("a&lt;b")
                && xml.contains("&quot;c&quot; &amp; d")
                && xml.contains("x &gt; y")
        );
    }
}
