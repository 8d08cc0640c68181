//! How well the generator phrases evidence: what of its text survives the checks, what it leaves out, and how near it comes to what
//! people wrote.
//!
//! A case is what a turn gives the generator: a question and the sentences that it may phrase. They come from canned conversations, from
//! generated questions over an account set, and from dialogues of DSTC11 track 5 whose replies people wrote. Several writers phrase the
//! same cases: the evidence's own sentences, a template around them, and generators.

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::conversations::ConversationFile;
use super::overlap::{bleu, rouge_l};
use super::questions::Question;
use crate::ErrorKind;
use crate::Result;
use crate::dialogue::{Role, Utterance};
use crate::error::Context;
use crate::identity::VerifiedCustomer;
use crate::model::generator::Generator;
use crate::model::literal::{literals_in, ungrounded_literals};
use crate::retrieve::AccountScope;
use crate::retrieve::split::sentences;
use crate::turn::check::unsaid;
use crate::turn::compose::{GeneratorSettings, compose, phrase};
use crate::turn::extract::Draft;
use crate::turn::phrases::Phrases;
use crate::turn::run::{drafted, run};
use crate::turn::suggest::grounding::groundedness;
use crate::turn::types::EvidenceItem;
use crate::turn::words::stems;
use crate::turn::{Agent, TurnInput};

/// What is to be phrased.
#[derive(Debug, Clone)]
pub struct ReplyCase {
    /// Where it is from.
    pub set: &'static str,
    /// The customer's message.
    pub question: String,
    /// The reply in the evidence's own words.
    pub draft: Draft,
    /// Sentences that the reply must say.
    pub required: Vec<String>,
    /// What a person answered.
    pub human: Option<String>,
}

/// Who phrases it.
#[derive(Clone, Copy)]
pub enum Writer<'a> {
    /// The evidence's own sentences.
    Extractive,
    /// The same between two courtesies.
    Template,
    /// A generator, checked; what it leaves out is added.
    Generator(&'a Generator, &'a GeneratorSettings),
}

/// A reply to a case.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// Where the case is from.
    pub set: &'static str,
    /// The customer's message.
    pub question: String,
    /// The sentences that might be phrased.
    pub facts: Vec<String>,
    /// What the generator wrote, before the checks; the reply, if there is none.
    pub draft: String,
    /// What the customer reads.
    pub reply: String,
    /// True if every sentence of the draft passed and nothing had to be added.
    pub survived: bool,
    /// True if the draft has every literal that the reply must have.
    pub complete: bool,
    /// What a person answered.
    pub human: Option<String>,
    /// Milliseconds to write it.
    pub ms: f64,
}

/// Figures of a writer on a set.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyFigures {
    /// Replies.
    pub replies: usize,
    /// Share of drafts that pass every check unaltered and say all that is required.
    pub survived: f64,
    /// Share of drafts with every required literal.
    pub complete: f64,
    /// Literals in what the customer reads that the evidence does not have.
    pub ungrounded_literals: usize,
    /// Share of the drafts' sentences that state something which the evidence, by the desk's mark, says.
    pub supported_sentences: f64,
    /// Words of a reply, mean.
    pub words: f64,
    /// Share of replies with a courtesy.
    pub courteous: f64,
    /// Share of drafts that say four words in a row twice.
    pub repeating: f64,
    /// BLEU-4 against people's replies, where there are any.
    pub bleu: Option<f64>,
    /// ROUGE-L against them, mean.
    pub rouge_l: Option<f64>,
    /// Milliseconds to write a reply, median.
    pub ms: f64,
}

/// The turns of canned conversations in which there is something to phrase.
///
/// # Errors
/// If a turn fails.
pub async fn of_conversations(agent: &Agent, files: &[ConversationFile]) -> Result<Vec<ReplyCase>> {
    let mut cases = Vec::new();
    for file in files {
        for case in file.cases() {
            let (scope, messages) = file.messages(case);
            let mut conversation: Vec<Utterance> = Vec::new();
            for text in messages {
                conversation.push(Utterance { role: Role::Customer, text });
                let input = TurnInput::of(conversation.clone(), scope.clone());
                cases.extend(case_of(agent, &input, "conversations").await?);
                let reply = run(agent, input, None).await?;
                conversation.push(Utterance { role: Role::Agent, text: reply.text });
            }
        }
    }
    Ok(cases)
}

