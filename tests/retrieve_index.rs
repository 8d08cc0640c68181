//! The index on the real encoder: upserts, scopes, order, resuming.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::json;
use steward::ErrorKind;
use steward::identity::VerifiedCustomer;
use steward::model::encoder::Encoder;
use steward::model::fetch::ModelCache;
use steward::model::manifest;
use steward::retrieve::conversation::ConversationQuery;
use steward::retrieve::ingest::{
    ImportOptions, ImportReport, Progress, Silent, import_accounts, import_documents,
    import_knowledge,
};
use steward::retrieve::{AccountScope, Document, Index, PassageHit, Record, TextQuery};
use steward::turn::types::{Role, Utterance};

fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| {
        let cache = ModelCache::new(ModelCache::default_directory(), false);
        let weights = cache.ensure(&manifest::find("minilm-l6-v2").unwrap()).unwrap();
        let tokenizer = cache.ensure(&manifest::find("minilm-l6-v2-tokenizer").unwrap()).unwrap();
        Encoder::load(&weights, &tokenizer).unwrap()
    })
}

fn write(directory: &Path, name: &str, content: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn import_records(index: &Index, records: &[serde_json::Value]) -> ImportReport {
    let directory = tempfile::tempdir().unwrap();
    let lines: Vec<String> = records.iter().map(|record| record.to_string()).collect();
    let path = write(directory.path(), "records.jsonl", &lines.join("\n"));
    import_accounts(index, encoder(), &[path], &ImportOptions::default(), &mut Silent).unwrap()
}

fn import(index: &Index, documents: Vec<Document>) -> ImportReport {
    import_documents(index, encoder(), documents, &mut Silent).unwrap()
}

fn search(index: &Index, text: &str) -> Vec<PassageHit> {
    let embedding = encoder().embed_one(text).unwrap();
    index.search_passages(&TextQuery { text, embedding: &embedding, limit: 5 }).unwrap()
}

fn scope(customer: &str) -> AccountScope {
    AccountScope::of(&VerifiedCustomer::chosen_by_operator(customer))
}

fn say(role: Role, text: &str) -> Utterance {
    Utterance { role, text: text.to_string() }
}

#[test]
fn a_document_that_comes_again_replaces_the_old_one_and_keeps_its_place() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    assert!(index.is_empty().unwrap());
    assert!(!index.ever_imported().unwrap());
    let long = "The ferry leaves at nine every morning. ".repeat(60);
    import(
        &index,
        vec![
            Document::plain("ferry", "Ferry times", long),
            Document::plain("dogs", "Dogs", "Dogs travel free on deck."),
        ],
    );
    assert!(index.statistics().unwrap().passages > 2);
    let before = index.content_hash().unwrap();
    let report =
        import(&index, vec![Document::plain("ferry", "Ferry times", "It leaves at eleven.")]);
    assert_eq!((report.imported, report.unchanged), (1, 0));
    let statistics = index.statistics().unwrap();
    assert_eq!((statistics.documents, statistics.passages), (2, 2));
    assert_ne!(index.content_hash().unwrap(), before);
    let hits = search(&index, "when does the ferry leave?");
    assert_eq!(hits[0].passage.text, "It leaves at eleven.");
    assert!(hits.iter().all(|hit| !hit.passage.text.contains("nine")));
    assert!(index.ever_imported().unwrap());
}

#[test]
fn the_content_hash_depends_on_content_alone() {
    let one = Document::plain("a", "Tides", "High water is at six.");
    let other = Document::plain("b", "Moorings", "Book a mooring by phone.");
    let mut hashes = Vec::new();
    for documents in [vec![one.clone(), other.clone()], vec![other, one]] {
        let data = tempfile::tempdir().unwrap();
        let index = Index::open(data.path()).unwrap();
        for document in documents {
            import(&index, vec![document]);
        }
        hashes.push(index.content_hash().unwrap());
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[test]
fn what_did_not_change_is_not_imported_again() {
    let data = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    write(files.path(), "a.md", "# Tents\n\nAll tents are waterproof.");
    write(files.path(), "b.md", "# Stoves\n\nStoves burn gas.");
    let index = Index::open(data.path()).unwrap();
    let paths = [files.path().to_path_buf()];
    let options = ImportOptions::default();
    let again = || import_knowledge(&index, encoder(), &paths, &options, &mut Silent).unwrap();
    assert_eq!((again().imported, again().unchanged), (2, 2));
    let before = index.content_hash().unwrap();
    write(files.path(), "b.md", "# Stoves\n\nStoves burn spirit.");
    let report = again();
    assert_eq!((report.imported, report.unchanged), (1, 1));
    assert_ne!(index.content_hash().unwrap(), before);
}

/// Stops the import as a kill would: nothing after the last commit is kept.
struct KilledAt(usize);

impl Progress for KilledAt {
    fn begin(&mut self, _items: usize) {}
    fn advance(&mut self, items: usize) {
        assert!(self.0 > 0, "killed");
        self.0 -= items;
    }
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let data = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..30)
        .map(|i| json!({"id": i, "title": format!("Berth {i}"), "text": "Water and power."}))
        .map(|line| line.to_string())
        .collect();
    let paths = [write(files.path(), "berths.jsonl", &lines.join("\n"))];
    let options = ImportOptions { commit_every: 10, ..Default::default() };
    let index = Index::open(data.path()).unwrap();
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        import_knowledge(&index, encoder(), &paths, &options, &mut KilledAt(25)).unwrap();
    }));
    assert!(killed.is_err());
    assert_eq!(index.statistics().unwrap().documents, 20);
    let report = import_knowledge(&index, encoder(), &paths, &options, &mut Silent).unwrap();
    assert_eq!((report.imported, report.unchanged), (10, 20));
    assert_eq!(index.statistics().unwrap().documents, 30);
}

