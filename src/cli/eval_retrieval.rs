//! `steward eval retrieval --data DIR`: is the right article found, and is it known when one is needed?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use steward::eval::embedding_cache::EmbeddingCache;
use steward::eval::{knowledge_need, retrieval};
use steward::retrieve::RetrievalSettings;

use super::data::{TerminalProgress, load_encoder};

#[derive(Args)]
pub struct EvalRetrievalArguments {
    /// Directory with faq.jsonl and dialogues.jsonl.
    #[arg(long)]
    data: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print the cases whose right article is not first.
    #[arg(long)]
    errors: bool,
}

pub fn run(arguments: &EvalRetrievalArguments, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let data = retrieval::read_data(&arguments.data)?;
    let encoder = load_encoder()?;
    let directory = data_dir.join("eval").join("retrieval");
    let settings = RetrievalSettings::default();
    let mut progress = TerminalProgress::new("articles");
    let index =
        retrieval::open_corpus(&data, &directory, settings.clone(), &encoder, &mut progress)?;
    let mut cache = EmbeddingCache::open(&directory.join("embeddings.bin"))?;
    let cases = retrieval::search_cases(&data, &index, &encoder, &mut cache)?;
    let figures = retrieval::compare(&cases, &settings);
    println!("{} cases over {} articles", cases.len(), data.corpus.len());
    for row in &figures {
        println!(
            "{:<32} R@1 {:.3}  R@5 {:.3}  MRR {:.3}",
            row.method, row.recall_at_1, row.recall_at_5, row.mrr
        );
    }
    let examples = knowledge_need::examples(&data, &index, &encoder, &mut cache)?;
    for l2 in [0.003, 0.01, 0.02, 0.05, 0.1, 0.3] {
        let probabilities = knowledge_need::cross_validate(&examples, l2);
        println!("{l2} {:?}", knowledge_need::figures(&examples, &probabilities));
        if l2 == 0.05 && arguments.errors {
            for (e, p) in examples.iter().zip(&probabilities) {
                if (*p > 0.5) != e.needed {
                    println!("NEED {} {p:.2} {:?}", e.needed, e.question);
                }
            }
        }
    }
    if std::env::var("GRID").is_ok() {
        let mut all = Vec::new();
        for bm25_weight in [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6] {
            for bm25_half in [4.0, 8.0, 16.0] {
                for mention_weight in [0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0] {
                    let s = RetrievalSettings {
                        bm25_weight,
                        bm25_half,
                        mention_weight,
                        ..settings.clone()
                    };
                    let f = retrieval::figures(
                        &format!("bm25 {bm25_weight} half {bm25_half} mention {mention_weight}"),
                        &cases,
                        |h| s.fuse(h.cosine, Some(h.context_cosine), h.bm25, h.mention),
                    );
                    all.push(f);
                }
            }
        }
        all.sort_by(|a, b| b.mrr.total_cmp(&a.mrr));
        for row in all.iter().take(25) {
            println!(
                "{:<40} R@1 {:.3}  R@5 {:.3}  MRR {:.3}",
                row.method, row.recall_at_1, row.recall_at_5, row.mrr
            );
        }
    }
    if arguments.errors {
        for case in &cases {
            if case.right.contains(&case.hits[0].passage.document_id) {
                continue;
            }
            println!("-----");
            let n = case.dialogue.turns.len();
            for turn in &case.dialogue.turns[n.saturating_sub(9)..] {
                println!("  {:?}: {}", turn.role, turn.text);
            }
            for (rank, hit) in case.hits.iter().enumerate() {
                let right = case.right.contains(&hit.passage.document_id);
                if rank < 3 || (right && rank < 400) {
                    println!(
                        "  {}{rank} {:.3} cos {:.3} bm25 {:.1} mention {:.2} {}: {}",
                        if right { "*" } else { " " },
                        hit.score,
                        hit.cosine,
                        hit.bm25,
                        hit.mention,
                        hit.passage.title,
                        hit.passage.text
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
