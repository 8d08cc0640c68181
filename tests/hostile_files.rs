//! Files made to harm whoever imports them: each is read in bounded time and memory, or refused with the reason.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use steward::retrieve::fact::FactSheet;
use steward::retrieve::fact::wording::WordingSettings;
use steward::retrieve::ingest::{Format, documents_in, records_in};
use steward::retrieve::split::passages_of;

/// For files of some megabytes, on a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(40);
const MEGABYTE: usize = 1 << 20;

struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// The import as its users run it, with 4 GiB of address space: what would take more ends it.
fn import(kind: &str, path: &Path) -> Output {
    let data = tempfile::tempdir().unwrap();
    Command::new("sh")
        .args([
            "-c",
            "ulimit -v 4194304; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_steward"),
            "import",
            kind,
        ])
        .arg(path)
        .args(["--strict", "--data-dir"])
        .arg(data.path())
        .output()
        .unwrap()
}

fn assert_refused(kind: &str, path: &Path, reason: &str) {
    let output = import(kind, path);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{}: {said}", path.display());
    assert!(said.contains(reason), "{}: {reason} not in {said}", path.display());
}

/// So often that it makes a megabyte.
fn megabyte_of(piece: &str) -> String {
    piece.repeat(MEGABYTE / piece.len())
}

/// Numbered pieces that make a megabyte.
fn megabyte_by_number(piece: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(2 * MEGABYTE);
    for number in 0.. {
        text += &piece(number);
        if text.len() > MEGABYTE {
            break;
        }
    }
    text
}

#[test]
fn markup_that_makes_parsers_slow_is_read_in_bounded_time() {
    let files = Files::new();
    let row = format!("|{}\n", "x|".repeat(1000));
    for (name, content) in [
        ("quotes.md", format!("{}a", "> ".repeat(MEGABYTE / 2))),
        ("list.md", megabyte_by_number(|depth| format!("{}- a\n", "  ".repeat(depth % 700)))),
        ("brackets.md", megabyte_of("[")),
        ("links.md", megabyte_of("[a](")),
        ("images.md", megabyte_of("![a](<b")),
        ("references.md", megabyte_by_number(|number| format!("[{number}]: a\n[{number}]\n"))),
        ("emphasis.md", megabyte_of("*a **a ")),
        ("mixed emphasis.md", megabyte_of("*a_ ")),
        ("code.md", megabyte_by_number(|length| format!("{} ", "`".repeat(length)))),
        ("tags.md", megabyte_of("<a ")),
        ("comments.md", megabyte_of("<!--")),
        ("entities.md", megabyte_of("&amp;&#x41;")),
        ("line.md", megabyte_of("word ").replace('\n', " ")),
        ("letter.md", megabyte_of("a")),
        ("table.md", format!("{row}|{}\n{}", "-|".repeat(1000), row.repeat(400))),
        (
            "empty cells.md",
            format!("|{}\n|{}\n{}", "x|".repeat(9000), "-|".repeat(9000), "|\n".repeat(9000)),
        ),
        ("escapes.md", megabyte_of("\\")),
        ("div.html", megabyte_of("<div>")),
        ("formatting.html", megabyte_by_number(|number| format!("<b id={number}><p>"))),
        ("adoption.html", megabyte_of("<a><b><p>")),
        ("unclosed cells.html", megabyte_of("<table><td>")),
        ("attributes.html", format!("<p {}>a", megabyte_by_number(|number| format!("a{number} ")))),
        ("entities.html", megabyte_of("&amp;&lt;&NotEqualTilde;")),
        ("half entities.html", megabyte_of("&am")),
        ("comments.html", megabyte_of("<!--")),
        ("select.html", megabyte_of("<select><option>")),
        ("paragraphs.html", megabyte_of("<p>a")),
        ("rows.html", format!("<table>{}", megabyte_of("<tr><td>a"))),
        ("svg.html", megabyte_of("<svg><foreignObject>")),
        ("text.html", megabyte_of("a ")),
    ] {
        let path = files.write(name, content);
        let began = Instant::now();
        for document in documents_in(&[path]).unwrap() {
            let text: usize = passages_of(&document).iter().map(|passage| passage.text.len()).sum();
            assert!(text <= 8 * MEGABYTE, "{name} becomes {text} bytes");
        }
        println!("{name}: {:?}", began.elapsed());
        assert!(began.elapsed() < LONGEST, "{name} took {:?}", began.elapsed());
    }
}

/// Nine lists of nine, each of the one before: half a billion words, if anybody spelt them out.
#[test]
fn what_the_front_matter_repeats_is_not_spelt_out() {
    let lists: String = ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi", "ij"]
        .iter()
        .map(|names| {
            format!(
                "{}: &{} [{}]\n",
                &names[1..],
                &names[1..],
                vec![format!("*{}", &names[..1]); 9].join(",")
            )
        })
        .collect();
    let files = Files::new();
    let path = files.write("aliases.md", format!("---\na: &a x\n{lists}---\nText.\n"));
    let began = Instant::now();
    assert_eq!(documents_in(&[path]).unwrap().len(), 1);
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
}

