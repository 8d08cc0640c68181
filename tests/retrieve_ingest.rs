//! Imports through the program: what is read, what is refused, and what is said about it.

use std::path::Path;
use std::process::{Command, Output};

fn steward(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn hits(data: &Path, arguments: &[&str]) -> Vec<serde_json::Value> {
    let mut all = vec!["search", "--json"];
    all.extend(arguments);
    let output = steward(data, &all);
    assert!(output.status.success(), "{}", stderr(&output));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    object["hits"].as_array().unwrap().clone()
}

#[test]
fn bad_lines_are_named_and_good_ones_kept() {
    let files = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let path = files.path().join("articles.jsonl");
    let long = format!("{{\"id\":\"big\",\"title\":\"T\",\"text\":\"{}\"}}", "x".repeat(1 << 20));
    let mut bytes = Vec::new();
    bytes.extend_from_slice(
        "\u{feff}{\"id\":\"a\",\"title\":\"Kiln rental\",\"text\":\"A kiln costs 30 a day.\"}\r\n"
            .as_bytes(),
    );
    bytes.extend_from_slice(b"{\"id\":\"b\",\"title\":\"Glaze\"\n");
    bytes.extend_from_slice(b"\n");
    bytes.extend_from_slice(b"{\"id\":\"c\",\"title\":\"Clay\",\"text\":\"\"}\n");
    bytes.extend_from_slice(b"{\"id\":\"d\",\"title\":\"Caf\xe9\",\"text\":\"x\"}\n");
    bytes.extend_from_slice(long.as_bytes());
    bytes.extend_from_slice(b"\n{\"id\":\"e\",\"title\":\"Wheel\",\"txt\":\"x\"}\n");
    bytes.extend_from_slice(
        b"{\"id\":\"a\",\"title\":\"Kiln rental\",\"text\":\"A kiln costs 35 a day.\"}",
    );
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();

    let strict = steward(data.path(), &["import", "knowledge", path, "--strict"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(stderr(&strict).contains("nothing was imported: 5 "), "{}", stderr(&strict));
    assert!(hits(data.path(), &["kiln"]).is_empty());

    let output = steward(data.path(), &["import", "knowledge", path]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    for expected in [
        "articles.jsonl:2: not JSON",
        "articles.jsonl:4: `text` is empty",
        "articles.jsonl:5: not UTF-8",
        "articles.jsonl:6: longer than",
        "articles.jsonl:7: unknown field `txt`",
        "articles.jsonl:8: a was given before",
    ] {
        assert!(said.contains(expected), "{expected} not in:\n{said}");
    }
    assert!(stdout(&output).contains("1 imported, 0 unchanged, 5 could not be read"));
    let found = hits(data.path(), &["what does a kiln cost?"]);
    assert_eq!(found[0]["source"], "a");
    assert_eq!(found[0]["text"], "A kiln costs 35 a day.");
}

#[test]
fn markdown_and_html_lose_their_markup_and_keep_their_structure() {
    let files = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(files.path().join("care")).unwrap();
    std::fs::write(
        files.path().join("care/wool.md"),
        "---\nurl: https://shop.example/wool\nlanguage: en\n---\n# Washing *wool*\r\n\r\nUse a \
         [wool program](x.html).\r\n\r\n## Drying\n\n- Dry flat\n- Never in `sunlight`\n\n\
         | Fabric | Heat |\n|---|---|\n| Merino | 30 degrees |\n",
    )
    .unwrap();
    std::fs::write(
        files.path().join("boots.html"),
        "<html lang=en-US><head><title>Shop | Boots</title><script>var tracking=1</script></head>\
         <body><nav>Home Cart Login</nav><main><h1>Waxing boots</h1><p>Wax them <b>twice</b> a \
         year.<script>evil()</script></p><h2>How</h2><ul><li>Brush</li><li>Wax &amp; wait</li></ul>\
         </main><footer>Imprint</footer></body></html>",
    )
    .unwrap();
    std::fs::write(files.path().join("picture.png"), [0u8; 4]).unwrap();
    std::fs::write(files.path().join("empty.md"), "# Only a heading\n").unwrap();
    let output = steward(data.path(), &["import", "knowledge", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("picture.png: not of a type"), "{}", stderr(&output));
    assert!(stderr(&output).contains("empty.md: there is no text"), "{}", stderr(&output));

    let wool = hits(data.path(), &["may wool dry in the sunlight?"]);
    assert_eq!(wool[0]["source"], "care/wool");
    assert_eq!(wool[0]["title"], "Washing wool");
    assert_eq!(
        wool[0]["text"],
        "- Dry flat\n- Never in sunlight\n- Fabric: Merino, Heat: 30 degrees"
    );
    let boots = hits(data.path(), &["how often should I wax boots"]);
    assert_eq!(boots[0]["title"], "Waxing boots");
    let everything: String = boots.iter().map(|hit| hit["text"].to_string()).collect();
    for boilerplate in ["Cart", "tracking", "evil", "Imprint"] {
        assert!(!everything.contains(boilerplate), "{everything}");
    }
    assert!(everything.contains("- Brush\\n- Wax & wait"), "{everything}");
}

#[test]
fn csv_cells_become_values_only_if_they_read_back_the_same() {
    let files = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let path = files.path().join("members.csv");
    std::fs::write(
        &path,
        "kind,id,customer_id,address.city,address.zip,phone,visits,balance,active,note\r\n\
         member,0042,0042,Boise,00420,+1 555 0100,12,3.50,true,\"says \"\"hi\"\", twice\"\r\n\
         member,7,7,Reno,89501,555-0101,-3,2.5,false,\r\n\
         member,8,8,Reno\r\n\
         ,9,9,Reno,89501,1,1,1,true,\r\n",
    )
    .unwrap();
    let output = steward(data.path(), &["import", "accounts", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("members.csv:4: 4 cells where the header has 10"), "{said}");
    assert!(said.contains("members.csv:5: `kind` is empty"), "{said}");

    let index = steward::retrieve::Index::open(data.path()).unwrap();
    let member = |id: &str| {
        let customer = steward::identity::VerifiedCustomer::chosen_by_operator(id);
        let scope = steward::retrieve::AccountScope::of(&customer);
        index.account_record(&scope, "member", id).unwrap().unwrap().fields
    };
    assert_eq!(
        serde_json::Value::Object(member("0042")),
        serde_json::json!({
            "address": {"city": "Boise", "zip": "00420"}, "phone": "+1 555 0100", "visits": 12,
            "balance": "3.50", "active": true, "note": "says \"hi\", twice"
        })
    );
    assert_eq!(
        serde_json::Value::Object(member("7")),
        serde_json::json!({
            "address": {"city": "Reno", "zip": 89501}, "phone": "555-0101", "visits": -3,
            "balance": 2.5, "active": false
        })
    );
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let files = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_string()
    };
    for (what, path, expected) in [
        ("knowledge", file("a.md.gz", "x"), "compressed files are not read"),
        ("knowledge", file("a.docx", "x"), "unknown type of file; expected one of .md"),
        ("accounts", file("a.json", "{}"), "name the `--format`"),
        ("accounts", file("a.csv", "id,total\n1,2\n"), "the header has no column `kind`"),
        (
            "accounts",
            file("b.jsonl", "{\"kind\":\"k\",\"id\":\"1\",\"customer_id\":\"\"}"),
            "`customer_id` is empty",
        ),
        ("knowledge", "/no/such/place".to_string(), "cannot read /no/such/place"),
    ] {
        let output = steward(data.path(), &["import", what, &path]);
        assert_eq!(output.status.code(), Some(1), "{path}");
        assert!(stderr(&output).contains(expected), "{path}: {}", stderr(&output));
    }
    assert_eq!(steward(data.path(), &["import", "knowledge"]).status.code(), Some(2));
}

#[test]
fn another_stores_shape_is_read_in_any_order() {
    let files = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    for (name, content) in [
        (
            "1.json",
            r##"{"#K1": {"order_id": "#K1", "user_id": "mia_1", "status": "pending"}, "#K2": {"order_id": "#K2"}}"##,
        ),
        (
            "2.json",
            r#"{"mia_1": {"name": {"first_name": "Mia"}, "email": "mia@kite.example", "orders": ["\#K1"]}}"#,
        ),
        ("3.json", r#"{"55": {"name": "Stunt Kite", "product_id": "55", "variants": {}}}"#),
    ] {
        std::fs::write(files.path().join(name), content.replace("\\#", "#")).unwrap();
    }
    let directory = files.path().to_str().unwrap();
    let output = steward(data.path(), &["import", "accounts", "--format", "tau-retail", directory]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("1.json (entry #K2): an order without `user_id`"));
    let found = hits(data.path(), &["--customer", "mia_1", "my order K1"]);
    assert_eq!(found[0]["source"], "order/#K1");
    let public = hits(data.path(), &["do you sell a stunt kite"]);
    assert_eq!(public[0]["source"], "product/55");
    assert!(public.iter().all(|hit| hit["source"] == "product/55"));
}
