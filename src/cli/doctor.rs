//! `steward doctor`: whether everything that serving needs is in order, and what to do where it is not.
//!
//! Changes nothing, and may run beside a server.

use std::io::Write;
use std::net::{TcpListener, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use steward::config::Config;
use steward::http::tls;
use steward::model::fetch::CacheState;
use steward::model::manifest;
use steward::retrieve::Index;
use steward::retrieve::content::{CONTENT_FILE, Content};
use steward::retrieve::index::INDEX_DIRECTORY;
use steward::retrieve::upkeep;
use steward::store::Store;
use steward::{demo_data, setup};
use ureq::tls::TlsConfig;

#[derive(Args)]
pub struct DoctorArguments {
    /// Print the findings as JSON lines.
    #[arg(long)]
    json: bool,
    /// Only ask the server at this address whether it is ready, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    ready: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    /// It works, and somebody should know.
    Note,
    /// It will not work.
    Bad,
}

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    words: String,
}

/// Less than this on the disk is worth a word.
const LOW_DISK_BYTES: u64 = 1 << 30;
/// Fewer files than this limit how many customers can be connected.
const FEW_FILES: u64 = 4096;
const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);

pub fn run(arguments: &DoctorArguments, config: &Config) -> anyhow::Result<ExitCode> {
    if let Some(url) = &arguments.ready {
        return ask_whether_ready(url);
    }
    // Loading them checked every key.
    let mut findings = vec![good("settings", "every key is known and every value is allowed")];
    findings.extend(data_directory(&config.place.data_dir));
    findings.extend(models(config));
    findings.extend(index(config));
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    findings.extend(runtime.block_on(conversations(config)));
    findings.extend(identity(config));
    findings.extend(certificate(config));
    findings.extend(address(config));
    findings.push(files());
    let mut bad = 0;
    for finding in &findings {
        bad += usize::from(finding.verdict == Verdict::Bad);
        if arguments.json {
            println!("{}", serde_json::to_string(finding)?);
            continue;
        }
        let mark = match finding.verdict {
            Verdict::Good => "ok  ",
            Verdict::Note => "note",
            Verdict::Bad => "BAD ",
        };
        println!("{mark}  {:<15} {}", finding.what, finding.words);
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn good(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Good, words: words.into() }
}

fn note(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Note, words: words.into() }
}

fn bad(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Bad, words: words.into() }
}

fn data_directory(path: &Path) -> Vec<Finding> {
    const WHAT: &str = "data directory";
    let shown = path.display();
    if !path.is_dir() {
        return vec![note(WHAT, format!("{shown} is not there yet; `steward serve` makes it"))];
    }
    let mut findings = Vec::new();
    let written = tempfile::NamedTempFile::new_in(path).and_then(|mut file| {
        file.write_all(b"doctor")?;
        file.as_file().sync_all()
    });
    findings.push(match written {
        Ok(()) => good(WHAT, format!("{shown} can be written")),
        Err(error) => bad(WHAT, format!("{shown} cannot be written: {error}")),
    });
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().map(|metadata| metadata.permissions().mode()).unwrap_or(0);
        if mode & 0o077 != 0 {
            let words = format!("others on this machine can look into {shown}; chmod 700 {shown}");
            findings.push(note(WHAT, words));
        }
        if let Ok(disk) = rustix::fs::statvfs(path) {
            let free = disk.f_bavail * disk.f_frsize;
            let words = format!("{:.1} GiB free", free as f64 / f64::from(1 << 30));
            let low = free < LOW_DISK_BYTES;
            findings.push(if low {
                note("disk", words + "; make room")
            } else {
                good("disk", words)
            });
        }
    }
    findings
}

