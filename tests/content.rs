//! What was imported is the truth, the index is made from it: crashes, damage, other versions, older directories.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use serde_json::json;
use steward::ErrorKind;
use steward::identity::VerifiedCustomer;
use steward::model::encoder::Encoder;
use steward::model::fetch::ModelCache;
use steward::model::manifest;
use steward::retrieve::content::{CONTENT_FILE, Content};
use steward::retrieve::ingest::{
    ImportOptions, ImportReport, Rest, Silent, import_accounts, import_documents, import_knowledge,
};
use steward::retrieve::upkeep::{self, Finding, Flaw};
use steward::retrieve::{AccountScope, Document, Index, RetrievalSettings, TextQuery};

/// Stands in one record, and nowhere else.
const SECRET_WORD: &str = "Quagga4711";

fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| {
        let cache = ModelCache::new(ModelCache::default_directory(), false);
        let weights = cache.ensure(&manifest::find("minilm-l6-v2").unwrap()).unwrap();
        let tokenizer = cache.ensure(&manifest::find("minilm-l6-v2-tokenizer").unwrap()).unwrap();
        Encoder::load(&weights, &tokenizer).unwrap()
    })
}

/// What every command does at its start.
fn start(data_dir: &Path) -> steward::Result<Index> {
    let embed = |texts: &[String]| encoder().embed(texts);
    upkeep::open(data_dir, RetrievalSettings::default(), &embed, &mut upkeep::say_nothing)
}

fn articles(range: std::ops::Range<usize>) -> Vec<Document> {
    let subjects = ["kayaks", "lockers", "lessons", "moorings", "bicycles", "saunas", "dogs"];
    range
        .map(|number| {
            let subject = subjects[number % subjects.len()];
            let text = format!("At pier {number} {subject} cost {} euros a day. ", number + 3);
            let mut article =
                Document::plain(format!("a{number}"), format!("Hiring {subject}"), text.repeat(20));
            article.sections[0].heading = vec![format!("Pier {number}")];
            article
        })
        .collect()
}

fn import_records(index: &Index, count: usize) -> ImportReport {
    let files = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..count)
        .map(|number| match number {
            0 => json!({"kind": "pass", "id": "P-0", "customer_id": "c0", "fields": {"holder": SECRET_WORD}}),
            _ if number % 4 == 0 => json!({"kind": "boat", "id": number, "fields": {"name": format!("Gull {number}")}}),
            _ => json!({"kind": "booking", "id": format!("B-{number}"), "customer_id": format!("c{}", number % 9), "fields": {"pier": number}}),
        })
        .map(|line| line.to_string())
        .collect();
    let path = files.path().join("records.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    import_accounts(index, encoder(), &[path], &ImportOptions::default(), &mut Silent).unwrap()
}

/// A directory with some articles and records.
fn imported() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    import_documents(&index, encoder(), articles(0..20), &mut Silent).unwrap();
    import_records(&index, 30);
    data
}

fn scope(customer: &str) -> AccountScope {
    AccountScope::of(&VerifiedCustomer::chosen_by_operator(customer))
}

/// What is found, with scores rounded: BM25 counts deleted entries until they are merged away.
fn answers(index: &Index) -> (String, Vec<String>) {
    let mut found = Vec::new();
    for text in ["what does a kayak cost at pier 7?", "lockers", "may I bring dogs to pier 13"] {
        let embedding = encoder().embed_one(text).unwrap();
        let query = TextQuery { text, embedding: &embedding, limit: 3 };
        let hits = index.search_passages(&query).unwrap();
        found.extend(hits.iter().map(|hit| format!("{} {:.4}", hit.passage.id, hit.cosine)));
    }
    for customer in ["c0", "c1", "c5"] {
        let records = index.account_records(&scope(customer), 100).unwrap();
        found.extend(records.iter().map(|record| record.key()));
    }
    found.extend(index.public_kinds().unwrap());
    (index.content_hash().unwrap(), found)
}

fn copy_directory(from: &Path, to: &Path) {
    drop(std::fs::remove_dir_all(to));
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn assert_current(data_dir: &Path) {
    assert_eq!(upkeep::check(data_dir).unwrap(), Finding::Current);
}

fn holds(directory: &Path, word: &str) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, word);
        }
        match std::fs::read(path) {
            Ok(bytes) => bytes.windows(word.len()).any(|window| window == word.as_bytes()),
            // SQLite takes its log away when the last connection ends.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => panic!("{error}"),
        }
    })
}

