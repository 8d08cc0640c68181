//! Third stage: answer, ask back, or hand over. A pure function of what was understood, the
//! evidence and the policy.

use serde::{Deserialize, Serialize};

use super::account::answer::Outcome;
use super::account::leaning::leaning;
use super::gather::Evidence;
use super::intents::{Intent, IntentKind};
use super::phrases::Phrases;
use super::quote::quoted_sentences;
use super::types::{DecisionKind, Role};
use super::understand::Understanding;
use super::words::words;
use crate::judge::escalation::Reason;

/// When Steward answers, asks or hands over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicySettings {
    /// A passage nearer to the question than this (cosine) may answer it.
    pub knowledge_from: f32,
    /// As `knowledge_from`, for messages that are otherwise out of scope.
    pub knowledge_from_out_of_scope: f32,
    /// An intent nearer than this decides by itself: a greeting, a call for a person.
    pub intent_from: f32,
    /// Records answer from this strength on.
    pub account_from: f32,
    /// Sentences of an article quoted in one reply.
    pub most_sentences: usize,
    /// From this probability that the matter needs a person on, it is handed over.
    pub hand_off_from: f32,
    /// From this probability that the customer is dissatisfied on, the reply begins with an apology and
    /// is brief.
    pub apologise_from: f32,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            knowledge_from: 0.42,
            knowledge_from_out_of_scope: 0.55,
            intent_from: 0.55,
            account_from: 0.5,
            most_sentences: 3,
            hand_off_from: 0.74,
            apologise_from: 0.53,
        }
    }
}

/// A message nearer than this to calls for an action is one.
const SURE_ACTION: f32 = 0.72;

/// What is to be done, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Answer, ask back or hand over.
    pub kind: DecisionKind,
    /// What the reply is made of.
    pub plan: Plan,
    /// The intent that the decision rests on.
    pub intent: Intent,
    /// Why a person takes over.
    pub hand_off_reason: Option<String>,
    /// The customer is dissatisfied: the reply says sorry.
    pub apologise: bool,
}

/// What a reply is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// A phrase by name.
    Say(&'static str),
    /// The customer writes in this language.
    Foreign(&'static str),
    /// Facts of records.
    Facts(Vec<usize>),
    /// The records do not say; these facts are the nearest.
    Instead(Vec<usize>),
    /// Several things may be meant.
    Which(Vec<usize>),
    /// The records of a kind.
    List(Vec<usize>),
    /// Sentences of a passage, by index into [`Evidence::sentences`].
    Passages(Vec<usize>),
    /// How something is done, for what Steward cannot do itself: facts and sentences.
    Guide(Vec<usize>, Vec<usize>),
}

/// Decides.
pub fn decide(
    understanding: &Understanding,
    evidence: &Evidence,
    policy: &PolicySettings,
    phrases: &Phrases,
) -> Decision {
    let intent = understanding.intent().clone();
    let case = Case { understanding, evidence, policy, phrases, intent };
    case.decide()
}

/// A conversation goes badly from this mean probability of dissatisfaction on: a third of its turns.
const BADLY_FROM: f32 = 0.35;
/// Words are unhappy up to this sentiment, -1 to 1.
const UNHAPPY_TO: f32 = -0.3;
/// Longer messages say what they want.
const FEW_WORDS: usize = 4;

struct Case<'a> {
    understanding: &'a Understanding,
    evidence: &'a Evidence,
    policy: &'a PolicySettings,
    phrases: &'a Phrases,
    intent: Intent,
}

