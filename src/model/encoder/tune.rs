//! Tunes the encoder's last layers on labelled texts: texts of one label are drawn together and others
//! apart (supervised contrastive learning; Khosla et al., 2020). The layers below stay as they are, so a
//! tuned reading costs only those layers more.
//!
//! Adam with decoupled weight decay, seeded batches, early stopping on held-out texts, and a checkpoint
//! after each epoch from which a run that was broken off goes on.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, ops};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::network::{LAYERS, Network, matrix, mean_over_tokens};
use super::tokenizer_of;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The file of the tuned layers, beside the head that was trained over them.
pub const LAYERS_FILE: &str = "layers.safetensors";

/// How the layers are tuned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Last layers that change, 1 to 6.
    pub layers: usize,
    /// Passes over the texts at most.
    pub epochs: usize,
    /// Of Adam.
    pub learning_rate: f64,
    /// Labels of a batch.
    pub labels_at_once: usize,
    /// Texts of each of them.
    pub texts_of_each: usize,
    /// Divides the cosines: the smaller, the more the nearest others count.
    pub temperature: f64,
    /// Epochs without a better held-out loss after which it ends.
    pub patience: usize,
    /// One text in so many of each label is held out, if it has that many.
    pub held_out_one_in: usize,
    /// Of the batches.
    pub seed: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            layers: 2,
            epochs: 12,
            learning_rate: 1e-4,
            labels_at_once: 32,
            texts_of_each: 4,
            temperature: 0.05,
            patience: 3,
            held_out_one_in: 10,
            seed: 1,
        }
    }
}

/// What an epoch gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub number: usize,
    /// Mean contrastive loss of the batches.
    pub loss: f64,
    /// The same on the held-out texts; none if too few are held out.
    pub held_out_loss: Option<f64>,
}

/// Where a run stands, kept beside the layers of its checkpoint.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    /// Of the settings and the texts: another run's checkpoint is not gone on from.
    run: String,
    epochs: Vec<Epoch>,
    best: Option<f64>,
    since_best: usize,
}

/// The encoder's files.
#[derive(Debug, Clone, Copy)]
pub struct EncoderFiles<'a> {
    /// Weights, safetensors.
    pub weights: &'a Path,
    /// `tokenizer.json`.
    pub tokenizer: &'a Path,
    /// Layers that an earlier tuning wrote, to go on from.
    pub tuned: Option<&'a Path>,
}

/// Tunes on `(text, label)` and writes the layers to `directory`. The layers of the best epoch by the
/// held-out loss are kept, the last one's if nothing is held out.
///
/// # Errors
/// [`ErrorKind::Input`] if there are fewer than two labels with two texts each, or a setting cannot be;
/// [`ErrorKind::Setup`] if a file cannot be read or written.
pub fn tune(
    files: EncoderFiles<'_>,
    examples: &[(&str, &str)],
    settings: Tuning,
    directory: &Path,
    progress: &mut dyn FnMut(Epoch),
) -> Result<PathBuf> {
    check(settings)?;
    let mut trainer = Trainer::load(files, settings)?;
    let (train, held_out) = split(examples, settings.held_out_one_in);
    let train = trainer.encoded(&train)?;
    let held_out = trainer.encoded(&held_out)?;
    if train.values().filter(|texts| texts.len() > 1).count() < 2 {
        return Err(Error::input("tuning needs two labels or more with two texts or more each"));
    }
    std::fs::create_dir_all(directory)
        .context(ErrorKind::Setup, || format!("cannot write into {}", directory.display()))?;
    let (best_file, last_file) =
        (directory.join(LAYERS_FILE), directory.join("checkpoint.safetensors"));
    let state_file = directory.join("checkpoint.json");
    let run = run_of(settings, examples);
    let mut state = read_checkpoint(&state_file)
        .filter(|state| state.run == run && last_file.exists() && best_file.exists())
        .unwrap_or(Checkpoint { run, epochs: Vec::new(), best: None, since_best: 0 });
    if !state.epochs.is_empty() {
        trainer.take(&last_file)?;
    }
    while state.epochs.len() < settings.epochs && state.since_best < settings.patience {
        let number = state.epochs.len() + 1;
        let loss = trainer.epoch(&train, number).internal("tuning failed")?;
        let held_out_loss = trainer.loss_on(&held_out).internal("tuning failed")?;
        let epoch = Epoch { number, loss, held_out_loss };
        progress(epoch);
        state.epochs.push(epoch);
        let is_best = held_out_loss.is_none_or(|loss| state.best.is_none_or(|best| loss < best));
        state.since_best = if is_best { 0 } else { state.since_best + 1 };
        if is_best {
            state.best = held_out_loss;
            trainer.write(&best_file)?;
        }
        trainer.write(&last_file)?;
        let text = serde_json::to_string(&state).internal("a checkpoint cannot be written")?;
        std::fs::write(&state_file, text)
            .context(ErrorKind::Setup, || format!("cannot write {}", state_file.display()))?;
    }
    Ok(best_file)
}