fn models(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "models";
    let cache = setup::model_cache(config);
    let artefacts = match manifest::shipped() {
        Ok(artefacts) => artefacts,
        Err(error) => return vec![bad(WHAT, format!("the manifest cannot be read: {error}"))],
    };
    let needed = |role: &str| !role.starts_with("generator") || config.generator.enabled;
    artefacts
        .iter()
        .filter(|artefact| needed(&artefact.role))
        .map(|artefact| {
            let name = &artefact.name;
            match cache.state(artefact, false) {
                Ok(CacheState::Present) => good(WHAT, format!("{name} is there")),
                Ok(CacheState::Absent) => {
                    note(WHAT, format!("{name} is not there yet; `steward models pull` fetches it"))
                }
                Ok(CacheState::Wrong) => {
                    bad(WHAT, format!("{name} is damaged; `steward models pull` fetches it again"))
                }
                Err(error) => bad(WHAT, format!("{name}: {error}")),
            }
        })
        .collect()
}

fn index(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "index";
    let data_dir = &config.place.data_dir;
    if !data_dir.join(INDEX_DIRECTORY).is_dir() && !data_dir.join(CONTENT_FILE).is_file() {
        return vec![note(WHAT, "nothing was imported yet; `steward import knowledge PATH`")];
    }
    let mut findings = Vec::new();
    match Content::open_to_read(data_dir) {
        Ok(None) => {}
        Ok(Some(mut content)) => findings.push(match content.check_whole() {
            Ok(()) => {
                let change = content.state().change;
                good("imports", format!("{CONTENT_FILE} is whole, at change {change}"))
            }
            Err(error) => bad("imports", error.to_string()),
        }),
        Err(error) => findings.push(bad("imports", error.to_string())),
    }
    let finding = match upkeep::check(data_dir) {
        Ok(finding) => finding,
        Err(error) => {
            findings.push(bad(WHAT, error.to_string()));
            return findings;
        }
    };
    match finding {
        upkeep::Finding::Current => {}
        upkeep::Finding::Lost(flaw) => {
            let words = "and there is nothing to make it from; move it away and import again, or `steward restore`";
            findings.push(bad(WHAT, format!("{flaw}, {words}")));
            return findings;
        }
        other => {
            findings.push(note(WHAT, format!("{other}; the next start brings it up to date")));
            return findings;
        }
    }
    findings.push(match Index::open(data_dir).and_then(|index| index.statistics()) {
        Ok(found) if found.documents == 0 => {
            note(WHAT, "there are no articles; `steward import knowledge PATH`")
        }
        Ok(found) => good(
            WHAT,
            format!(
                "{} articles, {} public and {} account records",
                found.documents, found.public_records, found.account_records
            ),
        ),
        Err(error) => bad(WHAT, error.to_string()),
    });
    findings
}

async fn conversations(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "conversations";
    let path = config.store_path();
    if !path.is_file() {
        return vec![note(WHAT, "there are none yet")];
    }
    let store = match Store::open_to_read(&path).await {
        Ok(store) => store,
        Err(error) => return vec![bad(WHAT, error.to_string())],
    };
    let mut findings = Vec::new();
    findings.push(match store.check_whole().await {
        Ok(()) => good(WHAT, format!("{} is whole", path.display())),
        Err(error) => bad(WHAT, error.to_string()),
    });
    if store.is_older().await.unwrap_or(false) {
        let words =
            "written by an older Steward; the next start of the server brings them up to date";
        findings.push(note(WHAT, words));
        return findings;
    }
    findings.push(match store.verify_audit(None).await {
        Ok(head) => good("audit log", format!("{} entries, head {head}", head.seq)),
        Err(error) => bad("audit log", error.to_string()),
    });
    if let Ok(waiting) = store.unanswered_conversations().await
        && !waiting.is_empty()
    {
        let words = format!("{} wait for an answer; a server gives it at its start", waiting.len());
        findings.push(note(WHAT, words));
    }
    findings
}

