//! From logits to the next token: penalty, mask, temperature, top-k, top-p, seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How tokens are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SamplingSettings {
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Only the likeliest this many; 0 for all.
    pub top_k: usize,
    /// Only the likeliest that add up to this probability; 1 for all.
    pub top_p: f32,
    /// Divides the logits of tokens already written; 1 for none.
    pub repetition_penalty: f32,
    /// How many of the last tokens the penalty looks at.
    pub repetition_window: usize,
    /// Seed of the choice.
    pub seed: u64,
}

impl Default for SamplingSettings {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 40,
            top_p: 0.95,
            repetition_penalty: 1.1,
            repetition_window: 64,
            seed: 1,
        }
    }
}

/// Chooses tokens one after the other; the same settings and logits give the same tokens.
pub struct Sampler {
    settings: SamplingSettings,
    random: ChaCha8Rng,
}

impl Sampler {
    /// A sampler at its seed.
    pub fn new(settings: SamplingSettings) -> Self {
        let random = ChaCha8Rng::seed_from_u64(settings.seed);
        Self { settings, random }
    }

    /// The next token after `written`, among those that `is_allowed` accepts; none if it accepts
    /// none. `logits` has one entry for each token of the vocabulary.
    pub fn next(
        &mut self,
        logits: &mut [f32],
        written: &[u32],
        is_allowed: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let recent = &written[written.len().saturating_sub(self.settings.repetition_window)..];
        let mut penalised: Vec<u32> = recent.to_vec();
        penalised.sort_unstable();
        penalised.dedup();
        for token in penalised {
            if let Some(logit) = logits.get_mut(token as usize) {
                let penalty = self.settings.repetition_penalty;
                *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
            }
        }
        let wanted = match (self.settings.temperature <= 0.0, self.settings.top_k) {
            (true, _) => 1,
            (false, 0) => logits.len(),
            (false, top_k) => top_k,
        };
        let candidates = likeliest_allowed(logits, wanted, &is_allowed);
        if self.settings.temperature <= 0.0 {
            return candidates.first().copied();
        }
        let highest = logits[*candidates.first()? as usize];
        let weights: Vec<f32> = candidates
            .iter()
            .map(|&token| ((logits[token as usize] - highest) / self.settings.temperature).exp())
            .collect();
        let total: f32 = weights.iter().sum();
        let mut kept = 0;
        let mut mass = 0.0;
        while kept < weights.len() && (kept == 0 || mass < self.settings.top_p * total) {
            mass += weights[kept];
            kept += 1;
        }
        let mut left = self.random.random::<f32>() * mass;
        for (token, weight) in candidates.iter().zip(&weights).take(kept) {
            left -= weight;
            if left <= 0.0 {
                return Some(*token);
            }
        }
        candidates.get(kept - 1).copied()
    }
}

/// Logits below the highest by more than this are seldom wanted, and putting a whole vocabulary in order takes
/// milliseconds.
const NEAR: f32 = 8.0;
/// Tokens put in order at first, for the same reason.
const PUT_IN_ORDER: usize = 256;

/// The `wanted` likeliest tokens that are allowed, the likeliest first. Equal ones in the order of
/// the vocabulary.
fn likeliest_allowed(logits: &[f32], wanted: usize, is_allowed: &impl Fn(u32) -> bool) -> Vec<u32> {
    let finite = |&token: &u32| logits[token as usize].is_finite();
    let highest = logits.iter().copied().filter(|logit| logit.is_finite()).fold(f32::MIN, f32::max);
    let is_near = |&token: &u32| logits[token as usize] >= highest - NEAR;
    let tokens = || (0..logits.len() as u32).filter(finite);
    let near = tokens().filter(is_near).collect();
    let mut allowed = first_allowed(near, logits, wanted, is_allowed);
    if allowed.len() < wanted {
        let far = tokens().filter(|token| !is_near(token)).collect();
        allowed.extend(first_allowed(far, logits, wanted - allowed.len(), is_allowed));
    }
    allowed
}

