//! `steward bench retrieval`: an index of any size, made from a seed: how fast it is written and opened, how long a
//! question waits, how many of the nearest passages are found, and when a changed article is seen.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use steward::config::Config;
use steward::model::encoder::EMBEDDING_SIZE;
use steward::retrieve::conversation::ConversationQuery;
use steward::retrieve::dense::dot;
use steward::retrieve::index::INDEX_DIRECTORY;
use steward::retrieve::split::passages_of;
use steward::retrieve::{Document, Index, Item, Passage, Section, TextQuery};
use steward::telemetry::process::own_bytes;
use steward::turn::{Role, Utterance};

use super::timing::{median, ms_since, percentile};

/// Sections of an article, each a passage.
const SECTIONS: usize = 5;
const WORDS_OF_SECTION: usize = 60;
const VOCABULARY: usize = 40_000;
/// The first of the vocabulary, which half of all words are: made up like the rest, they would all be names.
const MOST_COMMON_WORDS: &str = "the to and of a in is for you your it on with are be this that can or we not have \
    if will as by from at our an do how what when i my me please order account payment card time day email number \
    change return refund delivery item price service phone help new free customer website date week bill";
const CENTRES: usize = 2000;
/// Documents of one commit.
const BATCH: usize = 20_000;
/// What recall is measured on.
const NEAREST: usize = 10;
/// What a turn asks for.
const LIMIT: usize = 12;
/// Passages that the encoder is timed on.
const EMBEDDED: usize = 256;

#[derive(Args)]
pub struct RetrievalArguments {
    /// Passages, five of each article.
    #[arg(long, default_value_t = 100_000)]
    passages: usize,
    /// Where the index lies; made there unless it is there already. Memory is told truly only where it is: what
    /// made it leaves some behind. Without it, one is made and removed.
    #[arg(long, value_name = "DIRECTORY")]
    index: Option<PathBuf>,
    /// Questions.
    #[arg(long, default_value_t = 200)]
    questions: usize,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    passages: usize,
    encoded_per_second: f64,
    /// None if it was there already.
    written_per_second: Option<f64>,
    opened_s: f64,
    own_mib: f64,
    meaning_p50_ms: f64,
    meaning_p95_ms: f64,
    recall_at_10: f64,
    question_p50_ms: f64,
    question_p95_ms: f64,
    dialogue_p50_ms: f64,
    dialogue_p95_ms: f64,
    change_seen_ms: f64,
    change_written_and_seen_ms: f64,
}

