//! Whether evidence says a sentence: supported, contradicted, or absent from it.
//!
//! Decomposable attention (Parikh et al., 2016) over the frozen encoder's tokens: each token of the sentence is laid beside the
//! tokens of the evidence that it attends to, the comparisons are pooled, and a small network weighs them together with a few exact
//! features of the words. `training/support` trains it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::head_file::HeadFile;
use super::softmax::into_probabilities;
use crate::model::encoder::{EMBEDDING_SIZE, TokenStates};
use crate::retrieve::dense::dot;
use crate::{Error, Result};

/// The name of the head and of its directory.
pub const SUPPORT: &str = "support";
/// Tokens of evidence beyond these are not looked at.
const MOST_EVIDENCE: usize = 512;
/// Features of a sentence that are not read by the encoder.
pub const FEATURES: usize = 6;
/// Features of a token besides its state.
const TOKEN_FEATURES: usize = 4;
/// Supported, contradicted, absent.
const CLASSES: usize = 3;

/// What a head is besides its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SupportSettings {
    temperature: f32,
    classes: [String; CLASSES],
}

/// A trained head.
#[derive(Debug, Clone, PartialEq)]
pub struct SupportHead {
    project: Layer,
    compare: Layer,
    hidden: Layer,
    output: Layer,
    temperature: f32,
}

/// How likely each is; together 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Support {
    /// The evidence says it.
    pub supported: f32,
    /// The evidence says otherwise.
    pub contradicted: f32,
    /// The evidence says nothing of it.
    pub absent: f32,
}

impl Support {
    /// True if nothing else is likelier than that the evidence says it.
    pub fn is_likeliest(&self) -> bool {
        self.supported >= self.contradicted.max(self.absent)
    }
}

/// Evidence as the head reads it.
#[derive(Debug, Clone, Default)]
pub struct ReadEvidence {
    ids: HashSet<u32>,
    /// The tokens of each text.
    texts: Vec<Vec<u32>>,
    /// `[tokens, 384]`.
    states: Vec<f32>,
    /// `[tokens, width]`.
    projected: Vec<f32>,
}

impl ReadEvidence {
    /// For each token of a sentence: of the texts that have it, the greatest share of tokens that the sentence has too. What was taken from
    /// one text is mostly said as a whole; what was put in from another stands alone.
    fn covers(&self, sentence: &[u32]) -> Vec<f32> {
        let said: HashSet<u32> = sentence.iter().copied().collect();
        let share = |text: &Vec<u32>| {
            let known = text.iter().filter(|id| said.contains(id)).count();
            known as f32 / text.len().max(1) as f32
        };
        let shares: Vec<(HashSet<u32>, f32)> =
            self.texts.iter().map(|text| (text.iter().copied().collect(), share(text))).collect();
        let cover = |id: &u32| {
            let with = shares.iter().filter(|(ids, _)| ids.contains(id));
            with.map(|(_, share)| *share).fold(0.0, f32::max)
        };
        sentence.iter().map(cover).collect()
    }
}

impl SupportHead {
    /// The head of a file.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] if the file holds none.
    pub fn of_file(file: &HeadFile) -> Result<Self> {
        let settings: SupportSettings = file.settings()?;
        if settings.classes != ["supported", "contradicted", "absent"]
            || settings.temperature <= 0.0
        {
            return Err(Error::input(
                "its classes or its temperature are not those of a support head",
            ));
        }
        let width = file.rows("project.bias")?.len();
        let hidden = file.rows("hidden.bias")?.len();
        Ok(Self {
            project: Layer::of(file, "project", EMBEDDING_SIZE, width)?,
            compare: Layer::of(file, "compare", 4 * width + TOKEN_FEATURES, width)?,
            hidden: Layer::of(file, "hidden", 2 * width + FEATURES, hidden)?,
            output: Layer::of(file, "output", hidden, CLASSES)?,
            temperature: settings.temperature,
        })
    }