#[test]
fn a_customer_never_sees_a_record_of_another() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    let customers: Vec<String> = (0..40).map(|i| format!("guest_{i}")).collect();
    let mut records = Vec::new();
    for (number, customer) in customers.iter().enumerate() {
        // Ids and words that are alike, so that every search would match every customer.
        for booking in 0..3 {
            records.push(json!({
                "kind": "reservation",
                "id": format!("R-{number}{booking}"),
                "customer_id": customer,
                "fields": {"room": "sea view", "name": format!("Guest {number}"), "nights": booking}
            }));
        }
    }
    records.push(json!({"kind": "room", "id": "sea", "fields": {"name": "Sea view room"}}));
    import_records(&index, &records);
    for (number, customer) in customers.iter().enumerate() {
        let scope = scope(customer);
        let is_own = |record: &Record| record.customer_id.as_deref() == Some(customer.as_str());
        let all = index.account_records(&scope, 1000).unwrap();
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(is_own));
        let other = (number + 1) % customers.len();
        let probes = [
            "sea view reservation".to_string(),
            format!("R-{other}0"),
            format!("guest_{other}"),
            format!("customer_id:guest_{other} OR *"),
            format!("Guest {other} \" ) AND ("),
        ];
        for probe in probes {
            let hits = index.search_account(&scope, &probe, 1000).unwrap();
            assert!(hits.iter().all(|hit| is_own(&hit.record)), "{customer}: {probe}");
        }
        let taken = index.account_record(&scope, "reservation", &format!("R-{other}1")).unwrap();
        assert_eq!(taken, None);
        assert!(
            index.account_record(&scope, "reservation", &format!("R-{number}1")).unwrap().is_some()
        );
        assert_eq!(index.account_record(&scope, "room", "sea").unwrap(), None);
    }
    assert!(index.account_records(&scope(""), 10).unwrap().is_empty());
    assert!(index.account_records(&scope("guest_1 OR guest_2"), 10).unwrap().is_empty());
    let text = "sea view reservation guest_3";
    let embedding = encoder().embed_one(text).unwrap();
    let public =
        index.public_records(&TextQuery { text, embedding: &embedding, limit: 1000 }).unwrap();
    assert_eq!(public.len(), 1);
    assert_eq!(index.public_record("reservation", "R-00").unwrap(), None);
}

#[test]
fn a_record_that_changes_its_owner_leaves_the_old_one() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    let ticket = |owner: &str| json!({"kind": "ticket", "id": 7, "customer_id": owner, "fields": {"seat": "4A"}});
    import_records(&index, &[ticket("ana")]);
    import_records(&index, &[ticket("ben")]);
    assert!(index.account_records(&scope("ana"), 10).unwrap().is_empty());
    assert_eq!(index.account_records(&scope("ben"), 10).unwrap().len(), 1);
}

#[test]
fn records_come_in_the_order_of_their_first_import() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    let record = |id: &str, state: &str| json!({"kind": "claim", "id": id, "customer_id": "c", "fields": {"state": state}});
    import_records(&index, &[record("z", "new"), record("a", "new"), record("m", "new")]);
    import_records(&index, &[record("q", "new"), record("z", "paid")]);
    let ids = |records: Vec<Record>| records.into_iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(index.account_records(&scope("c"), 10).unwrap()), ["z", "a", "m", "q"]);
    assert_eq!(ids(index.account_records(&scope("c"), 2).unwrap()), ["z", "a"]);
    let found: Vec<Record> = index
        .search_account(&scope("c"), "claim", 10)
        .unwrap()
        .into_iter()
        .map(|hit| hit.record)
        .collect();
    assert_eq!(found.len(), 4);
    for _ in 0..3 {
        let again = index.search_account(&scope("c"), "claim", 10).unwrap();
        assert!(again.iter().map(|hit| &hit.record).eq(found.iter()));
    }
}

