//! What must hold of any input from outside, one function for each kind of input.
//!
//! In: any bytes. Out: nothing, or a panic that says what does not hold. The fuzz targets and `tests/fuzz_corpus.rs` both
//! call these functions. Where one function reads several kinds of input, the first byte says which.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use steward::chat::frames::{ClientFrame, HoldingFrame, ServerFrame};
use steward::config::Config;
use steward::config::load::Layers;
use steward::http::identity::Tokens;
use steward::identity::{Holder, Owner};
use steward::model::chat_template::{ChatTemplate, PromptMessage};
use steward::model::literal::{AllowedLiterals, literals_in, ungrounded_literals};
use steward::privacy;
use steward::retrieve::Record;
use steward::retrieve::document::Document;
use steward::retrieve::fact::FactSheet;
use steward::retrieve::fact::wording::WordingSettings;
use steward::retrieve::ingest::{Format, documents_in, records_in};
use steward::retrieve::split::passages_of;

/// What is checked of an input.
pub type Property = fn(&[u8]);

/// Every property, by the name of its target and corpus.
pub const PROPERTIES: [(&str, Property); 8] = [
    ("frames", frames),
    ("imports", imports),
    ("tokens", tokens),
    ("templates", templates),
    ("models", models),
    ("settings", settings),
    ("masker", masker),
    ("literals", literals),
];

/// A frame of the chat socket: what is accepted says the same when it is written again; a fault can be told.
pub fn frames(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match ClientFrame::parse(text) {
        Ok(frame) => {
            let again = ClientFrame::parse(&written(&frame).to_string());
            assert_eq!(again.as_ref(), Ok(&frame), "{text:?}");
        }
        Err(fault) => {
            let told = serde_json::to_string(&ServerFrame::from(fault)).expect("a fault is told");
            assert!(told.len() <= 1024 + 12 * text.len(), "{} bytes of fault", told.len());
        }
    }
}

fn written(frame: &ClientFrame) -> Value {
    match frame {
        ClientFrame::Hello(hello) => {
            json!({ "type": "hello", "token": hello.token, "conversation": hello.conversation, "after": hello.after })
        }
        ClientFrame::Message { id, text, files } => {
            json!({ "type": "message", "id": id, "text": text, "files": files })
        }
        ClientFrame::Holding(HoldingFrame::TakeOver { from_another }) => {
            json!({ "type": "take_over", "from_another": from_another })
        }
        ClientFrame::Holding(HoldingFrame::GiveBack {}) => json!({ "type": "give_back" }),
        ClientFrame::Holding(HoldingFrame::Requeue {}) => json!({ "type": "requeue" }),
        ClientFrame::Holding(HoldingFrame::Close {}) => json!({ "type": "close" }),
        ClientFrame::Typing => json!({ "type": "typing" }),
        ClientFrame::Read { seq } => json!({ "type": "read", "seq": seq }),
    }
}

/// A file to import: `m`arkdown, `h`tml, JSON lines of `a`rticles or `r`ecords, `c`sv, `t`au-retail.
pub fn imports(input: &[u8]) {
    let Some((kind, content)) = input.split_first() else { return };
    let knowledge = |name: &str| {
        let path = file(name, content);
        for document in documents_in(&[path]).expect("a file that is there") {
            check_document(&document);
        }
    };
    let accounts = |name: &str, format: Format| {
        let path = file(name, content);
        check_records(&records_in(&[path], format).expect("a file that is there"));
    };
    match kind {
        b'm' => knowledge("import.md"),
        b'h' => knowledge("import.html"),
        b'a' => knowledge("import.jsonl"),
        b'r' => accounts("import.jsonl", Format::ByExtension),
        b'c' => accounts("import.csv", Format::ByExtension),
        b't' => accounts("import.json", Format::TauRetail),
        _ => {}
    }
}

/// An article has an id, a title and text, and its passages hold every word of the text.
fn check_document(document: &Document) {
    assert!(!document.id.trim().is_empty() && !document.title.trim().is_empty(), "{document:?}");
    let passages = passages_of(document);
    let words_of_article =
        document.sections.iter().flat_map(|section| section.text.split_whitespace());
    let words_of_passages = passages.iter().flat_map(|passage| passage.text.split_whitespace());
    assert!(words_of_article.eq(words_of_passages), "{document:?}");
    assert!(passages.iter().all(|passage| !passage.text.trim().is_empty()), "{document:?}");
}

