//! What a training reports of a head on turns that it was not trained on: confusion matrix, precision,
//! recall and F1 of each class, how well a probability ranks and whether it means what it says, and the
//! same for slices of the messages, so that nobody is judged worse for how they write.

mod reliability;
mod slices;
mod written;

use serde::Serialize;

use super::calibration::{average_precision, expected_calibration_error, roc_auc};
pub use slices::{KnowsWord, Slice};

/// Bins of the reliability diagram.
const BINS: usize = 10;

/// What a head said of a message that it was not trained on.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Number of its conversation.
    pub conversation: usize,
    /// The message.
    pub text: String,
    /// How the customer wrote, if that is known.
    pub channel: Option<String>,
    /// The right class.
    pub label: usize,
    /// Of each class.
    pub probabilities: Vec<f64>,
}

/// An event that some classes together are, such as ratings below 3.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its name.
    pub name: &'a str,
    /// True for its classes.
    pub is: &'a [bool],
    /// From this probability on it is acted upon.
    pub threshold: f64,
}

impl Event<'_> {
    /// The probability of the event, and whether it is.
    pub fn case(&self, outcome: &Outcome) -> (f64, bool) {
        let said = outcome.probabilities.iter().zip(self.is).filter(|(_, is)| **is);
        (said.map(|(probability, _)| probability).sum::<f64>().min(1.0), self.is[outcome.label])
    }
}

/// The figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    /// The class.
    pub class: String,
    /// Messages of it.
    pub messages: usize,
    /// Share of those said to be of it that are.
    pub precision: f64,
    /// Share of those of it that are said to be.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// Messages whose probability of the event is in one tenth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// Messages.
    pub messages: usize,
    /// Mean probability.
    pub said: f64,
    /// Share of them with the event.
    pub happened: f64,
}

/// The figures of the probability of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventFigures {
    /// The event.
    pub event: String,
    /// Share of the messages with it.
    pub share: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Area under the precision-recall curve.
    pub average_precision: f64,
    /// Expected calibration error, ten bins.
    pub calibration_error: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// The threshold of the next two.
    pub threshold: f64,
    /// Share of the alarms that are right.
    pub precision: f64,
    /// Share of the events that are caught.
    pub recall: f64,
    /// The reliability diagram.
    pub bins: Vec<Bin>,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was judged, in words.
    pub title: String,
    /// Messages.
    pub messages: usize,
    /// Share said rightly.
    pub accuracy: f64,
    /// Mean F1 of the classes.
    pub macro_f1: f64,
    /// Mean recall of the classes.
    pub unweighted_average_recall: f64,
    /// Cohen's kappa.
    pub kappa: f64,
    /// Each class.
    pub classes: Vec<ClassFigures>,
    /// Messages by right class (row) and said class (column).
    pub confusion: Vec<Vec<usize>>,
    /// The event, if one is of interest.
    pub event: Option<EventFigures>,
    /// The same for messages that are written in some way.
    pub slices: Vec<Slice>,
}

impl Report {
    /// The report of outcomes on `classes`.
    pub fn of(
        title: &str,
        classes: &[String],
        outcomes: &[Outcome],
        event: Option<Event<'_>>,
        knows_word: &KnowsWord<'_>,
    ) -> Self {
        let mut confusion = vec![vec![0usize; classes.len()]; classes.len()];
        for outcome in outcomes {
            confusion[outcome.label][likeliest(&outcome.probabilities)] += 1;
        }
        let count = outcomes.len().max(1) as f64;
        let given: Vec<usize> = confusion.iter().map(|row| row.iter().sum()).collect();
        let said: Vec<usize> =
            (0..classes.len()).map(|c| confusion.iter().map(|row| row[c]).sum()).collect();
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let figures: Vec<ClassFigures> = classes
            .iter()
            .enumerate()
            .map(|(c, class)| ClassFigures {
                class: class.clone(),
                messages: given[c],
                precision: share(confusion[c][c], said[c]),
                recall: share(confusion[c][c], given[c]),
                f1: share(2 * confusion[c][c], said[c] + given[c]),
            })
            .collect();
        let seen = || figures.iter().filter(|class| class.messages > 0);
        let mean = |of: fn(&ClassFigures) -> f64| {
            seen().map(of).sum::<f64>() / seen().count().max(1) as f64
        };
        let accuracy = (0..classes.len()).map(|c| confusion[c][c]).sum::<usize>() as f64 / count;
        let chance =
            given.iter().zip(&said).map(|(g, s)| (g * s) as f64).sum::<f64>() / (count * count);
        Self {
            title: title.to_string(),
            messages: outcomes.len(),
            accuracy,
            macro_f1: mean(|class| class.f1),
            unweighted_average_recall: mean(|class| class.recall),
            kappa: if chance < 1.0 { (accuracy - chance) / (1.0 - chance) } else { 0.0 },
            slices: slices::of(outcomes, event, knows_word),
            classes: figures,
            confusion,
            event: event.map(|event| {
                let cases: Vec<_> = outcomes.iter().map(|outcome| event.case(outcome)).collect();
                EventFigures::of(event.name, &cases, event.threshold)
            }),
        }
    }
}