fn check(settings: Tuning) -> Result<()> {
    let problem = match settings {
        Tuning { layers, .. } if !(1..=LAYERS).contains(&layers) => {
            format!("{layers} layers cannot be tuned; the encoder has {LAYERS}")
        }
        Tuning { labels_at_once: 0..2, .. } | Tuning { texts_of_each: 0..2, .. } => {
            "a batch needs two labels or more and two texts or more of each".to_string()
        }
        Tuning { learning_rate, temperature, .. } if learning_rate <= 0.0 || temperature <= 0.0 => {
            "the learning rate and the temperature must be above 0".to_string()
        }
        _ => return Ok(()),
    };
    Err(Error::input(problem))
}

type Split<'a> = (Vec<(&'a str, &'a str)>, Vec<(&'a str, &'a str)>);

/// One text in `one_in` of each label is held out, two at least so that they can be compared.
fn split<'a>(examples: &[(&'a str, &'a str)], one_in: usize) -> Split<'a> {
    let mut by_label: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    examples.iter().for_each(|(text, label)| by_label.entry(label).or_default().push(text));
    let (mut train, mut held_out) = (Vec::new(), Vec::new());
    for (label, mut texts) in by_label {
        texts.sort_by_key(|text| Sha256::digest(text).to_vec());
        let count = texts.len().checked_div(one_in).unwrap_or(0);
        // Held-out texts are compared with each other.
        let count = if count < 2 { 0 } else { count };
        held_out.extend(texts[..count].iter().map(|text| (*text, label)));
        train.extend(texts[count..].iter().map(|text| (*text, label)));
    }
    (train, held_out)
}

