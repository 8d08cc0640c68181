//! `steward train intents`: from labelled utterances.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::eval::report::{Outcome, Report};
use steward::judge::head_file::Description;
use steward::judge::heads::{HEAD_FILE, INTENTS};
use steward::judge::softmax::Training;
use steward::judge::training::folds::keep_apart;
use steward::judge::training::intents::{IntentTraining, names_as_examples, train};
use steward::judge::training::labelled::{Utterance, utterances};
use steward::judge::training::sources;
use steward::learning::kept::{is_held_out, named_intents};

use super::training_data::{
    ALL, ReadingsArguments, encoder_hash, kept_conversations, knows_word, show,
};
use super::tuning::TuningArguments;

#[derive(Args)]
pub struct IntentsArguments {
    /// Utterances with their intents: CSV with a text and an intent column, or JSON lines {"text","label"}.
    #[arg(long, required_unless_present = "from_store")]
    data: Vec<PathBuf>,
    /// Also the messages of the data directory whose intent an agent named, but for those of the fifth of
    /// the conversations that `steward heads compare` looks at.
    #[arg(long)]
    from_store: bool,
    /// Utterances that are only tested, in the same forms.
    #[arg(long)]
    test: Vec<PathBuf>,
    /// Take out of --test what is in the training data too, in place of refusing it.
    #[arg(long)]
    drop_known: bool,
    /// Utterances that are none of the intents, in the same forms; their labels do not matter.
    #[arg(long)]
    none: Vec<PathBuf>,
    /// Where the head and the report are written.
    #[arg(long)]
    out: PathBuf,
    /// Parts of the cross-validation.
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Share of the utterances said rightly that the threshold of the scope lets pass.
    #[arg(long, default_value_t = 0.97)]
    passing: f64,
    /// Penalty on the squared weights.
    #[arg(long, default_value_t = 1e-5)]
    l2: f64,
    #[command(flatten)]
    tuning: TuningArguments,
    #[command(flatten)]
    readings: ReadingsArguments,
}

pub fn run(arguments: &IntentsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mut examples = read_all(&arguments.data)?;
    if arguments.from_store {
        let mut kept = kept_conversations(config, true, ALL)?;
        kept.retain(|conversation| !is_held_out(&conversation.id));
        examples.extend(kept.iter().flat_map(named_intents));
    }
    let mut test = read_all(&arguments.test)?;
    let dropped = keep_apart(&examples, &mut test, arguments.drop_known)?;
    if dropped > 0 {
        eprintln!("{dropped} utterances left out of the test that the training data has too");
    }
    let none: Vec<String> = read_all(&arguments.none)?.into_iter().map(|one| one.text).collect();
    let names = names_as_examples(examples.iter().map(|one| one.label.as_str()));
    let texts = examples.iter().chain(&test).chain(&names).map(|one| one.text.as_str());
    let texts = texts.chain(none.iter().map(String::as_str));
    let readings = if arguments.tuning.is_wanted() {
        let labelled: Vec<(&str, &str)> =
            examples.iter().map(|one| (one.text.as_str(), one.label.as_str())).collect();
        let encoder = arguments.tuning.tuned(config, &labelled, None, &arguments.out)?;
        ReadingsArguments::default().read(texts, &encoder, config)?
    } else {
        arguments.readings.read(texts, &steward::setup::encoder(config)?, config)?
    };
    let settings = IntentTraining {
        training: Training { l2: arguments.l2, ..Training::default() },
        folds: arguments.folds,
        passing: arguments.passing,
    };
    let (head, held_out) = train(&examples, &none, &readings, settings, |done, all| {
        eprintln!("cross-validated {done} of {all} parts");
    })?;
    let knows_word = knows_word(config)?;
    let labels = head.labels();
    let outcome = |number: usize, one: &Utterance, probabilities: Vec<f32>| {
        let label = labels.binary_search(&one.label).ok()?;
        Some(Outcome {
            conversation: number,
            text: one.text.clone(),
            channel: None,
            label,
            probabilities: probabilities.into_iter().map(f64::from).collect(),
        })
    };
    // A part's head that lacks a rare intent has other probabilities than the whole.
    let whole = held_out.iter().filter(|one| one.probabilities.len() == labels.len());
    let outcomes: Vec<Outcome> = whole
        .filter_map(|one| {
            let place = one.utterance?;
            outcome(place, &examples[place], one.probabilities.clone())
        })
        .collect();
    let title = "Intents, cross-validated";
    let report = Report::of(title, labels, &outcomes, None, &knows_word);
    show(&report, &arguments.out.join("report"))?;
    if !test.is_empty() {
        let mut outcomes = Vec::new();
        for (place, one) in test.iter().enumerate() {
            let said = head.probabilities(readings.get(&one.text)?);
            outcomes.extend(outcome(place, one, said));
        }
        let report = Report::of("Intents, on --test", labels, &outcomes, None, &knows_word);
        show(&report, &arguments.out.join("report").join("test"))?;
    }
    if !none.is_empty() {
        let others: Vec<_> = held_out.iter().filter(|one| one.utterance.is_none()).collect();
        let threshold = head.scope_threshold();
        let refused = others.iter().filter(|one| one.scope_score < threshold).count();
        println!("{refused} of {} utterances that are none of them refused", others.len());
    }
    let files = arguments.data.iter().chain(&arguments.none).map(PathBuf::as_path);
    let description = Description::new(INTENTS, &encoder_hash()?, sources::fingerprints(files)?);
    let path = arguments.out.join(HEAD_FILE);
    head.to_file(description)?.write(&path)?;
    println!("wrote {}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn read_all(files: &[PathBuf]) -> anyhow::Result<Vec<Utterance>> {
    let mut all = Vec::new();
    for file in files {
        let read = utterances(file)?;
        anyhow::ensure!(!read.is_empty(), "{} holds no utterances", file.display());
        all.extend(read);
    }
    all.iter()
        .all(|one| !one.text.trim().is_empty())
        .then_some(())
        .context("an utterance is empty")?;
    Ok(all)
}