pub fn run(arguments: &RetrievalArguments, config: &Config) -> anyhow::Result<ExitCode> {
    // On the disk of the data directory, not in it.
    config.create_data_dir()?;
    let own = tempfile::tempdir_in(&config.place.data_dir)?;
    let directory = arguments.index.as_deref().unwrap_or(own.path());
    let world = World::new();
    let documents = arguments.passages.div_ceil(SECTIONS).max(1);
    let encoded_per_second = encoded_per_second(&world, config)?;
    let written_per_second = match directory.join(INDEX_DIRECTORY).exists() {
        true => None,
        false => Some(write(&world, documents, directory, config)?),
    };
    let before = own_bytes().unwrap_or(0.0);
    let started = Instant::now();
    let index = Index::open_with(directory, config.retrieval.clone())?;
    let passages = index.statistics()?.passages;
    anyhow::ensure!(passages == documents * SECTIONS, "the index is of {passages} passages");
    let opened_s = started.elapsed().as_secs_f64();
    let questions: Vec<Question> =
        (0..arguments.questions.max(1)).map(|number| world.question(number, documents)).collect();

    let mut found = Vec::new();
    let mut by_meaning = timed(&questions, |question| {
        let query = TextQuery { text: "", embedding: &question.embedding, limit: NEAREST };
        found.push(index.search_passages(&query)?.into_iter().map(|hit| hit.passage.id).collect());
        Ok(())
    })?;
    let recall_at_10 = recall(&found, &world.nearest(documents, &questions));
    let mut by_question = timed(&questions, |question| {
        let (text, embedding) = (question.words.as_str(), question.embedding.as_slice());
        index.search_passages(&TextQuery { text, embedding, limit: LIMIT })?;
        Ok(())
    })?;
    let mut by_dialogue = timed(&questions, |question| {
        let query = ConversationQuery::from_turns(&question.dialogue());
        index.texts_to_embed(&query)?;
        let embeddings = [question.embedding.clone(), question.in_context.clone()];
        index.search_conversation(&query, &embeddings, LIMIT)?;
        Ok(())
    })?;
    let own_mib = (own_bytes().unwrap_or(0.0) - before) / f64::from(1 << 20);

    let (mut seen, mut written) = (Vec::new(), Vec::new());
    for number in (0..documents).step_by(documents.div_ceil(10)) {
        let started = Instant::now();
        let mut writer = index.writer()?;
        writer.upsert(Item::Document(world.changed(number)), &world.embeddings(number))?;
        writer.commit()?;
        let committed = Instant::now();
        index.refresh()?;
        let lead = index.lead_passage(&id_of(number))?.context("the article is gone")?;
        anyhow::ensure!(lead.text.contains(CHANGED), "the change is not seen");
        seen.push(ms_since(committed));
        written.push(ms_since(started));
    }
    let figures = Figures {
        passages,
        encoded_per_second,
        written_per_second,
        opened_s,
        own_mib,
        meaning_p50_ms: percentile(&mut by_meaning, 0.5),
        meaning_p95_ms: percentile(&mut by_meaning, 0.95),
        recall_at_10,
        question_p50_ms: percentile(&mut by_question, 0.5),
        question_p95_ms: percentile(&mut by_question, 0.95),
        dialogue_p50_ms: percentile(&mut by_dialogue, 0.5),
        dialogue_p95_ms: percentile(&mut by_dialogue, 0.95),
        change_seen_ms: median(&mut seen),
        change_written_and_seen_ms: median(&mut written),
    };
    if arguments.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        print(&figures);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(figures: &Figures) {
    let written = figures.written_per_second.map(|rate| format!(", {rate:.0} a second written"));
    println!(
        "{} passages: {:.0} a second embedded{}; opened in {:.1} s, {:.0} MiB of its own",
        figures.passages,
        figures.encoded_per_second,
        written.unwrap_or_default(),
        figures.opened_s,
        figures.own_mib
    );
    println!(
        "by meaning alone: {:.1} ms (p50), {:.1} ms (p95), recall@{NEAREST} {:.4}",
        figures.meaning_p50_ms, figures.meaning_p95_ms, figures.recall_at_10
    );
    println!(
        "a question: {:.1} ms (p50), {:.1} ms (p95); in a dialogue: {:.1} ms (p50), {:.1} ms (p95)",
        figures.question_p50_ms,
        figures.question_p95_ms,
        figures.dialogue_p50_ms,
        figures.dialogue_p95_ms
    );
    println!(
        "a changed article is seen {:.0} ms after it is written (p50), {:.0} ms after it is saved",
        figures.change_seen_ms, figures.change_written_and_seen_ms
    );
}

/// Passages a second.
fn write(
    world: &World,
    documents: usize,
    directory: &Path,
    config: &Config,
) -> anyhow::Result<f64> {
    let started = Instant::now();
    let index = Index::open_with(directory, config.retrieval.clone())?;
    for first in (0..documents).step_by(BATCH) {
        let mut writer = index.writer()?;
        for number in first..documents.min(first + BATCH) {
            writer.upsert(Item::Document(world.document(number)), &world.embeddings(number))?;
        }
        writer.finish()?;
    }
    Ok((documents * SECTIONS) as f64 / started.elapsed().as_secs_f64())
}

fn encoded_per_second(world: &World, config: &Config) -> anyhow::Result<f64> {
    let encoder = steward::setup::encoder(config)?;
    let passages = (0..EMBEDDED.div_ceil(SECTIONS))
        .flat_map(|number| passages_of(&world.document(number)))
        .map(|passage: Passage| passage.text_to_embed());
    let texts: Vec<String> = passages.collect();
    encoder.embed(&texts[..SECTIONS])?;
    let started = Instant::now();
    encoder.embed(&texts)?;
    Ok(texts.len() as f64 / started.elapsed().as_secs_f64())
}

/// A company's articles: words as often as those of a language, meanings around centres.
struct World {
    words: Vec<String>,
    centres: Vec<Vec<f32>>,
}

struct Question {
    words: String,
    title: String,
    embedding: Vec<f32>,
    in_context: Vec<f32>,
}

const CHANGED: &str = "changed";

impl World {
    fn new() -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let syllables =
            ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "wan", "pel", "dor", "gri"];
        let mut words: Vec<String> =
            MOST_COMMON_WORDS.split_whitespace().map(str::to_string).collect();
        words.resize_with(VOCABULARY, || {
            let count = rng.random_range(2..5);
            (0..count).map(|_| syllables[rng.random_range(0..syllables.len())]).collect()
        });
        let centres = (0..CENTRES).map(|_| normal(&mut rng)).collect();
        World { words, centres }
    }

    /// A word, the first ones most often (Zipf's law).
    fn word(&self, rng: &mut ChaCha8Rng) -> &str {
        let place = (self.words.len() as f32).powf(rng.random::<f32>()) as usize;
        &self.words[place.min(self.words.len() - 1)]
    }

    fn text(&self, rng: &mut ChaCha8Rng, words: usize) -> String {
        (0..words).map(|_| self.word(rng)).collect::<Vec<_>>().join(" ")
    }

    fn document(&self, number: usize) -> Document {
        let rng = &mut rng_of(number, 0);
        let title = self.text(rng, 4);
        let sections = (0..SECTIONS)
            .map(|_| Section {
                heading: vec![self.text(rng, 3)],
                text: format!("{}.", self.text(rng, WORDS_OF_SECTION)),
            })
            .collect();
        Document { sections, ..Document::plain(id_of(number), title, "") }
    }

    fn changed(&self, number: usize) -> Document {
        let mut document = self.document(number);
        document.sections[0].text.insert_str(0, &format!("{CHANGED} "));
        document
    }

    /// Of the sections of a document: at a cosine of about 0.8 to its centre.
    fn embeddings(&self, number: usize) -> Vec<Vec<f32>> {
        let rng = &mut rng_of(number, 1);
        (0..SECTIONS).map(|_| self.near(number * 7919 % CENTRES, rng)).collect()
    }

    fn near(&self, centre: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let noise = normal(rng);
        let mut vector: Vec<f32> = self.centres[centre]
            .iter()
            .zip(&noise)
            .map(|(value, noise)| value + 0.75 * noise)
            .collect();
        let length = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|value| *value /= length);
        vector
    }

    fn question(&self, number: usize, documents: usize) -> Question {
        let rng = &mut rng_of(number, 2);
        let about = rng.random_range(0..documents);
        Question {
            words: self.text(rng, 8),
            title: self.document(about).title,
            embedding: self.near(about * 7919 % CENTRES, rng),
            in_context: self.near(about * 7919 % CENTRES, rng),
        }
    }

    /// The ids of the passages nearest to each question, by comparing all.
    fn nearest(&self, documents: usize, questions: &[Question]) -> Vec<Vec<String>> {
        let mut nearest: Vec<Vec<(f32, String)>> = vec![Vec::new(); questions.len()];
        for number in 0..documents {
            for (section, embedding) in self.embeddings(number).iter().enumerate() {
                for (question, nearest) in questions.iter().zip(&mut nearest) {
                    let cosine = dot(embedding, &question.embedding);
                    if nearest.len() == NEAREST && cosine <= nearest[NEAREST - 1].0 {
                        continue;
                    }
                    let place = nearest.partition_point(|(better, _)| *better >= cosine);
                    nearest.insert(place, (cosine, format!("{}#{section}", id_of(number))));
                    nearest.truncate(NEAREST);
                }
            }
        }
        let ids = |nearest: Vec<(f32, String)>| nearest.into_iter().map(|(_, id)| id).collect();
        nearest.into_iter().map(ids).collect()
    }
}