fn run_of(settings: Tuning, examples: &[(&str, &str)]) -> String {
    let mut hasher = Sha256::new();
    // More epochs than a run had are the same run.
    let settings = Tuning { epochs: 0, ..settings };
    hasher.update(serde_json::to_string(&settings).unwrap_or_default());
    for (text, label) in examples {
        hasher.update(text);
        hasher.update([0]);
        hasher.update(label);
        hasher.update([1]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn read_checkpoint(path: &Path) -> Option<Checkpoint> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// Token ids of the texts of each label.
type Encoded = BTreeMap<String, Vec<Vec<u32>>>;

struct Trainer {
    network: Network,
    tokenizer: tokenizers::Tokenizer,
    /// What changes, by name.
    variables: BTreeMap<String, Var>,
    optimiser: AdamW,
    settings: Tuning,
}

impl Trainer {
    fn load(files: EncoderFiles<'_>, settings: Tuning) -> Result<Self> {
        let cannot = |path: &Path| format!("cannot read {}", path.display());
        let mut tensors: HashMap<String, Tensor> =
            candle_core::safetensors::load(files.weights, &Device::Cpu)
                .context(ErrorKind::Setup, || cannot(files.weights))?;
        if let Some(tuned) = files.tuned {
            let earlier = candle_core::safetensors::load(tuned, &Device::Cpu)
                .context(ErrorKind::Setup, || cannot(tuned))?;
            tensors.extend(earlier);
        }
        let mut variables = BTreeMap::new();
        for (name, tensor) in &mut tensors {
            let changes = (LAYERS - settings.layers..LAYERS)
                .any(|layer| name.contains(&format!("encoder.layer.{layer}.")));
            if changes {
                let variable = Var::from_tensor(tensor).internal("a layer cannot be tuned")?;
                *tensor = variable.as_tensor().clone();
                variables.insert(name.clone(), variable);
            }
        }
        let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let network = Network::load(&weights)
            .context(ErrorKind::Setup, || "the encoder's weights do not fit its shape".into())?;
        let parameters =
            ParamsAdamW { lr: settings.learning_rate, weight_decay: 0.01, ..Default::default() };
        let optimiser = AdamW::new(variables.values().cloned().collect(), parameters)
            .internal("the optimiser cannot be made")?;
        let tokenizer = tokenizer_of(files.tokenizer)?;
        Ok(Self { network, tokenizer, variables, optimiser, settings })
    }

    fn encoded(&self, examples: &[(&str, &str)]) -> Result<Encoded> {
        let mut encoded = Encoded::new();
        for (text, label) in examples {
            let ids = self.tokenizer.encode(*text, true).internal("a text has no tokens")?;
            encoded.entry((*label).to_string()).or_default().push(ids.get_ids().to_vec());
        }
        Ok(encoded)
    }

    /// One pass over the texts; the batches depend on the seed and the epoch's number alone.
    fn epoch(&mut self, texts: &Encoded, number: usize) -> candle_core::Result<f64> {
        let seed = self.settings.seed.wrapping_mul(1_000_003).wrapping_add(number as u64);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut sum, mut batches) = (0.0, 0usize);
        for batch in self.batches(texts, Some(&mut random)) {
            let loss = self.loss(&batch)?;
            self.optimiser.backward_step(&loss)?;
            sum += f64::from(loss.to_scalar::<f32>()?);
            batches += 1;
        }
        Ok(sum / batches.max(1) as f64)
    }

    fn loss_on(&self, texts: &Encoded) -> candle_core::Result<Option<f64>> {
        let (mut sum, mut batches) = (0.0, 0usize);
        for batch in self.batches(texts, None) {
            sum += f64::from(self.loss(&batch)?.to_scalar::<f32>()?);
            batches += 1;
        }
        Ok((batches > 0).then(|| sum / batches as f64))
    }

    /// Batches of several labels with several texts each.
    fn batches<'a>(
        &self,
        texts: &'a Encoded,
        mut random: Option<&mut ChaCha8Rng>,
    ) -> Vec<Vec<(usize, &'a [u32])>> {
        let mut groups: Vec<(usize, Vec<&[u32]>)> = Vec::new();
        for (label, texts) in texts.values().enumerate() {
            let mut texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
            if let Some(random) = &mut random {
                texts.shuffle(random);
            }
            let several = texts.chunks(self.settings.texts_of_each).filter(|group| group.len() > 1);
            groups.extend(several.map(|group| (label, group.to_vec())));
        }
        if let Some(random) = &mut random {
            groups.shuffle(random);
        }
        groups
            .chunks(self.settings.labels_at_once)
            .filter(|batch| batch.iter().any(|(label, _)| *label != batch[0].0))
            .map(|batch| {
                let of = |(label, texts): &(usize, Vec<&'a [u32]>)| {
                    texts.iter().map(|text| (*label, *text)).collect::<Vec<_>>()
                };
                batch.iter().flat_map(of).collect()
            })
            .collect()
    }

    /// The supervised contrastive loss of a batch: for each text the mean over the others of its label of
    /// minus the log of the share that the other has among all others, by the exponential of the cosine.
    fn loss(&self, batch: &[(usize, &[u32])]) -> candle_core::Result<Tensor> {
        let width = batch.iter().map(|(_, ids)| ids.len()).max().unwrap_or(0);
        let padded = |fill: &dyn Fn(&[u32]) -> Vec<u32>| -> candle_core::Result<Tensor> {
            let rows: Vec<Vec<u32>> = batch
                .iter()
                .map(|(_, ids)| {
                    let mut row = fill(ids);
                    row.resize(width, 0);
                    row
                })
                .collect();
            matrix(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        let ids = padded(&|ids| ids.to_vec())?;
        let mask = padded(&|ids| vec![1; ids.len()])?;
        let states = self.network.hidden_states(&ids, &mask)?;
        let embedded = mean_over_tokens(&states[LAYERS - 1], &mask)?;
        let count = batch.len();
        let mut own = vec![0.0f32; count * count];
        let mut pairs = vec![0.0f32; count * count];
        for (row, (label, _)) in batch.iter().enumerate() {
            let same = batch.iter().filter(|(other, _)| other == label).count() - 1;
            for (column, (other, _)) in batch.iter().enumerate() {
                if row == column {
                    own[row * count + column] = -1e4;
                } else if other == label {
                    pairs[row * count + column] = -1.0 / (same * count) as f32;
                }
            }
        }
        let own = Tensor::from_vec(own, (count, count), &Device::Cpu)?;
        let pairs = Tensor::from_vec(pairs, (count, count), &Device::Cpu)?;
        let scores = (embedded.matmul(&embedded.t()?)? * (1.0 / self.settings.temperature))?;
        let shares = ops::log_softmax(&(scores + own)?, 1)?;
        (shares * pairs)?.sum_all()
    }

    fn write(&self, path: &Path) -> Result<()> {
        let tensors: HashMap<String, Tensor> = self
            .variables
            .iter()
            .map(|(name, variable)| (name.clone(), variable.as_tensor().clone()))
            .collect();
        candle_core::safetensors::save(&tensors, path)
            .context(ErrorKind::Setup, || format!("cannot write {}", path.display()))
    }

    /// Goes on from the layers of a checkpoint. Adam's means begin anew, which a few batches make good.
    fn take(&mut self, path: &Path) -> Result<()> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)
            .context(ErrorKind::Setup, || format!("cannot read {}", path.display()))?;
        for (name, variable) in &self.variables {
            let tensor = tensors.get(name).ok_or_else(|| {
                Error::input(format!("{} lacks {name}; remove it", path.display()))
            })?;
            variable.set(tensor).internal("a checkpoint does not fit")?;
        }
        Ok(())
    }
}
