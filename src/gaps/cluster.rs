//! Gathers vectors that are near each other: agglomerative clustering with average linkage (UPGMA).
//!
//! The nearest two groups become one, as long as the mean cosine between their members is [`SAME_FROM`] or more. Average linkage neither
//! chains unlike questions together, as single linkage does, nor tears a group apart for one odd wording, as complete linkage does.
//! Memory and time grow with the square of the number: 1,000 vectors take 4 MB.

/// From this mean cosine on two groups ask the same. Measured on Banking77 (docs/outcomes.md).
pub const SAME_FROM: f32 = 0.55;

/// Groups of `vectors` (of length one), as places in it; the largest first, and within a group in order.
pub fn groups(vectors: &[Vec<f32>], same_from: f32) -> Vec<Vec<usize>> {
    let count = vectors.len();
    let mut members: Vec<Vec<usize>> = (0..count).map(|place| vec![place]).collect();
    // Mean cosines between groups; only those of groups that are there are looked at.
    let mut near: Vec<Vec<f32>> =
        vectors.iter().map(|one| vectors.iter().map(|other| dot(one, other)).collect()).collect();
    let mut nearest: Vec<Option<(usize, f32)>> =
        (0..count).map(|one| nearest_of(one, &near, &members)).collect();
    loop {
        let best = nearest
            .iter()
            .enumerate()
            .filter(|(one, _)| !members[*one].is_empty())
            .filter_map(|(one, found)| found.map(|(other, cosine)| (one, other, cosine)))
            .max_by(|left, right| left.2.total_cmp(&right.2));
        let Some((one, other, cosine)) = best else { break };
        if cosine < same_from {
            break;
        }
        let (kept, gone) = (one.min(other), one.max(other));
        let (weight_kept, weight_gone) = (members[kept].len() as f32, members[gone].len() as f32);
        // Lance and Williams: the mean over both groups.
        let mean = |(kept, gone): (&f32, &f32)| {
            (kept * weight_kept + gone * weight_gone) / (weight_kept + weight_gone)
        };
        let means: Vec<f32> = near[kept].iter().zip(&near[gone]).map(mean).collect();
        for (row, mean) in near.iter_mut().zip(&means) {
            row[kept] = *mean;
        }
        near[kept] = means;
        let moved = std::mem::take(&mut members[gone]);
        members[kept].extend(moved);
        for third in 0..count {
            let is_affected = third == kept
                || nearest[third].is_some_and(|(other, _)| other == kept || other == gone);
            if members[third].is_empty() {
                nearest[third] = None;
            } else if is_affected {
                nearest[third] = nearest_of(third, &near, &members);
            } else if nearest[third].is_none_or(|(_, cosine)| near[third][kept] > cosine) {
                nearest[third] = Some((kept, near[third][kept]));
            }
        }
    }
    members.retain(|group| !group.is_empty());
    for group in &mut members {
        group.sort_unstable();
    }
    members.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    members
}

/// The member of `group` that is nearest to all others of it.
pub fn central(vectors: &[Vec<f32>], group: &[usize]) -> Option<usize> {
    let nearness =
        |one: usize| group.iter().map(|other| dot(&vectors[one], &vectors[*other])).sum::<f32>();
    group
        .iter()
        .copied()
        .max_by(|one, other| nearness(*one).total_cmp(&nearness(*other)).then(other.cmp(one)))
}

fn nearest_of(one: usize, near: &[Vec<f32>], members: &[Vec<usize>]) -> Option<(usize, f32)> {
    (0..members.len())
        .filter(|other| *other != one && !members[*other].is_empty())
        .map(|other| (other, near[one][other]))
        .max_by(|left, right| left.1.total_cmp(&right.1))
}

/// The cosine of two vectors of length one.
pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(degrees: f32) -> Vec<f32> {
        let angle = degrees.to_radians();
        vec![angle.cos(), angle.sin()]
    }

    #[test]
    fn what_is_near_is_gathered_and_chains_are_not() {
        let vectors = [at(0.0), at(90.0), at(10.0), at(95.0), at(5.0), at(180.0)];
        assert_eq!(groups(&vectors, 0.9), [vec![0, 2, 4], vec![1, 3], vec![5]]);
        assert_eq!(central(&vectors, &[0, 2, 4]), Some(4));
        // Each is near to the next, the ends are not near to each other.
        let chain: Vec<Vec<f32>> = (0..10).map(|step| at(step as f32 * 20.0)).collect();
        assert!(groups(&chain, 0.9).len() > 3);
        assert_eq!(groups(&[], 0.5), Vec::<Vec<usize>>::new());
    }

    proptest! {
        #[test]
        fn each_is_in_one_group_and_no_two_groups_are_near(degrees in proptest::collection::vec(0.0f32..360.0, 1..25)) {
            let vectors: Vec<Vec<f32>> = degrees.iter().map(|degrees| at(*degrees)).collect();
            let found = groups(&vectors, 0.6);
            let mut all: Vec<usize> = found.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..vectors.len()).collect::<Vec<_>>());
            for (place, one) in found.iter().enumerate() {
                for other in &found[place + 1..] {
                    let sum: f32 = one.iter().flat_map(|left| other.iter().map(|right| dot(&vectors[*left], &vectors[*right]))).sum();
                    prop_assert!(sum / ((one.len() * other.len()) as f32) < 0.6 + 1e-4);
                }
            }
        }
    }
}