#[test]
fn an_identifier_is_found_however_it_is_written() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    let flight = |id: &str, code: &str| {
        json!({"kind": "booking", "id": id, "customer_id": "c",
               "fields": {"locator": code, "route": "Oslo to Bergen", "email": "kim@fjord.example"}})
    };
    import_records(&index, &[flight("#B-10441", "XK9P2L"), flight("#B-10442", "QQ7T0Z")]);
    for (text, id) in [
        ("where is B10441?", "#B-10441"),
        ("my booking #b-10442.", "#B-10442"),
        ("locator qq7t0z please", "#B-10442"),
        ("(XK9P2L)", "#B-10441"),
    ] {
        let hits = index.search_account(&scope("c"), text, 5).unwrap();
        assert_eq!(hits[0].record.id, id, "{text}");
    }
    let hits = index.search_account(&scope("c"), "something else entirely", 5).unwrap();
    assert!(hits.is_empty());
}

#[test]
fn another_process_is_noticed_and_two_writers_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Index::open(data.path()).unwrap();
    let importer = Index::open(data.path()).unwrap();
    import(&importer, vec![Document::plain("a", "Parking", "Parking is free on Sundays.")]);
    assert_eq!(search(&server, "is parking free")[0].passage.document_id, "a");
    let first = importer.writer().unwrap();
    let refused = server.writer().err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Busy);
    assert!(refused.message().contains("another import"), "{refused}");
    drop(first);
    assert!(server.writer().is_ok());
}

#[test]
fn a_damaged_index_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    import(&index, vec![Document::plain("a", "Parking", "Parking is free.")]);
    drop(index);
    std::fs::write(data.path().join("index/meta.json"), "{ not json").unwrap();
    let error = Index::open(data.path()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.message().contains("steward index rebuild"), "{error}");
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Index::open(&file).err().unwrap();
    assert!(error.message().contains("cannot make the index directory"), "{error}");
}

#[test]
fn what_was_named_earlier_decides_between_like_answers() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    let lodges = ["Larkfell Lodge", "Brackenrigg Inn", "The Quiet Anchor"];
    let documents = lodges
        .iter()
        .enumerate()
        .flat_map(|(number, lodge)| {
            [
                ("bikes", format!("Can I store a bike? Yes, {number} bikes fit in the shed.")),
                ("sauna", format!("Is there a sauna? It is open until {}.", number + 8)),
            ]
            .map(|(topic, text)| Document::plain(format!("{number}/{topic}"), *lodge, text))
        })
        .collect();
    import(&index, documents);
    for (number, said) in
        ["the larkfel lodge", "Bracken rigg inn", "the quiet anchor"].iter().enumerate()
    {
        let other = lodges[(number + 1) % 3];
        let turns = [
            say(Role::Customer, "I want a room by the lake."),
            say(Role::Agent, &format!("How about {other}?")),
            say(Role::Customer, &format!("I would rather take {said}.")),
            say(Role::Agent, "Very well. Anything else?"),
            say(Role::Customer, "Is there somewhere safe for my bicycle?"),
        ];
        let query = ConversationQuery::from_turns(&turns);
        let embeddings = encoder().embed(&index.texts_to_embed(&query).unwrap()).unwrap();
        let hits = index.search_conversation(&query, &embeddings, 3).unwrap();
        assert_eq!(hits[0].passage.document_id, format!("{number}/bikes"), "{said}");
    }
}

#[test]
fn a_question_without_its_subject_is_understood_from_the_message_before() {
    let data = tempfile::tempdir().unwrap();
    let index = Index::open(data.path()).unwrap();
    import(
        &index,
        vec![
            Document::plain(
                "kayaks",
                "Hiring a kayak",
                "A kayak costs 18 an hour, life vest included.",
            ),
            Document::plain("lessons", "Surf lessons", "A lesson costs 60. Wetsuits are lent."),
            Document::plain("lockers", "Lockers", "A locker at the beach costs 2 a day."),
        ],
    );
    let answer = |first: &str, second: &str| {
        let turns = [
            say(Role::Customer, first),
            say(Role::Agent, "Certainly."),
            say(Role::Customer, second),
        ];
        let query = ConversationQuery::from_turns(&turns);
        let embeddings = encoder().embed(&index.texts_to_embed(&query).unwrap()).unwrap();
        let hits = index.search_conversation(&query, &embeddings, 1).unwrap();
        hits[0].passage.document_id.clone()
    };
    assert_eq!(answer("Can I hire a kayak?", "How much is it?"), "kayaks");
    assert_eq!(answer("I would like to learn surfing.", "How much is it?"), "lessons");
    assert_eq!(answer("Can I hire a kayak?", "And can I lock my bag away there?"), "lockers");
}