#[test]
fn articles_that_would_take_all_the_memory_are_refused_with_the_reason() {
    let files = Files::new();
    let nested_table = format!("{}{}", "<table><tr><td>".repeat(160), megabyte_of("word "));
    let path = files.write("tables.html", nested_table);
    let documents = documents_in(&[path]).unwrap();
    let text: usize = documents.iter().flat_map(|d| &d.sections).map(|s| s.text.len()).sum();
    assert!(text <= 2 * MEGABYTE, "a table within a table is read once, not {text} bytes");

    let heading = format!("# {}\n{}", megabyte_of("title "), "## a\nb\n".repeat(9000));
    let documents = documents_in(&[files.write("heading.md", heading)]).unwrap();
    assert_eq!(
        documents[0].title, "Heading",
        "a heading of a megabyte is text, the title the file's name"
    );

    let long_title = format!("{{\"id\":1,\"title\":\"{}\",\"text\":\"a\"}}", "t".repeat(1000));
    for (name, content, reason) in [
        ("deep.html", megabyte_of("<div>"), "its elements are nested more than 512 deep"),
        ("sections.md", megabyte_of("# a\nb\n"), "more than 10000 sections"),
        (
            "yaml.md",
            format!("---\na: {}\n---\nText.\n", "[".repeat(MEGABYTE)),
            "the front matter is longer than 16 KiB",
        ),
        (
            "deep yaml.md",
            format!("---\na: {}\n---\nText.\n", "[".repeat(16_000)),
            "the front matter cannot be read",
        ),
        ("title.jsonl", long_title, "`title` is longer than 300 characters"),
        ("id.md", "---\nid: ''\n---\nText.\n".to_string(), "`id` is empty"),
        ("deep.jsonl", format!("{{\"id\":{}", "[".repeat(500_000)), "recursion limit exceeded"),
    ] {
        assert_refused("knowledge", &files.write(name, content), reason);
    }
}

#[test]
fn records_that_would_take_all_the_memory_or_stack_are_refused_with_the_reason() {
    let files = Files::new();
    let deep_json = format!("{{\"kind\":\"k\",\"id\":1,\"fields\":{}", "{\"a\":".repeat(150_000));
    let deep_column = format!("kind,id,{}\nk,1,v\n", vec!["a"; 400_000].join("."));
    for (name, content, reason) in [
        (
            "quotes.csv",
            format!("kind,id,note\nk,1,{}\n", megabyte_of("\"").repeat(4)),
            "longer than 1024 KiB",
        ),
        (
            "open quote.csv",
            format!("kind,id\nk,\"{}", megabyte_of("1\n").repeat(4)),
            "longer than 1024 KiB",
        ),
        ("deep.csv", deep_column, "nests more than 100 deep"),
        ("cells.csv", format!("kind,id\n{}\n", megabyte_of(",")), "cells where the header has 2"),
        ("deep.jsonl", deep_json, "recursion limit exceeded"),
    ] {
        assert_refused("accounts", &files.write(name, content), reason);
    }
    let wide = format!("kind,id,{}\n", megabyte_by_number(|number| format!("c{number},")));
    assert!(records_in(&[files.write("wide.csv", wide)], Format::ByExtension).unwrap().is_empty());
}

/// What stands in an account is read at every turn of its customer.
#[test]
fn a_record_of_thousands_of_items_becomes_facts_in_bounded_time() {
    let files = Files::new();
    let bounded = |name: &str, fields: String| {
        let line =
            format!("{{\"kind\":\"order\",\"id\":1,\"customer_id\":\"c\",\"fields\":{fields}}}");
        let records = records_in(&[files.write(name, &line)], Format::ByExtension).unwrap();
        assert_eq!(records.len(), 1, "{name} of {} bytes", line.len());
        let began = Instant::now();
        let facts = FactSheet::of(&records, &WordingSettings::default()).facts.len();
        println!("{name}: {facts} facts in {:?}", began.elapsed());
        assert!(began.elapsed() < LONGEST, "{name} took {:?}", began.elapsed());
    };
    let list = |count: usize, item: &dyn Fn(usize) -> String| {
        (0..count).map(item).collect::<Vec<_>>().join(",")
    };
    bounded("fields.jsonl", format!("{{{}}}", list(50_000, &|n| format!("\"f{n}\":{n}"))));
    bounded(
        "items.jsonl",
        format!("{{\"items\":[{}]}}", list(4_000, &|n| format!("{{\"id\":{n},\"price\":1}}"))),
    );
    bounded(
        "keyed.jsonl",
        format!("{{\"items\":{{{}}}}}", list(4_000, &|n| format!("\"i{n}\":{{\"name\":\"a\"}}"))),
    );
    bounded(
        "references.jsonl",
        format!(
            "{{\"items\":[{}],\"item_ids\":[{}]}}",
            list(4_000, &|n| format!("{{\"id\":\"{n}\",\"name\":\"a\"}}")),
            list(4_000, &|n| format!("\"{n}\""))
        ),
    );
    bounded("text.jsonl", format!("{{\"note\":\"{}\"}}", "a 1 ".repeat(200_000)));
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_directory_and_pipes_are_not_read() {
    let files = Files::new();
    files.write("outside/secret.md", "# Secret\n\nThe safe opens with 4711.\n");
    files.write("articles/good.md", "# Returns\n\nReturn boots within 30 days.\n");
    let articles = files.directory.path().join("articles");
    for (name, target) in [
        ("absolute.md", files.directory.path().join("outside/secret.md")),
        ("relative.md", "../outside/secret.md".into()),
        ("device.md", "/dev/zero".into()),
        ("nowhere.md", "nowhere".into()),
        ("within.md", "good.md".into()),
        ("directory", "../outside".into()),
    ] {
        std::os::unix::fs::symlink(target, articles.join(name)).unwrap();
    }
    assert!(Command::new("mkfifo").arg(articles.join("pipe.md")).status().unwrap().success());
    let documents = documents_in(&[articles]).unwrap();
    let ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
    assert_eq!(ids, ["good", "within"]);
    assert_refused("knowledge", Path::new("/dev/zero"), "is neither a file nor a directory");
}
