//! All canned conversations pass on the real models, over a freshly imported demo shop.

use std::path::Path;

use steward::config::{Config, Place};
use steward::eval::conversations;
use steward::retrieve::ingest::{Progress, Silent};
use steward::setup::{self, Narrator};

struct Quiet;

impl Narrator for Quiet {
    fn stage(&mut self, _name: &'static str) -> Box<dyn Progress> {
        Box::new(Silent)
    }
}

#[test]
fn all_canned_conversations_pass() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let place = Place { data_dir: data.path().to_path_buf(), offline: false };
    let config = Config { place, ..Config::default() };
    let agent = setup::agent_with_demo(&config, &mut Quiet).expect("the agent loads");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut ran = 0;
    let mut failures = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(Path::new("tests/conversations"))
        .expect("the directory is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    files.sort();
    for path in files {
        let file = conversations::read(&path).expect("the file is right");
        for case in file.cases() {
            let result = runtime
                .block_on(file.run(case, &path.display().to_string(), &agent))
                .expect("the turn runs");
            ran += 1;
            failures.extend(
                result.failures.iter().map(|failure| format!("{}: {failure}", case.test_case)),
            );
        }
    }
    assert!(ran >= 60, "only {ran} conversations");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
