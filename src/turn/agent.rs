//! Everything a turn works with, loaded once and shared by all turns.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::compose::{Composer, GeneratorSettings, prompt_source};
use super::decide::PolicySettings;
use super::gather::EmbeddingCache;
use super::intents::{Intent, Intents};
use super::lexicon::Lexicon;
use super::phrases::Phrases;
use super::support::SupportChecker;
use super::types::Provenance;
use crate::judge::conversation::Judge;
use crate::judge::heads::Heads;
use crate::judge::training::folds::part_of;
use crate::model::embedding_file::EmbeddingFile;
use crate::model::encoder::Encoder;
use crate::model::generator::Generator;
use crate::retrieve::Index;
use crate::retrieve::fact::wording::WordingSettings;
use crate::{Error, Result};

/// The intents that ship with Steward.
pub const SHIPPED_INTENTS: &str = include_str!("../../index/intents.toml");

/// How turns are run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentSettings {
    /// A file of intents in place of the shipped ones; empty for the shipped ones.
    pub intents: String,
    /// A directory of heads that `steward train` wrote, in place of the shipped ones; empty for those.
    pub heads: String,
    /// A directory of heads that are tried beside those, each conversation judged by the one or the
    /// other from its beginning to its end; empty for none.
    pub candidate_heads: String,
    /// Share of the conversations that the candidate heads judge, 0 to 1.
    pub candidate_share: f64,
    /// When to answer, ask back or hand over.
    pub policy: PolicySettings,
    /// How amounts and dates are written.
    pub wording: WordingSettings,
}

/// Passages whose sentences are embedded ahead of the first question.
const MOST_WARMED_PASSAGES: usize = 2_000;

/// The agent. Clones share everything.
#[derive(Clone)]
pub struct Agent {
    pub(super) inner: Arc<Inner>,
}

/// Embeds texts, from a file of embeddings where they are known.
pub type Embed<'a> = dyn FnMut(&[String]) -> Result<Vec<Vec<f32>>> + 'a;

/// The models that an agent runs.
pub struct Models {
    /// The encoder.
    pub encoder: Arc<Encoder>,
    /// SHA-256 of its weights.
    pub encoder_hash: String,
    /// Where embeddings of fixed texts are kept between starts.
    pub embeddings: EmbeddingFile,
    /// The generator, if it is on.
    pub generator: Option<Generator>,
    /// SHA-256 of its weights, or the file's name; empty if it is off.
    pub generator_hash: String,
}

/// Heads that are tried on some of the conversations.
pub(super) struct Candidate {
    judge: Arc<Judge>,
    share: f64,
}

/// Steps in which a share of the conversations can be set.
const SHARE_STEPS: usize = 10_000;

pub(super) struct Inner {
    /// None if the generator is off.
    pub composer: Option<Composer>,
    pub encoder: Arc<Encoder>,
    pub judge: Arc<Judge>,
    pub candidate: Option<Candidate>,
    pub index: Index,
    /// The intents in force; an admin may replace them.
    pub intents: ArcSwap<KnownIntents>,
    pub lexicon: Lexicon,
    pub phrases: Phrases,
    pub settings: AgentSettings,
    /// The policy in force; a reload replaces it.
    pub policy: ArcSwap<PolicySettings>,
    pub cache: EmbeddingCache,
    pub provenance: Provenance,
}

/// Intents with what they were read from.
pub(super) struct KnownIntents {
    pub intents: Intents,
    text: String,
    /// Names the prompts and them in the provenance of replies.
    pub prompts: String,
}

impl KnownIntents {
    fn load(text: String, embed: &mut Embed) -> Result<Self> {
        let intents = Intents::load(&text, embed)?;
        let [system, question] = prompt_source();
        let prompts = short_hash(&[Phrases::source(), &text, system, question]);
        Ok(Self { intents, text, prompts })
    }
}

impl Inner {
    /// See [`Agent::judge_of`].
    pub fn judge_of(&self, conversation: &str) -> &Arc<Judge> {
        let place = part_of(conversation, SHARE_STEPS) as f64 / SHARE_STEPS as f64;
        let candidate = self.candidate.as_ref().filter(|candidate| place < candidate.share);
        candidate.map_or(&self.judge, |candidate| &candidate.judge)
    }
}

