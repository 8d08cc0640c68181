//! How well the generator phrases evidence: what of its text survives the checks, what it leaves out, and how near it comes to what
//! people wrote.
//!
//! Several writers phrase the same cases (`reply_cases.rs`): the evidence's own sentences, a template around them, and generators.

use std::time::Instant;

use serde::Serialize;

use super::overlap::{bleu, rouge_l};
use super::reply_cases::ReplyCase;
use crate::Result;
use crate::judge::support::Support;
use crate::model::literal::ungrounded_literals;
use crate::retrieve::split::sentences;
use crate::turn::check::unsaid;
use crate::turn::compose::Composer;
use crate::turn::grounding::{claims, groundedness, items_of};
use crate::turn::phrases::Phrases;
use crate::turn::support::SupportChecker;
use crate::turn::words::stems;

/// Who phrases it.
#[derive(Clone, Copy)]
pub enum Writer<'a> {
    /// The evidence's own sentences.
    Extractive,
    /// The same between two courtesies.
    Template,
    /// A generator, checked; what it leaves out is added.
    Generator(&'a Composer),
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
    /// What the support head makes of the sentences that state something; empty before [`judge`].
    pub judged: Vec<JudgedSentence>,
    /// Milliseconds to write it.
    pub ms: f64,
}

/// A sentence of a draft or a reply.
#[derive(Debug, Clone, Serialize)]
pub struct JudgedSentence {
    /// As written.
    pub text: String,
    /// True if the customer reads it.
    pub in_reply: bool,
    /// What the support head makes of it beside the evidence.
    pub support: Support,
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
    /// Share of the replies' sentences that state something which the support head finds contradicted or absent.
    pub unsupported: f64,
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
        Writer::Generator(composer) => {
            let (question, draft) = (&case.question, &case.draft);
            let composed = match case.human {
                None => composer.compose(question, draft, None).await?,
                // People leave out what they find of no use.
                Some(_) => composer.phrase(question, draft, None).await?,
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
        judged: Vec::new(),
        ms: started.elapsed().as_secs_f64() * 1e3,
    })
}

/// Judges the sentences of a draft and of what became of it. Blocking.
///
/// # Errors
/// If the encoder fails.
pub fn judge(written: &mut Written, checker: &SupportChecker, phrases: &Phrases) -> Result<()> {
    let known = checker.read(&written.facts)?;
    let in_reply = sentences(&written.reply).into_iter().map(|sentence| (sentence, true));
    let dropped = sentences(&written.draft)
        .into_iter()
        .filter(|sentence| !written.reply.contains(sentence))
        .map(|sentence| (sentence, false));
    let mut judged = Vec::new();
    for (sentence, in_reply) in in_reply.chain(dropped) {
        if claims(sentence, phrases, &[]) {
            let support = checker.judge(sentence, &known)?;
            judged.push(JudgedSentence { text: sentence.to_string(), in_reply, support });
        }
    }
    written.judged = judged;
    Ok(())
}

/// The figures of a writer's judged replies to one set.
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
    let read = || {
        let judged = written.iter().flat_map(|one| &one.judged);
        judged.filter(|sentence| sentence.in_reply)
    };
    let unsupported = read().filter(|sentence| !sentence.support.is_likeliest()).count();
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
        unsupported: unsupported as f64 / read().count().max(1) as f64,
        words: written.iter().map(|one| stems(&one.reply).len()).sum::<usize>() as f64 / replies,
        courteous: share(&|one| is_courteous(&one.reply)),
        repeating: share(&|one| repeats(&one.draft)),
        bleu: has_pairs.then(|| bleu(&pairs)),
        rouge_l: has_pairs.then(|| rouge / pairs.len() as f64),
        ms: times.get(times.len() / 2).copied().unwrap_or(0.0),
    }
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
    fn repeated_words_are_seen() {
        assert!(repeats("Your order is on its way. Your order is on hold."));
        assert!(!repeats("Your order is on its way. It costs $5."));
    }
}
