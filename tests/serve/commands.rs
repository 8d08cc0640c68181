//! The program itself: `serve`, `chat` and `ask`, with its exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{PATIENCE, agent, agent_directory};

fn steward(arguments: &[&str]) -> Command {
    steward_in(&agent_directory(), arguments)
}

pub fn steward_in(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[cfg(unix)]
/// `steward serve` over a copy of the shared index: a data directory serves one process at a time.
fn serve_alone() -> (tempfile::TempDir, Child) {
    let directory = alone();
    let mut serve = steward_in(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let child = serve.spawn().unwrap();
    (directory, child)
}

/// A data directory with a copy of the shared index.
#[cfg(unix)]
pub fn alone() -> tempfile::TempDir {
    agent();
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    std::fs::create_dir(&index).unwrap();
    for entry in std::fs::read_dir(agent_directory().join("index")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), index.join(entry.file_name())).unwrap();
    }
    directory
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    agent();
    let mut child = steward(arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn ask_answers_each_line_in_its_place_and_goes_on_after_a_bad_one() {
    let good =
        r#"{"customer":null,"turns":[{"role":"customer","text":"How long do returns take?"}]}"#;
    let last_is_ours = r#"{"turns":[{"role":"agent","text":"Hello"}]}"#;
    let input = format!("{good}\n{{oops\n\n{last_is_ours}\n{good}");
    let output = with_input(&["ask"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1), "a line was bad");
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    for key in ["text", "decision", "citations", "evidence", "intent", "satisfaction", "escalation"]
    {
        assert!(lines[0].get(key).is_some() && lines[3].get(key).is_some(), "{key}");
    }
    assert!(lines[0]["timings_ms"]["total"].is_number());
    assert_eq!((&lines[1]["line"], &lines[2]["line"]), (&2.into(), &4.into()));
    assert!(lines[1]["error"].is_string());
    assert_eq!(with_input(&["ask"], good.as_bytes()).status.code(), Some(0));
}

#[test]
fn chat_works_piped() {
    let output = with_input(&["chat"], b"Hello\n\nHow long do returns take?\n");
    assert_eq!(output.status.code(), Some(0));
    let replies = String::from_utf8(output.stdout).unwrap();
    assert!(replies.lines().filter(|line| !line.starts_with("  [")).count() >= 2, "{replies}");
}

#[cfg(unix)]
#[test]
fn serve_prints_its_address_and_ends_well_when_told_to() {
    let (_directory, mut child) = serve_alone();
    let address = address_of(&mut child);
    let ready = |address: &str| {
        steward(&["doctor", "--ready", &format!("http://{address}")]).output().unwrap()
    };
    let asked = ready(&address);
    assert_eq!(asked.status.code(), Some(0), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stdout).contains("\"ready\":true"), "{asked:?}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(ready(&address).status.code(), Some(1));
}

/// The address that `steward serve` says it listens on.
#[cfg(unix)]
pub fn address_of(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("://").nth(1).expect("serve says where it listens");
    address.split(|c: char| c == ',' || c.is_whitespace()).next().unwrap().to_string()
}

#[cfg(unix)]
#[test]
fn a_hangup_reads_the_settings_again_and_says_what_changed() {
    let secret = "0123456789abcdef0123456789abcdef-secret";
    let directory = alone();
    let file = directory.path().join("steward.toml");
    std::fs::write(&file, "").unwrap();
    let mut serve = steward_in(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let mut child = serve.arg("--config").arg(&file).spawn().unwrap();
    address_of(&mut child);
    let id = child.id().to_string();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut after_hangup = |settings: &str| {
        std::fs::write(&file, settings).unwrap();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        log.find(|line| line.as_ref().unwrap().contains("settings were read again"))
            .unwrap()
            .unwrap()
    };
    let said = after_hangup(&format!(
        "[telemetry]\nlog_level = \"debug\"\n[identity.secrets]\nshop = \"{secret}\"\n[store]\nreaders = 2\n"
    ));
    for part in ["identity.secrets", "telemetry.log_level", "needs_restart=[\"store.readers\"]"] {
        assert!(said.contains(part) && !said.contains(secret), "{part} in {said}");
    }
    let said = after_hangup("[server]\nlisten_on = \"x\"\n");
    assert!(said.contains("listen_on") && said.contains("nothing has changed"), "{said}");
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn serve_ends_when_told_to_though_nobody_reads_its_messages() {
    let (_directory, mut child) = serve_alone();
    drop(child.stderr.take());
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.expect("it ends in time").success());
}

#[test]
fn the_doctor_tells_what_is_in_order_and_what_is_not() {
    agent();
    let examine = |data_dir: &Path| {
        let mut doctor = steward_in(data_dir, &["doctor"]);
        let output = doctor.env("STEWARD_SERVER_LISTEN", "127.0.0.1:0").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let fresh = tempfile::tempdir().unwrap();
    let (code, words) = examine(fresh.path());
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("nothing was imported yet"), "{words}");
    let (code, words) = examine(&agent_directory());
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("3 articles"), "{words}");
    std::fs::write(fresh.path().join("conversations.sqlite"), "no database ".repeat(99)).unwrap();
    let (code, words) = examine(fresh.path());
    assert!(code == Some(1) && words.contains("BAD   conversations"), "{words}");
}

#[test]
fn wrong_usage_and_a_port_in_use_are_said_clearly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, code, words) in [
        (vec!["serve", "--listen", &address], 1, "in use"),
        (vec!["serve", "--listen", "nowhere"], 1, "127.0.0.1:8080"),
        (vec!["serve", "--listn", "x"], 2, "--listen"),
        (vec!["serv"], 2, "serve"),
        (vec!["ask", "--config", "/nonexistent.toml"], 1, "/nonexistent.toml"),
    ] {
        let mut child = steward(&arguments).spawn().unwrap();
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(words), "{words} in {errors}");
    }
}