fn tamper(data_dir: &Path, statement: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data_dir.join(CONTENT_FILE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
}

fn remove_content(data_dir: &Path) {
    for name in ["content.sqlite", "content.sqlite-wal", "content.sqlite-shm", "content.lock"] {
        drop(std::fs::remove_file(data_dir.join(name)));
    }
}

/// Makes the index of `data_dir` one of before the content was kept.
fn age_index(data_dir: &Path) {
    remove_content(data_dir);
    let meta = data_dir.join("index/meta.json");
    let text = std::fs::read_to_string(&meta).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["payload"] = json!("imported");
    std::fs::write(&meta, value.to_string()).unwrap();
}

#[test]
fn what_a_crash_kept_out_of_the_index_is_brought_in_by_the_next_start_or_import() {
    let data = imported();
    let old_index = data.path().join("old");
    copy_directory(&data.path().join("index"), &old_index);
    let index = Index::open(data.path()).unwrap();
    // New, changed and removed ones, as between the commit of the content and that of the index.
    let mut changed = articles(10..25);
    changed[3].sections[0].text = "Dogs are free at pier 13.".to_string();
    import_documents(&index, encoder(), changed, &mut Silent).unwrap();
    let mut writer = index.writer().unwrap();
    writer.remove("d/a0").unwrap();
    writer.finish().unwrap();
    let wanted = answers(&index);
    for by_import in [false, true] {
        copy_directory(&old_index, &data.path().join("index"));
        assert!(matches!(upkeep::inspect(data.path()).unwrap(), Finding::Behind { .. }));
        let index = if by_import {
            let index = Index::open(data.path()).unwrap();
            import_documents(&index, encoder(), articles(1..2), &mut Silent).unwrap();
            index
        } else {
            start(data.path()).unwrap()
        };
        assert_eq!(answers(&index), wanted);
        assert_current(data.path());
    }
}

#[test]
fn a_damaged_or_missing_index_is_made_anew_and_answers_the_same() {
    let data = imported();
    let directory = data.path().join("index");
    let whole = data.path().join("whole");
    let wanted = answers(&start(data.path()).unwrap());
    copy_directory(&directory, &whole);
    let mut damages: BTreeMap<String, Box<dyn Fn()>> = BTreeMap::new();
    for entry in std::fs::read_dir(&whole).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.ends_with(".lock") {
            continue;
        }
        let path = directory.join(&name);
        let (cut, flipped, gone) = (path.clone(), path.clone(), path.clone());
        damages.insert(
            format!("{name} cut short"),
            Box::new(move || {
                let length = cut.metadata().unwrap().len();
                std::fs::File::options()
                    .write(true)
                    .open(&cut)
                    .unwrap()
                    .set_len(length / 2)
                    .unwrap();
            }),
        );
        if !name.ends_with(".json") {
            damages.insert(
                format!("a byte of {name} changed"),
                Box::new(move || {
                    let mut bytes = std::fs::read(&flipped).unwrap();
                    let middle = bytes.len() / 3;
                    bytes[middle] ^= 0x55;
                    std::fs::write(&flipped, bytes).unwrap();
                }),
            );
            damages.insert(
                format!("{name} gone"),
                Box::new(move || std::fs::remove_file(&gone).unwrap()),
            );
        }
    }
    let (at, with) = (directory.clone(), directory.clone());
    damages.insert("all gone".into(), Box::new(move || std::fs::remove_dir_all(&at).unwrap()));
    damages.insert(
        "another schema".into(),
        Box::new(move || {
            std::fs::remove_dir_all(&with).unwrap();
            std::fs::create_dir(&with).unwrap();
            let schema = tantivy::schema::Schema::builder().build();
            tantivy::Index::create_in_dir(&with, schema).unwrap();
        }),
    );
    assert!(damages.len() > 12);
    for (damage, make) in damages {
        copy_directory(&whole, &directory);
        make();
        let finding = upkeep::inspect(data.path()).unwrap();
        assert!(matches!(finding, Finding::Rebuild(_)), "{damage}: {finding}");
        assert!(!finding.is_usable(), "{damage}");
        assert_eq!(answers(&start(data.path()).unwrap()), wanted, "{damage}");
        assert_current(data.path());
        assert!(!data.path().join("index.new").exists());
    }
}

#[test]
fn a_rebuild_that_was_cut_short_leaves_nothing_behind() {
    let data = imported();
    let wanted = answers(&start(data.path()).unwrap());
    // Segments were moved in, the rest was not.
    std::fs::create_dir(data.path().join("index.new")).unwrap();
    std::fs::write(data.path().join("index.new/meta.json"), "{}").unwrap();
    std::fs::write(data.path().join("index/0123456789abcdef.store"), SECRET_WORD).unwrap();
    assert_eq!(upkeep::inspect(data.path()).unwrap(), Finding::LeftOver);
    assert_eq!(answers(&start(data.path()).unwrap()), wanted);
    assert!(!data.path().join("index.new").exists());
    assert!(!data.path().join("index/0123456789abcdef.store").exists());
    assert_current(data.path());
}