impl Question {
    fn dialogue(&self) -> [Utterance; 3] {
        let say = |role, text: &str| Utterance { role, text: text.to_string() };
        [
            say(Role::Customer, &format!("I have a question about {}", self.title)),
            say(Role::Agent, "Of course, what would you like to know?"),
            say(Role::Customer, &self.words),
        ]
    }
}

fn id_of(number: usize) -> String {
    format!("article-{number}")
}

fn rng_of(number: usize, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
    rng.set_stream(stream);
    rng
}

/// Sums of uniform values are near enough to normal.
fn normal(rng: &mut ChaCha8Rng) -> Vec<f32> {
    (0..EMBEDDING_SIZE).map(|_| (0..4).map(|_| rng.random::<f32>()).sum::<f32>() - 2.0).collect()
}

fn recall(found: &[Vec<String>], nearest: &[Vec<String>]) -> f64 {
    let pairs = found.iter().zip(nearest);
    let shared: usize =
        pairs.map(|(found, nearest)| nearest.iter().filter(|id| found.contains(id)).count()).sum();
    shared as f64 / nearest.iter().map(Vec::len).sum::<usize>() as f64
}

/// Milliseconds of each.
fn timed(
    questions: &[Question],
    mut ask: impl FnMut(&Question) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<f64>> {
    let time = |question| {
        let started = Instant::now();
        ask(question)?;
        Ok(ms_since(started))
    };
    questions.iter().map(time).collect()
}
