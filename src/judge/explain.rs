//! What moved a judgement, by occlusion: what the heads say with a turn, or words of the message, left out
//! (Zeiler & Fergus, 2014; Li et al., 2016).

use super::conversation::Judge;
use super::heads::Heads;
use super::judgement::{Cause, Moved};
use super::trajectory::{ReadTurn, Trajectory};
use crate::Result;

/// Smaller effects on the log-odds are not told. The log-odds decide what is strong, for where a
/// probability is near 0 or 1 no single word moves it far.
const LEAST_EFFECT: f32 = 0.15;
/// Pieces of a message that are left out in turn; a longer one is left out several words at a time.
const MOST_PIECES: usize = 24;
/// Causes of one kind that are told.
const MOST_CAUSES: usize = 5;

/// Both probabilities that causes move.
fn said(heads: &Heads, turns: &[ReadTurn<'_>]) -> [(Moved, f32); 2] {
    let features = Trajectory::features_of(turns);
    [
        (Moved::Escalation, heads.escalation.probability(&features)),
        (Moved::Dissatisfied, heads.satisfaction.judge(&features).dissatisfied()),
    ]
}

/// The turns before the last that moved the judgement of the last.
pub(super) fn turns_that_moved(heads: &Heads, turns: &[ReadTurn<'_>]) -> Vec<Cause> {
    let with = said(heads, turns);
    let mut causes = Vec::new();
    for place in 0..turns.len().saturating_sub(1) {
        let mut rest = turns.to_vec();
        let left_out = rest.remove(place);
        let end = left_out.text.chars().count();
        for ((moved, with), (_, without)) in with.into_iter().zip(said(heads, &rest)) {
            let (by, text) = (with - without, left_out.text.to_string());
            let cause = Cause { moved, by, turn: place, start: 0, end, text };
            causes.push((log_odds(with) - log_odds(without), cause));
        }
    }
    strongest(causes)
}

/// The words of the last turn that moved its judgement.
///
/// # Errors
/// As [`Judge::read`].
pub(super) fn words_that_moved(judge: &Judge, turns: &[ReadTurn<'_>]) -> Result<Vec<Cause>> {
    let Some((last, before)) = turns.split_last() else { return Ok(Vec::new()) };
    let pieces = pieces_of(last.text);
    if pieces.len() < 2 {
        return Ok(Vec::new());
    }
    let without: Vec<String> = pieces
        .iter()
        .map(|&(start, end)| format!("{}{}", &last.text[..start], &last.text[end..]))
        .collect();
    let with = said(judge.heads(), turns);
    let mut causes = Vec::new();
    for ((&(start, end), text), reading) in pieces.iter().zip(&without).zip(judge.read(&without)?) {
        let mut changed = before.to_vec();
        changed.push(judge.read_turn(last.role, text, &reading));
        let characters = |end: usize| last.text[..end].chars().count();
        for ((moved, with), (_, without)) in with.into_iter().zip(said(judge.heads(), &changed)) {
            let cause = Cause {
                moved,
                by: with - without,
                turn: before.len(),
                start: characters(start),
                end: characters(end),
                text: last.text[start..end].to_string(),
            };
            causes.push((log_odds(with) - log_odds(without), cause));
        }
    }
    Ok(strongest(causes))
}

/// Causes with their effects on the log-odds: the strongest of each kind.
fn strongest(mut causes: Vec<(f32, Cause)>) -> Vec<Cause> {
    causes.retain(|(effect, _)| effect.abs() >= LEAST_EFFECT);
    causes.sort_by(|left, right| right.0.abs().total_cmp(&left.0.abs()));
    let mut kept: Vec<Cause> = Vec::new();
    for (_, cause) in causes {
        if kept.iter().filter(|one| one.moved == cause.moved).count() < MOST_CAUSES {
            kept.push(cause);
        }
    }
    kept
}

fn log_odds(probability: f32) -> f32 {
    let held = probability.clamp(1e-4, 1.0 - 1e-4);
    (held / (1.0 - held)).ln()
}

/// Byte ranges of the words, several together in a long text.
fn pieces_of(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (place, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (character.is_whitespace(), start) {
            (false, None) => start = Some(place),
            (true, Some(from)) => {
                words.push((from, place));
                start = None;
            }
            _ => {}
        }
    }
    let together = words.len().div_ceil(MOST_PIECES).max(1);
    let bounds = |group: &[(usize, usize)]| Some((group.first()?.0, group.last()?.1));
    words.chunks(together).filter_map(bounds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_words_and_are_bounded() {
        assert_eq!(pieces_of("  où est-il ?"), [(2, 5), (6, 12), (13, 14)]);
        assert_eq!(pieces_of(""), []);
        let long = "a bc ".repeat(500);
        let pieces = pieces_of(&long);
        assert!(pieces.len() <= MOST_PIECES);
        assert!(pieces.windows(2).all(|pair| pair[0].1 < pair[1].0));
        assert_eq!((pieces[0].0, pieces[pieces.len() - 1].1), (0, long.trim_end().len()));
    }
}