#[test]
fn a_directory_of_before_imports_were_kept_is_taken_over() {
    let data = imported();
    let wanted = answers(&start(data.path()).unwrap());
    age_index(data.path());
    assert_eq!(upkeep::inspect(data.path()).unwrap(), Finding::TakeOver);
    let index = start(data.path()).unwrap();
    assert_eq!(answers(&index), wanted);
    assert_current(data.path());
    let again = import_documents(&index, encoder(), articles(0..20), &mut Silent).unwrap();
    assert_eq!((again.imported, again.unchanged), (0, 20), "nothing is embedded again");
    // The same if the content alone was lost.
    remove_content(data.path());
    assert_eq!(answers(&start(data.path()).unwrap()), wanted);
    assert_current(data.path());
}

#[test]
fn an_index_that_nothing_can_be_made_from_says_what_to_do() {
    let data = imported();
    remove_content(data.path());
    std::fs::write(data.path().join("index/meta.json"), "{ not json").unwrap();
    let error = start(data.path()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.message().contains("import again"), "{error}");
    assert!(error.message().contains("steward restore"), "{error}");
}

#[test]
fn a_content_that_cannot_be_read_leaves_a_whole_index_in_use() {
    let data = imported();
    let wanted = answers(&start(data.path()).unwrap());
    remove_content(data.path());
    std::fs::write(data.path().join(CONTENT_FILE), "no database ".repeat(999)).unwrap();
    assert_eq!(answers(&start(data.path()).unwrap()), wanted);
    let refused = Index::open(data.path()).unwrap().writer().err().unwrap();
    assert!(refused.message().contains("steward restore"), "{refused}");
}

#[test]
fn what_another_encoder_embedded_is_embedded_anew() {
    let data = imported();
    let wanted = answers(&start(data.path()).unwrap());
    tamper(
        data.path(),
        "UPDATE items SET made_by = 'an older encoder', embeddings = zeroblob(length(embeddings))",
    );
    assert_eq!(upkeep::inspect(data.path()).unwrap(), Finding::OtherEncoder);
    let error = Index::open(data.path()).unwrap().writer().err().unwrap();
    assert!(error.message().contains("steward index rebuild"), "{error}");
    assert_eq!(answers(&start(data.path()).unwrap()), wanted);
    assert_current(data.path());
}

#[test]
fn an_erasure_that_was_cut_short_is_finished_by_the_next_start() {
    let data = imported();
    let other = answers(&start(data.path()).unwrap()).1;
    assert!(holds(data.path(), SECRET_WORD));
    // The records left the content, and then the power went.
    Content::open(data.path()).unwrap().erase_customer("c0").unwrap();
    let finding = upkeep::inspect(data.path()).unwrap();
    assert_eq!(finding, Finding::Rebuild(Flaw::HoldsErased));
    let index = start(data.path()).unwrap();
    assert!(!holds(data.path(), SECRET_WORD), "not in the content, its log or the index");
    assert!(index.account_records(&scope("c0"), 9).unwrap().is_empty());
    let left = answers(&index).1;
    assert!(left.len() < other.len() && left.iter().all(|answer| other.contains(answer)));
    // The whole way, in one go.
    import_records(&index, 1);
    assert!(holds(data.path(), SECRET_WORD));
    index.writer().unwrap().erase_account(&scope("c0")).unwrap();
    assert!(!holds(data.path(), SECRET_WORD));
    assert_current(data.path());
}

#[test]
fn a_replacing_import_removes_the_rest_but_not_most_of_it_unasked() {
    let data = imported();
    let index = Index::open(data.path()).unwrap();
    let files = tempfile::tempdir().unwrap();
    let write = |range: std::ops::Range<usize>| {
        let lines: Vec<String> = range
            .map(|i| {
                json!({"id": format!("a{i}"), "title": "Piers", "text": "Closed."}).to_string()
            })
            .collect();
        std::fs::write(files.path().join("a.jsonl"), lines.join("\n")).unwrap();
    };
    let import = |rest: Rest| {
        let options = ImportOptions { rest, ..Default::default() };
        let paths = [files.path().to_path_buf()];
        import_knowledge(&index, encoder(), &paths, &options, &mut Silent).unwrap()
    };
    write(0..5);
    let refused = import(Rest::Removed);
    assert_eq!((refused.imported, refused.too_many_to_remove), (0, Some((15, 20))));
    assert_eq!(index.statistics().unwrap().documents, 20);
    write(8..22);
    let report = import(Rest::Removed);
    assert_eq!((report.imported, report.removed), (14, 8));
    let statistics = index.statistics().unwrap();
    assert_eq!((statistics.documents, statistics.account_records > 0), (14, true));
    assert!(index.lead_passage("a3").unwrap().is_none());
    write(0..5);
    assert_eq!(import(Rest::RemovedAll).removed, 14);
    assert_eq!(index.statistics().unwrap().documents, 5);
    std::fs::write(files.path().join("b.jsonl"), "no json").unwrap();
    let refused = import(Rest::RemovedAll);
    assert!(refused.refused && refused.removed == 0);
    assert_current(data.path());
}

