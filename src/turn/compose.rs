//! Fourth stage, when the generator is on: it phrases the evidence, sentence by sentence, and each
//! sentence goes out only after its check. What a draft leaves out is said in the evidence's own words.

use std::sync::Arc;
use std::time::{Duration, Instant};

use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::check::{Fault, exact_fault, support_fault, unsaid};
use super::courtesy::needs_no_evidence;
use super::decide::{Decision, Plan};
use super::extract::Draft;
use super::support::{Known, SupportChecker};
use crate::error::Context;
use crate::model::chat_template::PromptMessage;
use crate::model::generator::requantise::Format;
use crate::model::generator::{GenerateRequest, Generator, Piece};
use crate::model::sampler::SamplingSettings;
use crate::{ErrorKind, Result};

const SYSTEM: &str = include_str!("../../prompts/answer.txt");
const QUESTION: &str = include_str!("../../prompts/question.txt");

/// In place of an adapter's file: the weights as they are.
pub const NO_ADAPTER: &str = "none";
/// In place of an adapter's file: the one that ships with Steward.
pub const SHIPPED_ADAPTER: &str = "shipped";

/// The generator's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratorSettings {
    /// Phrase answers with the generator; otherwise they are the evidence's own sentences.
    pub enabled: bool,
    /// A GGUF file in place of the shipped model; empty for the shipped one.
    pub file: String,
    /// An adapter (safetensors) over the weights; `shipped` for the one over the shipped model, which another model goes without;
    /// `none` for none.
    pub adapter: String,
    /// The format of the weights that an adapter changes, or that would run slowly as they are.
    pub format: Format,
    /// Requests that may wait for it.
    pub queue: usize,
    /// What becomes of a turn for which there is no room, or that could not be phrased in time.
    pub when_busy: WhenBusy,
    /// Mebibytes in which beginnings of prompts are remembered, so that they are not read again.
    pub prefix_mib: usize,
    /// Tokens of an answer at most.
    pub max_new_tokens: usize,
    /// Milliseconds after which the rest of an answer is said in the evidence's own words.
    pub deadline_ms: u64,
    /// How tokens are chosen.
    pub sampling: SamplingSettings,
}

impl Default for GeneratorSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            file: String::new(),
            adapter: SHIPPED_ADAPTER.to_string(),
            format: Format::default(),
            queue: 16,
            when_busy: WhenBusy::default(),
            prefix_mib: 256,
            max_new_tokens: 128,
            deadline_ms: 10_000,
            sampling: SamplingSettings::default(),
        }
    }
}

/// What becomes of turns that an overloaded generator does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenBusy {
    /// They are answered at once, in the evidence's own words.
    #[default]
    Extract,
    /// They are refused, and a conversation's is tried again when there is room.
    Refuse,
}

/// The prompts' text, for provenance.
pub fn prompt_source() -> [&'static str; 2] {
    [SYSTEM, QUESTION]
}

/// What became of a composed reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Composed {
    /// The reply.
    pub text: String,
    /// What the generator wrote, as it wrote it.
    pub written: String,
    /// Sentences of the generator that passed.
    pub kept: usize,
    /// Sentences of the generator that were dropped.
    pub dropped: usize,
    /// Sentences of the evidence that were added because it left them out.
    pub added: usize,
    /// How long they were checked.
    pub checking: Duration,
}

/// True if the plan leaves something to phrase: lists and Steward's own phrases go out as they are.
pub fn is_composable(decision: &Decision) -> bool {
    matches!(decision.plan, Plan::Facts(_) | Plan::Passages(_))
}

/// What the generator is given: the question, and the sentences that it may phrase.
///
/// # Errors
/// [`ErrorKind::Setup`] if `prompts/question.txt` is no template.
pub fn prompt_for(question: &str, draft: &Draft) -> Result<Vec<PromptMessage>> {
    let user = Environment::new()
        .render_str(
            QUESTION,
            context! { facts => draft.supported.clone(), question => question.to_string() },
        )
        .context(ErrorKind::Setup, || "prompts/question.txt is not a template".to_string())?;
    Ok(vec![
        PromptMessage { role: "system", content: SYSTEM.trim().to_string() },
        PromptMessage { role: "user", content: user },
    ])
}

/// What phrases replies: the generator, and what checks its sentences.
#[derive(Clone)]
pub struct Composer {
    /// Writes.
    pub generator: Generator,
    /// How it writes.
    pub settings: GeneratorSettings,
    /// Judges what was written.
    pub support: SupportChecker,
}

impl Composer {
    /// Writes the reply; each checked sentence goes to `deltas` at once.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if the generator's queue is full; [`ErrorKind::Internal`] if it fails.
    pub async fn compose(
        &self,
        question: &str,
        draft: &Draft,
        deltas: Option<&Sender<String>>,
    ) -> Result<Composed> {
        let mut composed = self.phrase(question, draft, deltas).await?;
        let spoken = composed.text.clone();
        for sentence in unsaid(&draft.supported, &spoken) {
            say(&mut composed.text, sentence, deltas).await;
            composed.added += 1;
        }
        if !draft.closing.is_empty() {
            say(&mut composed.text, &draft.closing, deltas).await;
        }
        Ok(composed)
    }