fn identity(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "identity";
    let mut findings = Vec::new();
    let keys: Vec<_> = config.identity.secrets.keys().map(String::as_str).collect();
    findings.push(if keys.is_empty() {
        note(WHAT, "no site can sign customers in: [identity.secrets] is empty")
    } else {
        good(WHAT, format!("sites sign in with {}", keys.join(", ")))
    });
    #[cfg(unix)]
    for name in ["visitor.secret", "demo.secret", "team.secret"] {
        use std::os::unix::fs::PermissionsExt;
        let path = config.place.data_dir.join(name);
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.permissions().mode() & 0o077 != 0 {
            let shown = path.display();
            findings.push(bad(WHAT, format!("others can read {shown}; chmod 600 {shown}")));
        }
    }
    findings
}

fn certificate(config: &Config) -> Option<Finding> {
    const WHAT: &str = "certificate";
    if !config.server.serves_tls() {
        return None;
    }
    Some(match tls::check(&config.server.tls, Timestamp::now()) {
        Ok((validity, None)) => good(WHAT, format!("good until {}", validity.not_after)),
        Ok((_, Some(fault))) => note(WHAT, format!("it {fault}")),
        Err(error) => bad(WHAT, error.to_string()),
    })
}

fn address(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "address";
    let listen = &config.server.listen;
    let mut findings = Vec::new();
    let resolved = listen.to_socket_addrs().ok().and_then(|mut all| all.next());
    findings.push(match (TcpListener::bind(listen), resolved) {
        (Ok(_), _) => good(WHAT, format!("{listen} is free")),
        (Err(_), Some(address)) if answers(address, config.server.serves_tls()) => {
            good(WHAT, format!("a Steward answers at {listen}"))
        }
        (Err(error), _) => bad(WHAT, format!("{listen} cannot be listened on: {error}")),
    });
    if resolved.is_some_and(|address| !address.ip().is_loopback()) {
        let words = if config.server.serves_tls() {
            "others can reach this address: keep /metrics behind a proxy or a firewall"
        } else {
            "others can reach this address; name a certificate in [server.tls] or put a proxy with TLS before it, and keep /metrics behind it"
        };
        findings.push(note(WHAT, words));
        if config.server.demo && demo_data::is_in_use(&config.place.data_dir) {
            let words = "whoever reaches it can sign in as the demo shop's customers: set server.demo = false";
            findings.push(note(WHAT, words));
        }
    }
    findings
}

/// Whether a Steward says at `address` how it is.
fn answers(address: std::net::SocketAddr, tls: bool) -> bool {
    let scheme = if tls { "https" } else { "http" };
    health_of(&format!("{scheme}://{address}"), "health")
        .is_ok_and(|(_, said)| said.contains("\"ready\":"))
}

/// For containers and scripts: done well if the server at `url` is ready.
fn ask_whether_ready(url: &str) -> anyhow::Result<ExitCode> {
    let (status, said) = health_of(url.trim_end_matches('/'), "health/ready")
        .with_context(|| format!("no Steward answers at {url}"))?;
    println!("{said}");
    Ok(if status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The status and the body of `/v1/{question}`. Nothing secret is sent or believed, so the certificate, which is
/// seldom for the address that is asked, is not looked at.
fn health_of(url: &str, question: &str) -> anyhow::Result<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(HEALTH_TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .tls_config(TlsConfig::builder().disable_verification(true).build())
        .build()
        .into();
    let mut answer = agent.get(format!("{url}/v1/{question}")).call()?;
    let said = answer.body_mut().with_config().limit(64 * 1024).read_to_string()?;
    Ok((answer.status().as_u16(), said))
}

fn files() -> Finding {
    const WHAT: &str = "open files";
    #[cfg(unix)]
    {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        match limit {
            Some(limit) if limit < FEW_FILES => {
                let words = format!("{limit} at most, one for each customer; raise it (ulimit -n)");
                return note(WHAT, words);
            }
            Some(limit) => return good(WHAT, format!("{limit} at most")),
            None => {}
        }
    }
    good(WHAT, "no limit")
}
