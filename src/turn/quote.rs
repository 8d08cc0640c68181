//! Which sentences of the knowledge found are quoted: of one passage, those nearest to the question.

use super::gather::{Evidence, FoundPassage, Sentence};

/// What an article's first sentence is worth in nearness.
const LEAD_BONUS: f32 = 0.15;

/// A reply from an article has at least this many words, if the passage has them.
const FEWEST_WORDS: usize = 14;

/// An article's first sentence is quoted along if it is at most this much less near.
const LEAD_REACH: f32 = 0.25;

/// Sentences this much less near than the nearest are quoted with it.
const NEARLY_AS_NEAR: f32 = 0.13;

/// The sentences that answer, in reading order: of the best passage, those nearly as near to the
/// question as the nearest. None if no passage is nearer than `from` (cosine); `most` in all.
pub(super) fn quoted_sentences(evidence: &Evidence, from: f32, most: usize) -> Vec<usize> {
    quoted_beside(evidence, from, most, &[])
}

/// As [`quoted_sentences`], but none of these documents.
pub(super) fn quoted_beside(
    evidence: &Evidence,
    from: f32,
    most: usize,
    beside: &[String],
) -> Vec<usize> {
    let passages = &evidence.passages;
    let is_allowed = |found: &&FoundPassage| !beside.contains(&found.passage.document_id);
    let allowed = || passages.iter().filter(is_allowed);
    let nearest = allowed().map(|found| found.cosine).fold(0.0, f32::max);
    if nearest < from {
        return Vec::new();
    }
    let best_score = allowed().next().map_or(0.0, |found| found.score);
    let is_lead = |sentence: &Sentence| {
        sentence.place == 0 && passages[sentence.passage].passage.ordinal == 0
    };
    let weight = |sentence: &Sentence| {
        let behind = best_score - passages[sentence.passage].score;
        // An article's first sentence says what the whole is about.
        sentence.nearness - 0.5 * behind + if is_lead(sentence) { LEAD_BONUS } else { 0.0 }
    };
    let is_quotable = |text: &str| text.split_whitespace().count() >= 5;
    let mut ranked: Vec<usize> = (0..evidence.sentences.len())
        .filter(|&index| {
            let sentence = &evidence.sentences[index];
            is_quotable(&sentence.text) && is_allowed(&&passages[sentence.passage])
        })
        .collect();
    ranked.sort_by(|&left, &right| {
        weight(&evidence.sentences[right]).total_cmp(&weight(&evidence.sentences[left]))
    });
    let Some(&best) = ranked.first() else { return Vec::new() };
    let best_weight = weight(&evidence.sentences[best]);
    let best_sentence = &evidence.sentences[best];
    let document = |sentence: &Sentence| &passages[sentence.passage].passage.document_id;
    // The article's first sentence, if it is at all near, and what is nearest after it.
    let lead = ranked.iter().copied().find(|&index| {
        let sentence = &evidence.sentences[index];
        is_lead(sentence)
            && document(sentence) == document(best_sentence)
            && sentence.nearness >= best_sentence.nearness - LEAD_REACH
    });
    let mut chosen: Vec<usize> = ranked
        .into_iter()
        .filter(|&index| {
            let sentence = &evidence.sentences[index];
            // Sentences from here and there do not make a reply: those of one passage do.
            sentence.passage == best_sentence.passage
                && weight(sentence) >= best_weight - NEARLY_AS_NEAR
        })
        .take(most)
        .collect();
    if let Some(lead) = lead.filter(|lead| !chosen.contains(lead)) {
        chosen.truncate(most.saturating_sub(1).max(1));
        chosen.push(lead);
    }
    complete(&mut chosen, best, &evidence.sentences, most);
    chosen.sort_by_key(|&index| {
        (
            passages[evidence.sentences[index].passage].passage.ordinal,
            evidence.sentences[index].place,
        )
    });
    chosen
}

/// A few words are no answer: the sentences after the nearest are quoted along.
fn complete(chosen: &mut Vec<usize>, best: usize, sentences: &[Sentence], most: usize) {
    let words = |chosen: &Vec<usize>| -> usize {
        chosen.iter().map(|&index| sentences[index].text.split_whitespace().count()).sum()
    };
    let mut next = best + 1;
    while words(chosen) < FEWEST_WORDS && chosen.len() < most {
        let follows =
            sentences.get(next).is_some_and(|sentence| sentence.passage == sentences[best].passage);
        if !follows {
            break;
        }
        if !chosen.contains(&next) {
            chosen.push(next);
        }
        next += 1;
    }
}
