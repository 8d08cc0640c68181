//! Tuning the encoder's last layers: it learns what it is shown, leaves the rest as it was, goes on where
//! it was broken off, and refuses what it cannot use.

use std::path::{Path, PathBuf};

use steward::config::Config;
use steward::model::encoder::tune::{EncoderFiles, Epoch, Tuning, tune};
use steward::model::encoder::{EMBEDDING_SIZE, Encoder, READING_SIZE, TUNED_SIZE};

/// Texts that a plain encoder groups by subject; the labels group them by what is wanted.
const EXAMPLES: [(&str, &str); 12] = [
    ("where is my red bicycle", "track"),
    ("has the blue lamp been sent yet", "track"),
    ("when will the garden chair arrive", "track"),
    ("any news of the kettle that I ordered", "track"),
    ("send back the red bicycle", "return"),
    ("I do not want the blue lamp any more", "return"),
    ("take the garden chair back please", "return"),
    ("the kettle goes back to you", "return"),
    ("how much is the red bicycle", "price"),
    ("what does the blue lamp cost", "price"),
    ("price of the garden chair", "price"),
    ("is the kettle expensive", "price"),
];

fn files() -> (PathBuf, PathBuf) {
    steward::setup::encoder_files(&Config::default()).unwrap()
}

fn settings(epochs: usize) -> Tuning {
    Tuning { layers: 1, epochs, learning_rate: 3e-4, held_out_one_in: 0, ..Tuning::default() }
}

fn tuned(settings: Tuning, directory: &Path) -> (PathBuf, Vec<Epoch>) {
    let (weights, tokenizer) = files();
    let files = EncoderFiles { weights: &weights, tokenizer: &tokenizer, tuned: None };
    let mut epochs = Vec::new();
    let layers = tune(files, &EXAMPLES, settings, directory, &mut |epoch| epochs.push(epoch));
    (layers.unwrap(), epochs)
}

/// How much nearer texts of one label are than others, by the part of the readings from `start` on.
fn separation(readings: &[Vec<f32>], start: usize) -> f32 {
    let (mut same, mut other) = ((0.0, 0), (0.0, 0));
    for (left, (_, label)) in readings.iter().zip(EXAMPLES) {
        for (right, (_, other_label)) in readings.iter().zip(EXAMPLES) {
            let part = start..start + EMBEDDING_SIZE;
            let cosine: f32 = left[part.clone()].iter().zip(&right[part]).map(|(l, r)| l * r).sum();
            let sum = if label == other_label { &mut same } else { &mut other };
            (sum.0, sum.1) = (sum.0 + cosine, sum.1 + 1);
        }
    }
    same.0 / same.1 as f32 - other.0 / other.1 as f32
}

#[test]
fn tuned_layers_learn_the_labels_and_the_first_reading_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (layers, epochs) = tuned(settings(8), directory.path());
    assert!(epochs[7].loss < 0.8 * epochs[0].loss, "{epochs:?}");

    let (weights, tokenizer) = files();
    let texts = EXAMPLES.map(|(text, _)| text);
    let plain = Encoder::load(&weights, &tokenizer).unwrap().read(&texts).unwrap();
    let both =
        Encoder::load_tuned(&weights, &tokenizer, Some(&layers)).unwrap().read(&texts).unwrap();
    for (plain, both) in plain.iter().zip(&both) {
        assert_eq!(plain.parts(), both.parts(), "retrieval reads what it read before");
        assert_eq!(plain.with_tuned().len(), READING_SIZE);
        assert_eq!(both.with_tuned().len(), READING_SIZE + TUNED_SIZE);
    }
    let both: Vec<Vec<f32>> = both.iter().map(|reading| reading.with_tuned().to_vec()).collect();
    let (before, after) = (separation(&both, 0), separation(&both, READING_SIZE));
    assert!(after > before + 0.2, "{before} then {after}");

    // The same seed gives the same layers.
    let again = tempfile::tempdir().unwrap();
    let (other, _) = tuned(settings(8), again.path());
    assert!(std::fs::read(&layers).unwrap() == std::fs::read(other).unwrap());
}

#[test]
fn a_run_goes_on_from_its_checkpoint_and_another_run_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let (_, first) = tuned(settings(2), directory.path());
    let (_, then) = tuned(settings(3), directory.path());
    assert_eq!((first.len(), then.len(), then[0].number), (2, 1, 3));
    assert!(then[0].loss < first[0].loss);
    assert_eq!(tuned(settings(3), directory.path()).1, []);
    let other = Tuning { seed: 2, ..settings(1) };
    assert_eq!(tuned(other, directory.path()).1.len(), 1);
}

#[test]
fn it_ends_when_the_held_out_texts_do_not_get_better() {
    let directory = tempfile::tempdir().unwrap();
    // Half of each label is held out; far too quick a pace spoils them.
    let wild = Tuning { held_out_one_in: 2, learning_rate: 0.5, patience: 1, ..settings(50) };
    let (_, epochs) = tuned(wild, directory.path());
    assert!(epochs.len() < 50 && epochs.iter().all(|epoch| epoch.held_out_loss.is_some()));
}

#[test]
fn what_cannot_be_used_is_refused_with_a_reason() {
    let (weights, tokenizer) = files();
    let files = EncoderFiles { weights: &weights, tokenizer: &tokenizer, tuned: None };
    let directory = tempfile::tempdir().unwrap();
    let refused = |examples: &[(&str, &str)], settings: Tuning| {
        tune(files, examples, settings, directory.path(), &mut |_| ()).unwrap_err().to_string()
    };
    assert!(refused(&EXAMPLES, Tuning { layers: 7, ..settings(1) }).contains("6"));
    assert!(refused(&EXAMPLES, Tuning { texts_of_each: 1, ..settings(1) }).contains("two texts"));
    assert!(refused(&EXAMPLES, Tuning { temperature: 0.0, ..settings(1) }).contains("above 0"));
    assert!(refused(&EXAMPLES[..4], settings(1)).contains("two labels"));
    let missing = Path::new("no-such-layers.safetensors");
    let said = Encoder::load_tuned(&weights, &tokenizer, Some(missing)).err().unwrap().to_string();
    assert!(said.contains("no-such-layers.safetensors"), "{said}");
}