impl Case<'_> {
    fn decide(&self) -> Decision {
        if self.understanding.is_empty {
            let phrase = if self.understanding.has_files { "file_alone" } else { "empty" };
            return self.clarify(Plan::Say(phrase));
        }
        if let Some(decision) = self.person_needed().or_else(|| self.high_risk()) {
            return decision;
        }
        if let Some(code) = self.understanding.foreign {
            return self.clarify(Plan::Foreign(code));
        }
        let injected = self.understanding.is_injected && self.evidence.account.strength < 0.9;
        if self.is(IntentKind::Unsafe, "prompt_injection") || injected {
            return self.answer(Plan::Say("injection"));
        }
        if let Some(decision) = self.records_answer() {
            return decision;
        }
        if let Some(phrase) = self.small_talk() {
            return self.answer(Plan::Say(phrase));
        }
        if self.is_action() {
            return self.action();
        }
        if let Some(decision) = self.sign_in() {
            return decision;
        }
        let sentences = self.sentences();
        if !sentences.is_empty() {
            return self.answer(Plan::Passages(sentences));
        }
        if self.is_problem() {
            return self.hand_off("hand_off_problem", "a problem that needs a person");
        }
        self.weak_records().unwrap_or_else(|| self.nothing_found())
    }

    /// A person is asked for, or must see this.
    fn person_needed(&self) -> Option<Decision> {
        let threshold = self.policy.intent_from;
        if self.intent.kind == IntentKind::HandOff && self.intent.score >= threshold {
            let legal = self.intent.name.contains("legal") || self.intent.name.contains("threat");
            let (phrase, reason) = match legal {
                true => ("hand_off_legal", "legal or public threat"),
                false => ("hand_off", "the customer asks for a person"),
            };
            return Some(self.hand_off(phrase, reason));
        }
        // "yes", after Steward offered a person.
        let offered = self.last_agent_said(&[
            "no_knowledge",
            "action_offer",
            "problem_offer",
            "abuse",
            "file_alone",
        ]);
        let agrees = self.intent.name == "affirm" && self.intent.score >= threshold;
        if offered && agrees {
            return Some(self.hand_off("hand_off", "the customer accepted a person"));
        }
        if self.is(IntentKind::Unsafe, "abuse") && !self.asks_with_cause() {
            if self.last_agent_said(&["abuse"]) {
                return Some(self.hand_off("abuse_again", "repeated abuse"));
            }
            return Some(self.answer(Plan::Say("abuse")));
        }
        None
    }

    /// The matter needs a person, as the conversation goes. What the records answer is answered all the
    /// same, unless the customer wants more than an answer.
    fn high_risk(&self) -> Option<Decision> {
        let escalation = &self.understanding.judgement.escalation;
        let gives_up = self.gives_up();
        let is_risky = escalation.probability >= self.policy.hand_off_from;
        if self.small_talk().is_some() || !(is_risky || gives_up) {
            return None;
        }
        let (phrase, is_answerable) = match escalation.reason {
            Reason::AsksForPerson => ("hand_off", false),
            Reason::LegalOrPublicThreat => ("hand_off_legal", false),
            Reason::Safety => ("hand_off_safety", false),
            Reason::VulnerableCustomer => ("hand_off_care", false),
            Reason::RepeatedFailure | Reason::Anger => ("hand_off_problem", true),
            Reason::PolicyException => ("hand_off_exception", true),
        };
        if is_answerable && self.asks_with_cause() && !gives_up {
            return None;
        }
        Some(self.hand_off(phrase, escalation.reason.sentence()))
    }

    /// A few unhappy words that ask nothing and answer no question, in a conversation that goes badly:
    /// "fine. whatever."
    fn gives_up(&self) -> bool {
        let Understanding { text, history, judgement, .. } = self.understanding;
        let mut replies = history.iter().rev().filter(|said| said.role == Role::Agent);
        let replied = replies.next().is_some_and(|last| !last.text.trim_end().ends_with('?'));
        let asks_nothing = !text.contains(|c: char| c == '?' || c.is_numeric());
        replied
            && asks_nothing
            && words(text).len() <= FEW_WORDS
            && judgement.sentiment.score <= UNHAPPY_TO
            && judgement.satisfaction.conversation_dissatisfied >= BADLY_FROM
    }

    /// Angry words around a real question: the question is answered.
    fn asks_with_cause(&self) -> bool {
        self.evidence.account.strength >= 0.8
    }

    fn records_answer(&self) -> Option<Decision> {
        let account = &self.evidence.account;
        // How-to and policy questions name kinds of record as well: "how do returns work?"
        let about_knowledge = matches!(
            self.intent.kind,
            IntentKind::Knowledge | IntentKind::Action | IntentKind::OutOfScope
        ) && self.intent.score >= self.policy.intent_from;
        let about_account = self.intent.kind == IntentKind::Account
            && self.intent.score >= self.policy.intent_from + 0.05
            && self.evidence.signed_in;
        let needed = match (about_knowledge, about_account) {
            (true, _) => 0.86,
            (_, true) => 0.3,
            _ => self.policy.account_from,
        };
        let small_talk = self.small_talk().is_some();
        let needed = if small_talk { needed.max(0.75) } else { needed };
        // "Can you confirm the address?" asks what is on record, whatever it is near to.
        let asks_record = self.intent.score < SURE_ACTION && account.strength >= 0.86;
        if self.is_action() && !asks_record && account.outcome != Outcome::NotFound {
            return None;
        }
        // What went wrong with a thing is no question of what is on record about it.
        let is_problem = self.is_problem() && account.strength < 0.95;
        if account.strength < needed || is_problem {
            return None;
        }
        self.of_outcome()
    }

    /// Something went wrong with what the customer has.
    fn is_problem(&self) -> bool {
        matches!(self.intent.name.as_str(), "report_problem" | "complaint")
            && self.intent.score >= self.policy.intent_from - 0.07
    }

    /// Records that only may be meant, when nothing else answers.
    fn weak_records(&self) -> Option<Decision> {
        if self.intent.kind == IntentKind::OutOfScope {
            return None;
        }
        (self.evidence.account.strength >= 0.3).then(|| self.of_outcome()).flatten()
    }

    fn of_outcome(&self) -> Option<Decision> {
        match &self.evidence.account.outcome {
            Outcome::Facts(facts) => Some(self.answer(Plan::Facts(facts.clone()))),
            Outcome::Missing { instead, .. } => Some(self.answer(Plan::Instead(instead.clone()))),
            Outcome::Which(subjects) => Some(self.clarify(Plan::Which(subjects.clone()))),
            Outcome::List(records) => Some(self.answer(Plan::List(records.clone()))),
            Outcome::NotFound if self.evidence.signed_in => {
                Some(self.clarify(Plan::Say("not_found")))
            }
            Outcome::NotFound => Some(self.clarify(Plan::Say("sign_in"))),
            Outcome::NoRecords => Some(self.answer(Plan::Say("no_records"))),
            Outcome::Nothing => None,
        }
    }

    /// A visitor asks about an account.
    fn sign_in(&self) -> Option<Decision> {
        if self.evidence.signed_in {
            return None;
        }
        let account = self.understanding.kind_score(IntentKind::Account);
        let knowledge = self.understanding.kind_score(IntentKind::Knowledge);
        let own = leaning(&words(&self.understanding.text)).own;
        let is_account =
            self.intent.kind == IntentKind::Account && account >= self.policy.intent_from;
        let nearer = account > knowledge + 0.05 && own && account >= self.policy.intent_from - 0.1;
        let public = matches!(
            self.intent.name.as_str(),
            "product_availability"
                | "product_price"
                | "product_info"
                | "report_problem"
                | "complaint"
        );
        ((is_account && (own || account > knowledge + 0.05) || nearer) && !public)
            .then(|| self.clarify(Plan::Say("sign_in")))
    }

    /// Something is to be done that Steward cannot do itself.
    fn is_action(&self) -> bool {
        self.intent.kind == IntentKind::Action && self.intent.score >= self.policy.intent_from
    }

    fn action(&self) -> Decision {
        let facts = match &self.evidence.account.outcome {
            Outcome::Facts(facts) if self.evidence.account.strength >= 0.8 => {
                facts.iter().copied().take(2).collect()
            }
            Outcome::Missing { instead, .. } if self.evidence.account.strength >= 0.8 => {
                instead.iter().copied().take(1).collect()
            }
            _ => Vec::new(),
        };
        let sentences = self.sentences();
        if sentences.is_empty() {
            return self.hand_off("action", "an action is asked for");
        }
        self.answer(Plan::Guide(facts, sentences))
    }

    fn small_talk(&self) -> Option<&'static str> {
        if self.intent.kind != IntentKind::SmallTalk || self.intent.score < self.policy.intent_from
        {
            return None;
        }
        let again =
            self.understanding.history.iter().any(|utterance| utterance.role == Role::Agent);
        Some(match self.intent.name.as_str() {
            "greeting" if again => "greeting_again",
            "greeting" => "greeting",
            "thanks" => "thanks",
            "goodbye" => "goodbye",
            "how_are_you" => "how_are_you",
            "affirm" => "affirm",
            "deny" => "deny",
            "compliment" => "compliment",
            _ => "about_me",
        })
    }

    /// The sentences of the best passage that answer.
    fn sentences(&self) -> Vec<usize> {
        let from = match self.intent.kind {
            IntentKind::OutOfScope => self.policy.knowledge_from_out_of_scope,
            _ => self.policy.knowledge_from,
        };
        let most = match self.is_dissatisfied() {
            true => self.policy.most_sentences.div_ceil(2),
            false => self.policy.most_sentences,
        };
        quoted_sentences(self.evidence, from, most)
    }

    fn is_dissatisfied(&self) -> bool {
        self.understanding.judgement.satisfaction.dissatisfied >= self.policy.apologise_from
    }

    fn nothing_found(&self) -> Decision {
        if self.intent.kind == IntentKind::OutOfScope {
            return self.answer(Plan::Say("out_of_scope"));
        }
        if let Outcome::Nothing = self.evidence.account.outcome
            && self.intent.kind == IntentKind::Account
            && self.intent.score >= self.policy.intent_from
        {
            let phrase = if self.evidence.signed_in { "no_records" } else { "sign_in" };
            return self.clarify(Plan::Say(phrase));
        }
        if self.last_agent_said(&["unsure", "no_knowledge"]) {
            return self.hand_off("unsure_again", "no reliable answer was found twice");
        }
        let asks =
            self.understanding.text.contains('?') || self.intent.kind == IntentKind::Knowledge;
        if asks {
            return self.answer(Plan::Say("no_knowledge"));
        }
        self.clarify(Plan::Say("unsure"))
    }

    fn is(&self, kind: IntentKind, name: &str) -> bool {
        self.intent.kind == kind
            && self.intent.name == name
            && self.intent.score >= self.policy.intent_from
    }

    fn last_agent_said(&self, names: &[&str]) -> bool {
        let last =
            self.understanding.history.iter().rev().find(|utterance| utterance.role == Role::Agent);
        last.is_some_and(|last| names.iter().any(|name| self.phrases.is_said(name, last)))
    }

    fn answer(&self, plan: Plan) -> Decision {
        Decision {
            kind: DecisionKind::Answer,
            plan,
            intent: self.intent.clone(),
            hand_off_reason: None,
            apologise: self.is_dissatisfied(),
        }
    }

    fn clarify(&self, plan: Plan) -> Decision {
        Decision {
            kind: DecisionKind::Clarify,
            plan,
            intent: self.intent.clone(),
            hand_off_reason: None,
            apologise: self.is_dissatisfied(),
        }
    }

    fn hand_off(&self, phrase: &'static str, reason: &str) -> Decision {
        Decision {
            kind: DecisionKind::HandOff,
            plan: Plan::Say(phrase),
            intent: self.intent.clone(),
            hand_off_reason: Some(reason.to_string()),
            apologise: false,
        }
    }
}
