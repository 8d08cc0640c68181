//! `steward train satisfaction`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::report::{Event, Outcome, Report};
use steward::eval::satisfaction::most_given;
use steward::judge::calibrate::{temperature, threshold_for_cost};
use steward::judge::head_file::Description;
use steward::judge::heads::{HEAD_FILE, SATISFACTION, mood_hash};
use steward::judge::satisfaction::{NEUTRAL, RATINGS};
use steward::judge::training::examples::{Example, examples};
use steward::judge::training::folds::part_of_conversation;
use steward::judge::training::labelled::LabelledConversation;
use steward::judge::training::satisfaction;

use super::train::CommonArguments;
use super::training_data::{
    encoder_hash, folds_bar, knows_word, moods_of, shares_at, shipped_emotion, texts_of,
};

#[derive(Args)]
pub struct SatisfactionArguments {
    #[command(flatten)]
    common: CommonArguments,
    /// Emotion heads for conversations that the shipped one was trained on (`steward train emotion --moods`).
    #[arg(long)]
    moods: Option<PathBuf>,
    /// Parts of the cross-validation by conversation.
    #[arg(long, default_value_t = 10)]
    folds: usize,
    /// What it costs to miss a dissatisfied customer, when a needless apology costs one: the threshold in
    /// the report is the cheapest.
    #[arg(long, default_value_t = 1.0)]
    miss_cost: f64,
}

pub fn run(arguments: &SatisfactionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let common = &arguments.common;
    let (train, test) = common.sets(&[], config)?;
    let weights: Vec<f32> =
        train.iter().flat_map(|set| set.conversations.iter().map(|_| set.weight)).collect();
    let conversations: Vec<LabelledConversation> =
        train.iter().flat_map(|set| set.conversations.iter().cloned()).collect();
    let tested: Vec<LabelledConversation> =
        test.into_iter().flat_map(|set| set.conversations).collect();
    let texts = texts_of(&conversations).chain(texts_of(&tested));
    let readings = common.readings.read(texts, &encoder, config)?;
    let moods = moods_of(arguments.moods.as_deref())?;
    let is_rated =
        |turn: &steward::judge::training::labelled::LabelledTurn| turn.satisfaction.is_some();
    let rated = examples(&conversations, &readings, &moods, is_rated)?;
    let mut rows = satisfaction::rows(&conversations, &rated, |number| weights[number]);
    rows.balance(common.balance);
    let folds = arguments.folds;
    let part = |e: &Example| part_of_conversation(&conversations[e.conversation], folds);
    let fold_of: Vec<usize> = rated.iter().map(part).collect();
    let logits = rows.held_out_logits(&fold_of, satisfaction::TRAINING, &folds_bar(folds))?;
    let rating = |conversations: &[LabelledConversation], example: &Example| {
        let turn = &conversations[example.conversation].turns[example.turn];
        most_given(&turn.satisfaction.unwrap_or_default())
    };
    let cases: Vec<(Vec<f32>, usize)> =
        logits.into_iter().zip(&rated).map(|(l, e)| (l, rating(&conversations, e))).collect();
    let temperature = temperature(&cases);
    let head = satisfaction::train(&rows, temperature)?;

    let outcome = |conversations: &[LabelledConversation], example: &Example, shares: Vec<f64>| {
        let conversation = &conversations[example.conversation];
        Outcome {
            conversation: example.conversation,
            text: conversation.turns[example.turn].text.clone(),
            channel: conversation.channel.clone(),
            label: rating(conversations, example),
            probabilities: shares,
        }
    };
    let held_out: Vec<Outcome> = cases
        .into_iter()
        .zip(&rated)
        .map(|((logits, _), example)| {
            outcome(&conversations, example, shares_at(logits, temperature))
        })
        .collect();
    let classes: Vec<String> = (1..=RATINGS).map(|rating| rating.to_string()).collect();
    let is: Vec<bool> = (1..=RATINGS).map(|rating| rating < NEUTRAL).collect();
    let mut event = Event { name: "dissatisfied", is: &is, threshold: 0.5 };
    let told: Vec<(f64, bool)> = held_out.iter().map(|one| event.case(one)).collect();
    event.threshold = threshold_for_cost(&told, arguments.miss_cost);
    let knows_word = knows_word(config)?;
    let title = "Satisfaction, cross-validated by conversation";
    common.show(&Report::of(title, &classes, &held_out, Some(event), &knows_word), "")?;
    if !tested.is_empty() {
        let examples = examples(&tested, &readings, &moods, is_rated)?;
        let outcomes: Vec<Outcome> = examples
            .iter()
            .map(|example| {
                let said = head.judge(&example.features).ratings;
                outcome(&tested, example, said.map(f64::from).to_vec())
            })
            .collect();
        let report =
            Report::of("Satisfaction, on --test", &classes, &outcomes, Some(event), &knows_word);
        common.show(&report, "test")?;
    }
    let description =
        Description::new(SATISFACTION, &encoder_hash()?, common.fingerprints(&train)?);
    head.to_file(description, mood_hash(&shipped_emotion()?))?
        .write(&common.out.join(HEAD_FILE))?;
    Ok(ExitCode::SUCCESS)
}
