//! Customers with one or two tabs, and agents who take conversations and let them go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use steward::config::IdentityConfig;
use steward::http::identity::Tokens;
use tokio::sync::{mpsc, watch};

use crate::line::Line;
use crate::screen::Screen;
use crate::server::{TEAM_KEY, TEAM_SECRET};

/// What is asked; some of it calls for a person.
const QUESTIONS: [&str; 8] = [
    "How long do returns take?",
    "When is my order shipped?",
    "What about boots?",
    "What does the warranty cover?",
    "Do you ship to Canada?",
    "I want to speak to a person.",
    "Is anybody there?",
    "Thanks!",
];
const PAUSE_BEFORE_RETRY: Duration = Duration::from_millis(120);

/// What everybody shares.
pub struct World {
    pub address: String,
    /// How many lines have still to be cut.
    pub disconnects_left: AtomicUsize,
    /// Told whenever something is sent that must not be lost.
    pub moments: mpsc::UnboundedSender<()>,
    /// True once no more harm is done.
    pub is_calm: watch::Receiver<bool>,
}

impl World {
    fn calm(&self) -> bool {
        *self.is_calm.borrow()
    }

    /// True if a line is to be cut now.
    fn strikes(&self, dice: &mut ChaCha8Rng, chance: f64) -> bool {
        let left = &self.disconnects_left;
        !self.calm()
            && dice.random_bool(chance)
            && left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .is_ok()
    }
}

/// A customer's messages by client id, acknowledged or not.
pub type Written = (String, BTreeMap<String, String>);

pub struct Customer {
    world: Arc<World>,
    dice: ChaCha8Rng,
    token: String,
    pub conversation: String,
    to_write: Vec<(String, String)>,
    tabs: Vec<Screen>,
}

impl Customer {
    /// A visitor with a new conversation.
    pub async fn arrive(world: &Arc<World>, seed: u64, number: usize, messages: usize) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed ^ (number as u64 + 1) << 20);
        let token = visitor_token(&world.address).await;
        let mut screen = Screen::new(format!("customer {number}"), String::new());
        let mut line = Line::open(&world.address, &token, &screen).await.unwrap();
        let ready = line.next().await.unwrap();
        screen.conversation = ready["conversation"].as_str().unwrap().to_string();
        let to_write = (0..messages)
            .map(|at| {
                let text = QUESTIONS[dice.random_range(0..QUESTIONS.len())];
                (format!("{number}-{at}"), format!("{text} ({number}-{at})"))
            })
            .collect();
        let conversation = screen.conversation.clone();
        let mut tabs = vec![screen];
        if dice.random_bool(0.4) {
            tabs.push(Screen::new(format!("customer {number}, second tab"), conversation.clone()));
        }
        Self { world: world.clone(), dice, token, conversation, to_write, tabs }
    }

    /// Writes everything and follows it to the end; returns what was written and what the tabs showed.
    pub async fn chat(self) -> (Written, Vec<Screen>) {
        let written = (self.conversation.clone(), self.to_write.iter().cloned().collect());
        let mut tabs = self.tabs.into_iter();
        let first = tabs.next().unwrap();
        let mut dice = self.dice;
        let second = tabs.next().map(|screen| {
            let dice = ChaCha8Rng::seed_from_u64(dice.random());
            let tab = Tab { world: self.world.clone(), dice, token: self.token.clone(), screen };
            tokio::spawn(tab.live(Vec::new()))
        });
        let tab = Tab { world: self.world, dice, token: self.token, screen: first };
        let mut screens = vec![tab.live(self.to_write).await];
        if let Some(second) = second {
            screens.push(second.await.unwrap());
        }
        (written, screens)
    }
}

/// One tab of a customer.
struct Tab {
    world: Arc<World>,
    dice: ChaCha8Rng,
    token: String,
    screen: Screen,
}

impl Tab {
    /// Sends `to_write` until all of it is acknowledged, over as many lines as it takes.
    async fn live(mut self, to_write: Vec<(String, String)>) -> Screen {
        loop {
            let opened = Line::open(&self.world.address, &self.token, &self.screen).await;
            let Some(mut line) = opened else {
                tokio::time::sleep(PAUSE_BEFORE_RETRY).await;
                continue;
            };
            if self.follow(&mut line, &to_write).await {
                return self.screen.leave();
            }
            line.cut(&mut self.dice);
        }
    }

