//! `steward eval retrieval --data DIR`: is the right article found, and is it known when one is needed?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use steward::eval::embedding_cache::EmbeddingCache;
use steward::eval::retrieval;
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
    if std::env::var("EXP").is_ok() {
        let titled: Vec<String> =
            data.corpus.iter().map(|d| format!("{}: {}", d.title, d.sections[0].text)).collect();
        let bodies: Vec<String> = data.corpus.iter().map(|d| d.sections[0].text.clone()).collect();
        let sents: Vec<Vec<String>> = bodies
            .iter()
            .map(|b| {
                steward::retrieve::split::sentences(b).into_iter().map(str::to_string).collect()
            })
            .collect();
        let flat: Vec<&str> = sents.iter().flatten().map(String::as_str).collect();
        let tv = cache.embed(&encoder, &titled.iter().map(String::as_str).collect::<Vec<_>>())?;
        let bv = cache.embed(&encoder, &bodies.iter().map(String::as_str).collect::<Vec<_>>())?;
        let fv = cache.embed(&encoder, &flat)?;
        let mut sv: Vec<Vec<Vec<f32>>> = Vec::new();
        let mut k = 0;
        for s in &sents {
            sv.push(fv[k..k + s.len()].to_vec());
            k += s.len();
        }
        let row: std::collections::HashMap<&str, usize> =
            data.corpus.iter().enumerate().map(|(i, d)| (d.id.as_str(), i)).collect();
        // centroids by title
        let mut cent: std::collections::HashMap<&str, (Vec<f32>, f32)> = Default::default();
        for (d, v) in data.corpus.iter().zip(&tv) {
            let e = cent.entry(d.title.as_str()).or_insert((vec![0.0; 384], 0.0));
            e.0.iter_mut().zip(v).for_each(|(a, b)| *a += b);
            e.1 += 1.0;
        }
        let mut mean = vec![0.0f32; 384];
        for v in &tv {
            mean.iter_mut().zip(v).for_each(|(a, b)| *a += b / tv.len() as f32);
        }
        let dot = steward::retrieve::dense::dot;
        let norm = |v: Vec<f32>| {
            let n = dot(&v, &v).sqrt().max(1e-6);
            v.into_iter().map(|x| x / n).collect::<Vec<f32>>()
        };
        let tc: Vec<Vec<f32>> = data
            .corpus
            .iter()
            .zip(&tv)
            .map(|(d, v)| {
                let (c, n) = &cent[d.title.as_str()];
                norm(v.iter().zip(c).map(|(a, b)| a - b / n).collect())
            })
            .collect();
        let tm: Vec<Vec<f32>> =
            tv.iter().map(|v| norm(v.iter().zip(&mean).map(|(a, b)| a - b).collect())).collect();
        let mut feats: Vec<Vec<[f32; 9]>> = Vec::new();
        for case in &cases {
            let q = case.dialogue.turns.last().unwrap().text.clone();
            let top = case.hits.iter().max_by(|a, b| a.mention.total_cmp(&b.mention)).unwrap();
            let tq =
                if top.mention > 0.0 { format!("{}: {}", top.passage.title, q) } else { q.clone() };
            let e = cache.embed(&encoder, &[&q, &tq])?;
            let qm = norm(e[0].iter().zip(&mean).map(|(a, b)| a - b).collect());
            feats.push(
                case.hits
                    .iter()
                    .map(|h| {
                        let i = row[h.passage.document_id.as_str()];
                        let ms = sv[i].iter().map(|s| dot(s, &e[0])).fold(-1.0f32, f32::max);
                        let m1 = dot(&sv[i][0], &e[0]);
                        [
                            dot(&tv[i], &e[0]),
                            dot(&bv[i], &e[0]),
                            ms,
                            m1,
                            dot(&tv[i], &e[1]),
                            dot(&bv[i], &e[1]),
                            dot(&tc[i], &e[0]),
                            dot(&tm[i], &qm),
                            dot(&tm[i], &e[0]),
                        ]
                    })
                    .collect(),
            );
        }
        let try_it = |name: &str, w: &[(usize, f32)], mw: f32| {
            let mut r1 = 0.0;
            let mut r5 = 0.0;
            let mut mrr = 0.0;
            for (case, f) in cases.iter().zip(&feats) {
                let score: Vec<f32> = f
                    .iter()
                    .zip(&case.hits)
                    .map(|(f, h)| {
                        w.iter().map(|(i, w)| w * f[*i]).sum::<f32>()
                            + mw * h.mention
                            + 0.0 * h.bm25
                    })
                    .collect();
                let mut o: Vec<usize> = (0..score.len()).collect();
                o.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
                let rank = o
                    .iter()
                    .position(|&r| case.right.contains(&case.hits[r].passage.document_id))
                    .unwrap_or(9999)
                    + 1;
                if rank == 1 {
                    r1 += 1.0
                }
                if rank <= 5 {
                    r5 += 1.0
                }
                mrr += 1.0 / rank as f32;
            }
            let n = cases.len() as f32;
            println!("{name:<30} mw {mw} R@1 {:.3} R@5 {:.3} MRR {:.3}", r1 / n, r5 / n, mrr / n);
        };
        for mw in [0.3, 0.5, 1.0] {
            try_it("titled", &[(0, 1.0)], mw);
            try_it("body", &[(1, 1.0)], mw);
            try_it("max sentence", &[(2, 1.0)], mw);
            try_it("first sentence", &[(3, 1.0)], mw);
            try_it("titled, titled query", &[(4, 1.0)], mw);
            try_it("body, titled query", &[(5, 1.0)], mw);
            try_it("title centered", &[(6, 1.0)], mw);
            try_it("mean centered both", &[(7, 1.0)], mw);
            try_it("mean centered p", &[(8, 1.0)], mw);
            try_it("titled+max sentence", &[(0, 0.5), (2, 0.5)], mw);
            try_it("body+max sentence", &[(1, 0.5), (2, 0.5)], mw);
            try_it("titled tq + max sentence", &[(4, 0.5), (2, 0.5)], mw);
            try_it("titled tq + titled+ max sentence", &[(4, 0.33), (0, 0.33), (2, 0.33)], mw);
            try_it("centered + max sentence", &[(6, 0.5), (2, 0.5)], mw);
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
                        |h| s.fuse(h.cosine, h.bm25, h.mention),
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