impl Agent {
    /// An agent over an open index; reads the intents, the lexicon and the phrases. Blocking.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Setup`] if a file of the installation is not what it should be.
    pub fn new(
        models: Models,
        index: Index,
        settings: AgentSettings,
        generator_settings: GeneratorSettings,
    ) -> Result<Self> {
        let Models { encoder, encoder_hash, mut embeddings, generator, generator_hash } = models;
        let intents_text = match settings.intents.as_str() {
            "" => SHIPPED_INTENTS.to_string(),
            path => std::fs::read_to_string(path).map_err(|problem| {
                crate::Error::setup(format!(
                    "cannot read the intents file `{path}` (setting agent.intents): {problem}"
                ))
            })?,
        };
        let mut embed = |texts: &[String]| embeddings.embed(&encoder, texts);
        let intents = KnownIntents::load(intents_text, &mut embed)?;
        let lexicon = Lexicon::shipped(&mut embed)?;
        let phrases = Phrases::shipped()?;
        let provenance = Provenance {
            steward: env!("CARGO_PKG_VERSION").to_string(),
            encoder: encoder_hash.chars().take(16).collect(),
            generator: generator_hash.chars().take(16).collect(),
            ..Provenance::default()
        };
        let heads = Some(settings.heads.as_str()).filter(|path| !path.is_empty());
        let judge = Arc::new(Judge::new(encoder.clone(), Heads::load(heads.map(Path::new))?));
        if !(0.0..=1.0).contains(&settings.candidate_share) {
            let share = settings.candidate_share;
            return Err(Error::setup(format!(
                "agent.candidate_share is {share}; expected 0 to 1, the share of the conversations"
            )));
        }
        let candidate = match settings.candidate_heads.as_str() {
            "" => None,
            directory => {
                let heads = Heads::load(Some(Path::new(directory)))?;
                let judge = Arc::new(judge.with_heads(heads)?);
                Some(Candidate { judge, share: settings.candidate_share })
            }
        };
        let support = SupportChecker::shipped(encoder.clone())?;
        let composer = generator.map(|generator| Composer {
            generator,
            settings: generator_settings,
            support,
        });
        let inner = Inner {
            composer,
            encoder,
            judge,
            candidate,
            index,
            intents: ArcSwap::from_pointee(intents),
            lexicon,
            phrases,
            policy: ArcSwap::from_pointee(settings.policy.clone()),
            settings,
            cache: EmbeddingCache::default(),
            provenance,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Embeds the sentences of the articles and the names of public fields ahead of the first
    /// question. Blocking, about 10 ms a sentence; turns may run meanwhile.
    ///
    /// # Errors
    /// If the index cannot be read or the encoder fails.
    pub fn warm_up(&self) -> Result<()> {
        let inner = &self.inner;
        for passage in inner.index.passages(MOST_WARMED_PASSAGES)? {
            inner.cache.sentences(&passage, &inner.encoder)?;
        }
        Ok(())
    }

    /// Turns that begin from now on follow `policy`.
    pub(crate) fn follow(&self, policy: PolicySettings) {
        self.inner.policy.store(Arc::new(policy));
    }

    /// The intents in force, as they were written.
    pub fn intents_text(&self) -> String {
        self.inner.intents.load().text.clone()
    }

    /// Turns that begin from now on know these intents. Blocking: each example is embedded.
    ///
    /// # Errors
    /// As [`Intents::load`]; nothing has changed then.
    pub fn replace_intents(&self, text: &str) -> Result<()> {
        let mut embed = |texts: &[String]| self.inner.encoder.embed(texts);
        let known = KnownIntents::load(text.to_string(), &mut embed)?;
        self.inner.intents.store(Arc::new(known));
        Ok(())
    }

    /// The intents of a text by nearness to their examples, the nearest first. Blocking.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn intents_of(&self, text: &str) -> Result<Vec<Intent>> {
        let embedding = self.inner.encoder.embed_one(text)?;
        Ok(self.inner.intents.load().intents.rank(&embedding))
    }

    /// The knowledge and the records.
    pub fn index(&self) -> &Index {
        &self.inner.index
    }

    /// What judges the messages of a conversation: the same judge whenever it is asked.
    pub fn judge_of(&self, conversation: &str) -> &Arc<Judge> {
        self.inner.judge_of(conversation)
    }

    /// The hash of the encoder's weights.
    pub fn encoder_hash(&self) -> &str {
        &self.inner.provenance.encoder
    }

    /// Every wording of the phrases of these names.
    pub fn wordings_of(&self, names: &[&str]) -> Vec<String> {
        self.inner.phrases.wordings_of(names)
    }

    /// The encoder.
    pub fn encoder(&self) -> &Arc<Encoder> {
        &self.inner.encoder
    }
}

/// The first 16 hex digits of the SHA-256 of the texts.
fn short_hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
