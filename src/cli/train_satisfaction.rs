//! `steward train satisfaction`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::eval::satisfaction::figures;
use steward::judge::head_file::Description;
use steward::judge::heads::{HEAD_FILE, SATISFACTION, mood_hash};
use steward::judge::satisfaction::RATINGS;
use steward::judge::softmax::into_probabilities;
use steward::judge::training::examples::examples;
use steward::judge::training::{satisfaction, sources};

use super::train::CommonArguments;
use super::training_data::{encoder_hash, moods_of, read_all, shipped_emotion, texts_of};

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
}

pub fn run(arguments: &SatisfactionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let common = &arguments.common;
    let (conversations, weights) = read_all(&common.data, &[])?;
    let readings = common.readings.read(texts_of(&conversations), &encoder, config)?;
    let moods = moods_of(arguments.moods.as_deref())?;
    let rated = examples(&conversations, &readings, &moods, |turn| turn.satisfaction.is_some())?;
    let rows = satisfaction::rows(&conversations, &rated, |number| weights[number]);
    let folds = arguments.folds;
    let fold_of: Vec<usize> = rated.iter().map(|example| example.conversation % folds).collect();
    let logits = rows.held_out_logits(&fold_of, satisfaction::TRAINING, &|done, all| {
        eprintln!("cross-validated {done} of {all} parts");
    })?;
    let held_out: Vec<_> = logits
        .into_iter()
        .zip(rows.shares.chunks_exact(RATINGS))
        .map(|(mut logits, given)| {
            into_probabilities(&mut logits);
            let mut said = [0.0; RATINGS];
            said.iter_mut().zip(logits).for_each(|(said, share)| *said = f64::from(share));
            let given: [f32; RATINGS] = given.try_into().unwrap_or_default();
            (said, steward::eval::satisfaction::most_given(&given))
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&figures(&held_out))?);
    let head = satisfaction::train(&rows, 1.0)?;
    let files = common.data.iter().map(|file| file.path.as_path());
    let data = sources::fingerprints(files)?;
    let description = Description::new(SATISFACTION, &encoder_hash()?, data);
    head.to_file(description, mood_hash(&shipped_emotion()?))?
        .write(&common.out.join(HEAD_FILE))?;
    Ok(ExitCode::SUCCESS)
}