    /// Reads evidence, one or several texts.
    pub fn read(&self, evidence: &[TokenStates]) -> ReadEvidence {
        let mut states: Vec<f32> =
            evidence.iter().flat_map(|text| text.states.iter().copied()).collect();
        states.truncate(MOST_EVIDENCE * EMBEDDING_SIZE);
        let tokens = states.len() / EMBEDDING_SIZE;
        let ids = evidence.iter().flat_map(|text| text.ids.iter().copied()).take(tokens).collect();
        let projected = states
            .chunks_exact(EMBEDDING_SIZE)
            .flat_map(|state| self.project.rectified(state))
            .collect();
        let texts = evidence.iter().map(|text| text.ids.clone()).collect();
        ReadEvidence { ids, texts, states, projected }
    }

    /// Judges a sentence beside evidence.
    pub fn judge(
        &self,
        sentence: &TokenStates,
        evidence: &ReadEvidence,
        features: [f32; FEATURES],
    ) -> Support {
        let mut shares = self.logits(sentence, evidence, features);
        shares.iter_mut().for_each(|logit| *logit /= self.temperature);
        into_probabilities(&mut shares);
        Support { supported: shares[0], contradicted: shares[1], absent: shares[2] }
    }

    fn logits(
        &self,
        sentence: &TokenStates,
        evidence: &ReadEvidence,
        features: [f32; FEATURES],
    ) -> Vec<f32> {
        let width = self.project.outputs();
        let (mut greatest, mut sum) = (vec![f32::NEG_INFINITY; width], vec![0.0; width]);
        let tokens = sentence.ids.len();
        let covers = evidence.covers(&sentence.ids);
        for (place, state) in sentence.states.chunks_exact(EMBEDDING_SIZE).enumerate() {
            let own = self.project.rectified(state);
            let aligned = attended(&own, &evidence.projected);
            let known = evidence.states.chunks_exact(EMBEDDING_SIZE).map(|known| dot(state, known));
            let nearest = known.fold(-1.0, f32::max);
            let mut compared = own.clone();
            compared.extend_from_slice(&aligned);
            compared.extend(own.iter().zip(&aligned).map(|(own, aligned)| own - aligned));
            compared.extend(own.iter().zip(&aligned).map(|(own, aligned)| own * aligned));
            let is_known = evidence.ids.contains(&sentence.ids[place]);
            let has_digit = f32::from(sentence.has_digit[place]);
            compared.extend([f32::from(is_known), nearest, has_digit, covers[place]]);
            for (at, value) in self.compare.rectified(&compared).into_iter().enumerate() {
                greatest[at] = greatest[at].max(value);
                sum[at] += value;
            }
        }
        if tokens == 0 {
            greatest.fill(0.0);
        }
        let mut pooled = greatest;
        pooled.extend(sum.iter().map(|value| value / tokens.max(1) as f32));
        pooled.extend(features);
        self.output.forward(&self.hidden.rectified(&pooled))
    }
}

/// The mean of the rows of `known`, each weighed by its product with `own`; zeros if there are none.
fn attended(own: &[f32], known: &[f32]) -> Vec<f32> {
    let width = own.len();
    let scale = 1.0 / (width as f32).sqrt();
    let mut shares: Vec<f32> = known.chunks_exact(width).map(|row| dot(own, row) * scale).collect();
    into_probabilities(&mut shares);
    let mut mean = vec![0.0; width];
    for (share, row) in shares.iter().zip(known.chunks_exact(width)) {
        mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += share * value);
    }
    mean
}

/// A matrix, `[outputs, inputs]`, and biases.
#[derive(Debug, Clone, PartialEq)]
struct Layer {
    weights: Vec<f32>,
    biases: Vec<f32>,
    inputs: usize,
}

impl Layer {
    fn of(file: &HeadFile, name: &str, inputs: usize, outputs: usize) -> Result<Self> {
        let weights = file.rows(&format!("{name}.weight"))?;
        let biases = file.rows(&format!("{name}.bias"))?;
        if inputs == 0 || weights.len() != inputs * outputs || biases.len() != outputs {
            return Err(Error::input(format!(
                "`{name}` is not of {inputs} inputs and {outputs} outputs"
            )));
        }
        Ok(Self { weights, biases, inputs })
    }

    fn outputs(&self) -> usize {
        self.biases.len()
    }

    fn forward(&self, input: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(self.inputs).zip(&self.biases);
        rows.map(|(row, bias)| dot(row, input) + bias).collect()
    }

    fn rectified(&self, input: &[f32]) -> Vec<f32> {
        self.forward(input).into_iter().map(|value| value.max(0.0)).collect()
    }
}