/// Generated questions about an account set in which there is something to phrase.
///
/// # Errors
/// If a turn fails.
pub async fn of_questions(agent: &Agent, questions: &[Question]) -> Result<Vec<ReplyCase>> {
    let mut cases = Vec::new();
    for question in questions.iter().filter(|question| question.before.is_none()) {
        let scope = AccountScope::of(&VerifiedCustomer::chosen_by_operator(&question.customer));
        let asked = Utterance { role: Role::Customer, text: question.text.clone() };
        let input = TurnInput::of(vec![asked], Some(scope));
        cases.extend(case_of(agent, &input, "accounts").await?);
    }
    Ok(cases)
}

async fn case_of(agent: &Agent, input: &TurnInput, set: &'static str) -> Result<Option<ReplyCase>> {
    let (agent, input) = (agent.clone(), input.clone());
    let drafting = tokio::task::spawn_blocking(move || drafted(&agent, &input));
    let drafted = drafting.await.internal("a turn stopped unexpectedly")??;
    Ok(drafted.map(|(question, draft)| {
        let required = draft.supported.clone();
        ReplyCase { set, question, draft, required, human: None }
    }))
}

#[derive(Deserialize)]
struct Dialogue {
    turns: Vec<Utterance>,
    needs_knowledge: bool,
    #[serde(default)]
    knowledge: Vec<Knowledge>,
    response: Option<String>,
}

#[derive(Deserialize)]
struct Knowledge {
    id: String,
    entity: String,
    text: String,
}

/// Dialogues of DSTC11 track 5 with the right knowledge and a person's reply: those whose entities are all held back from training
/// ([`is_held_back`]).
///
/// # Errors
/// [`ErrorKind::Setup`] if the file cannot be read.
pub fn of_grounded(file: &Path) -> Result<Vec<ReplyCase>> {
    let cannot = || format!("cannot read the dialogues {}", file.display());
    let text = std::fs::read_to_string(file).context(ErrorKind::Setup, cannot)?;
    let mut cases = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let dialogue: Dialogue = serde_json::from_str(line).context(ErrorKind::Setup, cannot)?;
        let Some(human) = dialogue.response.filter(|_| dialogue.needs_knowledge) else { continue };
        let held_back = dialogue.knowledge.iter().all(|of| is_held_back(&of.entity));
        let Some(asked) = dialogue.turns.last().filter(|_| held_back) else { continue };
        let supported: Vec<String> =
            dialogue.knowledge.iter().map(|of| fact_of(of).to_string()).collect();
        // What the person found worth saying.
        let texts: Vec<&str> = supported.iter().map(String::as_str).collect();
        let known = literals_in(&human)
            .into_iter()
            .filter(|literal| ungrounded_literals(&literal.text, &texts).is_empty());
        let required = known.map(|literal| literal.text).collect();
        cases.push(ReplyCase {
            set: "grounded",
            question: asked.text.clone(),
            draft: Draft { supported, ..Draft::default() },
            required,
            human: Some(human),
        });
    }
    Ok(cases)
}

/// Knowledge of the FAQ is a question with its answer; of a review, a sentence.
fn fact_of(knowledge: &Knowledge) -> &str {
    let is_faq = !knowledge.id.contains("/review/");
    match knowledge.text.split_once("? ").filter(|_| is_faq) {
        Some((_, answer)) if !answer.trim().is_empty() => answer.trim(),
        _ => knowledge.text.trim(),
    }
}

/// True of half of all entities: nothing is trained on them. `training/data/grounded.py` divides them likewise, by the CRC-32 of the name in
/// lower case.
pub fn is_held_back(entity: &str) -> bool {
    crc32fast::hash(entity.to_lowercase().as_bytes()) % 100 < 50
}

/// Writes the reply to a case.
///
/// # Errors
/// If the generator fails.
pub async fn write(case: &ReplyCase, writer: Writer<'_>) -> Result<Written> {
    let started = Instant::now();
    let extractive = case.draft.text();
    let (draft, reply, survived) = match writer {
        Writer::Extractive => (extractive.clone(), extractive, true),
        Writer::Template => {
            let close = "Let me know if there is anything else I can help with.";
            let text = format!("Thank you for your message! {extractive} {close}");
            (text.clone(), text, true)
        }
        Writer::Generator(generator, settings) => {
            let (question, draft) = (&case.question, &case.draft);
            let composed = match case.human {
                None => compose(question, draft, generator, settings, None).await?,
                // People leave out what they find of no use.
                Some(_) => phrase(question, draft, generator, settings, None).await?,
            };
            let is_whole = composed.added == 0 && unsaid(&case.required, &composed.text).is_empty();
            let survived = composed.kept > 0 && composed.dropped == 0 && is_whole;
            let reply = if composed.text.is_empty() { extractive } else { composed.text };
            (composed.written.trim().to_string(), reply, survived)
        }
    };
    let required: Vec<&str> = case.required.iter().map(String::as_str).collect();
    let is_complete =
        required.iter().all(|sentence| ungrounded_literals(sentence, &[draft.as_str()]).is_empty());
    Ok(Written {
        set: case.set,
        question: case.question.clone(),
        facts: case.draft.supported.clone(),
        complete: is_complete,
        draft,
        reply,
        survived,
        human: case.human.clone(),
        ms: started.elapsed().as_secs_f64() * 1e3,
    })
}

