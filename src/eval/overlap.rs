//! How much of a human's words is in a reply: BLEU-4 over a set, ROUGE-L of each reply.
//!
//! BLEU as sacrebleu counts it (Post, 2018): one brevity penalty and one count over the whole set, smoothed by halving
//! where nothing matches. ROUGE-L is the F1 of the longest common subsequence (Lin, 2004), over stems lighter than the
//! Porter stems of the usual implementation. Both fold case here; sacrebleu does not.

use std::collections::HashMap;

use crate::turn::words::stems;

/// Words and marks of a text.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for character in text.to_lowercase().chars() {
        if character.is_alphanumeric() || character == '\'' {
            word.push(character);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if !character.is_whitespace() {
            tokens.push(character.to_string());
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens
}

fn counts(tokens: &[String], length: usize) -> HashMap<&[String], usize> {
    let mut counts = HashMap::new();
    for gram in tokens.windows(length) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

/// BLEU-4 of `pairs` of reply and reference, 0 to 1.
pub fn bleu(pairs: &[(&str, &str)]) -> f64 {
    let (mut matched, mut all) = ([0_usize; 4], [0_usize; 4]);
    let (mut written, mut wanted) = (0, 0);
    for (reply, reference) in pairs {
        let (reply, reference) = (tokens(reply), tokens(reference));
        written += reply.len();
        wanted += reference.len();
        for length in 1..=4 {
            let known = counts(&reference, length);
            for (gram, count) in counts(&reply, length) {
                matched[length - 1] += count.min(known.get(gram).copied().unwrap_or(0));
                all[length - 1] += count;
            }
        }
    }
    if matched[0] == 0 {
        return 0.0;
    }
    let mut halved = 1.0;
    let mut logarithms = 0.0;
    for (matched, all) in matched.into_iter().zip(all) {
        if all == 0 {
            return 0.0;
        }
        let precision = if matched > 0 {
            matched as f64 / all as f64
        } else {
            halved /= 2.0;
            halved / all as f64
        };
        logarithms += precision.ln();
    }
    let brevity = (1.0 - wanted as f64 / written as f64).min(0.0).exp();
    brevity * (logarithms / 4.0).exp()
}

/// ROUGE-L of a reply, 0 to 1.
pub fn rouge_l(reply: &str, reference: &str) -> f64 {
    let (reply, reference) = (stems(reply), stems(reference));
    let common = longest_common(&reply, &reference) as f64;
    if common == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (common / reply.len() as f64, common / reference.len() as f64);
    2.0 * precision * recall / (precision + recall)
}

/// Length of the longest common subsequence.
fn longest_common(left: &[String], right: &[String]) -> usize {
    let mut row = vec![0; right.len() + 1];
    for word in left {
        let mut diagonal = 0;
        for (place, other) in right.iter().enumerate() {
            let above = row[place + 1];
            row[place + 1] = if word == other { diagonal + 1 } else { above.max(row[place]) };
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_have_all_and_others_none() {
        let text = "Yes, they have free parking for all of their guests.";
        assert!((bleu(&[(text, text)]) - 1.0).abs() < 1e-9);
        assert!((rouge_l(text, text) - 1.0).abs() < 1e-9);
        assert_eq!(bleu(&[("blue", text)]), 0.0);
        assert_eq!(rouge_l("blue", text), 0.0);
    }

    /// Worked by hand: of "the cat is on mat ." against "the cat sat on the mat ." the n-grams that match are 5 of 6,
    /// 2 of 5, 0 of 4 and 0 of 3, and it is one token short.
    #[test]
    fn a_pair_worked_by_hand() {
        let found = bleu(&[("The cat is on mat.", "The cat sat on the mat.")]);
        let precision: f64 = (5.0 / 6.0) * (2.0 / 5.0) * (0.5 / 4.0) * (0.25 / 3.0);
        let expected = (1.0_f64 - 7.0 / 6.0).exp() * precision.powf(0.25);
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        // Four of five words against four of six, in order.
        let found = rouge_l("The cat is on mat", "The cat sat on the mat");
        assert!((found - 2.0 * (4.0 / 5.0) * (4.0 / 6.0) / (4.0 / 5.0 + 4.0 / 6.0)).abs() < 1e-9);
    }
}