/// A record has a kind and an id, never an empty owner, and is the same record when it is imported again.
fn check_records(records: &[Record]) {
    for record in records {
        assert!(!record.kind.is_empty() && !record.id.is_empty(), "{record:?}");
        assert!(record.customer_id.as_deref() != Some(""), "{record:?}");
        let line = serde_json::to_vec(record).expect("a record is JSON");
        let path = file("again.jsonl", &line);
        let again = records_in(&[path], Format::ByExtension).expect("a file that is there");
        let [again] = again.as_slice() else { panic!("not read again: {record:?}") };
        assert_eq!(
            (&again.kind, &again.id, &again.customer_id),
            (&record.kind, &record.id, &record.customer_id)
        );
        assert!(again.fields.keys().eq(record.fields.keys()), "{record:?}");
    }
    let sheet = FactSheet::of(records, &WordingSettings::default());
    for fact in &sheet.facts {
        assert!(fact.subject < sheet.subjects.len(), "{fact:?}");
    }
}

const SITE_KEY: &str = "site-1";
const SITE_SECRET: &str = "a secret that only the site and steward know";

/// A token as it came: without our signature it proves nobody. After `s`: a header and claims, a line each, which are signed
/// with the site's secret; what they prove is what they say.
pub fn tokens(input: &[u8]) {
    thread_local!(static TOKENS: Tokens = open_tokens());
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some((header, claims)) = text.strip_prefix('s').and_then(|rest| rest.split_once('\n'))
    else {
        let proved = TOKENS.with(|tokens| tokens.check(text));
        assert!(proved.is_err(), "nobody signed {text:?}");
        return;
    };
    let token = signed(header.as_bytes(), claims.as_bytes());
    let Ok(proved) = TOKENS.with(|tokens| tokens.check(&token)) else { return };
    // A number that no f64 holds may stand where nobody reads it.
    let [Ok(header), Ok(claims)] = [header, claims].map(serde_json::from_str::<Value>) else {
        return;
    };
    assert_eq!((&header["alg"], &header["kid"]), (&json!("HS256"), &json!(SITE_KEY)), "{text:?}");
    assert!(claims["exp"].as_f64().is_some_and(|exp| exp > 1_700_000_000.0), "{text:?}");
    match proved.holder {
        Holder::Agent(person) => {
            assert_eq!(claims["sub"], json!(person.name), "{text:?}");
            assert_eq!(claims["role"] == json!("admin"), person.is_admin, "{text:?}");
            assert!(claims["external_id"].is_null(), "{text:?}");
        }
        Holder::Owner(Owner::Customer(customer)) => {
            assert_eq!(claims["external_id"], json!(customer.id()), "{text:?}");
            assert!(claims["role"].is_null(), "{text:?}");
        }
        Holder::Owner(Owner::Visitor(_)) => panic!("a site made a visitor: {text:?}"),
    }
}