    /// True once everything is done; false if the line is to be given up.
    async fn follow(&mut self, line: &mut Line, to_write: &[(String, String)]) -> bool {
        let mut quiet_since_calm = 0;
        loop {
            let mut unsent: Vec<_> = to_write
                .iter()
                .filter(|(id, _)| !self.screen.acknowledged.contains_key(id))
                .collect();
            if !unsent.is_empty() && self.dice.random_bool(0.3) {
                // Out of order and more than once: the server must not mind.
                unsent.shuffle(&mut self.dice);
                let copies = self.dice.random_range(1..4);
                for (id, text) in unsent.iter().take(2).cycle().take(copies) {
                    let frame = json!({ "type": "message", "id": id, "text": text });
                    let _ = self.world.moments.send(());
                    if !line.send(&frame).await {
                        return false;
                    }
                }
            }
            let wait = Duration::from_millis(self.dice.random_range(10..120));
            match tokio::time::timeout(wait, line.next()).await {
                Ok(Some(frame)) => {
                    quiet_since_calm = 0;
                    self.screen.frame(&frame);
                    if frame["code"] == "conversation_closed" {
                        return true;
                    }
                }
                Ok(None) => return false,
                Err(_) if self.world.calm() && unsent.is_empty() => {
                    quiet_since_calm += 1;
                    // Turns may still be under way: only a long quiet is the end.
                    if quiet_since_calm > 150 {
                        return true;
                    }
                }
                Err(_) => {}
            }
            if self.world.strikes(&mut self.dice, 0.04) {
                return false;
            }
        }
    }
}

pub struct Agent {
    world: Arc<World>,
    dice: ChaCha8Rng,
    name: String,
    token: String,
    conversations: Arc<Vec<String>>,
}

impl Agent {
    pub fn new(
        world: &Arc<World>,
        seed: u64,
        number: usize,
        conversations: Arc<Vec<String>>,
    ) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed ^ (number as u64 + 1) << 40);
        let name = format!("agent {number}");
        let token = agent_token(&name);
        Self { world: world.clone(), dice, name, token, conversations }
    }

    /// Goes from conversation to conversation until it is calm; returns the screens.
    pub async fn work(mut self) -> Vec<Screen> {
        let mut screens = Vec::new();
        let mut visit = 0;
        while !self.world.calm() {
            let at = self.dice.random_range(0..self.conversations.len());
            let conversation = self.conversations[at].clone();
            let mut screen = Screen::new(self.name.clone(), conversation);
            for _ in 0..self.dice.random_range(1..4) {
                visit += 1;
                self.visit(&mut screen, visit).await;
            }
            screens.push(screen);
        }
        screens
    }

    /// One line to the conversation: take it, perhaps write, perhaps let it go, perhaps vanish.
    async fn visit(&mut self, screen: &mut Screen, visit: usize) {
        let Some(mut line) = Line::open(&self.world.address, &self.token, screen).await else {
            tokio::time::sleep(PAUSE_BEFORE_RETRY).await;
            return;
        };
        let steps = self.dice.random_range(3..12);
        for step in 0..steps {
            let choice = self.dice.random_range(0..10);
            let frame: Option<Value> = match choice {
                0..3 => Some(json!({ "type": "take_over", "from_another": choice == 0 })),
                3..6 => {
                    let id = format!("{}-{visit}-{step}", self.name);
                    Some(
                        json!({ "type": "message", "id": id, "text": format!("I'm on it ({id})") }),
                    )
                }
                6..8 => Some(json!({ "type": "give_back" })),
                8 => Some(json!({ "type": "requeue" })),
                _ => None,
            };
            if let Some(frame) = frame {
                let _ = self.world.moments.send(());
                if !line.send(&frame).await {
                    break;
                }
            }
            let listen = Duration::from_millis(self.dice.random_range(5..150));
            let until = tokio::time::Instant::now() + listen;
            while let Ok(frame) = tokio::time::timeout_at(until, line.next()).await {
                match frame {
                    Some(frame) => screen.frame(&frame),
                    None => return,
                }
            }
            if self.world.strikes(&mut self.dice, 0.2) {
                break;
            }
        }
        line.cut(&mut self.dice);
    }
}

async fn visitor_token(address: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /v1/visitors HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let body: Value = serde_json::from_str(body).unwrap();
    body["token"].as_str().unwrap().to_string()
}

fn agent_token(name: &str) -> String {
    // Opening tokens installs the one signature that they may have.
    let directory = tempfile::tempdir().unwrap();
    Tokens::open(&IdentityConfig::default(), directory.path()).unwrap();
    let header = Header { kid: Some(TEAM_KEY.into()), ..Header::new(Algorithm::HS256) };
    let exp = jsonwebtoken::get_current_timestamp() + 86_400;
    let claims = json!({ "role": "agent", "sub": name, "exp": exp });
    let key = EncodingKey::from_secret(TEAM_SECRET.as_bytes());
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}
