//! `steward train emotion`: from GoEmotions' comments and labelled customers' turns.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use steward::config::Config;
use steward::judge::emotion::Emotion;
use steward::judge::head_file::Description;
use steward::judge::heads::{EMOTION, HEAD_FILE};
use steward::judge::training::moods::Moods;
use steward::judge::training::readings::Readings;
use steward::judge::training::{emotion, goemotions, sources};

use super::train::CommonArguments;
use super::training_data::{encoder_hash, texts_of};

#[derive(Args)]
pub struct EmotionArguments {
    #[command(flatten)]
    common: CommonArguments,
    /// The directory with goemotions_*.tsv and goemotions_labels.txt.
    #[arg(long)]
    goemotions: PathBuf,
    /// Also write a head for each fifth of the conversations, trained without it: what the other heads
    /// that learn from the same conversations must be trained beside.
    #[arg(long)]
    moods: Option<PathBuf>,
}

pub fn run(arguments: &EmotionArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let encoder = steward::setup::encoder(config)?;
    let common = &arguments.common;
    let conversations = common
        .sets(&[], config)?
        .0
        .into_iter()
        .flat_map(|set| set.conversations)
        .collect::<Vec<_>>();
    let comments = goemotions::comments(&arguments.goemotions, "train")?;
    let test = goemotions::comments(&arguments.goemotions, "test")?;
    let texts = texts_of(&conversations).chain(comments.iter().chain(&test).map(|c| c.0.as_str()));
    let readings = common.readings.read(texts, &encoder, config)?;
    let mut files: Vec<PathBuf> = common.data.iter().map(|file| file.path.clone()).collect();
    files.push(arguments.goemotions.join("goemotions_train.tsv"));
    let data = sources::fingerprints(files.iter().map(PathBuf::as_path))?;
    let description = Description::new(EMOTION, &encoder_hash()?, data);

    let moods = Moods::train(&comments, &conversations, &readings, |part| {
        eprintln!("training without part {part}");
    })?;
    let mut own = Vec::new();
    for conversation in &conversations {
        let labelled = conversation.turns.iter().filter_map(|turn| Some((turn, turn.emotion?)));
        for (turn, given) in labelled {
            own.push((moods.of(conversation).judge(readings.get(&turn.text)?), given));
        }
    }
    let head = emotion::train(&comments, &conversations, |_| true, &readings)?;
    let of_test = judged(&head, &test, &readings)?;
    println!("GoEmotions, test half: {}", figures(&of_test));
    println!("conversations, held out: {}", figures(&own));
    if let Some(directory) = &arguments.moods {
        moods.write(directory, &description)?;
    }
    head.to_file(description)?.write(&common.out.join(HEAD_FILE))?;
    Ok(ExitCode::SUCCESS)
}

type Judged = ([f32; steward::judge::emotion::EMOTIONS], Emotion);

fn judged(
    head: &steward::judge::emotion::EmotionHead,
    comments: &[goemotions::Comment],
    readings: &Readings,
) -> anyhow::Result<Vec<Judged>> {
    let judge =
        |(text, emotion): &goemotions::Comment| Ok((head.judge(readings.get(text)?), *emotion));
    comments.iter().map(judge).collect()
}

fn figures(judged: &[Judged]) -> String {
    let right = judged.iter().filter(|(shares, given)| {
        let likeliest = Emotion::ALL.iter().zip(shares).max_by(|l, r| l.1.total_cmp(r.1));
        likeliest.is_some_and(|(said, _)| said == given)
    });
    let sign = judged.iter().filter(|(shares, given)| {
        let of_sign = |sign: i8| -> f32 {
            let same = Emotion::ALL.iter().zip(shares).filter(|(one, _)| one.sign() == sign);
            same.map(|(_, share)| share).sum()
        };
        let said = [-1, 0, 1].into_iter().max_by(|&l, &r| of_sign(l).total_cmp(&of_sign(r)));
        said == Some(given.sign())
    });
    let count = judged.len().max(1) as f64;
    format!(
        "{} turns, emotion right {:.3}, sentiment right {:.3}",
        judged.len(),
        right.count() as f64 / count,
        sign.count() as f64 / count
    )
}
