//! A suggestion said otherwise, by rules: nothing new is stated.
//!
//! Shorter: the supported sentence nearest to the question. Warmer: words that fit the customer's mood around it, from
//! `prompts/phrases.toml`.

use crate::Result;
use crate::dialogue::{Role, Utterance};
use crate::judge::judgement::Judgement;
use crate::model::encoder::Encoder;
use crate::turn::grounding::SentenceMark;
use crate::turn::lexicon::dot;
use crate::turn::phrases::Phrases;

/// The customer is happy from this sentiment on, -1 to 1.
const HAPPY_FROM: f32 = 0.3;

/// The sentence that says most of what was asked, of the supported ones if any is; none if the text has but one. A list
/// keeps the two lines that do.
///
/// # Errors
/// If the encoder fails.
pub fn shorter(
    marks: &[SentenceMark],
    question: &[f32],
    encoder: &Encoder,
) -> Result<Option<String>> {
    let stated: Vec<&SentenceMark> = marks.iter().filter(|mark| mark.claims).collect();
    let supported: Vec<&SentenceMark> =
        stated.iter().copied().filter(|mark| mark.supported).collect();
    let of = if supported.is_empty() { stated } else { supported };
    let is_list = of.iter().all(|mark| mark.text.starts_with("- "));
    let keep = if is_list { 2 } else { 1 };
    if of.is_empty() || marks.len() <= keep {
        return Ok(None);
    }
    let texts: Vec<String> = of.iter().map(|mark| mark.text.clone()).collect();
    let embeddings = encoder.embed(&texts)?;
    let mut nearest: Vec<usize> = (0..of.len()).collect();
    nearest.sort_by(|&left, &right| {
        dot(&embeddings[right], question).total_cmp(&dot(&embeddings[left], question))
    });
    nearest.truncate(keep);
    nearest.sort_unstable();
    let kept: Vec<&str> = nearest.into_iter().map(|place| of[place].text.as_str()).collect();
    Ok(Some(kept.join("\n")))
}

/// The customer's mood, as the words around an answer go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Dissatisfied.
    Upset,
    /// Neither.
    Calm,
    /// Pleased.
    Happy,
}

impl Mood {
    /// As the newest message was judged; dissatisfied from the probability `upset_from` on.
    pub fn of(judgement: &Judgement, upset_from: f32) -> Self {
        if judgement.satisfaction.dissatisfied >= upset_from {
            Self::Upset
        } else if judgement.sentiment.score >= HAPPY_FROM {
            Self::Happy
        } else {
            Self::Calm
        }
    }

    fn opening(self) -> &'static str {
        match self {
            Self::Upset => "warm_sorry",
            Self::Calm => "warm_thanks",
            Self::Happy => "warm_glad",
        }
    }
}

/// The text with an opening for the customer's mood and a kind closing; wordings that were used are not used again.
pub fn warmer(text: &str, mood: Mood, phrases: &Phrases, history: &[Utterance]) -> String {
    let mut said = history.to_vec();
    said.push(Utterance { role: Role::Agent, text: text.to_string() });
    let (opening, closing) =
        (phrases.pick(mood.opening(), &said), phrases.pick("warm_close", &said));
    let opens = !text.contains(&opening);
    let closes = !text.contains(&closing);
    let separator = if text.lines().next_back().is_some_and(|line| line.starts_with("- ")) {
        "\n"
    } else {
        " "
    };
    let mut warm = String::new();
    if opens {
        warm.push_str(&opening);
        warm.push(if text.starts_with("- ") { '\n' } else { ' ' });
    }
    warm.push_str(text.trim());
    if closes {
        warm.push_str(separator);
        warm.push_str(&closing);
    }
    warm
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::literal::ungrounded_literals;

    #[test]
    fn kind_words_fit_the_mood_and_state_nothing() {
        let phrases = Phrases::shipped().unwrap();
        let text = "Order FH-1 is shipped.";
        let warm = |mood| warmer(text, mood, &phrases, &[]);
        let (upset, glad, calm) = (warm(Mood::Upset), warm(Mood::Happy), warm(Mood::Calm));
        assert!(upset.to_lowercase().contains("sorry"), "{upset}");
        assert_ne!(glad, calm);
        for warm in [upset, glad, calm] {
            assert!(
                warm.contains(text) && ungrounded_literals(&warm, &[text]).is_empty(),
                "{warm}"
            );
            for sentence in crate::retrieve::split::sentences(&warm) {
                assert!(sentence == text || phrases.says(sentence), "{sentence}");
            }
        }
        let once = warm(Mood::Calm);
        let twice = warmer(&once, Mood::Calm, &phrases, &[]);
        assert!(twice.len() > once.len() && twice.contains(text));
    }
}