/// The same of some tokens, put in order as far as is needed.
fn first_allowed(
    mut order: Vec<u32>,
    logits: &[f32],
    wanted: usize,
    is_allowed: &impl Fn(u32) -> bool,
) -> Vec<u32> {
    let likelier = |left: &u32, right: &u32| {
        logits[*right as usize].total_cmp(&logits[*left as usize]).then(left.cmp(right))
    };
    let mut allowed = Vec::new();
    let mut near = PUT_IN_ORDER.max(wanted.saturating_mul(2)).min(order.len());
    let mut rest = order.as_mut_slice();
    while !rest.is_empty() && allowed.len() < wanted {
        near = near.min(rest.len());
        if near < rest.len() {
            rest.select_nth_unstable_by(near, likelier);
        }
        let (nearest, further) = rest.split_at_mut(near);
        nearest.sort_unstable_by(likelier);
        let missing = wanted - allowed.len();
        allowed.extend(nearest.iter().copied().filter(|&token| is_allowed(token)).take(missing));
        rest = further;
        near *= 8;
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(temperature: f32) -> SamplingSettings {
        SamplingSettings { temperature, repetition_penalty: 1.0, ..Default::default() }
    }

    #[test]
    fn without_temperature_the_likeliest_allowed_token_is_taken() {
        let mut sampler = Sampler::new(settings(0.0));
        assert_eq!(sampler.next(&mut [0.1, 3.0, 2.0], &[], |_| true), Some(1));
        assert_eq!(sampler.next(&mut [0.1, 3.0, 2.0], &[], |token| token != 1), Some(2));
        assert_eq!(sampler.next(&mut [0.1, 3.0], &[], |_| false), None);
    }

    #[test]
    fn the_penalty_holds_back_what_was_written() {
        let mut sampler =
            Sampler::new(SamplingSettings { repetition_penalty: 2.0, ..settings(0.0) });
        assert_eq!(sampler.next(&mut [3.0, 2.0], &[0], |_| true), Some(1));
        assert_eq!(sampler.next(&mut [-1.0, -1.5], &[0], |_| true), Some(1));
    }

    #[test]
    fn the_same_seed_gives_the_same_tokens_and_top_k_bounds_them() {
        let draw = |seed| {
            let mut sampler = Sampler::new(SamplingSettings { top_k: 2, seed, ..settings(1.0) });
            (0..50)
                .map(|_| sampler.next(&mut [1.0, 1.1, 0.9, 0.2], &[], |_| true))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|token| matches!(token, Some(0 | 1))));
    }

    #[test]
    fn a_token_far_down_is_found_when_only_it_is_allowed() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let logits: Vec<f32> = (0..5000).map(|_| 40.0 * random.random::<f32>()).collect();
        let mut order: Vec<u32> = (0..5000).collect();
        order.sort_by(|&left, &right| logits[right as usize].total_cmp(&logits[left as usize]));
        for rank in [0, 255, 256, 257, 2303, 2304, 4999] {
            let only = order[rank];
            for temperature in [0.0, 1.0] {
                let mut sampler = Sampler::new(settings(temperature));
                let found = sampler.next(&mut logits.clone(), &[], |token| token == only);
                assert_eq!(found, Some(only), "rank {rank}");
            }
        }
        assert_eq!(likeliest_allowed(&logits, 600, &|_| true), order[..600]);
    }

    #[test]
    fn sampling_follows_the_probabilities_of_softmax() {
        let mut sampler = Sampler::new(SamplingSettings { top_p: 1.0, top_k: 0, ..settings(2.0) });
        let draws = 20_000;
        let firsts = (0..draws)
            .filter(|_| sampler.next(&mut [2.0, 0.0], &[], |_| true) == Some(0))
            .count() as f64;
        // exp(2/2) / (exp(2/2) + exp(0)) = 0.7311, four standard deviations around it.
        assert!((firsts / f64::from(draws) - 0.7311).abs() < 0.0126);
    }

    #[test]
    fn the_penalty_looks_back_over_its_window_only() {
        let window_of_one =
            SamplingSettings { repetition_penalty: 2.0, repetition_window: 1, ..settings(0.0) };
        let mut sampler = Sampler::new(window_of_one);
        assert_eq!(sampler.next(&mut [3.0, 2.0], &[0, 1], |_| true), Some(0));
        assert_eq!(sampler.next(&mut [3.0, 2.0], &[1, 0], |_| true), Some(1));
    }

    #[test]
    fn top_p_keeps_the_likeliest_that_reach_it() {
        let mut sampler = Sampler::new(SamplingSettings { top_p: 0.5, top_k: 0, ..settings(1.0) });
        for _ in 0..50 {
            assert_eq!(sampler.next(&mut [5.0, 1.0, 1.0], &[], |_| true), Some(0));
        }
    }
}