#[test]
fn a_running_search_sees_the_imports_of_others_and_outlives_a_damaged_index() {
    let data = imported();
    let server = start(data.path()).unwrap();
    let article = data.path().join("tides.md");
    std::fs::write(&article, "# Tides\n\nHigh water is at six.\n").unwrap();
    let import = |path: &Path| {
        let mut import = Command::new(env!("CARGO_BIN_EXE_steward"));
        import.arg("--data-dir").arg(data.path()).args(["import", "knowledge"]).arg(path);
        import.output().unwrap()
    };
    assert!(import(&article).status.success());
    assert!(server.lead_passage("tides").unwrap().is_some());
    let wanted = answers(&server);

    // While somebody imports, another import is told so, and a start goes on.
    let writer = server.writer().unwrap();
    let refused = import(&article);
    assert!(!refused.status.success());
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("another import"), "{words}");
    assert_eq!(answers(&start(data.path()).unwrap()), wanted);
    drop(writer);

    std::fs::write(data.path().join("index/meta.json"), "{ not json").unwrap();
    assert_eq!(answers(&server), wanted, "what was read before is still there");
    let begun = Instant::now();
    while upkeep::inspect(data.path()).unwrap() != Finding::Current {
        assert!(begun.elapsed() < Duration::from_secs(60), "it mends itself");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(answers(&server), wanted);
    assert_current(data.path());
}

#[test]
fn an_import_killed_at_any_moment_is_finished_and_never_half_seen() {
    let data = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..1_500)
        .map(|i| {
            let customer = format!("c{}", i % 40);
            json!({"kind": "ticket", "id": i, "customer_id": customer, "fields": {"round": 0, "seat": i}})
        })
        .map(|record| record.to_string())
        .collect();
    let records = files.path().join("records.jsonl");
    let articles: Vec<String> = (0..300)
        .map(|i| json!({"id": i, "title": format!("Berth {i}"), "text": "Water and power."}))
        .map(|article| article.to_string())
        .collect();
    let knowledge = files.path().join("articles.jsonl");
    std::fs::write(&knowledge, articles.join("\n")).unwrap();
    let import = |what: &str, path: &PathBuf| {
        let mut import = Command::new(env!("CARGO_BIN_EXE_steward"));
        import.arg("--data-dir").arg(data.path()).args(["import", what]).arg(path);
        import.stdout(Stdio::null()).stderr(Stdio::null());
        import.spawn().unwrap()
    };
    const ROUNDS: usize = 12;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20);
    // Each round changes every record.
    let change_records = |round: usize| {
        let changed = lines.join("\n").replace("\"round\":0", &format!("\"round\":{round}"));
        std::fs::write(&records, changed).unwrap();
    };
    // How long a whole import takes on this machine says when to kill the others.
    let begun = Instant::now();
    change_records(0);
    assert!(import("accounts", &records).wait().unwrap().success());
    let whole_ms = begun.elapsed().as_millis() as u64;
    let mut killed = 0;
    for round in 1..=ROUNDS {
        change_records(round);
        let mut child = match round % 3 {
            0 => import("knowledge", &knowledge),
            _ => import("accounts", &records),
        };
        std::thread::sleep(Duration::from_millis(random.random_range(0..=whole_ms)));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        drop(start(data.path()).unwrap());
        assert_current(data.path());
    }
    assert!(killed > 2, "some were killed while they ran");
    assert!(import("knowledge", &knowledge).wait().unwrap().success());
    assert!(import("accounts", &records).wait().unwrap().success());
    let index = start(data.path()).unwrap();
    let statistics = index.statistics().unwrap();
    assert_eq!((statistics.documents, statistics.account_records), (300, 1_500));
    let last = |record: &steward::retrieve::Record| record.fields["round"] == json!(ROUNDS);
    assert!(index.account_records(&scope("c7"), 100).unwrap().iter().all(last));
    assert_current(data.path());
}
