//! Figures of a probability: does it rank rightly, and does it mean what it says?

/// Area under the ROC curve of `(probability, is positive)`: how often a positive case ranks above a
/// negative one, ties counting one half. One half if a side is missing.
pub fn roc_auc(cases: &[(f64, bool)]) -> f64 {
    let mut ranked: Vec<&(f64, bool)> = cases.iter().collect();
    ranked.sort_by(|left, right| left.0.total_cmp(&right.0));
    let positives = cases.iter().filter(|(_, positive)| *positive).count() as f64;
    let negatives = cases.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return 0.5;
    }
    let (mut below, mut wins) = (0.0, 0.0);
    for ties in ranked.chunk_by(|left, right| left.0 == right.0) {
        let positive = ties.iter().filter(|(_, positive)| *positive).count() as f64;
        let negative = ties.len() as f64 - positive;
        wins += positive * (below + negative / 2.0);
        below += negative;
    }
    wins / (positives * negatives)
}

/// Average precision (the area under the precision-recall curve, by steps) of `(probability, is
/// positive)`; cases of one probability are taken together. Zero without positives.
pub fn average_precision(cases: &[(f64, bool)]) -> f64 {
    let mut ranked: Vec<&(f64, bool)> = cases.iter().collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0));
    let positives = cases.iter().filter(|(_, positive)| *positive).count().max(1) as f64;
    let (mut found, mut seen, mut area) = (0.0, 0.0, 0.0);
    for ties in ranked.chunk_by(|left, right| left.0 == right.0) {
        let positive = ties.iter().filter(|(_, positive)| *positive).count() as f64;
        found += positive;
        seen += ties.len() as f64;
        area += positive / positives * (found / seen);
    }
    area
}

/// Expected calibration error: in bins of equal width, how far the mean probability is from the share of
/// positive cases, weighted by the bins' sizes.
pub fn expected_calibration_error(cases: &[(f64, bool)], bins: usize) -> f64 {
    let mut sums = vec![(0usize, 0.0, 0.0); bins.max(1)];
    for (probability, positive) in cases {
        let bin = ((probability * bins as f64) as usize).min(bins.max(1) - 1);
        let (count, said, seen) = &mut sums[bin];
        *count += 1;
        *said += probability;
        *seen += f64::from(u8::from(*positive));
    }
    let errors = sums.iter().map(|(_, said, seen)| (said - seen).abs());
    errors.sum::<f64>() / cases.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranking_is_judged_with_ties() {
        let cases = [(0.1, false), (0.4, true), (0.4, false), (0.9, true)];
        assert_eq!(roc_auc(&cases), 3.5 / 4.0);
        assert_eq!(roc_auc(&[(0.3, true)]), 0.5);
    }

    #[test]
    fn precision_is_averaged_over_the_positives() {
        let cases = [(0.9, true), (0.8, false), (0.7, true), (0.1, false)];
        assert!((average_precision(&cases) - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(average_precision(&[(0.5, true), (0.5, false)]), 0.5);
        assert_eq!(average_precision(&[(0.5, false)]), 0.0);
    }

    #[test]
    fn a_probability_that_means_what_it_says_has_no_error() {
        let honest: Vec<(f64, bool)> = (0..100).map(|case| (0.25, case % 4 == 0)).collect();
        assert!(expected_calibration_error(&honest, 10) < 1e-9);
        let boastful: Vec<(f64, bool)> = (0..100).map(|case| (0.75, case % 4 == 0)).collect();
        assert!((expected_calibration_error(&boastful, 10) - 0.5).abs() < 1e-9);
    }
}