    /// The draft's opening and what the generator makes of its sentences, as far as it passes the check; nothing is added that it
    /// left out.
    ///
    /// # Errors
    /// As [`Composer::compose`].
    pub async fn phrase(
        &self,
        question: &str,
        draft: &Draft,
        deltas: Option<&Sender<String>>,
    ) -> Result<Composed> {
        let quotes = draft.citations.iter().map(|citation| citation.quote.clone());
        let evidence: Vec<String> = draft.supported.iter().cloned().chain(quotes).collect();
        let deadline = Instant::now() + Duration::from_millis(self.settings.deadline_ms);
        let request = GenerateRequest {
            messages: prompt_for(question, draft)?,
            sampling: self.settings.sampling.clone(),
            evidence: Some(evidence.clone()),
            stop: vec!["\n\n".to_string(), "Question:".to_string(), "Facts:".to_string()],
            max_new_tokens: self.settings.max_new_tokens,
        };
        let mut stream = self.generator.generate_by(request, deadline)?;
        let mut check = Check::begin(&self.support, evidence);
        let mut composed = Composed::default();
        if !draft.opening.is_empty() {
            say(&mut composed.text, &draft.opening, deltas).await;
        }
        let mut open = String::new();
        let mut finished = false;
        while let Some(piece) = stream.next().await {
            match piece? {
                Piece::Text(text) => {
                    composed.written.push_str(&text);
                    open.push_str(&text);
                }
                Piece::End(_) => finished = true,
            }
            while let Some(sentence) = take_sentence(&mut open, finished) {
                let checking = Instant::now();
                let fault = check.fault_of(&sentence).await?;
                composed.checking += checking.elapsed();
                match fault {
                    None => {
                        say(&mut composed.text, &sentence, deltas).await;
                        composed.kept += 1;
                    }
                    Some(fault) => {
                        tracing::debug!(?fault, sentence, "a composed sentence was dropped");
                        composed.dropped += 1;
                    }
                }
            }
        }
        Ok(composed)
    }
}

/// The check of one draft, sentence by sentence.
struct Check {
    support: SupportChecker,
    evidence: Arc<Vec<String>>,
    reading: Option<JoinHandle<Result<Known>>>,
    known: Option<Arc<Known>>,
    said: Vec<String>,
}

impl Check {
    /// Begins to read the evidence, while the generator reads its prompt.
    fn begin(support: &SupportChecker, evidence: Vec<String>) -> Self {
        let evidence = Arc::new(evidence);
        let (reader, texts) = (support.clone(), evidence.clone());
        let reading = tokio::task::spawn_blocking(move || reader.read(&texts));
        let support = support.clone();
        Self { support, evidence, reading: Some(reading), known: None, said: Vec::new() }
    }

    async fn fault_of(&mut self, sentence: &str) -> Result<Option<Fault>> {
        let fault = match needs_no_evidence(sentence) {
            true => self.said.iter().any(|said| said == sentence).then_some(Fault::Repetition),
            false => match exact_fault(sentence, &self.evidence, &self.said) {
                Some(fault) => Some(fault),
                None => self.unsupported(sentence).await?,
            },
        };
        if fault.is_none() {
            self.said.push(sentence.to_string());
        }
        Ok(fault)
    }

    async fn unsupported(&mut self, sentence: &str) -> Result<Option<Fault>> {
        if let Some(reading) = self.reading.take() {
            self.known = Some(Arc::new(reading.await.internal("a check stopped unexpectedly")??));
        }
        let Some(known) = self.known.clone() else {
            return Ok(Some(Fault::Support));
        };
        let (support, text) = (self.support.clone(), sentence.to_string());
        let judging = tokio::task::spawn_blocking(move || support.judge(&text, &known));
        let judged = judging.await.internal("a check stopped unexpectedly")??;
        Ok(support_fault(sentence, &self.evidence, &judged))
    }
}

/// Adds a sentence to the reply and sends it.
async fn say(text: &mut String, sentence: &str, deltas: Option<&Sender<String>>) {
    let separator = match text.is_empty() {
        true => "",
        false
            if sentence.contains("\n- ")
                || text.lines().next_back().is_some_and(|line| line.starts_with("- ")) =>
        {
            "\n"
        }
        false => " ",
    };
    let delta = format!("{separator}{sentence}");
    text.push_str(&delta);
    if let Some(deltas) = deltas {
        // The reader may have gone; the reply is stored all the same.
        let _ = deltas.send(delta).await;
    }
}

/// Takes the first whole sentence off `open`; with `finished`, only one that has its end mark.
fn take_sentence(open: &mut String, finished: bool) -> Option<String> {
    let end = open.char_indices().find_map(|(place, character)| {
        let after = open[place + character.len_utf8()..].chars().next();
        let ends = matches!(character, '.' | '!' | '?')
            && (after.is_some_and(char::is_whitespace) || finished && after.is_none());
        (ends || character == '\n').then_some(place + character.len_utf8())
    })?;
    let sentence = open[..end].trim().to_string();
    *open = open[end..].to_string();
    if sentence.is_empty() { take_sentence(open, finished) } else { Some(sentence) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_taken_when_they_are_whole() {
        let mut open = "It is shipped. It costs $47.84".to_string();
        assert_eq!(take_sentence(&mut open, false).as_deref(), Some("It is shipped."));
        assert_eq!(take_sentence(&mut open, false), None);
        assert_eq!(take_sentence(&mut open, true), None);
        let mut open = "\n\nYes.".to_string();
        assert_eq!(take_sentence(&mut open, true).as_deref(), Some("Yes."));
    }
}
