//! From settings to a running agent: the models fetched, the index opened and brought up to date, the
//! demo shop imported into a data directory that has never had an import.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokenizers::Tokenizer;

use crate::config::Config;
use crate::demo_data;
use crate::judge::heads::INTENTS;
use crate::model::compute::Compute;
use crate::model::embedding_file::EmbeddingFile;
use crate::model::encoder::Encoder;
use crate::model::encoder::Precision;
use crate::model::encoder::tune::LAYERS_FILE;
use crate::model::fetch::ModelCache;
use crate::model::generator::Generator;
use crate::model::generator::adapter::Adapter;
use crate::model::generator::requantise::{Changes, fast_copy};
use crate::model::manifest;
use crate::retrieve::Index;
use crate::retrieve::ingest::{ImportOptions, Progress, Silent, import_accounts, import_knowledge};
use crate::retrieve::upkeep;
use crate::turn::Agent;
use crate::turn::agent::Models;
use crate::turn::compose::{NO_ADAPTER, SHIPPED_ADAPTER};
use crate::{Error, Result};

/// The intents as admins edited them, in the data directory.
pub const INTENTS_FILE: &str = "intents.toml";

/// What the setup tells whoever waits for it.
pub trait Narrator {
    /// A new stage begins, such as "importing the articles of the demo shop".
    fn stage(&mut self, name: &'static str) -> Box<dyn Progress>;
}

/// The cache of model files.
pub fn model_cache(config: &Config) -> ModelCache {
    ModelCache::new(ModelCache::default_directory(), config.place.offline)
}

/// Loads the encoder, fetching it first if need be, with the tuned layers that the settings' intent head
/// was trained over.
///
/// # Errors
/// If it cannot be fetched or read.
pub fn encoder(config: &Config) -> Result<Encoder> {
    let own = Path::new(&config.agent.heads).join(INTENTS).join(LAYERS_FILE);
    let tuned = Some(own).filter(|own| !config.agent.heads.is_empty() && own.exists());
    let (weights, tokenizer) = encoder_files(config)?;
    Compute::begin(config.engine.isa)?;
    Encoder::load_as(&weights, &tokenizer, tuned.as_deref(), config.engine.encoder)
}

/// The encoder's weights and tokenizer, fetched first if need be.
///
/// # Errors
/// If they cannot be fetched.
pub fn encoder_files(config: &Config) -> Result<(PathBuf, PathBuf)> {
    let cache = model_cache(config);
    let weights = cache.ensure(&manifest::find("minilm-l6-v2")?)?;
    Ok((weights, cache.ensure(&manifest::find("minilm-l6-v2-tokenizer")?)?))
}

/// Loads the encoder's tokenizer alone.
///
/// # Errors
/// As [`encoder`].
pub fn encoder_tokenizer(config: &Config) -> Result<Tokenizer> {
    let path = encoder_files(config)?.1;
    Tokenizer::from_file(&path)
        .map_err(|problem| Error::setup(format!("cannot read {}: {problem}", path.display())))
}

/// Tells nobody.
pub struct Quiet;

impl Narrator for Quiet {
    fn stage(&mut self, _name: &'static str) -> Box<dyn Progress> {
        Box::new(Silent)
    }
}

/// Opens the index of the data directory, brought up to date with what was imported. Nobody is told how far that is.
///
/// # Errors
/// If it cannot be opened.
pub fn index(config: &Config) -> Result<Index> {
    index_for(config, &mut Quiet)
}

/// As [`index`], told to somebody who waits.
///
/// # Errors
/// As [`index`].
pub fn index_for(config: &Config, narrator: &mut dyn Narrator) -> Result<Index> {
    let (data_dir, settings) = (&config.place.data_dir, config.retrieval.clone());
    let embed = late_encoder(config);
    upkeep::open(data_dir, settings, &embed, &mut |stage| narrator.stage(stage))
}

/// As [`index_for`], after making it anew from what was imported, even if it seems whole.
///
/// # Errors
/// As [`index`], and [`crate::ErrorKind::Busy`] during an import.
pub fn rebuilt_index(config: &Config, narrator: &mut dyn Narrator) -> Result<Index> {
    let data_dir = &config.place.data_dir;
    let embed = late_encoder(config);
    upkeep::mend_by_hand(data_dir, &embed, &mut |stage| narrator.stage(stage))?;
    Index::open_with(data_dir, config.retrieval.clone())
}

/// The encoder, loaded only if what was imported has to be embedded anew.
fn late_encoder(config: &Config) -> impl Fn(&[String]) -> Result<Vec<Vec<f32>>> {
    let encoder: OnceCell<Encoder> = OnceCell::new();
    move |texts| match encoder.get() {
        Some(encoder) => encoder.embed(texts),
        None => {
            let loaded = self::encoder(config)?;
            encoder.get_or_init(|| loaded).embed(texts)
        }
    }
}

/// Loads the agent over the data directory as it is. Blocking.
///
/// # Errors
/// If a model, the index or a setting cannot be used.
pub fn agent(config: &Config) -> Result<Agent> {
    over_index(config, Arc::new(encoder(config)?), index(config)?)
}

fn over_index(config: &Config, encoder: Arc<Encoder>, index: Index) -> Result<Agent> {
    let cache = model_cache(config);
    let encoder_hash = manifest::find("minilm-l6-v2")?.sha256;
    let embeddings = EmbeddingFile::open(
        // Of another precision they are others.
        &cache.directory().join(match config.engine.encoder {
            Precision::F32 => format!("embeddings-{}.bin", &encoder_hash[..16]),
            Precision::Int8 => format!("embeddings-{}-int8.bin", &encoder_hash[..16]),
        }),
    )?;
    let (generator, generator_hash) = generator(config, &cache)?;
    let models = Models { encoder, encoder_hash, embeddings, generator, generator_hash };
    let mut settings = config.agent.clone();
    let edited = config.place.data_dir.join(INTENTS_FILE);
    if settings.intents.is_empty() && edited.is_file() {
        settings.intents = edited.display().to_string();
    }
    Agent::new(models, index, settings, config.generator.clone())
}

/// The generator that the settings ask for, fetched and started, whether or not they turn it on. Blocking.
///
/// # Errors
/// If its weights or its adapter cannot be used.
pub fn generator_of(config: &Config) -> Result<Generator> {
    Ok(started(config, &model_cache(config))?.0)
}

/// Starts the generator, if the settings ask for it; with it, what names its weights.
fn generator(config: &Config, cache: &ModelCache) -> Result<(Option<Generator>, String)> {
    if !config.generator.enabled {
        return Ok((None, String::new()));
    }
    let (generator, name) = started(config, cache)?;
    Ok((Some(generator), name))
}

/// The file that the generator runs from, as the settings want it: fetched and re-quantised first if need be.
///
/// # Errors
/// As [`generator_of`].
pub fn generator_file(config: &Config) -> Result<PathBuf> {
    let chosen = chosen_generator(config, &model_cache(config))?;
    fast_copy(&chosen.weights, &chosen.changes, &chosen.copies)
}

/// What the settings choose as the generator.
struct ChosenGenerator {
    weights: PathBuf,
    changes: Changes,
    /// Where copies are kept.
    copies: PathBuf,
    /// What names the weights as they are changed.
    name: String,
}

/// The generator, and what names its weights.
fn started(config: &Config, cache: &ModelCache) -> Result<(Generator, String)> {
    let ChosenGenerator { weights, changes, copies, name } = chosen_generator(config, cache)?;
    let settings = &config.generator;
    let prefix_bytes = settings.prefix_mib.saturating_mul(1 << 20);
    let generator = Generator::start(&weights, &changes, &copies, settings.queue, prefix_bytes)?;
    Ok((generator, name))
}

fn chosen_generator(config: &Config, cache: &ModelCache) -> Result<ChosenGenerator> {
    Compute::begin(config.engine.isa)?;
    let settings = &config.generator;
    let (weights, name) = match settings.file.as_str() {
        "" => {
            let artefact = manifest::find("smollm2-135m-instruct")?;
            (cache.ensure(&artefact)?, artefact.sha256)
        }
        path => (PathBuf::from(path), path.to_string()),
    };
    let adapter = match settings.adapter.as_str() {
        NO_ADAPTER => None,
        SHIPPED_ADAPTER if settings.file.is_empty() => Some(Adapter::shipped()?),
        SHIPPED_ADAPTER => None,
        path => Some(Adapter::read(Path::new(path))?),
    };
    let name = match &adapter {
        None => name,
        Some(adapter) => format!("{name}+{}", adapter.digest()),
    };
    let copies = cache.directory().join("requantised");
    let changes = Changes { adapter, format: settings.format };
    Ok(ChosenGenerator { weights, changes, copies, name })
}

/// As [`agent`]; a data directory without any import is given the demo shop first, if the settings
/// ask for it and its files are there.
///
/// # Errors
/// As [`agent`], and if the demo shop cannot be imported.
pub fn agent_with_demo(config: &Config, narrator: &mut dyn Narrator) -> Result<Agent> {
    let encoder = Arc::new(encoder(config)?);
    let index = index_for(config, narrator)?;
    if config.server.demo && !index.ever_imported()? {
        import_demo(config, &index, &encoder, narrator)?;
        if index.ever_imported()? {
            demo_data::mark_in_use(&config.place.data_dir)?;
        }
    }
    over_index(config, encoder, index)
}

/// Imports the demo shop: its articles and its records.
///
/// # Errors
/// If its files are there but cannot be read, or the index cannot be written.
pub fn import_demo(
    config: &Config,
    index: &Index,
    encoder: &Encoder,
    narrator: &mut dyn Narrator,
) -> Result<()> {
    let directory = Path::new(&config.server.demo_directory);
    let (knowledge, accounts): (PathBuf, PathBuf) =
        (directory.join("knowledge"), directory.join("accounts"));
    if !knowledge.is_dir() || !accounts.is_dir() {
        tracing::info!(directory = %directory.display(), "no demo shop here; the index starts empty");
        return Ok(());
    }
    let options = ImportOptions::default();
    let mut progress = narrator.stage("importing the articles of the demo shop");
    let articles = import_knowledge(index, encoder, &[knowledge], &options, progress.as_mut())?;
    drop(progress);
    let mut progress = narrator.stage("importing the records of the demo shop");
    let records = import_accounts(index, encoder, &[accounts], &options, progress.as_mut())?;
    if let Some(problem) = articles.problems.iter().chain(&records.problems).next() {
        return Err(Error::setup(format!("the demo shop cannot be imported: {problem}")));
    }
    Ok(())
}
