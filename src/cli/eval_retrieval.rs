//! `steward eval retrieval --data DIR`: is the right article found, and is it known when one is needed?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use steward::config::Config;
use steward::eval::knowledge_need::{self, NeedExample, NeedFigures};
use steward::eval::retrieval::{self, RankingFigures, SearchedCase};
use steward::judge::needs_knowledge::THRESHOLD;
use steward::model::embedding_file::EmbeddingFile;
use steward::retrieve::RetrievalSettings;

use super::progress::TerminalProgress;

#[derive(Args)]
pub struct EvalRetrievalArguments {
    /// Directory with faq.jsonl and dialogues.jsonl.
    #[arg(long)]
    data: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Also print the figures of other weights.
    #[arg(long)]
    grid: bool,
    /// Also print the cases that went wrong.
    #[arg(long)]
    errors: bool,
    /// Fail if the right article comes first in a smaller share of cases.
    #[arg(long)]
    min_first: Option<f64>,
    /// Fail if it is among the first five in a smaller share of cases.
    #[arg(long)]
    min_first_five: Option<f64>,
    /// Fail if the F1 of knowing when knowledge is needed is smaller.
    #[arg(long)]
    min_need_f1: Option<f64>,
}

#[derive(Serialize)]
struct Figures {
    cases: usize,
    articles: usize,
    recall_at_1: f64,
    recall_at_5: f64,
    mrr: f64,
    methods: Vec<RankingFigures>,
    needs_knowledge: NeedFigures,
    needs_knowledge_unseen_domain: Vec<DomainFigures>,
}

#[derive(Serialize)]
struct DomainFigures {
    domain: String,
    #[serde(flatten)]
    figures: NeedFigures,
}

pub fn run(arguments: &EvalRetrievalArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let data = retrieval::read_data(&arguments.data)?;
    let encoder = steward::setup::encoder(config)?;
    let directory = config.place.data_dir.join("eval").join(retrieval::corpus_name(&data));
    let settings = RetrievalSettings::default();
    let mut progress = TerminalProgress::new("articles");
    let index =
        retrieval::open_corpus(&data, &directory, settings.clone(), &encoder, &mut progress)?;
    drop(progress);
    let mut cache = EmbeddingFile::open(&directory.join("embeddings.bin"))?;
    let cases = retrieval::search_cases(&data, &index, &encoder, &mut cache)?;
    let examples = knowledge_need::examples(&data, &index, &encoder, &mut cache)?;
    let probabilities = knowledge_need::cross_validate(&examples, knowledge_need::L2);
    let methods = retrieval::compare(&cases, &settings);
    let Some(product) = methods.last().cloned() else { anyhow::bail!("nothing was compared") };
    let across = knowledge_need::across_domains(&examples, knowledge_need::L2);
    let figures = Figures {
        cases: cases.len(),
        articles: data.corpus.len(),
        recall_at_1: product.recall_at_1,
        recall_at_5: product.recall_at_5,
        mrr: product.mrr,
        methods,
        needs_knowledge: knowledge_need::figures(&examples, &probabilities),
        needs_knowledge_unseen_domain: across
            .into_iter()
            .map(|(domain, figures)| DomainFigures { domain, figures })
            .collect(),
    };
    if arguments.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        print_figures(&figures);
    }
    if arguments.grid {
        retrieval::grid_of_bm25(&cases, &settings).iter().for_each(print_row);
        retrieval::grid_of_context(&data, &directory, &encoder, &mut cache)?
            .iter()
            .for_each(print_row);
    }
    if arguments.errors {
        cases.iter().for_each(print_if_wrong);
        print_wrong_needs(&examples, &probabilities);
    }
    let reached = |figure: f64, bar: Option<f64>| bar.is_none_or(|bar| figure >= bar);
    let all_reached = reached(figures.recall_at_1, arguments.min_first)
        && reached(figures.recall_at_5, arguments.min_first_five)
        && reached(figures.needs_knowledge.f1, arguments.min_need_f1);
    Ok(if all_reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_figures(figures: &Figures) {
    println!("{} cases over {} articles", figures.cases, figures.articles);
    figures.methods.iter().for_each(print_row);
    let need = &figures.needs_knowledge;
    println!("\nneeds knowledge, {} dialogues, folds by dialogue and entity:", need.cases);
    print_need("cross-validated", need);
    for DomainFigures { domain, figures } in &figures.needs_knowledge_unseen_domain {
        print_need(&format!("{domain}, not trained on"), figures);
    }
}

fn print_row(row: &RankingFigures) {
    println!(
        "{:<52} first {:.3}  first five {:.3}  MRR {:.3}",
        row.method, row.recall_at_1, row.recall_at_5, row.mrr
    );
}

fn print_need(name: &str, need: &NeedFigures) {
    println!(
        "{name:<52} precision {:.3}  recall {:.3}  F1 {:.3}",
        need.precision, need.recall, need.f1
    );
}

fn print_if_wrong(case: &SearchedCase) {
    let is_right = |id: &str| case.right.contains(id);
    if case.by_dialogue.first().is_some_and(|hit| is_right(&hit.passage.document_id)) {
        return;
    }
    println!("\nnot first:");
    for turn in &case.dialogue.turns {
        println!("  {:?}: {}", turn.role, turn.text);
    }
    for (place, hit) in case.by_dialogue.iter().enumerate() {
        let right = is_right(&hit.passage.document_id);
        if place < 3 || right {
            println!(
                "  {:>4}{} {:.3} cosine {:.3} in context {:.3} bm25 {:.1} mention {:.2}  {}: {}",
                place + 1,
                if right { "*" } else { " " },
                hit.score,
                hit.cosine,
                hit.context_cosine,
                hit.bm25,
                hit.mention,
                hit.passage.title,
                hit.passage.text
            );
        }
    }
}

fn print_wrong_needs(examples: &[NeedExample], probabilities: &[f32]) {
    println!("\nneeds knowledge, said wrongly:");
    for (example, &probability) in examples.iter().zip(probabilities) {
        if example.needed != (probability > THRESHOLD) {
            let label = if example.needed { "needed" } else { "not needed" };
            println!("  {label:<10} said {probability:.2}  {}", example.question);
        }
    }
}
