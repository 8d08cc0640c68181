//! The program itself, killed and started again on the same data and port.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use steward::store::Store;
use tempfile::TempDir;

pub const STORE_FILE: &str = "conversations.sqlite";

/// Signs the agents' tokens.
pub const TEAM_KEY: &str = "company";
pub const TEAM_SECRET: &str = "a secret that only the team and steward know";

pub struct ServerProcess {
    pub address: String,
    data: TempDir,
    child: Child,
}

impl ServerProcess {
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let data = tempfile::tempdir().unwrap();
        let knowledge = data.path().join("help");
        std::fs::create_dir(&knowledge).unwrap();
        let articles = [
            (
                "shipping",
                "# Shipping\n\nOrders are shipped in 3 to 5 days. We ship to Canada for $12.\n",
            ),
            ("returns", "# Returns\n\nReturn boots within 30 days. A refund takes about a week.\n"),
            ("warranty", "# Warranty\n\nThe warranty covers faults in material for two years.\n"),
        ];
        for (name, text) in articles {
            std::fs::write(knowledge.join(name).with_extension("md"), text).unwrap();
        }
        let imported = Command::new(env!("CARGO_BIN_EXE_steward"))
            .args(["import", "knowledge"])
            .arg(&knowledge)
            .arg("--data-dir")
            .arg(data.path())
            .output()
            .unwrap();
        assert!(imported.status.success(), "{imported:?}");
        let child = serve(&data, &address);
        Self { address, data, child }
    }

    /// `kill -9`, then the same command again.
    pub async fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = serve(&self.data, &self.address);
    }

    /// Waits until nobody's message waits for Steward.
    pub async fn answers_everybody(&self, patience: Duration) {
        let store = Store::open_to_read(&self.data.path().join(STORE_FILE)).await.unwrap();
        let answered = async {
            while !store.unanswered_conversations().await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(patience, answered).await.expect("everybody is answered in the end");
        store.close().await;
    }

    /// Ends it well; returns its data directory.
    pub async fn stop(mut self) -> TempDir {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.data
    }
}

/// Starts it and waits until it listens.
fn serve(data: &TempDir, address: &str) -> Child {
    let settings = [
        ("IDENTITY_SECRETS", format!("{TEAM_KEY}={TEAM_SECRET}")),
        ("LIMITS_MESSAGES_PER_MINUTE", "1000000".into()),
        ("LIMITS_TOKENS_PER_MINUTE", "1000000".into()),
        ("LIMITS_CONNECTIONS_PER_ADDRESS", "100000".into()),
        ("LIMITS_WAITING_MESSAGES", "1000".into()),
        ("HAND_OFF_WAIT_SECONDS", "2".into()),
        ("HAND_OFF_AWAY_SECONDS", "2".into()),
    ];
    for _ in 0..50 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
            .args(["serve", "--listen", address, "--data-dir"])
            .arg(data.path())
            .envs(settings.iter().map(|(key, value)| (format!("STEWARD_{key}"), value)))
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.contains("listens on") {
            return child;
        }
        // The port of the one that was killed may take a moment to be free.
        child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the server does not start");
}