fn open_tokens() -> Tokens {
    let mut settings = Config::default().identity;
    settings.secrets.insert(SITE_KEY.into(), SITE_SECRET.into());
    let directory = tempfile::tempdir().expect("a directory");
    Tokens::open(&settings, directory.path()).expect("tokens")
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use hmac::{KeyInit, Mac};
    let body = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let mut mac =
        hmac::Hmac::<sha2::Sha256>::new_from_slice(SITE_SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    format!("{body}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// The form of the messages that SmolLM2 and Qwen2 read.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}";
/// A prompt longer than this is not sent to a model.
const LONGEST_PROMPT_BYTES: usize = 4 << 20;

/// A chat template as a model's file brings it; and a message, which a template writes to the letter and never runs.
pub fn templates(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let message = |content: &str| [PromptMessage { role: "user", content: content.to_string() }];
    if let Ok(template) = ChatTemplate::new(text)
        && let Ok(prompt) = template.render(&message("Where is my order?"), "<s>", "</s>")
    {
        assert!(prompt.len() <= LONGEST_PROMPT_BYTES, "a prompt of {} bytes", prompt.len());
    }
    thread_local!(static TEMPLATE: ChatTemplate = ChatTemplate::new(CHATML).expect("a template"));
    let prompt =
        TEMPLATE.with(|template| template.render(&message(text), "", "")).expect("a prompt");
    assert_eq!(prompt, format!("<|im_start|>user\n{text}<|im_end|>\n"));
}

/// A model's file: the head of a `g`guf, or a trained `h`ead.
pub fn models(input: &[u8]) {
    use candle_core::quantized::gguf_file::Content;
    use steward::judge::head_file::HeadFile;
    use steward::judge::heads;
    let Some((kind, content)) = input.split_first() else { return };
    match kind {
        b'g' => {
            if let Ok(content) = Content::read(&mut std::io::Cursor::new(content)) {
                let _ = steward::model::gguf_tokenizer::tokenizer_of(&content);
            }
        }
        b'h' => {
            let read = |kind| HeadFile::parse(content, kind);
            let _ = read(heads::EMOTION).and_then(|file| heads::emotion_of(&file));
            let _ = read(heads::INTENTS).and_then(|file| heads::intents_of(&file));
            let _ = read(heads::SATISFACTION).and_then(|file| heads::satisfaction_of(&file, ""));
            let _ = read(heads::ESCALATION).and_then(|file| heads::escalation_of(&file, ""));
        }
        _ => {}
    }
}

/// A settings file, or after `E` the environment, a variable a line: what is accepted can be written down and read again.
pub fn settings(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let layers = match text.strip_prefix('E') {
        Some(lines) => Layers {
            file: Some(file("empty.toml", b"")),
            environment: lines.lines().filter_map(|line| line.split_once('=')).map(owned).collect(),
            ..Layers::default()
        },
        None => Layers { file: Some(file("config.toml", input)), ..Layers::default() },
    };
    let Ok(config) = Config::load(&layers) else { return };
    let again = toml::to_string(&config).expect("settings are TOML");
    let layers = Layers { file: Some(file("config.toml", again.as_bytes())), ..Layers::default() };
    let again = Config::load(&layers).unwrap_or_else(|error| panic!("{error}: {again}"));
    assert_eq!(format!("{again:?}"), format!("{config:?}"));
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_string(), value.to_string())
}

/// A message before it is stored: findings stand in order on the borders of characters, and what was masked is masked.
pub fn masker(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut end = 0;
    let findings = privacy::find(text);
    for finding in &findings {
        assert!(finding.range.start >= end && !finding.range.is_empty(), "{text:?}: {findings:?}");
        assert!(text.get(finding.range.clone()).is_some(), "{text:?}: {findings:?}");
        end = finding.range.end;
    }
    let masked = privacy::mask(text);
    assert_eq!(masked.is_some(), !findings.is_empty(), "{text:?}");
    if let Some(masked) = masked {
        assert_eq!(privacy::mask(&masked), None, "{text:?} became {masked:?}");
    }
}

/// Evidence and a text, a line each: literals stand in order, are what they say, and are grounded in the text itself.
pub fn literals(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (evidence, text) = text.split_once('\n').unwrap_or(("", text));
    let mut end = 0;
    for literal in literals_in(text) {
        assert!(literal.start >= end && literal.end > literal.start, "{text:?}: {literal:?}");
        assert_eq!(text.get(literal.start..literal.end), Some(literal.text.as_str()), "{text:?}");
        end = literal.end;
    }
    assert_eq!(ungrounded_literals(text, &[text]), [], "{text:?}");
    let allowed = AllowedLiterals::from_texts([evidence]);
    for literal in ungrounded_literals(text, &[evidence]) {
        assert!(!allowed.contains(&literal), "{evidence:?} grounds {literal:?}");
    }
}

/// A file of this content. Each thread has a directory of its own, in memory where there is such.
fn file(name: &str, content: &[u8]) -> PathBuf {
    thread_local!(static DIRECTORY: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) });
    DIRECTORY.with_borrow_mut(|directory| {
        let directory = directory.get_or_insert_with(|| {
            let memory = Path::new("/dev/shm");
            let made =
                if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
            made.expect("a directory")
        });
        let path = directory.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    })
}