/// The figures of a writer's replies to one set.
pub fn figures(written: &[&Written], phrases: &Phrases) -> ReplyFigures {
    let replies = written.len().max(1) as f64;
    let share = |is: &dyn Fn(&Written) -> bool| {
        written.iter().filter(|written| is(written)).count() as f64 / replies
    };
    let (mut claims, mut supported) = (0, 0);
    for one in written {
        let marks = groundedness(&one.draft, &items_of(&one.facts), phrases, &[]);
        let claiming = marks.sentences.iter().filter(|mark| mark.claims);
        claims += claiming.clone().count();
        supported += claiming.filter(|mark| mark.supported).count();
    }
    let ungrounded = |one: &&Written| {
        let facts: Vec<&str> = one.facts.iter().map(String::as_str).collect();
        ungrounded_literals(&one.reply, &facts).len()
    };
    let pairs: Vec<(&str, &str)> = written
        .iter()
        .filter_map(|one| Some((one.reply.as_str(), one.human.as_deref()?)))
        .collect();
    let rouge = pairs.iter().map(|(reply, human)| rouge_l(reply, human)).sum::<f64>();
    let has_pairs = !pairs.is_empty();
    let mut times: Vec<f64> = written.iter().map(|one| one.ms).collect();
    times.sort_by(f64::total_cmp);
    ReplyFigures {
        replies: written.len(),
        survived: share(&|one| one.survived),
        complete: share(&|one| one.complete),
        ungrounded_literals: written.iter().map(ungrounded).sum(),
        supported_sentences: supported as f64 / f64::from(claims.max(1) as u32),
        words: written.iter().map(|one| stems(&one.reply).len()).sum::<usize>() as f64 / replies,
        courteous: share(&|one| is_courteous(&one.reply)),
        repeating: share(&|one| repeats(&one.draft)),
        bleu: has_pairs.then(|| bleu(&pairs)),
        rouge_l: has_pairs.then(|| rouge / pairs.len() as f64),
        ms: times.get(times.len() / 2).copied().unwrap_or(0.0),
    }
}

fn items_of(facts: &[String]) -> Vec<EvidenceItem> {
    let item = |(place, text): (usize, &String)| EvidenceItem {
        id: place.to_string(),
        source: place.to_string(),
        title: String::new(),
        text: text.clone(),
        score: 1.0,
    };
    facts.iter().enumerate().map(item).collect()
}

fn is_courteous(text: &str) -> bool {
    const COURTESIES: [&str; 9] = [
        "thank",
        "please",
        "sorry",
        "happy to",
        "glad",
        "welcome",
        "let me know",
        "apolog",
        "hope",
    ];
    let lower = text.to_lowercase();
    COURTESIES.iter().any(|courtesy| lower.contains(courtesy))
}

/// True if four words stand twice in a row of sentences.
fn repeats(text: &str) -> bool {
    let mut seen = std::collections::HashSet::new();
    sentences(text).into_iter().any(|sentence| {
        let words = stems(sentence);
        words.windows(4).any(|gram| !seen.insert(gram.to_vec()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_divided_by_name() {
        let names: Vec<String> = (0..400).map(|number| format!("Hotel {number}")).collect();
        let held_back = names.iter().filter(|name| is_held_back(name)).count();
        assert!((150..250).contains(&held_back), "{held_back}");
        // The check value of the CRC-32 that zlib has.
        assert_eq!(crc32fast::hash(b"123456789"), 3_421_780_262);
        assert_eq!(is_held_back("Hobsons House"), is_held_back("HOBSONS HOUSE"));
    }

    #[test]
    fn repeated_words_are_seen() {
        assert!(repeats("Your order is on its way. Your order is on hold."));
        assert!(!repeats("Your order is on its way. It costs $5."));
    }
}