impl EventFigures {
    /// The figures of `(probability, it happened)`.
    pub fn of(event: &str, cases: &[(f64, bool)], threshold: f64) -> Self {
        let count = cases.len().max(1) as f64;
        let happened = cases.iter().filter(|(_, happened)| *happened).count();
        let alarms = cases.iter().filter(|(said, _)| *said >= threshold);
        let (alarms, right) = alarms
            .fold((0usize, 0usize), |(all, right), case| (all + 1, right + usize::from(case.1)));
        let square =
            |(said, happened): &(f64, bool)| (said - f64::from(u8::from(*happened))).powi(2);
        Self {
            event: event.to_string(),
            share: happened as f64 / count,
            auc: roc_auc(cases),
            average_precision: average_precision(cases),
            calibration_error: expected_calibration_error(cases, BINS),
            brier: cases.iter().map(square).sum::<f64>() / count,
            threshold,
            precision: right as f64 / alarms.max(1) as f64,
            recall: right as f64 / happened.max(1) as f64,
            bins: (0..BINS).map(|bin| bin_of(cases, bin)).collect(),
        }
    }
}

fn bin_of(cases: &[(f64, bool)], bin: usize) -> Bin {
    let place = |said: f64| ((said * BINS as f64) as usize).min(BINS - 1);
    let (mut messages, mut said, mut happened) = (0usize, 0.0, 0.0);
    for case in cases.iter().filter(|case| place(case.0) == bin) {
        messages += 1;
        said += case.0;
        happened += f64::from(u8::from(case.1));
    }
    let count = messages.max(1) as f64;
    Bin { messages, said: said / count, happened: happened / count }
}

/// The class with the greatest probability, the first of several.
pub(super) fn likeliest(probabilities: &[f64]) -> usize {
    let ranked = probabilities.iter().enumerate().rev().max_by(|l, r| l.1.total_cmp(r.1));
    ranked.map_or(0, |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(label: usize, probabilities: [f64; 2]) -> Outcome {
        Outcome {
            conversation: label,
            text: "where is my parcel".into(),
            channel: Some("chat".into()),
            label,
            probabilities: probabilities.to_vec(),
        }
    }

    #[test]
    fn a_report_counts_what_was_said_of_what() {
        let outcomes = [
            outcome(0, [0.9, 0.1]),
            outcome(0, [0.4, 0.6]),
            outcome(1, [0.2, 0.8]),
            outcome(1, [0.1, 0.9]),
        ];
        let event = Event { name: "b", is: &[false, true], threshold: 0.7 };
        let classes = ["a".to_string(), "b".to_string()];
        let report = Report::of("t", &classes, &outcomes, Some(event), &|_| true);
        assert_eq!(report.confusion, [[1, 1], [0, 2]]);
        assert_eq!((report.accuracy, report.kappa), (0.75, 0.5));
        assert_eq!((report.classes[0].precision, report.classes[0].recall), (1.0, 0.5));
        let figures = report.event.unwrap();
        assert_eq!((figures.auc, figures.precision, figures.recall), (1.0, 1.0, 1.0));
        assert_eq!(figures.bins.iter().map(|bin| bin.messages).sum::<usize>(), 4);
        assert!((figures.brier - (0.01 + 0.36 + 0.04 + 0.01) / 4.0).abs() < 1e-12);
        assert!(report.slices.is_empty(), "four messages say nothing of a way of writing");
    }
}
