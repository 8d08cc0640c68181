//! Makes probabilities mean what they say, on data that the head was not trained on: one number for the
//! logits of several classes (temperature; Guo et al., 2017), two for those of one event (Platt, 1999).

use super::escalation::RiskCalibration;
use super::softmax::into_probabilities;

/// Narrowing steps of the search for the temperature.
const NARROWINGS: usize = 60;
/// Newton steps; a handful are enough.
const NEWTON_STEPS: usize = 50;

/// The temperature that makes held-out logits likeliest: `(logits, class)`. One without cases.
pub fn temperature(cases: &[(Vec<f32>, usize)]) -> f32 {
    if cases.is_empty() {
        return 1.0;
    }
    let loss = |log_temperature: f64| -> f64 {
        let temperature = log_temperature.exp() as f32;
        let of = |(logits, class): &(Vec<f32>, usize)| {
            let mut shares: Vec<f32> = logits.iter().map(|logit| logit / temperature).collect();
            into_probabilities(&mut shares);
            -f64::from(shares[*class].max(1e-12).ln())
        };
        cases.iter().map(of).sum()
    };
    // The loss has one valley over the logarithm: golden-section search.
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.05f64.ln(), 20f64.ln());
    for _ in 0..NARROWINGS {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    ((low + high) / 2.0).exp() as f32
}

/// The line through held-out log-odds that makes the events likeliest: `(log-odds, it happened, weight)`. With
/// Platt's targets, so that few cases do not make it sure of itself.
pub fn platt(cases: &[(f64, bool, f64)]) -> RiskCalibration {
    let of = |wanted: bool| -> f64 {
        cases.iter().filter(|case| case.1 == wanted).map(|(.., weight)| weight).sum()
    };
    let (happened, others) = (of(true), of(false));
    if happened == 0.0 || others == 0.0 {
        return RiskCalibration::default();
    }
    let targets = [1.0 / (others + 2.0), (happened + 1.0) / (happened + 2.0)];
    let (mut slope, mut intercept) = (1.0f64, 0.0f64);
    for _ in 0..NEWTON_STEPS {
        // The gradient and the Hessian, with a little added to its diagonal so that it can be inverted.
        let (mut by_slope, mut by_intercept) = (0.0, 0.0);
        let (mut slope_slope, mut slope_intercept, mut intercept_intercept) = (1e-9, 0.0, 1e-9);
        for &(odds, happened, weight) in cases {
            let said = 1.0 / (1.0 + (-(slope * odds + intercept)).exp());
            let error = weight * (said - targets[usize::from(happened)]);
            let spread = weight * said * (1.0 - said);
            by_slope += error * odds;
            by_intercept += error;
            slope_slope += spread * odds * odds;
            slope_intercept += spread * odds;
            intercept_intercept += spread;
        }
        let determinant = slope_slope * intercept_intercept - slope_intercept * slope_intercept;
        if determinant.abs() < 1e-18 {
            break;
        }
        let slope_step =
            (by_slope * intercept_intercept - by_intercept * slope_intercept) / determinant;
        let intercept_step =
            (by_intercept * slope_slope - by_slope * slope_intercept) / determinant;
        slope -= slope_step.clamp(-2.0, 2.0);
        intercept -= intercept_step.clamp(-2.0, 2.0);
        if slope_step.abs() + intercept_step.abs() < 1e-10 {
            break;
        }
    }
    RiskCalibration { slope: slope as f32, intercept: intercept as f32 }
}

/// The threshold with the least expected cost on held-out cases, `(probability, it happened)`: what is
/// missed costs `miss`, a false alarm one. In the middle between the two neighbouring probabilities.
pub fn threshold_for_cost(cases: &[(f64, bool)], miss: f64) -> f64 {
    let mut ranked: Vec<(f64, bool)> = cases.to_vec();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0));
    let all = ranked.iter().filter(|(_, happened)| *happened).count() as f64;
    // Above the highest probability nothing is an alarm.
    let (mut least, mut threshold) = (all * miss, 1.0);
    let (mut caught, mut alarms) = (0.0, 0.0);
    for (place, (probability, happened)) in ranked.iter().enumerate() {
        if *happened {
            caught += 1.0;
        } else {
            alarms += 1.0;
        }
        let next = ranked.get(place + 1).map_or(0.0, |next| next.0);
        let cost = (all - caught) * miss + alarms;
        if next < *probability && cost < least {
            (least, threshold) = (cost, (probability + next) / 2.0);
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_that_boast_are_cooled() {
        // Sure by e^4 to one, right three times of four: ln 3 is the honest logit.
        let cases: Vec<_> =
            (0..400).map(|case| (vec![4.0, 0.0], usize::from(case % 4 == 0))).collect();
        assert!((4.0 / temperature(&cases) - 3f32.ln()).abs() < 1e-3);
        let honest: Vec<_> =
            (0..400).map(|case| (vec![3f32.ln(), 0.0], usize::from(case % 4 == 0))).collect();
        assert!((temperature(&honest) - 1.0).abs() < 1e-3);
        assert_eq!(temperature(&[]), 1.0);
    }

    #[test]
    fn log_odds_become_those_that_were_seen() {
        // Said: evens and e^2 to one. Seen: one in four, and three in four.
        let cases: Vec<(f64, bool, f64)> = (0..4000)
            .map(|case| match case % 2 {
                0 => (0.0, case % 8 == 0, 1.0),
                _ => (2.0, case % 8 != 1, 1.0),
            })
            .collect();
        let line = platt(&cases);
        let seen = |odds: f32| 1.0 / (1.0 + (-(line.slope * odds + line.intercept)).exp());
        assert!((seen(0.0) - 0.25).abs() < 2e-3, "{line:?}");
        assert!((seen(2.0) - 0.75).abs() < 2e-3, "{line:?}");
        assert_eq!(platt(&[(1.0, true, 1.0)]), RiskCalibration::default());
    }

    #[test]
    fn a_threshold_weighs_misses_against_false_alarms() {
        let cases = [(0.9, true), (0.7, false), (0.6, true), (0.2, false), (0.1, false)];
        assert!((threshold_for_cost(&cases, 0.5) - 0.8).abs() < 1e-12);
        assert!((threshold_for_cost(&cases, 5.0) - 0.4).abs() < 1e-12);
        assert_eq!(threshold_for_cost(&[(0.9, false)], 5.0), 1.0);
    }
}
