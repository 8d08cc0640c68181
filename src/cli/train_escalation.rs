//! `steward train escalation`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::report::{Event, Outcome, Report};
use steward::judge::calibrate::{platt, threshold_for_cost};
use steward::judge::escalation::RiskCalibration;
use steward::judge::head_file::Description;
use steward::judge::heads::{ESCALATION, HEAD_FILE, mood_hash};
use steward::judge::training::examples::{Example, examples};
use steward::judge::training::folds::part_of_conversation;
use steward::judge::training::labelled::EscalationLabel;
use steward::judge::training::sources::EscalatingLabel;
use steward::judge::training::{escalation, escalation::Source};

use super::train::CommonArguments;
use super::training_data::{
    encoder_hash, folds_bar, knows_word, moods_of, shipped_emotion, texts_of,
};

#[derive(Args)]
pub struct EscalationArguments {
    #[command(flatten)]
    common: CommonArguments,
    /// A label of utterances that means that a person is needed, and the reason if it says so.
    #[arg(long, value_name = "LABEL[=REASON]")]
    escalates: Vec<EscalatingLabel>,
    /// Emotion heads for conversations that the shipped one was trained on (`steward train emotion --moods`).
    #[arg(long)]
    moods: Option<PathBuf>,
    /// Parts of the cross-validation by conversation.
    #[arg(long, default_value_t = 10)]
    folds: usize,
    /// What it costs to miss a matter that needs a person, when a needless hand-over costs one: the
    /// threshold in the report is the cheapest.
    #[arg(long, default_value_t = 0.25)]
    miss_cost: f64,
}

const CLASSES: [&str; 2] = ["goes on", "needs a person"];

pub fn run(arguments: &EscalationArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let common = &arguments.common;
    let (train, test) = common.sets(&arguments.escalates, config)?;
    let texts = train.iter().chain(&test).flat_map(|set| texts_of(&set.conversations));
    let readings = common.readings.read(texts, &encoder, config)?;
    let moods = moods_of(arguments.moods.as_deref())?;
    let labelled = train
        .iter()
        .chain(&test)
        .map(|set| {
            examples(&set.conversations, &readings, &moods, |turn| turn.escalation.is_some())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let all: Vec<Source<'_>> = train
        .iter()
        .chain(&test)
        .zip(&labelled)
        .map(|(set, examples)| Source {
            conversations: &set.conversations,
            examples,
            weight: set.weight,
        })
        .collect();
    let (sources, tested) = all.split_at(train.len());
    let folds = arguments.folds;
    let fold_of: Vec<usize> = sources
        .iter()
        .flat_map(|source| {
            let of =
                |e: &Example| part_of_conversation(&source.conversations[e.conversation], folds);
            source.examples.iter().map(of)
        })
        .collect();
    let odds = escalation::held_out_log_odds(sources, common.balance, &fold_of, &folds_bar(folds))?;
    let each =
        || sources.iter().flat_map(|source| source.examples.iter().map(move |e| (source, e)));
    let cases: Vec<(f64, bool, f64)> = each()
        .zip(&odds)
        .map(|((source, example), odds)| {
            (*odds, is_needed(source, example), f64::from(source.weight))
        })
        .collect();
    let calibration = platt(&cases);
    let head = escalation::train(sources, common.balance, calibration)?;

    let classes = CLASSES.map(str::to_string);
    let mut event = Event { name: CLASSES[1], is: &[false, true], threshold: 0.5 };
    let mut held_out = odds.iter().map(|odds| probability(*odds, calibration));
    let knows_word = knows_word(config)?;
    let (mut everything, mut from) = (Vec::new(), 0);
    let mut reports = Vec::new();
    for (set, source) in train.iter().zip(sources) {
        let outcomes: Vec<Outcome> = source
            .examples
            .iter()
            .zip(held_out.by_ref())
            .map(|(example, said)| outcome(source, example, said, from))
            .collect();
        from += set.conversations.len();
        everything.extend(outcomes.iter().cloned());
        reports.push((set.name.clone(), outcomes));
    }
    let told: Vec<(f64, bool)> = everything.iter().map(|one| event.case(one)).collect();
    event.threshold = threshold_for_cost(&told, arguments.miss_cost);
    for (name, outcomes) in &reports {
        let title = format!("Escalation, {name}, cross-validated by conversation");
        let report = Report::of(&title, &classes, outcomes, Some(event), &knows_word);
        common.show(&report, &format!("by-source/{name}"))?;
    }
    let title = "Escalation, all sources, cross-validated by conversation";
    common.show(&Report::of(title, &classes, &everything, Some(event), &knows_word), "")?;
    for (set, source) in test.iter().zip(tested) {
        let outcomes: Vec<Outcome> = source
            .examples
            .iter()
            .map(|example| {
                outcome(source, example, f64::from(head.probability(&example.features)), 0)
            })
            .collect();
        let title = format!("Escalation, {}, not trained on", set.name);
        let report = Report::of(&title, &classes, &outcomes, Some(event), &knows_word);
        common.show(&report, &format!("test/{}", set.name))?;
    }
    let description = Description::new(ESCALATION, &encoder_hash()?, common.fingerprints(&train)?);
    head.to_file(description, mood_hash(&shipped_emotion()?))?
        .write(&common.out.join(HEAD_FILE))?;
    Ok(ExitCode::SUCCESS)
}

fn is_needed(source: &Source<'_>, example: &Example) -> bool {
    matches!(source.label_of(example), Some(EscalationLabel::Needed(_)))
}

fn probability(log_odds: f64, calibration: RiskCalibration) -> f64 {
    let odds = f64::from(calibration.slope) * log_odds + f64::from(calibration.intercept);
    1.0 / (1.0 + (-odds).exp())
}

/// `from` keeps the numbers of the conversations of several sources apart.
fn outcome(source: &Source<'_>, example: &Example, said: f64, from: usize) -> Outcome {
    let conversation = &source.conversations[example.conversation];
    Outcome {
        conversation: from + example.conversation,
        text: conversation.turns[example.turn].text.clone(),
        channel: conversation.channel.clone(),
        label: usize::from(is_needed(source, example)),
        probabilities: vec![1.0 - said, said],
    }
}
