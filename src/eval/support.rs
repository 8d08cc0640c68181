//! How rightly the support head judges sentences that were labelled by hand, beside the overlap of words and the whole check.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::calibration::expected_calibration_error;
use super::json_lines::read_lines;
use crate::Result;
use crate::judge::support::Support;
use crate::turn::check::{exact_fault, has_words, support_fault};
use crate::turn::grounding::is_said;
use crate::turn::support::SupportChecker;

/// What is right of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// The evidence says it.
    Supported,
    /// The evidence says otherwise.
    Contradicted,
    /// The evidence says nothing of it.
    Absent,
}

/// All labels, in the order of the rows and columns of [`SupportFigures::confusion`].
pub const LABELS: [Label; 3] = [Label::Supported, Label::Contradicted, Label::Absent];

/// A labelled sentence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledSentence {
    /// What was written.
    pub sentence: String,
    /// What it should rest on.
    pub evidence: Vec<String>,
    /// What is right.
    pub label: Label,
}

/// A sentence with what was found of it.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The sentence.
    #[serde(flatten)]
    pub labelled: LabelledSentence,
    /// What the head says.
    pub support: Support,
    /// True if most of its words stand in the evidence.
    pub by_words: bool,
    /// True if the evidence says it in its own words.
    pub is_said: bool,
    /// True if a composed reply may have it.
    pub passes: bool,
}

/// How right they are.
#[derive(Debug, Clone, Serialize)]
pub struct SupportFigures {
    /// Sentences.
    pub sentences: usize,
    /// Rows are what is right, columns what the head finds likeliest.
    pub confusion: [[usize; 3]; 3],
    /// The mean over the labels of the share that the head finds, of those that occur.
    pub balanced_accuracy: f64,
    /// Supported or not: the head.
    pub head: Separation,
    /// The same by the words alone.
    pub words: Separation,
    /// The same by the evidence's own words, what is said of what among them.
    pub own_words: Separation,
    /// The same by all that a composed sentence must pass.
    pub check: Separation,
    /// Mean difference between how sure the head is and how often it is right, in ten steps.
    pub calibration_error: f64,
}

/// How well supported sentences are told from others.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Separation {
    /// Share of the supported sentences that pass.
    pub supported_passed: f64,
    /// Share of the others that do not.
    pub others_stopped: f64,
    /// The mean of both.
    pub balanced_accuracy: f64,
    /// Of those that pass, the share that is supported.
    pub precision: f64,
}

/// Reads labelled sentences, one JSON object a line.
///
/// # Errors
/// [`crate::ErrorKind::Input`] with file and line.
pub fn labelled(file: &Path) -> Result<Vec<LabelledSentence>> {
    read_lines(file)
}

/// Judges every sentence. Blocking.
///
/// # Errors
/// If the encoder fails.
pub fn judged(sentences: Vec<LabelledSentence>, checker: &SupportChecker) -> Result<Vec<Judged>> {
    let judge = |labelled: LabelledSentence| {
        let LabelledSentence { sentence, evidence, .. } = &labelled;
        let support = checker.judge(sentence, &checker.read(evidence)?)?;
        let by_words = has_words(sentence, evidence);
        let passes = exact_fault(sentence, evidence, &[]).is_none()
            && support_fault(sentence, evidence, &support).is_none();
        let is_said = is_said(sentence, evidence);
        Ok(Judged { support, by_words, is_said, passes, labelled })
    };
    sentences.into_iter().map(judge).collect()
}

/// The figures over all sentences.
pub fn figures(judged: &[Judged]) -> SupportFigures {
    let mut confusion = [[0; 3]; 3];
    for one in judged {
        confusion[one.labelled.label as usize][likeliest(&one.support) as usize] += 1;
    }
    let rows = confusion.iter().enumerate().filter(|(_, row)| row.iter().sum::<usize>() > 0);
    let recalls: Vec<f64> =
        rows.map(|(place, row)| row[place] as f64 / row.iter().sum::<usize>() as f64).collect();
    SupportFigures {
        sentences: judged.len(),
        confusion,
        balanced_accuracy: recalls.iter().sum::<f64>() / recalls.len().max(1) as f64,
        head: separation(judged, |one| one.support.is_likeliest()),
        words: separation(judged, |one| one.by_words),
        own_words: separation(judged, |one| one.is_said),
        check: separation(judged, |one| one.passes),
        calibration_error: calibration_error(judged),
    }
}

fn likeliest(support: &Support) -> Label {
    match support.is_likeliest() {
        true => Label::Supported,
        false if support.contradicted >= support.absent => Label::Contradicted,
        false => Label::Absent,
    }
}

fn separation(judged: &[Judged], passes: impl Fn(&Judged) -> bool) -> Separation {
    let count = |supported: bool, passing: bool| {
        let is = |one: &&Judged| {
            (one.labelled.label == Label::Supported) == supported && passes(one) == passing
        };
        judged.iter().filter(is).count() as f64
    };
    let [right, missed, wrong, stopped] =
        [count(true, true), count(true, false), count(false, true), count(false, false)];
    let share = |part: f64, other: f64| part / (part + other).max(1.0);
    let (supported_passed, others_stopped) = (share(right, missed), share(stopped, wrong));
    Separation {
        supported_passed,
        others_stopped,
        balanced_accuracy: (supported_passed + others_stopped) / 2.0,
        precision: share(right, wrong),
    }
}

/// Of the likeliest class (Guo et al., 2017).
fn calibration_error(judged: &[Judged]) -> f64 {
    let case = |Judged { support, labelled, .. }: &Judged| {
        let sure = support.supported.max(support.contradicted).max(support.absent);
        (f64::from(sure), likeliest(support) == labelled.label)
    };
    expected_calibration_error(&judged.iter().map(case).collect::<Vec<_>>(), 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(label: Label, shares: [f32; 3], passes: bool) -> Judged {
        let [supported, contradicted, absent] = shares;
        Judged {
            labelled: LabelledSentence { sentence: String::new(), evidence: Vec::new(), label },
            support: Support { supported, contradicted, absent },
            by_words: true,
            is_said: passes,
            passes,
        }
    }

    #[test]
    fn figures_follow_their_definitions() {
        let found = figures(&[
            judged(Label::Supported, [0.9, 0.1, 0.0], true),
            judged(Label::Supported, [0.4, 0.0, 0.6], false),
            judged(Label::Absent, [0.1, 0.1, 0.8], false),
            judged(Label::Absent, [0.7, 0.0, 0.3], true),
            judged(Label::Contradicted, [0.0, 1.0, 0.0], false),
        ]);
        assert_eq!(found.confusion, [[1, 0, 1], [0, 1, 0], [1, 0, 1]]);
        assert!((found.balanced_accuracy - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(found.check.supported_passed, 0.5);
        assert!((found.check.others_stopped - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(found.check.precision, 0.5);
        assert_eq!(found.words.others_stopped, 0.0);
        let by_step = [0.9 - 1.0, 0.6, 0.8 - 1.0, 0.7, 0.0f64];
        let expected = by_step.iter().map(|gap| gap.abs()).sum::<f64>() / 5.0;
        assert!((found.calibration_error - expected).abs() < 1e-6, "{}", found.calibration_error);
    }
}
